//! What an ItemReader makes of the data that it reads, given as text. (spec/asl.md §10.3)

use asl::Failure;
use asl::machine::ItemReader;
use items::{Compression, Format, Item, Progress, Reader, Wanted};
use json::{Array, Document, Object, Value};

use crate::inspection::{Inspection, Stage};
use crate::item_format::item_format;

/// Reads the items out of the data of an object or of a list of objects: an array, or an object whose
/// members are the items; `most` of them.
pub(super) fn read(
    reader: &ItemReader,
    data: &str,
    most: usize,
    seen: &Inspection,
) -> Result<Value, Failure> {
    // The list of objects itself is JSON.
    let is_list = reader.lists_objects && !reader.loads_objects;
    let format = if is_list { Some(Format::Json { items_pointer: None }) } else { item_format(reader) };
    let Some(format) = format.filter(|_| reader.manifest_type.is_none()) else {
        let text = "Data of this InputType cannot be given as text.";
        return Err(Failure::new(aws_names::error::ITEM_READER_FAILED, text));
    };
    let mut items = match reader.items_pointer {
        None => all(format, data, Wanted::from(most as u64)).map_err(told)?,
        Some(_) => {
            // All that it points to is shown.
            let items = all(format, data, Wanted::from(items::ITEMS_MAX)).map_err(told)?;
            seen.note(Stage::ItemsPointer, &Document::from_value(together(items.clone())));
            items
        }
    };
    items.truncate(most);
    Ok(together(items))
}

fn all(format: Format, data: &str, wanted: Wanted) -> Result<Vec<Item>, items::Failure> {
    let mut items = Vec::new();
    let mut reader = Reader::new(format, Compression::None, wanted)?;
    let mut rest = data.as_bytes();
    // Each round takes some bytes of the data.
    while reader.read(&mut rest, &mut items)? == Progress::Full {}
    // What is wrong behind the last item that is wanted is not looked at, and an end is always in order there.
    reader.finish(&mut items)?;
    Ok(items)
}

fn told(failure: items::Failure) -> Failure {
    Failure::new(failure.error, failure.cause)
}

/// The items as they stood in the data: an array, or an object where they have keys.
fn together(items: Vec<Item>) -> Value {
    if items.iter().any(|item| item.key.is_some()) {
        let members = items.into_iter().filter_map(|item| Some((item.key?, item.value)));
        return Value::Object(members.collect::<Object>());
    }
    Value::Array(items.into_iter().map(|item| item.value).collect::<Array>())
}

#[cfg(test)]
mod tests {
    use asl::machine::InputType;

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
    fn json_is_an_array_or_what_is_pointed_to() {
        let json = reader(InputType::Json);
        check(&json, "[1, {\"a\": 2}]", r#"[1,{"a":2}]"#);
        check(&json, "[1,2,3,4]", "[1,2,3]");
        check(&json, "[1", "States.ItemReaderFailed: The JSON file ends too early, behind 0 items.");
        for data in ["7", "{\"a\":1}"] {
            check(&json, data, "States.ItemReaderFailed: Attempting to map over non-iterable node.");
        }
        let pointing =
            |pointer: &str| ItemReader { items_pointer: Some(pointer.into()), ..reader(InputType::Json) };
        check(&pointing("/a~1b/0/m~0n"), r#"{"a/b":[{"m~n":[1]}]}"#, "[1]");
        check(&pointing(""), r#"{"a":1,"b":2,"c":3,"d":4}"#, r#"{"a":1,"b":2,"c":3}"#);
        check(
            &pointing("/a"),
            "{}",
            "States.ItemReaderFailed: The ItemsPointer '/a' points to nothing in the data.",
        );
        check(&reader(InputType::JsonLines), "1\n\n{\"a\":2}\n", r#"[1,{"a":2}]"#);
    }

    #[test]
    fn a_list_of_objects_is_json_and_some_types_are_no_text() {
        let list = ItemReader { lists_objects: true, input_type: None, ..reader(InputType::Json) };
        check(&list, r#"[{"Key":"a"}]"#, r#"[{"Key":"a"}]"#);
        let loaded = ItemReader { loads_objects: true, ..list };
        check(&ItemReader { input_type: Some(InputType::JsonLines), ..loaded }, "1\n2", "[1,2]");
        let athena = ItemReader { manifest_type: Some("ATHENA_DATA".into()), ..reader(InputType::Csv) };
        for no_text in [reader(InputType::Parquet), reader(InputType::Manifest), athena] {
            check(&no_text, "[]", "States.ItemReaderFailed: Data of this InputType cannot be given as text.");
        }
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
