//! Definitions in which `${…}` stands for a value that a deployment fills in: CloudFormation's and SAM's
//! DefinitionSubstitutions, CDK's, Terraform's templates. What can be said of them before that.
//!
//! Each value that is not known yet is given a stand-in that nothing is wrong with; where there is
//! none, findings about that value alone are dropped. Never here: what is filled in later.

use std::collections::BTreeSet;

use json::{Object, Value};

/// A definition with stand-ins.
#[derive(Debug, PartialEq)]
pub struct Filled {
    /// The definition without `${…}` where it matters.
    pub definition: Value,
    /// How many values held one.
    pub count: usize,
    /// Where values stand that nothing can stand in for. What is said of these places means nothing.
    pub unknown: BTreeSet<String>,
}

/// Gives a definition its stand-ins; `None` if it has no `${…}`.
pub fn fill(definition: &Value) -> Option<Filled> {
    let mut filler = Filler::default();
    let definition = filler.value(definition, "", Inside::Definition).unwrap_or_default();
    let Filler { count, unknown, .. } = filler;
    (count > 0).then_some(Filled { definition, count, unknown })
}

/// Whether a text has `${Name}`, `${Resource.Attribute}`, `${AWS::Region}`, `${self:custom.name}` …
pub fn is_open(text: &str) -> bool {
    find(text).is_some()
}

/// Where the first `${…}` begins and ends.
fn find(text: &str) -> Option<(usize, usize)> {
    let starts = text.match_indices("${");
    starts.filter_map(|(start, _)| Some((start, start + length(&text[start..])?))).next()
}

/// How long the `${…}` is that a text begins with. Blanks and quotes make it something else, such as the
/// grouping `${"a": b}` of JSONata.
pub fn length(text: &str) -> Option<usize> {
    let name = text.strip_prefix("${")?;
    let end = name.find(|c: char| !c.is_alphanumeric() && !"_.:,-[]".contains(c))?;
    (end > 0 && name[end..].starts_with('}')).then_some(end + 3)
}

/// JSON text in which `${…}` outside of strings has quotes around it, as in `"TimeoutSeconds": ${Timeout}`,
/// and where in the text each of them ends.
pub fn quote(text: &str) -> (String, Vec<usize>) {
    let (mut quoted, mut ends) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    let mut in_string = false;
    while let Some(at) = rest.find(['"', '\\', '$']) {
        quoted.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match rest.as_bytes()[0] {
            b'"' => {
                in_string = !in_string;
                1
            }
            b'\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            _ => match length(rest) {
                Some(end) if !in_string => {
                    quoted.push_str(&format!("\"{}\"", &rest[..end]));
                    ends.push(quoted.len());
                    rest = &rest[end..];
                    continue;
                }
                _ => 1,
            },
        };
        quoted.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    quoted.push_str(rest);
    (quoted, ends)
}

/// What a value stands in.
#[derive(Clone, Copy, PartialEq)]
enum Inside {
    /// Fields that the States Language knows.
    Definition,
    /// The members of a `States` object, whose names say nothing.
    States,
    /// Data, in which any text is as good as another unless its key or its braces say that it is computed.
    Payload,
}

#[derive(Default)]
struct Filler {
    count: usize,
    unknown: BTreeSet<String>,
    path: String,
}

impl Filler {
    /// The value with stand-ins; `None` for a member that is better left out.
    fn value(&mut self, value: &Value, name: &str, inside: Inside) -> Option<Value> {
        match value {
            Value::Object(members) => Some(Value::Object(self.object(members, name, inside))),
            Value::Array(items) => {
                let items = items.iter().enumerate().map(|(index, item)| {
                    let outer = self.path.len();
                    self.path.push_str(&format!("[{index}]"));
                    let item = self.value(item, name, inside).unwrap_or_default();
                    self.path.truncate(outer);
                    item
                });
                Some(items.collect())
            }
            Value::String(text) if is_open(text) => {
                self.count += 1;
                match inside {
                    Inside::Payload => Some(in_payload(text, name)),
                    Inside::Definition | Inside::States => self.field(text, name),
                }
            }
            other => Some(other.clone()),
        }
    }

    fn object(&mut self, members: &Object, name: &str, inside: Inside) -> Object {
        let mut filled = Object::with_capacity(members.len());
        for (key, member) in members {
            let outer = self.path.len();
            self.path.push('/');
            self.path.push_str(key);
            let inside = match inside {
                Inside::Payload => Inside::Payload,
                Inside::Definition if name == "States" => Inside::States,
                Inside::Definition | Inside::States if PAYLOADS.contains(&key.as_str()) => Inside::Payload,
                Inside::Definition | Inside::States => Inside::Definition,
            };
            // A state's own name must not be taken for that of a field.
            let key_says = if inside == Inside::States { "" } else { key.as_str() };
            if let Some(member) = self.value(member, key_says, inside) {
                filled.insert(key.clone(), member);
            }
            self.path.truncate(outer);
        }
        filled
    }

    /// What can stand in for a text in this field.
    fn field(&mut self, text: &str, name: &str) -> Option<Value> {
        let stand_in = match name {
            _ if has_delimiter(text) => Some(Value::from(SOME_EXPRESSION)),
            // Any text will do, or the field may be missing as well.
            "Comment" | "Error" | "Cause" | "Label" | "Version" | "ErrorEquals" | "CSVHeaders" => {
                Some(Value::from(text))
            }
            "TimeoutSeconds"
            | "HeartbeatSeconds"
            | "IntervalSeconds"
            | "MaxAttempts"
            | "BackoffRate"
            | "MaxDelaySeconds"
            | "JitterStrategy"
            | "MaxConcurrency"
            | "ToleratedFailureCount"
            | "ToleratedFailurePercentage"
            | "MaxItems"
            | "QueryLanguage" => return None,
            "Seconds" | "MaxItemsPerBatch" | "MaxInputBytesPerBatch" => Some(Value::from(1)),
            "Timestamp" => Some(Value::from(SOME_TIME)),
            "End" => Some(Value::from(true)),
            "Resource" => self.resource(text),
            name if name.ends_with("Path") || name == "Variable" => Some(Value::from("$")),
            name if name.starts_with("String") => Some(Value::from(text)),
            name if name.starts_with("Numeric") => Some(Value::from(0)),
            name if name.starts_with("Timestamp") => Some(Value::from(SOME_TIME)),
            name if name.starts_with("Boolean") || name.starts_with("Is") => Some(Value::from(true)),
            _ => None,
        };
        if stand_in.is_none() {
            self.unknown.insert(self.path.clone());
        }
        Some(stand_in.unwrap_or_default())
    }

    /// A resource in which only names, the account or the region are open still says what is called.
    fn resource(&self, text: &str) -> Option<Value> {
        let mut closed = String::new();
        let mut rest = text;
        while let Some((start, end)) = find(rest) {
            closed.push_str(&rest[..start]);
            closed.push('x');
            rest = &rest[end..];
        }
        closed.push_str(rest);
        if ["/ItemReader/Resource", "/ResultWriter/Resource"].iter().any(|end| self.path.ends_with(end)) {
            return closed.starts_with("arn:").then(|| Value::from(closed));
        }
        let known = asl::Resource::parse(&closed).is_ok();
        Some(Value::from(if known { closed.as_str() } else { SOME_FUNCTION }))
    }
}

const PAYLOADS: &[&str] = &[
    "Parameters",
    "Arguments",
    "ResultSelector",
    "ItemSelector",
    "Assign",
    "Output",
    "Credentials",
    "BatchInput",
    "Result",
    "Items",
];

const SOME_EXPRESSION: &str = "{% null %}";
const SOME_FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:x";
const SOME_TIME: &str = "2000-01-01T00:00:00Z";

fn in_payload(text: &str, key: &str) -> Value {
    if key.ends_with(".$") {
        Value::from("$")
    } else if has_delimiter(text) {
        Value::from(SOME_EXPRESSION)
    } else if find(text) == Some((0, text.len())) && !PAYLOADS.contains(&key) {
        // Nothing else is there: it may become a number, an array, an object.
        Value::Null
    } else {
        Value::from(text)
    }
}

/// Whether it is an expression in JSONata, or half of one.
fn has_delimiter(text: &str) -> bool {
    text.starts_with("{%") || text.ends_with("%}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open() {
        for text in ["${A}", "arn:${AWS::Partition}:x", "${F.Arn}", "${a,b}", "${self:custom.a}", "${$ ${A}"]
        {
            assert!(is_open(text), "{text}");
        }
        for text in ["", "$", "${", "${}", "${A", "$.a", "{A}", "${\"a\": b}", "${a: b}", "$states{A}"] {
            assert!(!is_open(text), "{text}");
        }
    }

    #[test]
    fn numbers_get_quotes() {
        let check = |text: &str, expected: &str, ends: &[usize]| {
            assert_eq!(quote(text), (expected.to_owned(), ends.to_vec()));
        };
        check("", "", &[]);
        check(r#"{"a":${A},"b":[${B}]}"#, r#"{"a":"${A}","b":["${B}"]}"#, &[11, 23]);
        check(r#"{"a":"${A}","\"${B}":"\\"}"#, r#"{"a":"${A}","\"${B}":"\\"}"#, &[]);
        check(r#"{"a":$b,"c":${}}"#, r#"{"a":$b,"c":${}}"#, &[]);
        check("\"\\", "\"\\", &[]);
    }

    #[track_caller]
    fn check(definition: &str, filled: &str, unknown: &[&str]) {
        let definition = Value::parse(definition).unwrap();
        let found = fill(&definition).unwrap();
        assert_eq!(found.definition.to_text(), Value::parse(filled).unwrap().to_text());
        assert_eq!(found.unknown.iter().map(String::as_str).collect::<Vec<_>>(), unknown);
    }

    #[test]
    fn what_has_none_is_left_alone() {
        assert_eq!(fill(&json::value!({ "StartAt": "$A", "States": {} })), None);
    }

    #[test]
    fn values_that_are_not_known() {
        check(
            r#"{"StartAt":"${First}","TimeoutSeconds":"${T}","States":{
                "Resource":{"Type":"Task","Resource":"${F.Arn}","Next":"${N}","HeartbeatSeconds":"${H}"},
                "B":{"Type":"${Type}","Resource":"arn:${AWS::Partition}:states:::lambda:invoke"},
                "C":{"Choices":[{"Variable":"${V}","NumericEquals":"${L}"},{"IsNull":"${B}","Next":"A"}]},
                "D":{"Retry":"${R}","Catch":[{"ErrorEquals":["${E}"]}],"TimestampPath":"${P}"}}}"#,
            r#"{"StartAt":null,"States":{
                "Resource":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:x","Next":null},
                "B":{"Type":null,"Resource":"arn:x:states:::lambda:invoke"},
                "C":{"Choices":[{"Variable":"$","NumericEquals":0},{"IsNull":true,"Next":"A"}]},
                "D":{"Retry":null,"Catch":[{"ErrorEquals":["${E}"]}],"TimestampPath":"$"}}}"#,
            &["/StartAt", "/States/B/Type", "/States/D/Retry", "/States/Resource/Next"],
        );
        check(
            r#"{"States":{"M":{"ItemReader":{"Resource":"arn:${AWS::Partition}:states:::s3:getObject"},
                "ResultWriter":{"Resource":"${W}"},"Condition":"{% ${A} %}","Seconds":"{% ${A} + 1 %}"}}}"#,
            r#"{"States":{"M":{"ItemReader":{"Resource":"arn:x:states:::s3:getObject"},
                "ResultWriter":{"Resource":null},"Condition":"{% null %}","Seconds":"{% null %}"}}}"#,
            &["/States/M/ResultWriter/Resource"],
        );
    }

    #[test]
    fn payloads_keep_texts_that_are_longer() {
        check(
            r#"{"States":{"Assign":{"Type":"${T}","Parameters":{"Type":"a-${A}","a.$":"$.${A}","b":["${B}"],
                "States":{"x.$":"${C}"}},"Output":"{% '${A}' %}","Items":"${I}"}}}"#,
            r#"{"States":{"Assign":{"Type":null,"Parameters":{"Type":"a-${A}","a.$":"$","b":[null],
                "States":{"x.$":"$"}},"Output":"{% null %}","Items":"${I}"}}}"#,
            &["/States/Assign/Type"],
        );
    }

    /// Each of these takes very long where the work grows with the square of the text.
    #[test]
    fn very_many_of_them_are_found_in_one_pass() {
        for piece in ["${", "$", "${A", "${A}", "\"${A}\",", "\\"] {
            let text = piece.repeat(300_000 / piece.len());
            quote(&text);
            is_open(&text);
            crate::definition::places::Places::of_json(&format!("[{text}"));
            fill(&json::value!({ "States": { "A": { "Type": "Task", "Resource": text.as_str() } } }));
        }
    }
}
