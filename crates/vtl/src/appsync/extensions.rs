//! `$extensions`: what a template asks of the cache and of subscriptions.

use super::{AppSync, plain};
use crate::equal::Class;
use crate::error::Result;
use crate::heap::Heap;
use crate::value::Value;

impl AppSync<'_> {
    pub(super) fn extensions(
        &mut self,
        method: &str,
        arguments: &[Value],
        heap: &mut Heap,
    ) -> Result<Option<Value>> {
        let classes: Vec<_> = arguments.iter().map(|argument| heap.class(argument)).collect();
        let fits = match method {
            "evictFromApiCache" => {
                matches!(
                    classes.as_slice(),
                    [Class::Text, Class::Text] | [Class::Text, Class::Text, Class::Map]
                )
            }
            // The text of `$util.transform.toSubscriptionFilter` will do.
            "setSubscriptionFilter" | "setSubscriptionInvalidationFilter" => {
                matches!(classes.as_slice(), [Class::Map | Class::Text | Class::Null])
            }
            "invalidateSubscriptions" => matches!(classes.as_slice(), [Class::Map]),
            _ => false,
        };
        if !fits {
            return Ok(None);
        }
        let arguments = arguments.iter().map(|one| plain(heap, one)).collect::<Result<Vec<_>>>()?;
        self.note(method, &arguments)
    }
}
