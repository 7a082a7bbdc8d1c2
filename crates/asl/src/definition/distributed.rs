//! The fields of a Map that only make sense when each item is an execution of its own.
//!
//! (spec/asl.md §10.3 to §10.6)

use json::Text;

use super::fields::{Fields, expected};
use super::findings::Findings;
use super::item_batcher::item_batcher;
use super::item_reader::item_reader;
use super::reader::Reader;
use super::result_writer::result_writer;
use super::schema;
use super::task::{has, plain_name};
use crate::machine::Distributed;

const ONLY_DISTRIBUTED: &[&str] = &["ItemReader", "ItemBatcher", "ResultWriter", "Label"];

const LABEL_LENGTH_MAX: usize = 40;

/// `ProcessorConfig` of an item processor: whether its executions are EXPRESS. `express` is whether the Map
/// itself runs in one.
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

/// The action of an ItemReader's or ResultWriter's Resource, `arn:PARTITION:states:::s3:ACTION`, if it is one
/// of these.
pub(super) fn s3_action<'d>(
    fields: &Fields<'d, '_>,
    actions: &[&str],
    findings: &mut Findings,
) -> Option<&'d str> {
    let resource = fields.string("Resource", findings)?;
    let action = resource
        .strip_prefix("arn:")
        .and_then(|rest| rest.split_once(':'))
        .and_then(|(_, rest)| rest.strip_prefix("states:::s3:"))
        .filter(|action| actions.contains(action));
    if action.is_none() {
        let unrecognized = crate::resource::ResourceError::Unrecognized { arn: resource.into() };
        findings.schema(&fields.at.field("Resource"), unrecognized.to_string());
    }
    action
}

/// What is given to S3, whichever query language gives it: the members that it must have, and others that
/// it may have. What would be passed over is refused.
pub(super) fn check_parameters(
    fields: &Fields<'_, '_>,
    required: &[&str],
    others: &[&str],
    findings: &mut Findings,
) {
    let given = ["Parameters", "Arguments"].into_iter().find(|name| fields.has(name));
    let Some(name) = given else {
        let name = if fields.reads_jsonpath() { "Parameters" } else { "Arguments" };
        fields.check_required(&[name], findings);
        return;
    };
    let at = fields.at.field(name);
    let Some(value) = fields.value(name).filter(|value| !fields.is_expression(value)) else { return };
    let Some(given) = value.as_object() else {
        // Of a template this is said by whoever compiles it.
        if !fields.reads_jsonpath() {
            findings.schema(&at, expected("Object"));
        }
        return;
    };
    for member in required.iter().filter(|member| !has(given, member, fields)) {
        findings.schema(&at, format!("The field '{member}' is required but was missing"));
    }
    for member in given.keys().map(|key| plain_name(key, fields)) {
        if !required.contains(&member) && !others.contains(&member) {
            findings.schema(&at, format!("The field \"{member}\" is not supported by Step Functions"));
        }
    }
}
