//! What stands around the API: operators' pages, connections, the end.

use std::time::{Duration, Instant};

use crate::world::{World, request, text};

#[tokio::test]
async fn pages_for_operators() {
    let world = World::start().await;
    let mut client = world.client().await;
    for (path, status, expected) in [
        ("/healthz", 200, "ok\n"),
        ("/readyz", 200, "ready\n"),
        ("/metrics", 200, "stepwell_connections 1\n"),
        ("/", 404, "--endpoint-url"),
        ("/nowhere?x=1", 404, "--endpoint-url"),
    ] {
        client.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await;
        let answer = client.answer().await.expect("an answer");
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.text.contains(expected), "{path}: {}", answer.text);
    }
    client.call("ListActivities", "{}").await;
    client.call("DescribeActivity", "{}").await;
    client.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let page = client.answer().await.expect("an answer").text;
    assert!(page.contains(r#"stepwell_requests_total{action="ListActivities",code="OK"} 1"#), "{page}");
    assert!(page.contains(r#"{action="DescribeActivity",code="ValidationException"} 1"#), "{page}");
    world.stopped().await;
}

#[tokio::test]
async fn answers_carry_the_headers_of_the_protocol() {
    let world = World::start().await;
    let mut client = world.client().await;
    let good = client.call("ListActivities", "{}").await;
    let bad = client.call("DescribeActivity", "{}").await;
    for answer in [&good, &bad] {
        assert!(
            answer.headers.contains("content-type: application/x-amz-json-1.0\r\n"),
            "{}",
            answer.headers
        );
        assert!(answer.headers.contains("x-amzn-requestid: "), "{}", answer.headers);
    }
    assert_eq!(good.text, r#"{"activities":[]}"#);
    // The name of the host and the path do not matter, the target does.
    let sync = b"POST /any HTTP/1.1\r\nHost: sync-states.us-east-1.amazonaws.com\r\n\
        X-Amz-Target: AWSStepFunctions.ListActivities\r\nContent-Length: 2\r\n\r\n{}";
    client.send(sync).await;
    assert_eq!(client.answer().await.expect("an answer").text, r#"{"activities":[]}"#);
    world.stopped().await;
}

#[tokio::test]
async fn requests_may_follow_each_other_without_waiting() {
    let world = World::start().await;
    let mut client = world.client().await;
    let call = request("AWSStepFunctions.ListActivities", b"{}");
    client.send(&[call.clone(), call.clone(), call].concat()).await;
    for _ in 0..3 {
        assert_eq!(client.answer().await.expect("an answer").status, 200);
    }
    world.stopped().await;
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let settings = http_api::Settings { connections_max: 1, ..http_api::Settings::default() };
    let world = World::start_with(settings).await;
    let mut first = world.client().await;
    assert_eq!(first.call("ListActivities", "{}").await.status, 200);
    let mut second = world.client().await;
    second.send(&request("AWSStepFunctions.ListActivities", b"{}")).await;
    let early = tokio::time::timeout(Duration::from_millis(100), second.answer()).await;
    assert!(early.is_err(), "the second connection was served beside the first");
    drop(first);
    assert_eq!(second.answer().await.expect("an answer").status, 200);
    world.stopped().await;
}

#[tokio::test]
async fn the_end_answers_long_polls_and_closes_idle_connections() {
    let mut world = World::start().await;
    let created = world.ask("CreateActivity", r#"{"name":"a"}"#).await;
    let body = format!(r#"{{"activityArn":"{}"}}"#, text(&created, "activityArn"));
    let mut idle = world.client().await;
    assert_eq!(idle.call("ListActivities", "{}").await.status, 200);
    let mut poller = world.client().await;
    poller.send(&request("AWSStepFunctions.GetActivityTask", body.as_bytes())).await;
    let early = tokio::time::timeout(Duration::from_millis(100), poller.answer()).await;
    assert!(early.is_err(), "there was no task to wait for");
    let begun = Instant::now();
    world.begin_stop();
    let answer = poller.answer().await.expect("an answer");
    assert_eq!((answer.status, answer.text.as_str()), (200, "{}"));
    assert!(idle.answer().await.is_none(), "the idle connection ends");
    world.stopped().await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}
