//! What fuzzing has found and the repository keeps: one file for each target, one input in each line, as a
//! JSON text, or as `{"bytes": "…"}`, a character for each byte, if it is no text. The fuzzer wants a folder with a file for each.
//!
//! Never here: which inputs are worth keeping, beyond how much room they take.

use std::path::{Path, PathBuf};

use anyhow::Context;
use json::{Value, value};

/// All fifteen targets together stay below 6.5 MB.
const BYTES_MAX: usize = 400 << 10;

/// Writes the inputs of a corpus file into a folder that has nothing else. No file, no inputs.
pub fn unpack(file: &Path, folder: &Path) -> anyhow::Result<()> {
    let folder = empty(folder)?;
    let text = if file.exists() { std::fs::read_to_string(file)? } else { String::new() };
    for (number, line) in text.lines().enumerate() {
        let input = Value::parse(line).with_context(|| format!("{}:{}", file.display(), number + 1))?;
        let input =
            of_line(&input).with_context(|| format!("{}:{} is no input", file.display(), number + 1))?;
        std::fs::write(folder.join(number.to_string()), input)?;
    }
    Ok(())
}

fn of_line(input: &Value) -> Option<Vec<u8>> {
    match input.get("bytes") {
        None => input.as_str().map(|text| text.as_bytes().to_vec()),
        Some(bytes) => bytes.as_str()?.chars().map(|c| u8::try_from(c).ok()).collect(),
    }
}

fn line(input: &[u8]) -> String {
    match std::str::from_utf8(input) {
        Ok(text) => Value::from(text),
        Err(_) => value!({"bytes": (input.iter().copied().map(char::from).collect::<String>())}),
    }
    .to_text()
}

/// Makes a corpus file of a folder's inputs, the shortest first, as many as may be kept.
pub fn pack(folder: &Path, file: &Path) -> anyhow::Result<()> {
    let mut inputs = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        inputs.push(std::fs::read(entry?.path())?);
    }
    inputs.sort_by(|one, two| one.len().cmp(&two.len()).then_with(|| one.cmp(two)));
    let mut text = String::new();
    for input in inputs {
        let line = line(&input);
        if text.len() + line.len() >= BYTES_MAX {
            break;
        }
        text.push_str(&line);
        text.push('\n');
    }
    std::fs::create_dir_all(file.parent().context("a corpus file lies in a folder")?)?;
    Ok(std::fs::write(file, text)?)
}

/// The folder, with nothing in it.
pub fn empty(folder: &Path) -> anyhow::Result<PathBuf> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    std::fs::create_dir_all(folder)?;
    Ok(folder.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_out_again_and_too_much_stays_out() {
        let work = std::env::temp_dir().join(format!("stepwell-corpus-{}", std::process::id()));
        let (folder, file) = (empty(&work.join("in")).unwrap(), work.join("out/target.jsonl"));
        let large = "x".repeat(BYTES_MAX);
        for (name, input) in
            [("1", "{}\n$.a\"\u{1f600}".as_bytes()), ("2", b"\xff\0a"), ("3", large.as_bytes())]
        {
            std::fs::write(folder.join(name), input).unwrap();
        }
        pack(&folder, &file).unwrap();
        unpack(&file, &work.join("again")).unwrap();
        let again: Vec<_> = std::fs::read_dir(work.join("again")).unwrap().collect();
        assert_eq!(again.len(), 2);
        assert_eq!(std::fs::read(work.join("again/0")).unwrap(), [0xff, 0x00, b'a']);
        assert_eq!(std::fs::read_to_string(work.join("again/1")).unwrap(), "{}\n$.a\"\u{1f600}");
        std::fs::remove_dir_all(work).unwrap();
    }
}
