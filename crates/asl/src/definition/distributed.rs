//! The fields of a Map that only make sense when each item is an execution of its own.
//!
//! (spec/asl.md §10.3 to §10.5)

use json::{Text, Value};

use super::fields::{ContextObject, Fields};
use super::findings::Findings;
use super::jsonata::Moment;
use super::reader::Reader;
use super::schema;
use super::task::has;
use crate::machine::{Distributed, InputType, ItemBatcher, ItemReader, ResultWriter};

const ONLY_DISTRIBUTED: &[&str] = &["ItemReader", "ItemBatcher", "ResultWriter", "Label"];

const INPUT_TYPES: &[&str] = &["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"];

const MAX_ITEMS_MAX: u64 = 100_000_000;
const BATCH_BYTES_MAX: u64 = 262_144;
const LABEL_LENGTH_MAX: usize = 40;

/// `ProcessorConfig` of an item processor: whether its executions are EXPRESS.
pub(super) fn check_processor_config(
    processor: &Fields<'_, '_>,
    express: bool,
    findings: &mut Findings,
) -> bool {
    let Some(config) = processor.value("ProcessorConfig") else { return false };
    let at = processor.at.field("ProcessorConfig");
    let Some(config) = Fields::of(config, at, processor.language, findings) else { return false };
    config.check(&schema::PROCESSOR_CONFIG, findings);
    config.string("Comment", findings);
    let mode = config.word("Mode", &["INLINE", "DISTRIBUTED"], findings);
    let execution_type = config.word("ExecutionType", &["STANDARD", "EXPRESS"], findings);
    if mode == Some("DISTRIBUTED") {
        config.check_required(&["ExecutionType"], findings);
        if express {
            findings
                .schema(&config.at.field("Mode"), "Express state machine does not support Distributed Map");
        }
    } else if config.has("ExecutionType") {
        // Users report that AWS refuses it; in which words is not known.
        findings.schema(&config.at, "Field 'ExecutionType' is not supported");
    }
    execution_type == Some("EXPRESS")
}

impl<'d> Reader<'d> {
    /// The Map state's own fields; `None` for an inline one.
    pub(super) fn distributed(
        &mut self,
        fields: &Fields<'d, '_>,
        distributed: bool,
    ) -> Option<Box<Distributed>> {
        if !distributed {
            for name in fields.object.keys().filter(|name| ONLY_DISTRIBUTED.contains(&name.as_str())) {
                self.findings.schema(&fields.at, format!("Field '{name}' is not supported"));
            }
            return None;
        }
        let mut found = Distributed::default();
        let inner = |name| (fields.value(name), fields.at.field(name));
        if let (Some(value), at) = inner("ItemReader")
            && let Some(reader) = Fields::of(value, at, fields.language, &mut self.findings)
        {
            found.item_reader = Some(item_reader(&reader, &mut self.findings));
        }
        if let (Some(value), at) = inner("ItemBatcher")
            && let Some(batcher) = Fields::of(value, at, fields.language, &mut self.findings)
        {
            found.item_batcher = Some(item_batcher(&batcher, &mut self.findings));
        }
        if let (Some(value), at) = inner("ResultWriter")
            && let Some(writer) = Fields::of(value, at, fields.language, &mut self.findings)
        {
            found.result_writer = Some(result_writer(&writer, &mut self.findings));
        }
        found.label = self.label(fields);
        Some(Box::new(found))
    }

    fn label(&mut self, fields: &Fields<'d, '_>) -> Option<Text> {
        let label = fields.string("Label", &mut self.findings)?;
        let at = fields.at.field("Label");
        let length = label.chars().count();
        if length == 0 {
            self.findings.error("INVALID_LABEL_NAME", &at, "Label cannot be empty");
        } else if length > LABEL_LENGTH_MAX {
            let message = format!("Label cannot exceed {LABEL_LENGTH_MAX} characters");
            self.findings.error("INVALID_LABEL_NAME", &at, message);
        } else if let Some(bad) = label.chars().find(|character| !may_be_in_a_label(*character)) {
            let message = format!("Label contains invalid character: {bad:?}");
            self.findings.error("INVALID_LABEL_NAME", &at, message);
        } else if !self.labels.insert(label) {
            self.findings.error("DUPLICATE_LABEL_NAME", &at, format!("Duplicate Label name: {label}"));
        }
        Some(label.into())
    }
}

fn may_be_in_a_label(character: char) -> bool {
    !character.is_whitespace() && !character.is_control() && !"?*<>{}[]:;,\\|^~$#%&`\"".contains(character)
}

fn item_reader(fields: &Fields<'_, '_>, findings: &mut Findings) -> ItemReader {
    fields.check(&schema::ITEM_READER, findings);
    let resource = fields.string("Resource", findings);
    let action = resource.and_then(s3_action);
    if let Some(resource) = resource
        && !matches!(action, Some("getObject" | "listObjectsV2"))
    {
        findings.schema(&fields.at.field("Resource"), unrecognized(resource));
    }
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
    match action {
        Some("getObject") => check_parameters(fields, &["Bucket", "Key"], findings),
        Some("listObjectsV2") => check_parameters(fields, &["Bucket"], findings),
        _ => {}
    }
    let at = fields.at.field("ReaderConfig");
    let config = match fields.value("ReaderConfig") {
        Some(config) => Fields::of(config, at, fields.language, findings),
        None => None,
    };
    if let Some(config) = config {
        reader_config(&config, action == Some("getObject"), &mut reader, findings);
    } else if action == Some("getObject") && !fields.has("ReaderConfig") {
        fields.check_required(&["ReaderConfig"], findings);
    }
    reader
}

fn reader_config(
    config: &Fields<'_, '_>,
    of_one_object: bool,
    reader: &mut ItemReader,
    findings: &mut Findings,
) {
    config.check(&schema::READER_CONFIG, findings);
    let input_type = config.word("InputType", INPUT_TYPES, findings);
    let transformation = config.word("Transformation", &["NONE", "LOAD_AND_FLATTEN"], findings);
    let manifest = config.word("ManifestType", &["ATHENA_DATA", "S3_INVENTORY"], findings);
    let delimiter = config.word("CSVDelimiter", &["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"], findings);
    let header = config.word("CSVHeaderLocation", &["FIRST_ROW", "GIVEN"], findings);
    let mut unsupported = |name: &str| {
        if config.has(name) {
            findings.schema(&config.at, format!("Field '{name}' is not supported"));
        }
    };
    // An inventory is always CSV, and a list of objects has no type until the objects are loaded.
    let loads = transformation == Some("LOAD_AND_FLATTEN");
    if manifest == Some("S3_INVENTORY") || !(of_one_object || loads) {
        unsupported("InputType");
    }
    unsupported(if of_one_object { "Transformation" } else { "ManifestType" });
    if manifest != Some("S3_INVENTORY") && (of_one_object || loads) {
        config.check_required(&["InputType"], findings);
    }
    if input_type == Some("CSV") && manifest.is_none() {
        config.check_required(&["CSVHeaderLocation"], findings);
    }
    if header == Some("GIVEN") {
        config.check_required(&["CSVHeaders"], findings);
    }
    let at = config.at.field("CSVHeaders");
    let headers = config.items("CSVHeaders", findings);
    for (index, header) in headers.iter().enumerate() {
        if !header.is_string() {
            findings.schema(&at.index(index), super::fields::expected("String"));
        }
    }
    reader.input_type = input_type.map(|name| match name {
        "CSV" => InputType::Csv,
        "JSON" => InputType::Json,
        "JSONL" => InputType::JsonLines,
        "PARQUET" => InputType::Parquet,
        _ => InputType::Manifest,
    });
    reader.loads_objects = transformation == Some("LOAD_AND_FLATTEN");
    reader.manifest_type = manifest.map(Text::from);
    reader.csv_delimiter = match delimiter {
        Some("PIPE") => '|',
        Some("SEMICOLON") => ';',
        Some("SPACE") => ' ',
        Some("TAB") => '\t',
        _ => ',',
    };
    let given = (header == Some("GIVEN")).then_some(headers);
    reader.csv_headers =
        given.map(|headers| headers.iter().filter_map(Value::as_str).map(Text::from).collect());
    reader.max_items =
        config.count("MaxItems", "MaxItemsPath", 0..=MAX_ITEMS_MAX, ContextObject::Refused, findings);
    let pointer = config.string("ItemsPointer", findings);
    if pointer.is_some_and(|pointer| !pointer.is_empty() && !pointer.starts_with('/')) {
        findings.schema(&config.at.field("ItemsPointer"), "Value is not a valid JSON Pointer");
    }
    reader.items_pointer = pointer.map(Text::from);
}

/// The members that the request to S3 needs, whichever query language gives them.
fn check_parameters(fields: &Fields<'_, '_>, required: &[&str], findings: &mut Findings) {
    let given = ["Parameters", "Arguments"].into_iter().find(|name| fields.has(name));
    let Some(name) = given else {
        let name = if fields.reads_jsonpath() { "Parameters" } else { "Arguments" };
        fields.check_required(&[name], findings);
        return;
    };
    let Some(given) = fields.value(name).and_then(Value::as_object) else { return };
    for member in required.iter().filter(|member| !has(given, member, fields)) {
        let message = format!("The field '{member}' is required but was missing");
        findings.schema(&fields.at.field(name), message);
    }
}

fn item_batcher(fields: &Fields<'_, '_>, findings: &mut Findings) -> ItemBatcher {
    fields.check(&schema::ITEM_BATCHER, findings);
    let limits =
        ["MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"];
    if !limits.iter().any(|name| fields.has(name)) {
        let message = format!("One of the following fields is required: [{}]", limits.join(", "));
        findings.schema(&fields.at, message);
    }
    let refused = ContextObject::Refused;
    let max_items = fields.count("MaxItemsPerBatch", "MaxItemsPerBatchPath", 1..=u64::MAX, refused, findings);
    let max_bytes = fields.count(
        "MaxInputBytesPerBatch",
        "MaxInputBytesPerBatchPath",
        1..=BATCH_BYTES_MAX,
        refused,
        findings,
    );
    let input = fields
        .template("BatchInput", findings)
        .or_else(|| fields.computed("BatchInput", Moment::Entry, findings));
    ItemBatcher { max_items, max_bytes, input }
}

fn result_writer(fields: &Fields<'_, '_>, findings: &mut Findings) -> ResultWriter {
    fields.check(&schema::RESULT_WRITER, findings);
    if fields.object.is_empty() {
        findings.schema(&fields.at, "Value cannot be empty");
    }
    let resource = fields.string("Resource", findings);
    if let Some(resource) = resource
        && s3_action(resource) != Some("putObject")
    {
        findings.schema(&fields.at.field("Resource"), unrecognized(resource));
    }
    let parameters = fields
        .template("Parameters", findings)
        .or_else(|| fields.computed("Arguments", Moment::Entry, findings));
    let mut writer =
        ResultWriter { exports: resource.is_some(), parameters, transformation: None, output_type: None };
    // Either both say where the results go, or the configuration alone says what they look like.
    if fields.has("Resource") {
        check_parameters(fields, &["Bucket"], findings);
    } else if fields.has("Parameters") || fields.has("Arguments") {
        fields.check_required(&["Resource"], findings);
    }
    let at = fields.at.field("WriterConfig");
    if let Some(config) = fields.value("WriterConfig")
        && let Some(config) = Fields::of(config, at, fields.language, findings)
    {
        config.check(&schema::WRITER_CONFIG, findings);
        let transformation = config.word("Transformation", &["NONE", "COMPACT", "FLATTEN"], findings);
        writer.transformation = transformation.map(Text::from);
        writer.output_type = config.word("OutputType", &["JSON", "JSONL"], findings).map(Text::from);
    }
    writer
}

/// The action of `arn:PARTITION:states:::s3:ACTION`.
fn s3_action(resource: &str) -> Option<&str> {
    let rest = resource.strip_prefix("arn:")?;
    rest.split_once(':')?.1.strip_prefix("states:::s3:")
}

fn unrecognized(resource: &str) -> String {
    crate::resource::ResourceError::Unrecognized { arn: resource.into() }.to_string()
}
