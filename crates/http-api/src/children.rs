//! The children of a Map Run, as ListExecutions shows them.
//!
//! STANDARD ones are executions like others. Of EXPRESS ones the records of their Map Run tell once they have ended, and
//! the engine while they run. Never here: wire JSON.

use asl::Timestamp;
use engine::{Engine, RunningChild};
use execution::{Redrivable, Status};
use json::Text;
use store::{ExecutionFilter, ExecutionRow, ExpressChild, MapRunView, Redriven, Store};

/// Looks at the store for one page. Where hardly any child fits the filter, a page ends early and the next one goes
/// on from there, so that no request walks through all of a large Map Run.
const LOOKS_MAX: usize = 100;

/// In the place behind an EXPRESS child that runs, beside its number. The store's places have less than 2³¹ records.
const RUNNING: u64 = 1 << 63;

/// Which children to list.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ChildFilter {
    /// Of this Map Run.
    pub map_run_arn: Text,
    /// Only with this status.
    pub status: Option<ChildStatus>,
    /// Only those that were redriven, or only the others.
    pub redriven: Option<bool>,
    /// Go on after this place.
    pub after: Option<u64>,
    /// At most so many.
    pub limit: usize,
}

/// A child's status as the API has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChildStatus {
    /// That of any execution.
    Is(Status),
    /// It ended badly and waits until the redrive of its Map Run begins it again.
    PendingRedrive,
}

/// A row of the list.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Child {
    pub arn: Text,
    pub name: Text,
    pub status: ChildStatus,
    pub started_at: Timestamp,
    pub stopped_at: Option<Timestamp>,
    pub items: u32,
    pub redriven: Option<Redriven>,
}

/// A page of the list: newest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChildPage {
    pub children: Vec<Child>,
    /// Where the next page starts; `None` on the last.
    pub next: Option<u64>,
}

impl ChildStatus {
    /// Of a child that has `status` and began, the last time, at `begun_at`; `redrivable` says whether a redrive lets it
    /// go on if it ended badly.
    pub fn of(
        status: Status,
        redrivable: Redrivable,
        begun_at: Timestamp,
        map_run: &MapRunView,
    ) -> ChildStatus {
        let ended_badly = matches!(status, Status::Failed | Status::TimedOut | Status::Aborted);
        let is_before = map_run.summary.redriven_at.is_some_and(|redriven| begun_at < redriven);
        let goes_on = ended_badly && is_before && redrivable == Redrivable::Yes;
        match map_run.status == Status::Running && goes_on {
            true => ChildStatus::PendingRedrive,
            false => ChildStatus::Is(status),
        }
    }

    /// The API's name.
    pub fn name(self) -> &'static str {
        match self {
            ChildStatus::Is(Status::Running) => "RUNNING",
            ChildStatus::Is(Status::Succeeded) => "SUCCEEDED",
            ChildStatus::Is(Status::Failed) => "FAILED",
            ChildStatus::Is(Status::TimedOut) => "TIMED_OUT",
            ChildStatus::Is(Status::Aborted) => "ABORTED",
            ChildStatus::PendingRedrive => "PENDING_REDRIVE",
        }
    }
}

impl ChildFilter {
    /// A page of the children of `map_run`.
    pub fn list(&self, engine: &Engine, map_run: &MapRunView) -> Result<ChildPage, store::Error> {
        let standard = |status, after, limit| {
            let machine_arn = self.map_run_arn.clone();
            engine.store().executions(&ExecutionFilter { machine_arn, status, after, limit })
        };
        let is_standard = !standard(None, None, 1)?.executions.is_empty();
        collect(self.limit, self.after, |after, limit| {
            let (mut children, next): Rows = if is_standard {
                let page = standard(self.status_in_store(), after, limit)?;
                let child = |row| Child::of_standard(engine.store(), row, map_run);
                (page.executions.iter().map(child).collect::<Result<_, _>>()?, page.next)
            } else {
                self.express(engine, map_run, after, limit)?
            };
            children.retain(|child| self.fits(child));
            Ok((children, next))
        })
    }

    /// EXPRESS children: first those that run, then those that have ended.
    fn express(
        &self,
        engine: &Engine,
        map_run: &MapRunView,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Rows, store::Error> {
        let (mut children, after) = match after {
            Some(place) if place & RUNNING == 0 => (Vec::new(), Some(place)),
            place => (self.running(engine, place, limit), None),
        };
        if let Some(last) = children.last().filter(|_| children.len() >= limit) {
            let next = RUNNING | u64::from(last.child);
            return Ok((children.iter().map(Child::of_running).collect(), Some(next)));
        }
        if self.status == Some(ChildStatus::Is(Status::Running)) {
            return Ok((children.iter().map(Child::of_running).collect(), None));
        }
        let (status, limit) = (self.status_in_store(), limit - children.len());
        let ended = engine.store().express_children(&self.map_run_arn, status, after, limit)?;
        let (ended, next) = ended.map_or((Vec::new(), None), |page| (page.children, page.next));
        // What has ended since is not told of twice.
        children.retain(|child| !ended.iter().any(|ended| ended.child == child.child));
        let ended = ended.iter().map(|child| Child::of_express(child, map_run));
        Ok((children.iter().map(Child::of_running).chain(ended).collect(), next))
    }

    fn running(&self, engine: &Engine, place: Option<u64>, limit: usize) -> Vec<RunningChild> {
        match self.status {
            Some(ChildStatus::Is(Status::Running)) | None => {
                let before = place.map_or(u32::MAX, |place| place as u32);
                engine.running_children(&self.map_run_arn, before, limit)
            }
            Some(_) => Vec::new(),
        }
    }

    fn status_in_store(&self) -> Option<Status> {
        match self.status {
            Some(ChildStatus::Is(status)) => Some(status),
            Some(ChildStatus::PendingRedrive) | None => None,
        }
    }

    fn fits(&self, child: &Child) -> bool {
        self.status.is_none_or(|status| status == child.status)
            && self.redriven.is_none_or(|redriven| redriven == child.redriven.is_some())
    }
}

/// Some children, and the place behind them if others follow.
type Rows = (Vec<Child>, Option<u64>);

/// Looks until the page is full or nothing follows. `look` is told where, and for how many children at most.
fn collect(
    limit: usize,
    mut after: Option<u64>,
    mut look: impl FnMut(Option<u64>, usize) -> Result<Rows, store::Error>,
) -> Result<ChildPage, store::Error> {
    let mut page = ChildPage::default();
    for _ in 0..LOOKS_MAX {
        let (children, next) = look(after, limit - page.children.len())?;
        page.children.extend(children);
        (page.next, after) = (next, next);
        if next.is_none() || page.children.len() >= limit {
            break;
        }
    }
    Ok(page)
}

impl Child {
    fn of_standard(store: &Store, row: &ExecutionRow, map_run: &MapRunView) -> Result<Child, store::Error> {
        let begun_at = row.redriven.map_or(row.started_at, |redriven| redriven.at);
        let mut status = ChildStatus::of(row.status, Redrivable::Yes, begun_at, map_run);
        if status == ChildStatus::PendingRedrive {
            // Only its end's own record says whether it can go on.
            let view = store.execution(&row.arn())?;
            let redrivable = view.map_or(Redrivable::default(), |view| view.redrivable);
            status = ChildStatus::of(row.status, redrivable, begun_at, map_run);
        }
        Ok(Child {
            arn: row.arn(),
            name: row.name.clone(),
            status,
            started_at: row.started_at,
            stopped_at: row.stopped_at,
            items: row.items.unwrap_or(0),
            redriven: row.redriven,
        })
    }

    fn of_running(child: &RunningChild) -> Child {
        Child {
            arn: child.start.arn.clone(),
            name: child.start.name.clone(),
            status: ChildStatus::Is(Status::Running),
            started_at: child.start.started_at,
            stopped_at: None,
            items: child.items,
            redriven: redriven(child.redrives, child.start.started_at),
        }
    }

    fn of_express(child: &ExpressChild, map_run: &MapRunView) -> Child {
        Child {
            arn: child.arn.clone(),
            name: child.name.clone(),
            status: ChildStatus::of(child.status, Redrivable::Yes, child.started_at, map_run),
            started_at: child.started_at,
            stopped_at: Some(child.stopped_at),
            items: child.items,
            redriven: redriven(child.redrives, child.started_at),
        }
    }
}

/// An EXPRESS child that is redriven begins anew.
pub(crate) fn redriven(redrives: u64, started_at: Timestamp) -> Option<Redriven> {
    (redrives > 0).then_some(Redriven { count: redrives, at: started_at })
}

#[cfg(test)]
pub(crate) mod tests {
    use execution::map_run::MapRunSummary;

    use super::*;
    use crate::actions::describe_map_run::tests::view;

    /// A Map Run that was redriven at 5 s.
    pub fn redriven(status: Status) -> MapRunView {
        let summary = MapRunSummary { redrives: 1, redriven_at: Some(Timestamp(5000)), ..Default::default() };
        MapRunView { summary, ..view(status) }
    }

    #[test]
    fn a_child_waits_for_the_redrive_that_came_after_its_last_begin() {
        let check = |status, begun_at, map_run: &MapRunView, expected: &str| {
            let of = |redrivable| ChildStatus::of(status, redrivable, Timestamp(begun_at), map_run).name();
            assert_eq!(of(Redrivable::Yes), expected);
            assert_ne!(of(Redrivable::HistoryFull), "PENDING_REDRIVE");
        };
        let running = redriven(Status::Running);
        check(Status::Failed, 4999, &running, "PENDING_REDRIVE");
        check(Status::Aborted, 0, &running, "PENDING_REDRIVE");
        check(Status::TimedOut, 0, &running, "PENDING_REDRIVE");
        check(Status::Failed, 5000, &running, "FAILED");
        check(Status::Succeeded, 0, &running, "SUCCEEDED");
        check(Status::Running, 5001, &running, "RUNNING");
        check(Status::Failed, 0, &redriven(Status::Failed), "FAILED");
        check(Status::Failed, 0, &view(Status::Running), "FAILED");
    }

    fn child(number: u64) -> Child {
        Child {
            arn: format!("arn:{number}").into(),
            name: number.to_string().into(),
            status: ChildStatus::Is(Status::Failed),
            started_at: Timestamp(0),
            stopped_at: None,
            items: 1,
            redriven: None,
        }
    }

    /// Numbers from 0 of which those fit that `every` divides; a place is the number that comes next.
    fn numbers(limit: usize, after: Option<u64>, every: u64, end: u64) -> (Vec<u64>, Option<u64>) {
        let page = collect(limit, after, |after, limit| {
            let from = after.unwrap_or(0);
            let to = end.min(from + limit as u64);
            let fitting = (from..to).filter(|number| number.is_multiple_of(every)).map(child).collect();
            Ok((fitting, Some(to).filter(|&to| to < end)))
        })
        .expect("nothing is read");
        (page.children.iter().map(|child| child.name.parse().unwrap()).collect(), page.next)
    }

    #[test]
    fn a_page_is_filled_from_several_looks_and_leaves_nothing_out() {
        assert_eq!(numbers(3, None, 1, 10), (vec![0, 1, 2], Some(3)));
        assert_eq!(numbers(3, Some(9), 1, 10), (vec![9], None));
        assert_eq!(numbers(3, None, 4, 10), (vec![0, 4, 8], Some(9)));
        assert_eq!(numbers(3, Some(9), 4, 10), (vec![], None));
    }

    #[test]
    fn a_page_ends_early_where_hardly_any_child_fits() {
        let (first, next) = numbers(2, None, 1_000_000, 2_000_000);
        assert_eq!(first, [0]);
        assert!(next.is_some_and(|next| next as usize <= 2 * LOOKS_MAX), "{next:?}");
    }
}
