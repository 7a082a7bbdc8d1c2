//! ItemReader: where the items come from, if not from the input. (spec/asl.md §10.3)

use json::{Text, Value};

use super::distributed::{check_parameters, s3_action};
use super::fields::{ContextObject, Fields, expected};
use super::findings::Findings;
use super::jsonata::Moment;
use super::schema;
use crate::machine::{InputType, ItemReader};

const MAX_ITEMS_MAX: u64 = 100_000_000;

/// What else than the object is said to GetObject.
const OF_AN_OBJECT: &[&str] = &["VersionId", "ExpectedBucketOwner"];

/// What else than the bucket is said to ListObjectsV2. Its `ContinuationToken` is not for users: all pages
/// are read.
const OF_A_LIST: &[&str] = &[
    "Prefix",
    "StartAfter",
    "Delimiter",
    "MaxKeys",
    "EncodingType",
    "FetchOwner",
    "RequestPayer",
    "ExpectedBucketOwner",
    "OptionalObjectAttributes",
];

pub(super) fn item_reader(fields: &Fields<'_, '_>, findings: &mut Findings) -> ItemReader {
    fields.check(&schema::ITEM_READER, findings);
    let action = s3_action(fields, &["getObject", "listObjectsV2"], findings);
    let mut reader = ItemReader {
        lists_objects: action == Some("listObjectsV2"),
        parameters: fields
            .template("Parameters", findings)
            .or_else(|| fields.computed("Arguments", Moment::Entry, findings)),
        input_type: None,
        loads_objects: false,
        manifest_type: None,
        csv_delimiter: ',',
        csv_headers: None,
        max_items: None,
        items_pointer: None,
    };
    let Some(action) = action else { return reader };
    let at = fields.at.field("ReaderConfig");
    let config = fields.value("ReaderConfig");
    if action == "listObjectsV2" {
        check_parameters(fields, &["Bucket"], OF_A_LIST, findings);
    } else {
        let is_parquet = config.is_some_and(is_one_parquet_file);
        let others = if is_parquet { &OF_AN_OBJECT[1..] } else { OF_AN_OBJECT };
        check_parameters(fields, &["Bucket", "Key"], others, findings);
        if config.is_none() {
            fields.check_required(&["ReaderConfig"], findings);
        }
    }
    if let Some(config) = config
        && let Some(config) = Fields::of(config, at, fields.language, findings)
    {
        reader_config(&config, &mut reader, findings);
    }
    reader
}

/// Of such a file no version can be named.
fn is_one_parquet_file(config: &Value) -> bool {
    let is_parquet = config.get("InputType").and_then(Value::as_str) == Some("PARQUET");
    is_parquet && config.get("ManifestType").is_none()
}

fn reader_config(config: &Fields<'_, '_>, reader: &mut ItemReader, findings: &mut Findings) {
    config.check(&schema::READER_CONFIG, findings);
    let transformation = config.word("Transformation", &["NONE", "LOAD_AND_FLATTEN"], findings);
    let manifest_type = config.word("ManifestType", &["ATHENA_DATA", "S3_INVENTORY"], findings);
    refuse(config, if reader.lists_objects { "ManifestType" } else { "Transformation" }, findings);
    reader.loads_objects = transformation == Some("LOAD_AND_FLATTEN");
    reader.manifest_type = manifest_type.map(Text::from);
    reader.input_type = input_type(config, reader, findings);
    let supported = fields_of_the_type(reader);
    for name in OF_SOME_TYPES.iter().filter(|name| !supported.contains(name)) {
        refuse(config, name, findings);
    }
    csv(config, reader, findings);
    reader.max_items =
        config.count("MaxItems", "MaxItemsPath", 0..=MAX_ITEMS_MAX, ContextObject::Refused, findings);
    let pointer = config.string("ItemsPointer", findings);
    if pointer.is_some_and(|pointer| !is_json_pointer(pointer)) {
        findings.schema(&config.at.field("ItemsPointer"), "Value is not a valid JSON Pointer");
    }
    reader.items_pointer = pointer.map(Text::from);
}

/// What is in the files: some ways of reading take only some types, and some take none.
fn input_type(config: &Fields<'_, '_>, reader: &ItemReader, findings: &mut Findings) -> Option<InputType> {
    let types: &[&str] = match reader.manifest_type.as_deref() {
        _ if is_plain_list(reader) => &[],
        _ if reader.lists_objects => &["CSV", "JSON", "JSONL", "PARQUET"],
        Some(S3_INVENTORY) => &[],
        Some(_) => &["CSV", "JSONL", "PARQUET"],
        None => &["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"],
    };
    if types.is_empty() {
        refuse(config, "InputType", findings);
        return None;
    }
    config.check_required(&["InputType"], findings);
    let input_type = config.word("InputType", types, findings)?;
    Some(match input_type {
        "CSV" => InputType::Csv,
        "JSON" => InputType::Json,
        "JSONL" => InputType::JsonLines,
        "PARQUET" => InputType::Parquet,
        _ => InputType::Manifest,
    })
}

/// Fields that files of some types have.
const OF_SOME_TYPES: &[&str] = &["CSVDelimiter", "CSVHeaderLocation", "CSVHeaders", "ItemsPointer"];

/// Which of them files of this type have.
fn fields_of_the_type(reader: &ItemReader) -> &'static [&'static str] {
    match (reader.input_type, reader.manifest_type.as_deref()) {
        (Some(InputType::Csv), _) => &["CSVDelimiter", "CSVHeaderLocation", "CSVHeaders"],
        (Some(InputType::Json), _) => &["ItemsPointer"],
        (Some(InputType::Manifest), _) | (None, Some(S3_INVENTORY)) => &["CSVDelimiter"],
        (Some(InputType::JsonLines | InputType::Parquet), _) => &[],
        (None, _) if is_plain_list(reader) => &[],
        // It is missing or wrong, which has been said.
        (None, _) => OF_SOME_TYPES,
    }
}

/// An inventory is always CSV.
const S3_INVENTORY: &str = "S3_INVENTORY";

/// The objects themselves are the items, of no type.
fn is_plain_list(reader: &ItemReader) -> bool {
    reader.lists_objects && !reader.loads_objects
}

fn csv(config: &Fields<'_, '_>, reader: &mut ItemReader, findings: &mut Findings) {
    let delimiters = ["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"];
    reader.csv_delimiter = match config.word("CSVDelimiter", &delimiters, findings) {
        Some("PIPE") => '|',
        Some("SEMICOLON") => ';',
        Some("SPACE") => ' ',
        Some("TAB") => '\t',
        _ => ',',
    };
    // AWS's guide reads results of Athena without it.
    let may_be_missing = reader.manifest_type.is_some() && !config.has("CSVHeaders");
    if reader.input_type == Some(InputType::Csv) && !may_be_missing {
        config.check_required(&["CSVHeaderLocation"], findings);
    }
    let location = config.word("CSVHeaderLocation", &["FIRST_ROW", "GIVEN"], findings);
    match location {
        Some("GIVEN") => config.check_required(&["CSVHeaders"], findings),
        Some(_) => refuse(config, "CSVHeaders", findings),
        None => {}
    }
    let headers = headers(config, findings);
    reader.csv_headers = (location == Some("GIVEN")).then_some(headers);
}

fn headers(config: &Fields<'_, '_>, findings: &mut Findings) -> Vec<Text> {
    let at = config.at.field("CSVHeaders");
    let headers = config.items("CSVHeaders", findings);
    for (index, header) in headers.iter().enumerate() {
        if !header.is_string() {
            findings.schema(&at.index(index), expected("String"));
        }
    }
    headers.iter().filter_map(Value::as_str).map(Text::from).collect()
}

/// `name` must not stand here.
fn refuse(config: &Fields<'_, '_>, name: &str, findings: &mut Findings) {
    if config.has(name) {
        findings.schema(&config.at, format!("Field '{name}' is not supported"));
    }
}

/// Whether it is empty or begins with a slash, and each tilde begins an escape. (RFC 6901)
fn is_json_pointer(text: &str) -> bool {
    let mut escapes = text.split('~').skip(1);
    (text.is_empty() || text.starts_with('/')) && escapes.all(|escape| escape.starts_with(['0', '1']))
}
