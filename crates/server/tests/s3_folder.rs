//! A folder as S3 on real servers: by default while somebody develops, in production where the settings say so.

mod harness;

use std::fs;

use harness::{Client, Folder, Server, outcome, stepwell, text};
use json::Value;

/// Writes an object, reads it, lists the bucket.
const MACHINE: &str = r#"{"StartAt": "Put", "QueryLanguage": "JSONata", "States": {
    "Put": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:putObject",
        "Arguments": {"Bucket": "orders", "Key": "new/7.json", "Body": {"number": 7}}, "Next": "Get"},
    "Get": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject",
        "Arguments": {"Bucket": "orders", "Key": "new/7.json"},
        "Assign": {"number": "{% $parse($states.result.Body).number %}"}, "Next": "List"},
    "List": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listObjectsV2",
        "Arguments": {"Bucket": "orders"},
        "Output": {"number": "{% $number %}", "keys": "{% [$states.result.Contents.Key] %}"}, "End": true}}}"#;

/// Runs the machine; its output, or error and cause without the ids of a request.
fn run(client: &mut Client) -> Result<Value, String> {
    let role = "arn:aws:iam::123456789012:role/any";
    let machine = json::value!({ "name": "m", "definition": MACHINE, "roleArn": role, "type": "EXPRESS" });
    let machine = client.ok("CreateStateMachine", &machine);
    let arn = text(&machine, "stateMachineArn");
    let ended = client.ok("StartSyncExecution", &json::value!({ "stateMachineArn": arn, "input": "{}" }));
    match text(&ended, "status") {
        "SUCCEEDED" => Ok(Value::parse(text(&ended, "output")).expect("an output is JSON")),
        _ => {
            let cause = text(&ended, "cause").split(", Request ID").next().unwrap_or_default();
            Err(format!("{}: {cause}", text(&ended, "error")))
        }
    }
}

fn done(keys: &[&str]) -> Result<Value, String> {
    let keys: Vec<Value> = keys.iter().map(|key| Value::from(*key)).collect();
    Ok(json::value!({ "number": 7, "keys": keys }))
}

#[test]
fn who_develops_has_buckets_beside_the_data() {
    let folder = Folder::new("s3-dev");
    let server = Server::start(&mut stepwell(["dev", folder.arg()]));
    let client = &mut server.client();
    assert_eq!(
        run(client).unwrap_err(),
        "S3.NoSuchBucketException: The specified bucket does not exist (Service: S3, Status Code: 404"
    );
    folder.write(".stepwell/s3/orders/old/6.json", "{}");
    assert_eq!(run(client), done(&["new/7.json", "old/6.json"]));
    let put = folder.0.join(".stepwell/s3/orders/new/7.json");
    assert_eq!(fs::read_to_string(put).unwrap(), r#"{"number":7}"#);
    assert_eq!(server.terminate(), 0);
    // The folder of the data may have it beside the log.
    let data = folder.0.join(".stepwell");
    let (code, _, errors) = outcome(&mut stepwell(["verify", "--data-dir", data.to_str().unwrap()]));
    assert_eq!(code, 0, "{errors}");
}

#[test]
fn one_run_uses_the_same_buckets() {
    let folder = Folder::new("s3-run");
    folder.write("m.asl.json", MACHINE);
    folder.write(".stepwell/s3/orders/old/6.json", "{}");
    let (code, printed, errors) = outcome(&mut stepwell(["run", folder.arg()]));
    assert!(code == 0 && printed.contains("old/6.json"), "{printed}{errors}");
}

#[test]
fn production_has_buckets_where_the_settings_say_so() {
    let folder = Folder::new("s3-server");
    let settings = folder.write("stepwell.toml", "[data]\ndir = \"data\"\n");
    let config = settings.to_str().expect("the target folder's path is UTF-8");
    let server = Server::start(&mut stepwell(["server", "--config", config]));
    let refused = run(&mut server.client()).unwrap_err();
    assert!(refused.starts_with("States.Runtime: ") && refused.contains("[s3] root"), "{refused}");
    server.kill();

    folder.write("stepwell.toml", "[data]\ndir = \"data\"\n[s3]\nroot = \"buckets\"\n");
    fs::create_dir_all(folder.0.join("buckets/orders")).unwrap();
    let server = Server::start(&mut stepwell(["server", "--config", config]));
    assert_eq!(run(&mut server.client()), done(&["new/7.json"]));
    server.kill();

    // Whoever means S3 itself is not led to the folder.
    folder.write(
        "stepwell.toml",
        "[data]\ndir = \"data\"\n[s3]\nroot = \"buckets\"\n[endpoints]\ns3 = \"http://127.0.0.1:1\"\n",
    );
    let server = Server::start(&mut stepwell(["server", "--config", config]));
    let refused = run(&mut server.client()).unwrap_err();
    assert!(refused.starts_with("S3.SdkClientException: ") && refused.contains("127.0.0.1:1"), "{refused}");
}

#[test]
fn who_develops_against_aws_itself_is_not_led_to_a_folder() {
    let folder = Folder::new("s3-aws");
    folder.write("stepwell.toml", "[aws]\nenabled = true\n");
    folder.write(".stepwell/s3/orders/old/6.json", "{}");
    let server = Server::start(stepwell(["dev", folder.arg()]).env("HOME", folder.arg()));
    // There are no credentials, so nothing is sent.
    let refused = run(&mut server.client()).unwrap_err();
    assert!(refused.contains("AWS itself cannot be called without credentials"), "{refused}");
}
