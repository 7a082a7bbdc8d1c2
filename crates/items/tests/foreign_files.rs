//! Files that other programs made (`fixtures/make.py`), and the items that they give.

use std::path::PathBuf;

use items::parquet::{ParquetReader, Step};
use items::{
    AthenaManifest, Compression, CsvConfig, Delimiter, Format, Headers, InventoryManifest, Item, Location,
    Progress, Reader, Wanted,
};
use json::Value;
use proptest::prelude::*;

#[expect(clippy::disallowed_methods, reason = "a test reads its files")]
fn file(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn expected(name: &str) -> Vec<Value> {
    let text = String::from_utf8(file(name)).unwrap();
    text.split('\n').filter(|line| !line.is_empty()).map(|line| Value::parse(line).unwrap()).collect()
}

#[track_caller]
fn same(read: Result<Vec<Value>, String>, expected: &[Value], name: &str) {
    let read = read.unwrap_or_else(|failure| panic!("{name}: {failure}"));
    for (number, (read, expected)) in read.iter().zip(expected).enumerate() {
        assert_eq!(read.to_text(), expected.to_text(), "{name}, item {number}");
    }
    assert_eq!(read.len(), expected.len(), "{name}");
}

fn read(format: Format, key: &str, piece: usize) -> Result<Vec<Value>, String> {
    let mut items = Vec::new();
    let mut reader = Reader::new(format, Compression::of_key(key), u64::MAX).unwrap();
    for mut piece in file(key).chunks(piece) {
        while reader.read(&mut piece, &mut items).map_err(|failure| failure.to_string())? == Progress::Full {}
    }
    reader.finish(&mut items).map_err(|failure| failure.to_string())?;
    Ok(items.into_iter().map(|item| item.value).collect())
}

/// What was asked for, and the rows or the failure.
fn read_parquet(file: &[u8], wanted: impl Into<Wanted>) -> (Vec<u64>, Result<Vec<Value>, String>) {
    let mut reader = ParquetReader::new(file.len() as u64, wanted);
    let (mut items, mut asked): (Vec<Item>, _) = (Vec::new(), Vec::new());
    loop {
        let step = reader.step().and_then(|step| match step {
            Step::Need(range) => {
                asked.push(range.end - range.start);
                reader.supply(&file[range.start as usize..range.end as usize])?;
                Ok(true)
            }
            Step::Items(more) => {
                items.extend(more);
                Ok(true)
            }
            Step::End => Ok(false),
        });
        match step {
            Ok(true) => {}
            Ok(false) => return (asked, Ok(items.into_iter().map(|item| item.value).collect())),
            Err(failure) => return (asked, Err(failure.to_string())),
        }
    }
}

#[test]
fn parquet_by_pyarrow() {
    let files = [
        ("flat.parquet", "flat.jsonl"),
        ("few_none.parquet", "few.jsonl"),
        ("few_snappy.parquet", "few.jsonl"),
        ("few_gzip.parquet", "few.jsonl"),
        ("few_zstd.parquet", "few.jsonl"),
        ("few_plain.parquet", "few.jsonl"),
        ("few_v2.parquet", "few.jsonl"),
        ("nested.parquet", "nested.jsonl"),
        ("nested_v2.parquet", "nested.jsonl"),
        ("odd.parquet", "odd.jsonl"),
        ("int96.parquet", "int96.jsonl"),
    ];
    for (name, rows) in files {
        same(read_parquet(&file(name), u64::MAX).1, &expected(rows), name);
    }
    assert_eq!(read_parquet(&file("empty.parquet"), u64::MAX).1, Ok(vec![]));
    same(read_parquet(&file("few_none.parquet"), 130).1, &expected("few.jsonl")[..130], "130 rows");
}

#[test]
fn parquet_asks_for_each_byte_once() {
    let file = file("few_none.parquet");
    let (asked, read) = read_parquet(&file, u64::MAX);
    assert_eq!(read.unwrap().len(), 300);
    // The file is small, so its tail is all of it; the columns are asked for on their own.
    assert_eq!(asked[0], file.len() as u64);
    assert!(asked[1..].iter().sum::<u64>() < file.len() as u64, "{asked:?}");
}

#[test]
fn rows_of_parquet_are_skipped_by_groups() {
    // Row groups of 128 rows.
    let (file, rows) = (file("few_none.parquet"), expected("few.jsonl"));
    let bytes = |skipped: u64, items_max: u64| {
        let mut wanted = Wanted::from(items_max);
        wanted.skip(skipped);
        let (asked, read) = read_parquet(&file, wanted);
        let most = rows.len().min(items_max as usize);
        same(read, rows[..most].get(skipped as usize..).unwrap_or_default(), &format!("behind {skipped}"));
        asked[1..].iter().sum::<u64>()
    };
    let all = bytes(0, 1000);
    assert_eq!((bytes(1, 1000), bytes(127, 1000)), (all, all));
    assert!(bytes(128, 1000) < all && bytes(128, 1000) == bytes(200, 1000));
    assert!(bytes(299, 1000) < bytes(200, 1000));
    assert_eq!([bytes(300, 1000), bytes(1000, 1000), bytes(128, 128), bytes(256, 200)], [0; 4]);
}

#[test]
fn large_rows_of_parquet_come_a_few_at_a_time() {
    let file = file("large.parquet");
    let mut reader = ParquetReader::new(file.len() as u64, u64::MAX);
    let mut rows = Vec::new();
    loop {
        match reader.step().unwrap() {
            Step::Need(range) => {
                reader.supply(&file[range.start as usize..range.end as usize]).unwrap();
            }
            Step::Items(items) => rows.push(items.len()),
            Step::End => break,
        }
    }
    // The fourth row fills the MiB that one step gives.
    assert_eq!(rows, [4, 4, 4, 4, 4]);
}

#[test]
fn parquet_that_cannot_be_read_says_why() {
    let failure = |file: &[u8]| read_parquet(file, u64::MAX).1.unwrap_err();
    assert_eq!(
        failure(&file("few_brotli.parquet")),
        "States.ItemReaderFailed: The Parquet file is compressed as BROTLI (4); SNAPPY, GZIP and ZSTD can be read."
    );
    assert_eq!(
        failure(&file("few_delta.parquet")),
        "States.ItemReaderFailed: The column 'id' of the Parquet file is encoded as DELTA_BINARY_PACKED; PLAIN, RLE and dictionaries can be read."
    );
    assert_eq!(
        failure(&file("too_large.parquet")),
        "States.ItemReaderFailed: A row of the Parquet file has more than 8388608 bytes."
    );
    assert_eq!(
        failure(&file("few.jsonl")),
        "States.ItemReaderFailed: The Parquet file cannot be read: it does not end with PAR1."
    );
    assert_eq!(
        failure(b"PAR1"),
        "States.ItemReaderFailed: The Parquet file cannot be read: it is too short to be one."
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_parquet_is_no_panic(
        name in proptest::sample::select(vec![
            "few_none.parquet", "few_snappy.parquet", "few_zstd.parquet", "nested.parquet", "nested_v2.parquet",
            "odd.parquet", "few_v2.parquet",
        ]),
        damages in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>(), any::<bool>()), 1..8),
    ) {
        let mut file = file(name);
        for (place, byte, in_footer) in damages {
            // Half of them in the footer, where they do more.
            let start = if in_footer { file.len() - file.len().min(3000) } else { 0 };
            let at = start + place.index(file.len() - start);
            file[at] = byte;
        }
        let (_, read) = read_parquet(&file, 1000);
        prop_assert!(read.map_or(0, |rows| rows.len()) <= 1000);
    }
}

fn first_row() -> Format {
    Format::Csv(CsvConfig {
        headers: Headers::FirstRow,
        delimiter: Delimiter::Comma,
        keys_are_encoded: false,
    })
}

#[test]
fn csv_by_python() {
    for quoting in ["minimal", "all", "nonnumeric"] {
        for ending in ["lf", "crlf"] {
            let name = format!("quoting_{quoting}_{ending}.csv");
            for piece in [1, 7, 100_000] {
                same(read(first_row(), &name, piece), &expected("quoting.jsonl"), &name);
            }
        }
    }
    same(read(first_row(), "quoting_none.csv", 5), &expected("quoting_none.jsonl"), "quoting_none.csv");
}

#[test]
fn compressed_lines() {
    let lines = |count: usize| -> Vec<Value> {
        let line = |n: usize| Value::parse(&format!("{{\"n\":{n},\"text\":\"line {}\"}}", n * n)).unwrap();
        (0..count).map(line).collect()
    };
    for piece in [1, 1000, usize::MAX] {
        same(read(Format::JsonLines, "lines.jsonl.gz", piece), &lines(8000), "gzip");
        same(read(Format::JsonLines, "lines.jsonl.zstd", piece), &lines(8000), "zstd");
        same(read(Format::JsonLines, "stream.jsonl.zst", piece), &lines(5000), "zst");
    }
}

#[test]
fn compressed_files_that_end_too_early_fail() {
    for key in ["lines.jsonl.gz", "lines.jsonl.zstd"] {
        let file = file(key);
        let mut reader = Reader::new(Format::JsonLines, Compression::of_key(key), u64::MAX).unwrap();
        let mut items = Vec::new();
        let mut piece = &file[..file.len() - 1];
        while reader.read(&mut piece, &mut items).unwrap() == Progress::Full {}
        let failure = reader.finish(&mut items).unwrap_err();
        assert!(failure.cause.starts_with("The file could not be decompressed as "), "{failure}");
    }
}

#[test]
fn an_inventory() {
    let manifest = InventoryManifest::parse(
        br#"{"sourceBucket":"source","destinationBucket":"arn:aws:s3:::destination","version":"2016-11-30",
            "creationTimestamp":"1704067200000","fileFormat":"CSV",
            "fileSchema":"Bucket, Key, Size, LastModifiedDate",
            "files":[{"key":"inventory.csv.gz","size":120,"MD5checksum":"f11166069f1990abeb9c97ace9cdfabc"}]}"#,
    )
    .unwrap();
    assert_eq!(manifest.destination_bucket, "destination");
    assert_eq!(manifest.files[0].size, Some(120));
    let rows = read(Format::Csv(manifest.csv()), &manifest.files[0].key, 10).unwrap();
    let texts: Vec<_> = rows.iter().map(Value::to_text).collect();
    assert_eq!(
        texts,
        [
            r#"{"Bucket":"bucket","Key":"a b/cü.txt","Size":"5","LastModifiedDate":"2024-01-02T03:04:05.000Z"}"#,
            r#"{"Bucket":"bucket","Key":"d+1","Size":"0","LastModifiedDate":"2024-01-02T03:04:05.000Z"}"#,
        ]
    );
    let refused = [
        ("{", "is not JSON: "),
        ("{\"fileFormat\":\"ORC\"}", "lists files of the format ORC; only CSV can be read."),
        ("{}", "has no string 'fileFormat'."),
        (r#"{"fileFormat":"CSV","fileSchema":"a","destinationBucket":"b"}"#, "has no array 'files'."),
    ];
    for (text, problem) in refused {
        let cause = InventoryManifest::parse(text.as_bytes()).unwrap_err().cause;
        assert!(cause.starts_with(&format!("The manifest of the S3 inventory {problem}")), "{cause}");
    }
}

#[test]
fn an_athena_manifest() {
    let text = b"s3://bucket/unload/a b.csv\r\ns3://bucket/unload/2\n\ns3://other/3";
    let location = |bucket: &str, key: &str| Location { bucket: bucket.to_owned(), key: key.to_owned() };
    let expected =
        [location("bucket", "unload/a b.csv"), location("bucket", "unload/2"), location("other", "3")];
    for piece in [1, 4, 1000] {
        let mut manifest = AthenaManifest::new();
        let mut locations = Vec::new();
        for piece in text.chunks(piece) {
            manifest.read(piece, &mut locations).unwrap();
        }
        manifest.finish(&mut locations).unwrap();
        assert_eq!(locations, expected);
    }
    let failure = AthenaManifest::new().read(b"s3://a/b\nbucket/key\n", &mut Vec::new()).unwrap_err();
    assert_eq!(
        failure.cause,
        "Line 2 of the Athena manifest is not the address of an object, s3://bucket/key."
    );
}
