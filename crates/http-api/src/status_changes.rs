//! Executions tell the default event bus of changes of their status, as AWS's do, on a best effort basis.
//!
//! Never here: what the event looks like, who wants it.

use engine::{Engine, Happening, Heard, News, WeakEngine};
use execution::Status;
use services::eventbridge::{EventBridge, StatusChange};
use store::ExecutionView;

use crate::actions::describe_execution::{obstacle, status_name};

/// Reports as long as the engine is there, and watches executions only while somebody may want to know.
pub async fn report_status_changes(engine: WeakEngine, events: EventBridge) {
    let mut wanted = events.wants_status_changes();
    while wanted.wait_for(|&wanted| wanted).await.is_ok() {
        let Some(mut watcher) = engine.upgrade().map(|engine| engine.watch()) else { return };
        while *wanted.borrow() {
            match watcher.next().await {
                Some(Heard::News(news)) => {
                    let Some(engine) = engine.upgrade() else { return };
                    report(&engine, &events, &news);
                }
                Some(Heard::Missed) => {
                    tracing::warn!(
                        "there was too much to do, and some status changes of executions are not told"
                    );
                }
                None => return,
            }
        }
    }
}

fn report(engine: &Engine, events: &EventBridge, news: &News) {
    if news.what == Happening::Moved {
        return;
    }
    match engine.store().execution(&news.start.arn) {
        Ok(Some(view)) => events.report(&change(engine, &view, news.what)),
        // Its retention has ended.
        Ok(None) => {}
        Err(error) => tracing::error!("a status change is not told: {error}"),
    }
}

/// What has happened, which may not be the last that has.
fn change(engine: &Engine, view: &ExecutionView, what: Happening) -> StatusChange {
    let start = &view.start;
    let status = match what {
        Happening::Ended(status) => status,
        Happening::Started | Happening::Redriven | Happening::Moved => Status::Running,
    };
    let is_over = status != Status::Running;
    let failure = view.failure.as_ref().filter(|_| matches!(status, Status::Failed | Status::Aborted));
    let obstacle = obstacle(&ExecutionView { status, ..view.clone() }, engine);
    StatusChange {
        execution_arn: start.arn.to_string(),
        state_machine_arn: start.state_machine_arn.to_string(),
        version_arn: start.version_arn.as_ref().map(ToString::to_string),
        alias_arn: start.alias_arn.as_ref().map(ToString::to_string),
        name: start.name.to_string(),
        status: status_name(status),
        started: start.started_at.0,
        stopped: view.stopped_at.filter(|_| is_over).map(|at| at.0),
        input: start.input.clone(),
        output: view.output.clone().filter(|_| status == Status::Succeeded),
        error: failure.and_then(|failure| failure.error.as_ref()).map(ToString::to_string),
        cause: failure.and_then(|failure| failure.cause.as_ref()).map(ToString::to_string),
        redrives: view.redriven.map_or(0, |redriven| redriven.count),
        redriven: view.redriven.map(|redriven| redriven.at.0),
        redrive_status: if obstacle.is_some() { "NOT_REDRIVABLE" } else { "REDRIVABLE" },
        redrive_status_reason: obstacle.map(str::to_owned),
    }
}
