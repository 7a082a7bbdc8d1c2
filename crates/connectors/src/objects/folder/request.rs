//! What an operation is asked for, by the names of its input.
//!
//! Never here: what is done with it.

use hyper::body::Bytes;
use json::Value;

use super::answer::Refusal;

/// One request.
#[derive(Debug)]
pub(super) struct Request {
    operation: String,
    input: Value,
    body: Bytes,
}

/// Members that change what an operation does here, or are checked.
const EFFECTIVE: [&str; 20] = [
    "Body",
    "Bucket",
    "ContinuationToken",
    "CopySource",
    "Delimiter",
    "EncodingType",
    "ExpectedBucketOwner",
    "FetchOwner",
    "IfMatch",
    "IfNoneMatch",
    "Key",
    "MaxKeys",
    "MultipartUpload",
    "PartNumber",
    "Prefix",
    "Range",
    "StartAfter",
    "UploadId",
    "VersionId",
    // A copy has what its source has.
    "MetadataDirective",
];

/// Members that say how S3 is to keep, guard, bill or label an object. A file is kept as the file system has it,
/// and a machine that sets them means the same object.
const WITHOUT_EFFECT: [&str; 23] = [
    "ACL",
    "BucketKeyEnabled",
    "CacheControl",
    "ChecksumAlgorithm",
    "ChecksumCRC32",
    "ChecksumCRC32C",
    "ChecksumCRC64NVME",
    "ChecksumMode",
    "ChecksumSHA1",
    "ChecksumSHA256",
    "ChecksumType",
    "ContentDisposition",
    "ContentLanguage",
    "ContentLength",
    "ContentMD5",
    "ContentType",
    "RequestPayer",
    "SSEKMSEncryptionContext",
    "SSEKMSKeyId",
    "ServerSideEncryption",
    "StorageClass",
    "Tagging",
    "TaggingDirective",
];

impl Request {
    /// The input fits the operation's model.
    pub(super) fn new(operation: &str, input: Value, body: Bytes) -> Request {
        Request { operation: operation.to_owned(), input, body }
    }

    pub(super) fn operation(&self) -> &str {
        &self.operation
    }

    /// What the object is to be.
    pub(super) fn body(&self) -> &[u8] {
        &self.body
    }

    /// Refuses what a folder cannot do, and whoever means another account's bucket.
    pub(super) fn check(&self, account: &str) -> Result<(), Refusal> {
        let is_one_of =
            |names: &[&str], name: &str| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let members = self.input.as_object().into_iter().flat_map(|input| input.iter());
        let unknown = members
            .filter(|(_, value)| !value.is_null())
            .find(|(name, _)| !is_one_of(&EFFECTIVE, name) && !is_one_of(&WITHOUT_EFFECT, name));
        if let Some((name, _)) = unknown {
            return Err(Refusal::not_implemented(&format!("{name} of {}", self.operation)));
        }
        match self.text("ExpectedBucketOwner") {
            Some(owner) if owner != account => Err(Refusal::access_denied()),
            _ => Ok(()),
        }
    }

    /// A member that is a text; any other value is its JSON text, as on the wire.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        match self.input.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.to_string()),
            value => Some(value.to_text()),
        }
    }

    /// A member that is a whole number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        match self.input.get(name)? {
            Value::Int(number) => Some(*number),
            Value::Float(number) => Some(*number as i64),
            _ => None,
        }
    }

    /// The parts that make up an object: number and ETag.
    pub(super) fn parts(&self) -> Vec<(i64, String)> {
        let upload = self.input.get("MultipartUpload");
        let parts = upload.and_then(|upload| upload.get("Parts")).and_then(Value::as_array);
        let part = |part: &Value| {
            let etag = part.get("ETag").and_then(Value::as_str).unwrap_or_default();
            (part.get("PartNumber").and_then(Value::as_i64).unwrap_or_default(), etag.to_owned())
        };
        parts.into_iter().flat_map(|parts| parts.iter()).map(part).collect()
    }
}
