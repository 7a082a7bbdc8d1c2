//! The items of a Distributed Map that are in S3, or what stands in for it: an ItemReader at work.
//!
//! Whatever the source's size, what is kept is a piece of one object (8 MiB at most), the beginnings of the next ones
//! and the items of one answer.
//! Never here: what is done with an item, and how a file's bytes become items (`items`).

mod ahead;
mod file;
mod files;
mod listing;
mod plan;
mod stable_object;

use asl::Failure;
use items::{Item, Wanted};
use json::Text;

use self::ahead::Ahead;
use self::file::{OpenFile, OpenObject};
use self::files::{AthenaFiles, Files, InventoryFiles, ListedFiles};
use self::listing::Listing;
pub use self::plan::SourcePlan;
use self::plan::What;
use self::stable_object::{Sequence, StableObject};
use crate::objects::{ObjectAt, Objects};

/// A source of items that is being read, from the first item to the last.
///
/// Nothing is held open between two calls of [`ItemSource::next`], however long the Map waits. After a failure, or if a
/// call is given up in the middle, the source is of no more use: open another one, and [`ItemSource::skip`].
pub struct ItemSource {
    objects: Objects,
    plan: SourcePlan,
    /// What is still wanted, of what follows the file that is open.
    wanted: Wanted,
    reading: Reading,
    expected: Option<Text>,
    seen: Option<Text>,
    source_of_last: Text,
}

enum Reading {
    Unbegun,
    /// Objects that are items.
    List(Listing),
    /// Objects that items are in.
    Files(Box<InFiles>),
}

struct InFiles {
    /// The one that is being read.
    open: Option<OpenFile>,
    /// Those that follow.
    following: Ahead,
}

impl ItemSource {
    /// `expected` is what an earlier reading of the same Map Run has [seen](ItemSource::seen): if the object that the
    /// state names is another one by now, the first [`ItemSource::next`] fails.
    pub fn new(objects: Objects, plan: SourcePlan, expected: Option<Text>) -> ItemSource {
        let wanted = Wanted::from(plan.items_max);
        ItemSource {
            objects,
            plan,
            wanted,
            reading: Reading::Unbegun,
            expected,
            seen: None,
            source_of_last: Text::default(),
        }
    }

    /// The next items, in order: never none, and about 1 MiB of them at most, of one object (of a list: one page);
    /// `None` behind the last.
    ///
    /// Fails with `States.ItemReaderFailed`: what is named is not there or may not be read, has changed since it was
    /// first read, or is not what the ReaderConfig says. A trouble with S3 has the words of AWS's SDK.
    pub async fn next(&mut self) -> Result<Option<Vec<Item>>, Failure> {
        if let Reading::Unbegun = self.reading {
            self.reading = self.begin().await?;
        }
        let InFiles { open, following } = match &mut self.reading {
            Reading::Unbegun => unreachable!("it has begun"),
            Reading::List(listing) => return listing.items(&self.objects, &mut self.wanted).await,
            Reading::Files(files) => &mut **files,
        };
        // Each round ends a file or begins one.
        loop {
            if let Some(file) = open {
                if let Some(items) = file.next().await? {
                    return Ok(Some(items));
                }
                self.wanted = file.wanted();
                *open = None;
            }
            if !self.wanted.is_any() {
                return Ok(None);
            }
            let Some(object) = following.next(&self.objects).await? else { return Ok(None) };
            let file = OpenFile::new(object, self.wanted)?;
            self.source_of_last = file.source();
            *open = Some(file);
        }
    }

    /// Passes over so many of the next items, which an earlier reading has given; the next [`ItemSource::next`] does
    /// the work. They count towards MaxItems.
    pub fn skip(&mut self, items: u64) {
        let open = match &mut self.reading {
            Reading::Files(files) => files.open.as_mut(),
            Reading::Unbegun | Reading::List(_) => None,
        };
        match open {
            Some(file) => file.skip(items),
            None => self.wanted.skip(items),
        }
    }

    /// What tells the object that the state names from another one of the same name: its ETag and size. Known after the
    /// first [`ItemSource::next`]; never of a list.
    pub fn seen(&self) -> Option<&Text> {
        self.seen.as_ref()
    }

    /// Where the last items are from, as `Map.Item.Source` of the Context Object has it: `S3://bucket/key`, or
    /// `S3://bucket` for objects of a list.
    pub fn source_of_last(&self) -> &Text {
        &self.source_of_last
    }

    async fn begin(&mut self) -> Result<Reading, Failure> {
        let mut open = None;
        let following = match self.plan.what.clone() {
            What::List(plan) => {
                let listing = Listing::new(plan);
                self.source_of_last = listing.source();
                return Ok(Reading::List(listing));
            }
            What::LoadedList(plan, form) => Files::Listed(ListedFiles::new(Listing::new(plan), form)),
            What::Object(at, form) => {
                let object = OpenObject::open(self.objects.clone(), at, form).await?;
                let file = OpenFile::new(object, self.wanted)?;
                self.recognise(file.object())?;
                self.source_of_last = file.source();
                open = Some(file);
                Files::None
            }
            What::Inventory(at) => Files::Inventory(InventoryFiles::open(self.manifest(at).await?).await?),
            What::Athena(at, form) => Files::Athena(AthenaFiles::new(self.manifest(at).await?, form)),
        };
        Ok(Reading::Files(Box::new(InFiles { open, following: Ahead::new(following) })))
    }

    async fn manifest(&mut self, at: ObjectAt) -> Result<Sequence, Failure> {
        let manifest = Sequence::open(&self.objects, at).await?;
        self.recognise(manifest.object())?;
        Ok(manifest)
    }

    /// The object that the state names must be the one that was expected.
    fn recognise(&mut self, object: &StableObject) -> Result<(), Failure> {
        let identity = object.identity();
        if self.expected.as_ref().is_some_and(|expected| *expected != identity) {
            return Err(object.changed());
        }
        self.seen = Some(identity);
        Ok(())
    }
}

fn unreadable(cause: impl Into<String>) -> Failure {
    Failure::new(aws_names::error::ITEM_READER_FAILED, cause)
}

fn told(failure: items::Failure) -> Failure {
    Failure::new(failure.error, failure.cause)
}
