//! Athena's manifest of an UNLOAD: the address of one data file on each line.
//!
//! Never here: what stands in those files, and fetching them.

use crate::Failure;

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key.
    pub key: String,
}

/// A manifest that arrives in pieces of any size.
#[derive(Debug, Default)]
pub struct AthenaManifest {
    line: Vec<u8>,
    lines_ended: u64,
}

/// `s3://`, a bucket's name of 63 characters and a key of 1,024 bytes fit easily.
const LINE_BYTES_MAX: usize = 4096;

impl AthenaManifest {
    /// At the beginning of a manifest.
    pub fn new() -> AthenaManifest {
        AthenaManifest::default()
    }

    /// Appends the locations whose lines end in this piece. Fails at a line that is no `s3://bucket/key`.
    pub fn read(&mut self, mut bytes: &[u8], locations: &mut Vec<Location>) -> Result<(), Failure> {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.keep(&bytes[..end])?;
            self.end_line(locations)?;
            bytes = &bytes[end + 1..];
        }
        self.keep(bytes)
    }

    /// The manifest ends here, and with it its last line.
    pub fn finish(&mut self, locations: &mut Vec<Location>) -> Result<(), Failure> {
        self.end_line(locations)
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if self.line.len() + bytes.len() > LINE_BYTES_MAX {
            return Err(self.wrong("is too long to be the address of an object"));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self, locations: &mut Vec<Location>) -> Result<(), Failure> {
        let line = String::from_utf8(std::mem::take(&mut self.line));
        let line = line.map_err(|_| self.wrong("is not UTF-8"))?;
        let address = line.trim_start_matches('\u{feff}').trim().trim_matches('"');
        if !address.is_empty() {
            let location = address.strip_prefix("s3://").and_then(|rest| rest.split_once('/'));
            let Some((bucket, key)) = location.filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
            else {
                return Err(self.wrong("is not the address of an object, s3://bucket/key"));
            };
            locations.push(Location { bucket: bucket.to_owned(), key: key.to_owned() });
        }
        self.lines_ended += 1;
        Ok(())
    }

    fn wrong(&self, problem: &str) -> Failure {
        Failure::reading(format!("Line {} of the Athena manifest {problem}.", self.lines_ended + 1))
    }
}
