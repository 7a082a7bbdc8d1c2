//! What is left for one path, its filters and parameters included, of the budget that all fields of the
//! state share. Work is counted in visits of a value or the like, about 10 ns each.

use std::cell::Cell;

use json::Value;

use super::PathError;
use super::query::evaluation;
use crate::expense::{self, Purse, TOO_MANY_STEPS};

/// Recursion goes down the value and along the steps, each of which is bounded by less than this.
const DEPTH_MAX: usize = json::DEPTH_MAX + 512;

/// What has been spent is taken from the state's budget when this is dropped.
pub(super) struct Budget<'a> {
    purse: Purse<'a>,
    work: usize,
    work_left: usize,
    depth: usize,
}

impl<'a> Budget<'a> {
    pub(super) fn of(budget: &'a Cell<jsonata::Budget>) -> Budget<'a> {
        let work = usize::try_from(budget.get().steps).unwrap_or(usize::MAX);
        Budget { purse: Purse(budget), work, work_left: work, depth: 0 }
    }

    /// Takes `work` units.
    #[inline]
    pub(super) fn spend(&mut self, work: usize) -> Result<(), PathError> {
        match self.work_left.checked_sub(work) {
            Some(left) => {
                self.work_left = left;
                Ok(())
            }
            None => {
                self.work_left = 0;
                Err(evaluation(TOO_MANY_STEPS))
            }
        }
    }

    /// Pays for looking at all of a value.
    pub(super) fn look_at(&mut self, value: &Value) -> Result<(), PathError> {
        self.spend(expense::weight(value, self.work_left))
    }

    /// Pays for the memory of a result that the path has put together.
    pub(super) fn keep(&mut self, result: &Value) -> Result<(), PathError> {
        let bytes = match result {
            Value::Array(items) => items.len() * expense::ITEM_BYTES,
            Value::Object(members) => members.len() * 2 * expense::ITEM_BYTES,
            Value::String(text) => text.len(),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Big(_) => 0,
        };
        self.purse.bytes(bytes).map_err(evaluation)
    }

    /// Goes one level down; [`Budget::ascend`] comes back.
    pub(super) fn descend(&mut self) -> Result<(), PathError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(evaluation("The path goes too deep"));
        }
        self.spend(1)
    }

    pub(super) fn ascend(&mut self) {
        self.depth -= 1;
    }
}

impl Drop for Budget<'_> {
    fn drop(&mut self) {
        // There was as much.
        let _ = self.purse.steps(self.work - self.work_left);
    }
}
