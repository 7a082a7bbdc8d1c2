//! Activities and tags, from creation to deletion.

use json::Value;

use crate::world::{World, text};

#[tokio::test]
async fn a_life() {
    let world = World::start().await;
    let created = world.ask("CreateActivity", r#"{"name":"pack","tags":[{"key":"team","value":"a"}]}"#).await;
    let arn = text(&created, "activityArn");
    assert_eq!(arn, "arn:aws:states:us-east-1:123456789012:activity:pack");
    assert_eq!(world.ask("CreateActivity", r#"{"name":"pack"}"#).await, created);

    let by_arn = format!(r#"{{"activityArn":"{arn}"}}"#);
    let described = world.ask("DescribeActivity", &by_arn).await;
    assert_eq!(described.get("creationDate"), created.get("creationDate"));
    assert_eq!(
        described.get("encryptionConfiguration").map(Value::to_text).as_deref(),
        Some(r#"{"type":"AWS_OWNED_KEY"}"#)
    );

    let resource = format!(r#""resourceArn":"{arn}""#);
    let tags = r#"[{"key":"team","value":"b"},{"key":"x","value":""}]"#;
    world.ask("TagResource", &format!(r#"{{{resource},"tags":{tags}}}"#)).await;
    let listed = world.ask("ListTagsForResource", &format!("{{{resource}}}")).await;
    assert_eq!(listed.to_text(), format!(r#"{{"tags":{tags}}}"#));
    world.ask("UntagResource", &format!(r#"{{{resource},"tagKeys":["team","unknown"]}}"#)).await;
    let listed = world.ask("ListTagsForResource", &format!("{{{resource}}}")).await;
    assert_eq!(listed.to_text(), r#"{"tags":[{"key":"x","value":""}]}"#);

    for _ in 0..2 {
        assert_eq!(world.ask("DeleteActivity", &by_arn).await.to_text(), "{}");
    }
    for action in ["DescribeActivity", "GetActivityTask"] {
        let refusal = world.refusal(action, &by_arn).await;
        assert_eq!(refusal, format!("ActivityDoesNotExist: Activity Does Not Exist: '{arn}'"));
    }
    let refusal = world.refusal("ListTagsForResource", &format!("{{{resource}}}")).await;
    assert_eq!(refusal, format!("ResourceNotFound: Resource not found: '{arn}'"));
    world.stopped().await;
}

#[tokio::test]
async fn pages_hold_everything_once_and_in_order() {
    let world = World::start().await;
    for number in 0..7 {
        world.ask("CreateActivity", &format!(r#"{{"name":"a{number}"}}"#)).await;
    }
    let mut names = Vec::new();
    let mut body = r#"{"maxResults":3}"#.to_owned();
    for page_length in [3, 3, 1] {
        let page = world.ask("ListActivities", &body).await;
        let items = page.get("activities").and_then(Value::as_array).expect("a list");
        assert_eq!(items.len(), page_length);
        names.extend(items.iter().map(|item| text(item, "name")));
        match page.get("nextToken").and_then(Value::as_str) {
            Some(token) => body = format!(r#"{{"maxResults":3,"nextToken":"{token}"}}"#),
            None => assert_eq!(page_length, 1),
        }
    }
    assert_eq!(names, ["a0", "a1", "a2", "a3", "a4", "a5", "a6"]);
    world.stopped().await;
}

#[tokio::test]
async fn tokens_that_are_none_of_ours_are_refused() {
    let world = World::start().await;
    for action in ["SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"] {
        let refusal = world.refusal(action, r#"{"taskToken":"nonsense","output":"{}"}"#).await;
        assert_eq!(refusal, "InvalidToken: Invalid Token: 'Invalid token'", "{action}");
    }
    world.stopped().await;
}
