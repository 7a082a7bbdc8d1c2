//! Activities: tasks that wait for a worker, and workers that wait for a task.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::sync::Arc;

use asl::Timestamp;
use execution::{FrameId, Wakeup};
use json::Text;
use store::{Activity, ExecutionKey, Record};

use crate::deliver::Loop;
use crate::message::{After, Reply};
use crate::refusal::Refusal;
use crate::request::{ActivityTask, CreateActivity, Created, Workers};

/// AWS's limit of workers that poll one activity.
const POLLERS_MAX: usize = 1_000;

/// A task that no worker has taken. Its input stays with the execution, which may not be in memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Offer {
    pub(crate) key: ExecutionKey,
    pub(crate) frame: FrameId,
    pub(crate) attempt: u32,
}

/// A worker that waits.
struct Poller {
    poll: u64,
    worker_name: Option<Text>,
    reply: Reply<Option<ActivityTask>>,
}

/// Both sides of every activity. Not recorded: offers follow from the frames, pollers ask again.
#[derive(Default)]
pub(crate) struct Activities {
    /// The ARNs of all activities, those included whose creation is on its way to the disk.
    pub(crate) known: HashSet<Text>,
    queues: HashMap<Text, Queue>,
    /// Where an offer stands, for taking it back.
    places: HashMap<(ExecutionKey, FrameId), (Text, u64)>,
    next_place: u64,
    /// Activities that have both offers and pollers since the last [`Loop::match_activities`].
    ready: VecDeque<Text>,
}

#[derive(Default)]
struct Queue {
    /// By place, the oldest first.
    offers: BTreeMap<u64, Offer>,
    pollers: VecDeque<Poller>,
}

impl Activities {
    /// Puts a task in its activity's queue.
    pub(crate) fn offer(&mut self, activity_arn: &Text, offer: Offer) {
        let place = self.next_place;
        self.next_place += 1;
        self.places.insert((offer.key, offer.frame), (activity_arn.clone(), place));
        let queue = self.queues.entry(activity_arn.clone()).or_default();
        if !queue.pollers.is_empty() {
            self.ready.push_back(activity_arn.clone());
        }
        queue.offers.insert(place, offer);
    }

    /// Takes a task back; whether it was there.
    pub(crate) fn take_back(&mut self, key: ExecutionKey, frame: FrameId) -> bool {
        let Some((arn, place)) = self.places.remove(&(key, frame)) else { return false };
        if let Some(queue) = self.queues.get_mut(&arn) {
            queue.offers.remove(&place);
        }
        self.forget_if_empty(&arn);
        true
    }

    /// How many tasks and workers wait; a worker that has hung up does not.
    fn waiting(&self) -> BTreeMap<Text, Workers> {
        let of_queue = |queue: &Queue| {
            let mut names = BTreeMap::new();
            for poller in queue.pollers.iter().filter(|poller| !poller.reply.is_closed()) {
                *names.entry(poller.worker_name.clone()).or_default() += 1;
            }
            Workers { tasks: queue.offers.len(), names }
        };
        self.queues.iter().map(|(arn, queue)| (arn.clone(), of_queue(queue))).collect()
    }

    fn forget_if_empty(&mut self, arn: &Text) {
        if self.queues.get(arn).is_some_and(|queue| queue.offers.is_empty() && queue.pollers.is_empty()) {
            self.queues.remove(arn);
        }
    }

    /// The oldest task and the worker that has waited longest, if there are both.
    fn take_pair(&mut self, arn: &Text) -> Option<(Offer, Poller)> {
        let queue = self.queues.get_mut(arn)?;
        // A worker that has hung up must not get a task.
        while queue.pollers.front().is_some_and(|poller| poller.reply.is_closed()) {
            queue.pollers.pop_front();
        }
        if queue.offers.is_empty() || queue.pollers.is_empty() {
            self.forget_if_empty(arn);
            return None;
        }
        let (_, offer) = queue.offers.pop_first()?;
        let poller = queue.pollers.pop_front()?;
        self.places.remove(&(offer.key, offer.frame));
        Some((offer, poller))
    }
}

impl Loop {
    pub(crate) fn create_activity(
        &mut self,
        request: CreateActivity,
        now: Timestamp,
    ) -> Result<Created, Refusal> {
        let arn: Text = self.scope.activity(&request.name).into();
        if let Some(activity) = self.writer.activity(&arn) {
            return Ok(Created { arn, created_at: activity.created_at });
        }
        self.refuse_when_full()?;
        self.activities.known.insert(arn.clone());
        self.record(Record::PutActivity(Arc::new(Activity {
            arn: arn.clone(),
            name: request.name,
            created_at: now,
            encryption: request.encryption,
            tags: request.tags,
        })));
        self.commit();
        Ok(Created { arn, created_at: now })
    }

    pub(crate) fn delete_activity(&mut self, arn: Text) -> Result<(), Refusal> {
        if self.activities.known.remove(&arn) {
            self.record(Record::RemoveActivity { arn });
            self.commit();
        }
        Ok(())
    }

    /// Activities for which a task or a worker waits, by their ARNs.
    pub(crate) fn workers(&self) -> BTreeMap<Text, Workers> {
        self.activities.waiting()
    }

    /// A worker asks for a task: it gets one or waits in line.
    pub(crate) fn poll(
        &mut self,
        arn: Text,
        worker_name: Option<Text>,
        poll: u64,
        reply: Reply<Option<ActivityTask>>,
        now: Timestamp,
    ) {
        if self.writer.activity(&arn).is_none() {
            return self.after(After::reply(reply, Err(Refusal::ActivityDoesNotExist { arn })));
        }
        let queue = self.activities.queues.entry(arn.clone()).or_default();
        queue.pollers.retain(|poller| !poller.reply.is_closed());
        if queue.pollers.len() >= POLLERS_MAX {
            return self.after(After::reply(reply, Err(Refusal::ActivityWorkerLimitExceeded { arn })));
        }
        queue.pollers.push_back(Poller { poll, worker_name, reply });
        self.match_activity(&arn, now);
    }

    /// Ends a poll without a task. If it is not in line any more, its task is on the way.
    pub(crate) fn poll_expired(&mut self, arn: &Text, poll: u64) {
        let Some(queue) = self.activities.queues.get_mut(arn) else { return };
        if let Some(at) = queue.pollers.iter().position(|poller| poller.poll == poll)
            && let Some(poller) = queue.pollers.remove(at)
        {
            self.after(After::reply(poller.reply, Ok(None)));
        }
        self.activities.forget_if_empty(arn);
    }

    /// Gives the tasks that this batch has offered to workers who are waiting.
    pub(crate) fn match_activities(&mut self, now: Timestamp) {
        while let Some(arn) = self.activities.ready.pop_front() {
            self.match_activity(&arn, now);
        }
    }

    fn match_activity(&mut self, arn: &Text, now: Timestamp) {
        while let Some((Offer { key, frame, attempt }, poller)) = self.activities.take_pair(arn) {
            let task = self.writer.load(key).and_then(|execution| execution.offered(frame, attempt));
            let task = task.filter(|_| !self.has_run_out(key, now));
            let Some((input, token)) = task else {
                // Nothing of it can be handed out, and its timer ends it; the worker goes on waiting.
                self.activities.queues.entry(arn.clone()).or_default().pollers.push_front(poller);
                continue;
            };
            self.deliver(
                key,
                Wakeup::ActivityStarted { frame, attempt, worker_name: poller.worker_name },
                now,
            );
            self.after(After::reply(poller.reply, Ok(Some(ActivityTask { token, input }))));
        }
    }
}
