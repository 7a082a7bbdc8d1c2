//! How an invocation reaches its target.

use std::sync::Arc;

use aws_names::Scope;
use connectors::Answering;
use events::transform::Occurrence;
use json::{Object, Value};

use crate::delivery::{
    Aim, Attempt, Calls, Clock, Courier, Death, OutCall, Outcome, Target, Trouble, dead_letter,
};
use crate::eventbridge::{backoff, bury_again, dead_letter_queue, is_started_already, whole_seconds};

/// Brings invocations to targets. What one needs is in its parcel: changing or deleting a schedule does not change invocations
/// that are under way.
pub(super) struct ScheduleCourier {
    pub scope: Scope,
    pub clock: Arc<dyn Clock>,
    pub calls: Arc<dyn Calls>,
}

/// What is invoked, and when that was due.
struct Invocation {
    schedule_arn: String,
    /// `2022-03-22T18:59:43Z`
    time: String,
    target: Object,
}

impl Courier for ScheduleCourier {
    fn attempt<'a>(&'a self, attempt: Attempt<'a>) -> Answering<'a, Outcome> {
        Box::pin(async move {
            let Some(invocation) = Invocation::read(attempt.body) else {
                tracing::error!("an invocation that waits cannot be read");
                return Outcome::Done;
            };
            if let Some(death) = attempt.death {
                return self.bury(attempt, &invocation, death).await;
            }
            match self.invoke(attempt, &invocation).await {
                Ok(()) => Outcome::Done,
                Err(trouble) => self.failed(attempt, &invocation, trouble),
            }
        })
    }
}

impl Invocation {
    fn read(body: &[u8]) -> Option<Invocation> {
        let body = Value::parse_bytes(body).ok()?;
        Some(Invocation {
            schedule_arn: body.get("Arn")?.as_str()?.to_owned(),
            time: whole_seconds(body.get("Time")?.as_i64()?.saturating_mul(1_000)),
            target: body.get("Target")?.as_object()?.clone(),
        })
    }

    fn arn(&self) -> &str {
        self.target.get("Arn").and_then(Value::as_str).unwrap_or_default()
    }

    /// What the target is sent.
    fn payload(&self, attempt: Attempt<'_>, scope: &Scope) -> String {
        match self.target.get("Input").and_then(Value::as_str) {
            Some(input) => {
                let occurrence = Occurrence {
                    schedule_arn: &self.schedule_arn,
                    scheduled_time: &self.time,
                    execution_id: &attempt.id.uuid(),
                    attempt_number: attempt.earlier + 1,
                };
                occurrence.fill(input)
            }
            None => self.event(attempt, scope).to_text(),
        }
    }

    /// What targets without an Input get.
    fn event(&self, attempt: Attempt<'_>, scope: &Scope) -> Value {
        json::value!({
            "version": "0",
            "id": (attempt.id.uuid()),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": (scope.account.as_str()),
            "time": (self.time.as_str()),
            "region": (scope.region.as_str()),
            "resources": [(self.schedule_arn.as_str())],
            "detail": "{}",
        })
    }
}

impl ScheduleCourier {
    async fn invoke(&self, attempt: Attempt<'_>, invocation: &Invocation) -> Result<(), Trouble> {
        let kind = Target::of(invocation.arn())
            .map_err(|_| Trouble::lasting("ValidationException", "The target is not valid."))?;
        let payload = invocation.payload(attempt, &self.scope);
        let uuid = attempt.id.uuid();
        let aim = Aim {
            arn: invocation.arn(),
            parameters: &invocation.target,
            payload: &payload,
            // Of this invocation, so that it starts one execution however often it is tried.
            name: &uuid,
            partition_key: &uuid,
        };
        let call = kind.call(&aim, self.call(attempt, invocation));
        let call = call.map_err(|reason| Trouble::lasting("ValidationException", reason))?;
        match self.calls.call(&call).await {
            Err(trouble) if is_started_already(&kind, &trouble) => Ok(()),
            Err(trouble) => Err(trouble),
            Ok(answer) => entry_trouble(&kind, &answer).map_or(Ok(()), Err),
        }
    }

    fn call(&self, attempt: Attempt<'_>, invocation: &Invocation) -> OutCall {
        OutCall {
            role_arn: invocation.target.get("RoleArn").and_then(Value::as_str).map(Into::into),
            region: self.scope.region.as_str().into(),
            source_arn: invocation.schedule_arn.as_str().into(),
            token: attempt.id.uuid(),
            ..OutCall::default()
        }
    }

    /// What follows from a failed attempt.
    fn failed(&self, attempt: Attempt<'_>, invocation: &Invocation, trouble: Trouble) -> Outcome {
        let backoff = backoff(&invocation.target);
        let next = backoff.next(attempt.id, attempt.earlier, attempt.sent, self.clock.now());
        let exhausted = match (trouble.may_pass, next) {
            (true, Ok(due)) => return Outcome::Again { trouble, due },
            (true, Err(exhausted)) => Some(exhausted),
            (false, _) => None,
        };
        let schedule = &invocation.schedule_arn;
        tracing::warn!(%schedule, code = %trouble.code, "an invocation is given up: {}", trouble.message);
        match dead_letter_queue(&invocation.target) {
            Some(_) => Outcome::Dead { trouble, exhausted },
            None => Outcome::Done,
        }
    }

    /// Puts what the target was to be sent into the dead-letter queue. (EventBridge Scheduler user guide, "Configuring a
    /// schedule's dead-letter queue")
    async fn bury(&self, attempt: Attempt<'_>, invocation: &Invocation, death: Death) -> Outcome {
        let Some(queue) = dead_letter_queue(&invocation.target) else { return Outcome::Done };
        let trouble = attempt.trouble.cloned().unwrap_or_else(|| Trouble::lasting("Unknown", ""));
        let (uuid, retries) = (attempt.id.uuid(), death.retries.to_string());
        let attributes = [
            ("SCHEDULE_ARN", invocation.schedule_arn.as_str()),
            ("TARGET_ARN", invocation.arn()),
            ("SCHEDULED_TIME", invocation.time.as_str()),
            ("EXECUTION_ID", uuid.as_str()),
            ("ERROR_CODE", trouble.code.as_str()),
            ("ERROR_MESSAGE", trouble.message.as_str()),
            ("EXHAUSTED_RETRY_CONDITION", death.exhausted.map_or("", |exhausted| exhausted.condition())),
            ("RETRY_ATTEMPTS", retries.as_str()),
            ("IS_PAYLOAD_TRUNCATED", "false"),
        ];
        let payload = invocation.payload(Attempt { earlier: death.retries, ..attempt }, &self.scope);
        let call = dead_letter(queue, &payload, &attributes, self.call(attempt, invocation));
        match self.calls.call(&call).await {
            Ok(_) => Outcome::Done,
            Err(of_queue) => bury_again(attempt, queue, of_queue, self.clock.now()),
        }
    }
}

/// PutEvents succeeds although it refuses the event.
fn entry_trouble(kind: &Target, answer: &Value) -> Option<Trouble> {
    let entry = answer.get("Entries").filter(|_| *kind == Target::Bus)?.at(0)?;
    let text = |name| entry.get(name).and_then(Value::as_str);
    Some(Trouble::lasting(text("ErrorCode")?, text("ErrorMessage").unwrap_or_default()))
}
