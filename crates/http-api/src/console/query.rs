//! The part of an address behind the question mark.
//!
//! What is not known is refused: a misspelt filter must not look like one that finds everything.

use crate::error::ApiError;

/// Names and values, decoded.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Reads it; only these names may be in it.
    pub fn read(text: Option<&str>, names: &[&str]) -> Result<Query, ApiError> {
        let pairs = text.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let pairs = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (decode(name)?, decode(value)?);
            if !names.contains(&&*name) {
                let known = names.join(", ");
                return Err(ApiError::validation(format!(
                    "There is no parameter '{name}' here, only: {known}"
                )));
            }
            Ok((name, value))
        });
        pairs.collect::<Result<_, _>>().map(Query)
    }

    /// The value of a parameter, if it is there and not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.is_empty())
    }

    /// A whole number up to `max`.
    pub fn number(&self, name: &str, max: u64) -> Result<Option<u64>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (1..=max).contains(number));
        let wrong =
            || ApiError::validation(format!("{name} is a whole number from 1 to {max}, not '{text}'"));
        number.ok_or_else(wrong).map(Some)
    }

    /// A time: seconds since 1970, perhaps with a fraction.
    pub fn time(&self, name: &str) -> Result<Option<asl::Timestamp>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        // Beyond this, milliseconds are no whole numbers any more.
        let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.abs() < 9e12);
        let wrong = || ApiError::validation(format!("{name} is a time in seconds since 1970, not '{text}'"));
        seconds.ok_or_else(wrong).map(|seconds| Some(asl::Timestamp((seconds * 1000.0) as i64)))
    }
}

/// `%20` and the like; `+` is a space, as forms have it.
fn decode(text: &str) -> Result<String, ApiError> {
    let wrong = || ApiError::validation("The query is not percent-encoded UTF-8");
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|byte| char::from(byte).to_digit(16));
                let (high, low) = (digit(), digit());
                (high.zip(low).map(|(high, low)| high * 16 + low)).ok_or_else(wrong)? as u8
            }
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let said = match Query::read(Some(text), &["a", "b"]) {
            Ok(query) => format!("{:?} {:?}", query.text("a"), query.text("b")),
            Err(error) => error.message,
        };
        assert_eq!(said, expected, "{text}");
    }

    #[test]
    fn parameters_are_decoded() {
        check("", "None None");
        check("a=1&b=arn%3Aaws%20x+y", r#"Some("1") Some("arn:aws x y")"#);
        check("a=&b", "None None");
        check("a=1&a=2", r#"Some("2") None"#);
        check("a=%C3%A9=", r#"Some("é=") None"#);
        check("a=%4", "The query is not percent-encoded UTF-8");
        check("a=%ff", "The query is not percent-encoded UTF-8");
        check("c=1", "There is no parameter 'c' here, only: a, b");
    }

    #[test]
    fn numbers_and_times() {
        let read = |text: &str| Query::read(Some(text), &["a"]).unwrap();
        assert_eq!(read("a=7").number("a", 7), Ok(Some(7)));
        assert_eq!(read("").number("a", 7), Ok(None));
        for wrong in ["a=0", "a=8", "a=x", "a=-1", "a=99999999999999999999"] {
            assert!(read(wrong).number("a", 7).is_err(), "{wrong}");
        }
        assert_eq!(read("a=1.5").time("a"), Ok(Some(asl::Timestamp(1_500))));
        for wrong in ["a=NaN", "a=1e300", "a=inf", "a=soon"] {
            assert!(read(wrong).time("a").is_err(), "{wrong}");
        }
    }
}
