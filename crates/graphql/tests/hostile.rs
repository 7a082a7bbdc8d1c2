//! Requests made to hurt: each is refused or answered, with bounded work, and nothing overflows or panics.

use std::sync::Arc;

use expect_test::expect;
use graphql::{Execution, Plan, Refusal, Schema, Settings};
use json::Object;

const SCHEMA: &str = "
interface Node { id: ID self: Node }
type Query implements Node { id: ID self: Node me: Query all(f: F, ids: [[[ID]]]): [Query] }
type Other implements Node { id: ID self: Node me: Query }
input F { and: [F] or: F word: String }
";

/// What becomes of a request; errors by their first sentence.
fn answer(query: &str) -> String {
    let schema = Arc::new(Schema::parse(SCHEMA).expect("the schema is right"));
    let plan = match Plan::new(&schema, query, None) {
        Ok(plan) => plan,
        Err(Refusal::Syntax(error)) => return error.message,
        Err(Refusal::Operation(message)) => return message,
        Err(Refusal::Invalid(errors)) => {
            return format!("{} errors, first: {}", errors.len(), errors[0].message);
        }
    };
    let execution = Execution::new(Arc::new(plan), &Object::new(), Settings::default());
    let response = execution.expect("there are no variables").response();
    format!("answered with {} bytes", response.to_text().len())
}

fn doubling(levels: usize, leaf: &str) -> String {
    let mut query = "{ ...F0 }".to_owned();
    for level in 0..levels {
        let next = level + 1;
        query.push_str(&format!(
            " fragment F{level} on Query {{ a: me {{ ...F{next} }} b: me {{ ...F{next} }} }}"
        ));
    }
    query + &format!(" fragment F{levels} on Query {{ {leaf} }}")
}

#[test]
fn hostile_requests_cost_little() {
    let chain = (0..600).map(|n| format!("fragment F{n} on Query {{ me {{ ...F{} }} }} ", n + 1));
    let chain = format!("{{ ...F0 }} {} fragment F600 on Query {{ id }}", chain.collect::<String>());
    let cycle = "{ ...A } fragment A on Query { me { ...B } } fragment B on Query { me { ...A } }";
    let introspection = format!(
        "{{ __schema {{ types {{ fields {{ type {} }} }} }} }}",
        "{ fields { type ".repeat(6) + "{ name }" + &" } }".repeat(6)
    );
    let cases: Vec<(&str, String)> = vec![
        ("deep", format!("{}id{}", "{ me ".repeat(100_000), " }".repeat(100_000))),
        ("deep within bounds", format!("{}{{ id }}{}", "{ me ".repeat(249), " }".repeat(249))),
        ("deep lists", format!("{{ all(ids: {}) {{ id }} }}", "[".repeat(100_000))),
        ("deep objects", format!("{{ all(f: {}", "{or: ".repeat(100_000))),
        ("deep types", format!("query ($x: {}", "[".repeat(100_000))),
        ("wide", format!("{{ {} }}", "id ".repeat(14_000))),
        ("wider", format!("{{ {} }}", "id ".repeat(300_000))),
        ("aliases", format!("{{ {} }}", (0..4_000).map(|n| format!("a{n}: id ")).collect::<String>())),
        ("one alias", format!("{{ {} }}", "a: me { id } ".repeat(2_000))),
        ("conflicts", format!("{{ {} }}", "a: me { id } a: self { id } ".repeat(1_000))),
        ("cycle", cycle.to_owned()),
        ("chain", chain),
        ("doubling", doubling(100, "id")),
        ("doubling within bounds", doubling(12, "id")),
        ("doubling conflicts", doubling(12, "id ... on Node { self { id } }")),
        ("interfaces", format!("{}{{ id }}{}", "{ self { ... on Query ".repeat(80), " } }".repeat(80))),
        ("operations", (0..1_500).map(|n| format!("query Q{n} {{ id }} ")).collect::<String>()),
        ("unknown fields", format!("{{ {} }}", "nope ".repeat(14_000))),
        ("one megabyte of nothing", " ".repeat(1 << 20)),
        ("more than a megabyte", " ".repeat((1 << 20) + 1)),
        ("a long string", format!("{{ all(f: {{word: \"{}\"}}) {{ id }} }}", "x".repeat(1_000_000))),
        ("an endless string", format!("{{ all(f: {{word: \"{}", "x".repeat(1_000_000))),
        ("block strings", format!("{{ all(f: {{word: \"\"\"{}", "\\\"\"\"".repeat(200_000))),
        (
            "long names",
            format!(
                "{{ {} {{ id }} {} }}",
                format!("{}: me {{ ", "n".repeat(4_000)).repeat(200) + "me",
                "}".repeat(200)
            ),
        ),
        ("introspection of introspection", introspection),
    ];
    let mut out = String::new();
    for (name, query) in cases {
        let answer = answer(&query);
        let shown: String = answer.chars().take(130).collect();
        out.push_str(&format!("{name}: {shown}\n"));
    }
    expect![[r#"
        deep: Invalid Syntax : nested more than 250 deep at line 1 column 1251
        deep within bounds: answered with 20 bytes
        deep lists: Invalid Syntax : nested more than 250 deep at line 1 column 261
        deep objects: Invalid Syntax : nested more than 250 deep at line 1 column 1255
        deep types: Invalid Syntax : nested more than 250 deep at line 1 column 263
        wide: answered with 20 bytes
        wider: Invalid Syntax : there are more tokens than a document may have at line 1 column 45000
        aliases: answered with 50900 bytes
        one alias: answered with 19 bytes
        conflicts: 1 errors, first: Validation error of type FieldsConflict: a: me and self are different fields @ 'me'
        cycle: 1 errors, first: Validation error of type FragmentCycle: Fragment cycles not allowed
        chain: 1 errors, first: Validation error of type TooDeep: the operation is nested more than 250 levels deep
        doubling: 1 errors, first: Validation error of type TooManyFields: the operation selects more than 25000 fields, all fragments in place
        doubling within bounds: answered with 28 bytes
        doubling conflicts: answered with 28 bytes
        interfaces: answered with 22 bytes
        operations: Missing operation name.
        unknown fields: 100 errors, first: Validation error of type FieldUndefined: Field 'nope' in type 'Query' is undefined @ 'nope'
        one megabyte of nothing: Invalid Syntax : offending token '<EOF>' at line 1 column 1048577
        more than a megabyte: Invalid Syntax : the query has more than 1048576 bytes at line 1 column 1
        a long string: answered with 21 bytes
        an endless string: Invalid Syntax : offending token '"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
        block strings: Invalid Syntax : offending token '"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\"""\
        long names: answered with 4018 bytes
        introspection of introspection: answered with 9469 bytes
    "#]].assert_eq(&out);
}
