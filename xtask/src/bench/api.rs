//! What the figures ask of a server: requests as bytes, and single calls outside of any load.
//!
//! Never here: measuring.

use std::io::{Read, Write};
use std::time::Duration;

use anyhow::Context;
use json::Value;

use super::connection::Refused;

/// A call that takes longer has no answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// An API request as bytes.
pub fn request(action: &str, body: &str) -> Vec<u8> {
    format!(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.0\r\n\
         X-Amz-Target: AWSStepFunctions.{action}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// A request to EventBridge as bytes.
pub fn events_request(action: &str, body: &str) -> Vec<u8> {
    format!(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.1\r\n\
         X-Amz-Target: AWSEvents.{action}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// StartExecution, or StartSyncExecution.
pub fn start_request(action: &str, arn: &str, input: &str) -> Vec<u8> {
    request(action, &json::value!({ "stateMachineArn": arn, "input": input }).to_text())
}

/// DescribeExecution.
pub fn describe_request(arn: &str) -> Vec<u8> {
    request("DescribeExecution", &format!("{{\"executionArn\":\"{arn}\"}}"))
}

/// ListExecutions: one page, of a status if one is given.
pub fn list_request(arn: &str, status: Option<&str>, results_max: u32) -> Vec<u8> {
    let mut body = json::value!({ "stateMachineArn": arn, "maxResults": (i64::from(results_max)) });
    if let Some(status) = status {
        body.as_object_mut().expect("it is one").insert("statusFilter", status);
    }
    request("ListExecutions", &body.to_text())
}

/// StartExecutionBatch: so many executions, with these inputs in turn.
pub fn batch_request(arn: &str, inputs: &[String], size: usize) -> Vec<u8> {
    let executions: Value =
        (0..size).map(|number| json::value!({ "input": (inputs[number % inputs.len()].as_str()) })).collect();
    let body = json::value!({ "stateMachineArn": arn, "executions": executions }).to_text();
    post("/v1/start-execution-batch", &body)
}

/// A request to SQS.
pub fn sqs_request(action: &str, body: &Value) -> Vec<u8> {
    let body = body.to_text();
    format!(
        "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.0\r\n\
         X-Amz-Target: AmazonSQS.{action}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// DeleteMessageBatch.
pub fn delete_messages_request(queue_url: &str, handles: &[String]) -> Vec<u8> {
    let entry = |(number, handle): (usize, &String)| json::value!({ "Id": (number.to_string()), "ReceiptHandle": handle });
    let entries: Value = handles.iter().enumerate().map(entry).collect();
    sqs_request("DeleteMessageBatch", &json::value!({ "QueueUrl": queue_url, "Entries": entries }))
}

/// Any JSON to any path.
pub fn post(path: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// One call on a connection of its own. An answer other than 200 is a [`Refused`].
pub fn call(port: u16, action: &str, body: &Value) -> anyhow::Result<Value> {
    send(port, &request(action, &body.to_text())).with_context(|| action.to_owned())
}

/// Sends one request and reads JSON.
pub fn send(port: u16, request: &[u8]) -> anyhow::Result<Value> {
    let text = String::from_utf8(exchange(port, request)?)?;
    Value::parse(&text).map_err(|error| anyhow::anyhow!("the server answered {text}: {error}"))
}

/// Fetches a page as text.
pub fn get(port: u16, path: &str) -> anyhow::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    Ok(String::from_utf8(exchange(port, request.as_bytes())?)?)
}

/// A number of `/metrics`, over all labels. 0 if the server has no such number.
pub fn metric(port: u16, name: &str) -> anyhow::Result<f64> {
    let page = get(port, "/metrics")?;
    let samples = page.lines().filter(|line| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ') || rest.starts_with('{'))
    });
    Ok(samples.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
}

/// Creates a machine and gives its ARN.
pub fn create_machine(port: u16, name: &str, kind: &str, definition: &str) -> anyhow::Result<String> {
    create_machine_with(port, name, kind, definition, Value::Null)
}

/// The same with a `loggingConfiguration`.
pub fn create_machine_with(
    port: u16,
    name: &str,
    kind: &str,
    definition: &str,
    logging: Value,
) -> anyhow::Result<String> {
    let mut body = json::value!({
        "name": name, "type": kind, "definition": definition, "roleArn": "arn:aws:iam::123456789012:role/bench"
    });
    if !logging.is_null() {
        body.as_object_mut().expect("it is one").insert("loggingConfiguration", logging);
    }
    let answer = call(port, "CreateStateMachine", &body)?;
    let arn = answer.get("stateMachineArn").and_then(Value::as_str);
    Ok(arn.context("CreateStateMachine gave no ARN")?.to_owned())
}

/// Walks through all executions of a machine, a thousand at a time. `each` is given every one.
pub fn every_execution(
    port: u16,
    arn: &str,
    status: Option<&str>,
    mut each: impl FnMut(&Value),
) -> anyhow::Result<()> {
    let mut body = json::value!({ "stateMachineArn": arn, "maxResults": 1000 });
    let members = body.as_object_mut().expect("it is one");
    if let Some(status) = status {
        members.insert("statusFilter", status);
    }
    loop {
        let answer = call(port, "ListExecutions", &body)?;
        answer
            .get("executions")
            .and_then(Value::as_array)
            .context("no executions")?
            .iter()
            .for_each(&mut each);
        let Some(next) = answer.get("nextToken") else { return Ok(()) };
        body.as_object_mut().expect("it is one").insert("nextToken", next.clone());
    }
}

fn exchange(port: u16, request: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    let mut buffer = [0; 64 << 10];
    loop {
        if let Some(head) = super::connection::Head::find(&answer)?
            && answer.len() >= head.end
        {
            let body = answer[head.body..head.end].to_vec();
            return if head.status == 200 { Ok(body) } else { Err(Refused::new(head.status, &body).into()) };
        }
        match stream.read(&mut buffer)? {
            0 => anyhow::bail!("the server closed the connection"),
            read => answer.extend_from_slice(&buffer[..read]),
        }
    }
}
