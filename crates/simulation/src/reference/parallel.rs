//! A Parallel: all branches, each a thread of its own.

use json::Value;

use super::abort::{Inside, Open};
use super::data;
use super::fault::Fault;
use super::machine::{list, object};
use super::story::Story;
use super::thread::{Ending, Scope, Visit, Work};
use super::{Difference, Event, Step, What};

impl<'a> Story<'a> {
    pub fn parallel(&mut self, visit: &mut Visit<'a>, scope: &Scope<'_>) -> Result<Work<'a>, Difference> {
        let input = match data::effective_input(&visit.raw, &visit.view(self, scope)) {
            Ok(input) => input,
            Err(trouble) => return Ok(silent(trouble.into())),
        };
        let Some(started) = self.begin(visit, |what| *what == What::ParallelStarted)? else {
            return Ok(Work::Open(visit.open()));
        };
        let mut endings = Vec::new();
        for branch in list(visit.state, "Branches") {
            endings.push(self.container(object(branch), input.clone(), scope, started.id)?);
        }
        if let Some(fatal) = fatal(&endings, visit) {
            return Ok(fatal);
        }
        if let Some(place) = self.failed(&endings) {
            let Ending::Badly { failure, last, state_type, .. } = endings[place].clone() else {
                unreachable!("it has failed")
            };
            let mut aborted = Vec::new();
            for (at, ending) in endings.iter().enumerate() {
                match still_open(ending) {
                    _ if at == place => aborted.extend(super::abort::aborted(state_type)),
                    Some(open) => open.aborted(&mut aborted),
                    None => {}
                }
            }
            self.abort(last, aborted)?;
            visit.last = last;
            return Ok(Work::Faulted(Fault::of(failure)));
        }
        let mut results = Vec::new();
        for ending in &endings {
            let Ending::Well { output, last } = ending else { break };
            results.push(output.clone());
            visit.last = visit.last.max(*last);
        }
        if results.len() < endings.len() {
            let inside = endings.iter().filter_map(still_open);
            let inside = inside.map(|open| Inside { iteration: None, open }).collect();
            return Ok(Work::Open(Open { inside, ..visit.open() }));
        }
        let results = Value::from(results);
        if let Some(failure) = visit.view(self, scope).too_large(&results) {
            return Ok(Work::Faulted(Fault::of(failure)));
        }
        match self.must(visit.last, "success of all branches", |what| *what == What::ParallelSucceeded)? {
            Some(_) => Ok(Work::Done(results)),
            None => Ok(Work::Open(visit.open())),
        }
    }

    /// The event that begins a round of a Parallel or Map state.
    pub fn begin(
        &mut self,
        visit: &mut Visit<'a>,
        is_wanted: impl Fn(&What) -> bool,
    ) -> Result<Option<&'a Event>, Difference> {
        let started = match visit.may_not_have_begun {
            false => self.must(visit.last, "start of what is inside", is_wanted)?,
            true => self.take(visit.last, is_wanted),
        };
        let Some(started) = started else { return Ok(None) };
        if started.at < visit.earliest {
            return Err(Difference(format!("event {} tries again too early", started.id)));
        }
        visit.last = started.id;
        visit.may_not_have_begun = false;
        Ok(Some(started))
    }

    /// Which of these threads failed the state around them. Tasks whose time was up in the same turn
    /// may be several, of which one was first: its end is in the history.
    pub fn failed(&self, endings: &[Ending]) -> Option<usize> {
        endings.iter().position(|ending| match ending {
            Ending::Badly { last, by_timeout, .. } => {
                let is_consequence = |what: &What| {
                    matches!(what, What::StateAborted { .. } | What::Iteration { step: Step::Failed, .. })
                };
                !by_timeout || self.find(*last, is_consequence).is_some()
            }
            Ending::Well { .. } | Ending::Fatally { .. } | Ending::Open(_) => false,
        })
    }
}

/// The failure of the whole execution, if one of the threads brought it.
pub fn fatal<'a>(endings: &[Ending], visit: &mut Visit<'_>) -> Option<Work<'a>> {
    endings.iter().find_map(|ending| match ending {
        Ending::Fatally { failure, last } => {
            visit.last = *last;
            Some(Work::Fatal(failure.clone()))
        }
        Ending::Well { .. } | Ending::Badly { .. } | Ending::Open(_) => None,
    })
}

/// A thread that others have ended, or that goes on.
pub fn still_open(ending: &Ending) -> Option<Open> {
    match ending {
        Ending::Open(open) => Some(open.clone()),
        // Its time was up when another one's failure came first.
        Ending::Badly { state_type, .. } => Some(Open::in_state(state_type)),
        Ending::Well { .. } | Ending::Fatally { .. } => None,
    }
}

/// No event tells of a failure before the round began, but of an evaluation's.
pub fn silent(work: Work<'_>) -> Work<'_> {
    match work {
        Work::Faulted(fault) => Work::Faulted(Fault { is_silent: fault.evaluation.is_none(), ..fault }),
        other => other,
    }
}
