//! What happened last, to be read when a promise is broken.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt::{self, Write};

use asl::Timestamp;
use execution::{Event, EventKind};
use json::Text;

/// How many scenes are kept: enough to see where it began, few enough to be read.
const SCENES_MAX: usize = 60;

/// How many lines of the history are shown from its end.
const EVENTS_MAX: usize = 400;

/// The last scenes of a run. To add one costs next to nothing: it is printed only when it is needed.
#[derive(Debug, Default)]
pub struct Film {
    scenes: VecDeque<Scene>,
}

/// Something that happened.
#[derive(Debug)]
struct Scene {
    at: Timestamp,
    process: u32,
    round: u64,
    /// Whether it was done to the world on purpose.
    is_fault: bool,
    what: &'static str,
    /// To whom: an ARN, a token, or nobody.
    whom: Text,
    detail: Detail,
}

/// More about a scene.
#[derive(Debug)]
pub enum Detail {
    Nothing,
    Number(u64),
    Text(Text),
}

/// When something happened.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub at: Timestamp,
    pub process: u32,
    pub round: u64,
}

/// The execution that the broken promise is about.
#[derive(Debug)]
pub struct Concerned {
    pub arn: Text,
    pub definition: String,
    pub input: String,
    pub history: Vec<Event>,
}

/// A promise that was broken: why, and what there is to see. Shown, it is the whole film.
pub struct BrokenPromise {
    /// The sentence of the check that failed.
    pub promise: String,
    film: String,
}

impl Film {
    /// Something happened.
    pub fn note(&mut self, moment: Moment, what: &'static str, whom: &Text, detail: Detail) {
        self.add(moment, false, what, whom.clone(), detail);
    }

    /// Something was done to the world.
    pub fn fault(&mut self, moment: Moment, what: &'static str, detail: Detail) {
        self.add(moment, true, what, Text::default(), detail);
    }

    /// Whether the oldest scenes are being forgotten.
    #[cfg(test)]
    pub fn is_full(&self) -> bool {
        self.scenes.len() >= SCENES_MAX
    }

    fn add(&mut self, moment: Moment, is_fault: bool, what: &'static str, whom: Text, detail: Detail) {
        if self.scenes.len() >= SCENES_MAX {
            self.scenes.pop_front();
        }
        let Moment { at, process, round } = moment;
        self.scenes.push_back(Scene { at, process, round, is_fault, what, whom, detail });
    }

    /// The film as text.
    pub fn develop(
        &self,
        seed: u64,
        repeat: &str,
        panic: &(dyn Any + Send),
        concerned: Option<&Concerned>,
    ) -> BrokenPromise {
        let promise = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .unwrap_or_else(|| "a panic without words".to_owned());
        let mut film = String::new();
        // A text takes everything.
        let _ = self.write(&mut film, seed, repeat, &promise, concerned);
        BrokenPromise { promise, film }
    }

    fn write(
        &self,
        out: &mut String,
        seed: u64,
        repeat: &str,
        promise: &str,
        concerned: Option<&Concerned>,
    ) -> fmt::Result {
        writeln!(
            out,
            "\nSeed {seed} broke a promise.\n\nThe last {} things that happened:\n",
            self.scenes.len()
        )?;
        for scene in &self.scenes {
            writeln!(out, "{scene}")?;
        }
        if let Some(Concerned { arn, definition, input, history }) = concerned {
            writeln!(out, "\nExecution  {arn}\nDefinition {definition}\nInput      {input}\nHistory")?;
            let skipped = history.len().saturating_sub(EVENTS_MAX);
            if skipped > 0 {
                writeln!(out, "    … {skipped} events before")?;
            }
            for event in &history[skipped..] {
                let Event { id, previous, timestamp, kind } = event;
                write!(out, "{id:>6} ← {previous:<6} {} ", timestamp.to_iso())?;
                write_event(out, kind)?;
            }
        }
        writeln!(out, "\nThe promise: {promise}\nAgain:       {repeat}")
    }
}

/// An event as it reads best.
fn write_event(out: &mut String, kind: &EventKind) -> fmt::Result {
    let EventKind::EvaluationFailed { failure, location, state } = kind else {
        return writeln!(out, "{kind:?}");
    };
    let place = location.as_deref().unwrap_or("no field of its own");
    writeln!(
        out,
        "EvaluationFailed of '{state}' in {place}: {}",
        failure.cause.as_deref().unwrap_or_default()
    )
}

impl fmt::Display for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Scene { at, process, round, is_fault, what, whom, detail } = self;
        let mark = if *is_fault { '!' } else { ' ' };
        write!(f, "{mark} {:<24} process {process:<3} round {round:<6} {what}", at.to_iso())?;
        if !whom.is_empty() {
            write!(f, " {}", whom.strip_prefix("arn:aws:states:us-east-1:123456789012:").unwrap_or(whom))?;
        }
        match detail {
            Detail::Nothing => Ok(()),
            Detail::Number(number) => write!(f, ", {number}"),
            Detail::Text(text) => write!(f, ", {text}"),
        }
    }
}

impl fmt::Display for BrokenPromise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.film)
    }
}

impl fmt::Debug for BrokenPromise {
    /// As it is read, for `unwrap`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.film)
    }
}

impl std::error::Error for BrokenPromise {}
