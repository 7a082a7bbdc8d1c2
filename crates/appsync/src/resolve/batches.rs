//! Invocations of siblings that go together. (`maxBatchSize`)
//!
//! Resolvers of one request run side by side in one task. Those that reach a batched data source wait; once none of the
//! others can go on without the outside, what has gathered is asked together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use json::{Object, Value};
use tokio::sync::oneshot;

use crate::api::Step;
use crate::outside::Outside;
use crate::sources::{Answer, Asking, DataSource, Memory, SyncConfig};

/// What waits for company.
#[derive(Debug, Default)]
pub(crate) struct Batches(Mutex<Vec<Batch>>);

/// Requests of one step that go together.
#[derive(Debug)]
pub(crate) struct Batch {
    /// Tells steps apart: its address.
    step: usize,
    room: usize,
    source: Arc<DataSource>,
    sync: SyncConfig,
    context: Object,
    requests: Vec<Value>,
    waiting: Vec<oneshot::Sender<Answer>>,
}

impl Batches {
    /// Waits until the request was asked together with others.
    pub async fn join(
        &self,
        step: &Step,
        batch_max: usize,
        source: &Arc<DataSource>,
        request: Value,
        context: &Object,
    ) -> Answer {
        let (told, answer) = oneshot::channel();
        let address = std::ptr::from_ref(step).addr();
        {
            let mut batches = self.waiting();
            let open = batches.iter_mut().find(|batch| batch.step == address && batch.room > 0);
            let batch = match open {
                Some(batch) => batch,
                None => {
                    batches.push(Batch {
                        step: address,
                        room: batch_max,
                        source: source.clone(),
                        sync: step.sync.clone(),
                        context: context.clone(),
                        requests: Vec::new(),
                        waiting: Vec::new(),
                    });
                    batches.last_mut().unwrap_or_else(|| unreachable!("it was put there"))
                }
            };
            batch.room -= 1;
            batch.requests.push(request);
            batch.waiting.push(told);
        }
        answer.await.unwrap_or_else(|_| Answer::error("InternalFailure", "The batch was given up"))
    }

    /// What has gathered, once there is any. Only to be polled when nobody else in the task can go on: nothing wakes it.
    pub async fn gathered(&self) -> Vec<Batch> {
        std::future::poll_fn(|_| {
            let batches = std::mem::take(&mut *self.waiting());
            if batches.is_empty() { std::task::Poll::Pending } else { std::task::Poll::Ready(batches) }
        })
        .await
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Batch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Batch {
    /// Asks, and tells all who wait.
    pub async fn ask(self, outside: &dyn Outside, memory: &Memory) {
        let asking =
            Asking { outside, memory, is_old_version: false, sync: &self.sync, context: &self.context };
        let answers = self.source.ask_together(&self.requests, asking).await;
        for (told, answer) in self.waiting.into_iter().zip(answers) {
            // Whoever hung up wants no answer.
            let _ = told.send(answer);
        }
    }
}
