//! The only loop: load → wake → commit → act. And the only clock.
//!
//! An [`Engine`] is a handle that any number of callers share. Requests that change something go to
//! the loop, which owns every open STANDARD execution; the answer comes back when the change is on disk.
//! Reads go to the [`Store`](store::Store) and never enter the loop. Never here: wire formats, what a
//! definition means.
//!
//! | file | holds |
//! | --- | --- |
//! | `handle.rs` | what callers may ask |
//! | `message.rs` | what goes to the loop |
//! | `deliver.rs` | the loop's heart: one wakeup of one execution |
//! | `executions.rs`, `batches.rs`, `machines.rs`, `versions.rs`, `aliases.rs`, `activities.rs`, `tokens.rs` | what each request does |
//! | `ownership.rs` | whether an execution is ours |
//! | `outbox.rs`, `calls.rs` | calls and waits for jobs that begin once their turn is durable; what the loop makes of their answers |
//! | `closings.rs` | who waits for the end of an execution |
//! | `news.rs` | who watches what becomes of executions |
//! | `timers.rs`, `ring.rs` | what waits, fairly between state machines |
//! | `clock.rs`, `random.rs` | time and chance |
//! | `recover.rs` | what a restart brings back |
//! | `run.rs` | the thread |
//! | `map_runs/` | Map Runs, whose children are executions of this loop or run beside it |
//! | `express/` | EXPRESS executions, which never enter the loop |
//! | `mocks.rs` | what mocked Task states answer, as it is now |
//! | `logs.rs` | what machines want logged, on its way to whoever writes it |
//! | `driven.rs` | the loop without the thread, for a simulated world |

mod activities;
mod aliases;
mod batches;
mod calls;
mod clock;
mod closings;
mod compiled;
mod deliver;
pub mod driven;
mod executions;
mod express;
mod handle;
pub mod logs;
mod machines;
mod map_runs;
mod message;
mod mocks;
mod news;
mod outbox;
mod ownership;
mod random;
mod recover;
mod redrive;
pub mod refusal;
pub mod request;
mod ring;
mod run;
mod statistics;
mod timers;
mod tokens;
mod versions;

pub use connectors::{Header, HttpTrace, ShownRequest, ShownResponse};
pub use express::ExpressSettings;
pub use handle::{Engine, Settings, UnknownCalls, WeakEngine};
pub use logs::LogSink;
pub use map_runs::{Gathering, Inputs, MapRunNews, MapRunRedrive, Reading, RunningChild};
pub use mocks::PresentMocks;
pub use news::{Happening, Heard, News, Watcher};
pub use redrive::Redrive;
pub use refusal::Refusal;
pub use statistics::Statistics;
