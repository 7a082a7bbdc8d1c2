//! Why a pattern is refused, in AWS's words where they are known.

/// A pattern that EventBridge refuses with InvalidEventPatternException (400), or SNS with InvalidParameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid {
    /// Where: names joined by dots, items in brackets (`detail.state[0]`); empty for the pattern as a whole.
    pub place: String,
    /// What is wrong, without the place. Most of it is recorded from AWS.
    pub reason: String,
}

impl Invalid {
    pub(crate) fn new(place: impl Into<String>, reason: impl Into<String>) -> Invalid {
        Invalid { place: place.into(), reason: reason.into() }
    }
}

impl std::fmt::Display for Invalid {
    /// EventBridge's sentence. AWS has a line and a column behind it, where this has none.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Event pattern is not valid. Reason: {}", self.reason)
    }
}

impl std::error::Error for Invalid {}
