//! Schemas: what is refused and why, and how they are printed.

use std::sync::Arc;

use expect_test::{Expect, expect};
use graphql::Schema;
use json::Value;

fn check(texts: &[&str], expected: Expect) {
    let mut out = String::new();
    for text in texts {
        let answer = Schema::parse(text).map_or_else(|errors| errors.to_string(), |_| "right".to_owned());
        out.push_str(&format!("{text}\n→ {answer}\n"));
    }
    expected.assert_eq(&out);
}

#[test]
fn what_cannot_work_is_refused() {
    check(
        &[
            "type Query { a: Int }",
            "type Query { a: ",
            "type Foo { a: Int }",
            "type Query { a: Nope }",
            "type Query { a: Int } type Query { b: Int }",
            "type Query { a: Int a: Int }",
            "type Query { a: Int } extend type Foo { b: Int }",
            "type Query { a: Int } extend type Query { b: Int }",
            "type Query { a: Int } scalar Date",
            "type Query { a: AWSDate } scalar AWSDate",
            "type Query { a: Int } type AWSThing { a: Int }",
            "type Query { a: In } input In { a: Int }",
            "type Query { a(x: Query): Int }",
            "type Query { a: Int @nope }",
            "type Query { a: Int @aws_auth(groups: [\"a\"]) }",
            "input In @aws_iam { a: Int } type Query { a(x: In): Int }",
            "interface I { a: Int! b(x: Int): Int } type Query implements I { a: Int }",
            "interface I { a: I } type Query implements I { a: Query }",
            "union U = Query | In input In { a: Int } type Query { a: U }",
            "type Query { a(x: Int = \"one\"): Int }",
            "input A { b: B! } input B { a: A! } type Query { a(x: A): Int }",
            "input A { b: B = {} } input B { a: A = {} } type Query { a(x: A): Int }",
            "enum E { A A } type Query { a: E }",
            "enum E type Query { a: E }",
            "type Query { a: Int } type Mutation { m: Int } type Subscription { s: Int @aws_subscribe(mutations: [\"m\", \"n\"]) }",
            "schema { query: Q } type Query { a: Int }",
        ],
        expect![[r""]],
    );
}

const SCHEMA: &str = r#"
"The whole" schema { query: Root }
directive @mine(level: Int = 1) on OBJECT
"""
Many
  lines
"""
type Root implements I & J @aws_iam @mine(level: 2) {
  "A field" id(
    "An argument" first: Int = 10,
    filter: In = {words: ["a", "b"], kind: ONE}
  ): [ID!]! @aws_api_key @deprecated(reason: "old")
  plain(a: Int, b: [String!] = ["x"]): Either
}
interface I { id(first: Int, filter: In): [ID!]! }
interface J { plain(a: Int, b: [String!]): Either }
union Either = Root | Other
type Other { a: AWSJSON }
enum Kind { ONE TWO @deprecated }
input In { words: [String!]! kind: Kind = TWO }
extend type Other { b: Int }
"#;

#[test]
fn a_schema_is_printed_as_it_was_written() {
    let schema = Schema::parse(SCHEMA).unwrap_or_else(|errors| panic!("{errors}"));
    let text = schema.to_sdl(true);
    expect![[r""]].assert_eq(&text);
    let again = Schema::parse(&text).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(again.to_sdl(true), text, "what is printed reads as what it was printed from");
    assert!(!schema.to_sdl(false).contains("@aws"), "directives can be left out");
    assert_eq!(schema.type_to_sdl("Other").as_deref(), Some("type Other {\n  a: AWSJSON\n  b: Int\n}"));
}

#[test]
fn a_schema_tells_tools_what_it_is() {
    let schema = Arc::new(Schema::parse(SCHEMA).unwrap_or_else(|errors| panic!("{errors}")));
    let answer = Schema::to_introspection(&schema);
    assert_eq!(answer.get("errors"), None);
    let types =
        answer.get("data").and_then(|data| data.get("__schema")).and_then(|schema| schema.get("types"));
    let types = types.and_then(Value::as_array).expect("types");
    let root = types.iter().find(|type_| type_.get("name").and_then(Value::as_str) == Some("Root"));
    expect![[r""]].assert_eq(&root.expect("Root").to_text());
}
