//! What is wrong with a text that is not JSON, in the words AWS uses (those of Jackson).

/// Jackson shows this many characters of the source in a location.
const SNIPPET_MAX: usize = 500;

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// The message as Jackson words it, without a location behind it.
    pub message: String,
    /// The byte offset where reading stopped: of the offending character, or of the end of the
    /// offending word or of the text.
    pub offset: usize,
    /// The line, from 1.
    pub line: usize,
    /// Jackson's column, from 1, in UTF-16 units. It points behind an offending character.
    pub column: usize,
}

impl ParseError {
    /// The location as Jackson prints it: `[Source: (String)"<text>"; line: 1, column: 4]`, given
    /// the text that was parsed.
    pub fn location(&self, text: &str) -> String {
        source_location(text, self.line, self.column)
    }

    /// The message with the location on a second line, as Jackson's `getMessage` has it.
    pub fn message_with_location(&self, text: &str) -> String {
        format!("{}\n at {}", self.message, self.location(text))
    }

    /// At the character at `offset`, which the parser has read and cannot use.
    pub(crate) fn at_character(text: &str, offset: usize, message: String) -> ParseError {
        let (line, column) = position(text, offset);
        ParseError { message, offset, line, column: column + 1 }
    }

    /// At `offset`, with everything before it understood.
    pub(crate) fn before(text: &str, offset: usize, message: String) -> ParseError {
        let (line, column) = position(text, offset);
        ParseError { message, offset, line, column }
    }

    pub(crate) fn not_utf8(bytes: &[u8], error: std::str::Utf8Error) -> ParseError {
        let offset = error.valid_up_to();
        let valid = std::str::from_utf8(&bytes[..offset]).expect("valid_up_to ends valid UTF-8");
        let first = bytes[offset];
        let wrong = bytes.get(offset + error.error_len().unwrap_or(bytes.len() - offset));
        let message = match wrong {
            _ if !(0xc2..0xf8).contains(&first) => format!("Invalid UTF-8 start byte 0x{first:x}"),
            Some(byte) => format!("Invalid UTF-8 middle byte 0x{byte:x}"),
            None => "Unexpected end-of-input in a UTF-8 character".to_owned(),
        };
        ParseError { offset, ..ParseError::at_character(valid, offset, message) }
    }
}

impl std::fmt::Display for ParseError {
    /// The message alone.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ParseError {}

/// `[Source: (String)"<the first 500 characters>"[truncated n chars]; line: l, column: c]`
pub(crate) fn source_location(text: &str, line: usize, column: usize) -> String {
    let mut units = 0;
    let mut end = text.len();
    for (at, character) in text.char_indices() {
        if units + character.len_utf16() > SNIPPET_MAX {
            end = at;
            break;
        }
        units += character.len_utf16();
    }
    let shown = &text[..end];
    let truncated = match text[end..].encode_utf16().count() {
        0 => String::new(),
        left => format!("[truncated {left} chars]"),
    };
    format!("[Source: (String)\"{shown}\"{truncated}; line: {line}, column: {column}]")
}

/// Line and column of a byte offset, both from 1; `\n`, `\r` and `\r\n` end lines.
pub(crate) fn position(text: &str, offset: usize) -> (usize, usize) {
    let mut ruler = Ruler::default();
    ruler.measure(text, offset)
}

/// Finds line and column of ascending offsets in one pass over the text.
#[derive(Default)]
pub(crate) struct Ruler {
    scanned: usize,
    lines_before: usize,
    units_before: usize,
}

impl Ruler {
    pub(crate) fn measure(&mut self, text: &str, offset: usize) -> (usize, usize) {
        let bytes = text.as_bytes();
        while self.scanned < offset {
            let byte = bytes[self.scanned];
            self.scanned += 1;
            if byte == b'\n' || (byte == b'\r' && bytes.get(self.scanned) != Some(&b'\n')) {
                self.lines_before += 1;
                self.units_before = 0;
            } else if byte >= 0xf0 {
                // Four bytes of UTF-8 are two units of UTF-16.
                self.units_before += 2;
            } else if byte & 0xc0 != 0x80 {
                self.units_before += 1;
            }
        }
        (self.lines_before + 1, self.units_before + 1)
    }
}
