//! Definition files: JSON as it is, YAML as the JSON that it stands for, and where a diagnostic's
//! location lies in the file.
//!
//! Never here: what a definition means (that is `asl`).

mod advice;
mod places;
mod substitutions;
mod yaml;

use std::path::{Path, PathBuf};

use asl::{Diagnostic, Options, Severity};
use json::Value;
use places::Places;

/// What a definition file's name ends with.
pub const SUFFIXES: [&str; 3] = [".asl.json", ".asl.yaml", ".asl.yml"];

/// The largest definition that CreateStateMachine takes, in bytes. (spec/api.md, limits)
const DEFINITION_BYTES_MAX: u64 = 1_048_576;

/// A definition that was read from a file.
#[derive(Clone, Debug)]
pub struct DefinitionFile {
    /// The file.
    pub path: PathBuf,
    /// The JSON text: what CreateStateMachine gets.
    pub json: String,
    places: Places,
}

/// A finding, with its place in the file when that is known.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The file.
    pub path: PathBuf,
    /// Line and column from 1.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub diagnostic: Diagnostic,
    /// What to do about it.
    pub advice: Option<String>,
}

/// What was found in a definition some of whose values may not be known yet.
#[derive(Debug)]
pub struct Report {
    /// What is wrong.
    pub findings: Vec<Finding>,
    /// How many values hold a `${…}`.
    pub substitutions: usize,
}

impl DefinitionFile {
    /// Reads a file: YAML by its ending, JSON otherwise. `Err` is a finding of the file's own syntax;
    /// a file that cannot be read at all is the outer error.
    pub fn read(path: &Path) -> anyhow::Result<Result<DefinitionFile, Box<Finding>>> {
        use anyhow::Context;
        let size = std::fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
        anyhow::ensure!(
            size <= DEFINITION_BYTES_MAX,
            "{} has {size} bytes; a definition may have {DEFINITION_BYTES_MAX}",
            path.display()
        );
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(DefinitionFile::from_text(path, text))
    }

    fn from_text(path: &Path, mut text: String) -> Result<DefinitionFile, Box<Finding>> {
        // Some editors mark UTF-8 with it; in JSON it is an error.
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        let is_yaml = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
        if !is_yaml {
            let places = Places::of_json(&text);
            return Ok(DefinitionFile { path: path.to_path_buf(), json: text, places });
        }
        match yaml::to_json(&text) {
            Ok((value, places)) => {
                Ok(DefinitionFile { path: path.to_path_buf(), json: value.to_pretty(), places })
            }
            Err(error) => Err(Box::new(Finding {
                path: path.to_path_buf(),
                place: Some((error.line, error.column)),
                // A template's tags mean something to CloudFormation, not to a file that it reads.
                advice: error.message.starts_with("the tag !").then(|| {
                    "write \"${Name}\", and say in DefinitionSubstitutions what it stands for".to_owned()
                }),
                diagnostic: Diagnostic {
                    severity: Severity::Error,
                    code: "INVALID_YAML",
                    message: error.message,
                    location: None,
                },
            })),
        }
    }

    /// Checks the definition as CreateStateMachine would.
    pub fn findings(&self, options: Options) -> Vec<Finding> {
        self.compiled(&self.json, options)
    }

    /// The definition as a value, whatever is wrong with it; a `${…}` in the place of a value is a text. `Err` if it is
    /// not JSON.
    pub fn value(&self) -> Result<Value, Box<Finding>> {
        let (text, _) = substitutions::quote(&self.json);
        Value::parse(&text).map_err(|error| {
            Box::new(self.place(Diagnostic {
                severity: Severity::Error,
                code: "INVALID_JSON_DESCRIPTION",
                message: error.message.to_string(),
                location: None,
            }))
        })
    }

    /// Checks what the definition says before `${…}` are filled in.
    pub fn report(&self, options: Options) -> Report {
        let (text, ends) = substitutions::quote(&self.json);
        let value = match Value::parse(&text) {
            Ok(value) => value,
            Err(mut error) => {
                // The quotes are not in the file.
                error.offset -= 2 * ends.iter().filter(|end| **end <= error.offset).count();
                let mut findings = self.compiled(&text, options);
                for finding in &mut findings {
                    finding.place = Some(begins(&error, &self.json));
                }
                return Report { findings, substitutions: ends.len() };
            }
        };
        let Some(filled) = substitutions::fill(&value) else {
            return Report { findings: self.compiled(&text, options), substitutions: 0 };
        };
        // Of members that stand twice, a value holds the last one only.
        let mut findings = self.compiled(&text, options);
        findings.retain(|finding| finding.diagnostic.code == "DUPLICATE_STATE_NAME");
        findings.extend(self.compiled(&filled.definition.to_text(), options).into_iter().filter(|finding| {
            !finding.diagnostic.location.as_ref().is_some_and(|place| filled.unknown.contains(place))
                && finding.diagnostic.code != "DUPLICATE_STATE_NAME"
        }));
        Report { findings, substitutions: filled.count }
    }

    /// What is wrong with a text that stands for this file's.
    fn compiled(&self, text: &str, options: Options) -> Vec<Finding> {
        let value = Value::parse(text).unwrap_or_default();
        let compiled = asl::compile(text, options);
        let finding = |diagnostic| {
            let advice = advice::advice(&diagnostic, &value);
            Finding { advice, ..self.place(diagnostic) }
        };
        compiled.diagnostics.into_iter().map(finding).collect()
    }

    /// The place of a location; of a field that does not belong there that of the field, and of a
    /// repeated state that of the repetition.
    fn find(&self, location: &str, diagnostic: &Diagnostic) -> Option<(usize, usize)> {
        let message = diagnostic.message.as_str();
        let stray = message.strip_prefix("Field '").and_then(|rest| rest.strip_suffix("' is not supported"));
        let exact = match stray {
            Some(field) => self.places.exactly(&format!("{}/{field}", location.trim_end_matches('/'))),
            None if diagnostic.code == "DUPLICATE_STATE_NAME" => self.places.again(location),
            None => None,
        };
        exact.or_else(|| self.places.find(location))
    }

    /// Says where in the file a diagnostic points.
    pub fn place(&self, diagnostic: Diagnostic) -> Finding {
        let place = match &diagnostic.location {
            Some(location) if location.starts_with('/') => self.find(location, &diagnostic),
            _ => Value::parse(&self.json).err().map(|error| begins(&error, &self.json)),
        };
        // Of a syntax error, the API repeats the text and the place; here both are at hand.
        let mut diagnostic = diagnostic;
        if diagnostic.location.as_ref().is_some_and(|location| location.starts_with("[Source:")) {
            diagnostic.location = None;
            if let Some(end) = diagnostic.message.find("\n at [Source:") {
                diagnostic.message.truncate(end);
            }
        }
        Finding { path: self.path.clone(), place, diagnostic, advice: None }
    }
}

/// Line and column, from 1 and in characters, of what is wrong in a JSON text. (The parser's own column
/// is that of AWS's messages, which points behind it.)
pub fn begins(error: &json::ParseError, text: &str) -> (usize, usize) {
    let before = text.get(..error.offset).unwrap_or(text);
    let word = error.message.strip_prefix("Unrecognized token '").and_then(|rest| rest.split('\'').next());
    let before = word.and_then(|word| before.strip_suffix(word)).unwrap_or(before);
    let line = before.rsplit('\n').next().unwrap_or_default();
    (before.matches('\n').count() + 1, line.chars().count() + 1)
}

/// The machine's name: the file's name without `.asl.json`, `.asl.yaml` or `.asl.yml`, or without
/// its last ending.
pub fn machine_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    for suffix in SUFFIXES {
        if let Some(stem) = name.strip_suffix(suffix) {
            return stem.to_owned();
        }
    }
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

impl Finding {
    /// Whether it keeps the definition from being used.
    pub fn is_error(&self) -> bool {
        self.diagnostic.severity == Severity::Error
    }

    /// As `--output json` shows it.
    pub fn to_json(&self) -> Value {
        let severity = if self.is_error() { "ERROR" } else { "WARNING" };
        let mut object = json::Object::new();
        object.insert("file", self.path.display().to_string());
        object.insert("severity", severity);
        object.insert("code", self.diagnostic.code);
        object.insert("message", self.diagnostic.message.as_str());
        if let Some(location) = &self.diagnostic.location {
            object.insert("location", location.as_str());
        }
        if let Some((line, column)) = self.place {
            object.insert("line", line);
            object.insert("column", column);
        }
        if let Some(advice) = &self.advice {
            object.insert("advice", advice.as_str());
        }
        Value::from(object)
    }
}

impl std::fmt::Display for Finding {
    /// `file:line:column: error CODE: message (at /States/…)`, as compilers print it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        let severity = if self.is_error() { "error" } else { "warning" };
        write!(f, ": {severity} {}: {}", self.diagnostic.code, self.diagnostic.message)?;
        match &self.diagnostic.location {
            Some(location) if location.starts_with('/') => write!(f, " (at {location})"),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_is_named_after_its_file() {
        for (file, name) in
            [("a/dragons.asl.json", "dragons"), ("b.asl.yml", "b"), ("c.asl.yaml", "c"), ("d.json", "d")]
        {
            assert_eq!(machine_name(Path::new(file)), name);
        }
    }

    #[test]
    fn a_syntax_error_is_where_it_begins() {
        for (text, shown) in [
            (
                "{\n  \"A\": 1\n  \"B\": 2\n}",
                "x.asl.json:3:3: error INVALID_JSON_DESCRIPTION: Unexpected character ('\"' ",
            ),
            ("{\"é\": tru}", "x.asl.json:1:7: error INVALID_JSON_DESCRIPTION: Unrecognized token 'tru'"),
            ("{\"A\": 1", "x.asl.json:1:8: error INVALID_JSON_DESCRIPTION: Unexpected end-of-input"),
        ] {
            let file = DefinitionFile::from_text(Path::new("x.asl.json"), text.to_owned()).unwrap();
            let findings = file.findings(Options::default());
            let line = findings[0].to_string();
            assert!(line.starts_with(shown) && !line.contains('\n'), "{line}");
            assert_eq!(findings[0].diagnostic.location, None);
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_a_definition() {
        let text = "\u{feff}{\"StartAt\":\"A\",\"States\":{\"A\":{\"Type\":\"Succeed\"}}}";
        let file = DefinitionFile::from_text(Path::new("x.asl.json"), text.to_owned()).unwrap();
        assert!(file.findings(Options::default()).is_empty());
    }

    #[test]
    fn bad_yaml_has_a_place() {
        let finding = DefinitionFile::from_text(Path::new("x.asl.yaml"), "a: [1\n".into()).unwrap_err();
        assert!(finding.place.is_some());
        assert!(finding.to_string().starts_with("x.asl.yaml:"), "{finding}");
    }

    /// The findings of a file as lines, and how many values are open.
    fn reported(text: &str) -> (Vec<String>, usize) {
        let file = DefinitionFile::from_text(Path::new("x.asl.json"), text.to_owned()).unwrap();
        let report = file.report(Options::default());
        (report.findings.iter().map(Finding::to_string).collect(), report.substitutions)
    }

    #[test]
    fn what_is_filled_in_later_is_left_open() {
        let (findings, open) = reported(
            r#"{"StartAt":"${First}","TimeoutSeconds":${Timeout},"States":{
                "A":{"Type":"Task","Resource":"${F.Arn}","TimeoutSeconds":"${T}","HeartbeatSeconds":30,"Next":"${Next}",
                    "Retry":[{"ErrorEquals":["${Error}"],"MaxAttempts":${Attempts}}]},
                "B":{"Type":"Task","Resource":"arn:${AWS::Partition}:states:::lambda:invoke","End":true,
                    "Parameters":{"FunctionName":"${F}","Payload.$":"$.${Key}"}},
                "C":{"Type":"Wait","Seconds":"${Wait}","End":true}}}"#,
        );
        assert_eq!((findings, open), (vec![], 11));
    }

    #[test]
    fn what_is_known_beside_it_is_checked() {
        let (findings, open) = reported(
            "{\"StartAt\":\"A\",\"TimeoutSeconds\":${T}, \"Xyz\":0,\n\"States\":{\"A\":{\"Type\":\"Task\",\"End\":true,\n\
             \"Resource\":\"arn:aws:states:::lambda:${Action}\",\"Parameters\":{\"Payload\":1}},\n\
             \"B\":{\"Type\":\"Task\",\"End\":true,\"Resource\":\"arn:${P}:states:::lambda:invoke\",\
             \"Parameters\":{\"a.$\":\"${A}\"},\"Catch\":[{\"Next\":\"C\"}]},\n\
             \"B\":{\"Type\":\"Succeed\"}}}",
        );
        assert_eq!(open, 2);
        assert_eq!(
            findings,
            [
                "x.asl.json:5:1: error DUPLICATE_STATE_NAME: Duplicate State name: B (at /States/B)",
                "x.asl.json:1:39: error SCHEMA_VALIDATION_FAILED: Field 'Xyz' is not supported (at /)",
                "x.asl.json:4:1: error MISSING_TRANSITION_TARGET: State \"B\" is not reachable. (at /States/B)",
            ]
        );
    }

    #[test]
    fn a_syntax_error_behind_a_substitution_is_where_it_begins() {
        let (findings, _) = reported("{\"a\": ${A}, \"b\": ${B}\n  \"c\": 1}");
        assert!(findings[0].starts_with("x.asl.json:2:3: error INVALID_JSON_DESCRIPTION: "), "{findings:?}");
        let (findings, _) = reported("{\"a\": ${A}, b: 1}");
        assert!(findings[0].starts_with("x.asl.json:1:13: error INVALID_JSON_DESCRIPTION: "), "{findings:?}");
    }
}
