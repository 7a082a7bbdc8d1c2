//! How fast items are read out of files: `cargo run --release -p items --example throughput`.
//!
//! Prints a line for each kind of file, beside it what the `csv` crate does with the same rows. Never a test.

#![expect(clippy::disallowed_methods, reason = "it measures")]

use std::io::Write;
use std::time::Instant;

use items::parquet::{ParquetReader, Step};
use items::{Compression, CsvConfig, Delimiter, Format, Headers, ITEMS_MAX, Progress, Reader};

const ROWS: u32 = 1_000_000;

/// Objects come from S3 in pieces of about this size.
const PIECE_BYTES: usize = 64 * 1024;

fn main() {
    let mut csv = String::from("id,name,city,amount,created,comment\n");
    let mut lines = String::new();
    for row in 0..ROWS {
        let city = ["Zürich", "Paris, France", "Oslo", "Rome"][row as usize % 4];
        let comment = "x".repeat(34 + row as usize % 9);
        csv.push_str(&format!("{row},name {row},\"{city}\",{}.50,2024-01-02T03:04:05Z,{comment}\n", row * 7));
        lines.push_str(&format!(
            "{{\"id\":{row},\"name\":\"name {row}\",\"city\":\"{city}\",\"comment\":\"{comment}\"}}\n"
        ));
    }
    println!("{ROWS} rows; a row of CSV has {} bytes", csv.len() / ROWS as usize);
    let array = format!("[{}]", lines.trim_end().replace('\n', ","));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(csv.as_bytes()).expect("writing to memory");
    let gzip = gzip.finish().expect("writing to memory");
    let first_row = || {
        Format::Csv(CsvConfig {
            headers: Headers::FirstRow,
            delimiter: Delimiter::Comma,
            keys_are_encoded: false,
        })
    };
    measure(ROWS, "CSV", csv.len(), || read(first_row(), Compression::None, csv.as_bytes()));
    measure(ROWS, "CSV, gzip", csv.len(), || read(first_row(), Compression::Gzip, &gzip));
    measure(ROWS, "JSON Lines", lines.len(), || read(Format::JsonLines, Compression::None, lines.as_bytes()));
    let json = || Format::Json { items_pointer: None };
    measure(ROWS, "JSON", array.len(), || read(json(), Compression::None, array.as_bytes()));
    // 700 rows of 16 columns, by pyarrow.
    let parquet = include_bytes!("../fixtures/flat.parquet");
    measure(70_000, "Parquet", parquet.len() * 100, || (0..100).map(|_| read_parquet(parquet)).sum());
    measure(ROWS, "csv crate: fields only", csv.len(), || {
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let mut record = csv::StringRecord::new();
        let mut rows = 0;
        while reader.read_record(&mut record).expect("it is CSV") {
            rows += 1;
        }
        rows
    });
    measure(ROWS, "csv crate: objects", csv.len(), || {
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let headers: Vec<json::Text> =
            reader.headers().expect("it has some").iter().map(json::Text::from).collect();
        let mut rows = 0;
        for record in reader.records() {
            let record = record.expect("it is CSV");
            let object: json::Object = headers.iter().cloned().zip(record.iter()).collect();
            rows += u32::from(object.len() == headers.len());
        }
        rows
    });
}

fn read(format: Format, compression: Compression, file: &[u8]) -> u32 {
    let mut reader = Reader::new(format, compression, ITEMS_MAX).expect("the format is right");
    let mut items = Vec::new();
    let mut rows = 0;
    for mut piece in file.chunks(PIECE_BYTES) {
        loop {
            let progress = reader.read(&mut piece, &mut items).expect("the file is right");
            rows += items.len() as u32;
            items.clear();
            if progress != Progress::Full {
                break;
            }
        }
    }
    reader.finish(&mut items).expect("the file is right");
    rows + items.len() as u32
}

fn read_parquet(file: &[u8]) -> u32 {
    let mut reader = ParquetReader::new(file.len() as u64, ITEMS_MAX);
    let mut rows = 0;
    loop {
        match reader.step().expect("the file is right") {
            Step::Need(range) => {
                reader
                    .supply(&file[range.start as usize..range.end as usize])
                    .expect("it is what was asked for");
            }
            Step::Items(items) => rows += items.len() as u32,
            Step::End => return rows,
        }
    }
}

/// The best of three, so that what else runs on the machine counts less.
fn measure(rows: u32, name: &str, bytes: usize, mut read: impl FnMut() -> u32) {
    let best = (0..3).map(|_| {
        let start = Instant::now();
        assert_eq!(read(), rows, "{name}");
        start.elapsed().as_secs_f64()
    });
    let best = best.fold(f64::INFINITY, f64::min);
    println!("{name:<24}{:>12.0} rows/s{:>8.0} MB/s", f64::from(rows) / best, bytes as f64 / best / 1e6);
}
