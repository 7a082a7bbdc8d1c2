//! The events by what they follow; each may be used once.

use std::collections::BTreeMap;

use json::Text;

use super::machine::Machine;
use super::{Difference, Event, Gathered, Start, Told, What};

/// A history that is being read.
pub struct Story<'a> {
    pub machine: &'a Machine,
    pub start: &'a Start<'a>,
    pub clock_went_back: bool,
    pub told: Told,
    /// What successful Map Runs gathered, by ARN.
    pub gathered: &'a BTreeMap<Text, Gathered>,
    /// Of how many Map Runs a stop has told.
    pub map_runs_stopped: usize,
    events: &'a [Event],
    /// The first event that follows the event with this id, and the next one that follows the same;
    /// 0 for none.
    first: Vec<u32>,
    next: Vec<u32>,
    is_used: Vec<bool>,
}

/// AWS's limit.
const EVENTS_MAX: u64 = 25_000;

/// AWS's limit of a year, in milliseconds.
const EXECUTION_MILLIS_MAX: i64 = 365 * 24 * 3600 * 1_000;

impl<'a> Story<'a> {
    pub fn new(
        machine: &'a Machine,
        start: &'a Start<'a>,
        events: &'a [Event],
        gathered: &'a BTreeMap<Text, Gathered>,
        clock_went_back: bool,
    ) -> Result<Story<'a>, Difference> {
        let mut first = vec![0; events.len() + 1];
        let mut next = vec![0; events.len() + 1];
        for (place, event) in events.iter().enumerate().rev() {
            if event.id != place as u64 + 1 || event.previous >= event.id {
                return Err(Difference(format!("event {} is out of place: {event:?}", place + 1)));
            }
            next[event.id as usize] = first[event.previous as usize];
            first[event.previous as usize] = event.id as u32;
        }
        let is_used = vec![false; events.len() + 1];
        let told = Told::default();
        Ok(Story {
            machine,
            start,
            clock_went_back,
            told,
            gathered,
            map_runs_stopped: 0,
            events,
            first,
            next,
            is_used,
        })
    }

    /// Takes the first unused event of this kind that follows `previous`.
    pub fn take(&mut self, previous: u64, is_wanted: impl Fn(&What) -> bool) -> Option<&'a Event> {
        let event = self.find(previous, is_wanted)?;
        self.is_used[event.id as usize] = true;
        Some(event)
    }

    /// Looks for it only.
    pub fn find(&self, previous: u64, is_wanted: impl Fn(&What) -> bool) -> Option<&'a Event> {
        let mut id = self.first[previous as usize];
        while id != 0 {
            let event = &self.events[id as usize - 1];
            if !self.is_used[id as usize] && is_wanted(&event.what) {
                return Some(event);
            }
            id = self.next[id as usize];
        }
        None
    }

    /// Takes an event that must be there, because the turn that wrote `previous` wrote it too. `None`
    /// only where the history was full by then.
    pub fn must(
        &mut self,
        previous: u64,
        wanted: &str,
        is_wanted: impl Fn(&What) -> bool,
    ) -> Result<Option<&'a Event>, Difference> {
        let event = self.take(previous, is_wanted);
        if event.is_none() && !self.is_full() {
            return Err(Difference(format!("after event {previous} there is no {wanted}")));
        }
        Ok(event)
    }

    /// When an event was written.
    pub fn at(&self, id: u64) -> i64 {
        id.checked_sub(1).map_or(self.start.started_at, |place| self.events[place as usize].at)
    }

    /// The event that ends the execution.
    pub fn end(&self) -> Option<&'a Event> {
        self.events.last().filter(|event| event.what.ends())
    }

    pub fn last_id(&self) -> u64 {
        self.events.len() as u64
    }

    pub fn mark_used(&mut self, id: u64) {
        self.is_used[id as usize] = true;
    }

    /// Whether events found no room.
    pub fn is_full(&self) -> bool {
        self.last_id() >= EVENTS_MAX
    }

    /// When the execution's own time is up.
    pub fn deadline(&self) -> Option<i64> {
        // The machine's own limit is not that of the children of its Map Runs.
        let own = self.machine.timeout().filter(|_| self.start.processor_of.is_none());
        let own = own.map_or(EXECUTION_MILLIS_MAX, |seconds| seconds * 1_000);
        Some(self.start.started_at + own.min(EXECUTION_MILLIS_MAX))
    }

    /// Nothing but the end may happen when the execution's time is up.
    pub fn check_deadline(&self, began: &Event) -> Result<(), Difference> {
        let Some(deadline) = self.deadline() else { return Ok(()) };
        let is_late = |event: &&Event| event.at >= deadline && !matches!(event.what, What::TimedOut);
        match self.events.iter().find(is_late) {
            Some(late) if late.at > began.at => {
                Err(Difference(format!("event {} comes after the execution's time was up", late.id)))
            }
            _ => Ok(()),
        }
    }

    /// Every event belongs to somebody.
    pub fn check_all_used(&self) -> Result<(), Difference> {
        match self.events.iter().find(|event| !self.is_used[event.id as usize]) {
            Some(event) => Err(Difference(format!(
                "event {}, which follows {}, is nobody's: {:?}",
                event.id, event.previous, event.what
            ))),
            None => Ok(()),
        }
    }
}
