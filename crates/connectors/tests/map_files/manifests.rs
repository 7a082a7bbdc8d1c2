//! Manifests: objects that name the objects which items are in.

use expect_test::expect;

use crate::buckets::{Buckets, Reader, all, fixture};

fn inventory(files: &str) -> String {
    format!(
        r#"{{"sourceBucket":"source","destinationBucket":"arn:aws:s3:::inventories","version":"2016-11-30",
            "creationTimestamp":"1704067200000","fileFormat":"CSV",
            "fileSchema":"Bucket, Key, Size, LastModifiedDate","files":[{files}]}}"#
    )
}

#[tokio::test]
async fn an_inventory_with_two_data_files() {
    let files = r#"{"key":"data/1.csv.gz","size":89,"MD5checksum":"x"},{"key":"data/2.csv","size":40}"#;
    let buckets = Buckets::with(&[
        ("inventories/source/manifest.json", inventory(files).into_bytes()),
        ("inventories/data/1.csv.gz", fixture("inventory.csv.gz")),
        ("inventories/data/2.csv", b"\"bucket\",\"e%2Ff\",\"7\",\"2024-01-02T03:04:05.000Z\"\n".to_vec()),
    ]);
    let at = r#""Bucket":"inventories","Key":"source/manifest.json""#;
    for config in [r#""InputType":"MANIFEST""#, r#""ManifestType":"S3_INVENTORY""#] {
        expect![[r#"
            S3://inventories/data/1.csv.gz
              {"Bucket":"bucket","Key":"a b/cü.txt","Size":"5","LastModifiedDate":"2024-01-02T03:04:05.000Z"}
              {"Bucket":"bucket","Key":"d+1","Size":"0","LastModifiedDate":"2024-01-02T03:04:05.000Z"}
            S3://inventories/data/2.csv
              {"Bucket":"bucket","Key":"e/f","Size":"7","LastModifiedDate":"2024-01-02T03:04:05.000Z"}"#]]
        .assert_eq(&buckets.read(&Reader::of_object(at, config)).await);
    }
    let mut source = buckets.source(&Reader::of_object(at, r#""InputType":"MANIFEST""#));
    source.skip(2);
    let rest = all(&mut source).await.unwrap();
    assert_eq!((rest.len(), rest[0].1.value.get("Key").unwrap().as_str()), (1, Some("e/f")));
    let size = inventory(files).len();
    assert!(source.seen().unwrap().ends_with(&format!(" {size}")), "{:?} is of the manifest", source.seen());

    std::fs::remove_file(buckets.path("inventories/data/2.csv")).unwrap();
    let said = buckets.read(&Reader::of_object(at, r#""InputType":"MANIFEST""#)).await;
    expect!["States.ItemReaderFailed: The specified key does not exist. (Service: S3, Status Code: 404, Request ID: …)"]
        .assert_eq(said.lines().last().unwrap());
    buckets.put("inventories/source/manifest.json", "{}");
    expect!["States.ItemReaderFailed: The manifest of the S3 inventory has no string 'fileFormat'."]
        .assert_eq(&buckets.read(&Reader::of_object(at, r#""InputType":"MANIFEST""#)).await);
}

#[tokio::test]
async fn a_manifest_of_athena() {
    let buckets = Buckets::with(&[
        ("athena/manifest.csv", b"s3://data/1.csv\ns3://athena/2.csv.gz\n".to_vec()),
        ("data/1.csv", b"1,x\n2,y\n".to_vec()),
        ("athena/2.csv.gz", fixture("inventory.csv.gz")),
        ("athena/rows", b"s3://data/few.parquet\ns3://data/few.parquet".to_vec()),
        ("data/few.parquet", fixture("few_gzip.parquet")),
        ("athena/wrong", b"s3://data/1.csv\ndata/2.csv\n".to_vec()),
        ("athena/none", Vec::new()),
    ]);
    let csv = r#""ManifestType":"ATHENA_DATA","InputType":"CSV","CSVHeaderLocation":"GIVEN","CSVHeaders":["a","b"]"#;
    let at = |key: &str| format!(r#""Bucket":"athena","Key":"{key}""#);
    expect![[r#"
        S3://data/1.csv
          {"a":"1","b":"x"}
          {"a":"2","b":"y"}
        S3://athena/2.csv.gz
          {"a":"bucket","b":"a+b%2Fc%C3%BC.txt"}"#]]
    .assert_eq(&buckets.read(&Reader::of_object(&at("manifest.csv"), csv).up_to(3)).await);
    expect!["States.ItemReaderFailed: Line 2 of the Athena manifest is not the address of an object, s3://bucket/key."]
        .assert_eq(&buckets.read(&Reader::of_object(&at("wrong"), csv)).await);
    assert_eq!(buckets.read(&Reader::of_object(&at("none"), csv)).await, "");
    let parquet = Reader::of_object(&at("rows"), r#""ManifestType":"ATHENA_DATA","InputType":"PARQUET""#);
    assert_eq!(all(&mut buckets.source(&parquet)).await.unwrap().len(), 600);
    buckets.put("athena/gone", "s3://data/1.csv\ns3://data/none.csv\n");
    expect![[r#"
        S3://data/1.csv
          {"a":"1","b":"x"}
          {"a":"2","b":"y"}
        States.ItemReaderFailed: The specified key does not exist. (Service: S3, Status Code: 404, Request ID: …)"#]]
    .assert_eq(&buckets.read(&Reader::of_object(&at("gone"), csv)).await);
    let enough = Reader::of_object(&at("gone"), csv).up_to(2);
    assert_eq!(all(&mut buckets.source(&enough)).await.unwrap().len(), 2);
}
