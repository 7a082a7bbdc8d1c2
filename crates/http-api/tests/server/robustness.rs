//! Nothing that comes in over the wire ends the server or makes it slow.

use std::time::{Duration, Instant};

use crate::world::{World, refusal_in, request};

/// Sends bytes on a connection of their own, then checks that the server still works.
async fn check(world: &World, name: &str, bytes: &[u8], status: u16, code: &str) {
    check_sent(world, name, bytes, false, Some(status), code).await;
}

/// As [`check`], and the client says that nothing more will come. `None`: no answer is expected.
async fn check_cut(world: &World, name: &str, bytes: &[u8], status: Option<u16>) {
    check_sent(world, name, bytes, true, status, "").await;
}

async fn check_sent(world: &World, name: &str, bytes: &[u8], cut: bool, status: Option<u16>, code: &str) {
    let mut client = world.client().await;
    let sent = Instant::now();
    client.send(bytes).await;
    if cut {
        client.end().await;
    }
    let answer = client.answer().await;
    assert!(sent.elapsed() < Duration::from_secs(5), "{name} took {:?}", sent.elapsed());
    assert_eq!(answer.as_ref().map(|answer| answer.status), status, "{name}: {answer:?}");
    if !code.is_empty() {
        let body = json::Value::parse(&answer.expect("an answer").text).expect("JSON");
        let refusal = refusal_in(&body);
        assert!(refusal.starts_with(code), "{name}: {refusal}");
    }
    world.ask("ListActivities", "{}").await;
}

#[tokio::test]
async fn bad_bodies() {
    let world = World::start().await;
    let start = "AWSStepFunctions.StartExecution";
    let cases: &[(&str, Vec<u8>, &str)] = &[
        ("malformed", b"{\"a\":".to_vec(), "SerializationException: Unexpected end-of-input"),
        ("not an object", b"[1]".to_vec(), "SerializationException: Start of list"),
        ("a wrong type", b"{\"stateMachineArn\":1}".to_vec(), "SerializationException: NUMBER_VALUE"),
        ("not UTF-8", b"{\"name\":\"\xff\xfe\"}".to_vec(), "SerializationException: Invalid UTF-8"),
        ("deep", "[".repeat(1_000_000).into_bytes(), "SerializationException: "),
        ("deep objects", r#"{"a":"#.repeat(200_000).into_bytes(), "SerializationException: "),
        (
            "empty",
            Vec::new(),
            "ValidationException: 1 validation error detected: Value null at 'stateMachineArn'",
        ),
        (
            "a bad ARN",
            br#"{"stateMachineArn":"x"}"#.to_vec(),
            "InvalidArn: Invalid Arn: 'Invalid ARN prefix: x'",
        ),
        (
            "a number of many digits",
            format!("{{\"name\":{}}}", "9".repeat(900_000)).into_bytes(),
            "SerializationException: ",
        ),
        (
            "many members",
            format!("{{{}\"z\":1}}", r#""a":1,"#.repeat(100_000)).into_bytes(),
            "ValidationException: ",
        ),
    ];
    for (name, body, code) in cases {
        check(&world, name, &request(start, body), 400, code).await;
    }
    world.stopped().await;
}

#[tokio::test]
async fn large_bodies() {
    let world = World::start().await;
    let target = "AWSStepFunctions.StartExecution";
    let large = "x".repeat(2_000_000).into_bytes();
    let too_large = "RequestEntityTooLargeException: The request is longer than";
    check(&world, "two megabytes", &request(target, &large), 413, too_large).await;
    // A client that declares more than it sends is told before it sends.
    let declared = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: {target}\r\nContent-Length: 99999999999\r\n\r\n"
    );
    check(&world, "declared only", declared.as_bytes(), 413, too_large).await;
    let mut chunked =
        format!("POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: {target}\r\nTransfer-Encoding: chunked\r\n\r\n")
            .into_bytes();
    for _ in 0..20 {
        chunked.extend_from_slice(format!("{:x}\r\n", 100_000).as_bytes());
        chunked.extend_from_slice(&large[..100_000]);
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    check(&world, "chunked", &chunked, 413, too_large).await;
    let pieces = b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\n\
        Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
    check(&world, "small chunks", pieces, 200, "").await;
    world.stopped().await;
}

#[tokio::test]
async fn bad_http() {
    let world = World::start().await;
    check(&world, "garbage", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "").await;
    check(&world, "words", b"hello there\r\n\r\n", 400, "").await;
    check_cut(&world, "nothing", b"", None).await;
    check_cut(&world, "half a line", b"POST / HT", None).await;
    let header = format!("GET /healthz HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n", "x".repeat(200_000));
    check(&world, "a long header", header.as_bytes(), 431, "").await;
    let headers = format!("GET /healthz HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(500));
    check(&world, "many headers", headers.as_bytes(), 431, "").await;
    let bad_length = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: minus one\r\n\r\n";
    check(&world, "a bad length", bad_length, 400, "").await;
    let short = b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\nContent-Length: 10\r\n\r\n{}";
    check_cut(&world, "a body that ends early", short, Some(400)).await;
    world.stopped().await;
}

#[tokio::test]
async fn bad_targets() {
    let world = World::start().await;
    for (target, message) in [
        ("AWSStepFunctions.Fly", "AWS Step Functions has no action 'Fly'."),
        ("DynamoDB_20120810.ListTables", "This server has no 'DynamoDB_20120810.ListTables'."),
        ("", "This server has no ''."),
    ] {
        let code = format!("UnknownOperationException: {message}");
        check(&world, target, &request(target, b"{}"), 400, &code).await;
    }
    let target =
        [b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: \xff\xfe\r\nContent-Length: 2\r\n\r\n{}".as_slice()]
            .concat();
    check(&world, "not UTF-8", &target, 400, "UnknownOperationException: ").await;
    let none = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
    check(&world, "none", none, 400, "UnknownOperationException: The X-Amz-Target header is missing").await;
    world.stopped().await;
}

#[tokio::test]
async fn slow_clients() {
    let patience = http_api::Patience { head: Duration::from_millis(300), body: Duration::from_millis(150) };
    let settings = http_api::Settings { patience, ..http_api::Settings::default() };
    let world = World::start_with(settings).await;
    let body_missing = b"POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: AWSStepFunctions.ListActivities\r\n\
        Content-Length: 2\r\n\r\n{";
    let late = "SerializationException: The body did not come in time.";
    check(&world, "a body that does not come", body_missing, 408, late).await;
    check_sent(&world, "headers that do not come", b"POST / HT", false, None, "").await;
    check_sent(&world, "no request at all", b"", false, None, "").await;
    // Whoever asks again in time may stay.
    let mut client = world.client().await;
    for _ in 0..4 {
        assert_eq!(client.call("ListActivities", "{}").await.status, 200);
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(client.answer().await.map(|answer| answer.status), None, "it idles too long in the end");
    world.stopped().await;
}
