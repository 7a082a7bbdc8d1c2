//! What holds for every value and every text.

use json::{Array, Object, Value, number_text};
use proptest::prelude::*;

fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>()
            .prop_filter("JSON has finite numbers only", |float| float.is_finite())
            .prop_map(Value::Float),
        (1u8..10, "[0-9]{19,40}").prop_map(|(first, rest)| Value::Big(format!("{first}{rest}").into())),
        any::<String>().prop_map(Value::from),
        "[a-z\"\\\\\\x00-\\x1f]{0,40}".prop_map(Value::from),
    ];
    scalar.prop_recursive(5, 200, 30, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..30).prop_map(|items| Value::Array(Array::from(items))),
            prop::collection::vec(("[a-f]{0,3}", inner), 0..30)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Texts that are JSON or nearly so.
fn almost_json() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"",
        "\\",
        "\\u",
        "d83d",
        "1",
        "-",
        "0",
        ".",
        "e",
        "+",
        "true",
        "nul",
        "NaN",
        "Infinity",
        " ",
        "\n",
        "\r",
        "é",
        "😀",
        "/",
        "\u{1}",
        "123456789012345678901",
    ]);
    prop::collection::vec(token, 0..20).prop_map(|tokens| tokens.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_printed_parses_to_the_same(value in any_value()) {
        let text = value.to_text();
        let back = Value::parse(&text).unwrap();
        prop_assert_eq!(&back, &value);
        prop_assert_eq!(back.to_text(), text);
        prop_assert_eq!(Value::parse(&value.to_pretty()).unwrap(), value);
    }

    #[test]
    fn noting_duplicates_changes_nothing(text in almost_json()) {
        let noted = Value::parse_noting_duplicates(&text).map(|(value, _)| value.to_text());
        prop_assert_eq!(noted, Value::parse(&text).map(|value| value.to_text()));
    }

    #[test]
    fn members_are_those_of_inserting_one_by_one(members in prop::collection::vec(("[a-d]{1,2}", any::<i64>()), 0..40)) {
        let mut inserted = Object::new();
        for (name, value) in &members {
            inserted.insert(name.as_str(), *value);
        }
        let collected: Object = members.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        prop_assert_eq!(Value::from(collected).to_text(), Value::from(inserted).to_text());
        let text: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let (_, duplicates) = Value::parse_noting_duplicates(&format!("{{{}}}", text.join(","))).unwrap();
        let names: std::collections::BTreeSet<_> = members.iter().map(|(name, _)| name).collect();
        prop_assert_eq!(duplicates.len(), members.len() - names.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in prop_oneof![any::<String>(), almost_json()]) {
        if let Err(error) = Value::parse(&text) {
            prop_assert!(error.offset <= text.len() && text.is_char_boundary(error.offset));
            prop_assert!(error.line >= 1 && error.column >= 1);
            error.message_with_location(&text);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        let _ = Value::parse_bytes(&bytes);
    }

    #[test]
    fn every_double_reads_back(bits in any::<u64>()) {
        let float = f64::from_bits(bits);
        prop_assume!(float.is_finite());
        prop_assert_eq!(number_text(float).parse::<f64>().unwrap().to_bits(), bits);
    }
}
