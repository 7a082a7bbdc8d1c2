//! Which names of `ErrorEquals` take a fault. (spec/asl.md §11.3)

use aws_names::error;
use json::Text;

use crate::failure::Fault;

impl Fault {
    /// Whether one of the names takes it.
    pub fn matches(&self, error_equals: &[Text]) -> bool {
        let name = self.failure.name();
        // Not even its own name takes this one: the execution ends.
        if name == error::RUNTIME {
            return false;
        }
        error_equals.iter().any(|wanted| match wanted.as_str() {
            error::ALL => true,
            error::TASK_FAILED => ![error::TIMEOUT, error::HEARTBEAT_TIMEOUT].contains(&name),
            error::HEARTBEAT_TIMEOUT => self.heartbeat_missed || name == error::HEARTBEAT_TIMEOUT,
            wanted => wanted == name,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use asl::Failure;

    #[test]
    fn wildcards_take_what_aws_says() {
        let fault = |name: &str| Fault::of(Failure::named(name));
        let heartbeat = || Fault { heartbeat_missed: true, ..fault("States.Timeout") };
        let cases = [
            // fault, States.ALL, States.TaskFailed, States.Timeout, States.HeartbeatTimeout, its own name
            (fault("Custom"), [true, true, false, false, true]),
            (fault("States.Timeout"), [true, false, true, false, true]),
            (heartbeat(), [true, false, true, true, true]),
            (fault("States.TaskFailed"), [true, true, false, false, true]),
            (fault("States.Runtime"), [false, false, false, false, false]),
            (fault("States.DataLimitExceeded"), [true, true, false, false, true]),
            (fault("States.Permissions"), [true, true, false, false, true]),
            (Fault::of(Failure { error: None, cause: None }), [true, true, false, false, false]),
        ];
        for (fault, expected) in cases {
            let own = if fault.failure.error.is_some() { fault.failure.name() } else { "no name" };
            let names = ["States.ALL", "States.TaskFailed", "States.Timeout", "States.HeartbeatTimeout", own];
            let actual = names.map(|name| fault.matches(&[name.into()]));
            assert_eq!(actual, expected, "{:?}", fault.failure);
        }
    }
}
