//! The mock file as it is now: read by all who wake an execution in a test case, replaced when it changes.
//!
//! Never here: files; what a mocked Task state answers.

use std::sync::{Arc, PoisonError, RwLock};

use execution::Mocks;
use execution::execution::Start;

use crate::refusal::Refusal;

/// The present mocks. Cheap to clone; all clones are the same.
#[derive(Clone, Debug, Default)]
pub struct PresentMocks(Arc<RwLock<Arc<Mocks>>>);

impl PresentMocks {
    /// As they are now.
    pub fn get(&self) -> Arc<Mocks> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every Task state that is entered from now on is mocked by these.
    pub fn replace(&self, mocks: Mocks) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(mocks);
    }

    /// Refuses a test case of a state machine that is not there.
    pub(crate) fn check(&self, machine: &str, test_case: Option<&str>) -> Result<(), Refusal> {
        let Some(test_case) = test_case else { return Ok(()) };
        self.get().check(machine, test_case).map_err(|message| Refusal::TestCaseDoesNotExist { message })
    }

    /// The mocks that a wake of this execution needs; without a test case, none.
    pub(crate) fn of(&self, start: &Start) -> Option<Arc<Mocks>> {
        start.test_case.as_ref().map(|_| self.get())
    }
}
