//! `GET /v1/events`: what happens to executions, as server-sent events.
//!
//! Fed by what the engine commits. Nothing is kept for who is not there: each stream begins with `ready`, upon
//! which a client asks how things stand, and whoever falls behind is told `missed`, upon which it asks again.

use std::time::Duration;

use engine::{Engine, Happening, Heard, News, Watcher};
use tokio::time::Instant;

use super::query::Query;
use super::stream::{Pieces, Source, Streams};
use crate::actions::describe_execution::status_name;
use crate::answer;
use crate::error::ApiError;
use crate::stopping::Stopping;

/// A stream ends after so long, and the client opens the next one. It is less than the patience with
/// connections that ask for nothing, and so a reader that has gone in silence is not kept for ever.
const STREAM_TIME_MAX: Duration = Duration::from_secs(60);
/// News are gathered for so long, so that a busy server does not send a packet for each.
const GATHERED_FOR: Duration = Duration::from_millis(100);
/// A piece has at most so many events; who is told of more would do better to ask.
const EVENTS_PER_PIECE_MAX: usize = 100;

/// Opens a stream.
pub(super) fn answer(
    engine: &Engine,
    streams: &Streams,
    stopping: &Stopping,
    query: Option<&str>,
) -> Result<Pieces, ApiError> {
    let wanted = Wanted::read(query)?;
    let (source, pieces) = streams.open()?;
    let (watcher, stopping) = (engine.watch(), stopping.clone());
    tokio::spawn(tell(watcher, wanted, source, stopping));
    Ok(pieces)
}

async fn tell(mut watcher: Watcher, wanted: Wanted, source: Source, stopping: Stopping) {
    let end = tokio::time::sleep_until(Instant::now() + STREAM_TIME_MAX);
    let telling = async {
        let mut piece = "event: ready\ndata: {}\n\n".to_owned();
        while source.send(piece).await.is_ok() {
            match next_piece(&mut watcher, &wanted).await {
                Some(next) => piece = next,
                None => return,
            }
        }
    };
    tokio::select! {
        () = telling => {}
        () = end => {}
        () = source.closed() => {}
        () = stopping.begins() => {}
    }
}

/// The next one that has something in it; `None` once the engine has gone.
async fn next_piece(watcher: &mut Watcher, wanted: &Wanted) -> Option<String> {
    let mut piece = Piece::default();
    while piece.is_empty() {
        piece.add(watcher.next().await?, wanted);
    }
    tokio::time::sleep(GATHERED_FOR).await;
    while let Some(heard) = watcher.next_at_hand() {
        piece.add(heard, wanted);
    }
    Some(piece.text())
}

/// Whose events.
#[derive(Default)]
struct Wanted {
    machine_arn: Option<String>,
    execution_arn: Option<String>,
}

impl Wanted {
    fn read(query: Option<&str>) -> Result<Wanted, ApiError> {
        let query = Query::read(query, &["stateMachineArn", "executionArn"])?;
        let text = |name| query.text(name).map(str::to_owned);
        Ok(Wanted { machine_arn: text("stateMachineArn"), execution_arn: text("executionArn") })
    }

    /// Of all executions their beginnings and ends; each step only of the one that is looked at.
    fn is(&self, news: &News) -> bool {
        match (&self.execution_arn, &self.machine_arn) {
            (Some(arn), _) => *arn == *news.start.arn,
            (None, _) if news.what == Happening::Moved => false,
            (None, Some(arn)) => {
                let start = &news.start;
                let origins =
                    [Some(&start.state_machine_arn), start.version_arn.as_ref(), start.alias_arn.as_ref()];
                origins.into_iter().flatten().any(|origin| **origin == *arn)
            }
            (None, None) => news.start.child_of.is_none(),
        }
    }
}

/// Events that are sent together.
#[derive(Default)]
struct Piece {
    events: String,
    count: usize,
    has_missed: bool,
}

impl Piece {
    fn add(&mut self, heard: Heard, wanted: &Wanted) {
        match heard {
            Heard::News(news) if wanted.is(&news) => {
                self.count += 1;
                if self.count <= EVENTS_PER_PIECE_MAX {
                    write(&news, &mut self.events);
                }
            }
            Heard::News(_) => {}
            Heard::Missed => self.has_missed = true,
        }
    }

    fn is_empty(&self) -> bool {
        self.count == 0 && !self.has_missed
    }

    fn text(self) -> String {
        if self.has_missed || self.count > EVENTS_PER_PIECE_MAX {
            return "event: missed\ndata: {}\n\n".to_owned();
        }
        self.events
    }
}

fn write(news: &News, out: &mut String) {
    let status = match news.what {
        Happening::Ended(status) => status_name(status),
        Happening::Started | Happening::Redriven | Happening::Moved => "RUNNING",
    };
    let what = match news.what {
        Happening::Started => "started",
        Happening::Redriven => "redriven",
        Happening::Moved => "moved",
        Happening::Ended(_) => "ended",
    };
    let data = answer::object(|event| {
        event.text("executionArn", &news.start.arn);
        event.text("stateMachineArn", &news.start.state_machine_arn);
        event.text("name", &news.start.name);
        event.text("status", status);
    });
    out.push_str("event: ");
    out.push_str(what);
    out.push_str("\ndata: ");
    // JSON has no line breaks outside of strings as it is written here, and none in them.
    out.push_str(&data);
    out.push_str("\n\n");
}
