//! `GET /v1/activities`: activities with the tasks and the workers that wait.

use std::collections::BTreeMap;

use engine::Engine;
use engine::request::Workers;
use json::Text;
use store::Activity;

use super::query::Query;
use crate::answer::{self, ObjectWriter};
use crate::error::ApiError;
use crate::page;

const QUESTION: [&str; 1] = ["ActivitiesWithWorkers"];
/// As ListActivities has it.
const LIMIT_MAX: u64 = 1_000;
/// Names of workers that are told for one activity; the count is of all.
const NAMES_MAX: usize = 100;

/// A page of them, by name.
pub(super) async fn answer(engine: &Engine, query: Option<&str>) -> Result<String, ApiError> {
    let query = Query::read(query, &["maxResults", "nextToken"])?;
    let limit = query.number("maxResults", LIMIT_MAX)?.unwrap_or(LIMIT_MAX) as usize;
    let after = query.text("nextToken").map(|token| page::place(&QUESTION, token)).transpose()?;
    let activities = engine.store().activities(after.as_deref(), limit + 1);
    let workers = engine.workers().await?;
    let shown = &activities[..limit.min(activities.len())];
    Ok(answer::object(|answer| {
        answer.objects("activities", shown, |item, activity| write(item, activity, &workers));
        if let Some(last) = shown.last().filter(|_| shown.len() < activities.len()) {
            answer.text("nextToken", &page::token(&QUESTION, &last.name));
        }
    }))
}

fn write(item: &mut ObjectWriter<'_>, activity: &Activity, workers: &BTreeMap<Text, Workers>) {
    let none = Workers::default();
    let Workers { tasks, names } = workers.get(&activity.arn).unwrap_or(&none);
    item.text("activityArn", &activity.arn);
    item.text("name", &activity.name);
    item.time("creationDate", activity.created_at);
    item.number("waitingTasks", *tasks as u64);
    item.number("waitingWorkers", names.values().sum::<usize>() as u64);
    item.objects("workers", names.iter().take(NAMES_MAX), |worker, (name, count)| {
        worker.optional_text("name", name.as_deref());
        worker.number("count", *count as u64);
    });
}
