//! `Retry`: which failures are tried again, when and how often. (spec/asl.md §11.2)

use json::Text;

use super::fields::Fields;
use super::reader::{Reader, SECONDS_MAX};
use super::schema;
use crate::machine::Retrier;

/// 366 days. (spec/asl.md §11.2)
const DELAY_SECONDS_MAX: u64 = 31_622_400;

impl<'d> Reader<'d> {
    pub(super) fn retry(&mut self, fields: &Fields<'d, '_>) -> Vec<Retrier> {
        let at = fields.at.field("Retry");
        let items = fields.array("Retry", &mut self.findings);
        let mut retriers = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let at = at.index(index);
            if let Some(fields) = Fields::of(item, at, fields.language, &mut self.findings) {
                retriers.extend(self.retrier(&fields, index + 1 == items.len()));
            }
        }
        retriers
    }

    fn retrier(&mut self, fields: &Fields<'d, '_>, last: bool) -> Option<Retrier> {
        fields.check(&schema::RETRIER, &mut self.findings);
        fields.string("Comment", &mut self.findings);
        let error_equals = self.error_equals(fields, last);
        let interval_seconds =
            fields.integer("IntervalSeconds", 1, SECONDS_MAX, &mut self.findings).unwrap_or(1);
        let max_attempts = fields.integer("MaxAttempts", 0, SECONDS_MAX, &mut self.findings).unwrap_or(3);
        let backoff_rate = fields.number_from("BackoffRate", 1.0, &mut self.findings).unwrap_or(2.0);
        let max_delay_seconds = fields.integer("MaxDelaySeconds", 1, DELAY_SECONDS_MAX, &mut self.findings);
        if max_delay_seconds.is_some_and(|delay| delay <= interval_seconds) {
            let message = "MaxDelaySeconds must be greater than IntervalSeconds";
            self.findings.schema(&fields.at.field("MaxDelaySeconds"), message);
        }
        let jitter = fields.word("JitterStrategy", &["FULL", "NONE"], &mut self.findings);
        Some(Retrier {
            error_equals: error_equals?,
            interval_seconds,
            max_attempts,
            backoff_rate,
            max_delay_seconds,
            full_jitter: jitter == Some("FULL"),
        })
    }

    /// `ErrorEquals` of a Retrier or Catcher. `States.ALL` stands alone, and in the last one.
    pub(super) fn error_equals(&mut self, fields: &Fields<'d, '_>, last: bool) -> Option<Vec<Text>> {
        let at = fields.at.field("ErrorEquals");
        let items = fields.items("ErrorEquals", &mut self.findings);
        let mut names = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            match item.as_str() {
                Some("States.ALL") if items.len() > 1 || !last => {
                    // The text and the place that a deployment to AWS was refused with.
                    self.findings.schema(&at.index(index), "States.ALL must appear alone and at end of list");
                }
                Some(name) => names.push(Text::from(name)),
                None => self.findings.schema(&at.index(index), super::fields::expected("String")),
            }
        }
        (!names.is_empty()).then_some(names)
    }
}
