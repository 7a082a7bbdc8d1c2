//! AWS's limits that an execution meets while it runs.

use asl::Failure;
use json::Document;

/// The length of a STANDARD execution's history; its last event says that it is full. The events of an
/// EXPRESS execution are kept nowhere, so nothing grows with them. (spec/history-events.md §3.6)
pub(crate) const HISTORY_EVENTS_MAX: u64 = 25_000;

/// An execution whose history is longer cannot be redriven: there must be room to go on. (spec/api.md §6)
pub(crate) const HISTORY_EVENTS_REDRIVABLE_MAX: u64 = 24_998;

/// Events of one turn after which it is cut: a ring of Pass states needs nobody and would spin.
/// Long enough that the commit in between costs little per event, short enough (about a
/// millisecond) that others get their turn.
pub(crate) const EVENTS_PER_TURN_MAX: usize = 1_000;

/// Bytes of new payloads after which a turn is cut: the record of a turn must fit into a frame of the log
/// (64 MiB), also with the 10 MiB that the last state may add, and others wait while it is written.
pub(crate) const BYTES_PER_TURN_MAX: usize = 4 << 20;

/// Steps of evaluation, in either language, after which a turn is cut. A step is 10 to 50 ns, so this is a
/// few milliseconds.
pub(crate) const EVALUATION_STEPS_PER_TURN_MAX: u64 = 100_000;

/// The size of a state's data in bytes of JSON text, and of one variable. (spec/asl.md §16)
pub(crate) const DATA_BYTES_MAX: usize = 262_144;

/// All variables of the scopes that a state sees, in bytes. (spec/asl.md §6)
pub(crate) const VARIABLES_BYTES_MAX: usize = 10 * 1024 * 1024;

/// How long a STANDARD execution may take in seconds: a year of 365 days. (spec/asl.md §16)
pub(crate) const EXECUTION_SECONDS_MAX: u64 = 365 * 24 * 3600;

/// How long an EXPRESS execution may take in seconds. (spec/api.md §7)
pub(crate) const EXPRESS_SECONDS_MAX: u64 = 5 * 60;

/// Iterations of an inline Map that run at once. (spec/asl.md §10.2)
pub(crate) const MAP_CONCURRENCY_MAX: u32 = 40;

/// The longest wait in seconds: a 32-bit number of them. (spec/asl.md §8.3)
pub(crate) const WAIT_SECONDS_MAX: u64 = (1 << 31) - 1;

/// The length of an error name in characters.
const ERROR_CHARACTERS_MAX: usize = 256;

/// The length of a cause in characters.
const CAUSE_CHARACTERS_MAX: usize = 32_768;

/// Refuses a document that is larger than a state's data may be, or nested deeper than it could be
/// read again; `origin` is the resource or the name of the state that it comes from.
pub fn check_data(document: &Document, origin: &str) -> Result<(), Failure> {
    if document.is_longer_than(DATA_BYTES_MAX) {
        return Err(data_limit_exceeded(origin));
    }
    // Each level takes two bytes at least.
    if document.size() > 2 * json::DEPTH_MAX && document.value().depth_exceeds(json::DEPTH_MAX) {
        let text = format!(
            "The state/task '{origin}' returned a result that is nested deeper than {} levels.",
            json::DEPTH_MAX
        );
        return Err(Failure::new(aws_names::error::DATA_LIMIT_EXCEEDED, text));
    }
    Ok(())
}

/// The failure for data that is too large. (spec/asl.md §11.1)
pub fn data_limit_exceeded(origin: &str) -> Failure {
    Failure::new(
        aws_names::error::DATA_LIMIT_EXCEEDED,
        format!(
            "The state/task '{origin}' returned a result with a size exceeding the maximum number of bytes \
             service limit."
        ),
    )
}

/// Cuts error and cause to the lengths that the API can show.
pub(crate) fn shorten(mut failure: Failure) -> Failure {
    if let Some(error) = &failure.error
        && let Some((end, _)) = error.char_indices().nth(ERROR_CHARACTERS_MAX)
    {
        failure.error = Some(error[..end].into());
    }
    if let Some(cause) = &mut failure.cause
        && let Some((end, _)) = cause.char_indices().nth(CAUSE_CHARACTERS_MAX)
    {
        cause.truncate(end);
    }
    failure
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_errors_and_causes_are_cut_between_characters() {
        let cut = shorten(Failure::new("é".repeat(300), "ü".repeat(40_000)));
        assert_eq!(cut.error.as_deref(), Some(&*"é".repeat(256)));
        assert_eq!(cut.cause, Some("ü".repeat(32_768)));
        let short = Failure::new("Error", "cause");
        assert_eq!(shorten(short.clone()), short);
    }
}
