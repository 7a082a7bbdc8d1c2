//! What is said about texts that are not JSON: Jackson's words, lines and columns.

use json::Value;

/// Each is refused with this message at this line and column.
#[track_caller]
fn check(text: &str, position: (usize, usize), message: &str) {
    match Value::parse(text) {
        Ok(value) => panic!("{text:?} was parsed: {value}"),
        Err(error) => {
            assert_eq!(error.message, message, "of {text:?}");
            assert_eq!((error.line, error.column), position, "of {text:?}");
            assert!(error.offset <= text.len());
        }
    }
}

const ANY: &str = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";

#[test]
fn recorded_by_the_service() {
    let message = format!("Unrecognized token 'not': was expecting {ANY}");
    check("not a definition", (1, 4), &message);
    let error = Value::parse("not a definition").unwrap_err();
    assert_eq!(
        error.location("not a definition"),
        r#"[Source: (String)"not a definition"; line: 1, column: 4]"#
    );
    assert_eq!(
        error.message_with_location("not a definition"),
        format!("{message}\n at [Source: (String)\"not a definition\"; line: 1, column: 4]")
    );
    check(
        "{'not': 'json'}",
        (1, 3),
        "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
    );
}

#[test]
fn words() {
    for (text, column, word) in [
        ("tru", 4, "tru"),
        ("[nul]", 5, "nul"),
        ("[truex]", 7, "truex"),
        ("True", 5, "True"),
        ("[1, undefined]", 14, "undefined"),
        ("héé!", 4, "héé"),
        ("[Nope", 6, "Nope"),
        ("[true1]", 7, "true1"),
    ] {
        check(text, (1, column), &format!("Unrecognized token '{word}': was expecting {ANY}"));
    }
    let long = "x".repeat(300);
    let shown = &long[..256];
    check(&long, (1, 257), &format!("Unrecognized token '{shown}...': was expecting {ANY}"));
    check(
        "[NaN]",
        (1, 5),
        "Non-standard token 'NaN': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow",
    );
    check(
        "[-Infinity]",
        (1, 11),
        "Non-standard token '-Infinity': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow",
    );
}

#[test]
fn structure() {
    let value = |shown: &str| format!("Unexpected character ({shown}): expected a valid value {ANY}");
    check("", (1, 1), "No content to map due to end-of-input");
    check(" \n ", (2, 2), "No content to map due to end-of-input");
    check(
        "{",
        (1, 2),
        r#"Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)"{"; line: 1, column: 1])"#,
    );
    check(
        "[\n [1",
        (2, 4),
        "Unexpected end-of-input: expected close marker for Array (start marker at [Source: (String)\"[\n [1\"; line: 2, column: 2])",
    );
    check("[1,", (1, 4), "Unexpected end-of-input within/between Array entries");
    check(r#"{"a":1,"#, (1, 8), "Unexpected end-of-input within/between Object entries");
    check(r#"{"a""#, (1, 5), "Unexpected end-of-input within/between Object entries");
    check(r#"{"a":"#, (1, 6), "Unexpected end-of-input within/between Object entries");
    check(
        r#"{"a" 1}"#,
        (1, 7),
        "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
    );
    check(
        r#"{"a":1 "b":2}"#,
        (1, 9),
        "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
    );
    check(
        "[1 2]",
        (1, 5),
        "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries",
    );
    check(
        r#"{"a":1,}"#,
        (1, 9),
        "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
    );
    check(r#"{"a":}"#, (1, 7), &value("'}' (code 125)"));
    check("[1,]", (1, 5), &value("']' (code 93)"));
    check("[,1]", (1, 3), &value("',' (code 44)"));
    check("[1,}", (1, 5), "Unexpected character ('}' (code 125)): expected a value");
    check(
        "[1}",
        (1, 4),
        r#"Unexpected close marker '}': expected ']' (for Array starting at [Source: (String)"[1}"; line: 1, column: 1])"#,
    );
    check(
        "]",
        (1, 2),
        r#"Unexpected close marker ']': expected '}' (for root starting at [Source: (String)"]"; line: 1, column: 0])"#,
    );
    check("'a'", (1, 2), &value("''' (code 39)"));
    check("[€]", (1, 3), &format!("Unrecognized token '€': was expecting {ANY}"));
    check("[→]", (1, 3), &value("'→' (code 8594 / 0x2192)"));
    check("[😀]", (1, 3), &value("'?' (code 55357 / 0xd83d)"));
    check("\"😀\" →", (1, 7), &value("'→' (code 8594 / 0x2192)"));
    check(
        "[1, // one\n]",
        (1, 6),
        "Unexpected character ('/' (code 47)): maybe a (non-standard) comment? (not recognized as \
         one since Feature 'ALLOW_COMMENTS' not enabled for parser)",
    );
    check(
        "[\u{1}]",
        (1, 3),
        "Illegal character ((CTRL-CHAR, code 1)): only regular white space (\\r, \\n, \\t) is allowed between tokens",
    );
}

#[test]
fn one_value_only() {
    let trailing = |token: &str| {
        format!(
            "Trailing token (of type {token}) found after value (bound as \
             `com.fasterxml.jackson.databind.JsonNode`): not allowed as per \
             `DeserializationFeature.FAIL_ON_TRAILING_TOKENS`"
        )
    };
    check("{} {}", (1, 5), &trailing("START_OBJECT"));
    check("1 2", (1, 4), &trailing("VALUE_NUMBER_INT"));
    check("{}null", (1, 7), &trailing("VALUE_NULL"));
    check("{} x", (1, 5), &format!("Unrecognized token 'x': was expecting {ANY}"));
    check("1x", (1, 3), "Unexpected character ('x' (code 120)): Expected space separating root-level values");
}

#[test]
fn strings() {
    check("\"abc", (1, 5), "Unexpected end-of-input: was expecting closing quote for a string value");
    check("{\"abc", (1, 6), "Unexpected end-of-input in field name");
    check("\"a\\", (1, 4), "Unexpected end-of-input in character escape sequence");
    check("\"a\\u12", (1, 7), "Unexpected end-of-input in character escape sequence");
    check("\"\\x\"", (1, 4), "Unrecognized character escape 'x' (code 120)");
    check(
        "\"\\u12g4\"",
        (1, 7),
        "Unexpected character ('g' (code 103)): expected a hex-digit for character escape sequence",
    );
    let control = |code: u8, place: &str| {
        format!(
            "Illegal unquoted character ((CTRL-CHAR, code {code})): has to be escaped using backslash \
             to be included in {place}"
        )
    };
    check("\"a\nb\"", (1, 4), &control(10, "string value"));
    check("{\"a\tb\":1}", (1, 5), &control(9, "name"));
    check("\"0123456789abcdef\u{0}\"", (1, 19), &control(0, "string value"));
}

#[test]
fn numbers() {
    let number =
        |shown: &str, comment: &str| format!("Unexpected character ({shown}) in numeric value: {comment}");
    let minus = "expected digit (0-9) to follow minus sign, for valid numeric value";
    let point = "Decimal point not followed by a digit";
    let exponent = "Exponent indicator not followed by a digit";
    check("01", (1, 2), "Invalid numeric value: Leading zeroes not allowed");
    check("[-007]", (1, 4), "Invalid numeric value: Leading zeroes not allowed");
    check("-", (1, 2), "Unexpected end-of-inputNo digit following minus sign");
    check("[-]", (1, 4), &number("']' (code 93)", minus));
    check("[-a]", (1, 4), &number("'a' (code 97)", minus));
    check("[-.5]", (1, 4), &format!("Unexpected character ('.' (code 46)): expected a valid value {ANY}"));
    check("[.5]", (1, 3), &format!("Unexpected character ('.' (code 46)): expected a valid value {ANY}"));
    // Jackson reads a number twice when it begins with zero: the column tells.
    check("[1.x]", (1, 4), &number("'x' (code 120)", point));
    check("[0.x]", (1, 5), &number("'x' (code 120)", point));
    check("[1.5ex]", (1, 4), &number("'x' (code 120)", exponent));
    check("[1e+x]", (1, 4), &number("'x' (code 120)", exponent));
    check("[0e+x]", (1, 6), &number("'x' (code 120)", exponent));
    check("1.", (1, 3), &number("'.' (code 46)", point));
    check("1e", (1, 3), "Unexpected end-of-inputexpected a digit for number exponent");
    check("1e-", (1, 4), "Unexpected end-of-inputexpected a digit for number exponent");
    check("[1e999]", (1, 7), "Numeric value (1e999) out of range of `double`");
    check(
        "[1x]",
        (1, 4),
        "Unexpected character ('x' (code 120)): was expecting comma to separate Array entries",
    );
    check(
        "[0x10]",
        (1, 4),
        "Unexpected character ('x' (code 120)): was expecting comma to separate Array entries",
    );
}

#[test]
fn lines_end_with_all_three_line_ends() {
    for (end, line) in [("\n", 3), ("\r\n", 3), ("\r", 3)] {
        check(
            &format!("[1,{end}2{end}  3]"),
            (line, 4),
            "Unexpected character ('3' (code 51)): was expecting comma to separate Array entries",
        );
    }
}

#[test]
fn long_sources_are_shown_in_part() {
    let text = format!("{}x", " ".repeat(600));
    let error = Value::parse(&text).unwrap_err();
    let shown =
        format!("[Source: (String)\"{}\"[truncated 101 chars]; line: 1, column: 602]", " ".repeat(500));
    assert_eq!(error.location(&text), shown);
}

#[test]
fn bytes_that_are_not_utf8() {
    let check = |bytes: &[u8], offset: usize, message: &str| {
        let error = Value::parse_bytes(bytes).unwrap_err();
        assert_eq!((error.offset, error.message.as_str()), (offset, message));
    };
    check(b"[\"\xff\"]", 2, "Invalid UTF-8 start byte 0xff");
    check(b"\"\x80", 1, "Invalid UTF-8 start byte 0x80");
    check(b"\"\xc3\"", 1, "Invalid UTF-8 middle byte 0x22");
    check(b"\"\xc3", 1, "Unexpected end-of-input in a UTF-8 character");
    assert_eq!(Value::parse_bytes("\"é\"".as_bytes()).unwrap(), Value::from("é"));
}
