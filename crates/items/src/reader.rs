//! Reads items out of a file that arrives in pieces: decompresses, and hands on to the format.
//!
//! How the file is cut into pieces changes nothing in the items. Never here: Parquet, which is read from its end.

use json::{Text, Value};

use crate::compression::Decoder;
use crate::csv::CsvReader;
use crate::json_file::JsonReader;
use crate::json_lines::JsonLinesReader;
use crate::{Compression, CsvConfig, Failure, Wanted};

/// AWS reads items of up to 8 MB. It bounds what a reader keeps, too.
pub const ITEM_BYTES_MAX: usize = 8 * 1024 * 1024;

/// As many items as one Map reads: `MaxItems` is at most this.
pub const ITEMS_MAX: u64 = 100_000_000;

/// One [`Reader::read`] makes items of about so many decoded bytes, so that a small piece of a well compressed file
/// does not become all its items at once.
pub const DECODED_BYTES_PER_READ_MAX: usize = 1024 * 1024;

/// One [`Reader::read`] makes about so many fields of rows: a short row has a member for each header, too.
const FIELDS_PER_READ_MAX: usize = 256 * 1024;

/// The format gets bytes in steps of this size, or of less if a row makes many fields of few bytes.
const STEP_BYTES: usize = 64 * 1024;

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

/// How to go on with the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// All that was given is used up: read the next piece, or finish.
    Hungry,
    /// Enough items at once: do something with them, and read on with the same piece.
    Full,
    /// Nothing behind matters: `MaxItems` is reached, or what `ItemsPointer` leads to has ended.
    Done,
}

/// One file that is being read.
pub struct Reader {
    decoder: Decoder,
    format: FormatReader,
    /// Decoded bytes, of which those up to `decoded_at` are used up.
    decoded: Vec<u8>,
    decoded_at: usize,
    wanted: Wanted,
}

enum FormatReader {
    Csv(Box<CsvReader>),
    Json(JsonReader),
    JsonLines(JsonLinesReader),
}

impl Reader {
    /// At the beginning of a file of which so many items are wanted ([`ITEMS_MAX`], where no `MaxItems` is given).
    ///
    /// Fails where headers are given twice or are too large, or the pointer is none.
    pub fn new(
        format: Format,
        compression: Compression,
        wanted: impl Into<Wanted>,
    ) -> Result<Reader, Failure> {
        let format = match format {
            Format::Csv(config) => FormatReader::Csv(Box::new(CsvReader::new(config)?)),
            Format::Json { items_pointer } => FormatReader::Json(JsonReader::new(items_pointer.as_deref())?),
            Format::JsonLines => FormatReader::JsonLines(JsonLinesReader::new()),
        };
        let decoder = Decoder::new(compression);
        Ok(Reader { decoder, format, decoded: Vec::new(), decoded_at: 0, wanted: wanted.into() })
    }

    /// What is still wanted.
    pub fn wanted(&self) -> Wanted {
        self.wanted
    }

    /// Passes over so many more of the next items.
    pub fn skip(&mut self, items: u64) {
        self.wanted.skip(items);
    }

    /// Takes bytes from the front of `input` and appends the items that are complete with them.
    ///
    /// After a failure, or [`Progress::Done`], the reader is of no more use.
    pub fn read(&mut self, input: &mut &[u8], items: &mut Vec<Item>) -> Result<Progress, Failure> {
        let items_before = items.len();
        let mut decoded_bytes = 0;
        // Each round takes bytes: of the input, or of what it was decoded to.
        loop {
            let fields = (items.len() - items_before) * self.format.fields();
            if !self.wanted.is_any() {
                return Ok(Progress::Done);
            }
            if decoded_bytes >= DECODED_BYTES_PER_READ_MAX || fields >= FIELDS_PER_READ_MAX {
                return Ok(Progress::Full);
            }
            let step_bytes = (STEP_BYTES / self.format.fields()).max(64);
            let step;
            if self.decoder.is_plain() {
                (step, *input) = input.split_at(input.len().min(step_bytes));
            } else {
                if self.decoded_at == self.decoded.len() && !input.is_empty() {
                    self.decoded.clear();
                    self.decoded_at = 0;
                    self.decoder.decode(input, &mut self.decoded)?;
                }
                let rest = &self.decoded[self.decoded_at..];
                step = &rest[..rest.len().min(step_bytes)];
                self.decoded_at += step.len();
            }
            if step.is_empty() && input.is_empty() {
                return Ok(Progress::Hungry);
            }
            decoded_bytes += step.len();
            if self.format.read(step, items, &mut self.wanted)? == FormatProgress::Done {
                return Ok(Progress::Done);
            }
        }
    }

    /// The file ends here: appends the items that only its end completes, and fails if it ends too early.
    pub fn finish(&mut self, items: &mut Vec<Item>) -> Result<(), Failure> {
        if !self.wanted.is_any() {
            return Ok(());
        }
        // What the decoder gives here is little: it has given the rest before it was hungry.
        self.decoder.finish(&mut self.decoded)?;
        let rest = &self.decoded[self.decoded_at..];
        if self.format.read(rest, items, &mut self.wanted)? == FormatProgress::Done {
            return Ok(());
        }
        match &mut self.format {
            FormatReader::Csv(csv) => csv.finish(items, &mut self.wanted),
            FormatReader::Json(json) => json.finish(),
            FormatReader::JsonLines(lines) => lines.finish(items, &mut self.wanted),
        }
    }
}

/// Whether a format wants to see more of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormatProgress {
    More,
    Done,
}

impl FormatReader {
    /// How many fields an item has, as far as that does not follow from its bytes; 1 at least.
    fn fields(&self) -> usize {
        match self {
            FormatReader::Csv(csv) => csv.columns().max(1),
            FormatReader::Json(_) | FormatReader::JsonLines(_) => 1,
        }
    }

    fn read(
        &mut self,
        bytes: &[u8],
        items: &mut Vec<Item>,
        wanted: &mut Wanted,
    ) -> Result<FormatProgress, Failure> {
        match self {
            FormatReader::Csv(csv) => csv.read(bytes, items, wanted),
            FormatReader::Json(json) => json.read(bytes, items, wanted),
            FormatReader::JsonLines(lines) => lines.read(bytes, items, wanted),
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
