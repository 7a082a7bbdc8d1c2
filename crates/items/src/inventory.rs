//! S3 Inventory: `manifest.json`, which names the data files and their columns.
//!
//! Never here: the rows, which are CSV, and fetching the files.

use json::{Text, Value};

use crate::{CsvConfig, Delimiter, Failure, Headers};

/// A manifest names some hundreds of bytes for each data file; this is a bound for hundreds of thousands of them.
pub const MANIFEST_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What a `manifest.json` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryManifest {
    /// The bucket where the data files are: the ARN's last part, or the name as it stands there.
    pub destination_bucket: String,
    /// The names of the columns.
    pub columns: Vec<Text>,
    /// The data files, in their order.
    pub files: Vec<InventoryFile>,
}

/// One data file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InventoryFile {
    /// Its key in the destination bucket.
    pub key: String,
    /// Its size in bytes, compressed, if the manifest tells it.
    pub size: Option<u64>,
    /// Its MD5 in hexadecimal digits, if the manifest tells it.
    pub md5: Option<String>,
}

impl InventoryManifest {
    /// Reads a whole manifest. Fails where it is none, or its files are not CSV.
    pub fn parse(bytes: &[u8]) -> Result<InventoryManifest, Failure> {
        if bytes.len() > MANIFEST_BYTES_MAX {
            return Err(wrong(&format!("has more than {MANIFEST_BYTES_MAX} bytes")));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let manifest =
            Value::parse_bytes(bytes).map_err(|error| wrong(&format!("is not JSON: {}", error.message)))?;
        let format = text(&manifest, "fileFormat")?;
        if format != "CSV" {
            return Err(wrong(&format!("lists files of the format {format}; only CSV can be read")));
        }
        let columns = text(&manifest, "fileSchema")?.split(',').map(|name| Text::new(name.trim())).collect();
        let bucket = text(&manifest, "destinationBucket")?;
        let Some(files) = manifest.get("files").and_then(Value::as_array) else {
            return Err(wrong("has no array 'files'"));
        };
        let files = files.iter().map(|file| {
            Ok(InventoryFile {
                key: text(file, "key")?.to_owned(),
                size: file.get("size").and_then(Value::as_i64).and_then(|size| u64::try_from(size).ok()),
                md5: file.get("MD5checksum").and_then(Value::as_str).map(str::to_owned),
            })
        });
        Ok(InventoryManifest {
            destination_bucket: bucket.strip_prefix("arn:aws:s3:::").unwrap_or(bucket).to_owned(),
            columns,
            files: files.collect::<Result<_, Failure>>()?,
        })
    }

    /// How each of the data files is to be read. By their endings they are gzip.
    pub fn csv(&self) -> CsvConfig {
        CsvConfig {
            headers: Headers::Given(self.columns.clone()),
            delimiter: Delimiter::Comma,
            keys_are_encoded: true,
        }
    }
}

fn text<'v>(value: &'v Value, name: &str) -> Result<&'v str, Failure> {
    value.get(name).and_then(Value::as_str).ok_or_else(|| wrong(&format!("has no string '{name}'")))
}

fn wrong(problem: &str) -> Failure {
    Failure::reading(format!("The manifest of the S3 inventory {problem}."))
}

/// A key as it is written in CSV inventories: `%41` is `A`, and `+` is a space. What is no escape stays.
pub(crate) fn decode_key(encoded: &str) -> String {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let [byte, behind @ ..] = rest {
        let escaped = match rest {
            [b'%', high, low, ..] => digit(*high).zip(digit(*low)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            decoded.push(high << 4 | low);
            rest = &rest[3..];
        } else {
            decoded.push(if *byte == b'+' { b' ' } else { *byte });
            rest = behind;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}
