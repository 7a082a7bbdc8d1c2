//! The tree on standard error: redrawn while it grows on a terminal, plain lines elsewhere.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use asl::Timestamp;

use crate::printing;

use super::{End, Tree, Visit, type_name};

/// Lines that are redrawn at most; more than a small terminal shows would scroll away.
pub(super) const REDRAWN_MAX: usize = 16;
/// Lines that are redrawn are cut here: a terminal that wraps one would have more lines than are taken away.
const WIDTH: usize = 78;

/// Elsewhere than on a terminal, Map Runs say how far they have come at most once in so many milliseconds, and once
/// for each tenth of their items: ten lines at most, and none of a quick one.
const SAY_AGAIN_MILLIS: i64 = 1000;

/// Prints each visit once it has ended, in the order of entering; on a terminal, also those that run.
pub struct Display {
    terminal: bool,
    settled: usize,
    /// By the visit of a Map Run: what was last said of it.
    said: BTreeMap<usize, Said>,
}

/// How many tenths were done, and when.
struct Said {
    tenths: u64,
    at: Timestamp,
}

/// The lines at the end of standard error that the next update replaces. Standard error is one, so this
/// is, too: whoever else writes there goes through [`Above`].
static REDRAWN: Mutex<usize> = Mutex::new(0);

/// A writer for lines that stay above those that are redrawn. Needs whole lines.
#[derive(Debug)]
pub struct Above;

impl Write for Above {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let mut redrawn = redrawn();
        let mut stderr = io::stderr().lock();
        stderr.write_all(erase(&mut redrawn).as_bytes())?;
        stderr.write_all(lines)?;
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn redrawn() -> MutexGuard<'static, usize> {
    REDRAWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What takes the redrawn lines away.
fn erase(redrawn: &mut usize) -> String {
    match std::mem::take(redrawn) {
        0 => String::new(),
        lines => format!("\x1b[{lines}A\x1b[J"),
    }
}

impl Display {
    /// `terminal`: standard error is one.
    pub fn new(terminal: bool) -> Display {
        Display { terminal, settled: 0, said: BTreeMap::new() }
    }

    /// Prints a line of its own.
    pub fn say(&self, line: &str) {
        printing::err(line);
    }

    /// Shows what is new.
    pub fn update(&mut self, tree: &Tree, now: Timestamp) {
        let mut redrawn = redrawn();
        let mut text = erase(&mut redrawn);
        text += &self.settle(tree);
        if self.terminal {
            let running = running_lines(&tree.visits()[self.settled..], now);
            *redrawn = running.lines().count();
            text += &running;
        } else {
            text += &self.news_of_map_runs(tree, now);
        }
        print(&text);
    }

    /// What is to be said of Map Runs where nothing can be redrawn.
    pub(super) fn news_of_map_runs(&mut self, tree: &Tree, now: Timestamp) -> String {
        let mut text = String::new();
        for (place, visit) in tree.visits().iter().enumerate().skip(self.settled) {
            let Some(map_run) = visit.map_run.as_ref().filter(|_| visit.end == End::Running) else {
                continue;
            };
            let said = self.said.entry(place).or_insert(Said { tenths: 0, at: visit.entered_at });
            if map_run.tenths() > said.tenths && now.0 - said.at.0 >= SAY_AGAIN_MILLIS {
                *said = Said { tenths: map_run.tenths(), at: now };
                text += &format!("  … {}{}: {}\n", indent(visit), visit.name, map_run.progress());
            }
        }
        text
    }

    /// Shows the rest of a tree whose execution has ended.
    pub fn finish(&mut self, tree: &Tree) {
        let text = erase(&mut redrawn()) + &self.settle(tree);
        print(&text);
    }

    fn settle(&mut self, tree: &Tree) -> String {
        let mut text = String::new();
        for visit in &tree.visits()[self.settled..] {
            if visit.end == End::Running {
                break;
            }
            text += &line(visit, visit.left_at.unwrap_or(visit.entered_at), self.terminal, usize::MAX);
            self.settled += 1;
        }
        text
    }
}

/// Visits that run, those that began first, each Map Run with its bar below.
pub(super) fn running_lines(running: &[Visit], now: Timestamp) -> String {
    let (mut text, mut lines) = (String::new(), 0);
    for (place, visit) in running.iter().enumerate() {
        let map_run = visit.map_run.as_ref().filter(|_| visit.end == End::Running);
        lines += 1 + usize::from(map_run.is_some());
        if lines > REDRAWN_MAX {
            text += &format!("  … and {} more\n", running.len() - place);
            break;
        }
        text += &line(visit, now, true, WIDTH);
        if let Some(map_run) = map_run {
            let bar: String = format!("{}{}", indent(visit), map_run.bar()).chars().take(WIDTH).collect();
            text += &format!("    {bar}\n");
        }
    }
    text
}

fn indent(visit: &Visit) -> String {
    "  ".repeat(visit.depth.min(8))
}

/// How long it has lasted. The clock of a server may go ahead of ours.
fn milliseconds(visit: &Visit, now: Timestamp) -> i64 {
    (now.0 - visit.entered_at.0).max(0)
}

/// One visit as a line of so many characters: mark, name, type, time, remarks.
fn line(visit: &Visit, now: Timestamp, colour: bool, width: usize) -> String {
    let (mark, code) = match visit.end {
        End::Running => ("…", "36"),
        End::Exited => ("✓", "32"),
        End::Caught => ("↷", "33"),
        End::Failed => ("✗", "31"),
        End::GivenUp => ("–", "2"),
    };
    let indent = indent(visit);
    let iteration = visit.iteration.map(|index| format!("[{index}] ")).unwrap_or_default();
    let mut text = format!("{indent}{iteration}{}", visit.name);
    text = format!("{text:<40} {:<8} {:>7} ms", type_name(visit.state_type), milliseconds(visit, now));
    if visit.attempts > 1 {
        text += &format!("  {} attempts", visit.attempts);
    }
    if let Some(map_run) = visit.map_run.as_ref().filter(|_| visit.end != End::Running) {
        text += &format!("  {}", map_run.result());
    }
    match (&visit.error, visit.end) {
        (Some(error), End::Caught) => text += &format!("  caught {error}"),
        (Some(error), _) => text += &format!("  {error}"),
        (None, End::Caught) => text += "  caught",
        (None, _) => {}
    }
    let text: String = text.chars().take(width).collect();
    match colour {
        true => format!("  \x1b[{code}m{mark}\x1b[0m {text}\n"),
        false => format!("  {mark} {text}\n"),
    }
}

fn print(text: &str) {
    if !text.is_empty() {
        // A closed standard error is no reason to stop an execution.
        let _ = std::io::stderr().lock().write_all(text.as_bytes());
    }
}

#[cfg(test)]
pub(super) fn plain(tree: &Tree) -> String {
    let line = |visit: &Visit| line(visit, visit.left_at.unwrap_or(visit.entered_at), false, usize::MAX);
    tree.visits().iter().map(|visit| line(visit).split_off(2)).collect()
}
