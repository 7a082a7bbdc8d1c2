//! Parquet: a row is an item. The reader says which bytes of the file it needs next, and gets them.
//!
//! Of each column one page is in memory, however large the file is. Never here: who fetches the bytes, and from where.

mod decompress;
mod footer;
mod levels;
mod page;
mod scalar;
mod schema;
mod thrift;

use std::ops::Range;

use json::Value;

use crate::{DECODED_BYTES_PER_READ_MAX, Failure, ITEM_BYTES_MAX, Item, Wanted};
use footer::{Chunk, Footer};
use page::{DATA_PAGE, DATA_PAGE_V2, DICTIONARY_PAGE, Head, PAGE_BYTES_MAX, Page};
use schema::{Entry, Row};
use thrift::{Thrift, Trouble};

pub use footer::{FOOTER_BYTES_MAX, TAIL_BYTES};

/// One step gives at most so many rows, so that the caller gets to act on the first of them early.
pub const ROWS_PER_STEP_MAX: usize = 1024;

/// What is asked for at once of a column: a page of the usual size and the header of the next one.
const WINDOW_BYTES: u64 = 1024 * 1024 + 64 * 1024;

/// A page's header is small, but for what it tells of the least and the greatest value.
const HEADER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// What an entry counts for beside its text: the least that it takes in JSON, and then some.
const ENTRY_BYTES: usize = 4;

/// What the reader has come to.
#[derive(Debug, PartialEq)]
pub enum Step {
    /// It needs these bytes of the file: [`ParquetReader::supply`] them, and step on.
    Need(Range<u64>),
    /// These rows come next; never none.
    Items(Vec<Item>),
    /// All rows have been read, or as many as are wanted.
    End,
}

/// One Parquet file that is being read.
pub struct ParquetReader {
    file_bytes: u64,
    wanted: Wanted,
    /// `None` until the file's end has been read.
    footer: Option<Footer>,
    /// The file's last bytes, until the footer has been read.
    tail: Vec<u8>,
    /// The next row group.
    row_group: usize,
    /// How many rows of the row group before have not been read.
    rows_left: u64,
    cursors: Vec<Cursor>,
    /// What `Need` has asked for.
    asked: Option<(Asked, Range<u64>)>,
}

#[derive(Clone, Copy, Debug)]
enum Asked {
    Tail,
    Column(usize),
}

/// How far a column has been read within the row group.
struct Cursor {
    /// Where in the file the next page's header stands.
    next: u64,
    end: u64,
    codec: i64,
    /// Bytes of the file from `next` on.
    window: Vec<u8>,
    dictionary: Vec<Value>,
    page: Option<Page>,
    /// How many entries are in pages that have not been begun.
    entries_left: u64,
    /// The entries of the row that is being read.
    row: Vec<Entry>,
    /// About how many bytes they are as JSON.
    row_bytes: usize,
    row_is_complete: bool,
    /// The first entry of the next row, where reading on was the way to see that the row is complete.
    ahead: Option<Entry>,
}

impl ParquetReader {
    /// A file of so many bytes, of which so many rows are wanted.
    pub fn new(file_bytes: u64, wanted: impl Into<Wanted>) -> ParquetReader {
        ParquetReader {
            file_bytes,
            wanted: wanted.into(),
            footer: None,
            tail: Vec::new(),
            row_group: 0,
            rows_left: 0,
            cursors: Vec::new(),
            asked: None,
        }
    }

    /// What is still wanted.
    pub fn wanted(&self) -> Wanted {
        self.wanted
    }

    /// Passes over so many more of the next rows; of row groups that are passed over, nothing is asked for.
    pub fn skip(&mut self, items: u64) {
        self.wanted.skip(items);
    }

    /// The bytes of the range that was asked for. Fails if there are not as many: the file has changed.
    pub fn supply(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some((asked, range)) = self.asked.take() else { return Ok(()) };
        if bytes.len() as u64 != range.end - range.start {
            return Err(corrupt("it is shorter than it was"));
        }
        match asked {
            Asked::Tail => self.tail = bytes.to_vec(),
            Asked::Column(column) => self.cursors[column].window.extend_from_slice(bytes),
        }
        Ok(())
    }

    /// Goes on as far as the bytes reach. After a failure, or [`Step::End`], the reader is of no more use.
    pub fn step(&mut self) -> Result<Step, Failure> {
        if let Some((_, range)) = &self.asked {
            return Ok(Step::Need(range.clone()));
        }
        if !self.wanted.is_any() {
            return Ok(Step::End);
        }
        if self.footer.is_none()
            && let Some(range) = self.read_footer()?
        {
            return Ok(self.ask(Asked::Tail, range));
        }
        let mut items = Vec::new();
        let mut items_bytes = 0;
        while items.len() < ROWS_PER_STEP_MAX
            && items_bytes < DECODED_BYTES_PER_READ_MAX
            && self.wanted.is_any()
        {
            if self.rows_left == 0 && !self.begin_row_group()? {
                break;
            }
            let footer = self.footer.as_ref().unwrap_or_else(|| unreachable!("step() has read the footer"));
            let mut need = None;
            for (at, (cursor, column)) in self.cursors.iter_mut().zip(&footer.columns).enumerate() {
                if let Some(range) = cursor.read_row(column)? {
                    need = Some((at, range));
                    break;
                }
            }
            if let Some((column, range)) = need {
                // What is complete is not held back for what is to be fetched.
                if !items.is_empty() {
                    break;
                }
                return Ok(self.ask(Asked::Column(column), range));
            }
            let row_bytes: usize = self.cursors.iter().map(|cursor| cursor.row_bytes).sum();
            check_size(row_bytes)?;
            if self.wanted.take() {
                items_bytes += row_bytes;
                let entries = self.cursors.iter_mut().map(|cursor| cursor.row.as_mut_slice());
                let value = Row::new(entries.collect()).make(&footer.root)?;
                items.push(Item::of(value));
            }
            self.rows_left -= 1;
            for cursor in &mut self.cursors {
                cursor.row.clear();
                cursor.row_bytes = 0;
                cursor.row_is_complete = false;
            }
        }
        Ok(if items.is_empty() { Step::End } else { Step::Items(items) })
    }

    fn ask(&mut self, asked: Asked, range: Range<u64>) -> Step {
        self.asked = Some((asked, range.clone()));
        Step::Need(range)
    }

    /// Reads the footer out of the tail, or tells which bytes are to be the tail.
    fn read_footer(&mut self) -> Result<Option<Range<u64>>, Failure> {
        let first_try = footer::TAIL_BYTES.min(self.file_bytes);
        if self.tail.is_empty() {
            if first_try < footer::FILE_BYTES_MIN {
                return Err(corrupt("it is too short to be one"));
            }
            return Ok(Some(self.file_bytes - first_try..self.file_bytes));
        }
        let needed = footer::bytes_needed(&self.tail)?;
        if needed > self.file_bytes {
            return Err(corrupt("its footer is longer than the file"));
        }
        if needed > self.tail.len() as u64 {
            return Ok(Some(self.file_bytes - needed..self.file_bytes));
        }
        self.footer = Some(Footer::parse(&self.tail, self.file_bytes)?);
        self.tail = Vec::new();
        Ok(None)
    }

    /// Whether there is one more row group with rows.
    fn begin_row_group(&mut self) -> Result<bool, Failure> {
        let footer = self.footer.as_ref().unwrap_or_else(|| unreachable!("step() has read the footer"));
        // Each round takes one of the footer's row groups.
        while self.wanted.is_any()
            && let Some(group) = footer.row_groups.get(self.row_group)
        {
            self.row_group += 1;
            if self.wanted.skip_all(group.rows) {
                continue;
            }
            self.rows_left = group.rows;
            self.cursors = group.chunks.iter().map(Cursor::new).collect();
            if group.rows > 0 {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Cursor {
    fn new(chunk: &Chunk) -> Cursor {
        Cursor {
            next: chunk.start,
            end: chunk.end,
            codec: chunk.codec,
            window: Vec::new(),
            dictionary: Vec::new(),
            page: None,
            entries_left: chunk.entries,
            row: Vec::new(),
            row_bytes: 0,
            row_is_complete: false,
            ahead: None,
        }
    }

    /// Reads on until the row is complete, or tells which bytes that needs.
    fn read_row(&mut self, column: &schema::Column) -> Result<Option<Range<u64>>, Failure> {
        while !self.row_is_complete {
            if let Some(entry) = self.ahead.take() {
                self.keep(entry)?;
            } else if let Some(page) = self.page.as_mut().filter(|page| page.entries_left() > 0) {
                let entry = page.next(column, &self.dictionary)?;
                if entry.repetition == 0 && !self.row.is_empty() {
                    self.ahead = Some(entry);
                    self.row_is_complete = true;
                    break;
                }
                self.keep(entry)?;
            } else if self.entries_left == 0 && !self.row.is_empty() {
                self.row_is_complete = true;
            } else if self.entries_left == 0 {
                return Err(corrupt("a column has fewer values than rows"));
            } else if let Some(range) = self.read_page(column)? {
                return Ok(Some(range));
            }
            // Where nothing repeats, an entry is a row.
            self.row_is_complete |= column.repetition_max == 0 && !self.row.is_empty();
        }
        Ok(None)
    }

    fn keep(&mut self, entry: Entry) -> Result<(), Failure> {
        self.row_bytes += ENTRY_BYTES + entry.value.as_str().map_or(0, str::len);
        self.row.push(entry);
        check_size(self.row_bytes)
    }

    /// Reads the next page, or tells which bytes that needs.
    fn read_page(&mut self, column: &schema::Column) -> Result<Option<Range<u64>>, Failure> {
        let (header, header_bytes) = match Thrift::parse(&self.window) {
            Ok(parsed) => parsed,
            Err(Trouble::Short) if self.window.len() <= HEADER_BYTES_MAX => return self.more(0).map(Some),
            Err(Trouble::Short | Trouble::Wrong) => return Err(corrupt("a page's header is damaged")),
        };
        let head = Head::of(&header)?;
        let page_bytes = header_bytes + head.compressed;
        if self.window.len() < page_bytes {
            return self.more(page_bytes).map(Some);
        }
        let bytes = &self.window[header_bytes..page_bytes];
        match head.kind {
            DICTIONARY_PAGE => self.dictionary = head.dictionary(column, self.codec, bytes)?,
            DATA_PAGE | DATA_PAGE_V2 => {
                let page = head.data(column, self.codec, bytes)?;
                let left = self.entries_left.checked_sub(page.entries_left());
                self.entries_left = left.ok_or_else(|| corrupt("a column has more values than it tells"))?;
                self.page = Some(page);
            }
            // An index, or what later versions add: passed over.
            _ => {}
        }
        self.window.drain(..page_bytes);
        self.next += page_bytes as u64;
        Ok(None)
    }

    /// The bytes that follow the window, so that it gets `bytes` at least.
    fn more(&self, bytes: usize) -> Result<Range<u64>, Failure> {
        debug_assert!(bytes <= PAGE_BYTES_MAX + HEADER_BYTES_MAX, "the page's head is checked");
        let start = self.next + self.window.len() as u64;
        let end = (self.next + bytes as u64).max(start + WINDOW_BYTES).min(self.end);
        if start >= end || self.next + bytes as u64 > self.end {
            return Err(corrupt("a column ends too early"));
        }
        Ok(start..end)
    }
}

fn check_size(row_bytes: usize) -> Result<(), Failure> {
    if row_bytes <= ITEM_BYTES_MAX {
        return Ok(());
    }
    Err(Failure::reading(format!("A row of the Parquet file has more than {ITEM_BYTES_MAX} bytes.")))
}

fn corrupt(problem: &str) -> Failure {
    Failure::reading(format!("The Parquet file cannot be read: {problem}."))
}
