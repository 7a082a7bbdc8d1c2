//! Usage plans at work: how fast and how much the holder of a key may call, and how much it has.
//!
//! Never here: a clock; what is kept on disk is told by [`Meters::changed`].

use std::collections::{BTreeMap, BTreeSet};

use json::{Object, Value, value};

use crate::invoke::Refusal;
use services::Members;
use services::records::Records;

/// Days that GetUsage may be asked for at once, and for which counts are kept.
const DAYS_MAX: i64 = 90;
/// So many buckets are kept; the fullest go first, which lose nothing by it.
const BUCKETS_MAX: usize = 100_000;
const DAY_MILLISECONDS: i64 = 86_400_000;

/// What was used, and how fast.
#[derive(Debug, Default)]
pub(crate) struct Meters {
    buckets: BTreeMap<String, Bucket>,
    /// `PLAN/KEY`, then days and counts.
    used: BTreeMap<String, Object>,
    changed: BTreeSet<String>,
}

/// Tokens that come back with time. (AWS's throttling: a rate, and a burst beyond it)
#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    at: i64,
}

/// A rate in requests a second, and so many at once.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Limit {
    rate: f64,
    burst: f64,
}

impl Limit {
    fn of(rate: Option<f64>, burst: Option<f64>) -> Option<Limit> {
        let rate = rate?;
        Some(Limit { rate, burst: burst.unwrap_or(rate.max(1.0)) })
    }

    fn of_throttle(throttle: &Object) -> Option<Limit> {
        let number = |name: &str| throttle.get(name).and_then(Value::as_f64);
        Limit::of(number("rateLimit"), number("burstLimit"))
    }

    fn of_settings(settings: &Value) -> Option<Limit> {
        let number = |name: &str| settings.get(name).and_then(Value::as_f64);
        Limit::of(number("throttlingRateLimit"), number("throttlingBurstLimit"))
    }
}

/// A request as far as limits are concerned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted<'c> {
    pub(crate) api: &'c str,
    pub(crate) stage_name: &'c str,
    pub(crate) stage: &'c Value,
    /// `/dragons`
    pub(crate) resource_path: &'c str,
    pub(crate) verb: &'c str,
}

impl Meters {
    /// Lets a request of anybody through if the stage's limits do.
    pub(crate) fn admit(&mut self, request: Counted<'_>, now: i64) -> Result<(), Refusal> {
        let Counted { api, stage_name, stage, resource_path, verb } = request;
        let own = format!("{}/{verb}", resource_path.replace('/', "~1"));
        let settings = stage.part("methodSettings");
        let found = [own.as_str(), "*/*"]
            .into_iter()
            .find_map(|name| Some((name, Limit::of_settings(settings.get(name)?)?)));
        let Some((name, limit)) = found else { return Ok(()) };
        if self.take(format!("stage/{api}/{stage_name}/{name}"), limit, now) {
            return Ok(());
        }
        Err(Refusal::throttled())
    }

    /// Lets a request with a key through if a plan has both the key and the stage, and its limits do.
    pub(crate) fn admit_key(
        &mut self,
        records: &Records,
        key: &str,
        request: Counted<'_>,
        now: i64,
    ) -> Result<(), Refusal> {
        let Counted { api, stage_name, resource_path, verb, .. } = request;
        let is_this =
            |stage: &&Value| stage.text("apiId") == Some(api) && stage.text("stage") == Some(stage_name);
        let plans = records.of("plan/").filter(|(_, plan)| plan.part("keys").contains_key(key));
        let found = plans.filter_map(|(_, plan)| {
            let stages = plan.get("apiStages").and_then(Value::as_array)?;
            Some((plan, stages.iter().find(is_this)?))
        });
        let Some((plan, stage)) = found.into_iter().next() else { return Err(Refusal::forbidden()) };
        let id = plan.text_or_empty("id");
        let method = format!("{resource_path}/{verb}");
        let of_method = stage.part("throttle").get(&method).and_then(Value::as_object);
        if let Some(limit) = of_method.and_then(Limit::of_throttle)
            && !self.take(format!("plan/{id}/{key}/{api}/{stage_name}{method}"), limit, now)
        {
            return Err(Refusal::throttled());
        }
        if let Some(limit) = Limit::of_throttle(plan.part("throttle"))
            && !self.take(format!("plan/{id}/{key}"), limit, now)
        {
            return Err(Refusal::throttled());
        }
        let place = format!("{id}/{key}");
        let used = self.used.entry(place.clone()).or_insert_with(|| {
            let kept = records.get(&format!("usage/{place}")).and_then(Value::as_object);
            kept.cloned().unwrap_or_default()
        });
        let today = now.div_euclid(DAY_MILLISECONDS);
        let quota = plan.part("quota");
        if remaining(used, quota, today).is_some_and(|remaining| remaining < 1) {
            return Err(Refusal::quota_exceeded());
        }
        let before = used.whole(&date(today)).unwrap_or(0);
        used.insert(date(today), before + 1);
        while used.len() > DAYS_MAX as usize {
            let Some(oldest) = used.keys().min().cloned() else { break };
            used.remove(&oldest);
        }
        self.changed.insert(place);
        Ok(())
    }

    /// Whether any count has changed since [`Meters::changed`] was last asked.
    pub(crate) fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }

    /// The counts that have changed since this was last asked, as records.
    pub(crate) fn changed(&mut self) -> BTreeMap<String, Option<Value>> {
        let changed = std::mem::take(&mut self.changed);
        let record = |place: String| {
            let used = self.used.get(&place).cloned().unwrap_or_default();
            (format!("usage/{place}"), Some(used.into()))
        };
        changed.into_iter().map(record).collect()
    }

    /// Takes one token if there is one.
    fn take(&mut self, name: String, limit: Limit, now: i64) -> bool {
        if self.buckets.len() >= BUCKETS_MAX && !self.buckets.contains_key(&name) {
            self.buckets.retain(|_, bucket| now - bucket.at < 1_000);
        }
        let bucket = self.buckets.entry(name).or_insert(Bucket { tokens: limit.burst, at: now });
        let passed = (now - bucket.at).max(0) as f64 / 1000.0;
        bucket.tokens = (bucket.tokens + passed * limit.rate).min(limit.burst);
        bucket.at = bucket.at.max(now);
        let has_one = bucket.tokens >= 1.0;
        if has_one {
            bucket.tokens -= 1.0;
        }
        has_one
    }
}

/// What is left of a quota on a day; nothing without one.
fn remaining(used: &Object, quota: &Object, day: i64) -> Option<i64> {
    let limit = quota.whole("limit")?;
    let start = period_start(quota, day);
    let spent: i64 = (start..=day).map(|day| used.whole(&date(day)).unwrap_or(0)).sum();
    Some((limit - spent).max(0))
}

/// The first day of the period that a day lies in.
fn period_start(quota: &Object, day: i64) -> i64 {
    let offset = quota.whole("offset").unwrap_or(0);
    match quota.text_or_empty("period") {
        // 1970 began on a Thursday; weeks begin on Sunday.
        "WEEK" => day - (day + 4 - offset).rem_euclid(7),
        "MONTH" => {
            let day_of_month = |day| i64::from(crate::invoke::civil(day).2);
            let first = day - day_of_month(day) + 1;
            // Before the period of this month begins, that of the month before goes on.
            let begins = if first + offset <= day { first } else { first - day_of_month(first - 1) };
            begins + offset
        }
        _ => day,
    }
}

/// The days from one to another, as texts, if there are not too many.
pub(crate) fn days(start: &str, end: &str) -> Option<Vec<i64>> {
    let (start, end) = (day(start)?, day(end)?);
    (start <= end && end - start < DAYS_MAX).then(|| (start..=end).collect())
}

/// For each day what was used, and what was left.
pub(crate) fn history(used: &Value, quota: &Object, days: &[i64]) -> Value {
    let used = used.as_object().cloned().unwrap_or_default();
    let of_day = |day: &i64| {
        let count = used.whole(&date(*day)).unwrap_or(0);
        value!([count, remaining(&used, quota, *day).unwrap_or(0)])
    };
    days.iter().map(of_day).collect()
}

/// `2026-11-28`
fn date(day: i64) -> String {
    let (year, month, day) = crate::invoke::civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Days since 1970.
fn day(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days before the first of March of a year whose last day is the leap day.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some(days - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for text in ["1970-01-01", "2024-02-29", "2026-11-28", "2100-03-01"] {
            assert_eq!(date(day(text).unwrap()), text);
        }
        assert_eq!(day("2026-13-01"), None);
        assert_eq!(days("2026-02-27", "2026-03-02").unwrap().len(), 4);
        assert_eq!(days("2026-03-02", "2026-02-27"), None);
        assert_eq!(days("2026-01-01", "2026-12-31"), None);
    }

    #[test]
    fn periods() {
        let quota = |period: &str, offset: i64| {
            value!({"period": period, "offset": offset}).as_object().cloned().unwrap()
        };
        for (period, offset, today, start) in [
            ("DAY", 0, "2026-11-28", "2026-11-28"),
            ("WEEK", 0, "2026-11-28", "2026-11-22"),
            ("WEEK", 1, "2026-11-28", "2026-11-23"),
            ("MONTH", 0, "2026-11-28", "2026-11-01"),
            ("MONTH", 5, "2026-11-28", "2026-11-06"),
            ("MONTH", 5, "2026-03-02", "2026-02-06"),
        ] {
            let found = period_start(&quota(period, offset), day(today).unwrap());
            assert_eq!(date(found), start, "{period} {offset} {today}");
        }
    }

    fn counted<'c>(stage: &'c Value) -> Counted<'c> {
        Counted { api: "a", stage_name: "prod", stage, resource_path: "/d", verb: "GET" }
    }

    #[test]
    fn a_burst_and_then_a_rate() {
        let stage = value!({"methodSettings": {
            "*/*": {"throttlingRateLimit": 2.0, "throttlingBurstLimit": 3}, "~1d/PUT": {"throttlingRateLimit": 0.0},
        }});
        let mut meters = Meters::default();
        let mut at = |now| meters.admit(counted(&stage), now).is_ok();
        assert_eq!(
            [at(0), at(0), at(0), at(0), at(400), at(500), at(500)],
            [true, true, true, false, false, true, false]
        );
        let put = Counted { verb: "PUT", ..counted(&stage) };
        assert!(meters.admit(put, 0).is_ok(), "a burst of one");
        assert_eq!(meters.admit(put, 1_000_000), Err(Refusal::throttled()));
    }

    #[test]
    fn quotas_are_counted_by_day_and_survive() {
        let plan = value!({
            "id": "p", "keys": {"k": {}}, "apiStages": [{"apiId": "a", "stage": "prod"}],
            "quota": {"limit": 2, "period": "DAY"},
        });
        let mut records = Records::new([("plan/p".to_owned(), plan)]);
        let stage = value!({});
        let mut meters = Meters::default();
        let now = day("2026-11-28").unwrap() * DAY_MILLISECONDS;
        let call = |meters: &mut Meters, records: &Records, now| {
            meters.admit_key(records, "k", counted(&stage), now)
        };
        assert_eq!(call(&mut meters, &records, now), Ok(()));
        records.take_over(&meters.changed());
        // A restart.
        let mut meters = Meters::default();
        assert_eq!(call(&mut meters, &records, now), Ok(()));
        assert_eq!(call(&mut meters, &records, now), Err(Refusal::quota_exceeded()));
        assert_eq!(call(&mut meters, &records, now + DAY_MILLISECONDS), Ok(()));
        records.take_over(&meters.changed());
        let quota = value!({"limit": 2, "period": "DAY"});
        let shown = history(
            records.get("usage/p/k").unwrap(),
            quota.as_object().unwrap(),
            &days("2026-11-28", "2026-11-30").unwrap(),
        );
        assert_eq!(shown.to_text(), "[[2,0],[1,1],[0,2]]");
        assert_eq!(meters.admit_key(&records, "other", counted(&stage), now), Err(Refusal::forbidden()));
    }
}
