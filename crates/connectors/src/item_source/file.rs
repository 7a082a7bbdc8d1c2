//! The items of one object.
//!
//! Never here: which object comes next.

use asl::Failure;
use hyper::body::Bytes;
use items::parquet::{self, ParquetReader, Step};
use items::{Compression, Format, Item, Progress, Reader, Wanted};
use json::Text;

use super::plan::Form;
use super::stable_object::{Sequence, StableObject};
use super::told;
use crate::objects::{ObjectAt, Objects};

/// An object of which the first bytes are there, or the last ones, where its form wants them.
pub(super) enum OpenObject {
    Text(Sequence, Format),
    Parquet(StableObject, Bytes),
}

impl OpenObject {
    pub(super) async fn open(objects: Objects, at: ObjectAt, form: Form) -> Result<OpenObject, Failure> {
        match form {
            Form::Text(format) => Ok(OpenObject::Text(Sequence::open(&objects, at).await?, format)),
            Form::Parquet => {
                let opened = StableObject::open_end(&objects, at, parquet::TAIL_BYTES as usize).await;
                opened.map(|(object, end)| OpenObject::Parquet(object, end))
            }
        }
    }
}

/// An object whose items are being read.
pub(super) enum OpenFile {
    Text(TextFile),
    Parquet(ParquetFile),
}

/// Items that come in the order of the bytes.
pub(super) struct TextFile {
    sequence: Sequence,
    reader: Reader,
    /// What the reader has not taken yet.
    piece: Bytes,
    is_over: bool,
}

/// Rows whose columns are in different places.
pub(super) struct ParquetFile {
    object: StableObject,
    reader: ParquetReader,
    /// The file's last bytes.
    end: Bytes,
}

impl OpenFile {
    /// At the first item.
    pub(super) fn new(object: OpenObject, wanted: Wanted) -> Result<OpenFile, Failure> {
        match object {
            OpenObject::Text(sequence, format) => {
                let compression = Compression::of_key(&sequence.object().at().key);
                let reader = Reader::new(format, compression, wanted).map_err(told)?;
                Ok(OpenFile::Text(TextFile { sequence, reader, piece: Bytes::new(), is_over: false }))
            }
            OpenObject::Parquet(object, end) => {
                let reader = ParquetReader::new(object.size(), wanted);
                Ok(OpenFile::Parquet(ParquetFile { object, reader, end }))
            }
        }
    }

    pub(super) fn object(&self) -> &StableObject {
        match self {
            OpenFile::Text(file) => file.sequence.object(),
            OpenFile::Parquet(file) => &file.object,
        }
    }

    /// As the Context Object names it.
    pub(super) fn source(&self) -> Text {
        self.object().source()
    }

    /// What is still wanted, of this file and those that follow.
    pub(super) fn wanted(&self) -> Wanted {
        match self {
            OpenFile::Text(file) => file.reader.wanted(),
            OpenFile::Parquet(file) => file.reader.wanted(),
        }
    }

    pub(super) fn skip(&mut self, items: u64) {
        match self {
            OpenFile::Text(file) => file.reader.skip(items),
            OpenFile::Parquet(file) => file.reader.skip(items),
        }
    }

    /// The next items, never none; `None` at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Item>>, Failure> {
        match self {
            OpenFile::Text(file) => file.next().await,
            OpenFile::Parquet(file) => file.next().await,
        }
    }
}

impl TextFile {
    async fn next(&mut self) -> Result<Option<Vec<Item>>, Failure> {
        let mut items = Vec::new();
        // Each round takes bytes of the file, or ends it.
        while items.is_empty() && !self.is_over {
            let mut rest: &[u8] = &self.piece;
            let progress = self.reader.read(&mut rest, &mut items).map_err(told)?;
            let taken = self.piece.len() - rest.len();
            self.piece = self.piece.slice(taken..);
            match progress {
                // What is passed over makes no items, and others want to go on meanwhile.
                Progress::Full => tokio::task::yield_now().await,
                Progress::Done => self.is_over = true,
                Progress::Hungry if items.is_empty() => match self.sequence.next().await? {
                    Some(piece) => self.piece = piece,
                    None => {
                        self.reader.finish(&mut items).map_err(told)?;
                        self.is_over = true;
                    }
                },
                Progress::Hungry => {}
            }
        }
        Ok(if items.is_empty() { None } else { Some(items) })
    }
}

impl ParquetFile {
    async fn next(&mut self) -> Result<Option<Vec<Item>>, Failure> {
        // Each round reads bytes that have not been read, as far as the file goes.
        loop {
            let range = match self.reader.step().map_err(told)? {
                Step::Items(items) => return Ok(Some(items)),
                Step::End => return Ok(None),
                Step::Need(range) => range,
            };
            let end = std::mem::take(&mut self.end);
            let bytes = if range.end == self.object.size() && range.end - range.start == end.len() as u64 {
                end
            } else {
                self.object.read_range(range).await?
            };
            self.reader.supply(&bytes).map_err(told)?;
        }
    }
}
