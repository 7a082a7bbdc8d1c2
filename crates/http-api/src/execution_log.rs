//! Lines of execution logs, in the form that CloudWatch Logs has them.
//!
//! Never here: which events are logged, and where lines go.

use engine::logs::LogEntry;

use crate::answer::ObjectWriter;
use crate::history;

/// Appends a line of JSON for each event of an entry.
pub fn write_log_lines(entry: &LogEntry, out: &mut String) {
    for event in entry.events() {
        let mut line = ObjectWriter::new(out);
        let of = history::LogOf { execution_arn: &entry.start.arn, redrive_count: entry.redrive_count };
        history::write_log_line(&mut line, event, of, entry.target.with_data);
        line.end();
        out.push('\n');
    }
}
