//! GetExecutionHistory: the events of an execution, a page at a time.

use engine::Refusal;
use json::Text;
use store::HistoryPage;

use super::Call;
use crate::answer;
use crate::constraint;
use crate::error::ApiError;
use crate::history;
use crate::members::Body;
use crate::{page, resource};

/// A page ends early when its text is this long: the events of a thousand large payloads would
/// not fit any client's memory.
const PAGE_BYTES_MAX: usize = 4 << 20;

pub(super) fn answer(call: &Call<'_>) -> Result<String, ApiError> {
    let request = read(&call.body)?;
    let Request { arn, reverse, skip, limit, .. } = &request;
    call.engine.check_owner(arn)?;
    let Some(page) = call.engine.store().history(arn, *skip, *limit, *reverse)? else {
        return Err(Refusal::ExecutionDoesNotExist { arn: request.arn }.into());
    };
    Ok(write(&page, &request))
}

/// Which events, and how much of them.
struct Request {
    arn: Text,
    reverse: bool,
    with_data: bool,
    skip: usize,
    limit: usize,
}

impl Request {
    /// What a token is bound to.
    fn question(arn: &str, reverse: bool) -> [&str; 3] {
        ["GetExecutionHistory", arn, if reverse { "reverse" } else { "" }]
    }
}

fn read(body: &Body) -> Result<Request, ApiError> {
    let members = body.members();
    let arn = members.required_text("executionArn", &constraint::ARN)?;
    let limit = page::limit(members.integer("maxResults", constraint::PAGE_SIZE)?);
    let reverse = members.truth("reverseOrder")?.unwrap_or(false);
    let token = members.text("nextToken", &constraint::PAGE_TOKEN)?;
    let with_data = members.truth("includeExecutionData")?.unwrap_or(true);
    members.check()?;
    resource::execution(&arn)?;
    let skip = match token {
        Some(token) => page::number(&Request::question(&arn, reverse), &token)?,
        None => 0,
    };
    Ok(Request { arn, reverse, with_data, skip, limit })
}

fn write(page: &HistoryPage, request: &Request) -> String {
    let mut shown = 0;
    answer::object(|answer| {
        answer.objects_while(
            "events",
            &page.events,
            |written| written < PAGE_BYTES_MAX,
            |item, event| {
                history::write_event(item, event, request.with_data);
                shown += 1;
            },
        );
        if page.more || shown < page.events.len() {
            let place = (request.skip + shown).to_string();
            let question = Request::question(&request.arn, request.reverse);
            answer.text("nextToken", &page::token(&question, &place));
        }
    })
}

#[cfg(test)]
mod tests {
    use asl::Timestamp;
    use execution::Event;
    use execution::event::EventKind;
    use json::Document;

    use super::*;
    use crate::actions::testing::outcome;

    fn request(skip: usize) -> Request {
        Request { arn: "arn:e".into(), reverse: false, with_data: true, skip, limit: 100 }
    }

    #[test]
    fn requests() {
        let check = |members: &str, expected: &str| {
            let show = |request: Request| {
                let Request { reverse, with_data, skip, limit, .. } = request;
                format!("{reverse} {with_data} {skip} {limit}")
            };
            let body = format!(r#"{{"executionArn":"ARN:execution:m:e"{members}}}"#);
            assert_eq!(outcome(read, show, &body), expected, "{members}");
        };
        check("", "false true 0 100");
        check(r#","maxResults":7,"reverseOrder":true,"includeExecutionData":false"#, "true false 0 7");
        check(r#","nextToken":"x""#, "InvalidToken: Invalid Token: 'Invalid token'");
        let arn = "arn:aws:states:us-east-1:123456789012:execution:m:e";
        let token = page::token(&Request::question(arn, true), "12");
        check(&format!(r#","reverseOrder":true,"nextToken":"{token}""#), "true true 12 100");
        check(&format!(r#","nextToken":"{token}""#), "InvalidToken: Invalid Token: 'Invalid token'");
    }

    #[test]
    fn a_page_says_where_the_next_one_starts() {
        let event = |id| Event {
            id,
            previous: id - 1,
            timestamp: Timestamp(1000),
            kind: EventKind::MapStateSucceeded,
        };
        let page = |more| HistoryPage { events: vec![event(1), event(2)], more };
        let text = write(&page(false), &request(0));
        assert_eq!(
            text,
            concat!(
                r#"{"events":[{"id":1,"previousEventId":0,"timestamp":1.000,"type":"MapStateSucceeded"},"#,
                r#"{"id":2,"previousEventId":1,"timestamp":1.000,"type":"MapStateSucceeded"}]}"#
            )
        );
        let token = page::token(&Request::question("arn:e", false), "7");
        let text = write(&page(true), &request(5));
        assert!(text.ends_with(&format!(r#","nextToken":"{token}"}}"#)), "{text}");
    }

    #[test]
    fn a_page_of_large_events_ends_early() {
        let output = Document::from_valid_text(format!("\"{}\"", "x".repeat(200_000)));
        let kind = EventKind::ExecutionSucceeded { output };
        let event = |id| Event { id, previous: id, timestamp: Timestamp(0), kind: kind.clone() };
        let page = HistoryPage { events: (1..=100).map(event).collect(), more: false };
        let text = write(&page, &request(0));
        assert!(text.len() < PAGE_BYTES_MAX + 300_000);
        let shown = text.matches(r#""type":"#).count();
        let token = page::token(&Request::question("arn:e", false), &shown.to_string());
        assert!(shown < 100 && text.contains(&token));
    }
}
