//! How an event reaches a target of a rule.

use std::sync::Weak;

use connectors::Answering;
use events::transform::{Context, Undeliverable};
use json::{Text, Value};

use super::api_destination;
use super::received::{Received, whole_seconds};
use super::route::To;
use super::rule::Rule;
use super::rule_target::RuleTarget;
use super::{Inner, names};
use crate::delivery::{
    Aim, Attempt, Backoff, Courier, Death, OutCall, Outcome, Target, Trouble, dead_letter,
};

/// An event that was sent on by a bus goes no further. (AWS: "EventBridge can't route events received from a
/// sender event bus to a third event bus")
const HOPS_MAX: u8 = 1;

/// Dead letters that cannot be put into their queue are tried again for an hour, and then lost, as on AWS at once.
const OF_DEAD_LETTERS: Backoff = Backoff { retries_max: 20, age_max: i64::MAX, ..Backoff::EVENTS };

/// Brings events to targets.
pub(super) struct EventCourier(pub Weak<Inner>);

impl Courier for EventCourier {
    fn attempt<'a>(&'a self, attempt: Attempt<'a>) -> Answering<'a, Outcome> {
        Box::pin(async move {
            match self.0.upgrade() {
                Some(inner) => inner.attempt(attempt).await,
                // The service is gone, and soon this is, too; the next one goes on.
                None => std::future::pending().await,
            }
        })
    }

    fn per_second(&self, lane: &str) -> Option<u32> {
        api_destination::per_second(&self.0.upgrade()?.state(), lane)
    }
}

impl Inner {
    async fn attempt(&self, attempt: Attempt<'_>) -> Outcome {
        let state = self.state();
        // Whoever removes a rule or a target does not want what still waits for it.
        let to = To::read(attempt.to);
        let rule = to.and_then(|to| state.buses.get(to.bus)?.rules.get(to.rule));
        let rule = rule.filter(|rule| to.is_some_and(|to| rule.made(to.target) == to.made));
        let target = to.zip(rule).and_then(|(to, rule)| rule.target(to.target));
        let (Some(to), Some(rule), Some(target)) = (to, rule, target) else { return Outcome::Done };
        let Some(received) = Received::read(attempt.body) else {
            tracing::error!(rule = %rule.arn, "an event that waits cannot be read");
            return Outcome::Done;
        };
        if let Some(death) = attempt.death {
            return self.bury(attempt, rule, target, &received, death).await;
        }
        match self.deliver(attempt, to, rule, target, &received).await {
            Ok(()) => Outcome::Done,
            Err(trouble) => self.failed(attempt, rule, target, trouble),
        }
    }

    async fn deliver(
        &self,
        attempt: Attempt<'_>,
        to: To<'_>,
        rule: &Rule,
        target: &RuleTarget,
        received: &Received,
    ) -> Result<(), Trouble> {
        let context = Context {
            rule_arn: &rule.arn,
            rule_name: to.rule,
            ingestion_time: &whole_seconds(received.ingested),
        };
        let payload = target.input.text(&received.event, &context).map_err(undeliverable)?;
        let call = OutCall {
            role_arn: target.role_arn(),
            region: self.scope.region.as_str().into(),
            source_arn: rule.arn.clone(),
            token: attempt.id.uuid(),
            ..OutCall::default()
        };
        match &target.kind {
            Target::Bus => self.send_on(target, received).await,
            Target::LogGroup => {
                tracing::info!(log_group = %target.arn, rule = %rule.arn, "{payload}");
                Ok(())
            }
            Target::ApiDestination => {
                let call = api_destination::call(&self.state(), target, &received.event, &payload, call)?;
                let late = self.clock.now() + api_destination::TIME_MAX;
                tokio::select! {
                    answer = self.calls.call(&call) => answer.map(drop),
                    () = self.clock.until(late) => {
                        Err(Trouble::passing("TIMEOUT", "The API destination did not answer within 5 seconds."))
                    }
                }
            }
            kind => {
                let key = target.partition_key.as_ref().and_then(|path| path.find(&received.event));
                let key = key.map_or_else(|| received.id().to_owned(), |key| plain(&key));
                let aim = Aim {
                    arn: &target.arn,
                    parameters: &target.record,
                    payload: &payload,
                    // Of this delivery, so that it starts one execution however often it is tried.
                    name: &format!("{}_{}", received.id(), attempt.id.uuid()),
                    partition_key: &key,
                };
                let call =
                    kind.call(&aim, call).map_err(|reason| Trouble::lasting("INVALID_PARAMETER", reason))?;
                match self.calls.call(&call).await {
                    Err(trouble) if is_started_already(kind, &trouble) => Ok(()),
                    answer => answer.map(drop),
                }
            }
        }
    }

    /// Puts the event onto another bus: ours, or one elsewhere.
    async fn send_on(&self, target: &RuleTarget, received: &Received) -> Result<(), Trouble> {
        if received.hops >= HOPS_MAX {
            return Err(Trouble::lasting(
                "THIRD_ACCOUNT_HOP_DETECTED",
                "An event that was sent on by an event bus is not sent on to a third one.",
            ));
        }
        let Some(bus) = names::resource(&self.scope, "event-bus", &target.arn) else {
            return Err(Trouble::lasting(
                "NO_RESOURCE",
                format!("{} is in another account or region than this server.", target.arn),
            ));
        };
        if !self.state().buses.contains_key(bus) {
            return Err(Trouble::lasting("NO_RESOURCE", format!("Event bus {bus} does not exist.")));
        }
        let received = Received { hops: received.hops + 1, ..received.clone() };
        let taken = self.take_in(vec![(bus.into(), received)]).await;
        taken.map_err(|fault| Trouble { code: fault.code, message: fault.message, may_pass: true })
    }

    /// What follows from a failed attempt.
    fn failed(&self, attempt: Attempt<'_>, rule: &Rule, target: &RuleTarget, trouble: Trouble) -> Outcome {
        let next = target.backoff.next(attempt.id, attempt.earlier, attempt.sent, self.clock.now());
        let exhausted = match (trouble.may_pass, next) {
            (true, Ok(due)) => return Outcome::Again { trouble, due },
            (true, Err(exhausted)) => Some(exhausted),
            (false, _) => None,
        };
        tracing::warn!(rule = %rule.arn, target = %target.arn, code = %trouble.code, "an event is given up: {}", trouble.message);
        match target.dead_letter_queue() {
            Some(_) => Outcome::Dead { trouble, exhausted },
            None => Outcome::Done,
        }
    }

    /// Puts the event into the target's dead-letter queue.
    async fn bury(
        &self,
        attempt: Attempt<'_>,
        rule: &Rule,
        target: &RuleTarget,
        received: &Received,
        death: Death,
    ) -> Outcome {
        let Some(queue) = target.dead_letter_queue() else { return Outcome::Done };
        let trouble = attempt.trouble.cloned().unwrap_or_else(|| Trouble::lasting("UNKNOWN", ""));
        let retries = death.retries.to_string();
        let attributes = [
            ("RULE_ARN", rule.arn.as_str()),
            ("TARGET_ARN", target.arn.as_str()),
            ("ERROR_CODE", error_code(&trouble)),
            ("ERROR_MESSAGE", trouble.message.as_str()),
            ("EXHAUSTED_RETRY_CONDITION", death.exhausted.map_or("", |exhausted| exhausted.condition())),
            ("RETRY_ATTEMPTS", retries.as_str()),
        ];
        let call = OutCall {
            region: self.scope.region.as_str().into(),
            source_arn: rule.arn.clone(),
            token: attempt.id.uuid(),
            ..OutCall::default()
        };
        let call = dead_letter(queue, &received.event.to_text(), &attributes, call);
        match self.calls.call(&call).await {
            Ok(_) => Outcome::Done,
            Err(of_queue) => bury_again(attempt, queue, of_queue, self.clock.now()),
        }
    }
}

/// What follows when a dead-letter queue does not take a message.
pub(crate) fn bury_again(attempt: Attempt<'_>, queue: &str, of_queue: Trouble, now: i64) -> Outcome {
    let next = OF_DEAD_LETTERS.next(attempt.id, attempt.earlier, attempt.sent, now);
    match (of_queue.may_pass, next, attempt.trouble) {
        // Why it is dead stays known.
        (true, Ok(due), Some(trouble)) => Outcome::Again { trouble: trouble.clone(), due },
        _ => {
            tracing::error!(%queue, code = %of_queue.code, "a dead letter is lost: {}", of_queue.message);
            Outcome::Done
        }
    }
}

/// The name is this delivery's own, so an earlier attempt has started the execution.
pub(crate) fn is_started_already(kind: &Target, trouble: &Trouble) -> bool {
    *kind == Target::StateMachine && trouble.code == "ExecutionAlreadyExists"
}

fn undeliverable(error: Undeliverable) -> Trouble {
    match error {
        Undeliverable::NothingThere => {
            Trouble::lasting("INVALID_PARAMETER", "InputPath leads to nothing in the event.")
        }
        Undeliverable::NotJson => Trouble::lasting("INVALID_JSON", "What InputTemplate became is no JSON."),
        Undeliverable::TooLong => {
            Trouble::lasting("INVALID_PARAMETER", "The target's input is longer than 1 MiB.")
        }
    }
}

/// A value as a partition key.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_text(), str::to_owned)
}

/// The words that EventBridge has for what went wrong. (EventBridge user guide, "Dead-letter queues: error codes")
fn error_code(trouble: &Trouble) -> &str {
    const OURS: [&str; 5] =
        ["INVALID_PARAMETER", "INVALID_JSON", "NO_RESOURCE", "THIRD_ACCOUNT_HOP_DETECTED", "TIMEOUT"];
    let code: &Text = &trouble.code;
    let has = |words: &[&str]| words.iter().any(|word| code.contains(word));
    if OURS.contains(&code.as_str()) {
        code
    } else if has(&["NotFound", "DoesNotExist", "NonExistent", "NoSuch"]) {
        "NO_RESOURCE"
    } else if has(&["AccessDenied", "NotAuthorized", "Unauthorized", "AuthorizationError", "StatusCode.403"])
    {
        "NO_PERMISSIONS"
    } else if has(&["Throttl", "TooManyRequests", "LimitExceeded", "StatusCode.429"]) {
        "THROTTLING"
    } else if has(&["SDK_CLIENT_ERROR", "Socket"]) {
        "CONNECTION_FAILURE"
    } else if has(&["Validation", "Invalid", "Missing"]) {
        "INVALID_PARAMETER"
    } else {
        "ERROR_FROM_TARGET"
    }
}
