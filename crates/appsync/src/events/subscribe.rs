//! Subscribing: the namespace's handler may refuse.

use super::api::EventApi;
use super::caller::Caller;
use super::channel::Channel;
use super::handlers::Handling;
use super::refusal::Refusal;
use crate::appsync::Shared;

/// Finds out whether somebody who was let in may listen to this.
///
/// # Errors
/// They may not.
pub(super) async fn check(
    shared: &Shared,
    api: &EventApi,
    channel: &Channel,
    caller: &Caller,
) -> Result<(), Refusal> {
    let namespace = api.namespace(channel.namespace())?;
    Handling { api, namespace, channel, caller, outside: &*shared.outside, memory: &shared.memory }
        .subscribe()
        .await
}
