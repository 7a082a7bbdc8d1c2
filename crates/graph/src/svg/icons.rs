//! Icons, drawn by hand in squares of 16 pixels; marks of statuses around 0, 0.
//!
//! Never here: colours.

use crate::definition::StateType;
use crate::status::Status;

/// A path of lines, to be stroked.
pub(super) fn of(state_type: StateType) -> &'static str {
    match state_type {
        // A gear's teeth around its axle.
        StateType::Task => {
            "M8 5.2a2.8 2.8 0 1 0 0 5.6a2.8 2.8 0 1 0 0-5.6zM8 1.2v2M8 12.8v2M1.2 8h2M12.8 8h2M3.2 3.2l1.4 1.4M11.4 11.4l1.4 1.4M3.2 12.8l1.4-1.4M11.4 4.6l1.4-1.4"
        }
        StateType::Pass => "M1.5 8h12M9.5 4l4 4l-4 4",
        StateType::Choice => "M8 1.5l6.5 6.5l-6.5 6.5l-6.5-6.5zM8 5v3.6M8 10.8v.2",
        StateType::Wait => "M8 1.8a6.2 6.2 0 1 0 0 12.4a6.2 6.2 0 1 0 0-12.4zM8 4.6v3.6l2.4 1.6",
        StateType::Parallel => "M8 1v3.5M3 4.5h10M3 4.5v7M8 4.5v7M13 4.5v7M3 11.5h10M8 11.5v3.5",
        StateType::Map => "M5 1.8h9.2v9.2M1.8 5h9.2v9.2h-9.2zM4.2 8.2h4.4M4.2 11h4.4",
        StateType::Succeed => "M8 1.8a6.2 6.2 0 1 0 0 12.4a6.2 6.2 0 1 0 0-12.4zM5 8.2l2.2 2.2l4-4.6",
        StateType::Fail => {
            "M8 1.8a6.2 6.2 0 1 0 0 12.4a6.2 6.2 0 1 0 0-12.4zM5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"
        }
        StateType::Unknown => "M5.4 5.6a2.6 2.6 0 1 1 3.8 2.3c-.9.5-1.2 1-1.2 2M8 12.6v.3",
    }
}

/// An arrow that comes back, in a square of 12 pixels.
pub(super) const RETRIES: &str = "M10.4 6.8a4.4 4.4 0 1 1-1.2-4M9.6.6v2.6h-2.6";

/// What stands in a status's circle.
pub(super) fn of_status(status: Status) -> &'static str {
    match status {
        Status::Succeeded => "M-4 .2l2.8 2.8l5-5.8",
        Status::Failed => "M-3.2-3.2l6.4 6.4M3.2-3.2l-6.4 6.4",
        // The error went another way.
        Status::Caught => "M-3.6 3.4v-3.4a2.4 2.4 0 0 1 2.4-2.4h4.6M1.2-4.8l2.4 2.4l-2.4 2.4",
        Status::Aborted => "M-3.8 0h7.6",
        Status::Running => "M-2.2-4l5.6 4l-5.6 4z",
    }
}
