//! What the helper library asks of Rust: `native(name, ...arguments)`, JSON in and JSON out.
//! The state of one call is here; the engine is not.

use appsync_util::{Ended, FieldError, Notes, Random, http, text, time, xml};
use json::{Object, Value};

use crate::host::Host;
use crate::outcome::EarlyReturn;

/// A pattern of `util.matches`, compiled.
const PATTERN_BYTES_MAX: usize = 1 << 20;

/// One call, as it goes.
pub struct Call {
    pub host: Host,
    random: Random,
    pub notes: Notes,
    /// Why the handler stopped, if a helper stopped it.
    pub stopped: Option<Stopped>,
}

/// What stopped a handler before its end.
pub enum Stopped {
    Ended(Ended),
    Early(Value, EarlyReturn),
}

impl Call {
    pub fn new(host: Host) -> Call {
        let random = Random::new(host.seed);
        Call { host, random, notes: Notes::default(), stopped: None }
    }

    /// Answers a native. The error is the message of what is thrown.
    pub fn native(&mut self, name: &str, arguments: &[Value]) -> Result<Value, String> {
        let argument = |index: usize| arguments.get(index).unwrap_or(&Value::Null);
        let string = |index: usize| match argument(index) {
            Value::String(text) => Ok(text.as_str()),
            other => Err(format!("{name} expects a string, not {}", other.kind())),
        };
        let number = |index: usize| match argument(index) {
            Value::Int(number) => Ok(*number),
            Value::Float(number) if number.fract() == 0.0 => Ok(*number as i64),
            other => Err(format!("{name} expects a whole number, not {}", other.kind())),
        };
        let zone = |index: usize| argument(index).as_str();
        let zones = self.host.zones.as_deref();
        let now = self.host.now_milliseconds;
        Ok(match name {
            "now" | "nowEpochMilliSeconds" => Value::Int(now),
            "nowEpochSeconds" => Value::Int(now.div_euclid(1000)),
            "nowISO8601" => time::to_iso(now)?.into(),
            "nowFormatted" => time::format(now, string(0)?, zone(1), zones)?.into(),
            "parseFormattedToEpochMilliSeconds" => {
                Value::Int(time::parse(string(0)?, string(1)?, zone(2), zones)?)
            }
            "parseISO8601ToEpochMilliSeconds" => Value::Int(time::parse_iso(string(0)?)?),
            "epochMilliSecondsToSeconds" => Value::Int(number(0)?.div_euclid(1000)),
            "epochMilliSecondsToISO8601" => time::to_iso(number(0)?)?.into(),
            "epochMilliSecondsToFormatted" => time::format(number(0)?, string(1)?, zone(2), zones)?.into(),
            "plain" => argument(0).clone(),
            "random" => Value::Float(self.random.unit()),
            "autoId" => self.random.uuid().into(),
            "autoUlid" => self.random.ulid(now).into(),
            "autoKsuid" => self.random.ksuid(now).into(),
            "authType" => Value::String(self.host.auth_type.clone()),
            "urlEncode" => text::url_encode(string(0)?).into(),
            "urlDecode" => text::url_decode(string(0)?).ok_or("The text is not URL-encoded")?.into(),
            "base64Encode" => text::base64_encode(string(0)?.as_bytes()).into(),
            "base64Decode" => {
                let bytes = text::base64_decode(string(0)?).ok_or("The text is not base64")?;
                String::from_utf8_lossy(&bytes).into_owned().into()
            }
            "matches" => Value::Bool(matches(string(0)?, string(1)?)?),
            "error" => {
                self.stopped = Some(Stopped::Ended(Ended::Raised(FieldError::of_arguments(arguments))));
                Value::Null
            }
            "unauthorized" => {
                self.stopped = Some(Stopped::Ended(Ended::Raised(FieldError::unauthorized())));
                Value::Null
            }
            "earlyReturn" => {
                let early = match argument(1).as_str() {
                    None => EarlyReturn::Default,
                    Some("NEXT") => EarlyReturn::Next,
                    Some("END") => EarlyReturn::End,
                    Some(other) => return Err(format!("skipTo is NEXT or END, not {other}")),
                };
                self.stopped = Some(Stopped::Early(argument(0).clone(), early));
                Value::Null
            }
            "copyHeaders" => copy_headers(argument(0)),
            "xml.toMap" => xml::to_map(string(0)?)?,
            "xml.toJsonString" => xml::to_json(string(0)?, argument(1).as_bool() == Some(true))?.into(),
            _ => {
                self.notes.note(name, arguments)?;
                Value::Null
            }
        })
    }
}

/// The headers that may go on to a data source.
fn copy_headers(given: &Value) -> Value {
    let mut copied = Object::new();
    for (name, value) in given.as_object().into_iter().flat_map(Object::iter) {
        if http::is_copied(name) {
            copied.insert(name.clone(), value.clone());
        }
    }
    copied.into()
}

/// Whether a pattern of Java's matches the whole text, in linear time: look-around and back-references
/// are refused.
fn matches(pattern: &str, text: &str) -> Result<bool, String> {
    let whole = format!("^(?:{pattern})$");
    let built = regex::RegexBuilder::new(&whole).size_limit(PATTERN_BYTES_MAX).build();
    let compiled = built.map_err(|_| {
        format!("util.matches cannot use the pattern {pattern}: it has no look-around and no back-references")
    })?;
    Ok(compiled.is_match(text))
}

/// `ctx` with `args` beside `arguments`, and a stash to write into.
pub fn context(given: &Value) -> Object {
    let mut context = given.as_object().cloned().unwrap_or_default();
    if let Some(arguments) = context.get("arguments").or_else(|| context.get("args")).cloned() {
        context.insert("arguments", arguments);
    }
    if context.get("stash").is_none_or(Value::is_null) {
        context.insert("stash", Object::new());
    }
    context
}
