//! What an ItemReader says of its files, as `items` is told it. (spec/asl.md §10.3)

use asl::machine::{InputType, ItemReader};
use items::{CsvConfig, Delimiter, Format, Headers};

/// How the items stand in a file; `None` for Parquet, which is read from its end, and for what lists other files.
pub fn item_format(reader: &ItemReader) -> Option<Format> {
    match reader.input_type? {
        InputType::Csv => Some(Format::Csv(csv(reader))),
        InputType::Json => {
            Some(Format::Json { items_pointer: reader.items_pointer.as_deref().map(str::to_owned) })
        }
        InputType::JsonLines => Some(Format::JsonLines),
        InputType::Parquet | InputType::Manifest => None,
    }
}

fn csv(reader: &ItemReader) -> CsvConfig {
    let delimiter = Delimiter::ALL.into_iter().find(|one| char::from(one.byte()) == reader.csv_delimiter);
    CsvConfig {
        headers: reader.csv_headers.clone().map_or(Headers::FirstRow, Headers::Given),
        delimiter: delimiter.unwrap_or_default(),
        keys_are_encoded: false,
    }
}
