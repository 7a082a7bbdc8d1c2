//! The verbs as a user meets them: exit codes, standard output, what errors say to do next.

mod harness;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use harness::{Folder, Server, have, outcome, stepwell, text};
use json::Value;

const PASS: &str =
    r#"{"StartAt":"A","States":{"A":{"Type":"Pass","Result":{"n":1},"Next":"B"},"B":{"Type":"Succeed"}}}"#;
const FAIL: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Fail","Error":"Oops","Cause":"on purpose"}}}"#;
const LONG_WAIT: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":3600,"End":true}}}"#;
const TIMES_OUT: &str =
    r#"{"StartAt":"A","TimeoutSeconds":1,"States":{"A":{"Type":"Wait","Seconds":9,"End":true}}}"#;
const CALLS_F: &str = r#"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f","End":true}}}"#;
const NO_TARGET: &str = "{\n  \"StartAt\": \"A\",\n  \"States\": {\n    \"A\": { \"Type\": \"Pass\", \"Next\": \"Nowhere\" }\n  }\n}\n";

#[test]
fn version_and_env_print_what_programs_read() {
    let (code, out, _) = outcome(&mut stepwell(["version"]));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!((code, lines[0]), (0, concat!("stepwell ", env!("CARGO_PKG_VERSION"))));
    let models = "models of AWS's services: botocore ";
    assert!(lines[1].starts_with(models) && lines[1].contains(", released on 20"), "{out}");
    let (code, out, _) = outcome(&mut stepwell(["env", "--port", "9000", "--output", "json"]));
    let variables = Value::parse(&out).unwrap();
    assert_eq!(code, 0);
    assert_eq!(text(&variables, "AWS_ENDPOINT_URL_SFN"), "http://127.0.0.1:9000");
    assert_eq!(text(&variables, "AWS_DISABLE_HOST_PREFIX_INJECTION"), "true");
    let (_, out, _) = outcome(stepwell(["env"]).env("AWS_REGION", "eu-west-1"));
    assert!(out.contains("export AWS_REGION=eu-west-1\n"), "{out}");
}

#[test]
fn aws_is_called_by_a_plain_yes_only() {
    let folder = Folder::new("aws");
    let machine = folder.write("m.asl.json", CALLS_F);
    let run = |aws: &str| {
        let mut command = stepwell(["run", "--input", "{}"]);
        command.arg(&machine).env("STEPWELL_AWS", aws).env("AWS_CONFIG_FILE", "/dev/null");
        for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_LAMBDA"] {
            command.env_remove(variable);
        }
        outcome(&mut command)
    };
    let (code, _, err) = run("yes");
    assert_eq!(code, 2);
    assert!(err.contains("STEPWELL_AWS is \"yes\": set it to true"), "{err}");
    let (code, _, err) = run("false");
    assert_eq!(code, 1);
    assert!(err.contains("[aws] enabled = true calls AWS itself"), "{err}");
}

#[test]
fn every_verb_has_help_with_examples() {
    for verb in
        ["dev", "server", "run", "tail", "validate", "graph", "env", "verify", "backup", "restore", "version"]
    {
        let (code, out, _) = outcome(&mut stepwell([verb, "--help"]));
        assert_eq!(code, 0, "{verb}");
        assert!(out.contains("Examples:\n  ") && out.contains(&format!("stepwell {verb}")), "{out}");
    }
}

#[test]
fn validate_names_the_place_and_exits_with_1() {
    let folder = Folder::new("validate");
    let good = folder.write("good.asl.json", PASS);
    let bad = folder.write("bad.asl.json", NO_TARGET);
    let yaml = folder.write("bad.asl.yaml", "StartAt: A\nStates:\n  A:\n    Type: Pass\n    Next: Nowhere\n");
    let (code, out, _) = outcome(stepwell(["validate"]).arg(&good));
    assert_eq!((code, out.as_str()), (0, ""));
    let (code, out, _) = outcome(stepwell(["validate"]).args([&good, &bad]));
    assert_eq!(code, 1);
    assert!(out.contains("bad.asl.json:4:") && out.contains("MISSING_TRANSITION_TARGET"), "{out}");
    let (code, out, _) = outcome(stepwell(["validate", "--output", "json"]).arg(&yaml));
    let report = Value::parse(&out).unwrap();
    let diagnostic = report.get("diagnostics").unwrap().at(0).unwrap();
    assert_eq!((code, text(&report, "result")), (1, "FAIL"));
    assert_eq!(diagnostic.get("line").and_then(Value::as_i64), Some(5), "{out}");
    let (code, out, err) = outcome(stepwell(["validate", "missing.asl.json"]).arg(&bad));
    assert_eq!(code, 2);
    assert!(err.starts_with("error: cannot read missing.asl.json"), "{err}");
    assert!(err.ends_with("; 1 file not read\n"), "{err}");
    assert!(out.contains("bad.asl.json:4:"), "the others are checked all the same: {out}");
}

#[test]
fn validate_of_a_folder_checks_all_that_is_in_it() {
    let folder = Folder::new("validate-folder");
    let (code, _, err) = outcome(&mut stepwell(["validate", folder.arg()]));
    assert_eq!(code, 2);
    assert!(err.contains("holds no *.asl.json"), "{err}");
    folder.write("a.asl.json", PASS);
    folder.write("more/b.asl.json", NO_TARGET);
    let (code, out, err) = outcome(&mut stepwell(["validate", folder.arg()]));
    assert_eq!((code, out.matches("b.asl.json:4:").count()), (1, 1), "{out}");
    assert!(err.starts_with("2 definitions, 2 errors"), "{err}");
}

#[test]
fn validate_says_what_to_do() {
    let folder = Folder::new("validate-advice");
    let typo = folder.write(
        "typo.asl.json",
        "{\n  \"StartAt\": \"Go\",\n  \"States\": {\n    \"Go\": { \"Type\": \"Pass\", \"Next\": \"Dnoe\", \"Retry\": [] },\n\
         \x20   \"Done\": { \"Type\": \"Succeed\" }\n  }\n}\n",
    );
    let (code, out, err) = outcome(stepwell(["validate"]).arg(&typo));
    let expected = "\
typo.asl.json:4:45: error SCHEMA_VALIDATION_FAILED: Field 'Retry' is not supported (at /States/Go)
  it belongs to Task, Parallel and Map states
typo.asl.json:4:29: error MISSING_TRANSITION_TARGET: Missing 'Next' target: Dnoe (at /States/Go/Next)
  did you mean \"Done\"?
typo.asl.json:5:5: error MISSING_TRANSITION_TARGET: State \"Done\" is not reachable. (at /States/Done)
  name it in a Next, Default or Catch of a state beside it, or take it out
";
    assert_eq!(out.replace(&format!("{}/", folder.arg()), ""), expected);
    assert_eq!((code, err.as_str()), (1, "1 definition, 3 errors\n"));
    let (_, out, _) = outcome(stepwell(["validate", "--output", "json"]).arg(&typo));
    let report = Value::parse(&out).unwrap();
    let second = report.get("diagnostics").unwrap().at(1).unwrap();
    assert_eq!(text(second, "advice"), "did you mean \"Done\"?");
    assert_eq!(text(second, "location"), "/States/Go/Next");
    let tags =
        folder.write("tags.asl.yaml", "StartAt: A\nStates:\n  A:\n    Type: Task\n    Resource: !Sub x\n");
    let (code, out, _) = outcome(stepwell(["validate"]).arg(&tags));
    assert_eq!(code, 1);
    assert!(out.contains("tags.asl.yaml:5:15: error INVALID_YAML: the tag !Sub is not supported\n"), "{out}");
    assert!(
        out.contains("  write \"${Name}\", and say in DefinitionSubstitutions what it stands for\n"),
        "{out}"
    );
}

#[test]
fn validate_leaves_open_what_a_deployment_fills_in() {
    let folder = Folder::new("validate-open");
    let json = folder.write(
        "open.asl.json",
        "{\"StartAt\":\"A\",\"TimeoutSeconds\":${Timeout},\"States\":{\"A\":{\"Type\":\"Task\",\
         \"Resource\":\"${Function.Arn}\",\"TimeoutSeconds\":\"${TaskTimeout}\",\"End\":true}}}",
    );
    let yaml = folder.write(
        "open.asl.yaml",
        "StartAt: A\nTimeoutSeconds: ${Timeout}\nStates:\n  A:\n    Type: Task\n    \
         Resource: arn:${AWS::Partition}:states:::lambda:invoke\n    Parameters:\n      FunctionName: ${Function}\n    \
         End: true\n",
    );
    let (code, out, err) = outcome(stepwell(["validate"]).args([&json, &yaml]));
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(err, "2 definitions, no errors; 6 values with ${…} left open\n");
    let (code, out, _) = outcome(stepwell(["validate", "--no-substitutions"]).args([&json, &yaml]));
    assert_eq!(code, 1);
    assert!(out.contains("open.asl.json:1:33: error INVALID_JSON_DESCRIPTION: "), "{out}");
    assert!(
        out.contains("open.asl.yaml:2:1: error SCHEMA_VALIDATION_FAILED: Expected value of type Integer"),
        "{out}"
    );
    // What is wrong beside them is told all the same.
    let wrong = folder.write(
        "wrong.asl.yaml",
        "StartAt: A\nStates:\n  A:\n    Type: Task\n    Resource: ${F}\n    Next: B\n",
    );
    let (code, out, _) = outcome(stepwell(["validate"]).arg(&wrong));
    assert!(code == 1 && out.contains("wrong.asl.yaml:6:5: error MISSING_TRANSITION_TARGET: "), "{out}");
}

#[test]
fn validate_knows_types_and_severities() {
    let folder = Folder::new("validate-options");
    let callback = folder.write(
        "callback.asl.json",
        r#"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters":{"FunctionName":"f","Payload":{"token":"$$.Task.Token"}},"End":true}}}"#,
    );
    let validate = |options: &[&str]| outcome(stepwell(["validate"]).args(options).arg(&callback));
    let (code, out, _) = validate(&[]);
    assert!(code == 0 && out.contains(": warning NO_DOLLAR: "), "warnings are shown and do no harm: {out}");
    let (code, out, _) = validate(&["--severity", "error"]);
    assert_eq!((code, out.as_str()), (0, ""));
    let (code, out, _) = validate(&["--type", "EXPRESS", "--severity", "error"]);
    assert_eq!((code, out.matches(": error ").count()), (1, 1), "{out}");
    assert!(out.contains("Express state machine does not support '.waitForTaskToken'"), "{out}");
    assert_eq!(validate(&["--type", "express"]).0, 1);
    assert_eq!(validate(&["--type", "FAST"]).0, 2);
}

#[test]
fn env_finds_the_server_of_its_folder() {
    let folder = Folder::new("env");
    folder.write("stepwell.toml", "[server]\nport = 9123\nregion = \"eu-west-3\"\n");
    let env = |more: &[&str]| outcome(stepwell(["env", folder.arg()]).args(more));
    let (code, out, err) = env(&[]);
    assert_eq!(code, 0);
    assert!(out.contains("AWS_ENDPOINT_URL_SFN=http://127.0.0.1:9123\n"), "{out}");
    assert!(out.contains("AWS_REGION=eu-west-3\n") && err.contains("nobody listens"), "{out}{err}");
    let server = Server::start(&mut stepwell(["dev", folder.arg(), "--ephemeral"]));
    server.wait_for_line("AWS_DISABLE_HOST_PREFIX_INJECTION");
    let endpoint = format!("AWS_ENDPOINT_URL_SFN=http://127.0.0.1:{}\n", server.port);
    let (_, out, err) = env(&[]);
    assert!(out.contains(&endpoint) && err.is_empty(), "{out}{err}");
    let (_, out, _) = env(&["--port", "9000"]);
    assert!(out.contains(":9000\n"), "{out}");
    assert_eq!(server.terminate(), 0);
    let (_, out, _) = env(&[]);
    assert!(!out.contains(&endpoint), "{out}");
}

#[test]
fn run_prints_the_output_and_exits_by_status() {
    let folder = Folder::new("run");
    let check = |name: &str, definition: &str, more: &[&str]| {
        let file = folder.write(&format!("{name}.asl.json"), definition);
        outcome(stepwell(["run"]).arg(file).args(more))
    };
    let (code, out, err) = check("pass", PASS, &["--input", "{\"x\": 2}"]);
    assert_eq!((code, Value::parse(&out).unwrap().to_text().as_str()), (0, "{\"n\":1}"), "{err}");
    assert!(err.contains("✓ A") && err.contains("✓ B") && err.contains("SUCCEEDED in "), "{err}");
    let (code, out, err) = check("fail", FAIL, &[]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("✗ A") && err.contains("FAILED in ") && err.contains("Oops: on purpose"), "{err}");
    let (code, out, _) = check("fail", FAIL, &["--output", "json", "--name", "mine"]);
    let result = Value::parse(&out).unwrap();
    assert_eq!((code, text(&result, "status"), text(&result, "error")), (1, "FAILED", "Oops"));
    assert!(text(&result, "executionArn").ends_with(":fail:mine"));
    let (code, _, err) = check("late", TIMES_OUT, &[]);
    assert_eq!(code, 3, "{err}");
    let (code, _, err) = check("long", LONG_WAIT, &["--timeout", "1"]);
    assert_eq!(code, 3, "{err}");
    let (code, _, err) = check("bad", NO_TARGET, &[]);
    assert_eq!(code, 2);
    assert!(err.contains("bad.asl.json:4:"), "{err}");
    let (code, _, err) = check("pass", PASS, &["--input", "nowhere.json"]);
    assert_eq!(code, 2);
    assert!(err.contains("neither a file that exists nor JSON"), "{err}");
}

#[test]
fn run_reads_yaml_and_standard_input() {
    let folder = Folder::new("run-yaml");
    let file = folder.write("up.asl.yaml", "StartAt: A\nStates:\n  A:\n    Type: Pass\n    End: true\n");
    let mut child = stepwell(["run"])
        .arg(file)
        .args(["--input", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"[1]").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(Value::parse(str::from_utf8(&output.stdout).unwrap()).unwrap().to_text(), "[1]");
}

#[test]
fn run_of_a_folder_wants_to_know_which() {
    let folder = Folder::new("run-folder");
    let (code, _, err) = outcome(&mut stepwell(["run", folder.arg()]));
    assert_eq!(code, 2);
    assert!(err.contains("holds no *.asl.json"), "{err}");
    folder.write("one.asl.json", PASS);
    assert_eq!(outcome(&mut stepwell(["run", folder.arg()])).0, 0);
    folder.write("two.asl.json", FAIL);
    let (code, _, err) = outcome(&mut stepwell(["run", folder.arg()]));
    assert_eq!(code, 2);
    assert!(err.contains("write main = \"one\" into stepwell.toml"), "{err}");
    folder.write("stepwell.toml", "main = \"two\"\n");
    assert_eq!(outcome(&mut stepwell(["run", folder.arg()])).0, 1);
}

#[test]
fn dev_follows_the_files_of_its_folder() {
    let folder = Folder::new("dev");
    folder.write("first.asl.json", PASS);
    let server = Server::start(&mut stepwell(["dev", folder.arg(), "--ephemeral"]));
    let mut client = server.client();
    let arn = "arn:aws:states:us-east-1:123456789012:stateMachine:first";
    let describe = json::value!({ "stateMachineArn": arn });
    assert_eq!(text(&client.ok("DescribeStateMachine", &describe), "definition"), PASS);
    server.wait_for_line("export AWS_ENDPOINT_URL_SFN=http://127.0.0.1:");

    folder.write("first.asl.json", FAIL);
    server.wait_for_line("updated: ");
    assert_eq!(text(&client.ok("DescribeStateMachine", &describe), "definition"), FAIL);

    folder.write("second.asl.yaml", "StartAt: A\nStates:\n  A:\n    Type: Succeed\n");
    server.wait_for_line("second.asl.yaml → ");
    assert_eq!(server.terminate(), 0);
}

#[test]
fn nobody_needs_to_read_what_a_server_prints() {
    let folder = Folder::new("unread");
    folder.write("m.asl.json", PASS);
    let mut child = stepwell(["dev", folder.arg(), "--ephemeral", "--port", "0"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    let began = Instant::now();
    let presence = folder.0.join(".stepwell/server.json");
    while !presence.exists() {
        assert!(
            began.elapsed() < Duration::from_secs(20) && child.try_wait().unwrap().is_none(),
            "it does not start"
        );
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!folder.0.join(".stepwell").exists(), "where no data lies, nothing stays");
}

#[test]
fn a_definition_that_turns_bad_stays_as_it_was() {
    let folder = Folder::new("dev-bad");
    folder.write("m.asl.json", PASS);
    let server = Server::start(&mut stepwell(["dev", folder.arg(), "--ephemeral"]));
    folder.write("m.asl.json", NO_TARGET);
    folder.write("n.asl.json", PASS);
    // Files are taken in the order of their names, so by now the bad one has been seen.
    server.wait_for_line("n.asl.json → ");
    let arn = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
    let machine = server.client().ok("DescribeStateMachine", &json::value!({ "stateMachineArn": arn }));
    assert_eq!(text(&machine, "definition"), PASS);
}

#[test]
fn dev_is_durable_and_its_folder_is_its_own() {
    let folder = Folder::new("durable");
    folder.write("m.asl.json", PASS);
    let server = Server::start(&mut stepwell(["dev", folder.arg()]));
    let machine = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
    let started =
        server.client().ok("StartExecution", &json::value!({ "stateMachineArn": machine, "name": "one" }));
    let (code, _, err) = outcome(&mut stepwell(["dev", folder.arg(), "--port", "0"]));
    assert_eq!(code, 2);
    assert!(err.contains("is in use by another stepwell"), "{err}");
    assert_eq!(server.terminate(), 0);
    let server = Server::start(&mut stepwell(["dev", folder.arg()]));
    let printed = server.printed().join("\n");
    assert!(printed.contains("unchanged: 1 state machine\n") && !printed.contains("m.asl.json"), "{printed}");
    let execution = json::value!({ "executionArn": (text(&started, "executionArn")) });
    assert_eq!(text(&server.client().ok("DescribeExecution", &execution), "status"), "SUCCEEDED");
}

#[test]
fn a_port_in_use_is_said_with_a_way_out() {
    let folder = Folder::new("port");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, _, err) = outcome(stepwell(["dev", folder.arg(), "--ephemeral", "--port"]).arg(&port));
    assert_eq!(code, 2);
    assert!(err.contains(&format!("port {port} is in use")) && err.contains("--port 0"), "{err}");
}

#[test]
fn an_open_door_is_refused() {
    let folder = Folder::new("door");
    let config =
        folder.write("stepwell.toml", "[server]\nhost = \"0.0.0.0\"\nport = 0\n[data]\ndir = \"data\"\n");
    let (code, _, err) = outcome(stepwell(["server", "--config"]).arg(&config));
    assert_eq!(code, 2);
    assert!(err.contains("[auth.access_keys]"), "{err}");
    let (code, _, err) = outcome(stepwell(["dev", folder.arg(), "--host", "0.0.0.0"]).args(["--port", "0"]));
    assert_eq!(code, 2);
    assert!(err.contains("can be reached from other machines"), "{err}");
}

#[test]
fn a_server_with_keys_lets_only_signed_requests_in() {
    let folder = Folder::new("keys");
    let config =
        folder.write("stepwell.toml", "[data]\ndir = \"data\"\n[auth.access_keys]\nAKID = \"secret\"\n");
    let server = Server::start(stepwell(["server", "--config"]).arg(&config));
    let refused = server.client().call("ListStateMachines", &json::value!({})).unwrap_err();
    let harness::CallError::Refused { code, .. } = refused else { panic!("{refused:?}") };
    assert_eq!(code, "MissingAuthenticationTokenException");
    assert_eq!(server.terminate(), 0);
}

#[test]
fn settings_that_cannot_be_right_are_refused_with_their_line() {
    let folder = Folder::new("settings");
    folder.write("stepwell.toml", "[functions.a]\nhandler = \"a.b\"\ntimeot = 3\n");
    let (code, _, err) = outcome(&mut stepwell(["dev", folder.arg()]));
    assert_eq!(code, 2);
    assert!(err.contains("line 3") && err.contains("expected one of `folder`"), "{err}");
    let (code, _, err) = outcome(&mut stepwell(["server", "--config", "nowhere.toml"]));
    assert_eq!(code, 2);
    assert!(err.contains("there is no settings file nowhere.toml"), "{err}");
}

#[test]
fn the_dragons_take_the_path_of_their_input() {
    if !have("python3") || !have("node") {
        return;
    }
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/dragons");
    let names = |result: &Value| {
        let states = result.get("states").and_then(Value::as_array).unwrap();
        states.iter().map(|state| text(state, "name").to_owned()).collect::<Vec<_>>()
    };
    for (input, status, path) in [
        ("new-dragon", "SUCCEEDED", "ValidateDragon IsConfirmationRequired AddDragon SendNotification"),
        (
            "new-dragon-with-confirmation",
            "SUCCEEDED",
            "ValidateDragon IsConfirmationRequired NotifyConfirmation AddDragon SendNotification",
        ),
        ("known-dragon", "FAILED", "ValidateDragon AlertDragonRefused DragonRefused"),
        ("no-name", "FAILED", "ValidateDragon CatchAllFailure"),
    ] {
        let input = format!("{example}/inputs/{input}.json");
        let (_, out, err) = outcome(stepwell(["run", example, "--output", "json", "--input"]).arg(&input));
        let result = Value::parse(&out).unwrap_or_else(|error| panic!("{input}: {error}\n{out}\n{err}"));
        assert_eq!(
            (text(&result, "status"), names(&result).join(" ").as_str()),
            (status, path),
            "{out}{err}"
        );
        match input.rsplit('/').next() {
            Some("known-dragon.json") => assert_eq!(text(&result, "error"), "DragonValidationException"),
            Some("no-name.json") => assert_eq!(text(&result, "error"), "DragonNotAdded"),
            _ => assert!(result.get("output").unwrap().get("notification").is_some(), "{out}"),
        }
    }
}

#[test]
fn a_changed_function_is_used_at_once() {
    if !have("python3") {
        return;
    }
    let folder = Folder::new("function");
    folder.write("f.asl.json", CALLS_F);
    folder
        .write("stepwell.toml", "[functions.f]\nfolder = \"code\"\nhandler = \"f.handler\"\ntimeout = 10\n");
    folder.write("code/f.py", "def handler(event, context):\n    return 1\n");
    let server = Server::start(&mut stepwell(["dev", folder.arg(), "--ephemeral"]));
    assert_eq!(run_to_the_end(&server), "1");
    folder.write("code/f.py", "def handler(event, context):\n    return 'second'\n");
    server.wait_for_line("changed: function f");
    assert_eq!(run_to_the_end(&server), "\"second\"");
}

#[test]
fn a_stop_lets_calls_end() {
    if !have("python3") {
        return;
    }
    let folder = Folder::new("stop");
    folder.write("f.asl.json", CALLS_F);
    folder.write("stepwell.toml", "[functions.f]\nhandler = \"f.handler\"\ntimeout = 10\n");
    // It begins, and ends only when it is told that the server is stopping.
    folder.write(
        "f.py",
        "import os, time\ndef handler(event, context):\n    open('began', 'w').close()\n    \
         while not os.path.exists('stop'):\n        time.sleep(0.01)\n    return 'done'\n",
    );
    let server = Server::start(&mut stepwell(["dev", folder.arg()]));
    let machine = "arn:aws:states:us-east-1:123456789012:stateMachine:f";
    let started = server.client().ok("StartExecution", &json::value!({ "stateMachineArn": machine }));
    let began = Instant::now();
    while !folder.0.join("began").exists() {
        assert!(began.elapsed() < Duration::from_secs(20), "the function does not begin");
        std::thread::sleep(Duration::from_millis(10));
    }
    server.signal("-TERM");
    while server.client().get("/readyz").is_ok() {
        std::thread::sleep(Duration::from_millis(10));
    }
    folder.write("stop", "");
    assert_eq!(server.ended(), 0);
    let server = Server::start(&mut stepwell(["dev", folder.arg()]));
    let execution = json::value!({ "executionArn": (text(&started, "executionArn")) });
    let execution = server.client().ok("DescribeExecution", &execution);
    assert_eq!(execution.get("output").and_then(Value::as_str), Some("\"done\""), "{}", execution.to_text());
}

#[test]
fn a_function_that_is_not_reached_says_what_to_set() {
    let folder = Folder::new("endpoint");
    let file = folder.write("f.asl.json", CALLS_F);
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let (code, _, err) = outcome(stepwell(["run"]).arg(&file).env("AWS_ENDPOINT_URL_LAMBDA", &url));
    assert_eq!(code, 1);
    assert!(err.contains(&format!("f │ is called at {url}, which AWS_ENDPOINT_URL_LAMBDA names: ")), "{err}");
    assert!(err.contains("FAILED") && err.contains("Lambda.SdkClientException"), "{err}");
    let (code, _, err) = outcome(stepwell(["run"]).arg(&file));
    assert_eq!(code, 1);
    assert!(err.contains("add [functions.f] to stepwell.toml"), "{err}");
    folder.write("stepwell.toml", "[functions.other]\ncommand = [\"true\"]\n");
    let (_, _, err) = outcome(stepwell(["run"]).arg(&file));
    assert!(err.contains("f │ is called, but stepwell.toml has no [functions.f]; it has other"), "{err}");
}

#[test]
fn what_nobody_could_answer_or_run_is_said_before() {
    let folder = Folder::new("note");
    let activity = r#"{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:a","End":true}}}"#;
    let file = folder.write("a.asl.json", activity);
    folder.write("stepwell.toml", "[functions.f]\nfolder = \"nowhere\"\nhandler = \"f.handler\"\n");
    let (code, _, err) = outcome(stepwell(["run"]).arg(&file));
    assert_eq!(code, 1);
    assert!(err.contains("note: arn:aws:states:us-east-1:123456789012:activity:a waits"), "{err}");
    assert!(err.contains("warning: function f: no folder "), "{err}");
}

fn run_to_the_end(server: &Server) -> String {
    let mut client = server.client();
    let machine = "arn:aws:states:us-east-1:123456789012:stateMachine:f";
    let started = client.ok("StartExecution", &json::value!({ "stateMachineArn": machine }));
    let execution = json::value!({ "executionArn": (text(&started, "executionArn")) });
    let began = Instant::now();
    loop {
        let execution = client.ok("DescribeExecution", &execution);
        match text(&execution, "status") {
            "RUNNING" => assert!(began.elapsed() < Duration::from_secs(20), "it does not end"),
            "SUCCEEDED" => return text(&execution, "output").to_owned(),
            _ => panic!("{}", execution.to_text()),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn an_interrupted_run_is_aborted() {
    let folder = Folder::new("interrupt");
    let file = folder.write("long.asl.json", LONG_WAIT);
    let mut child = stepwell(["run"]).arg(file).stderr(Stdio::piped()).spawn().unwrap();
    // The first line comes when the execution has been started.
    let mut reader = std::io::BufReader::new(child.stderr.take().unwrap());
    std::io::BufRead::read_line(&mut reader, &mut String::new()).unwrap();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(4));
}
