//! What a request handler made, read member by member: what is wrong with it says where it stands. (`$[key][id]`)
//!
//! The texts of the first three mistakes are AppSync's. Never here: what a member means.

use json::{Kind, Object, Value};

use super::SourceError;

/// The type of all mistakes of requests.
const MAPPING_TEMPLATE: &str = "MappingTemplate";

/// An object in a request.
#[derive(Clone, Debug)]
pub(super) struct Part<'r> {
    members: &'r Object,
    /// `$`, `$[condition]`
    place: String,
}

/// A mistake in a request.
pub(super) fn mistake(message: impl Into<String>) -> SourceError {
    SourceError { message: message.into(), error_type: MAPPING_TEMPLATE.into(), ..SourceError::default() }
}

/// An operation that the data source does not have.
pub(super) fn unsupported_operation(operation: &str) -> SourceError {
    mistake(format!("Unsupported operation '{operation}'."))
}

impl<'r> Part<'r> {
    /// The request as a whole.
    pub fn whole_request(request: &'r Value) -> Result<Part<'r>, SourceError> {
        match request {
            Value::Object(members) => Ok(Part { members, place: "$".to_owned() }),
            other => Err(mistake(format!("Expected JSON object but got a '{}' instead.", name_of(other)))),
        }
    }

    /// An object at a place.
    pub fn at(value: &'r Value, place: String) -> Result<Part<'r>, SourceError> {
        match value {
            Value::Object(members) => Ok(Part { members, place }),
            other => Err(wrong(&place, "object", other)),
        }
    }

    /// Its members.
    pub fn members(&self) -> &'r Object {
        self.members
    }

    /// Where a member of it stands.
    pub fn place(&self, name: &str) -> String {
        format!("{}[{name}]", self.place)
    }

    /// Refuses members that are not known.
    pub fn has_only(&self, known: &[&str]) -> Result<(), SourceError> {
        match self.members.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(mistake(format!("Unsupported element '{}'.", self.place(name)))),
        }
    }

    /// A member, unless it is absent or null.
    pub fn get(&self, name: &str) -> Option<&'r Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A member that must be there.
    pub fn required(&self, name: &str) -> Result<&'r Value, SourceError> {
        self.get(name).ok_or_else(|| self.missing(name))
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<&'r str>, SourceError> {
        self.read(name, "string", Value::as_str)
    }

    /// A text that must be there.
    pub fn required_text(&self, name: &str) -> Result<&'r str, SourceError> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    /// True or false.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, SourceError> {
        self.read(name, "boolean", Value::as_bool)
    }

    /// A whole number; 10.0 is one. (JavaScript has no others)
    pub fn whole(&self, name: &str) -> Result<Option<i64>, SourceError> {
        self.read(name, "integer", whole_number)
    }

    /// An array.
    pub fn array(&self, name: &str) -> Result<Option<&'r [Value]>, SourceError> {
        self.read(name, "array", |value| value.as_array().map(json::Array::as_slice))
    }

    /// An array that must be there.
    pub fn required_array(&self, name: &str) -> Result<&'r [Value], SourceError> {
        self.array(name)?.ok_or_else(|| self.missing(name))
    }

    /// An object.
    pub fn part(&self, name: &str) -> Result<Option<Part<'r>>, SourceError> {
        self.get(name).map(|value| Part::at(value, self.place(name))).transpose()
    }

    /// An object that must be there.
    pub fn required_part(&self, name: &str) -> Result<Part<'r>, SourceError> {
        self.part(name)?.ok_or_else(|| self.missing(name))
    }

    fn missing(&self, name: &str) -> SourceError {
        mistake(format!("Value for field '{}' not found.", self.place(name)))
    }

    fn read<T>(
        &self,
        name: &str,
        wanted: &str,
        read: impl FnOnce(&'r Value) -> Option<T>,
    ) -> Result<Option<T>, SourceError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        read(value).map(Some).ok_or_else(|| wrong(&self.place(name), wanted, value))
    }
}

/// A value of another kind than the field has.
pub(super) fn wrong(place: &str, wanted: &str, value: &Value) -> SourceError {
    let kind = name_of(value);
    mistake(format!("Expected JSON {wanted} for field '{place}' but got a '{kind}' instead."))
}

/// What AppSync calls a kind of JSON.
pub(super) fn name_of(value: &Value) -> &'static str {
    match value.kind() {
        Kind::Null => "NULL",
        Kind::Boolean => "BOOLEAN",
        Kind::Number => "NUMBER",
        Kind::String => "STRING",
        Kind::Array => "ARRAY",
        Kind::Object => "OBJECT",
    }
}

/// A whole number, however it was written.
pub(super) fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Int(number) => Some(*number),
        // Doubles are exact up to there.
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 => {
            Some(*number as i64)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_say_where() {
        let request = json::value!({"operation": 7, "limit": 2.5, "key": "id", "more": {"of": 1}});
        let part = Part::whole_request(&request).unwrap();
        let said = [
            part.has_only(&["operation", "limit", "key"]).unwrap_err(),
            part.required_text("operation").unwrap_err(),
            part.whole("limit").unwrap_err(),
            part.part("key").unwrap_err(),
            part.required("absent").unwrap_err(),
            part.part("more").unwrap().unwrap().text("of").unwrap_err(),
            Part::whole_request(&"text".into()).unwrap_err(),
        ];
        let said: Vec<_> = said.iter().map(|error| error.message.as_str()).collect();
        expect_test::expect![[r#"
            [
                "Unsupported element '$[more]'.",
                "Expected JSON string for field '$[operation]' but got a 'NUMBER' instead.",
                "Expected JSON integer for field '$[limit]' but got a 'NUMBER' instead.",
                "Expected JSON object for field '$[key]' but got a 'STRING' instead.",
                "Value for field '$[absent]' not found.",
                "Expected JSON string for field '$[more][of]' but got a 'NUMBER' instead.",
                "Expected JSON object but got a 'STRING' instead.",
            ]
        "#]]
        .assert_debug_eq(&said);
    }
}
