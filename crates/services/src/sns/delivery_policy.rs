//! DeliveryPolicy: how often a message is tried again, and when. (SNS's guide, "Message delivery retries")
//!
//! After a try that failed come four phases: at once, after the least delay, backing off from the least to the longest
//! delay, after the longest. Never here: a clock.

use std::time::Duration;

use json::{Object, Value};

/// A day's worth of the longest delay, and more than any policy of AWS's.
const RETRIES_MAX: u32 = 100;
const DELAY_SECONDS_MAX: u32 = 3_600;

/// When a message is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Retries {
    pub at_once: u32,
    pub after_least: u32,
    pub backing_off: u32,
    pub after_most: u32,
    pub least_seconds: u32,
    pub most_seconds: u32,
    pub backoff: Backoff,
}

/// How delays grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backoff {
    Linear,
    Arithmetic,
    Geometric,
    Exponential,
}

/// What a topic's or a subscription's policy says. What it leaves out, the next one up says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeliveryPolicy {
    pub retries: Option<Retries>,
    /// Of notifications by HTTP.
    pub content_type: Option<String>,
    /// How many messages an endpoint gets in a second at most.
    pub per_second: Option<u32>,
    /// A topic's: whether those of its subscriptions mean nothing.
    pub overrides_disabled: bool,
}

impl Retries {
    /// Of HTTP without a policy: 50 retries in some 13 minutes. (spec/event-routers.md §2)
    pub const HTTP: Retries = Retries { after_most: 35, ..Retries::MANAGED };

    /// Of AWS's own services: 23 days.
    pub const MANAGED: Retries = Retries {
        at_once: 3,
        after_least: 2,
        backing_off: 10,
        after_most: 100_000,
        least_seconds: 1,
        most_seconds: 20,
        backoff: Backoff::Exponential,
    };

    /// What to wait after this many tries that failed; `None` when it is given up.
    pub fn delay(&self, failures: u32) -> Option<Duration> {
        let mut retry = failures.checked_sub(1)?;
        for (count, seconds) in [(self.at_once, 0), (self.after_least, self.least_seconds)] {
            if retry < count {
                return Some(Duration::from_secs(u64::from(seconds)));
            }
            retry -= count;
        }
        if retry < self.backing_off {
            return Some(self.backoff_delay(retry));
        }
        let most = Duration::from_secs(u64::from(self.most_seconds));
        (retry - self.backing_off < self.after_most).then_some(most)
    }

    /// From the least to the longest delay. AWS shows the four curves and no formula for them.
    fn backoff_delay(&self, retry: u32) -> Duration {
        let (least, most) = (f64::from(self.least_seconds), f64::from(self.most_seconds));
        let last = f64::from(self.backing_off.saturating_sub(1).max(1));
        let step = if self.backing_off == 1 { 1.0 } else { f64::from(retry) };
        let seconds = match self.backoff {
            Backoff::Linear => least + (most - least) * step / last,
            Backoff::Arithmetic => least + (most - least) * step * (step + 1.0) / (last * (last + 1.0)),
            Backoff::Geometric => least * (most / least).powf(step / last),
            Backoff::Exponential => least + (most - least) * (step.exp2() - 1.0) / (last.exp2() - 1.0),
        };
        Duration::from_millis((seconds * 1_000.0).round() as u64)
    }

    /// As attributes show it.
    pub fn to_value(self) -> Value {
        let retries = self.at_once + self.after_least + self.backing_off + self.after_most;
        json::value!({
            "minDelayTarget": (self.least_seconds),
            "maxDelayTarget": (self.most_seconds),
            "numRetries": retries,
            "numMaxDelayRetries": (self.after_most),
            "numNoDelayRetries": (self.at_once),
            "numMinDelayRetries": (self.after_least),
            "backoffFunction": (self.backoff.name()),
        })
    }
}

impl Backoff {
    const ALL: [Backoff; 4] =
        [Backoff::Linear, Backoff::Arithmetic, Backoff::Geometric, Backoff::Exponential];

    fn name(self) -> &'static str {
        match self {
            Backoff::Linear => "linear",
            Backoff::Arithmetic => "arithmetic",
            Backoff::Geometric => "geometric",
            Backoff::Exponential => "exponential",
        }
    }
}

impl DeliveryPolicy {
    /// Of a topic: `{"http": {"defaultHealthyRetryPolicy": …}}`. Or else why not.
    pub fn of_topic(text: &str) -> Result<DeliveryPolicy, String> {
        let policy = object(text)?;
        let mut read = DeliveryPolicy::default();
        for (name, value) in policy.iter() {
            match (name.as_str(), value.as_object()) {
                ("http", Some(http)) => read.read_members(http, true)?,
                _ => return Err(format!("Unexpected JSON member: {name}")),
            }
        }
        Ok(read)
    }

    /// Of a subscription: `{"healthyRetryPolicy": …}`. Or else why not.
    pub fn of_subscription(text: &str) -> Result<DeliveryPolicy, String> {
        let mut read = DeliveryPolicy::default();
        read.read_members(&object(text)?, false)?;
        Ok(read)
    }

    fn read_members(&mut self, members: &Object, is_topic: bool) -> Result<(), String> {
        for (name, value) in members.iter() {
            let none = Object::new();
            let inner = value.as_object().unwrap_or(&none);
            match (name.as_str(), is_topic) {
                _ if value.is_null() => {}
                ("healthyRetryPolicy", false) | ("defaultHealthyRetryPolicy", true) => {
                    self.retries = Some(retries(inner)?);
                }
                ("requestPolicy", false) | ("defaultRequestPolicy", true) => {
                    self.content_type = content_type(inner)?;
                }
                ("disableSubscriptionOverrides", true) => {
                    self.overrides_disabled = value.as_bool().unwrap_or_default();
                }
                ("throttlePolicy", false) | ("defaultThrottlePolicy", true) => {
                    self.per_second = per_second(inner)?;
                }
                _ => return Err(format!("Unexpected JSON member: {name}")),
            }
        }
        Ok(())
    }
}

fn object(text: &str) -> Result<Object, String> {
    match Value::parse(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err("it must be a JSON object".to_owned()),
        Err(error) => Err(format!("failed to parse JSON. {}", error.message_with_location(text))),
    }
}

fn retries(members: &Object) -> Result<Retries, String> {
    let number = |name: &str, default: u32, least: u32, most: u32| match members.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => match value.as_i64().and_then(|number| u32::try_from(number).ok()) {
            Some(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(format!("{name} must be a whole number from {least} to {most}")),
        },
    };
    let most_seconds = number("maxDelayTarget", 20, 1, DELAY_SECONDS_MAX)?;
    let least_seconds = number("minDelayTarget", 20.min(most_seconds), 1, most_seconds)?;
    let all = number("numRetries", 3, 0, RETRIES_MAX)?;
    let at_once = number("numNoDelayRetries", 0, 0, all)?;
    let after_least = number("numMinDelayRetries", 0, 0, all)?;
    let after_most = number("numMaxDelayRetries", 0, 0, all)?;
    let Some(backing_off) = all.checked_sub(at_once + after_least + after_most) else {
        return Err(
            "numRetries must be at least numNoDelayRetries, numMinDelayRetries and numMaxDelayRetries \
                    together"
                .to_owned(),
        );
    };
    let backoff = match members.get("backoffFunction") {
        None | Some(Value::Null) => Backoff::Linear,
        Some(name) => Backoff::ALL
            .into_iter()
            .find(|backoff| Some(backoff.name()) == name.as_str())
            .ok_or("backoffFunction must be one of linear, arithmetic, geometric, exponential")?,
    };
    for name in members.keys() {
        if !matches!(
            name.as_str(),
            "minDelayTarget"
                | "maxDelayTarget"
                | "numRetries"
                | "numNoDelayRetries"
                | "numMinDelayRetries"
                | "numMaxDelayRetries"
                | "backoffFunction"
        ) {
            return Err(format!("Unexpected JSON member: {name}"));
        }
    }
    Ok(Retries { at_once, after_least, backing_off, after_most, least_seconds, most_seconds, backoff })
}

fn per_second(members: &Object) -> Result<Option<u32>, String> {
    match members.get("maxReceivesPerSecond") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_i64().and_then(|rate| u32::try_from(rate).ok()) {
            Some(rate @ 1..) => Ok(Some(rate)),
            _ => Err("maxReceivesPerSecond must be a whole number of at least 1".to_owned()),
        },
    }
}

fn content_type(members: &Object) -> Result<Option<String>, String> {
    match members.get("headerContentType") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text))
            if !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) =>
        {
            Ok(Some(text.to_string()))
        }
        Some(_) => Err("headerContentType must be a content type".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(retries: &Retries, count: u32) -> Vec<u64> {
        (1..=count)
            .map_while(|failures| retries.delay(failures))
            .map(|delay| delay.as_millis() as u64)
            .collect()
    }

    #[test]
    fn http_is_tried_fifty_times_more() {
        let all = delays(&Retries::HTTP, 1_000);
        assert_eq!(all.len(), 50);
        assert_eq!(
            all[..17],
            [
                0, 0, 0, 1000, 1000, 1000, 1037, 1112, 1260, 1558, 2153, 3342, 5722, 10_481, 20_000, 20_000,
                20_000
            ]
        );
        assert_eq!(delays(&Retries::MANAGED, 200_000).len(), 100_015);
    }

    #[test]
    fn every_curve_goes_from_the_least_to_the_longest_delay() {
        for backoff in Backoff::ALL {
            let retries = Retries { backoff, at_once: 0, after_least: 0, after_most: 0, ..Retries::HTTP };
            let all = delays(&retries, 100);
            assert_eq!((all.len(), all[0], all[9]), (10, 1_000, 20_000));
            assert!(all.is_sorted());
            assert_eq!(delays(&Retries { backing_off: 1, ..retries }, 9), [20_000]);
        }
    }

    #[test]
    fn policies_are_read() {
        let policy = DeliveryPolicy::of_subscription(
            r#"{"healthyRetryPolicy": {"numRetries": 2, "minDelayTarget": 1, "maxDelayTarget": 2},
                "requestPolicy": {"headerContentType": "application/json"}, "throttlePolicy": {"maxReceivesPerSecond": 9}}"#,
        )
        .unwrap();
        assert_eq!(delays(&policy.retries.unwrap(), 9), [1_000, 2_000]);
        assert_eq!((policy.content_type.as_deref(), policy.per_second), (Some("application/json"), Some(9)));
        let policy = DeliveryPolicy::of_topic(
            r#"{"http": {"defaultHealthyRetryPolicy": {"numRetries": 0}, "disableSubscriptionOverrides": true}}"#,
        )
        .unwrap();
        assert_eq!(delays(&policy.retries.unwrap(), 9), []);
        assert!(policy.overrides_disabled);
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        for (text, why) in [
            ("[", "failed to parse JSON. "),
            ("[]", "it must be a JSON object"),
            (r#"{"healthy": {}}"#, "Unexpected JSON member: healthy"),
            (
                r#"{"healthyRetryPolicy": {"numRetries": 101}}"#,
                "numRetries must be a whole number from 0 to 100",
            ),
            (r#"{"healthyRetryPolicy": {"numRetry": 1}}"#, "Unexpected JSON member: numRetry"),
            (
                r#"{"healthyRetryPolicy": {"numRetries": 3, "numNoDelayRetries": 2, "numMinDelayRetries": 2}}"#,
                "numRetries must be at least",
            ),
            (
                r#"{"throttlePolicy": {"maxReceivesPerSecond": 0}}"#,
                "maxReceivesPerSecond must be a whole number",
            ),
            (r#"{"requestPolicy": {"headerContentType": "a\nb"}}"#, "headerContentType must be"),
        ] {
            let refused = DeliveryPolicy::of_subscription(text).unwrap_err();
            assert!(refused.starts_with(why), "{text}: {refused}");
        }
    }
}
