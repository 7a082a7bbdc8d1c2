//! The ARNs of Step Functions' own resources.
//!
//! Where a distributed Map runs its children, its label stands behind the machine's name: `machine/label`. Of a
//! distributed Map within another one's children, both labels do: `machine/outer/inner`.

use std::fmt;

use crate::{Arn, InvalidArn, label_is_valid, name_is_valid};

/// A resource of Step Functions, borrowed from the text of its ARN. Whether it exists, and in
/// whose account, is another question; [`Arn::parse`] tells the latter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepFunctionsArn<'a> {
    /// `stateMachine:name`, `stateMachine:name:qualifier`, `stateMachine:name/label`
    StateMachine {
        /// The machine.
        name: &'a str,
        /// A version or alias of it.
        qualifier: Option<Qualifier<'a>>,
        /// The Distributed Map state whose child machine is meant.
        label: Option<&'a str>,
    },
    /// `execution:machine:name`, `execution:machine/label:name` (a STANDARD one)
    Execution {
        /// Its state machine.
        machine: &'a str,
        /// Of a child: the Distributed Map state that it belongs to.
        label: Option<&'a str>,
        /// The execution.
        name: &'a str,
    },
    /// `express:machine:name:uuid`, `express:machine/label:name:uuid`
    ExpressExecution {
        /// Its state machine.
        machine: &'a str,
        /// Of a child: the Distributed Map state that it belongs to.
        label: Option<&'a str>,
        /// The execution.
        name: &'a str,
        /// Which of the executions with that name.
        uuid: &'a str,
    },
    /// `activity:name`
    Activity {
        /// The activity.
        name: &'a str,
    },
    /// `mapRun:machine/label:uuid`
    MapRun {
        /// The state machine.
        machine: &'a str,
        /// The Distributed Map state.
        label: &'a str,
        /// Which of its runs.
        uuid: &'a str,
    },
}

/// What may follow a state machine's name. An alias is never all digits, so it is never both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier<'a> {
    /// A published version, from 1.
    Version(u64),
    /// An alias.
    Alias(&'a str),
}

impl<'a> StepFunctionsArn<'a> {
    /// Parses the ARN of any resource of Step Functions.
    pub fn parse(text: &'a str) -> Result<StepFunctionsArn<'a>, InvalidArn> {
        let arn = Arn::parse(text)?;
        if arn.service != "states" {
            return Err(InvalidArn::Service { service: arn.service.to_owned() });
        }
        let malformed = || InvalidArn::Malformed { text: text.to_owned() };
        let mut parts = arn.resource.split(':');
        let resource_type = parts.next().unwrap_or_default();
        let parts: Vec<&str> = parts.collect();
        if parts.iter().any(|part| part.is_empty()) {
            return Err(malformed());
        }
        let resource = match (resource_type, parts.as_slice()) {
            ("stateMachine", [machine]) => {
                let (name, label) = split_label(machine);
                StepFunctionsArn::StateMachine { name, qualifier: None, label }
            }
            ("stateMachine", [name, qualifier]) => StepFunctionsArn::StateMachine {
                name,
                qualifier: Some(Qualifier::parse(qualifier).ok_or_else(malformed)?),
                label: None,
            },
            ("execution", [machine, name]) => {
                let (machine, label) = split_label(machine);
                StepFunctionsArn::Execution { machine, label, name }
            }
            ("express", [machine, name, uuid]) => {
                let (machine, label) = split_label(machine);
                StepFunctionsArn::ExpressExecution { machine, label, name, uuid }
            }
            ("activity", [name]) => StepFunctionsArn::Activity { name },
            ("mapRun", [machine, uuid]) => {
                let (machine, label) = split_label(machine);
                StepFunctionsArn::MapRun { machine, label: label.ok_or_else(malformed)?, uuid }
            }
            ("stateMachine" | "execution" | "express" | "activity" | "mapRun", _) => {
                return Err(malformed());
            }
            _ => return Err(InvalidArn::ResourceType { resource_type: resource_type.to_owned() }),
        };
        if resource.names().into_iter().flatten().all(name_is_valid)
            && resource.label().is_none_or(label_is_valid)
        {
            Ok(resource)
        } else {
            Err(malformed())
        }
    }

    /// The kind as the ARN has it: `stateMachine`, `execution`, `express`, `activity`, `mapRun`.
    pub fn resource_type(&self) -> &'static str {
        match self {
            StepFunctionsArn::StateMachine { .. } => "stateMachine",
            StepFunctionsArn::Execution { .. } => "execution",
            StepFunctionsArn::ExpressExecution { .. } => "express",
            StepFunctionsArn::Activity { .. } => "activity",
            StepFunctionsArn::MapRun { .. } => "mapRun",
        }
    }

    /// The error of an action that does not take this kind of resource.
    pub fn not_valid_here(&self) -> InvalidArn {
        InvalidArn::ResourceType { resource_type: self.resource_type().to_owned() }
    }

    /// The distributed Map that it belongs to.
    pub fn label(&self) -> Option<&'a str> {
        match *self {
            StepFunctionsArn::StateMachine { label, .. }
            | StepFunctionsArn::Execution { label, .. }
            | StepFunctionsArn::ExpressExecution { label, .. } => label,
            StepFunctionsArn::MapRun { label, .. } => Some(label),
            StepFunctionsArn::Activity { .. } => None,
        }
    }

    /// The parts that follow the rule of resource names.
    fn names(&self) -> [Option<&'a str>; 2] {
        match *self {
            StepFunctionsArn::StateMachine { name, .. } | StepFunctionsArn::Activity { name } => {
                [Some(name), None]
            }
            StepFunctionsArn::Execution { machine, name, .. }
            | StepFunctionsArn::ExpressExecution { machine, name, .. } => [Some(machine), Some(name)],
            StepFunctionsArn::MapRun { machine, .. } => [Some(machine), None],
        }
    }
}

impl<'a> Qualifier<'a> {
    /// A whole number from 1 is a version; else it must be the name of an alias.
    pub fn parse(text: &'a str) -> Option<Qualifier<'a>> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return match text.parse() {
                Ok(version) if version > 0 && !text.starts_with('0') => Some(Qualifier::Version(version)),
                _ => None,
            };
        }
        crate::alias_name_is_valid(text).then_some(Qualifier::Alias(text))
    }
}

impl fmt::Display for Qualifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Qualifier::Version(version) => write!(f, "{version}"),
            Qualifier::Alias(alias) => f.write_str(alias),
        }
    }
}

/// `machine/label`; names of machines contain no slash, labels may.
fn split_label(machine: &str) -> (&str, Option<&str>) {
    match machine.split_once('/') {
        Some((machine, label)) => (machine, Some(label)),
        None => (machine, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scope;

    #[test]
    fn every_constructed_arn_parses_to_what_it_was_made_of() {
        let scope = Scope::default();
        let check = |text: String, expected: StepFunctionsArn<'_>| {
            assert_eq!(StepFunctionsArn::parse(&text), Ok(expected), "{text}");
        };
        let machine = |qualifier, label| StepFunctionsArn::StateMachine { name: "M", qualifier, label };
        check(scope.state_machine("M"), machine(None, None));
        check(scope.version("M", 3), machine(Some(Qualifier::Version(3)), None));
        check(scope.alias("M", "live"), machine(Some(Qualifier::Alias("live")), None));
        check(scope.labelled_machine("M", "L"), machine(None, Some("L")));
        check(
            scope.execution("M", "e"),
            StepFunctionsArn::Execution { machine: "M", label: None, name: "e" },
        );
        check(
            scope.child_execution("M", "L", "e"),
            StepFunctionsArn::Execution { machine: "M", label: Some("L"), name: "e" },
        );
        check(
            scope.express_execution("M", "e", "u"),
            StepFunctionsArn::ExpressExecution { machine: "M", label: None, name: "e", uuid: "u" },
        );
        check(
            scope.express_child_execution("M", "L", "e", "u"),
            StepFunctionsArn::ExpressExecution { machine: "M", label: Some("L"), name: "e", uuid: "u" },
        );
        check(scope.activity("A"), StepFunctionsArn::Activity { name: "A" });
        check(scope.map_run("M", "L", "u"), StepFunctionsArn::MapRun { machine: "M", label: "L", uuid: "u" });
        check(
            scope.map_run("M", "L/N", "u"),
            StepFunctionsArn::MapRun { machine: "M", label: "L/N", uuid: "u" },
        );
    }

    #[test]
    fn refusals() {
        let check = |resource: &str, message: &str| {
            let text = format!("arn:aws:states:us-east-1:123456789012:{resource}");
            let message = message.replace('…', &text);
            let refused = StepFunctionsArn::parse(&text).map_err(|error| error.to_string());
            assert_eq!(refused, Err(format!("Invalid Arn: '{message}'")));
        };
        check("queue:x", "Resource type not valid in this context: queue");
        check("stateMachine", "Malformed ARN: …");
        check("stateMachine:", "Malformed ARN: …");
        check("stateMachine:a:0", "Malformed ARN: …");
        check("stateMachine:a:01", "Malformed ARN: …");
        check("stateMachine:a:1:2", "Malformed ARN: …");
        check("stateMachine:a b", "Malformed ARN: …");
        check("stateMachine:a/", "Malformed ARN: …");
        check("stateMachine:a/b//c", "Malformed ARN: …");
        check("stateMachine:a/b c", "Malformed ARN: …");
        check("stateMachine:/b", "Malformed ARN: …");
        check("stateMachine:a/b:1", "Malformed ARN: …");
        check("execution:a", "Malformed ARN: …");
        check("express:a:b", "Malformed ARN: …");
        check("mapRun:a:u", "Malformed ARN: …");
        check("mapRun:a/:u", "Malformed ARN: …");
        check("mapRun:a/b", "Malformed ARN: …");
        let lambda = StepFunctionsArn::parse("arn:aws:lambda:us-east-1:123456789012:function:f");
        assert_eq!(lambda, Err(InvalidArn::Service { service: "lambda".to_owned() }));
    }

    #[test]
    fn an_action_can_refuse_a_kind() {
        let text = Scope::default().express_execution("M", "e", "u");
        let refusal = StepFunctionsArn::parse(&text).unwrap().not_valid_here().to_string();
        assert_eq!(refusal, "Invalid Arn: 'Resource type not valid in this context: express'");
    }
}
