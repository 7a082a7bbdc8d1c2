//! How far a Map Run has come, in words and as a bar.
//!
//! Never here: where the counts come from.

use asl::Timestamp;
use execution::Status;
use execution::map_run::Counts;
use json::{Object, Text};

/// Characters of a bar.
const BAR: u64 = 16;
/// Parts of a character that a bar can show: none to seven eighths.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// The Map Run that a visit of a distributed Map has begun.
#[derive(Clone, Debug)]
pub struct MapRun {
    arn: Text,
    items: Counts,
    started_at: Timestamp,
    /// When it was last looked at.
    seen_at: Timestamp,
    ended: Option<Status>,
}

impl MapRun {
    /// One that has begun, of which nothing else is known.
    pub fn new(arn: Text, started_at: Timestamp) -> MapRun {
        MapRun { arn, items: Counts::default(), started_at, seen_at: started_at, ended: None }
    }

    /// Its ARN.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// Whether it has ended, so that nothing of it changes any more.
    pub fn has_ended(&self) -> bool {
        self.ended.is_some()
    }

    /// Takes how far it is at this moment.
    pub fn take(&mut self, status: Status, items: Counts, now: Timestamp) {
        (self.items, self.seen_at) = (items, now);
        self.ended = Some(status).filter(|&status| status != Status::Running);
    }

    /// How many tenths of its items are done.
    pub fn tenths(&self) -> u64 {
        (self.done() * 10).checked_div(self.items.total()).unwrap_or(0)
    }

    /// A bar with the counts beside it.
    pub fn bar(&self) -> String {
        let eighths = (self.done() * BAR * 8).checked_div(self.items.total()).unwrap_or(0);
        let (whole, part) = (eighths / 8, eighths % 8);
        let mut bar = "█".repeat(whole as usize) + EIGHTHS[part as usize];
        let rest = BAR - whole - u64::from(part > 0);
        bar += &"·".repeat(rest as usize);
        format!("{bar} {}", self.progress())
    }

    /// The counts: `512 of 1,000 items, 3 failed, 40 running, 310/s`.
    pub fn progress(&self) -> String {
        let mut text = format!("{} of {} items", grouped(self.done()), grouped(self.items.total()));
        if self.failed() > 0 {
            text += &format!(", {} failed", grouped(self.failed()));
        }
        text += &format!(", {} running", grouped(self.items.running));
        let millis = u64::try_from(self.seen_at.0 - self.started_at.0).unwrap_or(0);
        if let Some(rate) = (self.done() * 1000).checked_div(millis) {
            text += &format!(", {}/s", grouped(rate));
        }
        text
    }

    /// How it ended: `1,000 items, 3 failed`.
    pub fn result(&self) -> String {
        let mut text = format!("{} items", grouped(self.items.total()));
        let counts =
            [(self.failed(), "failed"), (self.items.aborted, "aborted"), (self.items.pending, "not begun")];
        for (count, what) in counts {
            if count > 0 {
                text += &format!(", {} {what}", grouped(count));
            }
        }
        text
    }

    /// As `--output json` shows it.
    pub fn put_into(&self, object: &mut Object) {
        object.insert("mapRunArn", self.arn.as_str());
        object.insert("items", self.items.total());
        object.insert("itemsSucceeded", self.items.succeeded);
        object.insert("itemsFailed", self.failed());
    }

    fn done(&self) -> u64 {
        self.items.succeeded + self.failed() + self.items.aborted
    }

    fn failed(&self) -> u64 {
        self.items.failed + self.items.timed_out
    }
}

/// `1,234,567`
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map_run(items: Counts) -> MapRun {
        MapRun { items, ..MapRun::new("arn:m/L:u".into(), Timestamp(0)) }
    }

    #[test]
    fn a_bar_fills_by_eighths_of_a_character() {
        let bar = |succeeded, pending| {
            let bar = map_run(Counts { succeeded, pending, ..Counts::default() }).bar();
            bar.split_once(' ').expect("counts follow").0.to_owned()
        };
        assert_eq!(bar(0, 0), "················");
        assert_eq!(bar(0, 9), "················");
        assert_eq!(bar(1, 127), "▏···············");
        assert_eq!(bar(1, 1), "████████········");
        assert_eq!(bar(9, 7), "█████████·······");
        assert_eq!(bar(127, 1), "███████████████▉");
        assert_eq!(bar(7, 0), "████████████████");
    }

    #[test]
    fn counts_in_words() {
        let some = map_run(Counts {
            pending: 1_000_000,
            running: 40,
            succeeded: 1200,
            failed: 2,
            timed_out: 1,
            ..Counts::default()
        });
        let words = "1,203 of 1,001,243 items, 3 failed, 40 running, 601/s";
        assert_eq!(MapRun { seen_at: Timestamp(2000), ..some.clone() }.progress(), words);
        assert_eq!(map_run(Counts::default()).progress(), "0 of 0 items, 0 running");
        assert_eq!(some.result(), "1,001,243 items, 3 failed, 1,000,000 not begun");
        assert_eq!(some.tenths(), 0);
        let done = map_run(Counts { succeeded: 9, aborted: 1, ..Counts::default() });
        assert_eq!((done.result(), done.tenths()), ("10 items, 1 aborted".to_owned(), 10));
    }
}
