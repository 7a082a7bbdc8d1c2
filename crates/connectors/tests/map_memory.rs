//! However large a file is, reading it takes little memory. The only test of its process: it looks at all of it.
#![cfg(target_os = "linux")]

mod support;

use std::io::{BufWriter, Write};

use asl::machine::{InputType, ItemReader};
use connectors::{Caller, Connectors, ItemSource, Settings, SourcePlan};
use json::value;
use support::Folder;

const ROWS: usize = 100_000;
const ROW_BYTES: usize = 2_000;
/// A piece of 8 MiB, the next one while it replaces it, and the items of one answer; the rest is the allocator's.
const MEMORY_BYTES_MAX: usize = 32 * 1024 * 1024;

#[tokio::test]
async fn a_large_csv_file_is_never_in_memory() {
    let folder = Folder::with(&[]);
    std::fs::create_dir(folder.path().join("b")).unwrap();
    let mut file = BufWriter::new(std::fs::File::create(folder.path().join("b/large.csv")).unwrap());
    let text = "x".repeat(ROW_BYTES - 10);
    file.write_all(b"id,text\n").unwrap();
    for row in 0..ROWS {
        writeln!(file, "{row:08},{text}").unwrap();
    }
    file.into_inner().unwrap();

    let settings = Settings { s3_root: Some(folder.path().to_owned()), ..Settings::default() };
    let objects = Connectors::new(settings).objects(Caller::default());
    let reader = ItemReader {
        lists_objects: false,
        parameters: None,
        input_type: Some(InputType::Csv),
        loads_objects: false,
        manifest_type: None,
        csv_delimiter: ',',
        csv_headers: None,
        max_items: None,
        items_pointer: None,
    };
    let plan = SourcePlan::new(&reader, &value!({ "Bucket": "b", "Key": "large.csv" }), None).unwrap();
    let mut source = ItemSource::new(objects, plan, None);
    let before = memory_bytes("VmRSS:");
    let (mut rows, mut last) = (0, None);
    while let Some(items) = source.next().await.unwrap() {
        rows += items.len();
        last = items.into_iter().next_back();
    }
    let last = last.expect("there are rows").value;
    assert_eq!((rows, last.get("id").unwrap().as_str()), (ROWS, Some("00099999")));
    let used = memory_bytes("VmHWM:") - before;
    assert!(used < MEMORY_BYTES_MAX, "{used} bytes");
}

/// What the process has, or has had at most.
fn memory_bytes(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}
