//! What a call leaves on its way: errors, log lines, headers, extensions. All of it within bounds.

use json::{Text, Value};

use crate::http;
use crate::outcome::{FieldError, Log, text_of};

/// More lines, errors, headers or extensions of one call mean a mistake.
const ENTRIES_MAX: usize = 1000;
/// And more bytes of them: AppSync's limit for what an evaluation gives.
const BYTES_MAX: usize = 5 << 20;
/// The service's limit on invalidations in one request.
const INVALIDATIONS_MAX: usize = 5;

/// What one call has noted so far, each kind in order.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    /// `util.appendError`, and the headers that were refused.
    pub out_errors: Vec<FieldError>,
    /// `console`, `$util.log`.
    pub logs: Vec<Log>,
    /// Headers of the answer: of one name the last counts.
    pub response_headers: Vec<(Text, Text)>,
    /// The calls of `extensions`: the function's name and its arguments.
    pub extensions: Vec<(Text, Vec<Value>)>,
    bytes: usize,
    header_bytes: usize,
}

impl Notes {
    /// Notes what `name` was given: `appendError`, `log` (level and text), `addResponseHeader` or a function of
    /// `extensions`. Refuses what is too much, and what is none of these.
    pub fn note(&mut self, name: &str, arguments: &[Value]) -> Result<(), String> {
        self.count(name, arguments)?;
        match name {
            "appendError" => self.out_errors.push(FieldError::of_arguments(arguments)),
            "log" => {
                let [level, text] = [0, 1].map(|index| text_of(arguments.get(index)));
                self.logs.push(Log { level, text });
            }
            "addResponseHeader" => self.header(arguments.first(), arguments.get(1)),
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
        Ok(())
    }

    fn count(&mut self, name: &str, arguments: &[Value]) -> Result<(), String> {
        let noted =
            self.out_errors.len() + self.logs.len() + self.response_headers.len() + self.extensions.len();
        for argument in arguments {
            self.bytes += argument.to_text_up_to(BYTES_MAX).map_or(BYTES_MAX + 1, |text| text.len());
        }
        if noted >= ENTRIES_MAX || self.bytes > BYTES_MAX {
            let most = "errors, log lines, headers and extensions of one call";
            return Err(format!("{name}: at most {ENTRIES_MAX} {most}, of {BYTES_MAX} bytes together"));
        }
        Ok(())
    }

    /// A header that may not be is left out, and told as an error of the field.
    fn header(&mut self, name: Option<&Value>, value: Option<&Value>) {
        let name = name.filter(|name| !name.is_null()).map(|name| text_of(Some(name))).unwrap_or_default();
        let value = value.filter(|value| !value.is_null()).map(|value| text_of(Some(value)));
        let bytes = name.len() + value.as_ref().map_or(0, |value| value.len());
        let problem = match &value {
            None => Some("it has no value".to_owned()),
            Some(_) if self.header_bytes + bytes > http::RESPONSE_HEADER_BYTES_MAX => {
                Some(format!("headers may have {} bytes together", http::RESPONSE_HEADER_BYTES_MAX))
            }
            Some(value) => http::problem(&name, value).map(str::to_owned),
        };
        match (problem, value) {
            (None, Some(value)) => {
                self.header_bytes += bytes;
                self.response_headers.push((name, value));
            }
            (problem, _) => {
                let problem = problem.unwrap_or_default();
                let message = format!("The response header '{name}' is left out: {problem}");
                self.out_errors.push(FieldError::new(message, "ResponseHeaderError"));
            }
        }
    }
}

#[cfg(test)]
mod tests;
