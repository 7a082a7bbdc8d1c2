//! What the fields of a distributed Map state gave when it was entered.

use asl::Failure;
use json::Document;

use crate::enter::Tolerance;

/// All that a Map Run needs to know of its Map state.
#[derive(Clone, Debug, PartialEq)]
pub struct MapPlan {
    /// The effective input: `$` of ItemSelector.
    pub input: Document,
    /// The items, an array or an object; `None` where an ItemReader reads them.
    pub items: Option<Document>,
    /// What the ItemReader reads.
    pub reader: Option<ReaderPlan>,
    /// How items are put together.
    pub batches: Option<BatchPlan>,
    /// Where results are exported to: `Parameters` or `Arguments` of the ResultWriter; `None` where they are not.
    pub writer: Option<Document>,
    /// What UpdateMapRun can change.
    pub settings: MapRunSettings,
    /// Why nothing can be read: the Map Run fails as it begins.
    pub failure: Option<Failure>,
}

/// What an ItemReader's fields gave.
#[derive(Clone, Debug, PartialEq)]
pub struct ReaderPlan {
    /// `Parameters` or `Arguments`.
    pub parameters: Document,
    /// `MaxItems`; `None` for all.
    pub items_max: Option<u64>,
}

/// What an ItemBatcher's fields gave. At least one of the limits is there.
#[derive(Clone, Debug, PartialEq)]
pub struct BatchPlan {
    /// `MaxItemsPerBatch`.
    pub items_max: Option<u64>,
    /// `MaxInputBytesPerBatch`.
    pub bytes_max: Option<u64>,
    /// `BatchInput`.
    pub input: Option<Document>,
}

/// How many children at once, and how many may fail.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MapRunSettings {
    /// `MaxConcurrency`; 0 for no limit of its own.
    pub max_concurrency: u64,
    /// `ToleratedFailureCount`.
    pub tolerated_failure_count: Option<u64>,
    /// `ToleratedFailurePercentage`.
    pub tolerated_failure_percentage: Option<f64>,
}

/// Children of one Map Run that run at once, whatever it asks for. (spec/asl.md §10.6)
const CHILDREN_MAX: u64 = 10_000;

impl MapRunSettings {
    /// How many children may run at once.
    pub fn concurrency(&self) -> usize {
        let wanted = if self.max_concurrency == 0 { CHILDREN_MAX } else { self.max_concurrency };
        wanted.min(CHILDREN_MAX) as usize
    }

    /// Whether so many failed items of so many are more than may fail. Where nothing is said, one is too many.
    pub fn are_too_many(&self, failed: u64, all: u64) -> bool {
        match (self.tolerated_failure_count, self.tolerated_failure_percentage) {
            (None, None) => failed > 0,
            (count, percentage) => Tolerance { count, percentage }.is_exceeded(failed, all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_is_too_many_unless_something_is_tolerated() {
        let tolerate = |count, percentage| MapRunSettings {
            max_concurrency: 0,
            tolerated_failure_count: count,
            tolerated_failure_percentage: percentage,
        };
        let none = tolerate(None, None);
        assert!(none.are_too_many(1, 1000) && !none.are_too_many(0, 1000));
        let two = tolerate(Some(2), None);
        assert!(two.are_too_many(3, 1000) && !two.are_too_many(2, 2));
        let half = tolerate(None, Some(50.0));
        assert!(half.are_too_many(6, 10) && !half.are_too_many(5, 10));
        let all = tolerate(None, Some(100.0));
        assert!(!all.are_too_many(10, 10));
        // Either limit counts.
        assert!(tolerate(Some(1), Some(100.0)).are_too_many(2, 10));
    }

    #[test]
    fn ten_thousand_children_run_at_once_and_no_more() {
        let concurrency =
            |max_concurrency| MapRunSettings { max_concurrency, ..Default::default() }.concurrency();
        assert_eq!([0, 1, 9_999, 10_001, u64::MAX].map(concurrency), [10_000, 1, 9_999, 10_000, 10_000]);
    }
}
