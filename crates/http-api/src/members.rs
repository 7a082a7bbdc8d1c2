//! A request's JSON body, read member by member.
//!
//! A member of the wrong type ends the reading (`SerializationException`); broken constraints are
//! collected, so that the caller hears of all of them at once (`ValidationException`).
//! Never here: what the members mean.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Display;
use std::rc::Rc;

use json::{Object, Text, Value};

use crate::constraint::{Pattern, TextRule};
use crate::error::ApiError;

/// Of a value in an error message, this many characters are shown: any value that is just too long for
/// the longest of the model's members (3,096) is shown whole, as on AWS, and a body of 1.5 MiB is not.
const SHOWN_MAX: usize = 4096;

/// The body of a request.
pub(crate) struct Body(Object);

/// The members of the body, or of a structure inside it.
pub(crate) struct Members<'b> {
    object: &'b Object,
    /// Broken constraints so far, of the body and everything in it.
    problems: Rc<RefCell<Vec<String>>>,
    /// Where they are, with a point at the end: `tags.1.member.`; empty for the body.
    prefix: String,
    spelling: Spelling,
}

/// How messages show the names of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    AsTheyAre,
    /// Where a model's names begin with a capital letter, AWS's messages show a small one.
    SmallFirst,
}

impl Body {
    /// Parses a body. An empty one has no members.
    pub fn parse(bytes: &[u8]) -> Result<Body, ApiError> {
        let value = match bytes {
            [] => Value::Object(Object::new()),
            _ => Value::parse_bytes(bytes).map_err(|error| ApiError::serialization(error.to_string()))?,
        };
        match value {
            Value::Object(object) => Ok(Body(object)),
            other => Err(unexpected(&other, "a structure")),
        }
    }

    /// What is to be read.
    pub fn members(&self) -> Members<'_> {
        Members {
            object: &self.0,
            problems: Rc::default(),
            prefix: String::new(),
            spelling: Spelling::AsTheyAre,
        }
    }

    /// The same, of a service whose members have names that begin with a capital letter.
    pub fn capital_members(&self) -> Members<'_> {
        Members { spelling: Spelling::SmallFirst, ..self.members() }
    }
}

impl<'b> Members<'b> {
    /// A string that must be there. The empty text stands for a missing one: the
    /// caller never gets past [`Members::check`] with it.
    pub fn required_text(&self, name: &str, rule: &TextRule) -> Result<Text, ApiError> {
        match self.text(name, rule)? {
            Some(text) => Ok(text),
            None => Ok(self.missing(name)),
        }
    }

    /// A string that may be absent.
    pub fn text(&self, name: &str, rule: &TextRule) -> Result<Option<Text>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let Value::String(text) = value else { return Err(not_convertible(value, "a String")) };
        self.check_text(name, text, rule);
        Ok(Some(text.clone()))
    }

    /// A string out of a fixed set; a required one if the caller turns `None` into a refusal.
    pub fn choice(&self, name: &str, set: &[&'static str]) -> Result<Option<&'static str>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let Value::String(text) = value else { return Err(not_convertible(value, "a String")) };
        let found = set.iter().copied().find(|known| known == text);
        if found.is_none() {
            let set = set.join(", ");
            self.problem(&shown(text), name, format_args!("Member must satisfy enum value set: [{set}]"));
        }
        Ok(found)
    }

    /// A truth value that may be absent.
    pub fn truth(&self, name: &str) -> Result<Option<bool>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(truth)) => Ok(Some(*truth)),
            Some(value) => Err(not_convertible(value, "a Boolean")),
        }
    }

    /// A whole number of 32 bits that may be absent.
    pub fn integer(&self, name: &str, bounds: (i64, i64)) -> Result<Option<i64>, ApiError> {
        let integer = self.whole_number(name, "an Integer", |value| i32::try_from(value).is_ok())?;
        self.check_bounds(name, integer, bounds);
        Ok(integer)
    }

    /// A whole number of 64 bits that may be absent.
    pub fn long(&self, name: &str, bounds: (i64, i64)) -> Result<Option<i64>, ApiError> {
        let long = self.whole_number(name, "a Long", |_| true)?;
        self.check_bounds(name, long, bounds);
        Ok(long)
    }

    /// A number that may be absent and may have a fraction.
    pub fn float(&self, name: &str, bounds: (f64, f64)) -> Result<Option<f64>, ApiError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let Some(float) = value.as_f64() else { return Err(not_convertible(value, "a Float")) };
        self.check_bounds(name, Some(float), bounds);
        Ok(Some(float))
    }

    /// A structure that may be absent.
    pub fn structure(&self, name: &str) -> Result<Option<Members<'b>>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Object(object)) => Ok(Some(self.inside(object, name))),
            Some(value) => Err(unexpected(value, "a structure")),
        }
    }

    /// A list of structures that may be absent.
    pub fn structures(&self, name: &str) -> Result<Option<Vec<Members<'b>>>, ApiError> {
        let Some(items) = self.items(name)? else { return Ok(None) };
        let inside = items.iter().enumerate().map(|(place, item)| match item {
            Value::Object(object) => Ok(self.inside(object, &item_name(name, place))),
            value => Err(unexpected(value, "a structure")),
        });
        inside.collect::<Result<_, _>>().map(Some)
    }

    /// A list of structures that may be absent, with the fewest and the most that it may have.
    pub fn some_structures(
        &self,
        name: &str,
        (fewest, most): (usize, usize),
    ) -> Result<Option<Vec<Members<'b>>>, ApiError> {
        let Some(structures) = self.structures(name)? else { return Ok(None) };
        let count = structures.len();
        if count < fewest || count > most {
            let shown = self.get(name).map_or_else(String::new, |list| shown(&list.to_text()));
            let (than, bound) = if count < fewest { ("greater", fewest) } else { ("less", most) };
            let rule = format_args!("Member must have length {than} than or equal to {bound}");
            self.problem(&shown, name, rule);
        }
        Ok(Some(structures))
    }

    /// A list of strings that may be absent.
    pub fn texts(&self, name: &str, rule: &TextRule) -> Result<Option<Vec<Text>>, ApiError> {
        let Some(items) = self.items(name)? else { return Ok(None) };
        let texts = items.iter().enumerate().map(|(place, item)| match item {
            Value::String(text) => {
                self.check_text(&item_name(name, place), text, rule);
                Ok(text.clone())
            }
            value => Err(not_convertible(value, "a String")),
        });
        texts.collect::<Result<_, _>>().map(Some)
    }

    /// After the last member was read: refuses if any constraint was broken.
    pub fn check(&self) -> Result<(), ApiError> {
        let problems = self.problems.borrow();
        if problems.is_empty() { Ok(()) } else { Err(ApiError::constraints(&problems)) }
    }

    /// Whether the member is there.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Notes that a required member is absent, and gives what stands in for it.
    pub fn missing<T: Default>(&self, name: &str) -> T {
        self.problem(" null", name, format_args!("Member must not be null"));
        T::default()
    }

    /// `null` is absent.
    fn get(&self, name: &str) -> Option<&'b Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    fn items(&self, name: &str) -> Result<Option<&'b [Value]>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items.as_slice())),
            Some(value) => Err(unexpected(value, "a list")),
        }
    }

    fn whole_number(
        &self,
        name: &str,
        wanted: &str,
        fits: impl Fn(i64) -> bool,
    ) -> Result<Option<i64>, ApiError> {
        match self.get(name) {
            None => Ok(None),
            Some(&Value::Int(number)) if fits(number) => Ok(Some(number)),
            Some(value) => Err(not_convertible(value, wanted)),
        }
    }

    fn check_bounds<N: PartialOrd + Display>(&self, name: &str, number: Option<N>, (least, most): (N, N)) {
        let Some(number) = number else { return };
        let shown = format!(" '{number}'");
        if number < least {
            let rule = format_args!("Member must have value greater than or equal to {least}");
            self.problem(&shown, name, rule);
        } else if number > most {
            self.problem(&shown, name, format_args!("Member must have value less than or equal to {most}"));
        }
    }

    fn inside(&self, object: &'b Object, name: &str) -> Members<'b> {
        let prefix = format!("{}{}.", self.prefix, self.shown_name(name));
        Members { object, problems: self.problems.clone(), prefix, spelling: self.spelling }
    }

    fn check_text(&self, name: &str, text: &str, rule: &TextRule) {
        let TextRule { shortest, longest, pattern, sensitive } = *rule;
        // A text has at most as many characters as bytes, so most texts need not be counted.
        let fits = text.len() <= longest && (shortest == 0 || shortest == 1 && !text.is_empty());
        let broken = pattern.filter(|pattern| !(pattern.accepts)(text));
        if fits && broken.is_none() {
            return;
        }
        let shown = if sensitive { String::new() } else { shown(text) };
        let count = text.chars().count();
        if count < shortest {
            let rule = format_args!("Member must have length greater than or equal to {shortest}");
            self.problem(&shown, name, rule);
        }
        if count > longest {
            let rule = format_args!("Member must have length less than or equal to {longest}");
            self.problem(&shown, name, rule);
        }
        if let Some(Pattern { text: pattern, .. }) = broken {
            let rule = format_args!("Member must satisfy regular expression pattern: {pattern}");
            self.problem(&shown, name, rule);
        }
    }

    fn shown_name<'n>(&self, name: &'n str) -> Cow<'n, str> {
        match self.spelling {
            Spelling::AsTheyAre => Cow::Borrowed(name),
            Spelling::SmallFirst => {
                let (first, rest) = name.split_at(usize::from(!name.is_empty()));
                Cow::Owned(first.to_ascii_lowercase() + rest)
            }
        }
    }

    fn problem(&self, shown: &str, name: &str, rule: std::fmt::Arguments<'_>) {
        let (prefix, name) = (&self.prefix, self.shown_name(name));
        let problem = format!("Value{shown} at '{prefix}{name}' failed to satisfy constraint: {rule}");
        self.problems.borrow_mut().push(problem);
    }
}

/// How AWS names the items of a list in its messages, from 1.
fn item_name(list: &str, place: usize) -> String {
    format!("{list}.{}.member", place + 1)
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        None => format!(" '{text}'"),
        Some((end, _)) => format!(" '{}…'", &text[..end]),
    }
}

fn not_convertible(value: &Value, wanted: &str) -> ApiError {
    match token(value) {
        Some(token) => ApiError::serialization(format!("{token} can not be converted to {wanted}")),
        None => unexpected(value, wanted),
    }
}

fn unexpected(value: &Value, wanted: &str) -> ApiError {
    ApiError::serialization(match (value, token(value)) {
        (_, Some(token)) => format!("{token} found where {wanted} was expected"),
        (Value::Array(_), None) => "Start of list found where not expected".to_owned(),
        (_, None) => "Start of structure or map found where not expected.".to_owned(),
    })
}

/// The name that AWS's parser has for a scalar.
fn token(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => Some("NULL_VALUE"),
        Value::Bool(true) => Some("TRUE_VALUE"),
        Value::Bool(false) => Some("FALSE_VALUE"),
        Value::Int(_) | Value::Float(_) | Value::Big(_) => Some("NUMBER_VALUE"),
        Value::String(_) => Some("STRING_VALUE"),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::constraint;

    /// Reads a body of all types and says what is wrong with it.
    fn complaint(body: &str) -> String {
        let read = || {
            let body = Body::parse(body.as_bytes())?;
            let members = body.members();
            members.required_text("name", &constraint::NAME)?;
            members.text("input", &constraint::DATA)?;
            members.text("traceHeader", &constraint::TRACE_HEADER)?;
            members.choice("type", constraint::MACHINE_TYPE)?;
            members.truth("publish")?;
            members.integer("maxResults", constraint::PAGE_SIZE)?;
            members.long("failures", constraint::TOLERATED_FAILURES)?;
            members.float("percentage", constraint::TOLERATED_PERCENTAGE)?;
            members.text("clientToken", &constraint::CLIENT_TOKEN)?;
            members.texts("tagKeys", &constraint::TAG_KEY)?;
            for tag in members.structures("tags")?.unwrap_or_default() {
                tag.required_text("key", &constraint::TAG_KEY)?;
            }
            if let Some(tracing) = members.structure("tracing")? {
                tracing.truth("enabled")?;
            }
            members.check()
        };
        match read() {
            Ok(()) => "fine".to_owned(),
            Err(ApiError { code, message, .. }) => format!("{code}: {message}"),
        }
    }

    #[test]
    fn constraints_are_those_of_the_model_in_the_words_of_the_service() {
        let check = |body: &str, expected: &str| {
            let expected = match expected {
                "" => "fine".to_owned(),
                _ => {
                    let problems: Vec<&str> = expected.split("; ").collect();
                    let count = problems.len();
                    let plural = if count == 1 { "" } else { "s" };
                    let list: Vec<String> = problems
                        .iter()
                        .map(|problem| problem.replace(" ! ", " failed to satisfy constraint: Member must "))
                        .collect();
                    format!(
                        "ValidationException: {count} validation error{plural} detected: {}",
                        list.join("; ")
                    )
                }
            };
            assert_eq!(complaint(body), expected, "{body}");
        };
        check(r#"{"name":"n"}"#, "");
        check(r#"{"name":"n","input":null,"unknown":[1]}"#, "");
        check("{}", "Value null at 'name' ! not be null");
        check("", "Value null at 'name' ! not be null");
        check(r#"{"name":""}"#, "Value '' at 'name' ! have length greater than or equal to 1");
        check(
            r#"{"name":"n","maxResults":1001}"#,
            "Value '1001' at 'maxResults' ! have value less than or equal to 1000",
        );
        check(
            r#"{"name":"n","maxResults":-1,"type":"FAST"}"#,
            "Value 'FAST' at 'type' ! satisfy enum value set: [STANDARD, EXPRESS]; \
             Value '-1' at 'maxResults' ! have value greater than or equal to 0",
        );
        check(
            r#"{"name":"n","traceHeader":"é"}"#,
            "Value 'é' at 'traceHeader' ! satisfy regular expression pattern: \\p{ASCII}*",
        );
        check(
            r#"{"name":"n","failures":-1,"percentage":100.5}"#,
            "Value '-1' at 'failures' ! have value greater than or equal to 0; \
             Value '100.5' at 'percentage' ! have value less than or equal to 100",
        );
        check(r#"{"name":"n","failures":9223372036854775807,"percentage":0}"#, "");
        check(
            r#"{"name":"n","clientToken":""}"#,
            "Value '' at 'clientToken' ! have length greater than or equal to 1; \
             Value '' at 'clientToken' ! satisfy regular expression pattern: [!-~]+",
        );
        check(
            r#"{"name":"n","tags":[{"key":"a"},{"key":""}],"tagKeys":["a","b",""]}"#,
            "Value '' at 'tagKeys.3.member' ! have length greater than or equal to 1; \
             Value '' at 'tags.2.member.key' ! have length greater than or equal to 1",
        );
    }

    #[test]
    fn lengths_count_characters_and_sensitive_values_are_not_repeated() {
        assert_eq!(complaint(&format!(r#"{{"name":"{}"}}"#, "é".repeat(80))), "fine");
        let long = "é".repeat(81);
        assert_eq!(
            complaint(&format!(r#"{{"name":"{long}"}}"#)),
            format!(
                "ValidationException: 1 validation error detected: Value '{long}' at 'name' failed to satisfy \
                 constraint: Member must have length less than or equal to 80"
            )
        );
        assert_eq!(
            complaint(&format!(r#"{{"name":"n","input":"{}"}}"#, "x".repeat(262_145))),
            "ValidationException: 1 validation error detected: Value at 'input' failed to satisfy \
             constraint: Member must have length less than or equal to 262144"
        );
        let complaint = complaint(&format!(r#"{{"name":"{}"}}"#, "x".repeat(100_000)));
        assert!(complaint.len() < 5000, "{complaint}");
    }

    #[test]
    fn wrong_types_are_serialization_errors() {
        let check = |body: &str, message: &str| {
            assert_eq!(complaint(body), format!("SerializationException: {message}"), "{body}");
        };
        check(r#"{"name":1}"#, "NUMBER_VALUE can not be converted to a String");
        check(r#"{"name":true}"#, "TRUE_VALUE can not be converted to a String");
        check(r#"{"name":{}}"#, "Start of structure or map found where not expected.");
        check(r#"{"name":[]}"#, "Start of list found where not expected");
        check(r#"{"publish":"true"}"#, "STRING_VALUE can not be converted to a Boolean");
        check(r#"{"maxResults":"1"}"#, "STRING_VALUE can not be converted to an Integer");
        check(r#"{"maxResults":1.5}"#, "NUMBER_VALUE can not be converted to an Integer");
        check(r#"{"maxResults":2147483648}"#, "NUMBER_VALUE can not be converted to an Integer");
        check(r#"{"failures":9223372036854775808}"#, "NUMBER_VALUE can not be converted to a Long");
        check(r#"{"percentage":"1"}"#, "STRING_VALUE can not be converted to a Float");
        check(r#"{"tags":{}}"#, "Start of structure or map found where not expected.");
        check(r#"{"tags":[1]}"#, "NUMBER_VALUE found where a structure was expected");
        check(r#"{"tracing":"on"}"#, "STRING_VALUE found where a structure was expected");
        check("[]", "Start of list found where not expected");
        check("null", "NULL_VALUE found where a structure was expected");
        check("{\"name\":", "Unexpected end-of-input within/between Object entries");
        assert!(complaint("{'a':1}").starts_with("SerializationException: Unexpected character"));
    }

    #[test]
    fn hostile_bodies_are_refused() {
        let nested = "[".repeat(1_000_000);
        for body in [nested.as_bytes(), b"\xff\xfe{}", b"{\"name\":\"\xc3\x28\"}", b"\0"] {
            let error = Body::parse(body).err().expect("refused");
            assert_eq!(error.code, "SerializationException");
        }
    }
}
