use expect_test::{Expect, expect};
use json::Value;

use super::{Schema, Schemas};

fn check(schema: &str, instances: &[&str], expected: Expect) {
    let mut schemas = Schemas::default();
    schemas.insert("M", Schema::parse(schema).unwrap());
    schemas.insert("Name", Schema::parse(r#"{"type":"string","maxLength":3}"#).unwrap());
    let mut out = String::new();
    for instance in instances {
        let problems = schemas.problems("M", &Value::parse(instance).unwrap());
        out += &format!("{instance}: [{}]\n", problems.join(", "));
    }
    expected.assert_eq(&out);
}

#[test]
fn the_dragons_model() {
    check(
        r#"{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","required":["dragonName","family"],
            "properties":{"dragonName":{"type":"string"},"family":{"type":"string","enum":["red","green"]},
            "confirmationRequired":{"type":"boolean"},"age":{"type":"number","minimum":0}}}"#,
        &[
            r#"{"dragonName":"Frank","family":"red","confirmationRequired":true,"age":1.5,"more":1}"#,
            r#"{"family":"blue"}"#,
            r#"{"dragonName":1,"family":"blue","age":-1}"#,
            r#"[]"#,
            "null",
        ],
        expect![[r#"
            {"dragonName":"Frank","family":"red","confirmationRequired":true,"age":1.5,"more":1}: []
            {"family":"blue"}: [object has missing required properties (["dragonName"])]
            {"dragonName":1,"family":"blue","age":-1}: [instance type (integer) does not match any allowed primitive type (allowed: ["string"]), instance value ("blue") not found in enum (possible values: ["red","green"]), numeric instance is lower than the required minimum (minimum: 0, found: -1)]
            []: [instance type (array) does not match any allowed primitive type (allowed: ["object"])]
            null: [instance type (null) does not match any allowed primitive type (allowed: ["object"])]
        "#]],
    );
}

#[test]
fn texts_and_numbers() {
    check(
        r#"{"properties":{"a":{"minLength":2,"maxLength":3,"pattern":"^[a-z]+$"},"n":{"type":["number","null"],
            "minimum":1,"exclusiveMinimum":true,"maximum":5,"exclusiveMaximum":true,"multipleOf":0.5},"d":{"format":"date-time"},
            "e":{"format":"email"},"i":{"format":"ipv4"},"u":{"format":"uri"}}}"#,
        &[
            r#"{"a":"ab","n":1.5,"d":"2026-11-28T07:00:00Z","e":"a@b.c","i":"1.2.3.4","u":"http://x"}"#,
            r#"{"a":"A"}"#,
            r#"{"a":"abcd"}"#,
            r#"{"n":1}"#,
            r#"{"n":5}"#,
            r#"{"n":0}"#,
            r#"{"n":7}"#,
            r#"{"n":1.7}"#,
            r#"{"n":"1"}"#,
            r#"{"d":"today","e":"x","i":"1.2.3","u":"a b"}"#,
        ],
        expect![[r#"
            {"a":"ab","n":1.5,"d":"2026-11-28T07:00:00Z","e":"a@b.c","i":"1.2.3.4","u":"http://x"}: []
            {"a":"A"}: [string "A" is too short (length: 1, required minimum: 2), ECMA 262 regex "^[a-z]+$" does not match input string "A"]
            {"a":"abcd"}: [string "abcd" is too long (length: 4, maximum allowed: 3)]
            {"n":1}: [numeric instance is not strictly greater than the required minimum 1]
            {"n":5}: [numeric instance is not strictly lower than the required maximum 5]
            {"n":0}: [numeric instance is lower than the required minimum (minimum: 1, found: 0)]
            {"n":7}: [numeric instance is greater than the required maximum (maximum: 5, found: 7)]
            {"n":1.7}: [remainder of division is not zero (1.7 / 0.5)]
            {"n":"1"}: [instance type (string) does not match any allowed primitive type (allowed: ["integer","null","number"])]
            {"d":"today","e":"x","i":"1.2.3","u":"a b"}: [string "today" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z], string "x" is not a valid email address, string "1.2.3" is not a valid IPv4 address, string "a b" is not a valid URI]
        "#]],
    );
}

#[test]
fn arrays_and_objects() {
    check(
        r#"{"properties":{"l":{"items":{"type":"integer"},"minItems":1,"maxItems":3,"uniqueItems":true},
            "t":{"items":[{"type":"string"},{"type":"boolean"}],"additionalItems":false},
            "o":{"minProperties":1,"maxProperties":2,"additionalProperties":false,"properties":{"a":{}},"patternProperties":{"^x-":{"type":"string"}}},
            "p":{"dependencies":{"a":["b"],"c":{"required":["d"]}}}}}"#,
        &[
            r#"{"l":[1,2],"t":["a",true],"o":{"a":1,"x-b":"c"},"p":{"a":1,"b":2}}"#,
            r#"{"l":[]}"#,
            r#"{"l":[1,2,3,4]}"#,
            r#"{"l":[1,1]}"#,
            r#"{"l":["a"]}"#,
            r#"{"t":["a",true,1]}"#,
            r#"{"o":{}}"#,
            r#"{"o":{"a":1,"b":2,"x-c":"d"}}"#,
            r#"{"o":{"x-b":1}}"#,
            r#"{"p":{"a":1}}"#,
            r#"{"p":{"c":1}}"#,
        ],
        expect![[r#"
            {"l":[1,2],"t":["a",true],"o":{"a":1,"x-b":"c"},"p":{"a":1,"b":2}}: []
            {"l":[]}: [array is too short: must have at least 1 elements but instance has 0 elements]
            {"l":[1,2,3,4]}: [array is too long: must have at most 3 elements but instance has 4 elements]
            {"l":[1,1]}: [array must not contain duplicate elements]
            {"l":["a"]}: [instance type (string) does not match any allowed primitive type (allowed: ["integer"])]
            {"t":["a",true,1]}: [array is too long: must have at most 2 elements but instance has 3 elements]
            {"o":{}}: [object has too few properties (found 0 but schema requires at least 1)]
            {"o":{"a":1,"b":2,"x-c":"d"}}: [object instance has properties which are not allowed by the schema: ["b"], object has too many properties (found 3 but schema requires at most 2)]
            {"o":{"x-b":1}}: [instance type (integer) does not match any allowed primitive type (allowed: ["string"])]
            {"p":{"a":1}}: [property "a" of object has missing property dependencies (schema requires ["b"]; missing: ["b"])]
            {"p":{"c":1}}: [object has missing required properties (["d"])]
        "#]],
    );
}

#[test]
fn combinations_and_references() {
    check(
        r##"{"definitions":{"tree":{"properties":{"kids":{"items":{"$ref":"#/definitions/tree"}},"name":{"$ref":"https://apigateway.amazonaws.com/restapis/abc/models/Name"}}}},
            "properties":{"t":{"$ref":"#/definitions/tree"},"all":{"allOf":[{"minimum":1},{"maximum":3}]},
            "any":{"anyOf":[{"type":"string"},{"type":"null"}]},"one":{"oneOf":[{"minimum":1},{"maximum":3}]},"no":{"not":{"type":"string"}}}}"##,
        &[
            r#"{"t":{"kids":[{"kids":[],"name":"abc"}]},"all":2,"any":null,"one":5,"no":1}"#,
            r#"{"t":{"kids":[{"kids":[{"name":"long name"}]}]}}"#,
            r#"{"all":4}"#,
            r#"{"any":4}"#,
            r#"{"one":2}"#,
            r#"{"no":"a"}"#,
        ],
        expect![[r#"
            {"t":{"kids":[{"kids":[],"name":"abc"}]},"all":2,"any":null,"one":5,"no":1}: []
            {"t":{"kids":[{"kids":[{"name":"long name"}]}]}}: [string "long name" is too long (length: 9, maximum allowed: 3)]
            {"all":4}: [instance failed to match all required schemas (matched only 1 out of 2)]
            {"any":4}: [instance failed to match at least one required schema among 2]
            {"one":2}: [instance failed to match exactly one schema (matched 2 out of 2)]
            {"no":"a"}: [instance matched a schema which it should not have]
        "#]],
    );
}

#[test]
fn references_that_go_round_end() {
    check(
        r##"{"$ref":"#"}"##,
        &["1"],
        expect![[r#"
        1: [the schema takes too long, or goes too deep, to validate this instance]
    "#]],
    );
    check(
        r##"{"allOf":[{"$ref":"#"},{"$ref":"#"}]}"##,
        &["1"],
        expect![[r#"
        1: [the schema takes too long, or goes too deep, to validate this instance]
    "#]],
    );
}

#[test]
fn what_is_no_schema_is_refused() {
    let mut out = String::new();
    for schema in [
        "{",
        "1",
        r#"{"type":"text"}"#,
        r#"{"required":[]}"#,
        r#"{"properties":{"a":{"minLength":-1}}}"#,
        r#"{"exclusiveMinimum":3}"#,
        r#"{"pattern":"(?!a)"}"#,
        r##"{"$ref":"#/definitions/a"}"##,
        r#"{"$ref":"http://example.com/a.json"}"#,
        r#"{"anyOf":[]}"#,
    ] {
        out += &format!("{schema}: {}\n", Schema::parse(schema).unwrap_err());
    }
    expect![[r##"
        {: it is not JSON: Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"; line: 1, column: 1])
        1: # must be an object
        {"type":"text"}: #/type must be one of array, boolean, integer, null, number, object, string or an array of them
        {"required":[]}: #/required must be an array of at least one text
        {"properties":{"a":{"minLength":-1}}}: #/properties/a/minLength must be a whole number from 0
        {"exclusiveMinimum":3}: #/exclusiveMinimum must be true or false, as in draft 4
        {"pattern":"(?!a)"}: #/pattern is no regular expression that is supported (without look-around and back-references): (?!a)
        {"$ref":"#/definitions/a"}: #/$ref leads to no schema: #/definitions/a
        {"$ref":"http://example.com/a.json"}: #/$ref must begin with # or be https://apigateway.amazonaws.com/restapis/API_ID/models/NAME, since nothing else is fetched: http://example.com/a.json
        {"anyOf":[]}: #/anyOf must be an array of at least one schema
    "##]].assert_eq(&out);
}
