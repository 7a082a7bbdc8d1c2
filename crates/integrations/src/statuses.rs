//! What the statuses of a job mean: all that its service knows, each one on purpose.
//!
//! Never here: which operation tells a status.

use json::Value;

use crate::job::JobState;

/// Where a description has its status, and what it means there. A status that no list has is one that the
/// service did not have when this was written: it counts as running.
pub(crate) struct Statuses {
    /// The members that lead to it, as a state machine spells them: `Step`, `Status`, `State`.
    pub(crate) path: &'static [&'static str],
    /// Ask again later.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "whatever does not end a job runs; tests compare the list")
    )]
    pub(crate) running: &'static [&'static str],
    /// The job has come to what its Task waits for.
    pub(crate) succeeded: &'static [&'static str],
    /// It will not come to it.
    pub(crate) failed: &'static [&'static str],
}

impl Statuses {
    /// What a description means: it is the Task's result, or its cause.
    pub(crate) fn read(&self, description: Value) -> JobState {
        let status = self.path.iter().try_fold(&description, |value, name| value.get(name));
        let status = status.and_then(Value::as_str).unwrap_or_default();
        if self.succeeded.contains(&status) {
            JobState::Succeeded(description)
        } else if self.failed.contains(&status) {
            JobState::failed(&description)
        } else {
            JobState::Running
        }
    }
}

/// The description with some members of one of its structures beside that structure, under the names that the
/// submitting call's result gives them: `("Id", "ClusterId")`.
pub(crate) fn with_ids(description: Value, structure: &str, ids: &[(&str, &'static str)]) -> Value {
    let Value::Object(mut object) = description else { return description };
    for (member, name) in ids {
        let id = object.get(structure).and_then(|inner| inner.get(member)).cloned();
        if let Some(id) = id {
            object.insert(*name, id);
        }
    }
    object.into()
}

#[cfg(test)]
pub(crate) mod tests {
    use aws_models::{Operation, Shape};

    use super::*;

    impl Statuses {
        /// Asserts that every status of the model is in just one of the lists, and no other.
        pub(crate) fn assert_complete(&self, model: &str, operation: &str) {
            let operation = aws_models::service(model).and_then(|service| service.operation(operation));
            let shape = self.path.iter().fold(operation.and_then(Operation::output), |shape, name| {
                let mut members = shape.into_iter().flat_map(Shape::members);
                members.find(|member| member.field_name() == *name).map(|member| member.shape())
            });
            let shape = shape.unwrap_or_else(|| panic!("{model} has no {:?}", self.path));
            let mut known: Vec<&str> = shape.enum_values().collect();
            let mut classified: Vec<&str> =
                [self.running, self.succeeded, self.failed].into_iter().flatten().copied().collect();
            known.sort_unstable();
            classified.sort_unstable();
            assert!(!known.is_empty(), "{model} does not list {:?}", self.path);
            assert_eq!(classified, known, "{model} {:?}", self.path);
        }
    }

    #[test]
    fn a_status_that_nobody_knows_is_running() {
        let statuses =
            Statuses { path: &["Job", "Status"], running: &[], succeeded: &["DONE"], failed: &["BROKEN"] };
        let read = |text: &str| statuses.read(Value::parse(text).unwrap());
        assert_eq!(read(r#"{"Job":{"Status":"NEW"}}"#), JobState::Running);
        assert_eq!(read(r#"{"Job":{}}"#), JobState::Running);
        assert_eq!(read("null"), JobState::Running);
        let done = json::value!({ "Job": { "Status": "DONE" } });
        assert_eq!(statuses.read(done.clone()), JobState::Succeeded(done));
        let JobState::Failed(failure) = read(r#"{"Job":{"Status":"BROKEN"}}"#) else { panic!() };
        assert_eq!(failure.error, "States.TaskFailed");
        assert_eq!(failure.cause, r#"{"Job":{"Status":"BROKEN"}}"#);
    }

    #[test]
    fn ids_stand_beside_the_description() {
        let with =
            with_ids(json::value!({ "Step": { "Id": "s-1" } }), "Step", &[("Id", "StepId"), ("No", "N")]);
        assert_eq!(with.to_text(), r#"{"Step":{"Id":"s-1"},"StepId":"s-1"}"#);
    }
}
