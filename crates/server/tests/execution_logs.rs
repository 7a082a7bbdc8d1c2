//! Execution logs of a real server: which lines are in which file.

mod harness;

use harness::{Client, Folder, Server, stepwell, text};
use json::Value;

const PASS_AND_FAIL: &str = r#"{"StartAt":"P","States":{
    "P":{"Type":"Pass","Result":{"secret":1},"Next":"F"},"F":{"Type":"Fail","Error":"E","Cause":"why"}}}"#;

fn create(client: &mut Client, name: &str, machine_type: &str, level: &str, with_data: bool) -> String {
    let arn =
        "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/NAME:*".replace("NAME", name);
    let logging = json::value!({
        "level": level,
        "includeExecutionData": with_data,
        "destinations": [{ "cloudWatchLogsLogGroup": { "logGroupArn": (arn.as_str()) } }]
    });
    let body = json::value!({ "name": name, "type": machine_type, "definition": PASS_AND_FAIL,
        "roleArn": "arn:aws:iam::123456789012:role/r", "loggingConfiguration": logging });
    text(&client.ok("CreateStateMachine", &body), "stateMachineArn").to_owned()
}

/// `id type` of each line of a log group, and the whole text.
fn lines(folder: &Folder, group: &str) -> (Vec<String>, String) {
    let file = folder.0.join(format!("data/logs/aws/vendedlogs/states/{group}/executions.jsonl"));
    let all = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let line = |line: &str| {
        let value = Value::parse(line).expect("each line is JSON");
        format!("{} {}", text(&value, "id"), text(&value, "type"))
    };
    (all.lines().map(line).collect(), all)
}

#[test]
fn machines_log_what_their_configuration_says() {
    let folder = Folder::new("execution-logs");
    let data = folder.0.join("data");
    let start = || Server::start(&mut stepwell(["dev", folder.arg(), "--data-dir", data.to_str().unwrap()]));
    let server = start();
    let mut client = server.client();
    let all = create(&mut client, "all", "STANDARD", "ALL", true);
    let error = create(&mut client, "error", "EXPRESS", "ERROR", false);
    let fatal = create(&mut client, "fatal", "EXPRESS", "FATAL", true);
    let off = create(&mut client, "off", "EXPRESS", "OFF", true);
    for arn in [&all, &fatal] {
        client.ok("StartExecution", &json::value!({ "stateMachineArn": (arn.as_str()), "name": "e" }));
    }
    let mut arn = String::new();
    for machine in [&error, &off] {
        let body = json::value!({ "stateMachineArn": (machine.as_str()), "name": "e" });
        let ended = client.ok("StartSyncExecution", &body);
        arn = if machine == &error { text(&ended, "executionArn").to_owned() } else { arn };
    }
    let (code, page) = (server.client().get("/metrics"), "stepwell_log_events_dropped_total 0");
    assert!(code.expect("it answers").contains(page));
    // The asynchronous one has ended, too, when it is not counted any more.
    while !server.client().get("/metrics").unwrap().contains("stepwell_express_executions_under_way 0\n") {
        std::thread::yield_now();
    }
    assert_eq!(server.terminate(), 0);

    let (events, whole) = lines(&folder, "all");
    assert_eq!(
        events,
        [
            "1 ExecutionStarted",
            "2 PassStateEntered",
            "3 PassStateExited",
            "4 FailStateEntered",
            "5 ExecutionFailed"
        ]
    );
    assert!(
        whole.contains("secret")
            && whole.contains(r#""execution_arn":"arn:aws:states:us-east-1:123456789012:execution:all:e""#)
    );
    let (events, whole) = lines(&folder, "error");
    assert_eq!(events, ["4 FailStateEntered", "5 ExecutionFailed"]);
    assert!(!whole.contains("secret") && !whole.contains("why"), "{whole}");
    assert!(whole.contains(&format!(r#""execution_arn":"{arn}""#)), "{whole}");
    assert_eq!(lines(&folder, "fatal").0, ["5 ExecutionFailed"]);
    assert!(!data.join("logs/aws/vendedlogs/states/off").exists());

    // Logs in the data folder are no trouble at the next start, and go on.
    let server = start();
    let body = json::value!({ "stateMachineArn": (error.as_str()) });
    server.client().ok("StartSyncExecution", &body);
    assert_eq!(server.terminate(), 0);
    assert_eq!(lines(&folder, "error").0.len(), 4);
}

#[test]
fn logs_can_be_turned_off() {
    let folder = Folder::new("no-execution-logs");
    folder.write("stepwell.toml", "[data]\ndir = \"data\"\n[logs]\nenabled = false\n");
    let server = Server::start(&mut stepwell(["dev", folder.arg(), "--log", "error"]));
    let mut client = server.client();
    let machine = create(&mut client, "all", "EXPRESS", "ALL", true);
    client.ok("StartSyncExecution", &json::value!({ "stateMachineArn": (machine.as_str()) }));
    assert_eq!(server.terminate(), 0);
    assert!(folder.0.join("data").exists() && !folder.0.join("data/logs").exists());
}

#[test]
fn logs_go_where_the_settings_say() {
    let folder = Folder::new("execution-logs-elsewhere");
    let settings = |settings: &str| {
        folder.write("stepwell.toml", &format!("[data]\ndir = \"data\"\n[logs]\n{settings}\n"));
    };
    let start = || {
        let server = Server::start(&mut stepwell(["dev", folder.arg(), "--log", "error"]));
        let mut client = server.client();
        let machine = create(&mut client, "all", "EXPRESS", "ALL", true);
        client.ok("StartSyncExecution", &json::value!({ "stateMachineArn": (machine.as_str()) }));
        server
    };
    settings("folder = \"elsewhere\"");
    assert_eq!(start().terminate(), 0);
    let file = folder.0.join("elsewhere/aws/vendedlogs/states/all/executions.jsonl");
    assert_eq!(std::fs::read_to_string(file).expect("it is there").lines().count(), 5);

    settings("stdout = true");
    let server = start();
    server.wait_for_line("\"ExecutionFailed\"");
    let printed = server.printed();
    let lines = printed.iter().filter(|line| line.starts_with('{'));
    let types: Vec<String> =
        lines.map(|line| text(&Value::parse(line).expect("each line is JSON"), "type").to_owned()).collect();
    assert_eq!(
        types,
        ["ExecutionStarted", "PassStateEntered", "PassStateExited", "FailStateEntered", "ExecutionFailed"]
    );
    assert_eq!(server.terminate(), 0);
    assert!(!folder.0.join("data/logs").exists());

    settings("folder = \"elsewhere\"\nstdout = true");
    let refused = stepwell(["dev", folder.arg(), "--port", "0"]).output().expect("it starts");
    let why = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && why.contains("[logs] has both folder and stdout"), "{why}");
}
