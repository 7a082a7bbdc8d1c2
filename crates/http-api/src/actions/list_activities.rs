//! ListActivities: by name, a page at a time.

use std::sync::Arc;

use store::Activity;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::members::Body;
use crate::page;

/// What a token is bound to.
const QUESTION: [&str; 1] = ["ListActivities"];

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let Request { after, limit } = read(&call.body)?;
    // One more than asked for tells whether there is a next page.
    let activities = call.engine.store().activities(after.as_deref(), limit + 1);
    Ok(write(&activities, limit))
}

/// Which page.
struct Request {
    after: Option<String>,
    limit: usize,
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let limit = page::limit(members.integer("maxResults", constraint::PAGE_SIZE)?);
    let token = members.text("nextToken", &constraint::PAGE_TOKEN)?;
    members.check()?;
    let after = token.map(|token| page::place(&QUESTION, &token)).transpose()?;
    Ok(Request { after, limit })
}

fn write(activities: &[Arc<Activity>], limit: usize) -> String {
    let shown = &activities[..limit.min(activities.len())];
    answer::object(|answer| {
        answer.objects("activities", shown, |item, activity| {
            item.text("activityArn", &activity.arn);
            item.text("name", &activity.name);
            item.time("creationDate", activity.created_at);
        });
        if let Some(last) = shown.last().filter(|_| shown.len() < activities.len()) {
            answer.text("nextToken", &page::token(&QUESTION, &last.name));
        }
    })
}

#[cfg(test)]
mod tests {
    use asl::Timestamp;

    use super::*;
    use crate::actions::testing::outcome;
    use crate::configuration;

    #[test]
    fn requests() {
        let check = |body: &str, expected: &str| {
            let show = |request: Request| format!("{:?} {}", request.after, request.limit);
            assert_eq!(outcome(read, show, body), expected, "{body}");
        };
        check("{}", "None 100");
        check(
            &format!(r#"{{"maxResults":2,"nextToken":"{}"}}"#, page::token(&QUESTION, "b")),
            r#"Some("b") 2"#,
        );
        let other = page::token(&["ListStateMachines"], "b");
        check(&format!(r#"{{"nextToken":"{other}"}}"#), "InvalidToken: Invalid Token: 'Invalid token'");
        check(
            r#"{"maxResults":1001}"#,
            "ValidationException: 1 validation error detected: Value '1001' at 'maxResults' failed to satisfy \
             constraint: Member must have value less than or equal to 1000",
        );
    }

    #[test]
    fn answers() {
        let activity = |name: &str| {
            let encryption = configuration::encryption_default();
            let (arn, name) = (format!("arn:{name}").into(), name.into());
            Arc::new(Activity { arn, name, created_at: Timestamp(1000), encryption, tags: Vec::new() })
        };
        let all = [activity("a"), activity("b")];
        assert_eq!(write(&[], 2), r#"{"activities":[]}"#);
        assert_eq!(
            write(&all, 2),
            concat!(
                r#"{"activities":[{"activityArn":"arn:a","name":"a","creationDate":1.000},"#,
                r#"{"activityArn":"arn:b","name":"b","creationDate":1.000}]}"#
            )
        );
        let token = page::token(&QUESTION, "a");
        assert_eq!(
            write(&all, 1),
            format!(
                r#"{{"activities":[{{"activityArn":"arn:a","name":"a","creationDate":1.000}}],"nextToken":"{token}"}}"#
            )
        );
    }
}
