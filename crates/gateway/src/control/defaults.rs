//! What every API and every account has from the start.

use json::{Object, Value, value};

/// The models of a new API.
pub(super) fn models(mut id: impl FnMut() -> String) -> Object {
    let model = |id: String, name: &str, description: &str, schema: &str| {
        let model = value!({
            "id": id, "name": name, "description": description, "schema": schema, "contentType": "application/json",
        });
        (name.to_owned(), model)
    };
    Object::from_iter([
        model(id(), "Empty", "This is a default empty schema model", EMPTY),
        model(id(), "Error", "This is a default error schema model", ERROR),
    ])
}

const EMPTY: &str = "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty Schema\",\n  \
                     \"type\" : \"object\"\n}";
const ERROR: &str = "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error Schema\",\n  \
                     \"type\" : \"object\",\n  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }\n}";

/// The account. (No stage is throttled unless somebody says so.)
pub(super) fn account() -> Value {
    value!({
        "throttleSettings": {"burstLimit": 5000, "rateLimit": 10000.0},
        "features": ["UsagePlans"],
        "apiKeyVersion": "4",
    })
}
