//! What a target is sent of an event: all of it, a part, a constant, or a template that is filled in.
//! (spec/event-routers.md §3, "Input transformer")

mod path;
mod scheduled;
mod template;

pub use path::Path;
pub use scheduled::Occurrence;
pub use template::Template;

use json::Value;

/// Longer texts are not delivered: the largest event that EventBridge takes, and as much as targets of it accept.
const BYTES_MAX: usize = 1 << 20;

/// A target's Input, InputPath, InputTransformer, or none of them.
#[derive(Clone, Debug)]
pub enum Input {
    /// The event as it is.
    Event,
    /// Input: this text, whatever the event.
    Constant(String),
    /// InputPath: the value at a path.
    Path(Path),
    /// InputTransformer.
    Template(Template),
}

/// What templates know besides the event.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The rule's ARN.
    pub rule_arn: &'a str,
    /// The rule's name.
    pub rule_name: &'a str,
    /// When the event came in, as `2022-09-08T16:52:00Z`.
    pub ingestion_time: &'a str,
}

/// An input that cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// A path that cannot be read.
    Path {
        /// What is wrong, in our words.
        reason: String,
    },
    /// A placeholder whose name neither InputPathsMap nor AWS has.
    Placeholder {
        /// The name, without brackets.
        name: String,
    },
}

impl Invalid {
    /// AWS's sentence (for a placeholder; ours for a path) about the target with this Id.
    pub fn message(&self, target_id: &str) -> String {
        match self {
            Invalid::Path { reason } => format!("Target {target_id} has an invalid path: {reason}."),
            Invalid::Placeholder { name } => {
                format!("InputTemplate for target {target_id} contains invalid placeholder {name}.")
            }
        }
    }
}

/// Why nothing is delivered. AWS drops such an event, or puts it into the rule's dead-letter queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undeliverable {
    /// InputPath leads to nothing.
    NothingThere,
    /// What the template became is no JSON.
    NotJson,
    /// It is longer than 1 MiB.
    TooLong,
}

impl Input {
    /// The text that the target is sent.
    pub fn text(&self, event: &Value, context: &Context<'_>) -> Result<String, Undeliverable> {
        match self {
            Input::Event => event.to_text_up_to(BYTES_MAX).ok_or(Undeliverable::TooLong),
            Input::Constant(text) => Ok(text.clone()),
            Input::Path(path) => {
                let value = path.find(event).ok_or(Undeliverable::NothingThere)?;
                value.to_text_up_to(BYTES_MAX).ok_or(Undeliverable::TooLong)
            }
            Input::Template(template) => template.fill(event, context),
        }
    }
}
