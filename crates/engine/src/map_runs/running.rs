//! The EXPRESS children that run and wait for something. No record tells of them; who asks is told from here.
//!
//! One is here from its first wait until its end is durable, so that between the two it is always to be found. Those
//! that never wait come and go within a moment and are not.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use execution::execution::Start;
use execution::map_run::MapRunStart;
use json::Text;

/// All of them, by Map Run. There are as many as may run at once. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct RunningChildren(Arc<Mutex<HashMap<Text, OfMapRun>>>);

struct OfMapRun {
    start: Arc<MapRunStart>,
    running: BTreeMap<u32, RunningChild>,
}

/// An EXPRESS child of a Map Run that runs.
#[derive(Clone, Debug)]
pub struct RunningChild {
    /// Its number.
    pub child: u32,
    /// What it was started with, and when; the last time, if it was redriven.
    pub start: Arc<Start>,
    /// How many items it has.
    pub items: u32,
    /// How often it began again.
    pub redrives: u64,
}

impl RunningChildren {
    /// One has to wait.
    pub(super) fn waits(&self, run: &Arc<MapRunStart>, child: RunningChild) {
        let mut all = self.all();
        let new = || OfMapRun { start: run.clone(), running: BTreeMap::new() };
        all.entry(run.arn.clone()).or_insert_with(new).running.insert(child.child, child);
    }

    /// The ends of these are durable.
    pub(super) fn ended(&self, map_run_arn: &str, children: &[u32]) {
        let mut all = self.all();
        let Some(of_map_run) = all.get_mut(map_run_arn) else { return };
        children.iter().for_each(|child| drop(of_map_run.running.remove(child)));
        if of_map_run.running.is_empty() {
            all.remove(map_run_arn);
        }
    }

    /// Those of a Map Run with lower numbers than `before`, the last one first, at most `limit`.
    pub(crate) fn list(&self, map_run_arn: &str, before: u32, limit: usize) -> Vec<RunningChild> {
        let all = self.all();
        let Some(of_map_run) = all.get(map_run_arn) else { return Vec::new() };
        of_map_run.running.range(..before).rev().take(limit).map(|(_, child)| child.clone()).collect()
    }

    /// The one with this name.
    pub(crate) fn find(&self, map_run_arn: &str, name: &str) -> Option<RunningChild> {
        let all = self.all();
        let of_map_run = all.get(map_run_arn)?;
        of_map_run.running.get(&of_map_run.start.child_of_name(name, u32::MAX)?).cloned()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Text, OfMapRun>> {
        self.0.lock().expect("no holder of this lock panics")
    }
}
