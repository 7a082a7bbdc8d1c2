//! The log of one execution, as TestInvokeMethod shows it. (spec/vtl.md §6.4)

use super::context::log_time;

/// Lines with their times; nothing is written down unless somebody will read it.
#[derive(Debug, Default)]
pub(crate) struct Log {
    text: Option<String>,
    now: i64,
}

impl Log {
    /// One that is read.
    pub(crate) fn new(request_id: &str, now: i64) -> Log {
        Log { text: Some(format!("Execution log for request {request_id}\n")), now }
    }

    /// Adds a line, which is made only if it is read.
    pub(crate) fn line(&mut self, line: impl FnOnce() -> String) {
        if let Some(text) = &mut self.text {
            text.push_str(&format!("{} : {}\n", log_time(self.now), line()));
        }
    }

    /// Time has passed, in milliseconds.
    pub(crate) fn advance(&mut self, milliseconds: i64) {
        self.now += milliseconds;
    }

    /// All lines.
    pub(crate) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

/// Names and values as Java prints a map: `{a=b, c=d}`.
pub(crate) fn map<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{{{}}}", pairs.join(", "))
}

/// The same of a list.
pub(crate) fn pairs(list: &[(String, String)]) -> String {
    map(list.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// A body, cut where the log would become too long.
pub(crate) fn body(bytes: &[u8]) -> String {
    // AWS cuts each part of a log at 1,024 bytes; tests show more here, as the log is all that there is.
    const BYTES_MAX: usize = 64 << 10;
    let text = String::from_utf8_lossy(bytes);
    match text.char_indices().nth(BYTES_MAX) {
        Some((end, _)) => format!("{} [TRUNCATED]", &text[..end]),
        None => text.into_owned(),
    }
}
