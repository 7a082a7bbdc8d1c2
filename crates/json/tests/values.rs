//! What a value is: parsing, printing, equality, members, documents.

use json::{Array, Document, Kind, Object, Text, Value, number_text, value};

#[track_caller]
fn parse(text: &str) -> Value {
    Value::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn a_value_is_small() {
    assert_eq!(size_of::<Value>(), 24);
    assert_eq!(size_of::<Option<Value>>(), 24);
}

#[test]
fn parsing_and_printing() {
    let check = |text: &str, printed: &str| assert_eq!(parse(text).to_text(), printed, "of {text}");
    check(" null ", "null");
    check("[true,false]", "[true,false]");
    check("{ \"b\" : 1 , \"a\" : [ ] , \"c\" : { } }", r#"{"b":1,"a":[],"c":{}}"#);
    check("[[[1],2],[[]],{\"a\":{\"b\":[{}]}}]", r#"[[[1],2],[[]],{"a":{"b":[{}]}}]"#);
    check("0", "0");
    check("-0", "0");
    check(
        "[1 ,-12\t, 9223372036854775807,-9223372036854775808]",
        "[1,-12,9223372036854775807,-9223372036854775808]",
    );
    check("9223372036854775808", "9223372036854775808");
    check("-123456789012345678901234567890", "-123456789012345678901234567890");
    check("[1.0,1e3,1E+2,0.10,-0.0,1e-5]", "[1.0,1000.0,100.0,0.1,-0.0,1.0E-5]");
    check(
        r#""\"\\\/\b\f\n\r\t\u00e9\u0001\u001F\u007f""#,
        "\"\\\"\\\\/\\b\\f\\n\\r\\té\\u0001\\u001F\u{7f}\"",
    );
    check(r#""\ud83d\ude00""#, "\"😀\"");
    check(
        r#""a long text with an \\ escape behind twenty-three bytes é""#,
        r#""a long text with an \\ escape behind twenty-three bytes é""#,
    );
}

#[test]
fn half_characters_are_replaced() {
    assert_eq!(parse(r#""\ud83d""#), value!("\u{fffd}"));
    assert_eq!(parse(r#""\ude00x""#), value!("\u{fffd}x"));
    assert_eq!(parse(r#""\ud83d\ud83d\ude00""#), value!("\u{fffd}😀"));
    assert_eq!(parse(r#""\ud83d\u0041""#), value!("\u{fffd}A"));
    assert_eq!(parse(r#""\ud83d\n""#), value!("\u{fffd}\n"));
}

#[test]
fn numbers_print_as_in_java() {
    let cases: [(f64, &str); 20] = [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (3.3, "3.3"),
        (-1.49, "-1.49"),
        (0.001, "0.001"),
        (0.00099, "9.9E-4"),
        (0.1 + 0.2, "0.30000000000000004"),
        (9_999_999.0, "9999999.0"),
        (9_999_999.5, "9999999.5"),
        (1e7, "1.0E7"),
        (12_345_678.9, "1.23456789E7"),
        (1e10, "1.0E10"),
        (1e-5, "1.0E-5"),
        (1.5e-5, "1.5E-5"),
        (-2.5e22, "-2.5E22"),
        (f64::MAX, "1.7976931348623157E308"),
        (5e-324, "5.0E-324"),
        (f64::NAN, "NaN"),
        (f64::NEG_INFINITY, "-Infinity"),
    ];
    for (float, text) in cases {
        assert_eq!(number_text(float), text);
    }
    // JSON has no words for these; Jackson writes strings.
    assert_eq!(value!([f64::NAN, f64::INFINITY]).to_text(), r#"["NaN","Infinity"]"#);
}

#[test]
fn pretty_printing() {
    let value = value!({ "a": [1, {}, []], "b": { "c": null } });
    let expected = "{\n  \"a\": [\n    1,\n    {},\n    []\n  ],\n  \"b\": {\n    \"c\": null\n  }\n}";
    assert_eq!(value.to_pretty(), expected);
    assert_eq!(parse(expected), value);
    assert_eq!(value!([]).to_pretty(), "[]");
}

#[test]
fn equality_is_by_value() {
    let equal = [
        ("10", "10.0"),
        ("[1,2]", "[1.0,2e0]"),
        (r#"{"a":1,"b":2}"#, r#"{"b":2,"a":1}"#),
        ("18446744073709551616", "1.8446744073709551616e19"),
        ("-9223372036854775808", "-9223372036854775808.0"),
    ];
    for (one, two) in equal {
        assert_eq!(parse(one), parse(two));
        assert_eq!(parse(two), parse(one));
    }
    let different = [
        ("10", "\"10\""),
        ("9007199254740993", "9007199254740992.0"),
        ("9223372036854775807", "9223372036854775808.0"),
        ("18446744073709551617", "1.8446744073709551616e19"),
        ("[1,2]", "[2,1]"),
        (r#"{"a":1}"#, r#"{"a":1,"b":2}"#),
        (r#"{"a":1,"b":2}"#, r#"{"b":1,"a":2}"#),
        ("null", "false"),
        ("0", "null"),
    ];
    for (one, two) in different {
        assert_ne!(parse(one), parse(two));
        assert_ne!(parse(two), parse(one));
    }
    let forward: Object = (0..1000).map(|index| (format!("k{index}"), index)).collect();
    let backward: Object = (0..1000).rev().map(|index| (format!("k{index}"), index)).collect();
    assert_eq!(forward, backward);
    assert_ne!(forward, backward.iter().map(|(name, _)| (name.clone(), 0)).collect());
}

#[test]
fn the_last_of_equal_names_wins_in_the_first_ones_place() {
    assert_eq!(parse(r#"{"a":1,"b":2,"a":3,"a":4}"#).to_text(), r#"{"a":4,"b":2}"#);
    let members: Vec<String> = (0..100).map(|index| format!("\"k{}\":{index}", index % 40)).collect();
    let value = parse(&format!("{{{}}}", members.join(",")));
    let object = value.as_object().unwrap();
    assert_eq!(object.len(), 40);
    assert_eq!(object.keys().next().unwrap(), "k0");
    assert_eq!((object.get("k0"), object.get("k39")), (Some(&Value::Int(80)), Some(&Value::Int(79))));
}

#[test]
fn duplicates_are_noted_with_their_places() {
    let text = "{\"States\":{\n \"A\":{\"x\":1,\"x\":2},\n \"A\":{\"Choices\":[0,{\"é\":1,\"é\":2}]}},\n\"é\":\"é\",\"States\":3}";
    let (value, duplicates) = Value::parse_noting_duplicates(text).unwrap();
    assert_eq!(value, parse(text));
    let places: Vec<_> = duplicates
        .iter()
        .map(|found| (found.path.as_str(), found.name.as_str(), found.line, found.column))
        .collect();
    assert_eq!(
        places,
        [
            ("/States/A", "x", 2, 13),
            ("/States", "A", 3, 2),
            ("/States/A/Choices[1]", "é", 3, 27),
            ("", "States", 4, 9),
        ]
    );
    let (_, none) = Value::parse_noting_duplicates(r#"[{"a":1},{"a":{"a":1}}]"#).unwrap();
    assert_eq!(none, []);
}

#[test]
fn many_members_are_not_quadratic() {
    // A million comparisons per member would take hours.
    let members: Vec<String> = (0..100_000).map(|index| format!("\"{index}\":0,\"{index}\":1")).collect();
    let text = format!("{{{}}}", members.join(","));
    let (value, duplicates) = Value::parse_noting_duplicates(&text).unwrap();
    assert_eq!(value.as_object().unwrap().len(), 100_000);
    assert_eq!(duplicates.len(), 100_000);
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let deepest = parse(&nested(1000));
    assert!(!deepest.depth_exceeds(1000));
    assert!(deepest.depth_exceeds(999));
    assert_eq!(parse(&deepest.to_text()), deepest);
    let error = Value::parse(&nested(1001)).unwrap_err();
    assert_eq!(
        error.message,
        "Document nesting depth (1001) exceeds the maximum allowed (1000, from \
         `StreamReadConstraints.getMaxNestingDepth()`)"
    );
    assert!(Value::parse(&"[".repeat(1_000_000)).is_err());
    assert!(Value::parse(&"{\"a\":".repeat(1_000_000)).is_err());
    assert!(!value!(1).depth_exceeds(0));
    assert!(value!({}).depth_exceeds(0));
}

#[test]
fn objects() {
    let mut object = Object::with_capacity(2);
    assert_eq!(object.insert("a", 1), None);
    assert_eq!(object.insert("b", "two"), None);
    let before = object.clone();
    assert!(before.same(&object));
    assert_eq!(object.insert("a", 3), Some(Value::Int(1)));
    *object.get_mut("b").unwrap() = Value::Null;
    assert_eq!(Value::from(before.clone()).to_text(), r#"{"a":1,"b":"two"}"#);
    assert_eq!(Value::from(object.clone()).to_text(), r#"{"a":3,"b":null}"#);
    assert_eq!(object.remove("a"), Some(Value::Int(3)));
    assert_eq!((object.remove("a"), object.get_mut("a")), (None, None));
    assert!(object.contains_key("b") && !object.is_empty());
    assert_eq!(object.into_iter().collect::<Vec<_>>(), [(Text::new("b"), Value::Null)]);
}

#[test]
fn arrays() {
    let mut array: Array = [value!(1), value!(2)].into_iter().collect();
    let before = array.clone();
    array.push("x");
    array.make_mut().swap(0, 1);
    assert_eq!(Value::from(array.clone()).to_text(), r#"[2,1,"x"]"#);
    assert_eq!((before.len(), array.len()), (2, 3));
    assert_eq!((array.get(1), array.get(9)), (Some(&Value::Int(1)), None));
    assert_eq!(before.as_slice(), [value!(1), value!(2)]);
}

#[test]
fn looking_inside() {
    let value = value!({ "s": "x", "n": [1, 2.5, null, true] });
    assert_eq!(value.get("s").and_then(Value::as_str), Some("x"));
    let numbers = value.get("n").unwrap();
    assert_eq!(numbers.at(0).and_then(Value::as_i64), Some(1));
    assert_eq!(numbers.at(0).and_then(Value::as_f64), Some(1.0));
    assert_eq!(numbers.at(1).and_then(Value::as_f64), Some(2.5));
    assert_eq!(numbers.at(1).and_then(Value::as_i64), None);
    assert_eq!(numbers.at(3).and_then(Value::as_bool), Some(true));
    assert!(numbers.at(2).is_some_and(Value::is_null));
    assert_eq!((value.at(0), numbers.get("a"), numbers.at(4)), (None, None, None));
    assert_eq!(parse("100000000000000000000").as_f64(), Some(1e20));
    let kinds: Vec<_> = numbers.as_array().unwrap().iter().map(|item| item.kind().name()).collect();
    assert_eq!(kinds, ["number", "number", "null", "boolean"]);
    assert_eq!((value.kind(), Value::from(u64::MAX).kind()), (Kind::Object, Kind::Number));
    assert_eq!(Value::from(u64::MAX).to_text(), "18446744073709551615");
}

#[test]
fn the_macro_takes_expressions_and_names() {
    let name = "k".to_owned();
    let inner = value!({ "x": -1 });
    let value = value!({
        "a": 1 + 1,
        (name.as_str()): [inner, { "deep": [null, [true]] }, "s",],
        "none": None::<i64>,
        "list": vec!["a", "b"],
    });
    assert_eq!(
        value.to_text(),
        r#"{"a":2,"k":[{"x":-1},{"deep":[null,[true]]},"s"],"none":null,"list":["a","b"]}"#
    );
    assert_eq!(
        (value!(null), value!([]).to_text(), value!({}).to_text()),
        (Value::Null, "[]".into(), "{}".into())
    );
}

#[test]
fn documents_make_what_is_missing() {
    let given = Document::parse("{ \"a\" : 1 }").unwrap();
    assert_eq!((given.text(), given.size()), ("{ \"a\" : 1 }", 11));
    let made = Document::from_value(value!({ "a": 1 }));
    assert_eq!((made.text(), made.size()), (r#"{"a":1}"#, 7));
    let read = Document::from_valid_text(r#"{"a":1.0}"#.to_owned());
    assert_eq!(read.value().get("a"), Some(&Value::Float(1.0)));
    assert!(given == made && made == read && read == given);
    assert!(!given.same(&made) && given.same(&given.clone()));
    assert_ne!(made, Document::from(value!({ "a": 2 })));
    assert!(Document::parse("{").is_err());
    assert!(std::ptr::eq(read.value(), read.clone().value()));
}

#[test]
fn a_mark_is_shared_by_clones() {
    let document = Document::from_value(Value::Null);
    let clone = document.clone();
    assert_eq!(document.mark(), 0);
    clone.set_mark(7);
    assert_eq!(document.mark(), 7);
    assert_eq!(Document::from_value(Value::Null).mark(), 0);
}

#[test]
fn documents_tell_their_length_without_printing_all() {
    let check = |text: &str| {
        for document in [Document::from_value(Value::parse(text).unwrap()), Document::from_valid_text(text)] {
            for bytes in 0..text.len() + 3 {
                assert_eq!(document.is_longer_than(bytes), text.len() > bytes, "{text} {bytes}");
            }
            assert_eq!(document.text(), text);
        }
    };
    for text in ["1", r#""é""#, "[]", "[[],{}]", r#"{"a":[1,"x",null],"b":{}}"#] {
        check(text);
    }
    // A text of 4 GB, made of one megabyte.
    let part = Value::from("x".repeat(1 << 20));
    let whole = Document::from_value(Value::Array((0..4096).map(|_| part.clone()).collect()));
    assert!(whole.is_longer_than(1 << 18));
}
