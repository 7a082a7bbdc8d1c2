//! What the simulated world answers to calls and says about tasks; each answer has a number of its own.

use asl::Failure;
use execution::TaskOutcome;
use json::Document;

use crate::random::Random;

/// A good answer. Generated machines read its members.
pub fn output(number: u64) -> Document {
    let text = if number.is_multiple_of(2) { "done" } else { "{done}" };
    let list = json::value!([number % 7, { "of": "it" }, null]);
    Document::from_value(json::value!({ "ok": true, "answer": number, "text": text, "list": list }))
}

/// A bad one.
pub fn failure(error: &str, number: u64) -> Failure {
    Failure::new(error, format!("answer {number}"))
}

/// What a call comes to: one in four fails.
pub fn outcome(random: &mut Random, number: u64) -> TaskOutcome {
    if !random.once_in(4) {
        return TaskOutcome::Succeeded(output(number));
    }
    let error = *random.pick(&["Flaky", "Broken", "Lambda.ServiceException", "Lambda.Unknown"]);
    TaskOutcome::Failed(failure(error, number))
}
