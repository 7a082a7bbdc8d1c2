//! Layouts: of definitions that are sent, of machines, of executions with what they have done.

use json::Value;

use crate::world::{Answer, World, text};

const MACHINE: &str = r#"{"StartAt":"Try","States":{"Try":{"Type":"Parallel","Branches":[{"StartAt":"Stumble","States":{"Stumble":{"Type":"Fail","Error":"Oops"}}}],"Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":null,"Next":"Each"}],"Next":"Never"},"Each":{"Type":"Map","ItemProcessor":{"StartAt":"One","States":{"One":{"Type":"Pass","End":true}}},"Next":"Done"},"Never":{"Type":"Pass","Next":"Done"},"Done":{"Type":"Succeed"}}}"#;

async fn get(world: &World, query: &str) -> Answer {
    let mut client = world.client().await;
    client.send(format!("GET /v1/layout?{query} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await;
    client.answer().await.expect("an answer")
}

async fn post(world: &World, query: &str, body: &str) -> Answer {
    let mut client = world.client().await;
    let length = body.len();
    let head = format!("POST /v1/layout{query} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
    client.send(format!("{head}{body}").as_bytes()).await;
    client.answer().await.expect("an answer")
}

fn json(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(answer.headers.contains("content-type: application/json\r\n"), "{}", answer.headers);
    Value::parse(&answer.text).expect("JSON")
}

/// `name: status` of each state, in the order of the list.
fn statuses(layout: &Value) -> Vec<String> {
    let nodes = layout.get("nodes").and_then(Value::as_array).expect("nodes");
    let states = nodes.iter().filter(|node| text(node, "kind") == "state");
    let status = |node: &Value| {
        let execution = node.get("execution").expect("what it has done");
        format!("{}: {}", text(node, "name"), text(execution, "status"))
    };
    states.map(status).collect()
}

fn answer_has(answer: &Value, part: &str) -> bool {
    answer.to_text().contains(part)
}

#[tokio::test]
async fn a_definition_that_is_sent_need_not_compile() {
    let world = World::start().await;
    let layout = json(&post(&world, "", MACHINE).await);
    assert_eq!(layout.get("problems").unwrap().to_text(), "[]");
    assert_eq!(layout.get("nodes").and_then(Value::as_array).map(|nodes| nodes.len()), Some(12));
    assert!(layout.get("nodes").unwrap().at(1).unwrap().get("execution").is_none());
    let layout =
        json(&post(&world, "", r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}"#).await);
    assert_eq!(
        layout.get("problems").unwrap().to_text(),
        r#"[{"location":"/States/A/Next","message":"there is no state B here"}]"#
    );
    let svg = post(&world, "?format=svg", MACHINE).await;
    assert!(svg.headers.contains("content-type: image/svg+xml\r\n"), "{}", svg.headers);
    assert!(svg.text.starts_with("<svg ") && svg.text.contains(">Stumble</text>"));
    world.stopped().await;
}

#[tokio::test]
async fn what_cannot_be_drawn_is_refused() {
    let world = World::start().await;
    let answer = post(&world, "", "{").await;
    assert_eq!(answer.status, 400);
    assert!(answer.text.contains("#InvalidDefinition"), "{}", answer.text);
    let answer = post(&world, "", &" ".repeat((1 << 20) + 1)).await;
    assert_eq!(answer.status, 413, "{}", answer.text);
    let many: String = (0..5001).map(|place| format!(r#""{place}":{{}},"#)).collect();
    let answer = post(&world, "", &format!(r#"{{"States":{{{}}}}}"#, many.trim_end_matches(','))).await;
    assert!(answer.text.contains("more than 5000 states"), "{}", answer.text);
    let answer = get(&world, "executionArn=arn:aws:states:us-east-1:123456789012:execution:m:e").await;
    assert!(answer.text.contains("#ExecutionDoesNotExist"), "{}", answer.text);
    let answer = get(&world, "stateMachineArn=x").await;
    assert!(answer.text.contains("#InvalidArn"), "{}", answer.text);
    world.stopped().await;
}

#[tokio::test]
async fn an_execution_shows_what_it_has_done() {
    let world = World::start().await;
    let mut body = json::Object::new();
    body.insert("name", "m");
    body.insert("roleArn", "arn:aws:iam::123456789012:role/r");
    body.insert("definition", MACHINE);
    let machine = world.ask("CreateStateMachine", &Value::from(body).to_text()).await;
    let machine_arn = text(&machine, "stateMachineArn");
    let layout = json(&get(&world, &format!("stateMachineArn={machine_arn}")).await);
    assert_eq!(text(&layout, "name"), "m");
    let start = format!(r#"{{"stateMachineArn":"{machine_arn}","name":"e","input":"[1,2,3]"}}"#);
    let started = world.ask("StartExecution", &start).await;
    let arn = text(&started, "executionArn");
    world.closed(&arn).await;
    let layout = json(&get(&world, &format!("executionArn={}", arn.replace(':', "%3A"))).await);
    assert_eq!(text(&layout, "status"), "SUCCEEDED");
    assert_eq!(
        statuses(&layout),
        [
            "Try: CAUGHT",
            "Stumble: FAILED",
            "Each: SUCCEEDED",
            "One: SUCCEEDED",
            "Never: NOT_REACHED",
            "Done: SUCCEEDED"
        ]
    );
    assert!(answer_has(
        &layout,
        r#""iterations":{"total":3,"running":0,"succeeded":3,"failed":0,"aborted":0}"#
    ));
    assert!(answer_has(&layout, r#""status":"SUCCEEDED","visits":3,"retries":0"#));
    let svg = get(&world, &format!("executionArn={arn}&format=svg")).await;
    assert!(svg.text.contains("<title id=\"title\">m · e: SUCCEEDED</title>"), "{}", svg.text);
    world.stopped().await;
}
