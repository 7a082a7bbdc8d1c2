//! A server that is killed again and again on the same data, and clients that follow it.
//!
//! `STEPWELL_KILLS` says how often (3).

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering::SeqCst};
use std::time::{Duration, Instant};

use super::{CallError, Client, Folder, Server, stepwell};

/// Far more than any server that works needs.
const WITHIN: Duration = Duration::from_secs(120);

/// How often a test kills its server.
pub fn kills() -> u32 {
    std::env::var("STEPWELL_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}

/// Waits until something is so, and panics if it never is.
#[track_caller]
pub fn wait_until(what: &str, mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < WITHIN, "waited in vain until {what}");
        // Short, so that a kill meets whatever is under way.
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Milliseconds since 1970.
pub fn now() -> i64 {
    let since = std::time::UNIX_EPOCH.elapsed().expect("it is later than 1970");
    i64::try_from(since.as_millis()).expect("it is not that late")
}

/// A server on a folder of its own.
pub struct Mortal {
    server: Server,
    port: Arc<AtomicU16>,
    folder: Folder,
}

impl Mortal {
    /// Starts one on an empty folder.
    pub fn start(name: &str) -> Mortal {
        let folder = Folder::new(name);
        let server = start(&folder);
        Mortal { port: Arc::new(AtomicU16::new(server.port)), server, folder }
    }

    /// `kill -9`, and another process on the same data, which is ready when this returns.
    pub fn kill(self) -> Mortal {
        let Mortal { server, port, folder } = self;
        server.kill();
        let server = start(&folder);
        port.store(server.port, SeqCst);
        Mortal { server, port, folder }
    }

    /// A client of this process and of those that follow it.
    pub fn client(&self) -> Follower {
        Follower { client: self.server.client(), port: self.port.clone() }
    }

    /// Ends it in order.
    pub fn end(self) {
        assert_eq!(self.server.terminate(), 0);
    }
}

fn start(folder: &Folder) -> Server {
    Server::start(&mut stepwell(["dev", folder.arg(), "--log", "error"]))
}

/// A client that finds the server again when it was killed.
pub struct Follower {
    client: Client,
    port: Arc<AtomicU16>,
}

impl Follower {
    /// `None` if nobody knows whether it was done.
    #[track_caller]
    pub fn call<T>(&mut self, call: impl FnOnce(&mut Client) -> Result<T, CallError>) -> Option<T> {
        match call(&mut self.client) {
            Ok(answer) => Some(answer),
            Err(CallError::Broken(_)) => {
                // Until the next process listens.
                std::thread::sleep(Duration::from_millis(10));
                self.client = Client::new(self.port.load(SeqCst));
                None
            }
            Err(CallError::Refused { code, message }) => panic!("refused: {code}: {message}"),
        }
    }

    /// Calls until an answer comes, for what may be done twice.
    #[track_caller]
    pub fn insist<T>(&mut self, mut call: impl FnMut(&mut Client) -> Result<T, CallError>) -> T {
        let began = Instant::now();
        loop {
            if let Some(answer) = self.call(&mut call) {
                return answer;
            }
            assert!(began.elapsed() < WITHIN, "no server answers");
        }
    }
}
