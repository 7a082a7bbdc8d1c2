//! ResultWriter: where the results of child executions go, and as what. (spec/asl.md §10.5)

use json::Text;

use super::distributed::{check_parameters, s3_action};
use super::fields::Fields;
use super::findings::Findings;
use super::jsonata::Moment;
use super::schema;
use crate::machine::ResultWriter;

pub(super) fn result_writer(fields: &Fields<'_, '_>, findings: &mut Findings) -> ResultWriter {
    fields.check(&schema::RESULT_WRITER, findings);
    if fields.object.is_empty() {
        findings.schema(&fields.at, "Value cannot be empty");
    }
    s3_action(fields, &["putObject"], findings);
    let parameters = fields
        .template("Parameters", findings)
        .or_else(|| fields.computed("Arguments", Moment::Entry, findings));
    // Either both say where the results go, or the configuration alone says what they look like.
    let exports = fields.has("Resource");
    if exports {
        check_parameters(fields, &["Bucket"], &["Prefix"], findings);
    } else if fields.has("Parameters") || fields.has("Arguments") {
        fields.check_required(&["Resource"], findings);
    }
    let mut writer = ResultWriter { exports, parameters, transformation: None, output_type: None };
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
