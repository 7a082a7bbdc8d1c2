//! A folder of this machine as S3: its subfolders are buckets, the files below them are objects.
//!
//! It answers the calls of S3 that read, list, write and delete objects, as S3 does; what a file cannot keep is
//! refused by name, or has no effect if nothing depends on it ([`request`]). Symbolic links are no objects and are
//! not followed, so nothing outside of the folder can be reached. Never here: a network, signatures, roles.

mod answer;
mod bucket;
mod list;
mod names;
mod read;
mod request;
mod uploads;
mod write;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use hyper::body::Bytes;

use self::answer::{Answer, Refusal};
use self::names::Names;
use self::request::Request;
use crate::built_in::{Answering, BuiltIn, BuiltInAnswer, BuiltInCall};

/// Buckets in a folder. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Folder(Arc<Root>);

/// The folder itself.
#[derive(Debug)]
struct Root {
    path: PathBuf,
    /// The account that has all buckets.
    account: String,
    /// For lists.
    names: Names,
    /// Set once what crashes have left behind was cleared away.
    cleared: OnceLock<()>,
}

impl Folder {
    /// It need not be there yet: a bucket is made by making a folder.
    pub(crate) fn new(path: PathBuf, account: &str) -> Folder {
        let (account, names, cleared) = (account.to_owned(), Names::default(), OnceLock::new());
        Folder(Arc::new(Root { path, account, names, cleared }))
    }
}

impl BuiltIn for Folder {
    fn answer<'a>(&'a self, call: BuiltInCall<'a>) -> Answering<'a, BuiltInAnswer> {
        let root = self.0.clone();
        // Such an answer has no body, not even an error's.
        let is_head = call.operation.name().starts_with("Head");
        let request = Request::new(call.operation.name(), call.input.clone(), call.body);
        Box::pin(async move {
            let answer = tokio::task::spawn_blocking(move || root.answer(&request)).await;
            // Nothing in there panics; and if it did, the caller is told so.
            let answer = answer.unwrap_or_else(|error| Err(Refusal::internal(&error.to_string())));
            let answer = answer.unwrap_or_else(|refusal| refusal.answer());
            let answer = if is_head { answer.with_body(Bytes::new()) } else { answer };
            answer.finished()
        })
    }

    /// No job is of this service.
    fn ended<'a>(&'a self, _: &'a str) -> Answering<'a, ()> {
        Box::pin(async {})
    }
}

impl Root {
    fn answer(&self, request: &Request) -> Result<Answer, Refusal> {
        request.check(&self.account)?;
        match request.operation() {
            "GetObject" => self.get_object(request),
            "HeadObject" => self.head_object(request),
            "ListObjectsV2" => self.list_objects(request),
            "PutObject" => self.put_object(request),
            "CopyObject" => self.copy_object(request),
            "DeleteObject" => self.delete_object(request),
            "HeadBucket" => self.bucket(request).map(|_| Answer::new(200)),
            "CreateMultipartUpload" => self.create_upload(request),
            "UploadPart" => self.upload_part(request),
            "CompleteMultipartUpload" => self.complete_upload(request),
            "AbortMultipartUpload" => self.abort_upload(request),
            operation => Err(Refusal::not_implemented(&format!("{operation} of S3"))),
        }
    }
}
