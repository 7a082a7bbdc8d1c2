//! The thread that runs the loop: messages in, batches out.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::deliver::Loop;
use crate::message::Message;

/// How long the loop sleeps when nothing is due: a step of the system clock is noticed by then.
const NAP: Duration = Duration::from_millis(500);

/// Runs until a [`Message::Shutdown`] or until every sender is gone.
pub(crate) fn run(mut state: Loop, messages: Receiver<Message>, clock: Clock) {
    let _ends_process = EndsProcess;
    let mut ended = false;
    // What was brought back may have something to do at once.
    let mut more = true;
    while !ended {
        let first = match more {
            true => messages.try_recv().ok(),
            false => match messages.recv_timeout(patience(&state, &clock)) {
                Ok(message) => Some(message),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            },
        };
        let now = clock.now();
        let batch = first.into_iter().chain(messages.try_iter());
        more =
            state.round(batch.inspect(|message| ended |= matches!(message, Message::Shutdown { .. })), now);
    }
}

/// Ends the process when the loop panics: a promise of ours is broken, and nobody could be answered
/// any more. What was acknowledged is on disk; a restart goes on from there.
struct EndsProcess;

/// EX_SOFTWARE of sysexits.h.
const EXIT_DEFECT: i32 = 70;

impl Drop for EndsProcess {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("stepwell: a defect in the engine ended the process; please report the lines above");
            std::process::exit(EXIT_DEFECT);
        }
    }
}

/// How long the loop may sleep.
fn patience(state: &Loop, clock: &Clock) -> Duration {
    let Some(due) = state.timers.next_due() else { return NAP };
    clock.instant_of(due).saturating_duration_since(Instant::now()).min(NAP)
}
