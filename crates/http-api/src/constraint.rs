//! The constraints of AWS's service model that requests are checked against, as a table.
//!
//! Never here: rules that need to know what exists, or the formats of names and ARNs.

/// What a string must satisfy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextRule {
    /// The fewest characters.
    pub shortest: usize,
    /// The most characters.
    pub longest: usize,
    /// What all of it must look like.
    pub pattern: Option<Pattern>,
    /// Error messages do not repeat the value.
    pub sensitive: bool,
}

/// A regular expression of the model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern {
    /// As AWS's error messages show it.
    pub text: &'static str,
    /// Whether it matches the whole of a text.
    pub accepts: fn(&str) -> bool,
}

const fn length(shortest: usize, longest: usize) -> TextRule {
    TextRule { shortest, longest, pattern: None, sensitive: false }
}

const fn sensitive(shortest: usize, longest: usize) -> TextRule {
    TextRule { sensitive: true, ..length(shortest, longest) }
}

pub(crate) const ARN: TextRule = length(1, 256);
/// The name of an alias, which is no number.
pub(crate) const ALIAS_NAME: TextRule = TextRule { pattern: Some(ALIAS), ..length(1, 80) };
pub(crate) const ALIAS_DESCRIPTION: TextRule = sensitive(0, 256);
pub(crate) const CAUSE: TextRule = sensitive(0, 32_768);
pub(crate) const CLIENT_TOKEN: TextRule = TextRule { pattern: Some(VISIBLE_ASCII), ..length(1, 64) };
pub(crate) const AUTHORIZATION_ENDPOINT: TextRule = TextRule { pattern: Some(ENDPOINT), ..length(1, 2048) };
pub(crate) const AUTHORIZATION_TEXT: TextRule = TextRule { pattern: Some(AUTHORIZATION), ..length(1, 512) };
pub(crate) const AUTHORIZATION_SECRET: TextRule =
    TextRule { pattern: Some(AUTHORIZATION), ..sensitive(1, 512) };
/// The model has no rule for them; a request has its size.
pub(crate) const BODY_KEY: TextRule = length(0, usize::MAX);
pub(crate) const BODY_VALUE: TextRule = sensitive(0, usize::MAX);
pub(crate) const CONNECTION_NAME: TextRule = TextRule { pattern: Some(CONNECTION), ..length(1, 64) };
pub(crate) const CONNECTION_DESCRIPTION: TextRule = TextRule { pattern: Some(ONE_LINE), ..length(0, 512) };
pub(crate) const CONNECTION_PAGE_TOKEN: TextRule = length(1, 2048);
pub(crate) const HEADER_KEY: TextRule = TextRule { pattern: Some(HEADER_NAME), ..length(0, 512) };
pub(crate) const HEADER_VALUE: TextRule = TextRule { pattern: Some(HEADER_TEXT), ..sensitive(0, 512) };
pub(crate) const QUERY_KEY: TextRule = TextRule { pattern: Some(QUERY_NAME), ..length(0, 512) };
pub(crate) const QUERY_VALUE: TextRule = TextRule { pattern: Some(QUERY_TEXT), ..sensitive(0, 512) };
pub(crate) const DATA: TextRule = sensitive(0, DATA_BYTES_MAX);
pub(crate) const DEFINITION: TextRule = sensitive(1, 1_048_576);
pub(crate) const ERROR: TextRule = sensitive(0, 256);
pub(crate) const KMS_KEY_ID: TextRule = length(1, 2048);
pub(crate) const LIST_EXECUTIONS_PAGE_TOKEN: TextRule = length(1, 3096);
pub(crate) const LONG_ARN: TextRule = length(1, 2000);
pub(crate) const NAME: TextRule = length(1, 80);
pub(crate) const PAGE_TOKEN: TextRule = length(1, 1024);
/// The model has no rule for it; a request has its size.
pub(crate) const REVISION_ID: TextRule = length(0, usize::MAX);
pub(crate) const STATE_NAME: TextRule = sensitive(1, 80);
pub(crate) const TAG_KEY: TextRule = length(1, 128);
pub(crate) const TAG_VALUE: TextRule = length(0, 256);
pub(crate) const TASK_TOKEN: TextRule = length(1, 2048);
pub(crate) const TRACE_HEADER: TextRule = TextRule { pattern: Some(ASCII), ..length(0, 256) };
pub(crate) const VERSION_DESCRIPTION: TextRule = sensitive(0, 256);

const ALIAS: Pattern = Pattern {
    text: r"^(?=.*[a-zA-Z_\-\.])[a-zA-Z0-9_\-\.]+$",
    accepts: |text| {
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
        text.bytes().all(is_allowed) && text.bytes().any(|byte| !byte.is_ascii_digit())
    },
};
const AUTHORIZATION: Pattern = Pattern {
    text: r"^[ \t]*[^\x00-\x1F:\x7F]+([ \t]+[^\x00-\x1F:\x7F]+)*[ \t]*$",
    accepts: |text| has_one_and_all(text, |letter| !letter.is_ascii_control() && letter != ':', "\t"),
};
const CONNECTION: Pattern = Pattern {
    text: r"[\.\-_A-Za-z0-9]+",
    accepts: |text| {
        has_one_and_all(text, |letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter), "")
    },
};
const ENDPOINT: Pattern = Pattern {
    text: r"^((%[0-9A-Fa-f]{2}|[-()_.!~*';/?:@\x26=+$,A-Za-z0-9])+)([).!';/?:,])?$",
    accepts: |text| {
        let bytes = text.as_bytes();
        let is_escape = |place: usize| {
            bytes.get(place + 1..place + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        let fits = |(place, &byte): (usize, &u8)| match byte {
            b'%' => is_escape(place),
            byte => byte.is_ascii_alphanumeric() || b"-()_.!~*';/?:@&=+$,".contains(&byte),
        };
        !text.is_empty() && bytes.iter().enumerate().all(fits)
    },
};
const HEADER_NAME: Pattern = Pattern {
    text: r"^[!#$%&'*+-.^_`|~0-9a-zA-Z]+$",
    accepts: |text| {
        let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+,-.^_`|~".contains(letter);
        has_one_and_all(text, is_allowed, "")
    },
};
const HEADER_TEXT: Pattern = Pattern {
    text: r"^[ \t]*[\x20-\x7E]+([ \t]+[\x20-\x7E]+)*[ \t]*$",
    accepts: |text| has_one_and_all(text, |letter| matches!(letter, ' '..='~'), "\t"),
};
const ONE_LINE: Pattern =
    Pattern { text: ".*", accepts: |text| !text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']) };
const QUERY_NAME: Pattern = Pattern {
    text: r"[^\x00-\x1F\x7F]+",
    accepts: |text| has_one_and_all(text, |letter| !letter.is_ascii_control(), ""),
};
const QUERY_TEXT: Pattern = Pattern {
    text: r"[^\x00-\x09\x0B\x0C\x0E-\x1F\x7F]+",
    accepts: |text| has_one_and_all(text, |letter| !letter.is_ascii_control() || "\n\r".contains(letter), ""),
};

/// At least one letter is allowed, and all others are that or among `also`.
fn has_one_and_all(text: &str, is_allowed: impl Fn(char) -> bool, also: &str) -> bool {
    text.chars().any(&is_allowed) && text.chars().all(|letter| is_allowed(letter) || also.contains(letter))
}

const ASCII: Pattern = Pattern { text: r"\p{ASCII}*", accepts: str::is_ascii };
const VISIBLE_ASCII: Pattern = Pattern {
    text: "[!-~]+",
    accepts: |text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()),
};

/// The most that input and output may have: characters by the model, bytes of UTF-8 by the quota.
pub(crate) const DATA_BYTES_MAX: usize = 262_144;

/// `maxResults`
pub(crate) const PAGE_SIZE: (i64, i64) = (0, 1000);
/// `routingConfiguration`: so many versions.
pub(crate) const ROUTES: (usize, usize) = (1, 2);
/// `weight` of a route: percent.
pub(crate) const WEIGHT: (i64, i64) = (0, 100);
/// `maxResults` of ValidateStateMachineDefinition
pub(crate) const DIAGNOSTICS: (i64, i64) = (0, 100);
/// `maxConcurrency`: the model has no upper bound but the type's.
pub(crate) const MAX_CONCURRENCY: (i64, i64) = (0, i32::MAX as i64);
/// `toleratedFailureCount`
pub(crate) const TOLERATED_FAILURES: (i64, i64) = (0, i64::MAX);
/// `toleratedFailurePercentage`
pub(crate) const TOLERATED_PERCENTAGE: (f64, f64) = (0.0, 100.0);
/// `kmsDataKeyReusePeriodSeconds`
pub(crate) const KMS_REUSE_SECONDS: (i64, i64) = (60, 900);

/// `Limit` of a list of connections.
pub(crate) const CONNECTIONS_PAGE_SIZE: (i64, i64) = (1, 100);
/// How many parameters of one kind a connection adds.
pub(crate) const CONNECTION_PARAMETERS: (usize, usize) = (0, 100);

pub(crate) const AUTHORIZATION_TYPE: &[&str] = &["BASIC", "OAUTH_CLIENT_CREDENTIALS", "API_KEY"];
pub(crate) const CONNECTION_STATE: &[&str] = &[
    "CREATING",
    "UPDATING",
    "DELETING",
    "AUTHORIZED",
    "DEAUTHORIZED",
    "AUTHORIZING",
    "DEAUTHORIZING",
    "ACTIVE",
    "FAILED_CONNECTIVITY",
];
pub(crate) const OAUTH_METHOD: &[&str] = &["GET", "POST", "PUT"];
pub(crate) const ENCRYPTION_TYPE: &[&str] = &["AWS_OWNED_KEY", "CUSTOMER_MANAGED_KMS_KEY"];
/// In the order of AWS's error message.
pub(crate) const EXECUTION_STATUS: &[&str] =
    &["SUCCEEDED", "TIMED_OUT", "PENDING_REDRIVE", "ABORTED", "FAILED", "RUNNING"];
pub(crate) const FIELD_VALIDATION_MODE: &[&str] = &["STRICT", "PRESENT", "NONE"];
pub(crate) const INCLUDED_DATA: &[&str] = &["ALL_DATA", "METADATA_ONLY"];
pub(crate) const INSPECTION_LEVEL: &[&str] = &["INFO", "DEBUG", "TRACE"];
pub(crate) const LOG_LEVEL: &[&str] = &["ALL", "ERROR", "FATAL", "OFF"];
pub(crate) const MACHINE_TYPE: &[&str] = &["STANDARD", "EXPRESS"];
pub(crate) const REDRIVE_FILTER: &[&str] = &["REDRIVEN", "NOT_REDRIVEN"];
pub(crate) const SEVERITY: &[&str] = &["ERROR", "WARNING"];
