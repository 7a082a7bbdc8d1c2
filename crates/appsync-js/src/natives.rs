//! What the helper library asks of Rust: `native(name, ...arguments)`, JSON in and JSON out.
//! The state of one call is here; the engine is not.

use json::{Object, Text, Value};

use crate::host::Host;
use crate::outcome::{EarlyReturn, Ended, FieldError, Log};
use crate::random::Random;
use crate::{base64, time};

/// More lines, errors, headers or extensions of one call mean a mistake.
const ENTRIES_MAX: usize = 1000;
/// And more bytes of them: AppSync's limit for what an evaluation gives.
const BYTES_MAX: usize = 5 << 20;
/// A pattern of `util.matches`, compiled.
const PATTERN_BYTES_MAX: usize = 1 << 20;
/// The extensions and how often one call may use them; the service allows five invalidations.
const INVALIDATIONS_MAX: usize = 5;

/// One call, as it goes.
pub struct Call {
    pub host: Host,
    random: Random,
    pub out_errors: Vec<FieldError>,
    pub logs: Vec<Log>,
    pub response_headers: Vec<(Text, Text)>,
    pub extensions: Vec<(Text, Vec<Value>)>,
    /// Why the handler stopped, if a helper stopped it.
    pub stopped: Option<Stopped>,
    bytes: usize,
}

/// What stopped a handler before its end.
pub enum Stopped {
    Ended(Ended),
    Early(Value, EarlyReturn),
}

impl Call {
    pub fn new(host: Host) -> Call {
        let random = Random::new(host.seed);
        Call {
            host,
            random,
            out_errors: Vec::new(),
            logs: Vec::new(),
            response_headers: Vec::new(),
            extensions: Vec::new(),
            stopped: None,
            bytes: 0,
        }
    }

    /// Answers a native. The error is the message of what is thrown.
    pub fn native(&mut self, name: &str, arguments: &[Value]) -> Result<Value, String> {
        let argument = |index: usize| arguments.get(index).unwrap_or(&Value::Null);
        let text = |index: usize| match argument(index) {
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
            "nowFormatted" => time::format(now, text(0)?, zone(1), zones)?.into(),
            "parseFormattedToEpochMilliSeconds" => {
                Value::Int(time::parse(text(0)?, text(1)?, zone(2), zones)?)
            }
            "parseISO8601ToEpochMilliSeconds" => Value::Int(time::parse_iso(text(0)?)?),
            "epochMilliSecondsToSeconds" => Value::Int(number(0)?.div_euclid(1000)),
            "epochMilliSecondsToISO8601" => time::to_iso(number(0)?)?.into(),
            "epochMilliSecondsToFormatted" => time::format(number(0)?, text(1)?, zone(2), zones)?.into(),
            "plain" => argument(0).clone(),
            "random" => Value::Float(self.random.unit()),
            "autoId" => self.random.uuid().into(),
            "autoUlid" => self.random.ulid(now).into(),
            "autoKsuid" => self.random.ksuid(now).into(),
            "authType" => Value::String(self.host.auth_type.clone()),
            "urlEncode" => base64::url_encode(text(0)?).into(),
            "urlDecode" => base64::url_decode(text(0)?).ok_or("The text is not URL-encoded")?.into(),
            "base64Encode" => base64::encode(text(0)?.as_bytes()).into(),
            "base64Decode" => {
                let bytes = base64::decode(text(0)?).ok_or("The text is not base64")?;
                String::from_utf8_lossy(&bytes).into_owned().into()
            }
            "matches" => Value::Bool(matches(text(0)?, text(1)?)?),
            "error" => {
                self.stopped = Some(Stopped::Ended(Ended::Raised(field_error(arguments))));
                Value::Null
            }
            "unauthorized" => {
                self.stopped = Some(Stopped::Ended(Ended::Raised(FieldError {
                    message: "Unauthorized".into(),
                    error_type: Some("Unauthorized".into()),
                    data: Value::Null,
                    error_info: Value::Null,
                })));
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
            _ => self.note(name, arguments)?,
        })
    }

    /// What is only noted, within bounds.
    fn note(&mut self, name: &str, arguments: &[Value]) -> Result<Value, String> {
        let noted =
            self.out_errors.len() + self.logs.len() + self.response_headers.len() + self.extensions.len();
        for argument in arguments {
            self.bytes += argument.to_text_up_to(BYTES_MAX).map_or(BYTES_MAX + 1, |text| text.len());
        }
        if noted >= ENTRIES_MAX || self.bytes > BYTES_MAX {
            let most = "errors, log lines, headers and extensions of one call";
            return Err(format!("{name}: at most {ENTRIES_MAX} {most}, of {BYTES_MAX} bytes together"));
        }
        match name {
            "appendError" => self.out_errors.push(field_error(arguments)),
            "log" => {
                let [level, text] = [0, 1].map(|index| text_of(arguments.get(index)));
                self.logs.push(Log { level, text });
            }
            "addResponseHeader" => {
                let [header, value] = [0, 1].map(|index| text_of(arguments.get(index)));
                self.response_headers.push((header, value));
            }
            "invalidateSubscriptions"
                if self.extensions.iter().filter(|(known, _)| known == name).count() >= INVALIDATIONS_MAX =>
            {
                return Err(format!("{name} may be called {INVALIDATIONS_MAX} times in a request"));
            }
            "evictFromApiCache"
            | "setSubscriptionFilter"
            | "setSubscriptionInvalidationFilter"
            | "invalidateSubscriptions" => self.extensions.push((name.into(), arguments.to_vec())),
            _ => return Err(format!("there is no {name}")),
        }
        Ok(Value::Null)
    }
}

/// `util.error(message, type, data, errorInfo)`
fn field_error(arguments: &[Value]) -> FieldError {
    let argument = |index: usize| arguments.get(index).cloned().unwrap_or_default();
    FieldError {
        message: text_of(arguments.first()),
        error_type: argument(1).as_str().map(Text::from),
        data: argument(2),
        error_info: argument(3),
    }
}

fn text_of(value: Option<&Value>) -> Text {
    match value {
        None => Text::default(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_text().into(),
    }
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
