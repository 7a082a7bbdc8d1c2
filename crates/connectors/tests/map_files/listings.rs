//! Objects of a list: as items, and with items in them.

use std::time::Duration;

use connectors::ItemSource;
use expect_test::expect;

use crate::buckets::{Buckets, Reader, all, fixture};
use crate::endpoint::Endpoint;

#[tokio::test]
async fn objects_are_items() {
    let buckets = Buckets::with(&[("b/in/1", "one"), ("b/in/2", ""), ("b/other", "x")]);
    for (key, seconds) in [("1", 1_700_000_000), ("2", 1_700_000_001)] {
        let file = std::fs::File::open(buckets.path(&format!("b/in/{key}"))).unwrap();
        let moment = std::time::UNIX_EPOCH + Duration::from_millis(seconds * 1000 + 250);
        file.set_modified(moment).unwrap();
    }
    let reader = Reader::of_list(r#""Bucket":"b","Prefix":"in/""#, "");
    let mut source = buckets.source(&reader);
    let items = all(&mut source).await.unwrap();
    let (first, etag) = (&items[0].1.value, items[0].1.value.get("Etag").unwrap().to_text());
    assert!(
        etag.starts_with(r#""\""#) && etag.ends_with(r#"\"""#),
        "with quotation marks, as S3 has it: {etag}"
    );
    assert_eq!(
        first.to_text(),
        format!(
            r#"{{"Etag":{etag},"Key":"in/1","LastModified":1700000000,"Size":3,"StorageClass":"STANDARD"}}"#
        )
    );
    assert_eq!(items[1].1.value.get("Key").unwrap().as_str(), Some("in/2"));
    assert_eq!((items.len(), items[0].0.as_str(), source.seen()), (2, "S3://b", None));
}

#[tokio::test]
async fn a_long_list_comes_in_pages() {
    let names: Vec<String> = (0..2_500).map(|n| format!("b/{n:04}.json")).collect();
    let files: Vec<(&str, String)> =
        names.iter().enumerate().map(|(n, name)| (name.as_str(), format!("[{n}]"))).collect();
    let buckets = Buckets::with(&files);
    let list = || Reader::of_list(r#""Bucket":"b""#, "");

    let mut source = buckets.source(&list());
    let mut pages = Vec::new();
    while let Some(items) = source.next().await.unwrap() {
        pages.push(items.len());
    }
    assert_eq!(pages, [1000, 1000, 500]);

    let mut source = buckets.source(&list().up_to(1_500));
    source.skip(1_234);
    let items = all(&mut source).await.unwrap();
    assert_eq!(items.len(), 1_500 - 1_234);
    assert_eq!(items[0].1.value.get("Key").unwrap().as_str(), Some("1234.json"));

    let from = Reader::of_list(r#""Bucket":"b","StartAfter":"2490","MaxKeys":3"#, "");
    assert_eq!(all(&mut buckets.source(&from)).await.unwrap().len(), 10);

    let loaded = |skipped| {
        let reader =
            Reader::of_list(r#""Bucket":"b""#, r#""Transformation":"LOAD_AND_FLATTEN","InputType":"JSON""#);
        let mut source = buckets.source(&reader.up_to(2_010));
        source.skip(skipped);
        source
    };
    let items = all(&mut loaded(1_998)).await.unwrap();
    let shown: Vec<String> = items.iter().map(|(from, item)| format!("{from} {}", item.value)).collect();
    assert_eq!((shown.len(), shown[3].as_str()), (12, "S3://b/2001.json 2001"));
}

#[tokio::test]
async fn listed_objects_are_read_one_after_the_other() {
    let buckets = Buckets::with(&[
        ("b/in/a.csv", b"n\n1\n2\n".to_vec()),
        ("b/in/b.csv", b"n\n".to_vec()),
        ("b/in/c.csv", b"n\n3\n4\n".to_vec()),
        ("b/rows/1.parquet", fixture("few_none.parquet")),
        ("b/rows/2.parquet", fixture("few_zstd.parquet")),
    ]);
    let csv = || {
        Reader::of_list(
            r#""Bucket":"b","Prefix":"in/","EncodingType":"url""#,
            r#""Transformation":"LOAD_AND_FLATTEN","InputType":"CSV","CSVHeaderLocation":"FIRST_ROW""#,
        )
    };
    expect![[r#"
        S3://b/in/a.csv
          {"n":"1"}
          {"n":"2"}
        S3://b/in/c.csv
          {"n":"3"}"#]]
    .assert_eq(&buckets.read(&csv().up_to(3)).await);
    let parquet = Reader::of_list(
        r#""Bucket":"b","Prefix":"rows/""#,
        r#""Transformation":"LOAD_AND_FLATTEN","InputType":"PARQUET""#,
    );
    assert_eq!(all(&mut buckets.source(&parquet)).await.unwrap().len(), 600);
    buckets.put("b/in/b.csv", "n\n\"");
    expect![[r#"
        S3://b/in/a.csv
          {"n":"1"}
          {"n":"2"}
        States.ItemReaderFailed: The CSV file ends within a quoted field of row 2."#]]
    .assert_eq(&buckets.read(&csv()).await);
}

#[tokio::test]
async fn a_list_that_cannot_be_read() {
    let buckets = Buckets::with(&[("b/k", "")]);
    expect!["States.ItemReaderFailed: The specified bucket does not exist (Service: S3, Status Code: 404, Request ID: …)"]
        .assert_eq(&buckets.read(&Reader::of_list(r#""Bucket":"none""#, "")).await);
    let wrong = Reader::of_list(r#""Bucket":"b""#, "").given(r#"{"Bucket":"b","MaxKeys":"many"}"#);
    let said = buckets.read(&wrong).await;
    assert!(said.starts_with("States.ItemReaderFailed: ") && said.contains("MaxKeys"), "{said}");
    assert_eq!(buckets.read(&Reader::of_list(r#""Bucket":"b","Prefix":"none/""#, "")).await, "");
}

/// So many small objects do not each cost the time that a call takes; and no more are opened than that.
#[tokio::test]
async fn objects_are_opened_ahead() {
    let objects: String = (10..60)
        .map(|n| {
            format!(
                "<Contents><Key>{n}.json</Key><LastModified>2024-01-02T03:04:05Z</LastModified><ETag>e</ETag>\
                 <Size>3</Size></Contents>"
            )
        })
        .collect();
    let list = format!("<ListBucketResult>{objects}</ListBucketResult>");
    let endpoint = Endpoint::start(move |request| match request.contains("list-type=2") {
        true => (200, list.clone()),
        false => (200, "[1]".to_owned()),
    })
    .await;
    let config = r#""Transformation":"LOAD_AND_FLATTEN","InputType":"JSON""#;
    let plan = Reader::of_list(r#""Bucket":"bucket""#, config).plan().unwrap();
    let mut source = ItemSource::new(endpoint.objects(), plan, None);
    source.next().await.unwrap();
    assert_eq!(source.source_of_last(), "S3://bucket/10.json");
    let opened = || endpoint.seen.lock().unwrap().iter().filter(|line| line.contains(".json")).count();
    let all_of_them = async {
        while opened() < 8 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), all_of_them).await.expect("eight are opened");
    assert_eq!(opened(), 8);
    assert_eq!(all(&mut source).await.unwrap().len(), 49);
}

/// What S3's console makes for a folder is an object of the list, and no file. A page may have no object.
#[tokio::test]
async fn folders_and_empty_pages_of_s3() {
    let object = |key: &str, size: u32| {
        format!(
            "<Contents><Key>{key}</Key><LastModified>2024-01-02T03:04:05.000Z</LastModified><ETag>&quot;e&quot;</ETag>\
             <Size>{size}</Size><StorageClass>GLACIER_IR</StorageClass></Contents>"
        )
    };
    let page = |inside: &str, next: Option<&str>| {
        let next = next.map_or_else(String::new, |next| {
            format!("<IsTruncated>true</IsTruncated><NextContinuationToken>{next}</NextContinuationToken>")
        });
        format!("<ListBucketResult>{inside}{next}</ListBucketResult>")
    };
    let endpoint = Endpoint::start(move |request| {
        let is_list = request.contains("list-type=2");
        let body = match is_list {
            true if request.contains("continuation-token=second") => page("", Some("third")),
            true if request.contains("continuation-token=third") => page(&object("in/x.jsonl", 4), None),
            true => page(&object("in/", 0), Some("second")),
            false => "1\n2\n".to_owned(),
        };
        (200, body)
    })
    .await;
    let read = async |config: &str| {
        let reader = Reader::of_list(r#""Bucket":"bucket","Prefix":"in/""#, config);
        let mut source = ItemSource::new(endpoint.objects(), reader.plan().unwrap(), None);
        crate::buckets::shown(&mut source).await
    };
    expect![[r#"
        S3://bucket
          {"Etag":"\"e\"","Key":"in/","LastModified":1704164645,"Size":0,"StorageClass":"GLACIER_IR"}
          {"Etag":"\"e\"","Key":"in/x.jsonl","LastModified":1704164645,"Size":4,"StorageClass":"GLACIER_IR"}"#]]
    .assert_eq(&read("").await);
    expect![[r#"
        S3://bucket/in/x.jsonl
          1
          2"#]]
    .assert_eq(&read(r#""Transformation":"LOAD_AND_FLATTEN","InputType":"JSONL""#).await);
}
