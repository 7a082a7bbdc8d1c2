//! API keys that somebody else has chosen: a project's file names them, so that its clients need not be told of new ones.
//!
//! CreateApiKey, as AWS has it, chooses keys itself.

use services::records::{self, Draft};
use services::{Fault, Members, Moment};

use super::{AppSync, SPACE, Shared};
use crate::record;

/// How long such a key lives after it was admitted last: the longest that a key may. (CreateApiKey)
const LIFE_SECONDS: i64 = 365 * 24 * 3600;
/// An expired key is deleted so long afterwards. (`deletes`)
const DELETED_AFTER_SECONDS: i64 = 60 * 24 * 3600;

impl AppSync {
    /// Lets a key of an API in. It lives for a year from then, so a server admits its project's keys at each start.
    ///
    /// # Errors
    /// `NotFoundException`: there is no such API here. The ledger may refuse, too.
    pub async fn admit_key(&self, id: &str, key: &str) -> Result<(), Fault> {
        let shared = self.shared.clone();
        let (id, key) = (id.to_owned(), key.to_owned());
        services::to_its_end(async move { shared.admit_key(&id, &key).await }).await
    }
}

impl Shared {
    async fn admit_key(&self, id: &str, key: &str) -> Result<(), Fault> {
        let _one_at_a_time = self.changing.lock().await;
        let now = Moment::drawn().seconds();
        let place = record::key(id, key);
        let changes = {
            let records = self.records();
            if records.get(&record::api(id)).is_none() && records.get(&record::event_api(id)).is_none() {
                return Err(
                    Fault::new("NotFoundException", format!("there is no API {id} here")).with_status(404)
                );
            }
            let known = records.get(&place).and_then(|key| key.whole("expires"));
            // Not at every look at a file: a change makes all forget what was compiled.
            if known.is_some_and(|expires| expires > now + LIFE_SECONDS / 2) {
                return Ok(());
            }
            let expires = now - now.rem_euclid(3600) + LIFE_SECONDS;
            let mut draft = Draft::new(&records);
            let admitted = json::value!({
                "id": (key), "description": "named by a project", "expires": (expires),
                "deletes": (expires + DELETED_AFTER_SECONDS),
            });
            draft.put(place, admitted);
            draft.changes()
        };
        records::commit(&self.ledger, SPACE, &changes).await?;
        self.take_over(&changes);
        Ok(())
    }
}
