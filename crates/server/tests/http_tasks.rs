//! HTTP tasks as a user meets them: connections that are kept, secrets that are nowhere, one command.

mod harness;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use harness::{Client, Folder, Server, have, history, outcome, stepwell, text};
use json::{Value, value};

const ROLE: &str = "arn:aws:iam::123456789012:role/http";
const SECRETS: [&str; 3] = ["hush-password", "hush-header", "hush-body"];

/// A web server that answers everything with `{"ok":true}` and remembers the requests.
struct Web {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Web {
    fn start() -> Web {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = BufReader::new(stream.unwrap());
                let (mut request, mut length) = (String::new(), 0);
                loop {
                    let mut line = String::new();
                    if stream.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
                        break;
                    }
                    let line = line.to_ascii_lowercase().trim_end().to_owned() + "\n";
                    if let Some(bytes) = line.strip_prefix("content-length: ") {
                        length = bytes.trim().parse().unwrap();
                    }
                    request += &line;
                }
                let mut body = vec![0; length];
                stream.read_exact(&mut body).unwrap();
                seen.lock().unwrap().push(request + &String::from_utf8(body).unwrap());
                let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\
                              Connection: close\r\n\r\n{\"ok\":true}";
                stream.get_mut().write_all(answer.as_bytes()).unwrap();
            }
        });
        Web { port, requests }
    }

    fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

fn definition(web: &Web, connection_arn: &str) -> String {
    value!({ "StartAt": "Call", "States": { "Call": {
        "Type": "Task",
        "Resource": "arn:aws:states:::http:invoke",
        "Parameters": {
            "ApiEndpoint": (format!("http://127.0.0.1:{}/orders", web.port)),
            "Method": "POST",
            "Authentication": { "ConnectionArn": connection_arn },
            "RequestBody.$": "$",
        },
        "ResultSelector": { "ok.$": "$.ResponseBody.ok" },
        "End": true,
    } } })
    .to_text()
}

fn start(folder: &Folder, more: &str) -> Server {
    let config = folder.write("stepwell.toml", &format!("[data]\ndir = \"data\"\n{more}"));
    Server::start(&mut stepwell(["server", "--config", config.to_str().unwrap()]))
}

/// Runs a machine to its end: its status, its error if it has one, its history.
fn run(client: &mut Client, machine: &str) -> (String, String, Vec<Value>) {
    let body = value!({ "stateMachineArn": machine, "input": "{\"id\":7}" });
    let arn = text(&client.ok("StartExecution", &body), "executionArn").to_owned();
    loop {
        let execution = client.ok("DescribeExecution", &value!({ "executionArn": (arn.clone()) }));
        let status = text(&execution, "status").to_owned();
        if status != "RUNNING" {
            let member =
                |name: &str| execution.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
            return (status, format!("{}: {}", member("error"), member("cause")), history(client, &arn));
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

fn connection() -> Value {
    value!({
        "Name": "orders",
        "AuthorizationType": "BASIC",
        "AuthParameters": {
            "BasicAuthParameters": { "Username": "ada", "Password": "hush-password" },
            "InvocationHttpParameters": {
                "HeaderParameters": [{ "Key": "X-Secret", "Value": "hush-header", "IsValueSecret": true }],
                "BodyParameters": [{ "Key": "pin", "Value": "hush-body", "IsValueSecret": true }],
            },
        },
    })
}

/// No file below the folder has a secret in it.
fn check_no_secrets(folder: &Path) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            check_no_secrets(&path);
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        for secret in SECRETS.into_iter().chain(["YWRhOmh1c2gtcGFzc3dvcmQ"]) {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} is in {}", path.display());
        }
    }
}

#[test]
fn a_connection_outlives_a_kill_and_its_secrets_are_nowhere() {
    let (folder, web) = (Folder::new("http-tasks"), Web::start());
    let allow = "[http]\nallow = [\"127.0.0.0/8\"]\n";
    let server = start(&folder, allow);
    let mut client = server.client();
    let made = client.of_events("CreateConnection", &connection()).unwrap();
    let arn = text(&made, "ConnectionArn").to_owned();
    let machine = value!({ "name": "m", "roleArn": ROLE, "definition": (definition(&web, &arn)) });
    let machine = text(&client.ok("CreateStateMachine", &machine), "stateMachineArn").to_owned();
    server.kill();

    let server = start(&folder, allow);
    let mut client = server.client();
    let (status, error, history) = run(&mut client, &machine);
    assert_eq!(status, "SUCCEEDED", "{error}");
    let requests = web.requests();
    assert_eq!(requests.len(), 1);
    for part in [
        "post /orders http/1.1\n",
        "authorization: basic ywrhomh1c2gtcgfzc3dvcmq=\n",
        "x-secret: hush-header\n",
        "user-agent: amazon|stepfunctions|httpinvoke|us-east-1\n",
        r#"{"id":7,"pin":"hush-body"}"#,
    ] {
        assert!(requests[0].contains(part), "no {part} in {}", requests[0]);
    }
    let types: Vec<&str> = history.iter().map(|event| text(event, "type")).collect();
    let expected = [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(types, expected);
    let scheduled = history[2].get("taskScheduledEventDetails").unwrap();
    assert_eq!((text(scheduled, "resourceType"), text(scheduled, "resource")), ("http", "invoke"));
    let history = history.iter().map(Value::to_text).collect::<String>();
    assert!(!history.contains("hush"), "{history}");
    check_no_secrets(&folder.0.join("data"));

    // A backup has the connections and their key, and both come back.
    let (data, backup) = (folder.0.join("data"), folder.0.join("backup"));
    let (data, backup) = (data.to_str().unwrap(), backup.to_str().unwrap());
    let (code, _, err) = outcome(&mut stepwell(["backup", "--data-dir", data, "--to", backup]));
    assert_eq!(code, 0, "{err}");
    check_no_secrets(&folder.0.join("backup"));
    client.of_events("DeleteConnection", &value!({ "Name": "orders" })).unwrap();
    let (status, error, _) = run(&mut client, &machine);
    assert_eq!(status, "FAILED");
    assert!(error.starts_with("Events.ConnectionResource.ResourceNotFound: "), "{error}");
    assert_eq!(server.terminate(), 0);
    std::fs::rename(data, folder.0.join("old")).unwrap();
    let (code, _, err) = outcome(&mut stepwell(["restore", "--from", backup, "--data-dir", data]));
    assert_eq!(code, 0, "{err}");
    let server = start(&folder, allow);
    assert_eq!(run(&mut server.client(), &machine).0, "SUCCEEDED");
    assert_eq!(server.terminate(), 0);

    // Without their key, a server does not start as if there were no connections.
    std::fs::remove_file(folder.0.join("data/connections.key")).unwrap();
    let config = folder.0.join("stepwell.toml");
    let (code, _, err) =
        outcome(&mut stepwell(["server", "--port", "0", "--config", config.to_str().unwrap()]));
    assert_eq!(code, 2);
    assert!(
        err.contains("cannot open the connections: ") && err.contains("cannot be read without its key"),
        "{err}"
    );
}

#[test]
fn production_does_not_reach_the_machine_itself() {
    let (folder, web) = (Folder::new("http-policy"), Web::start());
    let server = start(&folder, "");
    let mut client = server.client();
    let made = client.of_events("CreateConnection", &connection()).unwrap();
    let machine = value!({ "name": "m", "roleArn": ROLE, "definition": (definition(&web, text(&made, "ConnectionArn"))) });
    let machine = text(&client.ok("CreateStateMachine", &machine), "stateMachineArn").to_owned();
    let (status, error, _) = run(&mut client, &machine);
    assert_eq!(status, "FAILED");
    let expected = "States.Http.Socket: 127.0.0.1 is at 127.0.0.1, this machine itself, which HTTP tasks may not call here";
    assert!(error.starts_with(expected), "{error}");
    assert_eq!(web.requests().len(), 0);
}

#[test]
fn a_project_with_a_connection_runs_in_one_command() {
    let (folder, web) = (Folder::new("http-run"), Web::start());
    let arn = "arn:aws:events:us-east-1:123456789012:connection/orders";
    folder.write("order.asl.json", &definition(&web, arn));
    folder.write(
        "stepwell.toml",
        "[connections.orders]\nkind = \"api_key\"\nname = \"X-Api-Key\"\nvalue_env = \"ORDERS_KEY\"\n",
    );
    let mut command = stepwell(["run", folder.arg(), "--input", "{\"id\":7}"]);
    let (code, out, err) = outcome(command.env("ORDERS_KEY", "hush-password"));
    assert_eq!(code, 0, "{err}");
    assert_eq!(Value::parse(&out).unwrap(), value!({ "ok": true }));
    assert!(!err.contains("hush"), "{err}");
    let requests = web.requests();
    assert!(requests[0].contains("x-api-key: hush-password\n"), "{}", requests[0]);

    let (code, _, err) = outcome(stepwell(["run", folder.arg()]).env_remove("ORDERS_KEY"));
    assert_eq!(code, 1);
    assert!(
        err.contains("warning: the connection orders cannot be used: value_env names ORDERS_KEY"),
        "{err}"
    );
    assert!(err.contains("Events.ConnectionResource.ResourceNotFound"), "{err}");
}

#[test]
fn the_stock_aws_cli_makes_connections() {
    if !have("aws") {
        return;
    }
    let folder = Folder::new("http-cli");
    let server = start(&folder, "");
    let endpoint = format!("http://127.0.0.1:{}", server.port);
    let aws = |arguments: &[&str]| -> Result<Value, String> {
        let mut command = Command::new("aws");
        command.args(["--endpoint-url", &endpoint, "--output", "json", "events"]).args(arguments);
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        let output = command.env("AWS_DEFAULT_REGION", "us-east-1").output().unwrap();
        match output.status.success() {
            true => Ok(Value::parse_bytes(&output.stdout).unwrap()),
            false => Err(String::from_utf8(output.stderr).unwrap()),
        }
    };
    let parameters = "BasicAuthParameters={Username=ada,Password=hush-password}";
    let create = [
        "create-connection",
        "--name",
        "orders",
        "--authorization-type",
        "BASIC",
        "--auth-parameters",
        parameters,
    ];
    assert_eq!(text(&aws(&create).unwrap(), "ConnectionState"), "AUTHORIZED");
    let described = aws(&["describe-connection", "--name", "orders"]).unwrap();
    assert_eq!(text(&described, "AuthorizationType"), "BASIC");
    let again = aws(&create).unwrap_err();
    assert!(again.contains("(ResourceAlreadyExistsException)"), "{again}");
    let listed = aws(&["list-connections"]).unwrap();
    assert_eq!(listed.get("Connections").and_then(Value::as_array).map(json::Array::len), Some(1));
    for action in ["deauthorize-connection", "delete-connection"] {
        aws(&[action, "--name", "orders"]).unwrap();
    }
    let absent = aws(&["describe-connection", "--name", "orders"]).unwrap_err();
    assert!(absent.contains("(ResourceNotFoundException)"), "{absent}");
}
