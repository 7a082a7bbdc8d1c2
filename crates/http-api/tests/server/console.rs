//! The console's pages, and the API that they ask beside AWS's.

use std::collections::BTreeMap;

use http_api::{Authentication, Console, Settings};
use json::Value;

use crate::world::{Answer, World, post, text};

const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine";

async fn get(world: &World, path: &str, headers: &str) -> Answer {
    let mut client = world.client().await;
    let request = format!("GET {path} HTTP/1.1\r\n{headers}\r\n");
    client.send(request.as_bytes()).await;
    client.answer().await.expect("an answer")
}

async fn view(world: &World, path: &str) -> Value {
    let answer = get(world, path, "Host: localhost\r\n").await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    Value::parse(&answer.text).expect("JSON")
}

async fn machine(world: &World, name: &str, states: &str) {
    let definition = json::Value::from(format!(r#"{{"StartAt":"A","States":{states}}}"#).as_str());
    let role = "arn:aws:iam::123456789012:role/r";
    let body = format!(r#"{{"name":"{name}","roleArn":"{role}","definition":{definition}}}"#);
    world.ask("CreateStateMachine", &body).await;
}

async fn start(world: &World, machine: &str, name: &str) -> String {
    let body = format!(r#"{{"stateMachineArn":"{MACHINE}:{machine}","name":"{name}"}}"#);
    text(&world.ask("StartExecution", &body).await, "executionArn")
}

const PASS: &str = r#"{"A":{"Type":"Pass","End":true}}"#;
const FAIL: &str = r#"{"A":{"Type":"Fail","Error":"E"}}"#;
const WAIT: &str = r#"{"A":{"Type":"Wait","Seconds":1000,"End":true}}"#;

#[tokio::test]
async fn pages_are_fenced_in() {
    let world = World::start().await;
    let page = get(&world, "/console", "Host: localhost\r\n").await;
    assert_eq!(page.status, 200);
    for header in [
        "content-type: text/html; charset=utf-8\r\n",
        "cache-control: no-cache\r\n",
        "x-content-type-options: nosniff\r\n",
        "referrer-policy: no-referrer\r\n",
        "frame-ancestors 'none'",
        "script-src 'self';",
        "style-src 'self';",
    ] {
        assert!(page.headers.contains(header), "{header} {}", page.headers);
    }
    assert!(!page.headers.contains("unsafe"), "{}", page.headers);
    // What is no file is a place in the console.
    let deep = get(&world, "/console/executions/arn:aws:x", "Host: 127.0.0.1:1\r\n").await;
    assert_eq!((deep.status, deep.text), (200, page.text.clone()));
    let script = page.text.split('"').find(|part| part.ends_with(".js")).expect("a script");
    let asset = get(&world, script, "Host: localhost\r\n").await;
    assert_eq!(asset.status, 200);
    assert!(asset.headers.contains("immutable"), "{}", asset.headers);
    assert!(asset.headers.contains("content-type: text/javascript"), "{}", asset.headers);
    assert_eq!(get(&world, "/console/assets/none.js", "Host: localhost\r\n").await.status, 404);
    let root = get(&world, "/", "Host: localhost\r\nAccept: text/html,*/*\r\n").await;
    assert_eq!(root.status, 303);
    assert!(root.headers.contains("location: /console\r\n"), "{}", root.headers);
    world.stopped().await;
}

#[tokio::test]
async fn there_need_not_be_a_console() {
    let console = Console { is_enabled: false, ..Console::default() };
    let world = World::start_with(Settings { console, ..Settings::default() }).await;
    assert_eq!(get(&world, "/console", "Host: localhost\r\n").await.status, 404);
    world.stopped().await;
}

#[tokio::test]
async fn pages_of_other_sites_reach_nothing() {
    let world = World::start().await;
    let check = async |request: Vec<u8>, expected: u16| {
        let mut client = world.client().await;
        client.send(&request).await;
        let answer = client.answer().await.expect("an answer");
        assert_eq!(answer.status, expected, "{} {}", String::from_utf8_lossy(&request), answer.text);
    };
    let with = |request: Vec<u8>, headers: &str| {
        String::from_utf8(request).unwrap().replacen("Host: localhost\r\n", headers, 1).into_bytes()
    };
    let batch = || post("/v1/start-execution-batch", b"{}");
    let action = || crate::world::request("AWSStepFunctions.ListActivities", b"{}");
    check(with(batch(), "Host: localhost\r\nOrigin: https://evil.example\r\n"), 403).await;
    check(with(action(), "Host: localhost\r\nOrigin: null\r\n"), 403).await;
    check(with(action(), "Host: evil.example\r\nOrigin: http://evil.example\r\n"), 403).await;
    check(with(action(), "Host: localhost\r\nOrigin: http://localhost\r\n"), 200).await;
    // AWS's clients, whatever they call this server.
    check(with(action(), "Host: stepwell.internal\r\n"), 200).await;
    for path in ["/v1/server", "/v1/executions", "/console", "/v1/events"] {
        check(format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n").into_bytes(), 403).await;
    }
    let cross = "GET /v1/server HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n\r\n";
    check(cross.as_bytes().to_vec(), 403).await;
    world.stopped().await;
}

#[tokio::test]
async fn strangers_see_pages_and_learn_nothing() {
    let keys = BTreeMap::from([("AKIDEXAMPLE".to_owned(), "secret".to_owned())]);
    let settings = Settings { authentication: Authentication::SigV4 { keys }, ..Settings::default() };
    let world = World::start_with(settings).await;
    assert_eq!(get(&world, "/console", "Host: localhost\r\n").await.status, 200);
    let paths = [
        "/v1/server",
        "/v1/executions?x=1",
        "/v1/events",
        "/v1/state-machines",
        "/v1/execution",
        "/v1/waiting",
        "/v1/activities",
    ];
    for path in paths {
        let answer = get(&world, path, "Host: localhost\r\n").await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.text.contains("MissingAuthenticationTokenException"), "{path}: {}", answer.text);
    }
    let mut client = world.client().await;
    client.send(&post("/v1/evaluate", br#"{"expression":"$"}"#)).await;
    assert_eq!(client.answer().await.map(|answer| answer.status), Some(403));
    world.stopped().await;
}

#[tokio::test]
async fn an_expression_is_evaluated() {
    let world = World::start().await;
    let evaluate = async |body: &str| {
        let mut client = world.client().await;
        client.send(&post("/v1/evaluate", body.as_bytes())).await;
        let answer = client.answer().await.expect("an answer");
        (answer.status, answer.text)
    };
    let (status, said) = evaluate(r#"{"expression":"$.a","input":"{\"a\":1.0}"}"#).await;
    assert_eq!(
        (status, said.starts_with(r#"{"status":"SUCCEEDED","output":"1.0","steps":"#)),
        (200, true),
        "{said}"
    );
    let (status, said) = evaluate("{}").await;
    assert_eq!((status, said.contains("ValidationException")), (400, true), "{said}");
    world.stopped().await;
}

#[tokio::test]
async fn executions_are_found_and_counted() {
    let world = World::start().await;
    for (name, states) in [("good", PASS), ("bad", FAIL), ("slow", WAIT)] {
        machine(&world, name, states).await;
        let arn = start(&world, name, &format!("one-{name}")).await;
        if name != "slow" {
            world.closed(&arn).await;
        }
    }
    let names = async |query: &str| {
        let found = view(&world, &format!("/v1/executions?{query}")).await;
        let rows = found.get("executions").and_then(Value::as_array).expect("rows");
        let mut names: Vec<String> = rows.iter().map(|row| text(row, "name")).collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(names("").await, "one-bad one-good one-slow");
    assert_eq!(names("status=FAILED").await, "one-bad");
    assert_eq!(names("text=GOOD").await, "one-good");
    assert_eq!(names(&format!("stateMachineArn={MACHINE}%3Aslow")).await, "one-slow");
    assert_eq!(names("until=1").await, "");
    let page = view(&world, "/v1/executions?maxResults=2").await;
    assert_eq!(names(&format!("nextToken={}", text(&page, "nextToken"))).await.split(' ').count(), 1);
    let wrong = get(&world, "/v1/executions?state=FAILED", "Host: localhost\r\n").await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.text.contains("There is no parameter 'state' here"), "{}", wrong.text);

    let machines = view(&world, "/v1/state-machines").await;
    let rows = machines.get("stateMachines").and_then(Value::as_array).expect("rows");
    let counts: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", text(row, "name"), row.get("executions").expect("counts")))
        .collect();
    let zeros = |name: &str, status: &str| {
        let statuses = ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"];
        let count = |known: &&str| format!("\"{known}\":{}", u8::from(*known == status));
        format!("{name} {{{}}}", statuses.iter().map(count).collect::<Vec<_>>().join(","))
    };
    assert_eq!(counts, [zeros("bad", "FAILED"), zeros("good", "SUCCEEDED"), zeros("slow", "RUNNING")]);
    let one = view(&world, &format!("/v1/state-machines?stateMachineArn={MACHINE}:bad")).await;
    assert_eq!(one.get("stateMachines").and_then(Value::as_array).map(|rows| rows.len()), Some(1));

    let server = view(&world, "/v1/server").await;
    assert_eq!(text(&server, "region"), "us-east-1");
    let storage = server.get("storage").expect("sizes");
    assert_eq!(storage.get("executions"), Some(&Value::Int(3)), "{storage}");
    assert_eq!(storage.get("isKept"), Some(&Value::Bool(false)), "{storage}");
    assert_eq!(
        server.get("counters").and_then(|all| all.get("executionsStarted")),
        Some(&Value::Int(3)),
        "{server}"
    );
    world.stopped().await;
}

const TASKS: &str = r#"{"A":{"Type":"Parallel","End":true,"Branches":[
    {"StartAt":"W","States":{"W":{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:work",
        "TimeoutSeconds":60,"HeartbeatSeconds":30,"End":true}}},
    {"StartAt":"N","States":{"N":{"Type":"Wait","Seconds":1000,"End":true}}}]}}"#;

#[tokio::test]
async fn tasks_that_wait_are_told_with_their_tokens() {
    let world = World::start().await;
    world.ask("CreateActivity", r#"{"name":"work"}"#).await;
    world.ask("CreateActivity", r#"{"name":"other"}"#).await;
    machine(&world, "idle", WAIT).await;
    machine(&world, "busy", TASKS).await;
    start(&world, "idle", "i").await;
    let first = start(&world, "busy", "first").await;
    let second = start(&world, "busy", "second").await;
    let waiting = async |query: &str| {
        let answer = view(&world, &format!("/v1/waiting?{query}")).await;
        let tasks = answer.get("tasks").and_then(Value::as_array).expect("tasks");
        let tasks: Vec<Value> = tasks.iter().cloned().collect();
        (tasks, answer.get("nextToken").and_then(Value::as_str).map(str::to_owned))
    };
    let counts = async || {
        let answer = view(&world, "/v1/activities").await;
        let rows = answer.get("activities").and_then(Value::as_array).expect("activities").clone();
        let count = |row: &Value, name| row.get(name).and_then(Value::as_i64).expect("a count");
        rows.iter()
            .map(|row| (text(row, "name"), count(row, "waitingTasks"), count(row, "waitingWorkers")))
            .collect::<Vec<_>>()
    };

    // Nobody has taken them, so nobody can answer them.
    let (tasks, next) = waiting("").await;
    assert_eq!(next, None);
    let shown =
        |task: &Value| format!("{} {} {}", text(task, "name"), text(task, "state"), text(task, "status"));
    assert_eq!(tasks.iter().map(shown).collect::<Vec<_>>(), ["second W OFFERED", "first W OFFERED"]);
    assert!(tasks.iter().all(|task| task.get("taskToken").is_none() && task.get("timeoutDate").is_some()));
    assert_eq!(counts().await, [("other".to_owned(), 0, 0), ("work".to_owned(), 2, 0)]);

    let activity = "arn:aws:states:us-east-1:123456789012:activity";
    let task = world.ask("GetActivityTask", &format!(r#"{{"activityArn":"{activity}:work"}}"#)).await;
    let (tasks, _) = waiting(&format!("activityArn={activity}:work&stateMachineArn={MACHINE}:busy")).await;
    assert_eq!(tasks.iter().map(shown).collect::<Vec<_>>(), ["second W OFFERED", "first W GIVEN"]);
    assert_eq!(text(&tasks[1], "executionArn"), first);
    assert_eq!(text(&tasks[1], "taskToken"), text(&task, "taskToken"));
    assert!(tasks[1].get("heartbeatDate").is_some());

    let (one, next) = waiting("maxResults=1").await;
    assert_eq!(one.iter().map(shown).collect::<Vec<_>>(), ["second W OFFERED"]);
    let (rest, next) = waiting(&format!("nextToken={}", next.expect("a second page"))).await;
    assert_eq!((rest.iter().map(shown).collect::<Vec<_>>(), next), (vec!["first W GIVEN".to_owned()], None));
    assert_eq!(waiting(&format!("activityArn={activity}:other")).await.0.len(), 0);
    assert_eq!(waiting(&format!("stateMachineArn={MACHINE}:idle")).await.0.len(), 0);

    let failure = format!(r#"{{"taskToken":"{}","error":"E"}}"#, text(&tasks[1], "taskToken"));
    world.ask("SendTaskFailure", &failure).await;
    world.closed(&first).await;
    world.ask("StopExecution", &format!(r#"{{"executionArn":"{second}"}}"#)).await;
    assert_eq!(waiting("").await.0.len(), 0);
    world.stopped().await;
}

#[tokio::test]
async fn a_stream_tells_what_happens_and_ends_with_the_server() {
    let mut world = World::start().await;
    machine(&world, "good", PASS).await;
    machine(&world, "slow", WAIT).await;
    let follow = async |query: &str| {
        let mut client = world.client().await;
        let request = format!("GET /v1/events{query} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        client.send(request.as_bytes()).await;
        let head = client.until("event: ready\ndata: {}\n\n").await;
        assert!(head.contains("text/event-stream"), "{head}");
        client
    };
    let mut all = follow("").await;
    let mut of_slow = follow(&format!("?stateMachineArn={MACHINE}:slow")).await;
    let good = start(&world, "good", "g").await;
    let slow = start(&world, "slow", "s").await;
    let mut of_one = follow(&format!("?executionArn={slow}")).await;
    world.ask("StopExecution", &format!(r#"{{"executionArn":"{slow}"}}"#)).await;

    let said = all.until(r#""name":"s","status":"ABORTED"}"#).await;
    let started = format!(
        "event: started\ndata: {{\"executionArn\":\"{good}\",\"stateMachineArn\":\"{MACHINE}:good\",\"name\":\"g\",\
         \"status\":\"RUNNING\"}}\n\n"
    );
    assert!(said.contains(&started), "{said}");
    assert!(said.contains(r#""name":"g","status":"SUCCEEDED"}"#), "{said}");
    let said = of_slow.until(r#""status":"ABORTED"}"#).await;
    assert!(said.contains("event: started") && !said.contains("good"), "{said}");
    of_one.until("event: ended").await;

    world.begin_stop();
    // The empty chunk is the end of an answer that came in pieces.
    all.until("0\r\n\r\n").await;
    world.stopped().await;
}
