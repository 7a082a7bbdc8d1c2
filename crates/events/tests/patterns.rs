//! Patterns that nobody recorded: each with events that match (`+`) and events that do not (`-`), or with its
//! refusal.

use std::fmt::Write;

use events::{Event, Pattern};
use expect_test::{Expect, expect};
use json::Value;
use proptest::prelude::*;

fn check(pattern: &str, events: &[&str], expected: Expect) {
    let pattern = match Pattern::parse(pattern) {
        Ok(pattern) => pattern,
        Err(invalid) => return expected.assert_eq(&format!("{}: {}", invalid.place, invalid.reason)),
    };
    let mut said = String::new();
    for event in events {
        let sign = if matches(&pattern, event) { '+' } else { '-' };
        writeln!(said, "{sign} {event}").unwrap();
    }
    expected.assert_eq(&said);
}

fn matches(pattern: &Pattern, event: &str) -> bool {
    pattern.matches(&Event::new(&Value::parse(event).unwrap()))
}

#[test]
fn fields_below_an_array_match_within_one_item() {
    check(
        r#"{"a": {"x": [1], "y": [2]}}"#,
        &[
            r#"{"a": {"x": 1, "y": 2}}"#,
            r#"{"a": [{"x": 1, "y": 2}]}"#,
            r#"{"a": [{"x": 1}, {"y": 2}]}"#,
            r#"{"a": [[{"x": 3}], [{"x": [0, 1], "y": [2]}]]}"#,
            r#"{"a": []}"#,
            r#"{"a": 1}"#,
        ],
        expect![[r#"
            + {"a": {"x": 1, "y": 2}}
            + {"a": [{"x": 1, "y": 2}]}
            - {"a": [{"x": 1}, {"y": 2}]}
            + {"a": [[{"x": 3}], [{"x": [0, 1], "y": [2]}]]}
            - {"a": []}
            - {"a": 1}
        "#]],
    );
}

#[test]
fn what_is_absent_is_nowhere() {
    check(
        r#"{"a": {"x": [{"exists": false}], "y": [2]}}"#,
        &[
            r#"{"a": {"y": 2}}"#,
            r#"{"a": {"x": {"z": 1}, "y": 2}}"#,
            r#"{"a": [{"y": 2}, {"x": 1}]}"#,
            r#"{"a": {"x": [], "y": 2}}"#,
            r#"{"a": {"x": null, "y": 2}}"#,
            r#"{}"#,
        ],
        expect![[r#"
            + {"a": {"y": 2}}
            + {"a": {"x": {"z": 1}, "y": 2}}
            - {"a": [{"y": 2}, {"x": 1}]}
            + {"a": {"x": [], "y": 2}}
            - {"a": {"x": null, "y": 2}}
            - {}
        "#]],
    );
}

#[test]
fn names_with_dots_are_objects_in_objects() {
    check(
        r#"{"a.b": [1], "a": {"c": [2]}}"#,
        &[
            r#"{"a": {"b": 1, "c": 2}}"#,
            r#"{"a.b": 1, "a.c": 2}"#,
            r#"{"a.b": 1, "a": {"c": 2}}"#,
            r#"{"a.b": 0, "a": {"b": 1, "c": 2}}"#,
            r#"{"a.b": 1}"#,
        ],
        expect![[r#"
            + {"a": {"b": 1, "c": 2}}
            + {"a.b": 1, "a.c": 2}
            + {"a.b": 1, "a": {"c": 2}}
            + {"a.b": 0, "a": {"b": 1, "c": 2}}
            - {"a.b": 1}
        "#]],
    );
}

#[test]
fn or_stands_beside_other_fields_and_within_itself() {
    check(
        r#"{"s": ["x"], "$or": [{"m": [1]}, {"t": [2], "d": {"$or": [{"a": [3]}, {"b": [4]}]}}]}"#,
        &[
            r#"{"s": "x", "m": 1}"#,
            r#"{"s": "x", "t": 2, "d": {"b": 4}}"#,
            r#"{"s": "x", "t": 2, "d": {"a": 4}}"#,
            r#"{"s": "x", "t": 2}"#,
            r#"{"s": "y", "m": 1}"#,
        ],
        expect![[r#"
            + {"s": "x", "m": 1}
            + {"s": "x", "t": 2, "d": {"b": 4}}
            - {"s": "x", "t": 2, "d": {"a": 4}}
            - {"s": "x", "t": 2}
            - {"s": "y", "m": 1}
        "#]],
    );
}

#[test]
fn a_field_inside_of_or_takes_the_place_of_the_one_outside() {
    check(
        r#"{"a": [1], "$or": [{"a": [2]}, {"b": [3]}]}"#,
        &[r#"{"a": 1}"#, r#"{"a": 2}"#, r#"{"a": 1, "b": 3}"#, r#"{"a": 4, "b": 3}"#],
        expect![[r#"
            - {"a": 1}
            + {"a": 2}
            + {"a": 1, "b": 3}
            - {"a": 4, "b": 3}
        "#]],
    );
}

#[test]
fn or_below_an_array_matches_within_one_item() {
    check(
        r#"{"a": {"x": [1], "$or": [{"y": [2]}, {"z": [3]}]}}"#,
        &[r#"{"a": [{"x": 1, "z": 3}]}"#, r#"{"a": [{"x": 1}, {"z": 3}]}"#],
        expect![[r#"
            + {"a": [{"x": 1, "z": 3}]}
            - {"a": [{"x": 1}, {"z": 3}]}
        "#]],
    );
}

#[test]
fn numbers_compare_to_six_decimals_within_five_billions() {
    check(
        r#"{"n": [0.1, 123456789012, {"numeric": [">=", -5e9, "<", -4999999999]}]}"#,
        &[
            r#"{"n": 0.10}"#,
            r#"{"n": 1e-1}"#,
            r#"{"n": 0.1000001}"#,
            r#"{"n": 0.0999999}"#,
            r#"{"n": 0.100001}"#,
            r#"{"n": "0.1"}"#,
            r#"{"n": 123456789012}"#,
            r#"{"n": 123456789013}"#,
            r#"{"n": -5000000000}"#,
            r#"{"n": -5000000001}"#,
            r#"{"n": -4999999999}"#,
        ],
        expect![[r#"
            + {"n": 0.10}
            + {"n": 1e-1}
            + {"n": 0.1000001}
            + {"n": 0.0999999}
            - {"n": 0.100001}
            - {"n": "0.1"}
            + {"n": 123456789012}
            - {"n": 123456789013}
            + {"n": -5000000000}
            - {"n": -5000000001}
            - {"n": -4999999999}
        "#]],
    );
}

#[test]
fn stars_stand_for_anything_and_backslashes_for_stars() {
    check(
        r#"{"f": [{"wildcard": "a*b\\*c*d"}]}"#,
        &[
            r#"{"f": "ab*cd"}"#,
            r#"{"f": "a b b*c c d"}"#,
            r#"{"f": "abxcd"}"#,
            r#"{"f": "ab*c"}"#,
            r#"{"f": "xab*cd"}"#,
        ],
        expect![[r#"
            + {"f": "ab*cd"}
            + {"f": "a b b*c c d"}
            - {"f": "abxcd"}
            - {"f": "ab*c"}
            - {"f": "xab*cd"}
        "#]],
    );
}

#[test]
fn the_pieces_of_a_wildcard_do_not_overlap() {
    check(
        r#"{"f": [{"wildcard": "ab*ba"}]}"#,
        &[r#"{"f": "aba"}"#, r#"{"f": "abba"}"#],
        expect![[r#"
            - {"f": "aba"}
            + {"f": "abba"}
        "#]],
    );
}

#[test]
fn addresses_have_many_spellings() {
    check(
        r#"{"ip": ["::1", {"cidr": "10.0.0.77/24"}, {"cidr": "::ff00/127"}]}"#,
        &[
            r#"{"ip": "0:0:0:0:0:0:0:1"}"#,
            r#"{"ip": "10.0.0.0"}"#,
            r#"{"ip": "10.0.1.0"}"#,
            r#"{"ip": "::FF01"}"#,
            r#"{"ip": "::ff02"}"#,
            r#"{"ip": "0.0.0.1"}"#,
        ],
        expect![[r#"
            + {"ip": "0:0:0:0:0:0:0:1"}
            + {"ip": "10.0.0.0"}
            - {"ip": "10.0.1.0"}
            + {"ip": "::FF01"}
            - {"ip": "::ff02"}
            - {"ip": "0.0.0.1"}
        "#]],
    );
}

#[test]
fn case_is_ignored_beyond_ascii() {
    check(
        r#"{"a": [{"equals-ignore-case": "ÄRGER"}, {"prefix": {"equals-ignore-case": "Éa"}}, {"suffix": {"equals-ignore-case": "ÖB"}}]}"#,
        &[r#"{"a": "ärger"}"#, r#"{"a": "éAx"}"#, r#"{"a": "xöb"}"#, r#"{"a": "ö"}"#],
        expect![[r#"
            + {"a": "ärger"}
            + {"a": "éAx"}
            + {"a": "xöb"}
            - {"a": "ö"}
        "#]],
    );
}

#[test]
fn anything_but_asks_each_item() {
    check(
        r#"{"a": [{"anything-but": ["x", "y"]}]}"#,
        &[r#"{"a": ["x", "z"]}"#, r#"{"a": ["x", "y"]}"#, r#"{"a": 1}"#, r#"{"a": {}}"#],
        expect![[r#"
            + {"a": ["x", "z"]}
            - {"a": ["x", "y"]}
            + {"a": 1}
            - {"a": {}}
        "#]],
    );
}

#[test]
fn of_a_name_that_stands_twice_the_last_one_counts() {
    check(
        r#"{"a": [1], "a": [2]}"#,
        &[r#"{"a": 1}"#, r#"{"a": 2}"#],
        expect![[r#"
            - {"a": 1}
            + {"a": 2}
        "#]],
    );
}

#[test]
fn refusals_say_where_and_why() {
    for (pattern, expected) in [
        ("[]", expect![[": Filter is not an object"]]),
        (
            "{",
            expect![[r#"
            : Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"; line: 1, column: 1])
             at [Source: (String)"{"; line: 1, column: 2]"#]],
        ),
        ("{}", expect![[": Empty objects are not allowed"]]),
        (r#"{"a": {"b": {}}}"#, expect![["a.b: Empty objects are not allowed"]]),
        (r#"{"a": [[1]]}"#, expect![["a[0]: Match value must be String, number, true, false, or null"]]),
        (r#"{"a": [1, {}]}"#, expect![["a[1]: Match expression name not found"]]),
        (
            r#"{"a": [{"prefix": "a", "suffix": "b"}]}"#,
            expect![["a[0]: Only one key allowed in match expression"]],
        ),
        (r#"{"a": [{"prefix": {"suffix": "b"}}]}"#, expect![["a[0]: Unsupported prefix pattern: suffix"]]),
        (
            r#"{"a": [{"exists": "x"}]}"#,
            expect![["a[0]: exists match pattern must be either true or false."]],
        ),
        (r#"{"a": [{"numeric": []}]}"#, expect![["a[0]: Invalid member in numeric match: ]"]]),
        (r#"{"a": [{"numeric": [1]}]}"#, expect![["a[0]: Invalid member in numeric match: 1"]]),
        (r#"{"a": [{"numeric": ["!", 1]}]}"#, expect![["a[0]: Unrecognized numeric range operator: !"]]),
        (r#"{"a": [{"numeric": ["=", "1"]}]}"#, expect![["a[0]: Value of equals must be numeric"]]),
        (r#"{"a": [{"numeric": ["=", 1, 2]}]}"#, expect![["a[0]: Too many elements in numeric expression"]]),
        (r#"{"a": [{"numeric": [">", 5, "<", 5]}]}"#, expect![["a[0]: Bottom must be less than top"]]),
        (r#"{"a": [{"numeric": [">", 5e9]}]}"#, expect![[""]]),
        (
            r#"{"a": [{"numeric": [">", 5000000001]}]}"#,
            expect![["a[0]: Value must be between -5.0E9 and 5.0E9, inclusive"]],
        ),
        (
            r#"{"a": [{"anything-but": []}]}"#,
            expect![[
                "a[0]: Inside anything but list, either all values are number or string, mixed type is not supported"
            ]],
        ),
        (
            r#"{"a": [{"anything-but": [1, "a"]}]}"#,
            expect![[
                "a[0]: Inside anything but list, either all values are number or string, mixed type is not supported"
            ]],
        ),
        (
            r#"{"a": [{"anything-but": {"cidr": "1.2.3.4/5"}}]}"#,
            expect![["a[0]: Unsupported anything-but pattern: cidr"]],
        ),
        (r#"{"a": [{"cidr": "1.2.3.4/32"}]}"#, expect![["a[0]: IPv4 mask bits must be < 32"]]),
        (r#"{"a": [{"cidr": "1.2.3.400/3"}]}"#, expect![["a[0]: Invalid IP address: 1.2.3.400"]]),
        (r#"{"a": [{"wildcard": "a\\b"}]}"#, expect![["a[0]: Invalid escape character at pos 2"]]),
        (
            r#"{"$or": [{"a": [1]}]}"#,
            expect![["$or: There must have at least 2 Objects in $or relationship."]],
        ),
        (r#"{"$or": {"a": [1]}}"#, expect![["$or: It must be an Array followed with $or."]]),
        (
            r#"{"d": {"$or": [{"a": [1]}, 2]}}"#,
            expect![["d.$or[1]: Only JSON object is allowed in array of $or relationship."]],
        ),
        (
            r#"{"$or": [{"prefix": ["a"]}, {"b": [1]}]}"#,
            expect![["prefix: prefix is Ruler reserved fieldName which cannot be used inside $or."]],
        ),
    ] {
        check(pattern, &[], expected);
    }
}

#[test]
fn combinations_have_a_bound() {
    let ten = |name: usize| {
        let alternatives: Vec<String> = (0..10).map(|value| format!(r#"{{"f{name}": [{value}]}}"#)).collect();
        format!("{{\"$or\": [{}]}}", alternatives.join(","))
    };
    let nested = |levels: usize| {
        let objects: Vec<String> = (0..levels).map(|name| format!(r#""o{name}": {}"#, ten(name))).collect();
        format!("{{{}}}", objects.join(","))
    };
    let pattern = Pattern::parse(&nested(3)).unwrap();
    assert!(matches(&pattern, r#"{"o0": {"f0": 1}, "o1": {"f1": 9}, "o2": {"f2": 0}}"#));
    assert!(!matches(&pattern, r#"{"o0": {"f0": 1}, "o1": {"f1": 10}, "o2": {"f2": 0}}"#));
    let refused = Pattern::parse(&nested(4)).unwrap_err();
    assert_eq!(refused.reason, "$or makes more than 1000 combinations");
}

#[test]
fn fields_of_all_combinations_have_a_bound() {
    let fields: Vec<String> = (0..1000).map(|name| format!(r#""f{name}": [1]"#)).collect();
    let or = |alternatives: usize| {
        let alternatives: Vec<String> =
            (0..alternatives).map(|value| format!(r#"{{"g": [{value}]}}"#)).collect();
        format!(r#"{{{}, "$or": [{}]}}"#, fields.join(","), alternatives.join(","))
    };
    assert!(Pattern::parse(&or(15)).is_ok());
    let refused = Pattern::parse(&or(25)).unwrap_err();
    assert_eq!(refused.reason, "A pattern has at most 20000 fields in all combinations of $or");
}

/// A wildcard as a search that tries everything.
fn tries_all(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], text) => (0..=text.len()).any(|skipped| tries_all(rest, &text[skipped..])),
        ([first, rest @ ..], [character, behind @ ..]) => first == character && tries_all(rest, behind),
        _ => false,
    }
}

proptest! {
    #[test]
    fn wildcards_find_what_trying_everything_finds(wildcard in "[ab]{0,3}(\\*[ab]{1,2}){0,3}\\*?", text in "[ab]{0,10}") {
        let pattern = Pattern::parse(&format!(r#"{{"f": [{{"wildcard": "{wildcard}"}}]}}"#));
        let characters = |text: &str| text.chars().collect::<Vec<char>>();
        // A pattern that is refused for its complexity says nothing about matching.
        if let Ok(pattern) = pattern {
            let found = matches(&pattern, &format!(r#"{{"f": "{text}"}}"#));
            prop_assert_eq!(found, tries_all(&characters(&wildcard), &characters(&text)));
        }
    }

    /// Writing a member with a dot instead of an object changes nothing.
    #[test]
    fn dots_change_nothing(x in 0..3, y in 0..3, which in 0..4) {
        let pattern = Pattern::parse(r#"{"a": {"b": {"x": [1]}, "y": [1]}}"#).unwrap();
        let nested = format!(r#"{{"a": {{"b": {{"x": {x}}}, "y": {y}}}}}"#);
        let dotted = match which {
            0 => format!(r#"{{"a.b.x": {x}, "a.y": {y}}}"#),
            1 => format!(r#"{{"a.b": {{"x": {x}}}, "a": {{"y": {y}}}}}"#),
            2 => format!(r#"{{"a": {{"b.x": {x}, "y": {y}}}}}"#),
            _ => format!(r#"{{"a": {{"b.x": {x}}}, "a.y": {y}}}"#),
        };
        prop_assert_eq!(matches(&pattern, &dotted), matches(&pattern, &nested));
    }
}
