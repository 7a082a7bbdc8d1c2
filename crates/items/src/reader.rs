//! Reads items out of a file that arrives in pieces: decompresses, and hands on to the format.
//!
//! How the file is cut into pieces changes nothing in the items. Never here: Parquet, which is read from its end.

use json::{Text, Value};

use crate::compression::Decoder;
use crate::csv::CsvReader;
use crate::json_file::JsonReader;
use crate::json_lines::JsonLinesReader;
use crate::{Compression, CsvConfig, Failure};

/// AWS reads items of up to 8 MB. It bounds what a reader keeps, too.
pub const ITEM_BYTES_MAX: usize = 8 * 1024 * 1024;

/// As many items as one Map reads: `MaxItems` is at most this.
pub const ITEMS_MAX: u64 = 100_000_000;

/// One [`Reader::read`] decodes about so much, so that a small piece of a well compressed file does not become all
/// its items at once.
pub const DECODED_BYTES_PER_READ_MAX: usize = 1024 * 1024;

/// One thing that a Map iterates over.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The name of the member, where the file's items are the members of an object.
    pub key: Option<Text>,
    /// The item itself.
    pub value: Value,
}

impl Item {
    pub(crate) fn of(value: impl Into<Value>) -> Item {
        Item { key: None, value: value.into() }
    }
}

/// What stands in the file: `InputType`, with what belongs to each.
#[derive(Clone, Debug)]
pub enum Format {
    /// `CSV`, and the data files of an S3 inventory.
    Csv(CsvConfig),
    /// `JSON`: one array, or what `ItemsPointer` (RFC 6901) leads to.
    Json {
        /// `/inventory/products`; without one, the whole file.
        items_pointer: Option<String>,
    },
    /// `JSONL`: a JSON text on each line.
    JsonLines,
}

/// Whether to go on reading the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There may be more items behind.
    More,
    /// Nothing behind matters: `MaxItems` is reached, or what `ItemsPointer` leads to has ended.
    Done,
}

/// One file that is being read.
pub struct Reader {
    decoder: Decoder,
    format: FormatReader,
    /// Decoded bytes of one step; kept for its memory alone.
    decoded: Vec<u8>,
    /// How many more items are wanted.
    items_left: u64,
}

enum FormatReader {
    Csv(CsvReader),
    Json(JsonReader),
    JsonLines(JsonLinesReader),
}

impl Reader {
    /// At the beginning of a file of which at most `items_max` items are wanted ([`ITEMS_MAX`], where no `MaxItems` is
    /// given).
    ///
    /// Fails where headers are given twice or are too large, or the pointer is none.
    pub fn new(format: Format, compression: Compression, items_max: u64) -> Result<Reader, Failure> {
        let format = match format {
            Format::Csv(config) => FormatReader::Csv(CsvReader::new(config)?),
            Format::Json { items_pointer } => FormatReader::Json(JsonReader::new(items_pointer.as_deref())?),
            Format::JsonLines => FormatReader::JsonLines(JsonLinesReader::new()),
        };
        let items_left = items_max.min(ITEMS_MAX);
        Ok(Reader { decoder: Decoder::new(compression), format, decoded: Vec::new(), items_left })
    }

    /// How many more items are wanted; the next file of the same Map goes on with it.
    pub fn items_left(&self) -> u64 {
        self.items_left
    }

    /// Takes bytes from the front of `input` and appends the items that are complete with them.
    ///
    /// It may leave some of `input`, after about [`DECODED_BYTES_PER_READ_MAX`]: call it again until `input` is
    /// empty. After a failure, or [`Progress::Done`], the reader is of no more use.
    pub fn read(&mut self, input: &mut &[u8], items: &mut Vec<Item>) -> Result<Progress, Failure> {
        let mut decoded_bytes = 0;
        while !input.is_empty() && decoded_bytes < DECODED_BYTES_PER_READ_MAX {
            if self.items_left == 0 {
                return Ok(Progress::Done);
            }
            if self.decoder.is_plain() {
                let (now, later) = input.split_at(input.len().min(DECODED_BYTES_PER_READ_MAX));
                *input = later;
                decoded_bytes += now.len();
                if self.format.read(now, items, &mut self.items_left)? == Progress::Done {
                    return Ok(Progress::Done);
                }
                continue;
            }
            self.decoded.clear();
            self.decoder.decode(input, &mut self.decoded)?;
            decoded_bytes += self.decoded.len();
            if self.format.read(&self.decoded, items, &mut self.items_left)? == Progress::Done {
                return Ok(Progress::Done);
            }
        }
        Ok(if self.items_left == 0 { Progress::Done } else { Progress::More })
    }

    /// The file ends here: appends the item that only its end completes, and fails if it ends too early.
    pub fn finish(&mut self, items: &mut Vec<Item>) -> Result<(), Failure> {
        if self.items_left == 0 {
            return Ok(());
        }
        self.decoded.clear();
        self.decoder.finish(&mut self.decoded)?;
        if self.format.read(&self.decoded, items, &mut self.items_left)? == Progress::Done {
            return Ok(());
        }
        match &mut self.format {
            FormatReader::Csv(csv) => csv.finish(items, &mut self.items_left),
            FormatReader::Json(json) => json.finish(),
            FormatReader::JsonLines(lines) => lines.finish(items, &mut self.items_left),
        }
    }
}

impl FormatReader {
    fn read(
        &mut self,
        bytes: &[u8],
        items: &mut Vec<Item>,
        items_left: &mut u64,
    ) -> Result<Progress, Failure> {
        match self {
            FormatReader::Csv(csv) => csv.read(bytes, items, items_left),
            FormatReader::Json(json) => json.read(bytes, items, items_left),
            FormatReader::JsonLines(lines) => lines.read(bytes, items, items_left),
        }
    }
}

/// Drops the mark (U+FEFF) that some editors put before the text, however it is cut.
#[derive(Default)]
pub(crate) struct ByteOrderMark {
    /// How many of its three bytes were seen; 4 when the text has begun.
    seen: usize,
}

const MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

impl ByteOrderMark {
    /// What of `bytes` belongs to the text, and before it what was taken for a mark and is none.
    pub(crate) fn skip<'b>(&mut self, bytes: &'b [u8]) -> (&'static [u8], &'b [u8]) {
        for (at, byte) in bytes.iter().enumerate() {
            match MARK.get(self.seen) {
                Some(expected) if expected == byte => self.seen += 1,
                Some(_) => {
                    let false_mark = &MARK[..self.seen];
                    self.seen = MARK.len() + 1;
                    return (false_mark, &bytes[at..]);
                }
                None => {
                    self.seen = MARK.len() + 1;
                    return (&[], &bytes[at..]);
                }
            }
        }
        (&[], &[])
    }

    /// Whether `skip` has nothing more to do.
    pub(crate) fn is_past(&self) -> bool {
        self.seen > MARK.len()
    }

    /// What was taken for the beginning of a mark when the file ended.
    pub(crate) fn finish(&self) -> &'static [u8] {
        if self.seen < MARK.len() { &MARK[..self.seen] } else { &[] }
    }
}
