//! TestState: one state, tested without a state machine.

use super::Call;
use crate::error::ApiError;
use crate::test_state::{check, read, write};

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    let level = request.level;
    let input = request.input.clone();
    let test = check(request)?;
    let failures = test.iteration_failures as usize;
    let tested = call.engine.test_state(test).await?;
    if tested.inspected.iterations.is_some_and(|iterations| failures > iterations) {
        let message =
            "Map iteration failure count must be less than or equal to the number of Map iterations";
        return Err(ApiError::validation(message));
    }
    Ok(write(&tested, &input, level))
}
