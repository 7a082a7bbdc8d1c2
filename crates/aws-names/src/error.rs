//! The error names that the States Language defines or that Lambda tasks fail with. They are
//! case-sensitive, and a user's own must not begin with `States.`.

/// Matches any error name but the few that end an execution; alone and last in `ErrorEquals`.
pub const ALL: &str = "States.ALL";
/// Matches any error of a task but a timeout; also the name that failed `.sync` tasks have.
pub const TASK_FAILED: &str = "States.TaskFailed";
/// A task or execution took longer than `TimeoutSeconds`, or missed a heartbeat.
pub const TIMEOUT: &str = "States.Timeout";
/// A task missed a heartbeat. The history shows [`TIMEOUT`] for it.
pub const HEARTBEAT_TIMEOUT: &str = "States.HeartbeatTimeout";
/// The role may not do what the task does.
pub const PERMISSIONS: &str = "States.Permissions";
/// A payload is longer than 256 KiB.
pub const DATA_LIMIT_EXCEEDED: &str = "States.DataLimitExceeded";
/// What cannot be processed: a path that finds nothing, a bad Wait. Never retried or caught.
pub const RUNTIME: &str = "States.Runtime";
/// A JSONata expression failed, or gave the wrong type or nothing.
pub const QUERY_EVALUATION_ERROR: &str = "States.QueryEvaluationError";
/// `ResultPath` cannot be applied to the state's input.
pub const RESULT_PATH_MATCH_FAILURE: &str = "States.ResultPathMatchFailure";
/// A path in a payload template found nothing.
pub const PARAMETER_PATH_FAILURE: &str = "States.ParameterPathFailure";
/// A call of an intrinsic function failed.
pub const INTRINSIC_FAILURE: &str = "States.IntrinsicFailure";
/// A Choice state had no rule that matched and no default.
pub const NO_CHOICE_MATCHED: &str = "States.NoChoiceMatched";
/// A branch of a Parallel state failed.
pub const BRANCH_FAILED: &str = "States.BranchFailed";
/// More items of a Map failed than are tolerated.
pub const EXCEED_TOLERATED_FAILURE_THRESHOLD: &str = "States.ExceedToleratedFailureThreshold";
/// A Map's `ItemReader` could not read its items.
pub const ITEM_READER_FAILED: &str = "States.ItemReaderFailed";
/// A Map's `ResultWriter` could not write its results.
pub const RESULT_WRITER_FAILED: &str = "States.ResultWriterFailed";
/// An HTTP task had no answer within 60 s, or no connection.
pub const HTTP_SOCKET: &str = "States.Http.Socket";
/// What [`http_status_code`] puts before the number.
pub const HTTP_STATUS_CODE_PREFIX: &str = "States.Http.StatusCode.";

/// A function failed without telling an error type.
pub const LAMBDA_UNKNOWN: &str = "Lambda.Unknown";
/// A function was throttled.
pub const LAMBDA_TOO_MANY_REQUESTS: &str = "Lambda.TooManyRequestsException";
/// A function ran longer than it may.
pub const SANDBOX_TIMEDOUT: &str = "Sandbox.Timedout";

/// The error of an HTTP task that was answered with `status`, such as
/// `States.Http.StatusCode.404`.
pub fn http_status_code(status: u16) -> String {
    format!("{HTTP_STATUS_CODE_PREFIX}{status}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_spelt_as_the_language_spells_them() {
        assert_eq!(TIMEOUT, "States.Timeout");
        assert_eq!(http_status_code(404), "States.Http.StatusCode.404");
        for name in [ALL, TASK_FAILED, HEARTBEAT_TIMEOUT, RUNTIME, HTTP_SOCKET, RESULT_WRITER_FAILED] {
            assert!(name.starts_with("States."), "{name}");
        }
    }
}
