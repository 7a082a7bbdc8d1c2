//! DeauthorizeConnection: its secrets are forgotten, and nobody can use it until UpdateConnection gives new ones.

use super::{Call, read_name, write_changed};
use crate::error::ApiError;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let name = read_name(&call.body)?;
    let now = call.now.0;
    let changed = super::change(call, move |connections| Ok(connections.deauthorize(&name, now)?)).await?;
    Ok(write_changed(&changed, changed.state.name(), true))
}
