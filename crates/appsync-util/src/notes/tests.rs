use json::value;

use super::*;

#[test]
fn headers_that_may_not_be_are_told_as_errors() {
    let mut notes = Notes::default();
    for (name, value) in [
        (value!("itemsCount"), value!(7)),
        (value!("render"), value!({"a": [1]})),
        (value!(""), value!("x")),
        (value!("x-amzn-thing"), value!("x")),
        (value!("Content-Type"), value!("text/html")),
        (value!("content-length"), value!("0")),
        (value!("two words"), value!("x")),
        (value!("split"), value!("a\r\nset-cookie: b")),
        (value!("nothing"), value!(null)),
        (value!("long"), value!("x".repeat(5000))),
    ] {
        notes.note("addResponseHeader", &[name, value]).unwrap();
    }
    let headers: Vec<_> =
        notes.response_headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(headers, ["itemsCount: 7", "render: {\"a\":[1]}"]);
    assert_eq!(notes.out_errors.len(), 8);
    assert!(notes.out_errors.iter().all(|error| error.error_type.as_deref() == Some("ResponseHeaderError")));
}

#[test]
fn what_is_too_much_is_refused() {
    let mut notes = Notes::default();
    assert!((0..ENTRIES_MAX).all(|_| notes.note("log", &[value!("INFO"), value!("x")]).is_ok()));
    assert!(notes.note("log", &[value!("INFO"), value!("x")]).is_err());
    let mut notes = Notes::default();
    assert!(notes.note("appendError", &[value!("x".repeat(BYTES_MAX + 1))]).is_err());
    let mut notes = Notes::default();
    assert!((0..5).all(|_| notes.note("invalidateSubscriptions", &[value!({})]).is_ok()));
    assert!(notes.note("invalidateSubscriptions", &[value!({})]).is_err());
    assert!(notes.note("unknown", &[]).is_err());
}
