//! Task tokens: what a worker or a callback sends back to say whose task it answers.

use json::Text;

use crate::frame::FrameId;

/// A task token, taken apart. Its text is opaque to callers and tells them nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskToken {
    /// The execution's ARN.
    pub execution_arn: Text,
    /// Whose task.
    pub frame: FrameId,
    /// Which attempt.
    pub attempt: u32,
    /// What makes it hard to guess.
    pub nonce: u128,
}

impl TaskToken {
    /// The text that goes out: URL-safe letters only, at most 1,024 for the longest ARN.
    pub fn to_text(&self) -> String {
        todo!()
    }

    /// Takes a token apart; `None` if it is not one of ours (`Invalid Token: 'Invalid token'`).
    pub fn parse(text: &str) -> Option<TaskToken> {
        todo!("{text}")
    }
}
