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
            "type Query { a:",
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
        expect![[r#"
            type Query { a: Int }
            → right
            type Query { a:
            → Invalid Syntax : offending token '<EOF>' at line 1 column 16
            type Foo { a: Int }
            → A schema MUST have a 'query' operation defined
            type Query { a: Nope }
            → The field type 'Nope' is not present when resolving type 'Query' [@1:14]
            type Query { a: Int } type Query { b: Int }
            → 'Query' type [@1:23] tried to redefine existing 'Query' type [@1:1]
            type Query { a: Int a: Int }
            → The type 'Query' has 'a' more than once
            type Query { a: Int } extend type Foo { b: Int }
            → The extension 'Foo' type [@1:23] is missing its base underlying type
            type Query { a: Int } extend type Query { b: Int }
            → right
            type Query { a: Int } scalar Date
            → Custom scalar types are not supported: remove scalar 'Date'
            type Query { a: AWSDate } scalar AWSDate
            → right
            type Query { a: Int } type AWSThing { a: Int }
            → The type name 'AWSThing' is reserved: names beginning with AWS or __ are
            type Query { a: In } input In { a: Int }
            → The field 'a' of type 'Query' gives 'In', which is an input type
            type Query { a(x: Query): Int }
            → 'x' in 'Query' takes 'Query', which is no input type
            type Query { a: Int @nope }
            → 'a' tried to use an undeclared directive 'nope': declare it
            type Query { a: Int @aws_auth(groups: ["a"]) }
            → Directive '@aws_auth' on 'a' has no argument 'groups'
            input In @aws_iam { a: Int } type Query { a(x: In): Int }
            → Directive '@aws_iam' on 'In' is not allowed on INPUT_OBJECT
            interface I { a: Int! b(x: Int): Int } type Query implements I { a: Int }
            → The object type 'Query' has tried to redefine field 'a' defined via interface 'I' from 'Int!' to 'Int'
            The object type 'Query' does not have a field 'b' required via interface 'I'
            interface I { a: I } type Query implements I { a: Query }
            → right
            union U = Query | In input In { a: Int } type Query { a: U }
            → The union 'U' has 'In', which is no object type
            type Query { a(x: Int = "one"): Int }
            → The default of 'x' in 'Query' with value 'StringValue{value='one'}' is not a valid 'Int'
            input A { b: B! } input B { a: A! } type Query { a(x: A): Int }
            → The input 'B' needs itself through 'a'
            input A { b: B = {} } input B { a: A = {} } type Query { a(x: A): Int }
            → The default of 'b' in 'A' has more than 10000 values or never ends
            The default of 'a' in 'B' has more than 10000 values or never ends
            enum E { A A } type Query { a: E }
            → The type 'E' has 'A' more than once
            enum E type Query { a: E }
            → "E" must define one or more values.
            type Query { a: Int } type Mutation { m: Int } type Subscription { s: Int @aws_subscribe(mutations: ["m", "n"]) }
            → Subscription 's' subscribes to 'n', which is no mutation
            schema { query: Q } type Query { a: Int }
            → The operation type 'Q' is not present when resolving type 'query' [@1:10]
        "#]],
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
    expect![[r#"
        "The whole"
        schema {
          query: Root
        }

        directive @mine(level: Int = 1) on OBJECT

        """
        Many
          lines
        """
        type Root implements I & J @aws_iam @mine(level: 2) {
          "A field"
          id(
            "An argument"
            first: Int = 10
            filter: In = {words: ["a", "b"], kind: ONE}
          ): [ID!]! @aws_api_key @deprecated(reason: "old")
          plain(a: Int, b: [String!] = ["x"]): Either
        }

        interface I {
          id(first: Int, filter: In): [ID!]!
        }

        interface J {
          plain(a: Int, b: [String!]): Either
        }

        union Either = Root | Other

        type Other {
          a: AWSJSON
          b: Int
        }

        enum Kind {
          ONE
          TWO @deprecated
        }

        input In {
          words: [String!]!
          kind: Kind = TWO
        }
    "#]]
    .assert_eq(&text);
    let again = Schema::parse(&text).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(again.to_sdl(true), text, "what is printed reads as what it was printed from");
    assert!(!schema.to_sdl(false).contains("@aws"), "directives can be left out");
    assert_eq!(schema.type_to_sdl("Other").as_deref(), Some("type Other {\n  a: AWSJSON\n  b: Int\n}"));
}

#[test]
fn a_schema_tells_tools_what_it_is() {
    let schema = Arc::new(Schema::parse(SCHEMA).unwrap_or_else(|errors| panic!("{errors}")));
    let answer = Schema::to_introspection(&schema, true);
    assert_eq!(answer.get("errors"), None);
    let names = |answer: &Value| answer.to_text().matches("aws_subscribe").count();
    assert_eq!((names(&answer), names(&Schema::to_introspection(&schema, false))), (1, 0));
    let types =
        answer.get("data").and_then(|data| data.get("__schema")).and_then(|schema| schema.get("types"));
    let types = types.and_then(Value::as_array).expect("types");
    let root = types.iter().find(|type_| type_.get("name").and_then(Value::as_str) == Some("Root"));
    expect![[r#"{"kind":"OBJECT","name":"Root","description":"Many\n  lines","fields":[{"name":"id","description":"A field","args":[{"name":"first","description":"An argument","type":{"kind":"SCALAR","name":"Int","ofType":null},"defaultValue":"10"},{"name":"filter","description":null,"type":{"kind":"INPUT_OBJECT","name":"In","ofType":null},"defaultValue":"{words: [\"a\", \"b\"], kind: ONE}"}],"type":{"kind":"NON_NULL","name":null,"ofType":{"kind":"LIST","name":null,"ofType":{"kind":"NON_NULL","name":null,"ofType":{"kind":"SCALAR","name":"ID","ofType":null}}}},"isDeprecated":true,"deprecationReason":"old"},{"name":"plain","description":null,"args":[{"name":"a","description":null,"type":{"kind":"SCALAR","name":"Int","ofType":null},"defaultValue":null},{"name":"b","description":null,"type":{"kind":"LIST","name":null,"ofType":{"kind":"NON_NULL","name":null,"ofType":{"kind":"SCALAR","name":"String","ofType":null}}},"defaultValue":"[\"x\"]"}],"type":{"kind":"UNION","name":"Either","ofType":null},"isDeprecated":false,"deprecationReason":null}],"inputFields":null,"interfaces":[{"kind":"INTERFACE","name":"I","ofType":null},{"kind":"INTERFACE","name":"J","ofType":null}],"enumValues":null,"possibleTypes":null}"#]].assert_eq(&root.expect("Root").to_text());
}
