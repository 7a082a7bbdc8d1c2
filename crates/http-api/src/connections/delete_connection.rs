//! DeleteConnection: it is gone at once, where AWS says that it is being deleted.

use super::{Call, read_name, write_changed};
use crate::error::ApiError;

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let name = read_name(&call.body)?;
    let gone = super::change(call, move |connections| Ok(connections.delete(&name)?)).await?;
    Ok(write_changed(&gone, "DELETING", true))
}
