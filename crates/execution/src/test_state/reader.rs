//! What an ItemReader makes of the data that it reads, given as text. (spec/asl.md §10.3)

use asl::Failure;
use asl::machine::{InputType, ItemReader};
use json::{Array, Document, Object, Text, Value};

use crate::inspection::{Inspection, Stage};

/// Reads the items out of the data of an object or of a list of objects: an array, or an object whose
/// members are the items; `most` of them.
pub(super) fn read(
    reader: &ItemReader,
    data: &str,
    most: usize,
    seen: &Inspection,
) -> Result<Value, Failure> {
    let unreadable = Err(failed("Data of this InputType cannot be given as text.".to_owned()));
    if reader.manifest_type.is_some() {
        return unreadable;
    }
    match reader.input_type {
        // The list of objects itself is JSON.
        _ if reader.lists_objects && !reader.loads_objects => first(parse(data)?, most),
        Some(InputType::Json) | None => {
            let value = parse(data)?;
            let Some(pointer) = &reader.items_pointer else { return first(value, most) };
            let pointed = point(&value, pointer).ok_or_else(|| {
                failed(format!("The ItemsPointer '{pointer}' points to nothing in the data."))
            })?;
            seen.note(Stage::ItemsPointer, &Document::from_value(pointed.clone()));
            first(pointed.clone(), most)
        }
        Some(InputType::JsonLines) => {
            let lines = data.lines().filter(|line| !line.trim_ascii().is_empty());
            lines.take(most).map(parse).collect::<Result<Array, _>>().map(Value::Array)
        }
        Some(InputType::Csv) => of_csv(reader, data, most),
        Some(InputType::Parquet | InputType::Manifest) => unreadable,
    }
}

fn parse(text: &str) -> Result<Value, Failure> {
    Value::parse(text).map_err(|error| failed(format!("The data is not JSON: {}", error.message)))
}

/// The first items of a value that has some.
fn first(value: Value, most: usize) -> Result<Value, Failure> {
    match value {
        Value::Array(items) if items.len() <= most => Ok(Value::Array(items)),
        Value::Array(items) => Ok(Value::Array(items.iter().take(most).cloned().collect())),
        Value::Object(members) => Ok(Value::Object(members.into_iter().take(most).collect())),
        // (recorded)
        _ => Err(failed("Attempting to map over non-iterable node.".to_owned())),
    }
}

/// A JSON Pointer. (RFC 6901)
fn point<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    let mut steps = pointer.split('/');
    let before = steps.next();
    if before != Some("") {
        return None;
    }
    steps.try_fold(value, |value, step| match value {
        Value::Array(items) => items.get(step.parse().ok()?),
        _ => value.get(&step.replace("~1", "/").replace("~0", "~")),
    })
}

fn of_csv(reader: &ItemReader, data: &str, most: usize) -> Result<Value, Failure> {
    let mut rows = rows(data, reader.csv_delimiter).into_iter();
    let headers: Vec<Text> = match &reader.csv_headers {
        Some(headers) => headers.clone(),
        None => rows.next().unwrap_or_default().into_iter().map(Text::from).collect(),
    };
    let mut sorted = headers.clone();
    sorted.sort_unstable();
    if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
        // (recorded)
        return Err(failed("CSV headers cannot contain duplicates.".to_owned()));
    }
    let item = |row: Vec<String>| {
        let fields = row.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
        let members =
            headers.iter().zip(fields).map(|(name, field)| (name.clone(), field.unwrap_or_default()));
        Value::Object(members.collect::<Object>())
    };
    Ok(Value::Array(rows.take(most).map(item).collect()))
}

/// The fields of all rows that are not empty.
fn rows(data: &str, delimiter: char) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut field) = (Vec::new(), Vec::new(), String::new());
    let mut is_quoted = false;
    let mut characters = data.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if is_quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => is_quoted = !is_quoted,
            // Before anything else a backslash is dropped.
            '\\' => field.extend(characters.next_if(|next| ['\\', '"', delimiter].contains(next))),
            '\r' if !is_quoted && characters.peek() == Some(&'\n') => {}
            '\n' if !is_quoted => {
                row.push(std::mem::take(&mut field));
                rows.push(std::mem::take(&mut row));
            }
            _ if character == delimiter && !is_quoted => row.push(std::mem::take(&mut field)),
            _ => field.push(character),
        }
    }
    if !row.is_empty() || !field.is_empty() {
        row.push(field);
        rows.push(row);
    }
    rows.retain(|row| row.len() > 1 || row.iter().any(|field| !field.is_empty()));
    rows
}

fn failed(cause: String) -> Failure {
    Failure::new(aws_names::error::ITEM_READER_FAILED, cause)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(input_type: InputType) -> ItemReader {
        ItemReader {
            lists_objects: false,
            parameters: None,
            input_type: Some(input_type),
            loads_objects: false,
            manifest_type: None,
            csv_delimiter: ',',
            csv_headers: None,
            max_items: None,
            items_pointer: None,
        }
    }

    #[track_caller]
    fn check(reader: &ItemReader, data: &str, expected: &str) {
        let said = match read(reader, data, 3, &Inspection::default()) {
            Ok(items) => items.to_text(),
            Err(failure) => format!("{}: {}", failure.name(), failure.cause.as_deref().unwrap_or_default()),
        };
        assert_eq!(said, expected, "{data}");
    }

    #[test]
    fn json_is_an_array_or_an_object() {
        let json = reader(InputType::Json);
        check(&json, "[1, {\"a\": 2}]", r#"[1,{"a":2}]"#);
        check(&json, r#"{"one":1,"two":[2]}"#, r#"{"one":1,"two":[2]}"#);
        check(&json, "[1,2,3,4]", "[1,2,3]");
        check(&json, r#"{"a":1,"b":2,"c":3,"d":4}"#, r#"{"a":1,"b":2,"c":3}"#);
        check(&json, "7", "States.ItemReaderFailed: Attempting to map over non-iterable node.");
        let pointing =
            |pointer: &str| ItemReader { items_pointer: Some(pointer.into()), ..reader(InputType::Json) };
        check(&pointing("/a~1b/0/m~0n"), r#"{"a/b":[{"m~n":[1]}]}"#, "[1]");
        check(
            &pointing("/a"),
            "{}",
            "States.ItemReaderFailed: The ItemsPointer '/a' points to nothing in the data.",
        );
        check(&reader(InputType::JsonLines), "1\n\n{\"a\":2}\n", r#"[1,{"a":2}]"#);
    }

    #[test]
    fn csv_rows_become_objects_of_texts() {
        let csv = reader(InputType::Csv);
        check(
            &csv,
            "a,b\r\n1, x \n\n2\n3,4,5",
            r#"[{"a":"1","b":" x "},{"a":"2","b":""},{"a":"3","b":"4"}]"#,
        );
        check(&csv, "a,b\n\"1,\"\"\n\",\\n\\,\\\\", r#"[{"a":"1,\"\n","b":"n,\\"}]"#);
        check(&csv, "a,a\n1,2", "States.ItemReaderFailed: CSV headers cannot contain duplicates.");
        check(&csv, "", "[]");
        let given = ItemReader {
            csv_headers: Some(vec!["x".into(), "".into()]),
            csv_delimiter: '|',
            ..reader(InputType::Csv)
        };
        check(&given, "1|2\n3|", r#"[{"x":"1","":"2"},{"x":"3","":""}]"#);
    }
}
