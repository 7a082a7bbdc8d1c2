//! SNS's filter policies: over attributes, over bodies, and those that are refused.

use events::filter_policy::{Attribute, FilterPolicy, Message, Scope};

const ORDER: [Attribute<'static>; 5] = [
    Attribute { name: "store", data_type: "String", value: "example_corp" },
    Attribute { name: "price", data_type: "Number.float", value: "210.75" },
    Attribute { name: "interests", data_type: "String.Array", value: r#"["rugby", 7, true, null]"# },
    Attribute { name: "picture", data_type: "Binary", value: "" },
    Attribute { name: "broken", data_type: "Number", value: "ten" },
];

fn by_attributes(policy: &str) -> bool {
    FilterPolicy::parse(policy, Scope::MessageAttributes).unwrap().matches(&Message::new(&ORDER, ""))
}

fn by_body(policy: &str, body: &str) -> bool {
    FilterPolicy::parse(policy, Scope::MessageBody).unwrap().matches(&Message::new(&[], body))
}

fn refusal(policy: &str, scope: Scope) -> String {
    FilterPolicy::parse(policy, scope).unwrap_err().reason
}

#[test]
fn attributes_compare_by_their_types() {
    for policy in [
        "{}",
        r#"{"store": ["example_corp"]}"#,
        r#"{"store": [{"anything-but": {"prefix": "order"}}]}"#,
        r#"{"price": [210.75]}"#,
        r#"{"price": [{"numeric": [">", 0, "<=", 300]}], "store": [{"prefix": "example"}]}"#,
        r#"{"interests": ["football", "rugby"]}"#,
        r#"{"interests": [7]}"#,
        r#"{"interests": [true]}"#,
        r#"{"interests": [null]}"#,
        r#"{"picture": [{"exists": false}]}"#,
        r#"{"broken": [{"exists": false}]}"#,
        r#"{"$or": [{"store": ["other"]}, {"price": [{"numeric": ["<", 300]}]}]}"#,
    ] {
        assert!(by_attributes(policy), "{policy}");
    }
    for policy in [
        r#"{"store": ["EXAMPLE_CORP"]}"#,
        r#"{"price": ["210.75"]}"#,
        r#"{"interests": [{"anything-but": ["rugby", "football"]}], "store": ["other"]}"#,
        r#"{"interests": ["7"]}"#,
        r#"{"picture": [{"exists": true}]}"#,
        r#"{"customer": ["x"]}"#,
    ] {
        assert!(!by_attributes(policy), "{policy}");
    }
}

#[test]
fn bodies_are_objects_of_objects() {
    let body = r#"{"detail": {"state": "sold", "lines": [{"sku": "a"}, {"sku": "b"}]}}"#;
    assert!(by_body(r#"{"detail": {"state": ["sold"], "lines": {"sku": ["b"]}}}"#, body));
    assert!(!by_body(r#"{"detail": {"state": ["sold"], "lines": {"sku": ["c"]}}}"#, body));
    assert!(!by_body(r#"{"detail": {"state": [{"exists": false}]}}"#, "no JSON"));
    assert!(!by_body(r#"{"detail": {"state": [{"exists": false}]}}"#, "[1]"));
    assert!(by_body(r#"{"detail": {"state": [{"exists": false}]}}"#, "{}"));
}

#[test]
fn limits_are_those_of_sns() {
    let keys = r#"{"a": [1], "b": [1], "c": [1], "d": [1], "$or": [{"e": [1]}, {"f": [1]}]}"#;
    assert_eq!(refusal(keys, Scope::MessageAttributes), "Filter policy can not have more than 5 keys");
    let nested = r#"{"a": {"b": [1]}}"#;
    assert_eq!(
        refusal(nested, Scope::MessageAttributes),
        "Filter policy scope MessageAttributes does not support nested filter policy"
    );
    assert_eq!(refusal("[", Scope::MessageBody).split(". ").next().unwrap(), "failed to parse JSON");
    assert_eq!(
        refusal(r#"{"a": [{"numeric": ["<", 1000000001]}]}"#, Scope::MessageBody),
        "Value must be between -1.0E9 and 1.0E9, inclusive"
    );
}

#[test]
fn combinations_count_values_and_levels() {
    let values = |count: usize| (0..count).map(|value| value.to_string()).collect::<Vec<_>>().join(",");
    let flat = |one: usize, two: usize| format!(r#"{{"a": [{}], "b": [{}]}}"#, values(one), values(two));
    assert!(FilterPolicy::parse(&flat(15, 10), Scope::MessageAttributes).is_ok());
    assert_eq!(refusal(&flat(151, 1), Scope::MessageAttributes), "Filter policy is too complex");
    let deep = |count: usize| format!(r#"{{"a": {{"b": {{"c": [{}]}}}}}}"#, values(count));
    assert!(FilterPolicy::parse(&deep(50), Scope::MessageBody).is_ok());
    assert_eq!(refusal(&deep(51), Scope::MessageBody), "Filter policy is too complex");
}
