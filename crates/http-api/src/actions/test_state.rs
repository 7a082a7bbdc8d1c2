//! TestState: one state, tested without a state machine.

use super::Call;
use crate::error::ApiError;
use crate::test_state::{Trace, check, read, write};

pub(super) async fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    let (level, reveals_secrets) = (request.level, request.reveals_secrets);
    let input = request.input.clone();
    let test = check(request)?;
    let failures = test.iteration_failures as usize;
    let (tested, trace) = call.engine.trace_state(test).await?;
    if tested.inspected.iterations.is_some_and(|iterations| failures > iterations) {
        let message =
            "Map iteration failure count must be less than or equal to the number of Map iterations";
        return Err(ApiError::validation(message));
    }
    let trace = trace.as_ref().map(|trace| Trace { trace, reveals_secrets });
    Ok(write(&tested, &input, level, trace))
}
