//! What is done beside the loop, and the task that begins it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use asl::Failure;
use connectors::Connectors;
use execution::map_run::{ChildInput, EndedChild, MapRun};
use json::{Document, Text};
use store::{ExecutionKey, Recall, RecalledInput, Store};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::back::MapRunRedrive;
use super::express::ExpressChildren;
use super::gathering::Gathering;
use super::reading::{Inputs, Reading};
use super::running::RunningChildren;
use crate::express::Express;
use crate::message::Message;

/// Something that a Map Run wants done, once that is durable.
pub(crate) enum MapRunWork {
    /// Read a Map Run that has ended, to be redriven.
    ReadBack(MapRunRedrive),
    /// Read items, and make inputs of them.
    Read(Box<Reading>),
    /// Run these EXPRESS children.
    Run(ExpressChildren),
    /// Nobody need look for these EXPRESS children among those that run.
    Ended { map_run_arn: Text, children: Vec<u32> },
    /// Look up more of the inputs that EXPRESS children had when they ended.
    Recall { redrives: u64, recalling: Recalling },
    /// Put the results together; in files, those items too of which no child has begun.
    Gather { gathering: Box<Gathering>, unbegun: Option<Box<Reading>> },
}

/// What the loop hears of that.
pub enum MapRunNews {
    /// A Map Run that had ended is to be redriven.
    IsBack {
        /// By this.
        redrive: MapRunRedrive,
        /// `None` if it cannot be read.
        run: Option<Box<MapRun>>,
    },
    /// Inputs of children, in order.
    Read {
        /// As it is in the [`Reading`]: whoever read for what ran before a redrive may be late.
        redrives: u64,
        /// The piece.
        inputs: Inputs,
    },
    /// Nothing more can be read, or no input be made.
    NotRead {
        /// See [`MapRunNews::Read`].
        redrives: u64,
        /// Why.
        failure: Failure,
    },
    /// EXPRESS children that begin again, with the inputs that they had; none if there are no more of them.
    Recalled {
        /// See [`MapRunNews::Read`].
        redrives: u64,
        /// What goes on with that.
        recall: Option<Box<Recall>>,
        /// With their numbers.
        inputs: Vec<(u32, ChildInput)>,
    },
    /// EXPRESS children have ended.
    Ended(Vec<EndedChild>),
    /// The results are there, as the state's result; or why they are not.
    Gathered {
        /// As it is in the [`Gathering`](super::Gathering): what was gathered before a redrive is of no use.
        redrives: u64,
        /// The result.
        result: Result<Document, Failure>,
    },
}

/// How far the inputs of EXPRESS children have been looked up.
pub(crate) enum Recalling {
    /// Those of these children are wanted.
    Wanted { map_run_arn: Text, children: BTreeSet<u32> },
    /// Some have been found.
    Begun(Box<Recall>),
}

/// Begins what is to be done beside the loop. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Worker(UnboundedSender<(ExecutionKey, MapRunWork)>);

/// What that needs. There is one.
pub(crate) struct Works {
    pub(crate) runtime: Handle,
    pub(crate) connectors: Connectors,
    pub(crate) store: Store,
    pub(crate) express: Express,
    pub(crate) running: RunningChildren,
    /// To the loop.
    pub(crate) answers: Sender<Message>,
}

impl Worker {
    /// A worker, and what it is told until [`Works::begin`] takes it up.
    ///
    /// The queue needs no bound of its own: each Map Run has one reading, one gathering and as many children in it as may
    /// run at once.
    pub(crate) fn new() -> (Worker, UnboundedReceiver<(ExecutionKey, MapRunWork)>) {
        let (sender, receiver) = unbounded_channel();
        (Worker(sender), receiver)
    }

    pub(crate) fn begin(&self, key: ExecutionKey, work: MapRunWork) {
        // A runtime that has ended begins nothing: after the next start it is asked for again.
        let _ = self.0.send((key, work));
    }
}

impl Works {
    /// Takes up what is to be done until the engine stops or the last worker has gone.
    pub(crate) fn begin(self, mut queue: UnboundedReceiver<(ExecutionKey, MapRunWork)>) {
        let works = Arc::new(self);
        // Calls that are on their way hold workers, and would keep the store open behind the engine's end.
        works.spawn(|works| async move {
            while let Some((key, work)) = queue.recv().await {
                match work {
                    MapRunWork::Read(reading) => {
                        works.spawn(|works| async move { works.read(key, *reading).await });
                    }
                    MapRunWork::Run(children) => works.run_express(key, children),
                    MapRunWork::Ended { map_run_arn, children } => {
                        works.running.ended(&map_run_arn, &children)
                    }
                    MapRunWork::ReadBack(redrive) => works.spawn_blocking(move |works| {
                        let run = redrive.read(&works.store).map(Box::new);
                        works.tell(key, MapRunNews::IsBack { redrive, run });
                    }),
                    MapRunWork::Recall { redrives, recalling } => {
                        works.spawn_blocking(move |works| works.recall(key, redrives, recalling));
                    }
                    MapRunWork::Gather { gathering, unbegun } => {
                        works.spawn(|works| async move { works.gather(key, *gathering, unbegun).await });
                    }
                }
            }
        });
    }

    /// Does it unless the engine stops, which waits until nobody holds the store any more. What was not done is asked
    /// for again after the next start.
    fn spawn<F: Future<Output = ()> + Send + 'static>(self: &Arc<Self>, work: impl FnOnce(Arc<Works>) -> F) {
        let mut stopping = self.express.stopping();
        let work = work(self.clone());
        self.runtime.spawn(async move {
            tokio::select! {
                () = work => {}
                _ = stopping.wait_for(|stopping| *stopping) => {}
            }
            drop(stopping);
        });
    }

    /// Does what only reads the log. The engine's end waits for it.
    fn spawn_blocking(self: &Arc<Self>, work: impl FnOnce(&Works) + Send + 'static) {
        let (works, stopping) = (self.clone(), self.express.stopping());
        self.runtime.spawn_blocking(move || {
            work(&works);
            drop(works);
            drop(stopping);
        });
    }

    fn recall(&self, key: ExecutionKey, redrives: u64, recalling: Recalling) {
        let recalled = recalling.next(&self.store).unwrap_or_else(|error| {
            tracing::error!(%error, "children that are to begin again cannot be read");
            None
        });
        let (recall, recalled) = recalled.unzip();
        let input = |RecalledInput { child, input, items }| (child, ChildInput { input, items });
        let inputs = recalled.unwrap_or_default().into_iter().map(input).collect();
        self.tell(key, MapRunNews::Recalled { redrives, recall, inputs });
    }

    pub(super) fn tell(&self, key: ExecutionKey, news: MapRunNews) {
        // A loop that has ended needs no news.
        let _ = self.answers.send(Message::MapRun { key, news });
    }
}

/// The next inputs, and what goes on with those that follow.
type Recalled = (Box<Recall>, Vec<RecalledInput>);

impl Recalling {
    /// Nothing if the Map Run is gone.
    fn next(self, store: &Store) -> Result<Option<Recalled>, store::Error> {
        let mut recall = match self {
            Recalling::Begun(recall) => recall,
            Recalling::Wanted { map_run_arn, children } => match store.recall(&map_run_arn, children)? {
                Some(recall) => Box::new(recall),
                None => return Ok(None),
            },
        };
        let inputs = recall.next()?;
        Ok(Some((recall, inputs)))
    }
}
