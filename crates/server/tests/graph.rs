//! `stepwell graph` as a user meets it: files, executions of a running server, what errors say.

mod harness;

use std::time::{Duration, Instant};

use harness::{Folder, Server, outcome, stepwell, text};
use json::Value;

const MACHINE: &str = "StartAt: A\nStates:\n  A:\n    Type: Wait\n    Seconds: ${Pause}\n    Next: B\n  B:\n    Type: Pass\n    Next: Nowhere\n";
const PASS: &str = r#"{"StartAt":"Only","States":{"Only":{"Type":"Pass","End":true}}}"#;

#[test]
fn a_file_is_drawn_whatever_is_wrong_with_it() {
    let folder = Folder::new("graph");
    let machine = folder.write("order.asl.yaml", MACHINE);
    let (code, out, err) = outcome(stepwell(["graph"]).arg(&machine));
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("<svg ") && out.ends_with("</svg>\n"), "{out}");
    assert!(out.contains("<title id=\"title\">order</title>") && out.contains(">Nowhere</text>"), "{out}");
    assert!(err.ends_with("order.asl.yaml: /States/B/Next: there is no state Nowhere here\n"), "{err}");
    let (code, out, _) = outcome(stepwell(["graph", "--json"]).arg("--").arg(&machine));
    let layout = Value::parse(&out).expect("JSON");
    assert_eq!((code, layout.get("nodes").and_then(Value::as_array).map(|nodes| nodes.len())), (0, Some(4)));
    let picture = folder.0.join("order.svg");
    let (code, out, _) = outcome(stepwell(["graph"]).arg(&machine).arg("--svg").arg(&picture));
    assert_eq!((code, out.as_str()), (0, ""));
    assert!(std::fs::read_to_string(picture).unwrap().ends_with("</svg>\n"));
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let folder = Folder::new("graph-bad");
    let bad = folder.write("bad.asl.json", "{\n  \"StartAt\": \n}");
    let (code, out, err) = outcome(stepwell(["graph"]).arg(&bad));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("bad.asl.json:3:1"), "{err}");
    let (code, _, err) = outcome(&mut stepwell(["graph", "no/such.asl.json"]));
    assert_eq!((code, err.as_str()), (2, "error: there is no file no/such.asl.json\n"));
    // Port 9 is that of a service which nobody runs.
    let (code, _, err) = outcome(stepwell(["graph", "order-17", "--port", "9", "--dir"]).arg(&folder.0));
    assert_eq!(code, 2);
    assert!(err.starts_with("error: nobody answers at http://127.0.0.1:9: start `stepwell dev`"), "{err}");
}

#[test]
fn an_execution_is_found_by_its_name() {
    let folder = Folder::new("graph-dev");
    folder.write("one.asl.json", PASS);
    folder.write("other.asl.json", PASS);
    let server = Server::start(stepwell(["dev"]).arg(&folder.0));
    let mut client = server.client();
    let start = |client: &mut harness::Client, machine: &str, name: &str| {
        let arn = format!("arn:aws:states:us-east-1:123456789012:stateMachine:{machine}");
        let started = client.ok("StartExecution", &json::value!({ "stateMachineArn": arn, "name": name }));
        let arn = text(&started, "executionArn").to_owned();
        let describe = json::value!({ "executionArn": (arn.as_str()) });
        let began = Instant::now();
        while text(&client.ok("DescribeExecution", &describe), "status") != "SUCCEEDED" {
            assert!(began.elapsed() < Duration::from_secs(20), "{arn} does not end");
        }
        arn
    };
    let arn = start(&mut client, "one", "first");
    start(&mut client, "one", "both");
    start(&mut client, "other", "both");
    let graph = |subject: &str| outcome(stepwell(["graph", subject, "--dir"]).arg(&folder.0));
    for subject in ["first", "one:first", &*arn] {
        let (code, out, err) = graph(subject);
        assert_eq!(code, 0, "{subject}: {err}");
        assert!(out.contains("<title id=\"title\">one · first: SUCCEEDED</title>"), "{out}");
        assert!(out.contains("class=\"state pass succeeded\""), "{out}");
    }
    let (code, out, _) = graph("arn:aws:states:us-east-1:123456789012:stateMachine:other");
    assert!(code == 0 && out.contains("<title id=\"title\">other</title>"), "{out}");
    let (code, _, err) = graph("both");
    assert!(code == 2 && err.contains("there are several executions both"), "{err}");
    let (code, _, err) = graph("other:first");
    assert!(code == 2 && err.contains("no execution of that name at http://127.0.0.1:"), "{err}");
    let (code, _, err) = graph("arn:aws:states:us-east-1:123456789012:execution:one:nobody");
    assert!(code == 2 && err.starts_with("error: Execution Does Not Exist"), "{err}");
}

#[test]
fn a_server_with_keys_is_asked_by_somebody() {
    let folder = Folder::new("graph-keys");
    let config = folder.write("stepwell.toml", "[auth.access_keys]\nAKIDEXAMPLE = \"secret\"\n");
    let data = folder.0.join("data");
    let mut command = stepwell(["server", "--config"]);
    command.arg(&config).arg("--data-dir").arg(&data);
    let server = Server::start(&mut command);
    let port = server.port.to_string();
    let arn = "arn:aws:states:us-east-1:123456789012:stateMachine:none";
    let mut ask = stepwell(["graph", arn, "--port", &port, "--region", "us-east-1"]);
    let (code, _, err) = outcome(&mut ask);
    assert!(code == 2 && err.contains("Missing Authentication Token"), "{err}");
    ask.env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").env("AWS_SECRET_ACCESS_KEY", "secret");
    let (code, _, err) = outcome(&mut ask);
    assert!(code == 2 && err.starts_with("error: State Machine Does Not Exist"), "{err}");
}
