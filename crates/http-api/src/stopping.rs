//! The server's end, as something that a request can wait for.

use tokio::sync::watch;

/// Cheap to clone; every clone learns of the end.
#[derive(Clone)]
pub(crate) struct Stopping(watch::Receiver<bool>);

impl Stopping {
    /// The signal and what it reaches.
    pub fn new() -> (watch::Sender<bool>, Stopping) {
        let (signal, receiver) = watch::channel(false);
        (signal, Stopping(receiver))
    }

    /// Whether it has begun.
    pub fn has_begun(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when it begins, at once if it has.
    pub async fn begins(&self) {
        // An error means that the sender is gone, and the server with it.
        let _ = self.0.clone().wait_for(|stopping| *stopping).await;
    }
}
