//! EXPRESS children: they run beside the loop, many in one task; nothing of them is recorded but their end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use asl::{Failure, Timestamp};
use execution::ChildOf;
use execution::execution::{Close, Start};
use execution::map_run::{ChildEnd, ChildInput, EndedChild, MapRunStart};
use execution::{MachineType, Redrivable, Status};
use json::Text;
use store::ExecutionKey;

use super::running::RunningChild;
use super::work::{MapRunNews, Works};
use crate::express::Begun;

/// So many begin in one task, one after the other: their ends are told together, and both cores get some.
const TOGETHER: usize = 64;

/// Some children of one Map Run.
pub(crate) struct ExpressChildren {
    pub(super) start: Arc<MapRunStart>,
    /// The test case of the execution that began the Map Run.
    pub(super) test_case: Option<Text>,
    pub(super) children: Vec<BeginningChild>,
}

/// One of them that is to begin.
pub(crate) struct BeginningChild {
    pub(super) number: u32,
    /// How often it began again, this time included.
    pub(super) redrives: u32,
    pub(super) input: ChildInput,
}

impl Works {
    /// Lets them begin.
    pub(super) fn run_express(self: &Arc<Self>, key: ExecutionKey, children: ExpressChildren) {
        let ExpressChildren { start, test_case, children } = children;
        let mut children = children.into_iter();
        loop {
            let some: Vec<BeginningChild> = children.by_ref().take(TOGETHER).collect();
            if some.is_empty() {
                return;
            }
            let (works, start, test_case) = (self.clone(), start.clone(), test_case.clone());
            let stopping = self.express.stopping();
            self.runtime.spawn(async move {
                let mut ended = Vec::with_capacity(some.len());
                for one in some {
                    let child = Child::new(&start, &one, test_case.clone(), works.express.now());
                    // A defect that one of them meets is reported there; the others go on.
                    let begun = catch_unwind(AssertUnwindSafe(|| works.begin_child(key, &start, &child)));
                    match begun {
                        Ok(Some(close)) => ended.push(child.ended(close)),
                        Ok(None) => {}
                        Err(_) => ended.push(child.defect(works.express.now())),
                    }
                }
                if !ended.is_empty() {
                    works.tell(key, MapRunNews::Ended(ended));
                }
                // Whoever waits for the last receiver finds nothing of ours left.
                drop((works, start));
                drop(stopping);
            });
        }
    }

    /// The first turn, which for many is the only one; the others go on in tasks of their own.
    fn begin_child(
        self: &Arc<Self>,
        key: ExecutionKey,
        run: &Arc<MapRunStart>,
        child: &Child,
    ) -> Option<Close> {
        let Some(prepared) = self.express.prepare(run) else {
            let text = "The state machine of the Map Run is not there any more.";
            return Some(failed(self.express.now(), Failure::runtime(text)));
        };
        match self.express.begin(&prepared, child.start.clone()) {
            Begun::Closed(close) => Some(close),
            Begun::Waits(driver) => {
                let (works, child) = (self.clone(), child.clone());
                self.running.waits(run, child.running());
                let mut stopping = self.express.stopping();
                self.runtime.spawn(async move {
                    let mut ends = EndsWithDefect { works: &works, key, child: Some(&child) };
                    tokio::select! {
                        close = driver.run() => {
                            ends.child = None;
                            works.tell(key, MapRunNews::Ended(vec![child.ended(close)]));
                        }
                        // It runs again after the next start.
                        _ = stopping.wait_for(|stopping| *stopping) => ends.child = None,
                    }
                    drop(ends);
                    drop((works, child));
                    drop(stopping);
                });
                None
            }
        }
    }
}

/// One of them.
#[derive(Clone)]
struct Child {
    start: Arc<Start>,
    number: u32,
    items: u32,
    redrives: u32,
}

impl Child {
    fn new(
        run: &MapRunStart,
        &BeginningChild { number, redrives, ref input }: &BeginningChild,
        test_case: Option<Text>,
        started_at: Timestamp,
    ) -> Child {
        let start = Start {
            arn: run.child_arn(number),
            name: run.child_name(number),
            state_machine_arn: run.child_machine_arn.clone(),
            state_machine_name: run.child_machine_name.clone(),
            machine_type: MachineType::Express,
            revision: run.revision,
            version_arn: None,
            alias_arn: None,
            test_case,
            role_arn: run.role_arn.clone(),
            region: run.region.clone(),
            input: input.input.clone(),
            trace_header: None,
            parent: None,
            child_of: Some(ChildOf {
                map_run_arn: run.arn.clone(),
                child: number,
                items: input.items,
                processor: run.processor,
            }),
            started_at,
        };
        Child { start: Arc::new(start), number, items: input.items, redrives }
    }

    fn running(&self) -> RunningChild {
        let (start, redrives) = (self.start.clone(), u64::from(self.redrives));
        RunningChild { child: self.number, start, items: self.items, redrives }
    }

    fn ended(&self, close: Close) -> EndedChild {
        let end = ChildEnd {
            input: self.start.input.clone(),
            output: close.output,
            failure: close.failure,
            items: self.items,
            started_at: self.start.started_at,
            stopped_at: close.at,
        };
        // A redrive begins it anew.
        EndedChild {
            child: self.number,
            status: close.status,
            is_redrivable: true,
            express: Some(Box::new(end)),
        }
    }

    /// It would meet the same defect again, however often it began.
    fn defect(&self, at: Timestamp) -> EndedChild {
        let failure = Failure::runtime("The execution ended with a defect of Stepwell.");
        self.ended(failed(at, failure))
    }
}

fn failed(at: Timestamp, failure: Failure) -> Close {
    let redrivable = Redrivable::NotKept;
    Close { status: Status::Failed, at, output: None, failure: Some(failure), redrivable }
}

/// The Map Run hears of a child that ends with a defect of ours.
struct EndsWithDefect<'w> {
    works: &'w Works,
    key: ExecutionKey,
    /// `None` once it has ended otherwise.
    child: Option<&'w Child>,
}

impl Drop for EndsWithDefect<'_> {
    fn drop(&mut self) {
        if let Some(child) = self.child
            && std::thread::panicking()
        {
            let ended = child.defect(self.works.express.now());
            self.works.tell(self.key, MapRunNews::Ended(vec![ended]));
        }
    }
}
