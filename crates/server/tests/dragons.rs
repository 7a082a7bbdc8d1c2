//! `examples/dragons` as its README shows it: a client that knows no ARN reports dragons to the REST API, and the model, the
//! template, the execution, the functions, the table, the topic, its queue and its webhook each do their part.

mod harness;

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use harness::{Client, Folder, Server, have, stepwell, text};
use json::{Value, value};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/dragons");

/// Where the example's settings say that its webhook listens.
const WEBHOOK: &str = "http://127.0.0.1:8099/";

/// The example's own webhook, and what it prints.
struct Webhook {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Webhook {
    fn start(port: u16) -> Webhook {
        let mut command = Command::new("python3");
        command.arg(format!("{EXAMPLE}/webhook.py")).arg(port.to_string()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("python3 starts");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Webhook { child, lines }
    }

    /// The next thing that it hears.
    fn hears(&mut self) -> String {
        self.lines.next().expect("it goes on").expect("a line")
    }
}

impl Drop for Webhook {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A copy of the example whose webhook listens on another port.
fn example(port: u16) -> Folder {
    let folder = Folder::new("dragons");
    for file in ["dragons.asl.json", "dragons.openapi.yaml", "stepwell.toml"] {
        let there = std::fs::read_to_string(Path::new(EXAMPLE).join(file)).unwrap();
        folder.write(file, &there.replace(WEBHOOK, &format!("http://127.0.0.1:{port}/")));
    }
    for function in ["validate_dragon.py", "ask-for-confirmation.mjs"] {
        let there = std::fs::read_to_string(format!("{EXAMPLE}/functions/{function}")).unwrap();
        folder.write(&format!("functions/{function}"), &there);
    }
    folder
}

/// A port that nobody uses.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn dragon(name: &str, confirmation_required: bool) -> Value {
    value!({
        "dragonName": (name), "description": "It's \"fine\"", "family": "red", "city": "seattle",
        "confirmationRequired": (confirmation_required),
    })
}

/// Reports a dragon; the execution that looks at it.
fn report(client: &mut Client, dragon: &Value) -> String {
    let (status, answer) = client.call_api("/rest/dragons/dev/dragons", dragon);
    assert_eq!(status, 202, "{}", answer.to_text());
    text(&answer, "reported").to_owned()
}

/// How an execution ends: its status, and the error of a failure or a line for its input.
fn end(client: &mut Client, arn: &str) -> (String, String) {
    loop {
        let execution = client.ok("DescribeExecution", &value!({ "executionArn": (arn) }));
        match text(&execution, "status") {
            "RUNNING" => std::thread::yield_now(),
            status => {
                let error = execution.get("error").and_then(Value::as_str).unwrap_or_default();
                return (status.to_owned(), error.to_owned());
            }
        }
    }
}

fn states(client: &mut Client, arn: &str) -> String {
    let names = harness::history(client, arn).into_iter().filter_map(|event| {
        let details = event.get("stateEnteredEventDetails")?;
        Some(text(details, "name").to_owned())
    });
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn dragons_are_reported_by_those_who_know_no_arn() {
    if !have("python3") || !have("node") {
        return;
    }
    let port = free_port();
    let folder = example(port);
    let mut webhook = Webhook::start(port);
    let server = Server::start(&mut stepwell(["dev", folder.arg()]));
    let mut client = server.client();
    assert_eq!(webhook.hears(), "subscribed");

    // What is no dragon starts nothing.
    let (status, refused) = client.call_api("/rest/dragons/dev/dragons", &value!({ "family": "pink" }));
    assert_eq!((status, text(&refused, "message")), (400, "Invalid request body"));

    // A new one: the template has made the input, with its quotes.
    let arn = report(&mut client, &dragon("Frank", false));
    assert_eq!(end(&mut client, &arn), ("SUCCEEDED".to_owned(), String::new()));
    assert_eq!(states(&mut client, &arn), "ValidateDragon IsConfirmationRequired AddDragon SendNotification");
    let execution = client.ok("DescribeExecution", &value!({ "executionArn": (arn) }));
    let input = Value::parse(text(&execution, "input")).unwrap();
    assert_eq!(text(&input, "dragon_name_str"), "Frank");
    assert_eq!(text(&input, "description_str"), "It's \"fine\"");
    assert_eq!(webhook.hears(), "A new dragon: Frank has joined.");

    // One who asks first.
    let arn = report(&mut client, &dragon("Nessie", true));
    assert_eq!(end(&mut client, &arn), ("SUCCEEDED".to_owned(), String::new()));
    assert_eq!(
        states(&mut client, &arn),
        "ValidateDragon IsConfirmationRequired NotifyConfirmation AddDragon SendNotification"
    );
    assert_eq!(webhook.hears(), "A new dragon: Nessie has joined.");

    // The table knows this one by now, and the function another one.
    for (name, error) in
        [("Frank", "DynamoDB.ConditionalCheckFailedException"), ("Atlas", "DragonValidationException")]
    {
        let arn = report(&mut client, &dragon(name, false));
        assert_eq!(end(&mut client, &arn), ("FAILED".to_owned(), error.to_owned()));
        assert_eq!(webhook.hears(), format!("A dragon was refused: {name} was refused: {error}"));
    }

    // The table as clients see it.
    let dragons = Value::parse(&client.get("/rest/dragons/dev/dragons").unwrap()).unwrap();
    let mut names: Vec<_> =
        dragons.as_array().unwrap().iter().map(|dragon| text(dragon, "dragonName")).collect();
    names.sort_unstable();
    assert_eq!(names, ["Frank", "Nessie"]);

    // The queue wants to hear of new ones only, and what it was sent survives.
    server.kill();
    let server = Server::start(&mut stepwell(["dev", folder.arg()]));
    let mut client = server.client();
    let mut heard = Vec::new();
    while heard.len() < 2 {
        let url = format!("http://127.0.0.1:{}/123456789012/dragon-news", server.port);
        let asked = value!({ "QueueUrl": (url), "WaitTimeSeconds": 20, "MaxNumberOfMessages": 10 });
        let received = client.of_service("AmazonSQS.ReceiveMessage", &asked);
        let messages = received.get("Messages").and_then(Value::as_array).expect("messages");
        heard.extend(messages.iter().map(|message| text(message, "Body").to_owned()));
    }
    heard.sort_unstable();
    assert_eq!(heard, ["Frank has joined.", "Nessie has joined."]);
    // And so does the table.
    let arn = report(&mut client, &dragon("Nessie", false));
    assert_eq!(end(&mut client, &arn).1, "DynamoDB.ConditionalCheckFailedException");
}

/// The README's first command.
#[test]
fn what_is_posted_in_place_of_a_start_is_followed() {
    if !have("python3") || !have("node") {
        return;
    }
    const PATH: &str = "/rest/dragons/dev/dragons";
    let folder = example(free_port());
    let run = |path: &str, body: &str| {
        let output = stepwell(["run", folder.arg(), "--post", path, "--input", body]).output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        (output.status.code().unwrap(), out, err)
    };
    let input = format!("{EXAMPLE}/inputs/posted-dragon.json");
    let (code, out, err) = run(PATH, &input);
    assert_eq!(code, 0, "{out}{err}");
    assert!(err.starts_with("POST /rest/dragons/dev/dragons · 202 {\"reported\": \"arn:"), "{err}");
    let output = Value::parse(&out).unwrap();
    assert_eq!(text(&output, "dragon_name_str"), "Frealu");
    assert!(output.get("notification").is_some(), "{out}");

    let (code, out, err) = run(PATH, r#"{"dragonName": "Frealu"}"#);
    assert_eq!((code, out.as_str()), (1, ""), "{err}");
    assert!(err.contains("· 400 {\"message\":\"Invalid request body\"}\nno execution has begun"), "{err}");
    let (code, _, err) = run("/rest/unicorns/dev/dragons", "{}");
    assert!(code == 2 && err.contains("--post /rest/unicorns/dev/dragons: no API is there"), "{code} {err}");
}
