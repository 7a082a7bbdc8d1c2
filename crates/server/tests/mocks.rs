//! Test cases of a mock file on a real server: every kind of task is answered without anybody who could, a
//! `kill -9` in between changes nothing, and what is wrong with a file is said.

mod harness;

use std::time::{Duration, Instant};

use harness::{CallError, Client, Folder, Server, history, outcome, stepwell, text};
use json::Value;

const MACHINE: &str = "arn:aws:states:us-east-1:123456789012:stateMachine";
const WORK: &str = "arn:aws:states:us-east-1:123456789012:activity:work";

/// Nobody of those who are asked here is there, apart from the worker of `Work`.
const ORDERS: &str = r#"{"StartAt":"Reserve","States":{
    "Reserve":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:reserve",
        "Retry":[{"ErrorEquals":["Busy"],"IntervalSeconds":1}],"Next":"Charge"},
    "Charge":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"charge"},
        "ResultSelector":{"charged.$":"$.Payload"},
        "Catch":[{"ErrorEquals":["Declined"],"Next":"Declined"}],"Next":"Approve"},
    "Approve":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters":{"FunctionName":"approve","Payload":{"token.$":"$$.Task.Token"}},"Next":"Pack"},
    "Pack":{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:pack","Next":"Work"},
    "Work":{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:work","Next":"Each"},
    "Each":{"Type":"Map","MaxConcurrency":1,"ItemProcessor":{"StartAt":"Ship","States":{
        "Ship":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:ship","Next":"Sign"},
        "Sign":{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:sign","End":true}}},
        "Next":"Charge"},
    "Declined":{"Type":"Succeed"}}}"#;

const MOCKS: &str = r#"{
    "StateMachines": {
        "orders": { "TestCases": {
            "Happy": { "Reserve": "SecondTime", "Charge": "OnceThenDeclined", "Approve": "Yes", "Pack": "Yes",
                "Ship": "Shipped", "Sign": "Numbers" },
            "Short": { "Reserve": "Broken" }
        } },
        "sync": { "TestCases": { "Happy": { "Ask": "Numbers" } } }
    },
    "MockedResponses": {
        "SecondTime": { "0": { "Throw": { "Error": "Busy", "Cause": "at first" } }, "1": { "Return": "reserved" } },
        "OnceThenDeclined": { "0": { "Return": { "StatusCode": 200, "Payload": 12 } },
            "1": { "Throw": { "Error": "Declined", "Cause": "no more" } } },
        "Yes": { "0": { "Return": "yes" } },
        "Shipped": { "0-1": { "Return": "shipped" } },
        "Numbers": { "0": { "Return": 0 }, "1": { "Return": 1 } },
        "Broken": { "0": { "Throw": { "Error": "Broken", "Cause": "for good" } } }
    } }"#;

/// What follows in time what was asked for.
const SOON: Duration = Duration::from_secs(30);

fn dev(folder: &Folder) -> Server {
    let errors =
        std::fs::File::options().create(true).append(true).open(folder.0.join("errors.txt")).unwrap();
    Server::start(stepwell(["dev", folder.arg()]).stderr(errors))
}

fn project(name: &str, mocks: Option<&str>) -> Folder {
    let folder = Folder::new(name);
    folder.write("orders.asl.json", ORDERS);
    if let Some(mocks) = mocks {
        folder.write("MockConfigFile.json", mocks);
    }
    folder
}

fn start(client: &mut Client, machine: &str, name: &str) -> Result<String, String> {
    let body = json::value!({ "stateMachineArn": (format!("{MACHINE}:{machine}")), "name": name });
    match client.call("StartExecution", &body) {
        Ok(started) => Ok(text(&started, "executionArn").to_owned()),
        Err(CallError::Refused { code, message }) => Err(format!("{code}: {message}")),
        Err(CallError::Broken(error)) => panic!("{error}"),
    }
}

fn ended(client: &mut Client, arn: &str) -> Value {
    let began = Instant::now();
    loop {
        let view = client.ok("DescribeExecution", &json::value!({ "executionArn": arn }));
        if text(&view, "status") != "RUNNING" {
            return view;
        }
        assert!(began.elapsed() < SOON, "{arn} does not end");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn types(client: &mut Client, arn: &str) -> Vec<String> {
    history(client, arn).iter().map(|event| text(event, "type").to_owned()).collect()
}

#[test]
fn every_kind_of_task_is_mocked_and_counted_through_a_kill() {
    let folder = project("mocks", Some(MOCKS));
    let server = dev(&folder);
    server.wait_for_line("mocks: 3 test cases in ");
    let mut client = server.client();
    client.ok("CreateActivity", &json::value!({ "name": "work" }));
    let arn = start(&mut client, "orders#Happy", "e").expect("it starts");
    // All before it is mocked; this worker is real, and has the task when the server dies.
    let task = client.ok("GetActivityTask", &json::value!({ "activityArn": WORK }));
    server.kill();

    let server = dev(&folder);
    let mut client = server.client();
    let token = text(&task, "taskToken");
    client.ok("SendTaskSuccess", &json::value!({ "taskToken": token, "output": "[\"a\",\"b\"]" }));
    let view = ended(&mut client, &arn);
    assert_eq!(text(&view, "status"), "SUCCEEDED", "{}", view.to_text());
    assert_eq!(text(&view, "output"), r#"{"Error":"Declined","Cause":"no more"}"#);
    assert_eq!(text(&view, "stateMachineArn"), format!("{MACHINE}:orders"));

    let function = |end| [["LambdaFunctionScheduled", "LambdaFunctionStarted"].as_slice(), &[end]].concat();
    let activity = ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"];
    let iteration =
        |states: &[&'static str]| [&["MapIterationStarted"], states, &["MapIterationSucceeded"]].concat();
    let ship = [
        ["TaskStateEntered"].as_slice(),
        &function("LambdaFunctionSucceeded"),
        &["TaskStateExited", "TaskStateEntered"],
        &activity,
        &["TaskStateExited"],
    ]
    .concat();
    let expected = [
        ["ExecutionStarted", "TaskStateEntered"].as_slice(),
        &function("LambdaFunctionFailed"),
        &function("LambdaFunctionSucceeded"),
        &["TaskStateExited", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSucceeded"],
        &["TaskStateExited", "TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskSubmitted"],
        &["TaskSucceeded", "TaskStateExited", "TaskStateEntered"],
        &activity,
        &["TaskStateExited", "TaskStateEntered"],
        &activity,
        &["TaskStateExited", "MapStateEntered", "MapStateStarted"],
        &iteration(&ship),
        &iteration(&ship),
        &["MapStateSucceeded", "MapStateExited"],
        &["TaskStateEntered", "TaskScheduled", "TaskStarted", "TaskFailed", "TaskStateExited"],
        &["SucceedStateEntered", "SucceedStateExited", "ExecutionSucceeded"],
    ]
    .concat();
    assert_eq!(types(&mut client, &arn), expected);
    let events = history(&mut client, &arn);
    let exited = |event: &&Value| text(event, "type") == "MapStateExited";
    let map = events.iter().find(exited).and_then(|event| event.get("stateExitedEventDetails"));
    assert_eq!(text(map.expect("the Map ended"), "output"), "[0,1]");
}

/// Integrations in every pattern, with parameters that they take, and the events after TaskStarted.
const INTEGRATIONS: [(&str, &str, &[&str]); 14] = [
    ("sqs:sendMessage", r#"{"QueueUrl":"http://q","MessageBody":"m"}"#, ANSWERED),
    (
        "sqs:sendMessage.waitForTaskToken",
        r#"{"QueueUrl":"http://q","MessageBody.$":"$$.Task.Token"}"#,
        SUBMITTED,
    ),
    ("sns:publish", r#"{"TopicArn":"t","Message":"m"}"#, ANSWERED),
    ("dynamodb:getItem", r#"{"TableName":"t","Key":{"id":{"S":"1"}}}"#, ANSWERED),
    ("events:putEvents", r#"{"Entries":[{"Source":"s","DetailType":"d","Detail":{}}]}"#, ANSWERED),
    (
        "states:startExecution",
        r#"{"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m"}"#,
        ANSWERED,
    ),
    (
        "states:startExecution.sync",
        r#"{"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m"}"#,
        SUBMITTED,
    ),
    (
        "states:startExecution.sync:2",
        r#"{"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m"}"#,
        SUBMITTED,
    ),
    ("glue:startJobRun.sync", r#"{"JobName":"j"}"#, SUBMITTED),
    ("batch:submitJob.sync", r#"{"JobName":"j","JobDefinition":"d","JobQueue":"q"}"#, SUBMITTED),
    ("ecs:runTask.sync", r#"{"TaskDefinition":"d"}"#, SUBMITTED),
    ("ecs:runTask.waitForTaskToken", r#"{"TaskDefinition":"d"}"#, SUBMITTED),
    ("aws-sdk:s3:listBuckets", "{}", ANSWERED),
    (
        "aws-sdk:sfn:startExecution.waitForTaskToken",
        r#"{"StateMachineArn":"arn:aws:states:us-east-1:123456789012:stateMachine:m","Input.$":"$$.Task.Token"}"#,
        SUBMITTED,
    ),
];
const ANSWERED: &[&str] = &["TaskSucceeded"];
const SUBMITTED: &[&str] = &["TaskSubmitted", "TaskSucceeded"];

#[test]
fn every_integration_is_mocked_in_every_pattern() {
    let mut states = json::Object::new();
    let mut test_case = json::Object::new();
    let mut expected = vec!["ExecutionStarted"];
    for (place, (resource, parameters, events)) in INTEGRATIONS.into_iter().enumerate() {
        let mut state = json::Object::new();
        state.insert("Type", "Task");
        state.insert("Resource", format!("arn:aws:states:::{resource}"));
        state.insert("Parameters", Value::parse(parameters).unwrap());
        match place + 1 < INTEGRATIONS.len() {
            true => state.insert("Next", format!("S{}", place + 1)),
            false => state.insert("End", true),
        };
        states.insert(format!("S{place}"), state);
        test_case.insert(format!("S{place}"), "Yes");
        expected.extend(["TaskStateEntered", "TaskScheduled", "TaskStarted"]);
        expected.extend(events);
        expected.push("TaskStateExited");
    }
    expected.push("ExecutionSucceeded");
    let folder = Folder::new("mocks-integrations");
    folder.write("all.asl.json", &json::value!({ "StartAt": "S0", "States": (states) }).to_text());
    let mocks = json::value!({
        "StateMachines": { "all": { "TestCases": { "Happy": (test_case) } } },
        "MockedResponses": { "Yes": { "0": { "Return": { "yes": true } } } }
    });
    folder.write("MockConfigFile.json", &mocks.to_text());
    let server = dev(&folder);
    let mut client = server.client();
    let arn = start(&mut client, "all#Happy", "e").expect("it starts");
    let view = ended(&mut client, &arn);
    assert_eq!(text(&view, "status"), "SUCCEEDED", "{}", view.to_text());
    assert_eq!(text(&view, "output"), r#"{"yes":true}"#);
    assert_eq!(types(&mut client, &arn), expected);
}

#[test]
fn the_kill_may_come_while_a_retry_waits() {
    let folder = project("mocks-retry", Some(MOCKS));
    let server = dev(&folder);
    let mut client = server.client();
    client.ok("CreateActivity", &json::value!({ "name": "work" }));
    let arn = start(&mut client, "orders#Happy", "e").expect("it starts");
    // The first turn has made the first answer; the second comes a second later.
    assert!(types(&mut client, &arn).contains(&"LambdaFunctionFailed".to_owned()));
    server.kill();
    let server = dev(&folder);
    let mut client = server.client();
    // It has come to the real worker, which it does not before its second answer.
    let task = client.ok("GetActivityTask", &json::value!({ "activityArn": WORK }));
    assert_eq!(text(&task, "input"), "\"yes\"");
}

#[test]
fn a_synchronous_execution_runs_in_a_test_case() {
    let folder = project("mocks-sync", Some(MOCKS));
    let server = dev(&folder);
    let mut client = server.client();
    let definition = r#"{"StartAt":"Ask","States":{"Ask":{"Type":"Task","End":true,
        "Resource":"arn:aws:lambda:us-east-1:123456789012:function:nowhere"}}}"#;
    let role = "arn:aws:iam::123456789012:role/any";
    client.ok(
        "CreateStateMachine",
        &json::value!({ "name": "sync", "type": "EXPRESS", "definition": definition, "roleArn": role }),
    );
    let arn = format!("{MACHINE}:sync");
    let run = |client: &mut Client, arn: &str| {
        client.ok("StartSyncExecution", &json::value!({ "stateMachineArn": arn }))
    };
    let ended = run(&mut client, &format!("{arn}#Happy"));
    assert_eq!((text(&ended, "status"), text(&ended, "output")), ("SUCCEEDED", "0"));
    assert_eq!(text(&ended, "stateMachineArn"), arn);
    assert_eq!(text(&run(&mut client, &arn), "status"), "FAILED");
}

#[test]
fn a_changed_file_counts_at_once_and_a_bad_one_does_not() {
    let folder = project("mocks-changed", None);
    let server = dev(&folder);
    let mut client = server.client();
    let none = "ValidationException: There is no test case 'Short' of the state machine 'orders': there are no mocks; \
                --mock-config or SFN_MOCK_CONFIG names a MockConfigFile.json.";
    assert_eq!(start(&mut client, "orders#Short", "e1"), Err(none.to_owned()));
    let unknown = start(&mut client, "nothing#Short", "e1").expect_err("there is no machine");
    assert!(unknown.starts_with("StateMachineDoesNotExist: "), "{unknown}");

    folder.write("MockConfigFile.json", MOCKS);
    server.wait_for_line("MockConfigFile.json, which has 3 test cases");
    let arn = start(&mut client, "orders#Short", "e2").expect("it starts");
    assert_eq!(text(&ended(&mut client, &arn), "error"), "Broken");

    folder.write("MockConfigFile.json", &MOCKS.replace(r#""Broken": {"#, r#""Brokn": {"#));
    let said = wait_for_error(&folder, "the earlier test cases stay in force");
    assert!(
        said.contains("StateMachines.orders.TestCases.Short.Reserve: 'MockedResponses' has no 'Broken'"),
        "{said}"
    );
    let arn = start(&mut client, "orders#Short", "e3").expect("it starts");
    assert_eq!(text(&ended(&mut client, &arn), "error"), "Broken");

    std::fs::remove_file(folder.0.join("MockConfigFile.json")).unwrap();
    wait_for_error(&folder, "MockConfigFile.json is gone");
    start(&mut client, "orders#Short", "e4").expect("the earlier test cases are there");

    folder.write("MockConfigFile.json", &MOCKS.replace("for good", "for now").replace("Ship\":", "Shp\":"));
    let began = Instant::now();
    while server.printed().iter().filter(|line| line.contains("which has 3 test cases")).count() < 2 {
        assert!(began.elapsed() < SOON, "{:?}", server.printed());
        std::thread::sleep(Duration::from_millis(20));
    }
    let arn = start(&mut client, "orders#Short", "e5").expect("it starts");
    assert_eq!(text(&ended(&mut client, &arn), "cause"), "for now");
    wait_for_error(&folder, "the test case 'Happy' mocks 'Shp', which is no Task state of orders");
}

fn wait_for_error(folder: &Folder, part: &str) -> String {
    let began = Instant::now();
    loop {
        let said = std::fs::read_to_string(folder.0.join("errors.txt")).unwrap();
        if said.contains(part) {
            return said;
        }
        assert!(began.elapsed() < SOON, "never said {part:?}, but {said}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The files that `docs/mocks.md` has its reader write.
#[test]
fn the_document_s_example_does_what_it_says() {
    let document = include_str!("../../../docs/mocks.md");
    let folder = Folder::new("mocks-document");
    for name in ["order.asl.json", "MockConfigFile.json"] {
        let (_, rest) = document.split_once(&format!("cat > {name} <<'EOF'\n")).expect("it has the file");
        folder.write(name, rest.split_once("\nEOF\n").expect("it ends").0);
    }
    let server = dev(&folder);
    let mut client = server.client();
    let busy = start(&mut client, "order#BusyAtFirst", "busy").expect("it starts");
    let declined = start(&mut client, "order#Declined", "declined").expect("it starts");
    let view = ended(&mut client, &declined);
    assert_eq!((text(&view, "status"), text(&view, "error")), ("FAILED", "NotPaid"));
    let view = ended(&mut client, &busy);
    assert_eq!((text(&view, "status"), text(&view, "output")), ("SUCCEEDED", r#"{"parcel":"p-1"}"#));
    let (_, shown) = document.split_once("```\nExecutionStarted").expect("it shows the history");
    let shown = shown.split_once("```").expect("it ends").0;
    let shown: Vec<&str> = std::iter::once("ExecutionStarted").chain(shown.split_whitespace()).collect();
    assert_eq!(types(&mut client, &busy), shown);
}

#[test]
fn a_file_that_cannot_be_used_stops_the_start() {
    let folder = project("mocks-bad", Some("{ \"StateMachines\": { \"orders\": { \"TestCase\": {} } } }"));
    let (code, _, err) = outcome(&mut stepwell(["dev", folder.arg(), "--port", "0"]));
    assert_eq!(code, 2);
    assert!(
        err.contains("MockConfigFile.json is not usable:\n  StateMachines.orders: the field 'TestCases'"),
        "{err}"
    );

    let settings = folder.write("stepwell.toml", "[data]\ndir = \"data\"\n");
    let server = || {
        let mut command = stepwell(["server", "--port", "0", "--config"]);
        command.arg(&settings);
        command
    };
    let bad = folder.write("bad.json", "{\n  \"StateMachines\": {},\n}");
    let (code, _, err) = outcome(server().arg("--mock-config").arg(&bad));
    assert_eq!(code, 2);
    assert!(err.contains("bad.json is not usable:\n  line 3: this is not JSON: "), "{err}");
    let (code, _, err) = outcome(server().env("SFN_MOCK_CONFIG", folder.0.join("missing.json")));
    assert_eq!(code, 2);
    assert!(err.contains("cannot read ") && err.contains("missing.json"), "{err}");
}

#[test]
fn the_variable_and_the_flag_name_a_file() {
    let folder = project("mocks-named", None);
    let settings = folder.write("stepwell.toml", "[data]\ndir = \"data\"\n");
    let mocks = folder.write("elsewhere/mocks.json", MOCKS);
    let mut command = stepwell(["server", "--config"]);
    let server = Server::start(command.arg(&settings).env("SFN_MOCK_CONFIG", &mocks));
    server.wait_for_line("mocks: 3 test cases in ");
    drop(server);
    // A variable that is set to nothing is none; the flag is stronger than the variable.
    let mut command = stepwell(["server", "--config"]);
    let server = Server::start(command.arg(&settings).env("SFN_MOCK_CONFIG", ""));
    let refused = start(&mut server.client(), "orders#Happy", "e").expect_err("there is no machine");
    assert!(refused.starts_with("StateMachineDoesNotExist: "), "{refused}");
    drop(server);
    let mut command = stepwell(["server", "--config"]);
    let command = command.arg(&settings).env("SFN_MOCK_CONFIG", "missing.json");
    let server = Server::start(command.arg("--mock-config").arg(&mocks));
    server.wait_for_line("mocks: 3 test cases in ");
}
