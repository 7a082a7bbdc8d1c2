//! The folders below `examples/`, by the commands that their own README gives. (The dragons have a test beside
//! those of the verbs; `cargo xtask e2e examples` runs what needs the AWS CLI and boto3.)

mod harness;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use harness::{Client, Folder, Server, have, outcome, shell, stepwell, text};
use json::Value;

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
/// Whatever is waited for is there by then, or never comes.
const WITHIN: Duration = Duration::from_secs(30);

/// The `stepwell run …` lines of an example's README.
fn commands(example: &str) -> Vec<String> {
    let readme = std::fs::read_to_string(format!("{EXAMPLES}/{example}/README.md")).unwrap();
    readme.lines().filter(|line| line.starts_with("stepwell run ")).map(str::to_owned).collect()
}

/// Runs a line of a README to its end: exit code, and output or failure.
#[track_caller]
fn run(line: &str) -> (i32, Value) {
    let (code, out, err) = outcome(&mut shell(&format!("{line} --output json")));
    let result = Value::parse(&out).unwrap_or_else(|error| panic!("{line}: {error}\n{out}\n{err}"));
    match result.get("output") {
        Some(output) => (code, output.clone()),
        None => (code, result),
    }
}

#[test]
fn a_function() {
    if !have("python3") {
        return;
    }
    let [full, empty] = &commands("function")[..] else { panic!("two commands") };
    assert_eq!(run(full), (0, json::value!({ "total": 17 })));
    assert_eq!(run(empty), (0, json::value!({ "total": 0 })));
}

#[test]
fn an_activity() {
    let server = Server::start(stepwell(["dev", "--ephemeral"]).arg(format!("{EXAMPLES}/activity")));
    let mut client = server.client();
    let activity = "arn:aws:states:us-east-1:123456789012:activity:translate";
    let created = client.ok("CreateActivity", &json::value!({ "name": "translate" }));
    assert_eq!(text(&created, "activityArn"), activity);
    let arn = start(&mut client, "translation", r#"{"text": "good morning"}"#);
    let task = client.ok("GetActivityTask", &json::value!({ "activityArn": activity }));
    let input = Value::parse(text(&task, "input")).unwrap();
    assert_eq!(input, json::value!({ "from": "English", "text": "good morning", "to": "Latin" }));
    let output = json::value!({ "taskToken": text(&task, "taskToken"), "output": "\"bonum mane\"" });
    client.ok("SendTaskSuccess", &output);
    assert_eq!(
        end(&mut client, &arn),
        ("SUCCEEDED".to_owned(), json::value!({ "text": "good morning", "translation": "bonum mane" }))
    );
}

#[test]
fn a_human_approval() {
    let [cheap] = &commands("approval")[..] else { panic!("one command") };
    assert_eq!(run(cheap), (0, json::value!({ "item": "an egg", "price": 12, "placed": true })));
    if !have("python3") {
        return;
    }
    let folder = Folder::new("approval");
    let printed = folder.write("printed", "");
    let log = std::fs::OpenOptions::new().append(true).open(&printed).unwrap();
    let mut command = stepwell(["dev", "--ephemeral"]);
    let server = Server::start(command.arg(format!("{EXAMPLES}/approval")).stderr(log));
    let mut client = server.client();
    let input = r#"{"item": "a dragon", "price": 900}"#;

    let arn = start(&mut client, "order", input);
    let token = token(&printed, "yes: aws stepfunctions send-task-success", 0);
    client.ok("SendTaskSuccess", &json::value!({ "taskToken": token, "output": r#"{"approvedBy": "me"}"# }));
    let placed = json::value!({ "item": "a dragon", "price": 900, "approvedBy": "me", "placed": true });
    assert_eq!(end(&mut client, &arn), ("SUCCEEDED".to_owned(), placed));

    let arn = start(&mut client, "order", input);
    let token = self::token(&printed, "no:  aws stepfunctions send-task-failure", 1);
    let no = json::value!({ "taskToken": token, "error": "Rejected", "cause": "too expensive" });
    client.ok("SendTaskFailure", &no);
    assert_eq!(end(&mut client, &arn), ("FAILED".to_owned(), Value::from("OrderRefused: too expensive")));
}

#[test]
fn an_http_call() {
    if !have("python3") {
        return;
    }
    let folder = Folder::new("http-call");
    let web = Web::start();
    let example = format!("{EXAMPLES}/http-call");
    let settings = std::fs::read_to_string(format!("{example}/stepwell.toml")).unwrap();
    let machine = std::fs::read_to_string(format!("{example}/weather.asl.json")).unwrap();
    // Another port, as the usual one may be somebody else's.
    folder.write("weather.asl.json", &machine.replace("127.0.0.1:8090", &web.address));
    folder.write("stepwell.toml", &settings);
    let here = |line: &String| line.replace("examples/http-call", folder.arg());
    let [known, unknown] = &commands("http-call")[..] else { panic!("two commands") };
    assert_eq!(run(&here(known)), (0, json::value!({ "place": "Ghent", "celsius": 11 })));
    assert_eq!(run(&here(unknown)), (0, json::value!({ "place": "Atlantis", "celsius": null })));
    // The service knows the key of the settings, and no other.
    folder.write("stepwell.toml", &settings.replace("\"only-for-this-example\"", "\"another\""));
    let (code, result) = run(&here(known));
    assert_eq!((code, text(&result, "error")), (1, "States.Http.StatusCode.401"));
}

#[test]
fn a_nested_execution() {
    let [weighed, unknown] = &commands("nested")[..] else { panic!("two commands") };
    assert_eq!(run(weighed), (0, json::value!(["owl", "ox cart"])));
    let (code, result) = run(unknown);
    assert_eq!((code, text(&result, "error")), (1, "States.TaskFailed"));
    let child = Value::parse(text(&result, "cause")).unwrap();
    assert_eq!((text(&child, "Status"), text(&child, "Error")), ("FAILED", "NotWeighed"));
}

#[test]
fn a_call_of_an_aws_service() {
    let [command] = &commands("aws-sdk-call")[..] else { panic!("one command") };
    assert_eq!(run(command), (0, json::value!(["inventory"])));
}

#[test]
fn a_distributed_map() {
    let example = format!("{EXAMPLES}/distributed-map");
    let folder = Folder::new("distributed-map");
    for name in
        ["billing.asl.json", "stepwell.toml", "buckets/orders/2026-01.csv", "buckets/bills/.gitignore"]
    {
        folder.write(name, &std::fs::read_to_string(format!("{example}/{name}")).unwrap());
    }
    let [command] = &commands("distributed-map")[..] else { panic!("one command") };
    let (code, output) = run(&command.replace("examples/distributed-map", folder.arg()));
    assert_eq!(code, 0, "{output:?}");
    let read = |key: &str| std::fs::read_to_string(format!("{}/buckets/bills/{key}", folder.arg())).unwrap();
    let details = output.get("ResultWriterDetails").expect("the results were exported");
    assert_eq!(text(details, "Bucket"), "bills");
    let manifest = Value::parse(&read(text(details, "Key"))).unwrap();
    let files = |kind: &str| -> Vec<String> {
        let files = find(&manifest, kind).and_then(Value::as_array).expect("a list of files");
        files.iter().map(|file| read(text(file, "Key"))).collect()
    };
    let [bills] = &files("SUCCEEDED")[..] else { panic!("one file") };
    let bills: Vec<&str> = bills.lines().collect();
    assert_eq!(bills[..2], [r#"{"order":"1","total":25}"#, r#"{"order":"2","total":400}"#]);
    assert_eq!(bills.len(), 9);
    let [failed] = &files("FAILED")[..] else { panic!("one file") };
    assert!(failed.contains("Unable to cast value to a number") && failed.lines().count() == 1, "{failed}");
    assert!(files("PENDING").is_empty());
}

/// What the README shows of a state machine stands in the file of its example.
#[test]
fn the_readme_shows_the_examples_as_they_are() {
    let readme = include_str!("../../../README.md");
    let mut shown = Vec::new();
    for part in readme.split("**[").skip(1) {
        let Some((_, after)) = part.split_once("](examples/") else { continue };
        let (name, after) = after.split_once("/)").expect("a link to a folder ends so");
        let (_, after) = after.split_once("```json\n").expect("an excerpt follows");
        let (excerpt, _) = after.split_once("```").expect("the excerpt ends");
        let excerpt =
            Value::parse(&format!("{{{excerpt}}}")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let files = std::fs::read_dir(format!("{EXAMPLES}/{name}")).unwrap();
        let paths = files.map(|file| file.unwrap().path());
        let machines: Vec<Value> = paths
            .filter(|path| path.extension().is_some_and(|end| end == "json"))
            .map(|path| Value::parse(&std::fs::read_to_string(path).unwrap()).unwrap())
            .collect();
        for (state, members) in excerpt.as_object().unwrap() {
            let found =
                machines.iter().find_map(|machine| find(machine, state)).expect("there is such a state");
            for (member, value) in members.as_object().unwrap() {
                assert_eq!(found.get(member), Some(value), "{name}: {state}: {member}");
            }
        }
        shown.push(name);
    }
    assert_eq!(
        shown,
        ["function", "activity", "approval", "http-call", "nested", "aws-sdk-call", "distributed-map"]
    );
}

/// The member of this name, at any depth. The depth is that of a file of ours.
fn find<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(members) => {
            members.get(name).or_else(|| members.values().find_map(|member| find(member, name)))
        }
        _ => None,
    }
}

/// Starts an execution; answers with its ARN.
#[track_caller]
fn start(client: &mut Client, machine: &str, input: &str) -> String {
    let machine = format!("arn:aws:states:us-east-1:123456789012:stateMachine:{machine}");
    let started = client.ok("StartExecution", &json::value!({ "stateMachineArn": machine, "input": input }));
    text(&started, "executionArn").to_owned()
}

/// How an execution ended: its status, and its output or what went wrong.
#[track_caller]
fn end(client: &mut Client, arn: &str) -> (String, Value) {
    let began = Instant::now();
    loop {
        let described = client.ok("DescribeExecution", &json::value!({ "executionArn": arn }));
        let status = text(&described, "status").to_owned();
        match &*status {
            "RUNNING" => {
                assert!(began.elapsed() < WITHIN, "{arn} does not end");
                std::thread::sleep(Duration::from_millis(10));
            }
            "SUCCEEDED" => return (status, Value::parse(text(&described, "output")).unwrap()),
            _ => {
                let failure = format!("{}: {}", text(&described, "error"), text(&described, "cause"));
                return (status, failure.into());
            }
        }
    }
}

/// The token in the printed command that contains `part`, the one behind `skipped` others.
#[track_caller]
fn token(printed: &Path, part: &str, skipped: usize) -> String {
    let began = Instant::now();
    loop {
        let text = std::fs::read_to_string(printed).unwrap();
        let mut lines = text.split_inclusive('\n').filter(|line| line.contains(part) && line.ends_with('\n'));
        if let Some(line) = lines.nth(skipped) {
            return line.trim_end().rsplit('\'').nth(1).expect("the token is quoted").to_owned();
        }
        assert!(began.elapsed() < WITHIN, "never printed: {part}; but:\n{text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The example's own web service, on any free port.
struct Web {
    child: Child,
    address: String,
}

impl Web {
    fn start() -> Web {
        let mut command = Command::new("python3");
        let command = command.arg(format!("{EXAMPLES}/http-call/server.py")).arg("0");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("python3 starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("http://").expect("it says where it is").to_owned();
        Web { child, address }
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
