//! Plans by the text of their query: clients send the same few ones again and again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use graphql::{Plan, Refusal, Schema};
use json::Text;

/// Texts of so many bytes are kept; when there are more, all are forgotten, which costs each of them one planning. A plan is
/// some twenty times as large as its text.
const KEPT_BYTES_MAX: usize = 1 << 20;
/// Longer texts are planned each time.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// The plans of one API. A change of the API begins with none.
#[derive(Debug, Default)]
pub(crate) struct Plans(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    plans: BTreeMap<(Text, Text), Arc<Plan>>,
    bytes: usize,
}

impl Plans {
    /// The plan of a query, made if it is not there.
    pub fn plan(
        &self,
        schema: &Arc<Schema>,
        query: &str,
        operation_name: Option<&str>,
    ) -> Result<Arc<Plan>, Refusal> {
        let key = (Text::from(query), Text::from(operation_name.unwrap_or_default()));
        if let Some(plan) = self.kept().plans.get(&key) {
            return Ok(plan.clone());
        }
        let plan = Arc::new(Plan::new(schema, query, operation_name)?);
        if query.len() <= TEXT_BYTES_MAX {
            let mut kept = self.kept();
            if kept.bytes + query.len() > KEPT_BYTES_MAX {
                *kept = Kept::default();
            }
            kept.bytes += query.len();
            kept.plans.insert(key, plan.clone());
        }
        Ok(plan)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
