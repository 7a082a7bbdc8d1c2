//! Which ARNs an action takes.
//!
//! Never here: whether the resource exists.

use aws_names::{Arn, Qualifier, StepFunctionsArn};
use engine::Refusal;
use json::Text;

use crate::error::ApiError;

/// An unqualified state machine: what a qualified ARN names is none.
pub(crate) fn state_machine(arn: &Text) -> Result<(), ApiError> {
    unqualified(arn, parse(arn)?)
}

fn unqualified(arn: &Text, parsed: StepFunctionsArn<'_>) -> Result<(), ApiError> {
    match parsed {
        StepFunctionsArn::StateMachine { qualifier: None, label: None, .. } => Ok(()),
        StepFunctionsArn::StateMachine { .. } => {
            Err(Refusal::StateMachineDoesNotExist { arn: arn.clone() }.into())
        }
        other => Err(ApiError::invalid_arn(other.not_valid_here())),
    }
}

/// A state machine, a version or an alias. What a labelled ARN names is no machine that can be listed or started.
pub(crate) fn named_state_machine(arn: &Text) -> Result<(), ApiError> {
    named(arn, parse(arn)?)
}

fn named(arn: &Text, parsed: StepFunctionsArn<'_>) -> Result<(), ApiError> {
    match parsed {
        StepFunctionsArn::StateMachine { qualifier: Some(_), label: None, .. } => Ok(()),
        other => unqualified(arn, other),
    }
}

/// What can be described: also what the children of a distributed Map run, with its label.
pub(crate) fn described_state_machine(arn: &Text) -> Result<Described, ApiError> {
    match parse(arn)? {
        StepFunctionsArn::StateMachine { label: Some(label), .. } => {
            Ok(Described::Labelled { machine_arn: machine_of_labelled(arn), label: label.into() })
        }
        _ => named_state_machine(arn).map(|()| Described::Named),
    }
}

/// What an ARN that can be described names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Described {
    /// A state machine, a version or an alias.
    Named,
    /// What the children of a distributed Map run.
    Labelled {
        /// The machine that the Map is in.
        machine_arn: Text,
        /// `outer/inner` where the Map is in the processor of another one.
        label: Text,
    },
}

/// The machine that a distributed Map is in, from the ARN of what its children run; another machine's own ARN.
pub(crate) fn machine_of_labelled(arn: &Text) -> Text {
    // Nothing before a label contains a slash.
    arn.split_once('/').map_or_else(|| arn.clone(), |(machine, _)| machine.into())
}

/// As [`state_machine`], for DeleteStateMachine, which knows no other error for a qualified ARN.
pub(crate) fn whole_state_machine(arn: &Text) -> Result<(), ApiError> {
    if let StepFunctionsArn::StateMachine { qualifier: Some(_), .. } = parse(arn)? {
        let message =
            format!("State machine ARNs with a qualifier are not supported by this action: '{arn}'");
        return Err(ApiError::validation(message));
    }
    unlabelled_state_machine(arn)
}

/// As [`state_machine`], for the actions that say so if the ARN is that of a Distributed Map's
/// child machine.
pub(crate) fn unlabelled_state_machine(arn: &Text) -> Result<(), ApiError> {
    unqualified(arn, unlabelled(arn)?)
}

/// What can be started: a state machine, a version or an alias.
pub(crate) fn startable(arn: &Text) -> Result<(), ApiError> {
    named(arn, unlabelled(arn)?)
}

fn unlabelled(arn: &Text) -> Result<StepFunctionsArn<'_>, ApiError> {
    let parsed = parse(arn)?;
    if let StepFunctionsArn::StateMachine { label: Some(_), .. } = parsed {
        let message =
            format!("State machine ARNs with a Map state label are not supported by this action: '{arn}'");
        let error = ApiError::validation(message);
        return Err(error.with_detail("reason", "API_DOES_NOT_SUPPORT_LABELED_ARNS"));
    }
    Ok(parsed)
}

/// The machine of a version, and the version's number.
pub(crate) fn version(arn: &Text) -> Result<(Text, u64), ApiError> {
    match parse(arn)? {
        StepFunctionsArn::StateMachine { qualifier: Some(Qualifier::Version(number)), .. } => {
            Ok((machine_of(arn), number))
        }
        StepFunctionsArn::StateMachine { .. } => {
            Err(ApiError::validation(format!("A state machine version ARN is needed. Received: '{arn}'")))
        }
        other => Err(ApiError::invalid_arn(other.not_valid_here())),
    }
}

/// The machine of an alias, and the alias's name.
pub(crate) fn alias(arn: &Text) -> Result<(Text, Text), ApiError> {
    match parse(arn)? {
        StepFunctionsArn::StateMachine { qualifier: Some(Qualifier::Alias(name)), .. } => {
            Ok((machine_of(arn), name.into()))
        }
        StepFunctionsArn::StateMachine { .. } => {
            Err(ApiError::validation(format!("A state machine alias ARN is needed. Received: '{arn}'")))
        }
        other => Err(ApiError::invalid_arn(other.not_valid_here())),
    }
}

/// Of a qualified ARN.
fn machine_of(arn: &str) -> Text {
    arn.rsplit_once(':').map_or(arn, |(machine, _)| machine).into()
}

/// A STANDARD execution.
pub(crate) fn execution(arn: &str) -> Result<(), ApiError> {
    match parse(arn)? {
        StepFunctionsArn::Execution { .. } => Ok(()),
        other => Err(ApiError::invalid_arn(other.not_valid_here())),
    }
}

/// A STANDARD execution, or an EXPRESS one that a Map Run has begun: then the ARN of the Map Run, whose name is the
/// last part of such an execution's ARN.
pub(crate) fn execution_or_child(arn: &Text) -> Result<Option<Text>, ApiError> {
    match parse(arn)? {
        StepFunctionsArn::ExpressExecution { machine, label: Some(label), uuid, .. } => {
            let (before, _) = arn.split_once(":express:").unwrap_or_default();
            Ok(Some(format!("{before}:mapRun:{machine}/{label}:{uuid}").into()))
        }
        _ => execution(arn).map(|()| None),
    }
}

/// Whether the ARN is that of an execution that a Map Run has begun.
pub(crate) fn is_child(execution_arn: &str) -> bool {
    StepFunctionsArn::parse(execution_arn).is_ok_and(|arn| arn.label().is_some())
}

/// An activity.
pub(crate) fn activity(arn: &str) -> Result<(), ApiError> {
    match parse(arn)? {
        StepFunctionsArn::Activity { .. } => Ok(()),
        other => Err(ApiError::invalid_arn(other.not_valid_here())),
    }
}

/// What can have tags: a state machine (`true`) or an activity (`false`).
pub(crate) fn taggable(arn: &Text) -> Result<bool, ApiError> {
    match parse(arn)? {
        StepFunctionsArn::StateMachine { qualifier: None, label: None, .. } => Ok(true),
        StepFunctionsArn::StateMachine { .. } => Err(Refusal::ResourceNotFound { arn: arn.clone() }.into()),
        StepFunctionsArn::Activity { .. } => Ok(false),
        other => Err(ApiError::invalid_arn(other.not_valid_here())),
    }
}

/// A Map Run.
pub(crate) fn map_run(arn: &str) -> Result<(), ApiError> {
    match parse(arn)? {
        StepFunctionsArn::MapRun { .. } => Ok(()),
        other => Err(ApiError::invalid_arn(other.not_valid_here())),
    }
}

/// A role, of any account.
pub(crate) fn role(arn: &str) -> Result<(), ApiError> {
    let is_role = |parts: Arn<'_>| parts.service == "iam" && parts.resource.starts_with("role/");
    match Arn::parse(arn).is_ok_and(is_role) {
        true => Ok(()),
        false => Err(ApiError::invalid_arn(format!("Invalid Role Arn: '{arn}'"))),
    }
}

fn parse(arn: &str) -> Result<StepFunctionsArn<'_>, ApiError> {
    StepFunctionsArn::parse(arn).map_err(ApiError::invalid_arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_taken_where_it_belongs() {
        let check = |resource: &str, expected: [&str; 8]| {
            let arn = Text::from(format!("arn:aws:states:us-east-1:123456789012:{resource}"));
            let said = |answer: Result<(), ApiError>| match answer {
                Ok(()) => "ok".to_owned(),
                Err(error) => error.code.to_owned(),
            };
            let answers = [
                said(unlabelled_state_machine(&arn)),
                said(startable(&arn)),
                said(execution(&arn)),
                said(activity(&arn)),
                said(taggable(&arn).map(|_| ())),
                said(described_state_machine(&arn).map(drop)),
                said(execution_or_child(&arn).map(drop)),
                said(map_run(&arn)),
            ];
            assert_eq!(answers, expected, "{arn}");
        };
        let bad = "InvalidArn";
        check("stateMachine:m", ["ok", "ok", bad, bad, "ok", "ok", bad, bad]);
        check(
            "stateMachine:m:1",
            ["StateMachineDoesNotExist", "ok", bad, bad, "ResourceNotFound", "ok", bad, bad],
        );
        check(
            "stateMachine:m:live",
            ["StateMachineDoesNotExist", "ok", bad, bad, "ResourceNotFound", "ok", bad, bad],
        );
        check(
            "stateMachine:m/label",
            ["ValidationException", "ValidationException", bad, bad, "ResourceNotFound", "ok", bad, bad],
        );
        check("execution:m:e", [bad, bad, "ok", bad, bad, bad, "ok", bad]);
        check("execution:m/label:e", [bad, bad, "ok", bad, bad, bad, "ok", bad]);
        check("express:m:e:u", [bad, bad, bad, bad, bad, bad, bad, bad]);
        check("express:m/label:e:u", [bad, bad, bad, bad, bad, bad, "ok", bad]);
        check("mapRun:m/label:u", [bad, bad, bad, bad, bad, bad, bad, "ok"]);
        check("activity:a", [bad, bad, bad, "ok", "ok", bad, bad, bad]);
    }

    #[test]
    fn versions_and_aliases_are_taken_apart() {
        let arn = |qualifier: &str| Text::from(format!("arn:aws:states:us-east-1:123456789012:{qualifier}"));
        let machine = arn("stateMachine:m");
        assert_eq!(version(&arn("stateMachine:m:12")), Ok((machine.clone(), 12)));
        assert_eq!(alias(&arn("stateMachine:m:live")), Ok((machine.clone(), "live".into())));
        let code = |answer: Result<(), ApiError>| answer.expect_err("refused").code;
        for other in ["stateMachine:m", "stateMachine:m:live", "stateMachine:m/label"] {
            assert_eq!(code(version(&arn(other)).map(drop)), "ValidationException", "{other}");
        }
        for other in ["stateMachine:m", "stateMachine:m:1", "stateMachine:m/label"] {
            assert_eq!(code(alias(&arn(other)).map(drop)), "ValidationException", "{other}");
        }
        for other in ["activity:m", "execution:m:1", "stateMachine:m:0"] {
            assert_eq!(code(version(&arn(other)).map(drop)), "InvalidArn", "{other}");
            assert_eq!(code(alias(&arn(other)).map(drop)), "InvalidArn", "{other}");
        }
    }

    #[test]
    fn what_belongs_to_a_distributed_map_leads_to_its_machine_and_its_map_run() {
        let arn = |resource: &str| Text::from(format!("arn:aws:states:us-east-1:123456789012:{resource}"));
        let run = execution_or_child(&arn("express:m/outer/inner:name:run"));
        assert_eq!(run, Ok(Some(arn("mapRun:m/outer/inner:run"))));
        assert_eq!(execution_or_child(&arn("execution:m/L:name")), Ok(None));
        assert_eq!(machine_of_labelled(&arn("stateMachine:m/outer/inner")), arn("stateMachine:m"));
        assert_eq!(machine_of_labelled(&arn("stateMachine:m")), arn("stateMachine:m"));
        let labelled = described_state_machine(&arn("stateMachine:m/L"));
        let machine_arn = arn("stateMachine:m");
        assert_eq!(labelled, Ok(Described::Labelled { machine_arn, label: "L".into() }));
        assert!(is_child(&arn("execution:m/L:e")) && !is_child(&arn("execution:m:e")));
    }

    #[test]
    fn refusals_have_the_words_of_the_service() {
        let message = |answer: Result<(), ApiError>| answer.expect_err("refused").message;
        assert_eq!(message(execution("invalid_arn")), "Invalid Arn: 'Invalid ARN prefix: invalid_arn'");
        assert_eq!(
            message(execution("arn:aws:states:us-east-1:123456789012:express:m:e:u")),
            "Invalid Arn: 'Resource type not valid in this context: express'"
        );
        let version = Text::from("arn:aws:states:us-east-1:123456789012:stateMachine:m:1");
        assert_eq!(message(state_machine(&version)), format!("State Machine Does Not Exist: '{version}'"));
        assert_eq!(
            message(map_run(&version)),
            "Invalid Arn: 'Resource type not valid in this context: stateMachine'"
        );
    }
}
