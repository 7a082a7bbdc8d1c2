//! The job that a `.sync` task has started: watched until it ends, or stopped.
//!
//! AWS is told of many jobs by events; here they are asked for, ever less often. Never here: what a job's
//! description means (`integrations`).

use std::time::{Duration, Instant};

use asl::Failure;
use aws_protocols::ServiceError;
use execution::TaskOutcome;
use integrations::{Call, Job, JobState};
use json::{Document, Value};

use super::send::send;
use super::{Asked, told};
use crate::connectors::Routes;
use crate::endpoints::Target;
use crate::exchange::Trouble;

/// The first question follows so soon, for jobs that are short; then each pause is longer by half.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// A job is seen to have ended so late, at most.
const PAUSE_MAX: Duration = Duration::from_secs(15);
/// Services tell of a new job a little late; ECS speaks of minutes. One that they do not know for longer
/// has ended so long ago that they have forgotten it.
const ABSENCE_MAX: Duration = Duration::from_mins(5);

/// Waits until the job has ended. Between questions it costs a timer, and holds no place of its target; each
/// question stands in line.
pub(crate) async fn await_end(routes: &Routes, asked: Asked<'_>, submitted: &Value) -> TaskOutcome {
    let job = asked.integration.job(asked.pattern, asked.parameters(), submitted);
    let Some((job, question)) = job.and_then(|job| Some((job, job.question()?))) else {
        return TaskOutcome::Failed(no_job(&asked));
    };
    if let Some(arn) = built_in_job(routes, &asked, &question, submitted) {
        // Whoever is in this process tells when it has ended.
        if let Some(built_in) = routes.built_in(question.operation.service().name()) {
            built_in.ended(arn).await;
        }
    }
    let mut pauses = Pauses::new(&asked.task.idempotency_token);
    let mut absence = Absence::default();
    loop {
        let answer = {
            let _place = routes.lines.place(asked.task).await;
            // In a box, so that the waiting has no room for the asking: it is most of the time, and there
            // may be many of it.
            Box::pin(send(routes, &asked, &question)).await
        };
        let state = match answer {
            Ok(answered) => job.read(&question, answered.output),
            Err(Trouble::Refused(error)) => refused(&job, &asked, &error),
            // The job goes on whoever can be reached; the Task's own timeout ends the waiting.
            Err(Trouble::NoAnswer(cause)) => {
                tracing::warn!(
                    execution = asked.caller.execution_arn.as_str(),
                    "a job cannot be asked for: {cause}"
                );
                JobState::Running
            }
            Err(trouble @ Trouble::BeforeTheCall(_)) => return TaskOutcome::Failed(asked.failure(trouble)),
        };
        match state {
            JobState::Running => absence = Absence::default(),
            JobState::Succeeded(result) => return TaskOutcome::Succeeded(Document::from_value(result)),
            JobState::Failed(failure) => return TaskOutcome::Failed(told(failure)),
            JobState::Unknown(failure) if absence.is_final(Instant::now()) => {
                return TaskOutcome::Failed(told(failure));
            }
            JobState::Unknown(_) => {}
        }
        tokio::time::sleep(pauses.next()).await;
    }
}

/// Stops the job, as well as that can be done. Jobs that go on without their execution are left alone.
pub(crate) async fn stop(routes: &Routes, asked: Asked<'_>, submitted: &Value) -> Result<(), Failure> {
    let Some(job) = asked.integration.job(asked.pattern, asked.parameters(), submitted) else {
        return Err(no_job(&asked));
    };
    let Some(stop) = job.stop() else { return Ok(()) };
    let _place = routes.lines.place(asked.task).await;
    send(routes, &asked, &stop).await.map(drop).map_err(|trouble| asked.failure(trouble))
}

/// The job's ARN, if the service that has it is in this process.
fn built_in_job<'s>(
    routes: &Routes,
    asked: &Asked<'_>,
    question: &Call,
    submitted: &'s Value,
) -> Option<&'s str> {
    let target = routes.access.find(question.operation, &question.input, &asked.caller.region);
    match target {
        Ok(Target::BuiltIn) => submitted.get("ExecutionArn").and_then(Value::as_str),
        Ok(Target::Place(_)) | Err(_) => None,
    }
}

fn refused(job: &Job<'_>, asked: &Asked<'_>, error: &ServiceError) -> JobState {
    match job.read_refusal(error) {
        Some(state) => state,
        // A service that is too busy to tell says nothing of the job.
        None if error.status >= 500 || error.status == 429 || error.code.contains("Throttl") => {
            JobState::Running
        }
        None => JobState::Failed(asked.integration.refused(error)),
    }
}

fn no_job(asked: &Asked<'_>) -> Failure {
    let resource = &asked.task.resource;
    let (service, action) = (resource.resource_type(), resource.resource_name());
    Failure::runtime(format!("This version cannot wait for jobs of {service}:{action}."))
}

/// The pauses between questions. Those of different jobs drift apart, so that a restart with many of them
/// does not ask for all at once each time.
pub(crate) struct Pauses {
    next: Duration,
    /// 0 to 1, from the job's token.
    drift: f64,
}

impl Pauses {
    pub(crate) fn new(token: &str) -> Pauses {
        let digits =
            token.get(..8).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or_default();
        Pauses { next: FIRST_PAUSE, drift: f64::from(digits) / f64::from(u32::MAX) }
    }

    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.next;
        self.next = PAUSE_MAX.min(pause.mul_f64(1.5));
        pause.mul_f64(0.75 + 0.5 * self.drift)
    }
}

/// Since when the service has not known the job, if it does not.
#[derive(Default)]
struct Absence(Option<Instant>);

impl Absence {
    /// To be asked each time when it is not known.
    fn is_final(&mut self, now: Instant) -> bool {
        now.duration_since(*self.0.get_or_insert(now)) > ABSENCE_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_may_be_unknown_for_a_while() {
        let start = Instant::now();
        let mut absence = Absence::default();
        for minutes in 0..=5 {
            assert!(!absence.is_final(start + Duration::from_mins(minutes)));
        }
        assert!(absence.is_final(start + Duration::from_secs(301)));
    }

    #[test]
    fn pauses_grow_to_their_bound_and_drift_apart() {
        let mut pauses = Pauses::new("80000000");
        let all: Vec<u128> = (0..14).map(|_| pauses.next().as_millis()).collect();
        assert_eq!(all[..4], [250, 375, 562, 843]);
        assert_eq!(all[13], 15_000);
        let (mut early, mut late) = (Pauses::new("00000000"), Pauses::new("ffffffff"));
        assert!(early.next() < late.next());
    }
}
