//! Items that are in one object.

use std::time::{Duration, SystemTime};

use connectors::ItemSource;
use expect_test::{Expect, expect};
use items::Item;

use crate::buckets::{Buckets, Reader, all, fixture, lines, shown, told};

const AT: &str = r#""Bucket":"b","Key":"k""#;

async fn check(content: &str, config: &str, expected: Expect) {
    let buckets = Buckets::with(&[("b/k", content)]);
    expected.assert_eq(&buckets.read(&Reader::of_object(AT, config)).await);
}

#[tokio::test]
async fn rows_of_csv() {
    check(
        "id,text\n1,\"a, \"\"b\"\"\nc\"\n2,\\,\n3\n",
        r#""InputType":"CSV","CSVHeaderLocation":"FIRST_ROW""#,
        expect![[r#"
            S3://b/k
              {"id":"1","text":"a, \"b\"\nc"}
              {"id":"2","text":","}
              {"id":"3","text":""}"#]],
    )
    .await;
    check(
        "1|2\n3|4|5",
        r#""InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["x","y"],"CSVDelimiter":"PIPE""#,
        expect![[r#"
            S3://b/k
              {"x":"1","y":"2"}
              {"x":"3","y":"4"}"#]],
    )
    .await;
    check(
        "a,a\n1,2",
        r#""InputType":"CSV","CSVHeaderLocation":"FIRST_ROW""#,
        expect!["States.ItemReaderFailed: CSV headers cannot contain duplicates."],
    )
    .await;
    check("", r#""InputType":"CSV","CSVHeaderLocation":"FIRST_ROW""#, expect![""]).await;
}

#[tokio::test]
async fn elements_and_members_of_json() {
    check(
        "[1,{\"a\":[]}, \"x\"]",
        r#""InputType":"JSON""#,
        expect![[r#"
            S3://b/k
              1
              {"a":[]}
              "x""#]],
    )
    .await;
    check(
        r#"{"before":[[{"a":1}]],"in/side":{"items":{"one":1,"two":[2]}},"behind":3}"#,
        r#""InputType":"JSON","ItemsPointer":"/in~1side/items""#,
        expect![[r#"
            S3://b/k
              one = 1
              two = [2]"#]],
    )
    .await;
    check(
        r#"{"Hello":"world"}"#,
        r#""InputType":"JSON""#,
        expect!["States.ItemReaderFailed: Attempting to map over non-iterable node."],
    )
    .await;
    check(
        "[1,2,oops]",
        r#""InputType":"JSON""#,
        expect!["States.ItemReaderFailed: Item 3 of the file is not JSON: Unrecognized token 'oops': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"],
    )
    .await;
}

/// Files of other programs, with every way of quoting and compressing them.
#[tokio::test]
async fn foreign_files() {
    let csv = r#""InputType":"CSV","CSVHeaderLocation":"FIRST_ROW""#;
    let (json_lines, parquet) = (r#""InputType":"JSONL""#, r#""InputType":"PARQUET""#);
    let files = [
        ("quoting_minimal_lf.csv", csv, "quoting.jsonl"),
        ("quoting_minimal_crlf.csv", csv, "quoting.jsonl"),
        ("quoting_all_lf.csv", csv, "quoting.jsonl"),
        ("quoting_nonnumeric_crlf.csv", csv, "quoting.jsonl"),
        ("few.jsonl", json_lines, "few.jsonl"),
        ("flat.parquet", parquet, "flat.jsonl"),
        ("few_snappy.parquet", parquet, "few.jsonl"),
        ("nested_v2.parquet", parquet, "nested.jsonl"),
    ];
    let buckets = Buckets::with(
        &files
            .map(|(name, ..)| (format!("b/{name}"), fixture(name)))
            .each_ref()
            .map(|(path, content)| (path.as_str(), content)),
    );
    for (name, config, expected) in files {
        let reader = Reader::of_object(&format!(r#""Bucket":"b","Key":"{name}""#), config);
        let read =
            all(&mut buckets.source(&reader)).await.unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
        let read: Vec<String> = read.into_iter().map(|(_, item)| item.value.to_text()).collect();
        let expected: Vec<String> = lines(expected).iter().map(|value| value.to_text()).collect();
        assert_eq!(read, expected, "{name}");
    }
}

#[tokio::test]
async fn compression_is_known_by_the_keys_ending() {
    let buckets = Buckets::with(&[
        ("b/l.jsonl.gz", fixture("lines.jsonl.gz")),
        ("b/l.jsonl.zstd", fixture("lines.jsonl.zstd")),
        ("b/l.jsonl", fixture("lines.jsonl.gz")),
    ]);
    let reader =
        |key: &str| Reader::of_object(&format!(r#""Bucket":"b","Key":"{key}""#), r#""InputType":"JSONL""#);
    for key in ["l.jsonl.gz", "l.jsonl.zstd"] {
        let items = all(&mut buckets.source(&reader(key))).await.unwrap();
        assert_eq!(items.len(), 8000);
        assert_eq!(items[7999].1.value.to_text(), r#"{"n":7999,"text":"line 63984001"}"#);
    }
    let failure = all(&mut buckets.source(&reader("l.jsonl"))).await.unwrap_err();
    assert!(failure.cause.unwrap().starts_with("Line 1 of the file is not JSON"));
}

#[tokio::test]
async fn what_cannot_be_read() {
    let buckets = Buckets::with(&[("b/k", "[1]")]);
    let read =
        async |parameters: &str| buckets.read(&Reader::of_object(parameters, r#""InputType":"JSON""#)).await;
    expect!["States.ItemReaderFailed: The specified key does not exist. (Service: S3, Status Code: 404, Request ID: …)"]
        .assert_eq(&read(r#""Bucket":"b","Key":"none""#).await);
    expect!["States.ItemReaderFailed: The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: …)"]
        .assert_eq(&read(r#""Bucket":"none","Key":"k""#).await);
    let given = async |parameters: &str| {
        buckets.read(&Reader::of_object(AT, r#""InputType":"JSON""#).given(parameters)).await
    };
    expect!["States.ItemReaderFailed: The field 'Bucket' of the ItemReader's parameters must be a string but was: [1]"]
        .assert_eq(&given(r#"{"Bucket":[1],"Key":"k"}"#).await);
    expect![
        "States.ItemReaderFailed: The field 'Key' of the ItemReader's parameters is required but was missing."
    ]
    .assert_eq(&given(r#"{"Bucket":"b","Key":null}"#).await);
}

/// So many lines that they need several reads.
fn many_lines() -> String {
    (0..40_000).map(|n| format!("{{\"n\":{n},\"text\":\"some words to fill the line\"}}\n")).collect()
}

#[tokio::test]
async fn items_come_a_few_at_a_time_and_up_to_max_items() {
    let buckets = Buckets::with(&[("b/k", many_lines())]);
    let reader = Reader::of_object(AT, r#""InputType":"JSONL""#);
    let mut source = buckets.source(&reader);
    let mut counts = Vec::new();
    while let Some(items) = source.next().await.unwrap() {
        counts.push(items.len());
    }
    // The first read is the smallest, and none gives more than its bytes.
    assert!(counts.len() > 2 && counts[0] < 6_000, "{counts:?}");
    assert_eq!(counts.iter().sum::<usize>(), 40_000);
    let most = all(&mut buckets.source(&reader.up_to(30_000))).await.unwrap();
    assert_eq!(most.last().unwrap().1.value.get("n").unwrap().as_i64(), Some(29_999));
}

#[tokio::test]
async fn an_object_that_changes_meanwhile_fails() {
    let buckets = Buckets::with(&[("b/k", many_lines())]);
    let reader = Reader::of_object(AT, r#""InputType":"JSONL""#);
    let changed =
        expect!["States.ItemReaderFailed: The object S3://b/k has changed since its items were first read."];

    let mut source = buckets.source(&reader);
    source.next().await.unwrap();
    let seen = source.seen().cloned();
    // As long as it was, so that its size says nothing.
    buckets.put("b/k", many_lines());
    let touched = SystemTime::now() - Duration::from_secs(60);
    std::fs::File::open(buckets.path("b/k")).unwrap().set_modified(touched).unwrap();
    changed.assert_eq(shown(&mut source).await.lines().last().unwrap());

    // After a restart, too.
    let again = |expected| ItemSource::new(buckets.objects.clone(), reader.plan().unwrap(), expected);
    changed.assert_eq(&shown(&mut again(seen)).await);
    let mut source = again(None);
    source.next().await.unwrap();
    let mut other = again(source.seen().cloned());
    assert_eq!(all(&mut other).await.unwrap().len(), 40_000);
}

#[tokio::test]
async fn a_parquet_file_that_changes_meanwhile_fails() {
    let buckets = Buckets::with(&[("b/k", fixture("few_none.parquet"))]);
    let mut source = buckets.source(&Reader::of_object(AT, r#""InputType":"PARQUET""#));
    source.next().await.unwrap();
    buckets.put("b/k", fixture("few_zstd.parquet"));
    let failure = all(&mut source).await.unwrap_err();
    expect!["States.ItemReaderFailed: The object S3://b/k has changed since its items were first read."]
        .assert_eq(&told(&failure));
}

#[tokio::test]
async fn what_was_read_before_is_skipped() {
    let buckets = Buckets::with(&[
        ("b/lines.jsonl", many_lines().into_bytes()),
        ("b/lines.jsonl.gz", fixture("lines.jsonl.gz")),
        ("b/few.parquet", fixture("few_none.parquet")),
    ]);
    let files = [("lines.jsonl", "JSONL"), ("lines.jsonl.gz", "JSONL"), ("few.parquet", "PARQUET")];
    for (key, input_type) in files {
        let reader = || {
            let at = format!(r#""Bucket":"b","Key":"{key}""#);
            Reader::of_object(&at, &format!(r#""InputType":"{input_type}""#)).up_to(39_000)
        };
        let whole: Vec<Item> = values(all(&mut buckets.source(&reader())).await.unwrap());
        for skipped in [0, 1, 128, 299, 7_999, 38_999, 39_000, 50_000] {
            let mut source = buckets.source(&reader());
            source.skip(skipped as u64);
            let rest = values(all(&mut source).await.unwrap());
            assert!(rest == whole.get(skipped..).unwrap_or_default(), "{key} behind {skipped}");
        }
        // In the middle, too.
        let mut source = buckets.source(&reader());
        let first = source.next().await.unwrap().unwrap().len();
        source.skip(100);
        let rest = values(all(&mut source).await.unwrap());
        assert!(rest == whole[first + 100..], "{key}");
    }
}

fn values(items: Vec<(json::Text, Item)>) -> Vec<Item> {
    items.into_iter().map(|(_, item)| item).collect()
}
