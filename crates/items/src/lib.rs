//! What a Distributed Map reads and writes, as bytes: items out of files, batches out of items, result files out of
//! children.
//!
//! Files are read piece by piece, in pieces of any size; what is kept is the item that is not complete yet.
//! Never here: S3, sockets, files, async, a clock, what is done with an item.

mod athena;
mod batcher;
mod compression;
mod csv;
mod failure;
mod inventory;
mod json_file;
mod json_lines;
pub mod parquet;
mod reader;
mod result_writer;
mod wanted;

pub use athena::{AthenaManifest, Location};
pub use batcher::{Batcher, INPUT_BYTES_MAX};
pub use compression::Compression;
pub use csv::{CsvConfig, Delimiter, HEADER_BYTES_MAX, Headers};
pub use failure::Failure;
pub use inventory::{InventoryFile, InventoryManifest, MANIFEST_BYTES_MAX};
pub use reader::{DECODED_BYTES_PER_READ_MAX, Format, ITEM_BYTES_MAX, ITEMS_MAX, Item, Progress, Reader};
pub use result_writer::{
    Child, FILE_BYTES_MAX, Outcome, OutputType, Piece, ResultWriter, Transformation, collected,
};
pub use wanted::Wanted;
