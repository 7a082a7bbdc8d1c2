//! Wait: for a number of seconds or until a point in time. (spec/asl.md §8.3)

use super::fields::{ContextObject, Fields, expected};
use super::jsonata::Moment;
use super::reader::{Reader, SECONDS_MAX};
use crate::machine::{Kind, QueryLanguage, WaitUntil};
use crate::timestamp;

const JSONPATH_FIELDS: &[&str] = &["Seconds", "SecondsPath", "Timestamp", "TimestampPath"];
const JSONATA_FIELDS: &[&str] = &["Seconds", "Timestamp"];

impl<'d> Reader<'d> {
    pub(super) fn wait(&mut self, fields: &Fields<'d, '_>) -> Option<Kind> {
        let names = match fields.language {
            QueryLanguage::JsonPath => JSONPATH_FIELDS,
            QueryLanguage::Jsonata => JSONATA_FIELDS,
        };
        fields.check_exactly_one_of(names, &mut self.findings);
        let seconds = match fields.value("Seconds") {
            Some(value) if fields.is_expression(value) => {
                let expression = fields.expression("Seconds", Moment::Entry, &mut self.findings);
                expression.map(WaitUntil::JsonataSeconds)
            }
            _ => fields.integer("Seconds", 0, SECONDS_MAX, &mut self.findings).map(WaitUntil::Seconds),
        };
        let seconds_path = fields.reference("SecondsPath", ContextObject::Allowed, &mut self.findings);
        let timestamp = self.timestamp(fields);
        let timestamp_path = fields.reference("TimestampPath", ContextObject::Allowed, &mut self.findings);
        let until = seconds
            .or(seconds_path.map(WaitUntil::SecondsPath))
            .or(timestamp)
            .or(timestamp_path.map(WaitUntil::TimestampPath));
        until.map(Kind::Wait)
    }

    fn timestamp(&mut self, fields: &Fields<'d, '_>) -> Option<WaitUntil> {
        let value = fields.value("Timestamp")?;
        if fields.is_expression(value) {
            let expression = fields.expression("Timestamp", Moment::Entry, &mut self.findings);
            return expression.map(WaitUntil::JsonataTimestamp);
        }
        let at = fields.at.field("Timestamp");
        let Some(text) = value.as_str() else {
            self.findings.schema(&at, expected("String"));
            return None;
        };
        let instant = timestamp::parse(text);
        if instant.is_none() {
            self.findings.schema(&at, "String does not match RFC3339 timestamp");
        }
        // Fractions of a second are cut off.
        instant.map(|instant| WaitUntil::Timestamp(instant.whole_seconds().timestamp()))
    }
}
