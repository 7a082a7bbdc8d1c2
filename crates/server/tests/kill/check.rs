//! Whether an execution that was acknowledged is there, whole, and happened once.

use json::Value;

use crate::harness::{CallError, Client, text};
use crate::world::{Started, World};

/// What is wrong with an execution.
#[derive(Debug, PartialEq, Eq)]
pub enum Complaint {
    /// Something that was acknowledged is not there.
    Lost(String),
    /// Something happened twice.
    Doubled(String),
    /// Anything else.
    Wrong(String),
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Complaint::Lost(text) => write!(f, "lost: {text}"),
            Complaint::Doubled(text) => write!(f, "doubled: {text}"),
            Complaint::Wrong(text) => write!(f, "wrong: {text}"),
        }
    }
}

pub type Verdict = Result<(), Complaint>;

/// An execution that has ended.
pub struct Ended<'a> {
    pub started: &'a Started,
    pub events: &'a [Value],
}

/// Looks at a STANDARD execution; once it has ended, at what its load promises, too.
pub fn standard(
    world: &World,
    client: &mut Client,
    started: &Started,
    must_have_ended: bool,
    of_its_load: impl Fn(&mut Client, &Ended<'_>) -> Verdict,
) -> Verdict {
    let arn = started.arn.as_str();
    let Some(execution) = there(world, client, started)? else { return Ok(()) };
    let answer = world.answer_to(text(&started.input, "id"))?;
    let status = text(&execution, "status");
    let redrives = execution.get("redriveCount").and_then(Value::as_i64).unwrap_or(0);
    let redriven = world.redriven(arn);
    if redriven > redrives {
        return Err(Complaint::Lost(format!(
            "{arn}: redrive {redriven} was acknowledged, and it had {redrives}"
        )));
    }
    if status == "FAILED" && started.load.is_redriven && !must_have_ended {
        return Ok(());
    }
    if status == "RUNNING" && must_have_ended {
        return Err(Complaint::Lost(format!("{arn}: it has ended, and it runs")));
    }
    if let Some(answer) = answer
        && execution.get("output").and_then(Value::as_str) != Some(&answer)
    {
        let is = execution.to_text();
        return Err(Complaint::Lost(format!("{arn}: the answer {answer} was acknowledged, and it is {is}")));
    }
    // It may go between the two looks.
    let Some(events) = history_of(client, world, started)? else { return Ok(()) };
    let ended = Ended { started, events: &events };
    ended.is_in_order()?;
    match status {
        "RUNNING" => Ok(()),
        "SUCCEEDED" => {
            ended.has(1, "ExecutionStarted", ended.count("ExecutionStarted"))?;
            ended.has(1, "ExecutionSucceeded", ended.count("ExecutionSucceeded"))?;
            // It may have been redriven and have ended between the two looks.
            if must_have_ended {
                ended.has(redrives as usize, "ExecutionRedriven", ended.count("ExecutionRedriven"))?;
            }
            if text(ended.events.last().expect("there are events"), "type") != "ExecutionSucceeded" {
                return Err(Complaint::Wrong(format!(
                    "{arn}: something came after its end\n{}",
                    ended.show()
                )));
            }
            of_its_load(client, &ended)
        }
        _ => Err(Complaint::Wrong(format!("{arn} is {status}\n{}", ended.show()))),
    }
}

/// What DescribeExecution says of one that was acknowledged; `None` if it may have gone, and has.
pub fn there(world: &World, client: &mut Client, started: &Started) -> Result<Option<Value>, Complaint> {
    let arn = started.arn.as_str();
    let execution = match client.call("DescribeExecution", &json::value!({ "executionArn": arn })) {
        Ok(execution) => execution,
        Err(CallError::Refused { code, .. }) if code == "ExecutionDoesNotExist" => {
            // Retention counts from the end, and that was not before the start.
            let may_be_gone = world.retention.is_some_and(|retention| started.at.elapsed() > retention);
            return if may_be_gone { Ok(None) } else { Err(Complaint::Lost(format!("{arn} is not there"))) };
        }
        Err(error) => return Err(Complaint::Wrong(format!("{arn}: {error:?}"))),
    };
    if text(&execution, "input") != started.input.to_text() {
        return Err(Complaint::Wrong(format!("{arn}: its input is {}", text(&execution, "input"))));
    }
    Ok(Some(execution))
}

/// Its events; `None` if it went after it was looked at.
fn history_of(
    client: &mut Client,
    world: &World,
    started: &Started,
) -> Result<Option<Vec<Value>>, Complaint> {
    // One page holds all that these machines make.
    let body = json::value!({ "executionArn": (started.arn.as_str()), "maxResults": 1000 });
    match client.call("GetExecutionHistory", &body) {
        Ok(page) => {
            let events = page.get("events").and_then(Value::as_array).expect("a history has events");
            Ok(Some(events.iter().cloned().collect()))
        }
        Err(CallError::Refused { code, .. })
            if code == "ExecutionDoesNotExist" && world.retention.is_some() =>
        {
            Ok(None)
        }
        Err(error) => Err(Complaint::Wrong(format!("{}: its history is {error:?}", started.arn))),
    }
}

impl Ended<'_> {
    /// How many events there are of a type.
    pub fn count(&self, name: &str) -> usize {
        self.events.iter().filter(|event| text(event, "type") == name).count()
    }

    /// That there are as many events (of a type) as there must be.
    pub fn has(&self, expected: usize, name: &str, found: usize) -> Verdict {
        let text = || format!("{}: {found} events {name}, not {expected}\n{}", self.started.arn, self.show());
        match found.cmp(&expected) {
            std::cmp::Ordering::Less => Err(Complaint::Lost(text())),
            std::cmp::Ordering::Equal => Ok(()),
            std::cmp::Ordering::Greater => Err(Complaint::Doubled(text())),
        }
    }

    /// That it waited as long as it was told, and at most half a millisecond of rounding less.
    pub fn slept(&self) -> Verdict {
        let time = |name: &str| {
            let event = self.events.iter().find(|event| text(event, "type") == name);
            event.and_then(|event| event.get("timestamp")).and_then(Value::as_f64).unwrap_or(0.0)
        };
        let slept = time("WaitStateExited") - time("WaitStateEntered");
        let asked = number(&self.started.input, "seconds") as f64;
        if slept > asked - 0.0005 {
            return Ok(());
        }
        Err(Complaint::Wrong(format!("{}: slept {slept} s of {asked}", self.started.arn)))
    }

    /// That the function was called, and not more often than the history says.
    pub fn calls_are_in_the_history(&self, calls: usize) -> Verdict {
        let scheduled = self.count("LambdaFunctionScheduled");
        let text = || format!("{}: {calls} calls, {scheduled} scheduled\n{}", self.started.arn, self.show());
        match calls {
            0 => Err(Complaint::Lost(text())),
            _ if calls > scheduled => Err(Complaint::Doubled(text())),
            _ => Ok(()),
        }
    }

    /// That the ids of its events have no gap, and each refers to an earlier one.
    fn is_in_order(&self) -> Verdict {
        for (index, event) in self.events.iter().enumerate() {
            let index = index as i64;
            if number(event, "id") != index + 1 || number(event, "previousEventId") > index {
                return Err(Complaint::Wrong(format!("{}: out of order\n{}", self.started.arn, self.show())));
            }
        }
        Ok(())
    }

    fn show(&self) -> String {
        self.events.iter().map(Value::to_text).collect::<Vec<_>>().join("\n")
    }
}

fn number(value: &Value, name: &str) -> i64 {
    value
        .get(name)
        .and_then(Value::as_i64)
        .unwrap_or_else(|| panic!("no number {name} in {}", value.to_text()))
}
