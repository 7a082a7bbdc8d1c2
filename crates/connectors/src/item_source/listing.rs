//! A list of objects, page by page, and the items that its objects are.
//!
//! Never here: what is in the objects.

use asl::Failure;
use items::{Item, Wanted};
use json::{Text, Value};

use super::plan::ListPlan;
use super::unreadable;
use crate::objects::{ListedObject, ObjectAt, Objects};

/// S3 answers with a page without objects where a page has common prefixes only. So many of them in a row stand for
/// a million prefixes.
const EMPTY_PAGES_MAX: usize = 1_000;

/// A list that is being read.
pub(super) struct Listing {
    plan: ListPlan,
    /// What the next page is asked for with; `None` before the first page and behind the last.
    next: Option<String>,
    is_begun: bool,
}

impl Listing {
    pub(super) fn new(plan: ListPlan) -> Listing {
        Listing { plan, next: None, is_begun: false }
    }

    /// The next objects, never none; `None` behind the last.
    pub(super) async fn page(&mut self, objects: &Objects) -> Result<Option<Vec<ListedObject>>, Failure> {
        for _ in 0..EMPTY_PAGES_MAX {
            if self.is_begun && self.next.is_none() {
                return Ok(None);
            }
            let page = objects.list(&self.plan.parameters, self.next.as_deref()).await;
            let page = page.map_err(|trouble| unreadable(trouble.to_string()))?;
            self.is_begun = true;
            self.next = page.next;
            if !page.objects.is_empty() {
                return Ok(Some(page.objects));
            }
        }
        Err(unreadable(format!("{EMPTY_PAGES_MAX} pages of the list in a row name no object.")))
    }

    /// The next objects as items, those that are wanted; `None` behind the last.
    pub(super) async fn items(
        &mut self,
        objects: &Objects,
        wanted: &mut Wanted,
    ) -> Result<Option<Vec<Item>>, Failure> {
        // Each round takes a page.
        while wanted.is_any() {
            let Some(page) = self.page(objects).await? else { return Ok(None) };
            let mut items = Vec::new();
            for object in page {
                if wanted.is_any() && wanted.take() {
                    items.push(Item { key: None, value: described(object) });
                }
            }
            if !items.is_empty() {
                return Ok(Some(items));
            }
        }
        Ok(None)
    }

    /// As the Context Object names it. (spec/asl.md §7)
    pub(super) fn source(&self) -> Text {
        Text::from(format!("S3://{}", self.plan.bucket))
    }

    /// Where an object of the list is.
    pub(super) fn object(&self, key: String) -> ObjectAt {
        ObjectAt {
            bucket: self.plan.bucket.clone(),
            key: key.into(),
            version_id: None,
            expected_bucket_owner: self.plan.expected_bucket_owner.clone(),
        }
    }
}

/// In AWS's spelling of the members. (spec/asl.md §10.3)
fn described(object: ListedObject) -> Value {
    json::value!({
        "Etag": object.etag,
        "Key": object.key,
        "LastModified": object.last_modified.0.div_euclid(1000),
        "Size": object.size,
        "StorageClass": object.storage_class,
    })
}
