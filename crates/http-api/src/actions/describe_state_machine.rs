//! DescribeStateMachine: what new executions would run, what a version is, or what the children of a distributed Map
//! would run.

use std::sync::Arc;

use asl::StateMachine;
use engine::Refusal;
use json::Text;
use store::{By, Machine, MachineStatus, MachineType, Named, Revision, Version};

use super::Call;
use crate::answer::{self, ObjectWriter};
use crate::constraint;
use crate::distributed::Processor;
use crate::error::ApiError;
use crate::members::Body;
use crate::resource::{self, Described};

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    if let Described::Labelled { machine_arn, label } = &request.described {
        return labelled(call, &request, machine_arn, label);
    }
    let (machine, version) = match call.engine.store().named(&request.arn) {
        Some(Named { machine, by: By::Machine }) => (machine, None),
        Some(Named { machine, by: By::Version(version) }) => (machine, Some(version)),
        // An alias is described by an action of its own.
        Some(Named { by: By::Alias(_), .. }) | None => {
            return Err(Refusal::StateMachineDoesNotExist { arn: request.arn }.into());
        }
    };
    let revision = version.as_ref().map_or(&machine.current, |version| &version.revision);
    let compiled = request.with_data.then(|| call.engine.compiled(revision.number)).flatten();
    Ok(write(&machine, version.as_deref(), compiled, request.with_data))
}

/// What the children of a distributed Map would run.
fn labelled(call: &Call<'_>, request: &Request, machine_arn: &Text, label: &str) -> Result<String, ApiError> {
    let machine = call.engine.store().machine(machine_arn);
    let found = machine.and_then(|machine| {
        let compiled = call.engine.compiled(machine.current.number)?;
        let processor = Processor::labelled(machine_arn, &compiled, &machine.current.definition, label)?;
        Some((machine, processor))
    });
    match found {
        Some((machine, processor)) => Ok(write_labelled(&machine, label, &processor, request.with_data)),
        None => Err(Refusal::StateMachineDoesNotExist { arn: request.arn.clone() }.into()),
    }
}

/// Which machine, and how much of it.
struct Request {
    arn: Text,
    described: Described,
    with_data: bool,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let arn = members.required_text("stateMachineArn", &constraint::ARN)?;
    let included = members.choice("includedData", constraint::INCLUDED_DATA)?;
    members.check()?;
    let described = resource::described_state_machine(&arn)?;
    Ok(Request { arn, described, with_data: included != Some("METADATA_ONLY") })
}

fn write(
    machine: &Machine,
    version: Option<&Version>,
    compiled: Option<Arc<StateMachine>>,
    with_data: bool,
) -> String {
    let arn = version.map_or_else(|| machine.arn.clone(), |version| machine.version_arn(version.number));
    let created_at = version.map_or(machine.created_at, |version| version.created_at);
    let revision = version.map_or(&machine.current, |version| &version.revision);
    answer::object(|answer| {
        answer.text("stateMachineArn", &arn);
        answer.text("name", &machine.name);
        answer.text("status", machine_status_name(machine.status));
        answer.text("type", type_name(machine.machine_type));
        answer.time("creationDate", created_at);
        answer.optional_text("description", version.and_then(|version| version.description.as_deref()));
        let references = compiled.as_deref().map_or(&[][..], |compiled| &compiled.variable_references);
        write_revision(answer, revision, &revision.definition, references, with_data);
    })
}

fn write_labelled(machine: &Machine, label: &str, processor: &Processor, with_data: bool) -> String {
    answer::object(|answer| {
        answer.text("stateMachineArn", &format!("{}/{label}", machine.arn));
        answer.text("name", &format!("{}/{label}", machine.name));
        answer.text("status", machine_status_name(machine.status));
        answer.text("type", if processor.is_express { "EXPRESS" } else { "STANDARD" });
        answer.time("creationDate", machine.created_at);
        answer.text("label", label);
        let Processor { definition, variable_references, .. } = processor;
        write_revision(answer, &machine.current, definition, variable_references, with_data);
    })
}

fn machine_status_name(status: MachineStatus) -> &'static str {
    match status {
        MachineStatus::Active => "ACTIVE",
        MachineStatus::Deleting => "DELETING",
    }
}

/// What a machine's description shows of a revision, of which the `definition` may be a part. Without data the
/// definition is `{}`.
pub(super) fn write_revision(
    answer: &mut ObjectWriter<'_>,
    revision: &Revision,
    definition: &str,
    references: &[(Text, Vec<Text>)],
    with_data: bool,
) {
    answer.text("definition", if with_data { definition } else { "{}" });
    answer.text("roleArn", &revision.role_arn);
    answer.value("loggingConfiguration", &revision.logging);
    answer.value("tracingConfiguration", &revision.tracing);
    answer.value("encryptionConfiguration", &revision.encryption);
    answer.optional_text("revisionId", revision.revision_id.as_deref());
    if with_data && !references.is_empty() {
        answer.object("variableReferences", |states| {
            for (state, variables) in references {
                states.foreign_texts(state, variables.iter().map(|variable| variable.as_str()));
            }
        });
    }
}

/// The API's name of a machine type.
pub(crate) fn type_name(machine_type: MachineType) -> &'static str {
    match machine_type {
        MachineType::Standard => "STANDARD",
        MachineType::Express => "EXPRESS",
    }
}

#[cfg(test)]
pub(super) mod tests {
    use asl::Timestamp;

    use super::*;
    use crate::actions::testing::outcome;
    use crate::configuration;

    /// A machine `m` in its first revision.
    pub fn machine() -> Machine {
        let revision = Revision {
            number: 1,
            machine_arn: "arn:m".into(),
            revision_id: None,
            definition: r#"{ "StartAt": "A" }"#.into(),
            role_arn: "arn:r".into(),
            logging: configuration::logging_default(),
            tracing: configuration::tracing_default(),
            encryption: configuration::encryption_default(),
            updated_at: Timestamp(2000),
        };
        Machine {
            arn: "arn:m".into(),
            name: "m".into(),
            machine_type: MachineType::Standard,
            status: MachineStatus::Active,
            created_at: Timestamp(1000),
            current: Arc::new(revision),
            tags: Vec::new(),
            published: Arc::default(),
        }
    }

    /// What [`write_revision`] adds for [`machine`].
    pub const REVISION: &str = concat!(
        r#""definition":"{ \"StartAt\": \"A\" }","roleArn":"arn:r","#,
        r#""loggingConfiguration":{"level":"OFF","includeExecutionData":false},"#,
        r#""tracingConfiguration":{"enabled":false},"encryptionConfiguration":{"type":"AWS_OWNED_KEY"}"#
    );

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            let show = |request: Request| format!("{} {}", request.arn, request.with_data);
            assert_eq!(outcome(read, show, body), expected);
        };
        check(
            r#"{"stateMachineArn":"ARN:stateMachine:m"}"#,
            "arn:aws:states:us-east-1:123456789012:stateMachine:m true",
        );
        check(r#"{"stateMachineArn":"no_arn"}"#, "InvalidArn: Invalid Arn: 'Invalid ARN prefix: no_arn'");
        check(
            r#"{"stateMachineArn":"ARN:stateMachine:m:1"}"#,
            "arn:aws:states:us-east-1:123456789012:stateMachine:m:1 true",
        );
        check(
            r#"{"stateMachineArn":"ARN:stateMachine:m/l"}"#,
            "arn:aws:states:us-east-1:123456789012:stateMachine:m/l true",
        );
    }

    #[test]
    fn answers() {
        let head = r#"{"stateMachineArn":"arn:m","name":"m","status":"ACTIVE","type":"STANDARD","creationDate":1.000,"#;
        assert_eq!(write(&machine(), None, None, true), format!("{head}{REVISION}}}"));
        assert!(write(&machine(), None, None, false).contains(r#""definition":"{}""#));
    }

    #[test]
    fn a_version_is_shown_with_what_is_its_own() {
        let machine = machine();
        let version = Version {
            number: 3,
            revision: Arc::new(Revision {
                revision_id: Some("r".into()),
                ..Revision::clone(&machine.current)
            }),
            description: Some("as it was".into()),
            created_at: Timestamp(5000),
        };
        let head = concat!(
            r#"{"stateMachineArn":"arn:m:3","name":"m","status":"ACTIVE","type":"STANDARD","#,
            r#""creationDate":5.000,"description":"as it was","#
        );
        let expected = format!(r#"{head}{REVISION},"revisionId":"r"}}"#);
        assert_eq!(write(&machine, Some(&version), None, true), expected);
    }

    #[test]
    fn variable_references_are_shown_by_state() {
        let text = answer::object(|answer| {
            let references =
                [("A \"b\"".into(), vec!["x".into(), "y".into()]), ("B".into(), vec!["x".into()])];
            let revision = machine().current;
            write_revision(answer, &revision, &revision.definition, &references, true);
        });
        assert!(text.ends_with(r#","variableReferences":{"A \"b\"":["x","y"],"B":["x"]}}"#), "{text}");
    }

    #[test]
    fn what_the_children_of_a_map_run_has_its_label() {
        let processor = Processor {
            definition: r#"{ "StartAt": "A" }"#.to_owned(),
            variable_references: Vec::new(),
            is_express: true,
        };
        let text = write_labelled(&machine(), "L", &processor, true);
        let head = concat!(
            r#"{"stateMachineArn":"arn:m/L","name":"m/L","status":"ACTIVE","type":"EXPRESS","creationDate":1.000,"#,
            r#""label":"L","#
        );
        assert_eq!(text, format!("{head}{REVISION}}}"));
    }
}
