//! Where the states and transitions of a definition lie, for whoever draws them; of an execution with what it has
//! done there. It is an extension: AWS has nothing like it. (docs/graph.md)
//!
//! Nothing is evaluated, and a definition need not compile. Never here: how a layout is made (that is `graph`).

use std::sync::Arc;

use engine::{Engine, Refusal};
use execution::Status;
use graph::{Iterations, Layout, Statuses};
use hyper::body::Bytes;
use json::{Object, Text, Value};
use store::{By, ExecutionView, Named};

use crate::distributed::Processor;
use crate::error::ApiError;
use crate::resource::{self, Described};

/// Where it is.
pub(crate) const PATH: &str = "/v1/layout";
/// Its name in metrics.
pub(crate) const NAME: &str = "Layout";
/// The longest definition. (spec/api.md, limits)
pub(crate) const BODY_BYTES_MAX: usize = 1 << 20;

/// As what it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Svg,
}

/// What the query asks for.
#[derive(Debug, PartialEq)]
pub(crate) struct Request {
    subject: Subject,
    pub format: Format,
}

#[derive(Clone, Debug, PartialEq)]
enum Subject {
    /// The definition in the body.
    Body,
    StateMachine(Text),
    Execution(Text),
}

/// What is drawn.
struct Picture {
    title: String,
    definition: Text,
    /// Who it belongs to, as the answer says it.
    head: Object,
    statuses: Option<Statuses>,
}

impl Request {
    /// Reads the query of a GET, or of a POST, whose body is the definition.
    pub fn read(query: Option<&str>, is_post: bool) -> Result<Request, ApiError> {
        let mut format = Format::Json;
        let mut subject = is_post.then_some(Subject::Body);
        let pairs = query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        for pair in pairs {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(value).ok_or_else(|| {
                ApiError::validation(format!("The value of {name} is not percent-encoded UTF-8."))
            })?;
            match (name, &*value) {
                ("format", "json") => format = Format::Json,
                ("format", "svg") => format = Format::Svg,
                ("format", _) => {
                    return Err(ApiError::validation(format!(
                        "There is no format '{value}': it is json or svg."
                    )));
                }
                ("stateMachineArn", _) if subject.is_none() => {
                    subject = Some(Subject::StateMachine(value.into()));
                }
                ("executionArn", _) if subject.is_none() => subject = Some(Subject::Execution(value.into())),
                ("stateMachineArn" | "executionArn", _) => {
                    return Err(ApiError::validation(
                        "A layout is of one thing: stateMachineArn, executionArn, or a definition that is sent by POST.",
                    ));
                }
                _ => {
                    let known = "stateMachineArn, executionArn and format";
                    return Err(ApiError::validation(format!(
                        "There is no parameter '{name}': there are {known}."
                    )));
                }
            }
        }
        let Some(subject) = subject else {
            return Err(ApiError::validation(
                "Say of what: stateMachineArn=… or executionArn=…, or send a definition by POST.",
            ));
        };
        Ok(Request { subject, format })
    }
}

/// The layout, as JSON or as SVG.
pub(crate) async fn answer(engine: &Engine, request: Request, body: Bytes) -> Result<String, ApiError> {
    let picture = match &request.subject {
        Subject::Body => of_body(&body)?,
        Subject::StateMachine(arn) => of_state_machine(engine, arn)?,
        Subject::Execution(arn) => of_execution(engine, arn)?,
    };
    // A definition of 1 MiB takes a while, and others wait for their answers.
    let drawn = tokio::task::spawn_blocking(move || draw(&picture, request.format));
    drawn.await.map_err(|_| ApiError::new("InternalFailure", "The layout failed.").with_status(500))?
}

fn draw(picture: &Picture, format: Format) -> Result<String, ApiError> {
    let definition = Value::parse(&picture.definition)
        .map_err(|error| invalid_definition(error.message_with_location(&picture.definition)))?;
    let layout = Layout::of(&definition).map_err(|error| ApiError::validation(error.to_string()))?;
    match format {
        Format::Svg => Ok(graph::svg(&layout, picture.statuses.as_ref(), &picture.title)),
        Format::Json => {
            let mut answer = picture.head.clone();
            let layout = layout.to_json(picture.statuses.as_ref());
            for (name, value) in layout.as_object().into_iter().flat_map(Object::iter) {
                answer.insert(name.clone(), value);
            }
            Ok(Value::from(answer).to_text())
        }
    }
}

fn of_body(body: &[u8]) -> Result<Picture, ApiError> {
    let text = std::str::from_utf8(body).map_err(|_| invalid_definition("it is not UTF-8".to_owned()))?;
    Ok(Picture {
        title: "State machine".to_owned(),
        definition: text.into(),
        head: Object::new(),
        statuses: None,
    })
}

/// A machine's current definition, a version's, or that of the first version of an alias; of a labelled ARN, what
/// the children of its distributed Map run.
fn of_state_machine(engine: &Engine, arn: &Text) -> Result<Picture, ApiError> {
    let unknown = || ApiError::from(Refusal::StateMachineDoesNotExist { arn: arn.clone() });
    let (name, definition) = match resource::described_state_machine(arn)? {
        Described::Labelled { machine_arn, label } => {
            let machine = engine.store().machine(&machine_arn).ok_or_else(unknown)?;
            let compiled = engine.compiled(machine.current.number).ok_or_else(unknown)?;
            let definition = &machine.current.definition;
            let processor = Processor::labelled(&machine_arn, &compiled, definition, &label);
            (format!("{}/{label}", machine.name), processor.ok_or_else(unknown)?.definition.into())
        }
        Described::Named => {
            let Named { machine, by } = engine.store().named(arn).ok_or_else(unknown)?;
            let version = match by {
                By::Machine => None,
                By::Version(version) => Some(version),
                By::Alias(alias) => {
                    let number = alias.routes.first().map(|route| route.version);
                    number.and_then(|number| machine.published.version(number)).cloned()
                }
            };
            let revision = version.as_ref().map_or(&machine.current, |version| &version.revision);
            (machine.name.to_string(), Text::from(&*revision.definition))
        }
    };
    let mut head = Object::new();
    head.insert("stateMachineArn", arn);
    head.insert("name", name.as_str());
    Ok(Picture { title: name, definition, head, statuses: None })
}

fn of_execution(engine: &Engine, arn: &Text) -> Result<Picture, ApiError> {
    resource::execution(arn)?;
    engine.check_owner(arn)?;
    let store = engine.store();
    let unknown = || ApiError::from(Refusal::ExecutionDoesNotExist { arn: arn.clone() });
    let view = store.execution(arn)?.ok_or_else(unknown)?;
    // All of it: its length has a bound of its own.
    let history = store.history(arn, 0, usize::MAX, false)?.ok_or_else(unknown)?;
    let mut statuses = Statuses::of(&history.events);
    let map_runs: Vec<Text> = statuses.map_runs().cloned().collect();
    for map_run_arn in map_runs {
        if let Some(map_run) = store.map_run(&map_run_arn)? {
            let items = map_run.summary.items;
            let items = Iterations {
                total: items.total(),
                running: items.running,
                succeeded: items.succeeded,
                failed: items.failed + items.timed_out,
                aborted: items.aborted,
            };
            statuses.set_items(&map_run_arn, items);
        }
    }
    let status = status_name(view.status);
    let mut head = Object::new();
    head.insert("executionArn", arn);
    head.insert("stateMachineArn", &view.start.state_machine_arn);
    head.insert("name", &view.start.name);
    head.insert("status", status);
    let title = format!("{} · {}: {status}", view.start.state_machine_name, view.start.name);
    Ok(Picture { title, definition: definition_of(engine, &view)?, head, statuses: Some(statuses) })
}

/// What the execution runs: the revision that it began with, or the part of that which is a Map Run's.
fn definition_of(engine: &Engine, view: &ExecutionView) -> Result<Text, ApiError> {
    let Some(revision) = engine.store().revision(view.start.revision) else {
        let arn = view.start.state_machine_arn.clone();
        return Err(Refusal::StateMachineDoesNotExist { arn }.into());
    };
    let part = view.start.child_of.as_ref().and_then(|child| {
        let compiled: Arc<asl::StateMachine> = engine.compiled(revision.number)?;
        Processor::numbered(&compiled, &revision.definition, child.processor)
    });
    Ok(part.map_or_else(|| Text::from(&*revision.definition), |part| part.definition.into()))
}

fn invalid_definition(why: String) -> ApiError {
    ApiError::new("InvalidDefinition", format!("Invalid State Machine Definition: '{why}'"))
}

fn status_name(status: Status) -> &'static str {
    match status {
        Status::Running => "RUNNING",
        Status::Succeeded => "SUCCEEDED",
        Status::Failed => "FAILED",
        Status::TimedOut => "TIMED_OUT",
        Status::Aborted => "ABORTED",
    }
}

/// A value of a query: `%3A` is `:`, and `+` is a space.
fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                (digit()? * 16 + digit()?) as u8
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let check = |query: &str, is_post, expected: Result<Request, &str>| {
            let read = Request::read(Some(query), is_post);
            let read = read.map_err(|error| format!("{}: {}", error.code, error.message));
            assert_eq!(read, expected.map_err(str::to_owned), "{query}");
        };
        let request = |subject, format| Ok(Request { subject, format });
        check("", true, request(Subject::Body, Format::Json));
        check("format=svg", true, request(Subject::Body, Format::Svg));
        check("executionArn=arn%3aa:b", false, request(Subject::Execution("arn:a:b".into()), Format::Json));
        check(
            "stateMachineArn=arn:a&format=svg&",
            false,
            request(Subject::StateMachine("arn:a".into()), Format::Svg),
        );
        let one = "ValidationException: A layout is of one thing: stateMachineArn, executionArn, or a definition that is \
                   sent by POST.";
        check("executionArn=a&stateMachineArn=b", false, Err(one));
        check("executionArn=a", true, Err(one));
        check(
            "",
            false,
            Err(
                "ValidationException: Say of what: stateMachineArn=… or executionArn=…, or send a definition by POST.",
            ),
        );
        check("format=png", true, Err("ValidationException: There is no format 'png': it is json or svg."));
        check(
            "x=1",
            true,
            Err(
                "ValidationException: There is no parameter 'x': there are stateMachineArn, executionArn and format.",
            ),
        );
        for wrong in ["executionArn=%", "executionArn=%4", "executionArn=%zz", "executionArn=%ff"] {
            check(
                wrong,
                false,
                Err("ValidationException: The value of executionArn is not percent-encoded UTF-8."),
            );
        }
    }
}
