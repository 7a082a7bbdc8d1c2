//! The footer: the schema, and where in the file the pages of each column are.
//!
//! Never here: pages.

use super::corrupt;
use super::schema::{self, Column, Node};
use super::thrift::Thrift;
use crate::Failure;

/// AWS reads footers of up to 5 MB.
pub const FOOTER_BYTES_MAX: u64 = 5 * 1024 * 1024;

/// The last bytes of the file are asked for first, so many if it has them: most footers fit in, so that one question
/// is enough.
pub const TAIL_BYTES: u64 = 64 * 1024;

/// `PAR1` at both ends and the footer's length.
pub(super) const FILE_BYTES_MIN: u64 = 12;

/// Behind the footer: its length and `PAR1`.
const END_BYTES: usize = 8;

pub(super) struct Footer {
    pub(super) root: Node,
    pub(super) columns: Vec<Column>,
    pub(super) row_groups: Vec<RowGroup>,
}

pub(super) struct RowGroup {
    pub(super) rows: u64,
    /// One for each column.
    pub(super) chunks: Vec<Chunk>,
}

/// Where a column's pages are.
pub(super) struct Chunk {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) codec: i64,
    pub(super) entries: u64,
}

/// How long the tail of the file must be to have the whole footer.
pub(super) fn bytes_needed(tail: &[u8]) -> Result<u64, Failure> {
    let Some([a, b, c, d, magic @ ..]) = tail.last_chunk::<END_BYTES>() else {
        return Err(corrupt("it is too short to be one"));
    };
    match magic {
        b"PAR1" => {}
        b"PARE" => return Err(corrupt("it is encrypted")),
        _ => return Err(corrupt("it does not end with PAR1")),
    }
    let length = u64::from(u32::from_le_bytes([*a, *b, *c, *d]));
    if length > FOOTER_BYTES_MAX {
        return Err(corrupt(&format!(
            "its footer has {length} bytes, which is more than {FOOTER_BYTES_MAX}"
        )));
    }
    Ok(length + END_BYTES as u64)
}

impl Footer {
    /// Of a tail that is long enough.
    pub(super) fn parse(tail: &[u8], file_bytes: u64) -> Result<Footer, Failure> {
        let footer = &tail[tail.len() - bytes_needed(tail)? as usize..tail.len() - END_BYTES];
        let (footer, _) = Thrift::parse(footer).map_err(|_| corrupt("its footer is damaged"))?;
        let (root, columns) = schema::read(footer.list(2))?;
        let row_groups = footer.list(4).iter().map(|group| RowGroup::of(group, columns.len(), file_bytes));
        let row_groups = row_groups.collect::<Result<_, _>>()?;
        Ok(Footer { root, columns, row_groups })
    }
}

impl RowGroup {
    fn of(group: &Thrift, columns: usize, file_bytes: u64) -> Result<RowGroup, Failure> {
        let rows = number(group, 3, "a row group does not tell its rows")?;
        let chunks = group.list(1).iter().map(|chunk| Chunk::of(chunk, file_bytes));
        let chunks = chunks.collect::<Result<Vec<_>, _>>()?;
        if chunks.len() != columns {
            return Err(corrupt("a row group has not the columns of the schema"));
        }
        Ok(RowGroup { rows, chunks })
    }
}

impl Chunk {
    fn of(chunk: &Thrift, file_bytes: u64) -> Result<Chunk, Failure> {
        let no_data = "a column does not tell where it is";
        let data = chunk.field(3).ok_or_else(|| corrupt(no_data))?;
        let first_data_page = number(data, 9, no_data)?;
        // Some programs write 0 where there is no dictionary.
        let dictionary = data.int(11).and_then(|at| u64::try_from(at).ok()).filter(|at| *at > 0);
        let start = dictionary.map_or(first_data_page, |at| at.min(first_data_page));
        let end = start.checked_add(number(data, 7, no_data)?).filter(|end| *end <= file_bytes);
        let end = end.ok_or_else(|| corrupt("a column lies beyond the file's end"))?;
        let codec = data.int(4).unwrap_or(0);
        Ok(Chunk { start, end, codec, entries: number(data, 5, no_data)? })
    }
}

fn number(value: &Thrift, id: i16, problem: &str) -> Result<u64, Failure> {
    value.int(id).and_then(|number| u64::try_from(number).ok()).ok_or_else(|| corrupt(problem))
}
