//! What the status of a job means.
//!
//! Each service's file lists all statuses that its model names, and a test holds the list against the
//! model. Never here: jobs that are judged by more than their status.

use json::{Object, Value};

use crate::job::JobState;

/// All statuses of a kind of job.
pub(crate) type Statuses = [(&'static str, Meaning)];

/// What a status says of its job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// It goes on.
    Running,
    /// It has done its work.
    Succeeded,
    /// It has ended without having done its work.
    Failed,
}

/// How a job is that has this description, which is its result or the cause of its failure. A status that
/// is not in the list is one of a newer service. It may or may not be an end; the next one tells.
pub(crate) fn state(statuses: &Statuses, status: Option<&Value>, description: Value) -> JobState {
    let status = status.and_then(Value::as_str);
    match statuses.iter().find(|(name, _)| Some(*name) == status) {
        Some((_, Meaning::Succeeded)) => JobState::Succeeded(description),
        Some((_, Meaning::Failed)) => JobState::failed(&description),
        Some((_, Meaning::Running)) | None => JobState::Running,
    }
}

/// [`state`], where the description has the status at the end of a path.
pub(crate) fn state_at(statuses: &Statuses, path: &[&str], description: Value) -> JobState {
    let status = path.iter().try_fold(&description, |value, name| value.get(name)).cloned();
    state(statuses, status.as_ref(), description)
}

/// The description with some members of one of its structures beside that structure, under the names that the
/// submitting call's result gives them: `("Id", "ClusterId")`. All are in the order of their names, as AWS has them.
pub(crate) fn with_ids(description: Value, structure: &str, ids: &[(&str, &'static str)]) -> Value {
    let Value::Object(mut object) = description else { return description };
    for (member, name) in ids {
        let id = object.get(structure).and_then(|inner| inner.get(member)).cloned();
        if let Some(id) = id {
            object.insert(*name, id);
        }
    }
    let mut members: Vec<_> = object.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    members.sort_by(|(one, _), (other, _)| one.cmp(other));
    members.into_iter().collect::<Object>().into()
}

/// Asserts that the list has each status that the model has, and no other. `path` leads from the
/// operation's output to the status, by the model's names.
#[cfg(test)]
#[track_caller]
pub(crate) fn check_complete(statuses: &Statuses, model: &str, operation: &str, path: &[&str]) {
    let service = aws_models::service(model).expect("a service");
    let output = service.operation(operation).expect("an operation").output().expect("an output");
    let status = path.iter().fold(output, |shape, name| {
        let shape = shape.element().map_or(shape, |element| element.shape());
        shape.member(name).unwrap_or_else(|| panic!("no {name}")).shape()
    });
    let mut expected: Vec<&str> = status.enum_values().collect();
    expected.sort_unstable();
    let mut listed: Vec<&str> = statuses.iter().map(|(name, _)| *name).collect();
    listed.sort_unstable();
    assert_eq!(listed, expected, "statuses of {model}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_that_is_not_known_goes_on() {
        let statuses =
            [("DONE", Meaning::Succeeded), ("BROKEN", Meaning::Failed), ("AT_IT", Meaning::Running)];
        let description = json::value!({ "Id": 1 });
        let state = |status: Option<Value>| state(&statuses, status.as_ref(), description.clone());
        assert_eq!(state(Some("DONE".into())), JobState::Succeeded(description.clone()));
        assert_eq!(state(Some("BROKEN".into())), JobState::failed(&description));
        for running in [Some("AT_IT".into()), Some("NEW".into()), Some(1.into()), None] {
            assert_eq!(state(running), JobState::Running);
        }
    }
}
