//! The recorded cases as inputs of the fuzz targets, written anew at each run and kept nowhere.
//!
//! Never here: our own seeds, which are files in fuzz/seeds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;
use json::Value;

use crate::prerequisites::SHARED;

/// A longer case is cut off by the fuzzer and shows nothing.
const BYTES_MAX: usize = super::BYTES_MAX as usize;

/// Seeds by target; each once.
#[derive(Default)]
struct Seeds(BTreeMap<&'static str, BTreeSet<String>>);

/// Writes the seeds into one folder for each target. Without the shared folder there are none.
pub fn write(folder: &Path) -> anyhow::Result<()> {
    let shared = Path::new(SHARED).join("conformance");
    let mut seeds = Seeds::default();
    if shared.is_dir() {
        seeds.take_recorded(&shared.join("cases"))?;
        seeds.take_paths(&shared.join("jsonpath/cases.jsonl"))?;
        seeds.take_jsonata(&shared.join("jsonata"))?;
        seeds.take_templates(&shared.join("vtl/cases.jsonl"))?;
        seeds.take_patterns(&shared.join("eventbridge/patterns.jsonl"))?;
    } else {
        println!("no {SHARED}/conformance: our own seeds only");
    }
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    for (target, texts) in seeds.0 {
        let folder = folder.join(target);
        std::fs::create_dir_all(&folder)?;
        for (number, text) in texts.iter().enumerate() {
            std::fs::write(folder.join(number.to_string()), text)?;
        }
    }
    Ok(())
}

impl Seeds {
    fn add(&mut self, target: &'static str, text: String) {
        if text.len() <= BYTES_MAX {
            self.0.entry(target).or_default().insert(text);
        }
    }

    fn add_case(&mut self, target: &'static str, input: Option<&Value>, text: &str) {
        let input = input.map(Value::to_text).unwrap_or_default();
        self.add(target, format!("{input}\n{text}"));
    }

    /// Definitions in what the recorded cases send, and the expressions in them.
    fn take_recorded(&mut self, folder: &Path) -> anyhow::Result<()> {
        for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
            let case = Value::parse(&std::fs::read_to_string(entry?.path())?)?;
            let input = case.get("input").and_then(Value::as_str).and_then(|text| Value::parse(text).ok());
            let mut definitions = Vec::new();
            texts(case.get("steps").unwrap_or(&Value::Null), &mut definitions);
            for definition in definitions.into_iter().filter(|text| text.contains("\"StartAt\"")) {
                self.add("definition", definition.to_owned());
                let Ok(definition) = Value::parse(definition) else { continue };
                let mut expressions = Vec::new();
                texts(&definition, &mut expressions);
                for text in expressions {
                    if let Some(text) = text.strip_prefix("{%").and_then(|text| text.strip_suffix("%}")) {
                        self.add_case("jsonata", input.as_ref(), text);
                    } else if text.starts_with('$') {
                        self.add_case("path", input.as_ref(), text);
                    } else if text.starts_with("States.") && text.contains('(') {
                        self.add_case("intrinsic", input.as_ref(), text);
                    }
                }
            }
        }
        Ok(())
    }

    fn take_paths(&mut self, file: &Path) -> anyhow::Result<()> {
        for case in lines(file)? {
            if let Some(path) = case.get("path").and_then(Value::as_str) {
                self.add_case("path", case.get("document"), path);
            }
        }
        Ok(())
    }

    fn take_patterns(&mut self, file: &Path) -> anyhow::Result<()> {
        for case in lines(file)? {
            if let Some(pattern) = case.get("pattern") {
                self.add_case("pattern", case.get("event"), &pattern.to_text());
            }
        }
        Ok(())
    }

    fn take_jsonata(&mut self, folder: &Path) -> anyhow::Result<()> {
        for case in lines(&folder.join("cases.jsonl"))? {
            let Some(text) = case.get("expr").and_then(Value::as_str) else { continue };
            let dataset = match case.get("dataset").and_then(Value::as_str) {
                Some(name) => {
                    let file = folder.join("datasets").join(name).with_extension("json");
                    Some(Value::parse(&std::fs::read_to_string(file)?)?)
                }
                None => None,
            };
            self.add_case("jsonata", case.get("data").or(dataset.as_ref()), text);
        }
        Ok(())
    }

    /// Of API Gateway's the body is the input; of others, the variables.
    fn take_templates(&mut self, file: &Path) -> anyhow::Result<()> {
        for case in lines(file)? {
            let Some(template) = case.get("template").and_then(Value::as_str) else { continue };
            let context = case.get("context").unwrap_or(&Value::Null);
            let body = context.get("__body").and_then(Value::as_str).and_then(|body| Value::parse(body).ok());
            self.add_case("vtl", Some(body.as_ref().unwrap_or(context)), template);
        }
        Ok(())
    }
}

fn lines(file: &Path) -> anyhow::Result<Vec<Value>> {
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    text.lines().map(|line| Ok(Value::parse(line)?)).collect()
}

/// All texts in a value, at whatever depth.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        other => found.extend(other.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where the shared folder is, each target gets seeds; a case that cannot be read is an error.
    #[test]
    fn each_target_has_seeds() {
        let shared = crate::shell::root().join(SHARED).join("conformance");
        if !shared.is_dir() {
            println!("skipped: there is no {SHARED}/conformance");
            return;
        }
        let mut seeds = Seeds::default();
        seeds.take_recorded(&shared.join("cases")).unwrap();
        seeds.take_paths(&shared.join("jsonpath/cases.jsonl")).unwrap();
        seeds.take_jsonata(&shared.join("jsonata")).unwrap();
        seeds.take_templates(&shared.join("vtl/cases.jsonl")).unwrap();
        seeds.take_patterns(&shared.join("eventbridge/patterns.jsonl")).unwrap();
        for (target, beginning) in [
            ("definition", "{"),
            ("path", "{\"order\""),
            ("intrinsic", "{"),
            ("jsonata", "\n"),
            ("vtl", "{\"dragonName\""),
            ("pattern", "{\"id\""),
        ] {
            let texts = &seeds.0[target];
            assert!(texts.len() > 10, "{target} has {} seeds", texts.len());
            assert!(texts.iter().any(|text| text.starts_with(beginning)), "{target}");
            assert!(target == "definition" || texts.iter().all(|text| text.contains('\n')), "{target}");
        }
    }
}
