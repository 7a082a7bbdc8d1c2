//! Who waits until an execution has closed. Woken once the end is durable; nothing is polled.
//!
//! Never here: executions. A waiter needs only an ARN, and so costs the same whether its execution is in
//! memory or not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use json::Text;
use tokio::sync::oneshot;

/// Waiters by the execution that they wait for. Cheap to clone.
///
/// There are no more of them than tasks that wait.
#[derive(Clone, Default)]
pub(crate) struct Closings(Arc<Mutex<Waiters>>);

#[derive(Default)]
struct Waiters {
    by_arn: HashMap<Text, Vec<(u64, oneshot::Sender<()>)>>,
    next: u64,
}

/// One that waits. Dropping it takes it out.
pub(crate) struct Waiter {
    closings: Closings,
    arn: Text,
    number: u64,
    closed: oneshot::Receiver<()>,
}

impl Closings {
    /// From here on no end is missed. Whoever calls this looks afterwards whether the execution has closed
    /// already.
    pub(crate) fn wait(&self, arn: &str) -> Waiter {
        let (tell, closed) = oneshot::channel();
        let arn = Text::from(arn);
        let mut waiters = self.waiters();
        let number = waiters.next;
        waiters.next += 1;
        waiters.by_arn.entry(arn.clone()).or_default().push((number, tell));
        drop(waiters);
        Waiter { closings: self.clone(), arn, number, closed }
    }

    /// The end of this execution is durable, and readers see it.
    pub(crate) fn closed(&self, arn: &str) {
        let told = self.waiters().by_arn.remove(arn);
        for (_, tell) in told.into_iter().flatten() {
            // It has gone meanwhile.
            let _ = tell.send(());
        }
    }

    fn waiters(&self) -> MutexGuard<'_, Waiters> {
        self.0.lock().expect("no holder of this lock panics")
    }
}

impl Waiter {
    /// Comes when the execution has closed.
    pub(crate) async fn closed(mut self) {
        // The sender lives as long as we stand in the list, and is used up by the end.
        let _ = (&mut self.closed).await;
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiters = self.closings.waiters();
        let Some(others) = waiters.by_arn.get_mut(&self.arn) else { return };
        others.retain(|(number, _)| *number != self.number);
        if others.is_empty() {
            waiters.by_arn.remove(&self.arn);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_wait_are_told_and_nothing_stays_behind() {
        let closings = Closings::default();
        let (mut one, mut two, other) = (closings.wait("e"), closings.wait("e"), closings.wait("f"));
        let gone = closings.wait("e");
        drop(gone);
        closings.closed("e");
        assert_eq!((one.closed.try_recv(), two.closed.try_recv()), (Ok(()), Ok(())));
        drop((one, two));
        assert_eq!(closings.waiters().by_arn.keys().collect::<Vec<_>>(), ["f"]);
        drop(other);
        assert!(closings.waiters().by_arn.is_empty());
    }
}
