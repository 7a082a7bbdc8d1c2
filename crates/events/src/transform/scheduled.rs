//! The words that EventBridge Scheduler puts into a schedule's Input. (spec/event-routers.md §3)

/// One time at which a schedule is due.
#[derive(Clone, Copy, Debug)]
pub struct Occurrence<'a> {
    /// `<aws.scheduler.schedule-arn>`
    pub schedule_arn: &'a str,
    /// `<aws.scheduler.scheduled-time>`, as `2022-03-22T18:59:43Z`.
    pub scheduled_time: &'a str,
    /// `<aws.scheduler.execution-id>`
    pub execution_id: &'a str,
    /// `<aws.scheduler.attempt-number>`, 1 for the first.
    pub attempt_number: u32,
}

impl Occurrence<'_> {
    /// The Input with these words' values in their places. Nothing is quoted or escaped: the values have no
    /// characters that would need it, and a schedule's Input is any text.
    pub fn fill(&self, input: &str) -> String {
        // What comes in has no `<`, so no value is taken for a word.
        input
            .replace("<aws.scheduler.schedule-arn>", self.schedule_arn)
            .replace("<aws.scheduler.scheduled-time>", self.scheduled_time)
            .replace("<aws.scheduler.execution-id>", self.execution_id)
            .replace("<aws.scheduler.attempt-number>", &self.attempt_number.to_string())
    }
}
