//! `util.dynamodb`: values with DynamoDB's types. Numbers stay numbers, as the service gives them.

use json::{Object, Text, Value, value};

/// What a helper gives for a value: as a value, or as text without making the value first.
#[derive(Clone, Copy, Debug)]
pub enum Typed<'v> {
    /// `toDynamoDB`, `toList`, `toMap`: the value and all in it, each with its type.
    Whole(&'v Value),
    /// `toMapValues`: the members of an object, each with its type.
    Members(&'v Value),
    /// `toString` and its like: the value as it is, under a type.
    As(&'static str, &'v Value),
}

impl<'v> Typed<'v> {
    /// What the helper of a name, such as `toNumberSet`, makes of a value. `None`: there is no such helper.
    pub fn new(helper: &str, value: &'v Value) -> Option<Typed<'v>> {
        Some(match helper {
            "toDynamoDB" | "toList" | "toMap" => Typed::Whole(value),
            "toMapValues" => Typed::Members(value),
            "toString" => Typed::As("S", value),
            "toStringSet" => Typed::As("SS", value),
            "toNumber" => Typed::As("N", value),
            "toNumberSet" => Typed::As("NS", value),
            "toBinary" => Typed::As("B", value),
            "toBinarySet" => Typed::As("BS", value),
            "toBoolean" => Typed::As("BOOL", value),
            _ => return None,
        })
    }

    /// The typed value.
    pub fn value(self) -> Value {
        match self {
            Typed::Whole(whole) => match whole {
                Value::Array(items) => {
                    tagged("L", items.iter().map(|item| Typed::Whole(item).value()).collect())
                }
                Value::Object(_) => tagged("M", Typed::Members(whole).value()),
                scalar => tagged(tag(scalar), scalar.clone()),
            },
            Typed::Members(whole) => {
                // Names stay and are not looked for again, as inserting them one by one would.
                let mut members = whole.as_object().cloned().unwrap_or_default();
                for member in members.values_mut() {
                    *member = Typed::Whole(member).value();
                }
                members.into()
            }
            Typed::As(tag, value) => tagged(tag, value.clone()),
        }
    }

    /// Appends the typed value's JSON.
    pub fn write(self, out: &mut String) {
        match self {
            Typed::Whole(whole) => {
                open(tag(whole), out);
                match whole {
                    Value::Array(items) => {
                        out.push('[');
                        for (index, item) in items.iter().enumerate() {
                            if index > 0 {
                                out.push(',');
                            }
                            Typed::Whole(item).write(out);
                        }
                        out.push(']');
                    }
                    Value::Object(_) => Typed::Members(whole).write(out),
                    scalar => scalar.write_into(out),
                }
                out.push('}');
            }
            Typed::Members(whole) => {
                out.push('{');
                let members = whole.as_object().into_iter().flat_map(Object::iter);
                for (index, (name, member)) in members.enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    json::write_string(name, out);
                    out.push(':');
                    Typed::Whole(member).write(out);
                }
                out.push('}');
            }
            Typed::As(tag, value) => {
                open(tag, out);
                value.write_into(out);
                out.push('}');
            }
        }
    }
}

fn tag(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL",
        Value::Bool(_) => "BOOL",
        Value::Int(_) | Value::Float(_) | Value::Big(_) => "N",
        Value::String(_) => "S",
        Value::Array(_) => "L",
        Value::Object(_) => "M",
    }
}

fn open(tag: &str, out: &mut String) {
    out.push_str("{\"");
    out.push_str(tag);
    out.push_str("\":");
}

fn tagged(tag: &'static str, value: Value) -> Value {
    let mut out = Object::with_capacity(1);
    out.insert(Text::new_static(tag), value);
    out.into()
}

/// `toS3Object`: the text in which a table keeps where an object is.
pub fn s3_object(key: &str, bucket: &str, region: &str, version: Option<&str>) -> Value {
    let mut s3 = value!({"key": key, "bucket": bucket, "region": region});
    if let (Some(version), Some(members)) = (version, s3.as_object_mut()) {
        members.insert("version", version);
    }
    Value::from(value!({"s3": s3}).to_text())
}

/// `fromS3ObjectJson`: what [`s3_object`] wrote, as a map.
pub fn from_s3_object(text: &str) -> Result<Value, String> {
    let parsed =
        Value::parse(text).map_err(|error| format!("The text of an S3 object is no JSON: {error}"))?;
    parsed.get("s3").cloned().ok_or_else(|| "The text of an S3 object has no member s3".to_owned())
}
