//! The structures that creating and updating share: logging, tracing, encryption, tags.
//!
//! Each is read into the form in which DescribeStateMachine shows it, defaults filled in. Never
//! here: what they lead to.

use aws_names::Arn;
use json::{Array, Object, Text, Value};

use crate::constraint;
use crate::error::ApiError;
use crate::members::Members;

/// The most tags that one request may bring. The most that a resource has is the engine's rule.
const TAGS_MAX: usize = 50;

/// `loggingConfiguration`, as it was asked for.
pub(crate) struct Logging {
    level: &'static str,
    include_data: bool,
    /// The log group of each destination, if it has one.
    groups: Vec<Option<Text>>,
}

/// `encryptionConfiguration`, as it was asked for.
pub(crate) struct Encryption {
    of_the_customer: bool,
    key_or_period: bool,
}

/// Reads `loggingConfiguration`.
pub(crate) fn logging(members: &Members<'_>) -> Result<Option<Logging>, ApiError> {
    let Some(logging) = members.structure("loggingConfiguration")? else { return Ok(None) };
    let level = logging.choice("level", constraint::LOG_LEVEL)?.unwrap_or("OFF");
    let include_data = logging.truth("includeExecutionData")?.unwrap_or(false);
    let mut groups = Vec::new();
    for destination in logging.structures("destinations")?.unwrap_or_default() {
        let group = destination.structure("cloudWatchLogsLogGroup")?;
        let arn = group.map(|group| group.text("logGroupArn", &constraint::ARN)).transpose()?.flatten();
        groups.push(arn);
    }
    Ok(Some(Logging { level, include_data, groups }))
}

impl Logging {
    /// Levels other than OFF need exactly one log group. To be called after the model's constraints
    /// were checked.
    pub fn settle(mut self) -> Result<Value, ApiError> {
        if self.groups.len() > 1 || self.level != "OFF" && self.groups.len() != 1 {
            return Err(invalid_logging("Must specify exactly one Log Destination."));
        }
        let mut configuration = Object::new();
        configuration.insert("level", self.level);
        configuration.insert("includeExecutionData", self.include_data);
        if let Some(arn) = self.groups.pop() {
            configuration.insert("destinations", destinations(arn)?);
        }
        Ok(Value::Object(configuration))
    }
}

/// What a state machine has that was created without `loggingConfiguration`.
pub(crate) fn logging_default() -> Value {
    let mut configuration = Object::new();
    configuration.insert("level", "OFF");
    configuration.insert("includeExecutionData", false);
    Value::Object(configuration)
}

/// `tracingConfiguration`: remembered and shown again; traces are not part of this version.
pub(crate) fn tracing(members: &Members<'_>) -> Result<Option<Value>, ApiError> {
    let Some(tracing) = members.structure("tracingConfiguration")? else { return Ok(None) };
    let enabled = tracing.truth("enabled")?.unwrap_or(false);
    if enabled {
        tracing::warn!("a state machine asks for X-Ray traces, which this version does not send");
    }
    Ok(Some(tracing_configuration(enabled)))
}

/// What a state machine has that was created without `tracingConfiguration`.
pub(crate) fn tracing_default() -> Value {
    tracing_configuration(false)
}

/// Reads `encryptionConfiguration`.
pub(crate) fn encryption(members: &Members<'_>) -> Result<Option<Encryption>, ApiError> {
    let Some(encryption) = members.structure("encryptionConfiguration")? else { return Ok(None) };
    let key = encryption.text("kmsKeyId", &constraint::KMS_KEY_ID)?;
    let period = encryption.integer("kmsDataKeyReusePeriodSeconds", constraint::KMS_REUSE_SECONDS)?;
    let kind = encryption.choice("type", constraint::ENCRYPTION_TYPE)?;
    if !encryption.has("type") {
        encryption.missing::<()>("type");
    }
    let of_the_customer = kind == Some("CUSTOMER_MANAGED_KMS_KEY");
    Ok(Some(Encryption { of_the_customer, key_or_period: key.is_some() || period.is_some() }))
}

impl Encryption {
    /// A key of the customer's own is a promise that this version cannot keep, so it is refused, also
    /// where the type says that it would not be used. To be called after the model's constraints were
    /// checked.
    pub fn settle(self) -> Result<Value, ApiError> {
        if self.of_the_customer {
            let why = "This version of Stepwell does not support customer managed keys.";
            return Err(invalid_encryption(why));
        }
        if self.key_or_period {
            let why = "kmsKeyId and kmsDataKeyReusePeriodSeconds need the type CUSTOMER_MANAGED_KMS_KEY.";
            return Err(invalid_encryption(why));
        }
        Ok(encryption_default())
    }
}

/// What a resource has that was created without `encryptionConfiguration`.
pub(crate) fn encryption_default() -> Value {
    let mut configuration = Object::new();
    configuration.insert("type", "AWS_OWNED_KEY");
    Value::Object(configuration)
}

/// `tags`: of tags with the same key the last one counts.
pub(crate) fn tags(members: &Members<'_>) -> Result<Option<Vec<(Text, Text)>>, ApiError> {
    let Some(list) = members.structures("tags")? else { return Ok(None) };
    let mut tags: Vec<(Text, Text)> = Vec::new();
    for tag in &list {
        let key = tag.required_text("key", &constraint::TAG_KEY)?;
        let value = tag.text("value", &constraint::TAG_VALUE)?.unwrap_or_default();
        match tags.iter().position(|(known, _)| *known == key) {
            Some(place) => tags[place].1 = value,
            // The bound keeps the search short; the excess is refused when the tags are checked.
            None if tags.len() <= TAGS_MAX => tags.push((key, value)),
            None => {}
        }
    }
    Ok(Some(tags))
}

/// The rules for tags that the model does not have; to be called after the model's constraints
/// were checked.
pub(crate) fn check_tags(tags: &[(Text, Text)], resource: &str) -> Result<(), ApiError> {
    if tags.len() > TAGS_MAX {
        let message = format!("A resource can have at most {TAGS_MAX} tags.");
        return Err(ApiError::new("TooManyTags", message).with_detail("resourceName", resource));
    }
    for (key, value) in tags {
        if key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:")) {
            return Err(ApiError::validation(format!("Tag keys must not begin with 'aws:': '{key}'")));
        }
        for text in [key, value] {
            if !text.chars().all(tag_character_is_valid) {
                let message = "Tags may contain letters, digits, white space and _ . : / = + - @ only: ";
                return Err(ApiError::validation(format!("{message}'{text}'")));
            }
        }
    }
    Ok(())
}

fn tag_character_is_valid(character: char) -> bool {
    character.is_alphanumeric() || character.is_whitespace() || "_.:/=+-@".contains(character)
}

fn destinations(arn: Option<Text>) -> Result<Value, ApiError> {
    let valid = |arn: &Text| {
        Arn::parse(arn).is_ok_and(|parts| {
            parts.service == "logs"
                && parts.resource.starts_with("log-group:")
                && parts.resource.ends_with(":*")
        })
    };
    let Some(arn) = arn.filter(valid) else {
        return Err(invalid_logging("Log Destination must be the ARN of a log group that ends with ':*'."));
    };
    let mut group = Object::new();
    group.insert("logGroupArn", Value::String(arn));
    let mut destination = Object::new();
    destination.insert("cloudWatchLogsLogGroup", Value::Object(group));
    let mut destinations = Array::new();
    destinations.push(Value::Object(destination));
    Ok(Value::Array(destinations))
}

fn tracing_configuration(enabled: bool) -> Value {
    let mut configuration = Object::new();
    configuration.insert("enabled", enabled);
    Value::Object(configuration)
}

fn invalid_encryption(why: &str) -> ApiError {
    ApiError::new("InvalidEncryptionConfiguration", format!("Invalid Encryption Configuration: '{why}'"))
}

fn invalid_logging(why: &str) -> ApiError {
    ApiError::new("InvalidLoggingConfiguration", format!("Invalid Logging Configuration: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::members::Body;

    const GROUP: &str = "arn:aws:logs:us-east-1:123456789012:log-group:/g:*";

    fn read<R>(
        what: fn(&Members<'_>) -> Result<Option<R>, ApiError>,
        settle: fn(R) -> Result<Value, ApiError>,
        body: &str,
    ) -> Result<String, String> {
        let said = |error: ApiError| format!("{}: {}", error.code, error.message);
        let body = Body::parse(body.as_bytes()).map_err(said)?;
        let members = body.members();
        let asked = what(&members).map_err(said)?;
        members.check().map_err(said)?;
        let value = asked.map(settle).transpose().map_err(said)?;
        Ok(value.map_or("default".to_owned(), |value| value.to_text()))
    }

    #[test]
    fn logging_needs_one_log_group_unless_it_is_off() {
        let check = |configuration: &str, expected: Result<&str, &str>| {
            let body = format!(r#"{{"loggingConfiguration":{configuration}}}"#).replace("GROUP", GROUP);
            let expected = expected.map(|text| text.replace("GROUP", GROUP));
            let expected = expected
                .map_err(|why| format!("InvalidLoggingConfiguration: Invalid Logging Configuration: {why}"));
            assert_eq!(read(logging, Logging::settle, &body), expected, "{configuration}");
        };
        let destination = r#"{"cloudWatchLogsLogGroup":{"logGroupArn":"GROUP"}}"#;
        let exactly_one = Err("Must specify exactly one Log Destination.");
        check("null", Ok("default"));
        check("{}", Ok(r#"{"level":"OFF","includeExecutionData":false}"#));
        check(r#"{"level":"FATAL"}"#, exactly_one);
        check(&format!(r#"{{"level":"ALL","destinations":[{destination},{destination}]}}"#), exactly_one);
        let full = format!(r#"{{"level":"ALL","includeExecutionData":true,"destinations":[{destination}]}}"#);
        check(&full, Ok(&full));
        let off = format!(r#"{{"level":"OFF","includeExecutionData":true,"destinations":[{destination}]}}"#);
        check(&off, Ok(&off));
        let form = Err("Log Destination must be the ARN of a log group that ends with ':*'.");
        check(r#"{"level":"ALL","destinations":[{}]}"#, form);
        let other = r#"{"cloudWatchLogsLogGroup":{"logGroupArn":"arn:aws:logs:r:1:log-group:g"}}"#;
        check(&format!(r#"{{"level":"ALL","destinations":[{other}]}}"#), form);
        let empty = r#"{"level":"ALL","destinations":[{"cloudWatchLogsLogGroup":{"logGroupArn":""}}]}"#;
        assert_eq!(
            read(logging, Logging::settle, &format!(r#"{{"loggingConfiguration":{empty}}}"#)),
            Err("ValidationException: 1 validation error detected: Value '' at \
                 'loggingConfiguration.destinations.1.member.cloudWatchLogsLogGroup.logGroupArn' failed to \
                 satisfy constraint: Member must have length greater than or equal to 1"
                .to_owned())
        );
    }

    #[test]
    fn encryption_is_ours_or_refused() {
        let check = |configuration: &str, expected: Result<&str, &str>| {
            let body = format!(r#"{{"encryptionConfiguration":{configuration}}}"#);
            let got = read(encryption, Encryption::settle, &body);
            match expected {
                Ok(text) => assert_eq!(got, Ok(text.to_owned())),
                Err(code) => assert!(got.as_ref().is_err_and(|why| why.starts_with(code)), "{got:?}"),
            }
        };
        check("null", Ok("default"));
        check(r#"{"type":"AWS_OWNED_KEY"}"#, Ok(r#"{"type":"AWS_OWNED_KEY"}"#));
        check(r#"{"type":"CUSTOMER_MANAGED_KMS_KEY","kmsKeyId":"k"}"#, Err("InvalidEncryptionConfiguration"));
        check(
            "{}",
            Err(
                "ValidationException: 1 validation error detected: Value null at 'encryptionConfiguration.type'",
            ),
        );
        check(r#"{"type":"AWS_OWNED_KEY","kmsKeyId":"k"}"#, Err("InvalidEncryptionConfiguration"));
        check(
            r#"{"type":"AWS_OWNED_KEY","kmsDataKeyReusePeriodSeconds":60}"#,
            Err("InvalidEncryptionConfiguration"),
        );
        // What the model says comes first.
        check(
            r#"{"type":"CUSTOMER_MANAGED_KMS_KEY","kmsDataKeyReusePeriodSeconds":901}"#,
            Err("ValidationException: 1 validation error"),
        );
        check(r#"{"type":"X"}"#, Err("ValidationException: 1 validation error"));
        check(
            r#"{"type":"AWS_OWNED_KEY","kmsDataKeyReusePeriodSeconds":59}"#,
            Err("ValidationException: 1 validation error"),
        );
    }

    #[test]
    fn the_last_of_equal_tags_counts_and_the_rest_has_rules() {
        let read = |list: &str| {
            let body = Body::parse(format!(r#"{{"tags":{list}}}"#).as_bytes())?;
            let members = body.members();
            let tags = tags(&members)?.unwrap_or_default();
            members.check()?;
            check_tags(&tags, "arn:x")?;
            Ok(tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(","))
        };
        let check = |list: &str, expected: Result<&str, &str>| {
            let got = read(list).map_err(|error: ApiError| error.code);
            assert_eq!(got, expected.map(str::to_owned), "{list}");
        };
        check("[]", Ok(""));
        check(r#"[{"key":"a","value":"1"},{"key":"b"},{"key":"a","value":"2"}]"#, Ok("a=2,b="));
        check(r#"[{"key":"État 1","value":"a_.:/=+-@"}]"#, Ok("État 1=a_.:/=+-@"));
        check(r#"[{"value":"1"}]"#, Err("ValidationException"));
        check(r#"[{"key":"aws:x","value":"1"}]"#, Err("ValidationException"));
        check(r#"[{"key":"a","value":"<"}]"#, Err("ValidationException"));
        let many = |count: usize| {
            let tags: Vec<String> = (0..count).map(|n| format!(r#"{{"key":"k{n}"}}"#)).collect();
            format!("[{}]", tags.join(","))
        };
        assert!(read(&many(50)).is_ok());
        check(&many(51), Err("TooManyTags"));
        check(&many(5000), Err("TooManyTags"));
    }
}
