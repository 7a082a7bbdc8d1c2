//! Which objects the items are in, one after the other.
//!
//! Never here: the items of an object.

use std::collections::VecDeque;
use std::vec;

use asl::Failure;
use hyper::body::Bytes;
use items::{AthenaManifest, Format, InventoryFile, InventoryManifest, Location, MANIFEST_BYTES_MAX};
use json::Text;

use super::listing::Listing;
use super::plan::Form;
use super::stable_object::Sequence;
use super::{told, unreadable};
use crate::objects::{ListedObject, ObjectAt, Objects};

/// The objects that have not been opened yet.
pub(super) enum Files {
    None,
    Listed(ListedFiles),
    Inventory(InventoryFiles),
    Athena(AthenaFiles),
}

/// The objects of a list.
pub(super) struct ListedFiles {
    listing: Listing,
    page: vec::IntoIter<ListedObject>,
    form: Form,
}

/// The data files of an S3 inventory.
pub(super) struct InventoryFiles {
    manifest_at: ObjectAt,
    destination: Text,
    files: vec::IntoIter<InventoryFile>,
    form: Form,
}

/// The objects that Athena's UNLOAD has written.
pub(super) struct AthenaFiles {
    sequence: Sequence,
    manifest: AthenaManifest,
    locations: VecDeque<Location>,
    is_over: bool,
    form: Form,
}

impl Files {
    /// Where the next one is, and how its items stand in it.
    pub(super) async fn next(&mut self, objects: &Objects) -> Result<Option<(ObjectAt, Form)>, Failure> {
        match self {
            Files::None => Ok(None),
            Files::Listed(files) => files.next(objects).await,
            Files::Inventory(files) => Ok(files.next()),
            Files::Athena(files) => files.next().await,
        }
    }
}

impl ListedFiles {
    pub(super) fn new(listing: Listing, form: Form) -> ListedFiles {
        ListedFiles { listing, page: Vec::new().into_iter(), form }
    }

    async fn next(&mut self, objects: &Objects) -> Result<Option<(ObjectAt, Form)>, Failure> {
        // Each round takes an object of the page, or another page.
        loop {
            let Some(object) = self.page.next() else {
                let Some(page) = self.listing.page(objects).await? else { return Ok(None) };
                self.page = page.into_iter();
                continue;
            };
            // What makes a folder in S3's console is no file.
            if object.size > 0 || !object.key.ends_with('/') {
                return Ok(Some((self.listing.object(object.key), self.form.clone())));
            }
        }
    }
}

impl InventoryFiles {
    /// Reads the manifest as a whole.
    pub(super) async fn open(mut manifest: Sequence) -> Result<InventoryFiles, Failure> {
        if manifest.object().size() > MANIFEST_BYTES_MAX as u64 {
            return Err(unreadable(format!(
                "The manifest of the S3 inventory has more than {MANIFEST_BYTES_MAX} bytes."
            )));
        }
        let mut bytes = Vec::new();
        while let Some(piece) = manifest.next().await? {
            bytes.extend_from_slice(&piece);
        }
        let parsed = InventoryManifest::parse(&bytes).map_err(told)?;
        let form = Form::Text(Format::Csv(parsed.csv()));
        Ok(InventoryFiles {
            manifest_at: manifest.object().at().clone(),
            destination: parsed.destination_bucket.into(),
            files: parsed.files.into_iter(),
            form,
        })
    }

    fn next(&mut self) -> Option<(ObjectAt, Form)> {
        let file = self.files.next()?;
        let at = beside(&self.manifest_at, self.destination.clone(), file.key);
        Some((at, self.form.clone()))
    }
}

impl AthenaFiles {
    pub(super) fn new(sequence: Sequence, form: Form) -> AthenaFiles {
        AthenaFiles {
            sequence,
            manifest: AthenaManifest::new(),
            locations: VecDeque::new(),
            is_over: false,
            form,
        }
    }

    async fn next(&mut self) -> Result<Option<(ObjectAt, Form)>, Failure> {
        // Each round reads on in the manifest, or ends it.
        while self.locations.is_empty() && !self.is_over {
            let piece = self.sequence.next().await?;
            self.is_over = piece.is_none();
            self.read(piece).map_err(told)?;
        }
        let Some(Location { bucket, key }) = self.locations.pop_front() else { return Ok(None) };
        let at = beside(self.sequence.object().at(), bucket.into(), key);
        Ok(Some((at, self.form.clone())))
    }

    fn read(&mut self, piece: Option<Bytes>) -> Result<(), items::Failure> {
        let mut locations = Vec::new();
        match piece {
            Some(piece) => self.manifest.read(&piece, &mut locations)?,
            None => self.manifest.finish(&mut locations)?,
        }
        self.locations.extend(locations);
        Ok(())
    }
}

/// An object that a manifest names. The owner that the manifest's bucket must have is known of that bucket only.
fn beside(manifest: &ObjectAt, bucket: Text, key: String) -> ObjectAt {
    let expected_bucket_owner = manifest.expected_bucket_owner.clone().filter(|_| bucket == manifest.bucket);
    ObjectAt { bucket, key: key.into(), version_id: None, expected_bucket_owner }
}
