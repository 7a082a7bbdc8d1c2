//! TestState over the wire: the answer at each level, and what a whole server adds.

use json::Value;

use crate::world::{World, text};

/// A request to test a state.
fn testing(state: &str, more: &str) -> String {
    let definition = Value::from(state).to_text();
    format!(r#"{{"definition":{definition}{}{more}}}"#, if more.is_empty() { "" } else { "," })
}

#[tokio::test]
async fn each_level_shows_what_it_shows() {
    let world = World::start().await;
    let state = r#"{"Type":"Task","Resource":"arn:aws:states:::glue:startJobRun.sync","ResultPath":"$.r","Next":"After",
        "Assign":{"id.$":"$.Id"}}"#;
    let check = async |more: &str, expected: &str| {
        let mock = r#""input":"{\"i\": 1}","mock":{"result":"{\"Id\":\"x\"}"}"#;
        assert_eq!(
            world.ask("TestState", &testing(state, &format!("{mock}{more}"))).await.to_text(),
            expected
        );
    };
    let output = r#""output":"{\"i\":1,\"r\":{\"Id\":\"x\"}}""#;
    check("", &format!(r#"{{{output},"nextState":"After","status":"SUCCEEDED"}}"#)).await;
    let inspection = concat!(
        r#""inspectionData":{"input":"{\"i\": 1}","afterInputPath":"{\"i\": 1}","afterParameters":"{\"i\": 1}","#,
        r#""result":"{\"Id\":\"x\"}","afterResultSelector":"{\"Id\":\"x\"}","#,
        r#""afterResultPath":"{\"i\":1,\"r\":{\"Id\":\"x\"}}","variables":"{\"id\":\"x\"}"}"#
    );
    let shown = format!(r#"{{{output},{inspection},"nextState":"After","status":"SUCCEEDED"}}"#);
    check(r#","inspectionLevel":"DEBUG""#, &shown).await;
    check(r#","inspectionLevel":"TRACE""#, &shown).await;
    world.stopped().await;
}

#[tokio::test]
async fn failures_tell_what_would_become_of_them() {
    let world = World::start().await;
    let state = r#"{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","End":true,
        "Retry":[{"ErrorEquals":["A"],"IntervalSeconds":3}],"Catch":[{"ErrorEquals":["States.ALL"],"Next":"C"}]}"#;
    let check = async |error: &str, retries: u32, expected: &str| {
        let more = format!(
            r#""inspectionLevel":"DEBUG","mock":{{"errorOutput":{{"error":"{error}","cause":"why"}}}},
            "stateConfiguration":{{"retrierRetryCount":{retries}}}"#
        );
        let answer = world.ask("TestState", &testing(state, &more)).await;
        let details =
            answer.get("inspectionData").and_then(|data| data.get("errorDetails")).expect("it is there");
        let next = answer.get("nextState").and_then(Value::as_str).unwrap_or("-");
        assert_eq!((text(&answer, "error"), text(&answer, "cause")), (error.to_owned(), "why".to_owned()));
        assert_eq!(format!("{} {next} {details}", text(&answer, "status")), expected);
    };
    check("A", 1, r#"RETRIABLE - {"retryIndex":0,"retryBackoffIntervalSeconds":6}"#).await;
    check("A", 3, r#"CAUGHT_ERROR C {"catchIndex":0,"retryIndex":0}"#).await;
    check("B", 0, r#"CAUGHT_ERROR C {"catchIndex":0}"#).await;
    world.stopped().await;
}

#[tokio::test]
async fn the_context_object_is_of_an_execution_that_is_made_up() {
    let world = World::start().await;
    let show = async |more: &str| {
        let state = r#"{"Type":"Pass","Parameters":{"context.$":"$$"},"End":true}"#;
        let answer = world.ask("TestState", &testing(state, more)).await;
        let output = Value::parse(&text(&answer, "output")).expect("JSON");
        output.get("context").expect("it is there").clone()
    };
    let context = show("").await;
    let member = |name: &str, field: &str| context.get(name).and_then(|part| part.get(field)).cloned();
    let string = |name: &str, field: &str| text(context.get(name).expect("it is there"), field);
    let (machine, name) = (string("StateMachine", "Name"), string("Execution", "Name"));
    let prefix = "arn:aws:states:us-east-1:123456789012:";
    assert_eq!(string("Execution", "Id"), format!("{prefix}express:{machine}:{name}"));
    assert_eq!(string("StateMachine", "Id"), format!("{prefix}stateMachine:{machine}"));
    assert_eq!((machine.len(), name.len()), (36, 36));
    assert_eq!(member("Execution", "RoleArn"), Some(Value::Null));
    assert_eq!(string("State", "Name"), "StateName");
    assert_eq!(member("Map", "Item"), None);
    let context = show(r#""roleArn":"arn:aws:iam::123456789012:role/r""#).await;
    assert_eq!(text(context.get("Execution").unwrap(), "RoleArn"), "arn:aws:iam::123456789012:role/r");
    world.stopped().await;
}

#[tokio::test]
async fn a_state_inside_a_map_sees_an_item() {
    let world = World::start().await;
    let machine = r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"S","States":{
        "S":{"Type":"Pass","Parameters":{"item.$":"$$.Map.Item","name.$":"$$.State.Name"},"End":true}}}}}}"#;
    let answer = world.ask("TestState", &testing(machine, r#""stateName":"S","input":"[7]""#)).await;
    assert_eq!(text(&answer, "output"), r#"{"item":{"Index":0,"Value":[7]},"name":"StateName"}"#);
    world.stopped().await;
}

#[tokio::test]
async fn more_iterations_than_there_are_cannot_have_failed() {
    let world = World::start().await;
    let state =
        r#"{"Type":"Map","End":true,"ItemProcessor":{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}}"#;
    let more = |failed: u32| {
        format!(
            r#""input":"[1,2]","mock":{{"result":"[]"}},"stateConfiguration":{{"mapIterationFailureCount":{failed}}}"#
        )
    };
    assert_eq!(
        world.refusal("TestState", &testing(state, &more(3))).await,
        "ValidationException: Map iteration failure count must be less than or equal to the number of Map iterations"
    );
    world.ask("TestState", &testing(state, &more(2))).await;
    world.stopped().await;
}

#[tokio::test]
async fn without_a_mock_the_work_is_done() {
    let world = World::start().await;
    // There is no such function; that is an answer, too.
    let state = r#"{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f","End":true}"#;
    let role = r#""roleArn":"arn:aws:iam::123456789012:role/r","inspectionLevel":"DEBUG""#;
    let answer = world.ask("TestState", &testing(state, role)).await;
    assert_eq!(text(&answer, "status"), "FAILED");
    assert!(text(&answer, "cause").contains("The function f cannot be called"), "{answer}");
    let answer = world.ask("TestState", &testing(r#"{"Type":"Wait","Seconds":1,"Next":"N"}"#, "")).await;
    assert_eq!(text(&answer, "status"), "SUCCEEDED");
    world.stopped().await;
}

#[tokio::test]
async fn a_trace_shows_what_went_over_the_wire() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let served = tokio::spawn(async move {
        // A connection for each test.
        for _ in 0..3 {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut request = Vec::new();
            while !request.ends_with(b"{\"n\":1}") {
                assert_ne!(stream.read_buf(&mut request).await.expect("a request"), 0);
            }
            let answer =
                "HTTP/1.1 418 Short And Stout\r\nX-A: b\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntea";
            stream.write_all(answer.as_bytes()).await.expect("a listener");
        }
    });
    let world = World::start().await;
    let connection = r#"{"Name":"c","AuthorizationType":"API_KEY","AuthParameters":{
        "ApiKeyAuthParameters":{"ApiKeyName":"X-Key","ApiKeyValue":"hush"},
        "InvocationHttpParameters":{"QueryStringParameters":[{"Key":"q","Value":"hush","IsValueSecret":true}]}}}"#;
    let mut client = world.client().await;
    client.send(&crate::world::request("AWSEvents.CreateConnection", connection.as_bytes())).await;
    let made = Value::parse(&client.answer().await.expect("an answer").text).expect("JSON");
    let state = json::value!({
        "Type": "Task",
        "Resource": "arn:aws:states:::http:invoke",
        "Parameters": {
            "ApiEndpoint": (format!("http://{address}/pot")),
            "Method": "PUT",
            "Authentication": { "ConnectionArn": (text(&made, "ConnectionArn")) },
            "RequestBody": { "n": 1 },
        },
        "End": true,
    });
    let check = async |more: &str, url: &str, key: &str| {
        let more = format!(r#""roleArn":"arn:aws:iam::123456789012:role/r"{more}"#);
        let answer = world.ask("TestState", &testing(&state.to_text(), &more)).await;
        assert_eq!(
            (text(&answer, "error"), text(&answer, "cause")),
            ("States.Http.StatusCode.418".into(), "tea".into())
        );
        let data = answer.get("inspectionData").expect("it is there");
        let request = json::value!({
            "protocol": "http",
            "method": "PUT",
            "url": (format!("http://{address}/pot{url}")),
            "headers": (format!(
                "[{key}User-Agent: Amazon|StepFunctions|HttpInvoke|us-east-1, Range: bytes=0-262144, \
                 Content-Type: application/json; charset=UTF-8]"
            )),
            "body": r#"{"n":1}"#,
        });
        let response = json::value!({
            "protocol": "http",
            "statusCode": "418",
            "statusMessage": "Short And Stout",
            "headers": "[x-a: b, content-length: 3, connection: close]",
            "body": "tea",
        });
        let shown = (data.get("request").cloned(), data.get("response").cloned());
        match more.contains("TRACE") {
            true => assert_eq!(shown, (Some(request), Some(response))),
            false => assert_eq!(shown, (None, None)),
        }
    };
    check(r#","inspectionLevel":"TRACE""#, "", "").await;
    check(r#","inspectionLevel":"TRACE","revealSecrets":true"#, "?q=hush", "X-Key: hush, ").await;
    check(r#","inspectionLevel":"DEBUG","revealSecrets":true"#, "", "").await;
    served.await.expect("every test asked");
    world.stopped().await;
}
