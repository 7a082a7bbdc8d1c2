//! Files as text, and the items that they give: in one piece and in pieces of every size.

use items::{Compression, CsvConfig, Delimiter, Format, Headers, Item, Progress, Reader, Wanted};
use json::{Text, Value};
use proptest::prelude::*;

fn csv() -> Format {
    Format::Csv(CsvConfig {
        headers: Headers::FirstRow,
        delimiter: Delimiter::Comma,
        keys_are_encoded: false,
    })
}

fn given(headers: &[&str]) -> Format {
    Format::Csv(CsvConfig {
        headers: Headers::Given(headers.iter().copied().map(Text::from).collect()),
        delimiter: Delimiter::Comma,
        keys_are_encoded: false,
    })
}

fn json(items_pointer: Option<&str>) -> Format {
    Format::Json { items_pointer: items_pointer.map(str::to_owned) }
}

/// Reads a file in pieces of these sizes, the last one again and again.
fn read(
    format: &Format,
    compression: Compression,
    wanted: impl Into<Wanted>,
    file: &[u8],
    sizes: &[usize],
) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    let mut reader =
        Reader::new(format.clone(), compression, wanted).map_err(|failure| failure.to_string())?;
    let mut sizes = sizes.iter().chain(std::iter::repeat(sizes.last().unwrap_or(&usize::MAX)));
    let mut rest = file;
    while !rest.is_empty() {
        let (mut piece, behind) = rest.split_at(rest.len().min(*sizes.next().unwrap()));
        rest = behind;
        loop {
            match reader.read(&mut piece, &mut items).map_err(|failure| failure.to_string())? {
                Progress::Full => {}
                Progress::Hungry => break,
                Progress::Done => return Ok(items),
            }
        }
    }
    reader.finish(&mut items).map_err(|failure| failure.to_string())?;
    Ok(items)
}

/// What is read must be `expected`, as an array or as `error: cause`, however the file is cut.
#[track_caller]
fn check(format: &Format, file: &str, expected: &str) {
    check_some(format, file, 1000, expected);
}

#[track_caller]
fn check_some(format: &Format, file: &str, items_max: u64, expected: &str) {
    for size in [usize::MAX, 1, 2, 3, 5] {
        let said = match read(format, Compression::None, items_max, file.as_bytes(), &[size]) {
            Ok(items) => shown(&items),
            Err(failure) => failure,
        };
        assert_eq!(said, expected, "{file:?} in pieces of {size}");
    }
}

fn shown(items: &[Item]) -> String {
    let texts = items.iter().map(|item| match &item.key {
        Some(key) => format!("{key}={}", item.value),
        None => item.value.to_text(),
    });
    texts.collect::<Vec<_>>().join(" ")
}

#[test]
fn rows_shorter_and_longer_than_the_headers() {
    check(
        &csv(),
        "H1,\nValue4,Value5,Value6\n,,,\ntrue,1,'HelloWorld'\nNull,None,\n   \n",
        r#"{"H1":"Value4","":"Value5"} {"H1":"","":""} {"H1":"true","":"1"} {"H1":"Null","":"None"} {"H1":"   ","":""}"#,
    );
    check(&given(&["H1"]), "a,b\n,,\nc\n", r#"{"H1":"a"} {"H1":""} {"H1":"c"}"#);
}

#[test]
fn quotes_hold_delimiters_newlines_and_doubled_quotes() {
    check(&given(&["a", "b"]), "\"x,y\",\"1\r\n2\"\n", r#"{"a":"x,y","b":"1\r\n2"}"#);
    check(&given(&["a", "b"]), "\"say \"\"hi\"\"\",\"\"\n", r#"{"a":"say \"hi\"","b":""}"#);
    check(&given(&["a", "b"]), "5\" pipe,\"a\"b\n", r#"{"a":"5\" pipe","b":"ab"}"#);
    check(&given(&["a"]), "\"\"", r#"{"a":""}"#);
    check(
        &given(&["a"]),
        "x\n\"y\n",
        "States.ItemReaderFailed: The CSV file ends within a quoted field of row 2.",
    );
}

#[test]
fn a_backslash_escapes_three_characters_and_vanishes_before_others() {
    check(
        &given(&["a", "b"]),
        "x\\,y,\\\\\n\\\"q\\\",c:\\dir\n\"in \\\" it\",\\",
        r#"{"a":"x,y","b":"\\"} {"a":"\"q\"","b":"c:dir"} {"a":"in \" it","b":""}"#,
    );
}

#[test]
fn rows_end_with_any_kind_of_line_end() {
    let expected = r#"{"a":"1","b":"2"} {"a":"3","b":"4"}"#;
    for end in ["\n", "\r\n", "\r"] {
        check(&csv(), &format!("a,b{end}1,2{end}3,4{end}"), expected);
        check(&csv(), &format!("a,b{end}1,2{end}3,4"), expected);
        check(&csv(), &format!("{end}a,b{end}{end}1,2{end}{end}{end}3,4{end}{end}"), expected);
    }
}

#[test]
fn a_carriage_return_is_a_character_where_newlines_end_rows() {
    check(&given(&["a"]), "1\n2\r3\n", r#"{"a":"1"} {"a":"2\r3"}"#);
    check(&given(&["a"]), "1\r\n\r2\r\n", r#"{"a":"1"} {"a":"\r2"}"#);
    check(&given(&["a"]), "1\r2\n3\r", r#"{"a":"1"} {"a":"2"} {"a":"3"}"#);
}

#[test]
fn every_delimiter_and_a_byte_order_mark() {
    for delimiter in Delimiter::ALL {
        let format =
            Format::Csv(CsvConfig { headers: Headers::FirstRow, delimiter, keys_are_encoded: false });
        let d = char::from(delimiter.byte());
        check(
            &format,
            &format!("\u{feff}a{d}b\n1{d}\"{d}\"\n"),
            &format!(r#"{{"a":"1","b":{}}}"#, Value::from(d.to_string())),
        );
    }
    check(&json(None), "\u{feff}[1]", "1");
    check(&Format::JsonLines, "\u{feff}1\n2", "1 2");
    assert_eq!(
        shown(&read(&given(&["a"]), Compression::None, 9, b"\xef\xbb", &[1]).unwrap()),
        r#"{"a":"�"}"#
    );
}

#[test]
fn headers_are_checked() {
    let twice = "States.ItemReaderFailed: CSV headers cannot contain duplicates.";
    check(&csv(), "a,b,a\n1,2,3\n", twice);
    check(&given(&["a", "a"]), "", twice);
    check(&csv(), "", "");
    check(&csv(), "a,b\n", "");
    check(
        &csv(),
        &"x".repeat(10_241),
        "States.ItemReaderFailed: The CSV headers have 10241 bytes, which is more than 10240.",
    );
}

#[test]
fn no_more_than_max_items() {
    check_some(&csv(), "a\n1\n2\n3\n", 2, r#"{"a":"1"} {"a":"2"}"#);
    check_some(&json(None), "[1,2,3, what stands here is not read", 2, "1 2");
    check_some(&Format::JsonLines, "1\n2\nno", 2, "1 2");
}

#[test]
fn json_arrays() {
    check(
        &json(None),
        " [ 1 , \"a]\\\"\" ,[[2],{}], {\"b\":[3]},null]\n ",
        r#"1 "a]\"" [[2],{}] {"b":[3]} null"#,
    );
    check(&json(None), "[]", "");
    let non_iterable = "States.ItemReaderFailed: Attempting to map over non-iterable node.";
    check(&json(None), "{\"Hello\": \"world\"}", non_iterable);
    check(&json(None), "7", non_iterable);
    check(&json(None), "[1,2", "States.ItemReaderFailed: The JSON file ends too early, behind 1 items.");
    check(&json(None), "", "States.ItemReaderFailed: The JSON file ends too early, behind 0 items.");
    check(
        &json(None),
        "[1,]",
        "States.ItemReaderFailed: The file is not JSON: ']' is not expected behind 1 items.",
    );
    check(
        &json(None),
        "[1] 2",
        "States.ItemReaderFailed: The file is not JSON: '2' is not expected behind 1 items.",
    );
    check(
        &json(None),
        "[1 2]",
        "States.ItemReaderFailed: The file is not JSON: '2' is not expected behind 1 items.",
    );
}

#[test]
fn items_pointers() {
    let file =
        r#"{"skip":{"a":["]}\"",{}]},"a/b":{"m~n":[10,{"x":"y"}],"o":{"k1":1,"k\n2":[2]},"e":{}},"n":5}"#;
    check(&json(Some("/a~1b/m~0n")), file, r#"10 {"x":"y"}"#);
    check(&json(Some("/a~1b/o")), file, "k1=1 k\n2=[2]");
    check(&json(Some("/a~1b/e")), file, "");
    check(&json(Some("/skip/a")), file, r#""]}\"" {}"#);
    check(&json(Some("/0/1")), "[[0,[7,8]]] and more", "7 8");
    check(&json(Some("")), "{\"a\":1}", "a=1");
    check(&json(Some("/n")), file, "States.ItemReaderFailed: Attempting to map over non-iterable node.");
    for pointer in ["/x", "/n/x", "/a~1b/m~0n/2", "/a~1b/m~0n/01"] {
        check(
            &json(Some(pointer)),
            file,
            &format!("States.ItemReaderFailed: The ItemsPointer '{pointer}' points to nothing in the data."),
        );
    }
    check(
        &json(Some("x")),
        file,
        "States.ItemReaderFailed: The ItemsPointer 'x' is not a JSON Pointer: it does not begin with '/'.",
    );
}

#[test]
fn json_lines() {
    check(&Format::JsonLines, "{\"a\":1}\r\n\n  \n[2]\n\"x\"", r#"{"a":1} [2] "x""#);
    check(
        &Format::JsonLines,
        "1\n\n{a}\n",
        "States.ItemReaderFailed: Line 3 of the file is not JSON: Unexpected character ('a' (code 97)): was expecting double-quote to start field name",
    );
}

#[test]
fn what_is_kept_is_bounded() {
    let line = vec![b'x'; 9 * 1024 * 1024];
    let expected = [(given(&["a"]), "Row 1 of the CSV file"), (Format::JsonLines, "Line 1 of the file")];
    for (format, subject) in expected {
        let failure = read(&format, Compression::None, 9, &line, &[65536]).unwrap_err();
        assert_eq!(failure, format!("States.ItemReaderFailed: {subject} has more than 8388608 bytes."));
    }
    let file = [b"[1,\"".as_slice(), &line].concat();
    let failure = read(&json(None), Compression::None, 9, &file, &[65536]).unwrap_err();
    assert_eq!(failure, "States.ItemReaderFailed: Item 2 of the file has more than 8388608 bytes.");
    // A row of nothing but delimiters.
    let failure = read(&given(&["a"]), Compression::None, 9, &vec![b','; 9 << 20], &[65536]).unwrap_err();
    assert_eq!(failure, "States.ItemReaderFailed: Row 1 of the CSV file has more than 8388608 bytes.");
}

/// A few bytes may decode to much, and a few bytes of a row may make many fields.
#[test]
fn what_comes_at_once_is_bounded() {
    let mut zeros = b"\x28\xb5\x2f\xfd\x00\x58".to_vec();
    // A hundred blocks of 128 KiB newlines each, in four bytes each.
    for block in 0..100u32 {
        let head = (128 * 1024) << 3 | 1 << 1 | u32::from(block == 99);
        zeros.extend_from_slice(&[head as u8, (head >> 8) as u8, (head >> 16) as u8, b'\n']);
    }
    let headers: Vec<Text> = (0..2000).map(|column| Text::from(column.to_string())).collect();
    let config =
        CsvConfig { headers: Headers::Given(headers), delimiter: Delimiter::Comma, keys_are_encoded: false };
    let files = [
        (Format::JsonLines, Compression::Zstandard, zeros, 13),
        (Format::Csv(config), Compression::None, b"1\n".repeat(1000), 7),
    ];
    for (format, compression, file, reads) in files {
        let mut reader = Reader::new(format, compression, u64::MAX).unwrap();
        let (mut piece, mut read, mut most) = (file.as_slice(), 1, 0);
        let mut items = Vec::new();
        while reader.read(&mut piece, &mut items).unwrap() == Progress::Full {
            read += 1;
            most = most.max(items.len());
            items.clear();
        }
        assert!(most < 200, "{most}");
        assert_eq!(read, reads);
    }
}

/// Text in which what is special to the formats is frequent.
fn text() -> impl Strategy<Value = Vec<u8>> {
    let special = proptest::sample::select(b",;\"\\\n\r []{}:\xef\xbb\xbf12ab/tn".to_vec());
    proptest::collection::vec(prop_oneof![9 => special, 1 => any::<u8>()], 0..200)
}

fn formats() -> impl Strategy<Value = Format> {
    proptest::sample::select(vec![
        csv(),
        given(&["a", "b"]),
        json(None),
        json(Some("/a")),
        json(Some("/1/a")),
        Format::JsonLines,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_of_any_size_give_the_same(
        format in formats(),
        file in text(),
        sizes in proptest::collection::vec(1..20usize, 1..10),
    ) {
        let whole = read(&format, Compression::None, 50, &file, &[usize::MAX]);
        let pieces = read(&format, Compression::None, 50, &file, &sizes);
        prop_assert_eq!(whole, pieces);
    }

    #[test]
    fn items_that_are_skipped_are_the_first_ones(
        format in formats(),
        file in text(),
        sizes in proptest::collection::vec(1..20usize, 1..10),
        skipped in 0..6usize,
    ) {
        if let Ok(whole) = read(&format, Compression::None, 5, &file, &sizes) {
            let mut wanted = Wanted::from(5);
            wanted.skip(skipped as u64);
            let rest = read(&format, Compression::None, wanted, &file, &sizes);
            prop_assert_eq!(rest.as_deref(), Ok(whole.get(skipped..).unwrap_or_default()));
        }
    }

    #[test]
    fn any_bytes_are_no_panic(
        format in formats(),
        compression in proptest::sample::select(vec![Compression::Gzip, Compression::Zstandard]),
        magic in proptest::sample::select(vec![
            b"".to_vec(), b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03".to_vec(), b"\x28\xb5\x2f\xfd".to_vec(),
            b"\x50\x2a\x4d\x18\x02\x00\x00\x00".to_vec(),
        ]),
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let file = [magic, bytes].concat();
        // All that there is: what lies behind the last item that is wanted may go unseen.
        let whole = read(&format, compression, 1_000_000, &file, &[usize::MAX]);
        let pieces = read(&format, compression, 1_000_000, &file, &[7]);
        prop_assert_eq!(whole.is_ok(), pieces.is_ok());
    }

    #[test]
    fn a_row_that_is_quoted_whole_is_read_as_it_was(fields in proptest::collection::vec("[^\\\\]{0,20}", 2..6)) {
        let headers: Vec<String> = (0..fields.len()).map(|column| format!("c{column}")).collect();
        let row: Vec<String> =
            fields.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
        let format = given(&headers.iter().map(String::as_str).collect::<Vec<_>>());
        let items = read(&format, Compression::None, 50, row.join(",").as_bytes(), &[3]).unwrap();
        let read: Vec<&str> =
            items[0].value.as_object().unwrap().values().map(|value| value.as_str().unwrap()).collect();
        prop_assert_eq!(read, fields);
    }
}
