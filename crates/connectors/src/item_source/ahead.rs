//! Objects that are opened before their turn: many small ones would each cost the time that a call takes.
//!
//! Never here: which object comes next.

use std::collections::VecDeque;

use asl::Failure;
use tokio::task::JoinHandle;

use super::file::OpenObject;
use super::files::Files;
use super::plan::Form;
use super::unreadable;
use crate::objects::{ObjectAt, Objects};

/// A call of S3 takes some 30 ms, so that 8 at once open some 250 objects a second. Of each, 256 KiB are in memory.
const OPENED_AHEAD_MAX: usize = 8;

/// The objects that follow the one that is being read, the next of them opened already.
pub(super) struct Ahead {
    files: Files,
    opening: VecDeque<Opening>,
    /// There are no objects behind those that are being opened, or it cannot be told which.
    end: Option<Result<(), Failure>>,
}

/// A call under way; dropping it gives the call up.
struct Opening(JoinHandle<Result<OpenObject, Failure>>);

impl Ahead {
    pub(super) fn new(files: Files) -> Ahead {
        Ahead { files, opening: VecDeque::new(), end: None }
    }

    /// The next object. What is wrong with one comes when its turn has come.
    pub(super) async fn next(&mut self, objects: &Objects) -> Result<Option<OpenObject>, Failure> {
        while self.end.is_none() && self.opening.len() < OPENED_AHEAD_MAX {
            match self.files.next(objects).await {
                Ok(Some((at, form))) => self.opening.push_back(Opening::begin(objects.clone(), at, form)),
                Ok(None) => self.end = Some(Ok(())),
                Err(failure) => self.end = Some(Err(failure)),
            }
        }
        match self.opening.pop_front() {
            Some(opening) => opening.opened().await.map(Some),
            None => self.end.clone().unwrap_or(Ok(())).map(|()| None),
        }
    }
}

impl Opening {
    fn begin(objects: Objects, at: ObjectAt, form: Form) -> Opening {
        Opening(tokio::spawn(OpenObject::open(objects, at, form)))
    }

    async fn opened(mut self) -> Result<OpenObject, Failure> {
        match (&mut self.0).await {
            Ok(opened) => opened,
            // It is given up when the process ends, and not before.
            Err(error) => Err(unreadable(error.to_string())),
        }
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.0.abort();
    }
}
