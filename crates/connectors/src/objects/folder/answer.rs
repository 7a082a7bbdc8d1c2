//! Answers as S3 gives them: headers, documents, errors.
//!
//! Never here: when which of them is given.

use std::io;

use hyper::body::Bytes;

use crate::built_in::BuiltInAnswer;
use crate::{base64, clock};

/// An answer. The headers that all have are added at the end.
#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Bytes,
}

/// Why there is none: S3's code and text for it.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
    /// Of an object that a range is outside of.
    actual_size: Option<u64>,
}

impl Answer {
    pub(super) fn new(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), body: Bytes::new() }
    }

    /// A document: a root element's name and what is in it.
    pub(super) fn document(root: &str, inside: &str) -> Answer {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{inside}</{root}>"
        );
        Answer::new(200).with_header("Content-Type", "application/xml").with_body(body.into())
    }

    pub(super) fn with_header(mut self, name: &str, value: impl Into<String>) -> Answer {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(super) fn with_body(mut self, body: Bytes) -> Answer {
        self.body = body;
        self
    }

    pub(super) fn finished(mut self) -> BuiltInAnswer {
        let (id, extended) = (clock::random() as u64, clock::random());
        let mut headers = vec![
            ("x-amz-id-2".to_owned(), base64::encode(&extended.to_be_bytes())),
            ("x-amz-request-id".to_owned(), format!("{id:016X}")),
            ("Date".to_owned(), clock::http_date(clock::now_seconds())),
        ];
        headers.append(&mut self.headers);
        if !headers.iter().any(|(name, _)| name == "Content-Length") {
            headers.push(("Content-Length".to_owned(), self.body.len().to_string()));
        }
        BuiltInAnswer { status: self.status, headers, body: self.body }
    }
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { status, code, message: message.into(), actual_size: None }
    }

    pub(super) fn no_such_bucket() -> Refusal {
        Refusal::new(404, "NoSuchBucket", "The specified bucket does not exist")
    }

    pub(super) fn no_such_key() -> Refusal {
        Refusal::new(404, "NoSuchKey", "The specified key does not exist.")
    }

    pub(super) fn access_denied() -> Refusal {
        Refusal::new(403, "AccessDenied", "Access Denied")
    }

    pub(super) fn precondition_failed() -> Refusal {
        Refusal::new(
            412,
            "PreconditionFailed",
            "At least one of the pre-conditions you specified did not hold",
        )
    }

    pub(super) fn invalid_argument(message: impl Into<String>) -> Refusal {
        Refusal::new(400, "InvalidArgument", message)
    }

    pub(super) fn outside_of(actual_size: u64) -> Refusal {
        let refusal = Refusal::new(416, "InvalidRange", "The requested range is not satisfiable");
        Refusal { actual_size: Some(actual_size), ..refusal }
    }

    /// `what` ends in the operation that has it: `Metadata of PutObject`.
    pub(super) fn not_implemented(what: &str) -> Refusal {
        let message = format!(
            "{what} is not implemented by the folder that stands in for S3 ([s3] root): set [endpoints] s3 to where S3 runs"
        );
        Refusal::new(501, "NotImplemented", message)
    }

    pub(super) fn internal(message: &str) -> Refusal {
        Refusal::new(500, "InternalError", message)
    }

    /// What the file system says. The key's own names are all that is told of the machine.
    pub(super) fn of_disk(action: &str, error: &io::Error) -> Refusal {
        match error.kind() {
            io::ErrorKind::PermissionDenied => Refusal::access_denied(),
            _ => Refusal::internal(&format!("{action} failed: {error}")),
        }
    }

    pub(super) fn answer(&self) -> Answer {
        // What has not changed is not told again; nor has such an answer a body.
        if self.status == 304 {
            return Answer::new(304);
        }
        let size = self.actual_size.map(|size| format!("<ActualObjectSize>{size}</ActualObjectSize>"));
        let (code, message) = (self.code, escaped(&self.message));
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{}</Error>",
            size.unwrap_or_default()
        );
        Answer::new(self.status).with_header("Content-Type", "application/xml").with_body(body.into())
    }
}

/// An element with a text in it.
pub(super) fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escaped(text))
}

/// As XML has it. A carriage return is no end of a line here, and stays what it is.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter if letter < ' ' => out.push_str(&format!("&#{};", u32::from(letter))),
            letter => out.push(letter),
        }
    }
    out
}
