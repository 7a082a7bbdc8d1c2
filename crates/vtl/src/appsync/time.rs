//! `$util.time`: now, and dates from and to milliseconds since 1970.

use appsync_util::time;

use super::{AppSync, made};
use crate::error::{Failure, Result};
use crate::heap::Heap;
use crate::value::Value;

impl AppSync<'_> {
    pub(super) fn time(
        &mut self,
        method: &str,
        arguments: &[Value],
        heap: &mut Heap,
    ) -> Result<Option<Value>> {
        let now = self.surroundings.now_milliseconds;
        let zones = self.surroundings.zones.as_deref();
        let bytes = arguments.iter().map(|argument| argument.as_str().map_or(0, str::len)).sum();
        heap.meter.walk(bytes)?;
        let shown = match (method, arguments) {
            ("nowISO8601", []) => time::to_iso(now),
            ("epochMilliSecondsToISO8601", [Value::Int(at)]) => time::to_iso(*at),
            ("nowFormatted", [Value::Text(pattern)]) => time::format(now, pattern, None, zones),
            ("nowFormatted", [Value::Text(pattern), Value::Text(zone)]) => {
                time::format(now, pattern, Some(zone), zones)
            }
            ("epochMilliSecondsToFormatted", [Value::Int(at), Value::Text(pattern)]) => {
                time::format(*at, pattern, None, zones)
            }
            ("epochMilliSecondsToFormatted", [Value::Int(at), Value::Text(pattern), Value::Text(zone)]) => {
                time::format(*at, pattern, Some(zone), zones)
            }
            _ => return self.moment(method, arguments),
        };
        made(heap, shown.map_err(Failure::method)?)
    }

    /// What gives a number.
    fn moment(&self, method: &str, arguments: &[Value]) -> Result<Option<Value>> {
        let now = self.surroundings.now_milliseconds;
        let zones = self.surroundings.zones.as_deref();
        let at = match (method, arguments) {
            ("nowEpochSeconds", []) => Ok(now.div_euclid(1000)),
            ("nowEpochMilliSeconds", []) => Ok(now),
            ("epochMilliSecondsToSeconds", [Value::Int(at)]) => Ok(at.div_euclid(1000)),
            ("parseISO8601ToEpochMilliSeconds", [Value::Text(text)]) => time::parse_iso(text),
            ("parseFormattedToEpochMilliSeconds", [Value::Text(text), Value::Text(pattern)]) => {
                time::parse(text, pattern, None, zones)
            }
            (
                "parseFormattedToEpochMilliSeconds",
                [Value::Text(text), Value::Text(pattern), Value::Text(zone)],
            ) => time::parse(text, pattern, Some(zone), zones),
            _ => return Ok(None),
        };
        at.map_err(Failure::method).map(Value::Int).map(Some)
    }
}
