//! Which ARNs an action takes.
//!
//! Never here: whether the resource exists, except where this version cannot have any of its kind.

use aws_names::{Arn, Qualifier, StepFunctionsArn};
use engine::Refusal;
use json::Text;

use crate::error::ApiError;

/// An unqualified state machine: what a qualified ARN names is none.
pub(crate) fn state_machine(arn: &Text) -> Result<(), ApiError> {
    match parse(arn)? {
        StepFunctionsArn::StateMachine { qualifier: None, label: None, .. } => Ok(()),
        StepFunctionsArn::StateMachine { .. } => {
            Err(Refusal::StateMachineDoesNotExist { arn: arn.clone() }.into())
        }
        other => Err(ApiError::invalid_arn(other.not_valid_here())),
    }
}

/// A state machine, a version or an alias. This version has no Distributed Maps, so what a labelled ARN
/// names does not exist.
pub(crate) fn named_state_machine(arn: &Text) -> Result<(), ApiError> {
    match parse(arn)? {
        StepFunctionsArn::StateMachine { qualifier: Some(_), label: None, .. } => Ok(()),
        _ => state_machine(arn),
    }
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
    refuse_label(arn)?;
    state_machine(arn)
}

/// What can be started: a state machine, a version or an alias.
pub(crate) fn startable(arn: &Text) -> Result<(), ApiError> {
    refuse_label(arn)?;
    named_state_machine(arn)
}

fn refuse_label(arn: &Text) -> Result<(), ApiError> {
    if let StepFunctionsArn::StateMachine { label: Some(_), .. } = parse(arn)? {
        let message =
            format!("State machine ARNs with a Map state label are not supported by this action: '{arn}'");
        let error = ApiError::validation(message);
        return Err(error.with_detail("reason", "API_DOES_NOT_SUPPORT_LABELED_ARNS"));
    }
    Ok(())
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

/// The ARN of something that this version never has: a Map Run.
pub(crate) fn map_run(arn: &Text) -> ApiError {
    match parse(arn) {
        Ok(StepFunctionsArn::MapRun { .. }) => Refusal::ResourceNotFound { arn: arn.clone() }.into(),
        Ok(other) => ApiError::invalid_arn(other.not_valid_here()),
        Err(error) => error,
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
        let check = |resource: &str, expected: [&str; 5]| {
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
            ];
            assert_eq!(answers, expected, "{arn}");
        };
        check("stateMachine:m", ["ok", "ok", "InvalidArn", "InvalidArn", "ok"]);
        check(
            "stateMachine:m:1",
            ["StateMachineDoesNotExist", "ok", "InvalidArn", "InvalidArn", "ResourceNotFound"],
        );
        check(
            "stateMachine:m:live",
            ["StateMachineDoesNotExist", "ok", "InvalidArn", "InvalidArn", "ResourceNotFound"],
        );
        check(
            "stateMachine:m/label",
            ["ValidationException", "ValidationException", "InvalidArn", "InvalidArn", "ResourceNotFound"],
        );
        check("execution:m:e", ["InvalidArn", "InvalidArn", "ok", "InvalidArn", "InvalidArn"]);
        check("express:m:e:u", ["InvalidArn", "InvalidArn", "InvalidArn", "InvalidArn", "InvalidArn"]);
        check("activity:a", ["InvalidArn", "InvalidArn", "InvalidArn", "ok", "ok"]);
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
    fn refusals_have_the_words_of_the_service() {
        let message = |answer: Result<(), ApiError>| answer.expect_err("refused").message;
        assert_eq!(message(execution("invalid_arn")), "Invalid Arn: 'Invalid ARN prefix: invalid_arn'");
        assert_eq!(
            message(execution("arn:aws:states:us-east-1:123456789012:express:m:e:u")),
            "Invalid Arn: 'Resource type not valid in this context: express'"
        );
        let version = Text::from("arn:aws:states:us-east-1:123456789012:stateMachine:m:1");
        assert_eq!(message(state_machine(&version)), format!("State Machine Does Not Exist: '{version}'"));
        assert_eq!(map_run(&version).code, "InvalidArn");
    }
}
