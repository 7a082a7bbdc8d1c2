//! The services around workflows on a real server: what is switched off, and how messages are signed.

mod harness;

use std::process::Command;

use aws_protocols::base64;
use harness::killing::wait_until;
use harness::{CallError, Client, Folder, Server, have, stepwell, text};
use json::{Value, value};

const QUEUE: &str = "http://127.0.0.1/123456789012/orders";
const MACHINE: &str = r#"{"StartAt":"Send","States":{"Send":{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage",
    "Parameters":{"QueueUrl":"http://127.0.0.1/123456789012/orders","MessageBody":"hello"},"End":true}}}"#;

fn start(folder: &Folder) -> Server {
    Server::start(&mut stepwell(["dev", folder.arg(), "--log", "error"]))
}

/// How an execution of a machine that sends a message ends: its status and its cause.
fn sent(client: &mut Client, name: &str) -> (String, String) {
    let machine = value!({
        "name": name, "definition": MACHINE, "roleArn": "arn:aws:iam::123456789012:role/r"
    });
    let machine = client.ok("CreateStateMachine", &machine);
    let execution =
        client.ok("StartExecution", &value!({ "stateMachineArn": (text(&machine, "stateMachineArn")) }));
    let asked = value!({ "executionArn": (text(&execution, "executionArn")) });
    let mut ended = Value::Null;
    wait_until("it ends", || {
        ended = client.ok("DescribeExecution", &asked);
        text(&ended, "status") != "RUNNING"
    });
    let cause = ended.get("cause").and_then(Value::as_str).unwrap_or_default().to_owned();
    (text(&ended, "status").to_owned(), cause)
}

#[test]
fn what_is_switched_off_says_so_and_keeps_what_it_has() {
    let folder = Folder::new("services-off");
    let server = start(&folder);
    let mut client = server.client();
    client.of_sqs("CreateQueue", &value!({ "QueueName": "orders" })).unwrap();
    assert_eq!(sent(&mut client, "on"), ("SUCCEEDED".into(), String::new()));
    assert_eq!(server.terminate(), 0);

    folder.write("stepwell.toml", "[services]\noff = [\"sqs\"]\n");
    let server = start(&folder);
    let mut client = server.client();
    let refused = client.of_sqs("ReceiveMessage", &value!({ "QueueUrl": QUEUE }));
    let Err(CallError::Refused { code, message }) = refused else { panic!("{refused:?}") };
    assert_eq!(code, "ServiceSwitchedOffException");
    assert!(message.starts_with("sqs is switched off on this server, by [services] off"), "{message}");
    // As if it had never been built in.
    let (status, cause) = sent(&mut client, "off");
    assert_eq!(status, "FAILED");
    assert!(cause.contains("AWS_ENDPOINT_URL_SQS"), "{cause}");
    let topics = client.of_form("Action=ListTopics&Version=2010-03-31");
    assert!(topics.contains("<ListTopicsResponse"), "{topics}");
    assert_eq!(server.terminate(), 0);

    folder.write("stepwell.toml", "");
    let server = start(&folder);
    let received = server.client().of_sqs("ReceiveMessage", &value!({ "QueueUrl": QUEUE })).unwrap();
    assert_eq!(text(received.get("Messages").unwrap().at(0).unwrap(), "Body"), "hello");
    assert_eq!(server.terminate(), 0);
}

#[test]
fn what_cannot_be_switched_off_is_refused() {
    for (settings, complaint) in [
        ("[services]\noff = [\"s3\"]\n", "\"s3\" is no service that can be switched off"),
        ("[services]\noff = [\"sqs\"]\n[endpoints]\nsqs = \"built-in\"\n", "[services] off names it"),
    ] {
        let folder = Folder::new("services-refused");
        folder.write("stepwell.toml", settings);
        let (code, _, said) = harness::outcome(&mut stepwell(["dev", folder.arg(), "--port", "0"]));
        assert!(code != 0 && said.contains(complaint), "{code}: {said}");
    }
}

/// As SNS's guide has it, with nothing of ours but the server's answers.
#[test]
fn a_message_is_signed_by_the_certificate_that_it_names() {
    if !have("openssl") {
        return;
    }
    let folder = Folder::new("signatures");
    let server = start(&folder);
    let mut client = server.client();
    client.of_sqs("CreateQueue", &value!({ "QueueName": "orders" })).unwrap();
    for (topic, digest) in [("one", "-sha1"), ("two", "-sha256")] {
        let version = if topic == "two" { "2" } else { "1" };
        let arn = format!("arn%3Aaws%3Asns%3Aus-east-1%3A123456789012%3A{topic}");
        client.of_form(&format!(
            "Action=CreateTopic&Version=2010-03-31&Name={topic}\
             &Attributes.entry.1.key=SignatureVersion&Attributes.entry.1.value={version}"
        ));
        client.of_form(&format!(
            "Action=Subscribe&Version=2010-03-31&TopicArn={arn}&Protocol=sqs\
             &Endpoint=arn%3Aaws%3Asqs%3Aus-east-1%3A123456789012%3Aorders"
        ));
        client.of_form(&format!("Action=Publish&Version=2010-03-31&TopicArn={arn}&Subject=s&Message=hello"));
        let receive = value!({ "QueueUrl": QUEUE, "WaitTimeSeconds": 20 });
        let received = client.of_sqs("ReceiveMessage", &receive).unwrap();
        let message = received.get("Messages").unwrap().at(0).unwrap();
        let delete = value!({ "QueueUrl": QUEUE, "ReceiptHandle": (text(message, "ReceiptHandle")) });
        client.of_sqs("DeleteMessage", &delete).unwrap();
        let envelope = Value::parse(text(message, "Body")).unwrap();
        let names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
        let signed: String =
            names.iter().map(|name| format!("{name}\n{}\n", text(&envelope, name))).collect();
        let url = text(&envelope, "SigningCertURL");
        let path = &url[url.find("/SimpleNotificationService-").expect("a path of its own")..];
        folder.write("certificate.pem", &client.get(path).unwrap());
        folder.write("text", &signed);
        std::fs::write(folder.0.join("signature"), base64::decode(text(&envelope, "Signature")).unwrap())
            .unwrap();
        let verify = format!(
            "openssl x509 -in certificate.pem -pubkey -noout > key.pem
             openssl dgst {digest} -verify key.pem -signature signature text
             openssl verify -CAfile certificate.pem certificate.pem"
        );
        let verified = Command::new("sh").args(["-euc", &verify]).current_dir(&folder.0).output().unwrap();
        assert!(verified.status.success(), "{topic}: {verified:?}");
    }
    assert_eq!(server.terminate(), 0);
}
