//! Builds requests and reads responses, and reads requests and writes responses as a service does: one in each line of
//! the standard input, one answer in each line of the standard output. `cargo xtask requests` compares them with
//! botocore's.
//!
//! `cargo run -p aws-protocols --example batch`

use std::io::{self, BufRead, BufWriter, Write};

use aws_models::Operation;
use aws_protocols::serve::{Asked, Incoming, Offered};
use aws_protocols::{Response, ResponseError};
use json::{Object, Value};

fn main() -> io::Result<()> {
    let mut out = BufWriter::new(io::stdout().lock());
    for line in io::stdin().lock().lines() {
        let task = Value::parse(&line?).map_err(|error| io::Error::other(error.to_string()))?;
        let answer = match operation(&task) {
            Some(operation) if task.get("served").is_some() => serve(operation, &task),
            Some(operation) if task.get("output").is_some() => answer_with(operation, &task),
            Some(operation) if task.get("status").is_some() => read(operation, &task),
            Some(operation) => build(operation, &task),
            None => answer("refusal", "there is no such operation"),
        };
        writeln!(out, "{answer}")?;
    }
    out.flush()
}

fn operation(task: &Value) -> Option<Operation<'static>> {
    aws_models::service(text(task, "service"))?.operation(text(task, "action"))
}

fn build(operation: Operation<'_>, task: &Value) -> Value {
    let input = task.get("input").cloned().unwrap_or_default();
    match aws_protocols::request(operation, &input, text(task, "token")) {
        Ok(request) => {
            let headers = request.headers.iter().map(|(name, value)| Value::from(vec![name, value]));
            Object::from_iter([
                ("method", Value::from(request.method.as_str())),
                ("host_prefix", request.host_prefix.as_str().into()),
                ("path", request.path.as_str().into()),
                ("query", request.query.as_str().into()),
                ("headers", headers.collect()),
                ("body", hex(&request.body).into()),
            ])
            .into()
        }
        Err(refusal) => answer("refusal", &refusal.to_string()),
    }
}

fn read(operation: Operation<'_>, task: &Value) -> Value {
    let headers = headers(task);
    let status = task.get("status").and_then(Value::as_i64).unwrap_or_default() as u16;
    let body = bytes(text(task, "body"));
    match aws_protocols::response(operation, Response { status, headers: &headers, body: &body }) {
        Ok(output) => Object::from_iter([("output", output)]).into(),
        Err(ResponseError::Service(error)) => Object::from_iter([
            ("name", error.name().as_str()),
            ("code", &error.code),
            ("message", &error.message),
            ("request_id", &error.request_id),
        ])
        .into(),
        Err(ResponseError::Unreadable) => answer("refusal", "unreadable"),
    }
}

/// Which operation is asked for, and with what input.
fn serve(operation: Operation<'static>, task: &Value) -> Value {
    let headers = headers(task);
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let incoming = Incoming {
        method: text(task, "method"),
        path: text(task, "path"),
        query: text(task, "query"),
        headers: &headers,
        body: &bytes(text(task, "body")),
    };
    let asked = match Offered::new([operation.service()]).find(&incoming) {
        Ok(asked) => asked,
        Err(unknown) => return answer("refusal", &format!("{unknown:?}")),
    };
    match asked.input(&incoming) {
        Ok(input) => {
            Object::from_iter([("operation", Value::from(asked.operation.name())), ("input", input)]).into()
        }
        Err(fault) => answer("refusal", &fault.message),
    }
}

/// An output as a response.
fn answer_with(operation: Operation<'static>, task: &Value) -> Value {
    let output = task.get("output").cloned().unwrap_or_default();
    let response = Asked::of(operation).answer(&output, "the-request");
    let headers =
        response.headers.iter().map(|(name, value)| (name.to_string(), Value::from(value.as_str())));
    Object::from_iter([
        ("status", Value::from(i64::from(response.status))),
        ("headers", headers.collect::<Object>().into()),
        ("body", hex(&response.body).into()),
    ])
    .into()
}

fn headers(task: &Value) -> Vec<(String, String)> {
    let headers = task.get("headers").and_then(Value::as_object);
    let header = |(name, value): (&json::Text, &Value)| {
        (name.to_string(), value.as_str().unwrap_or_default().to_owned())
    };
    headers.into_iter().flat_map(Object::iter).map(header).collect()
}

fn text<'v>(task: &'v Value, name: &str) -> &'v str {
    task.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn answer(name: &str, text: &str) -> Value {
    Object::from_iter([(name, text)]).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    let pairs = hex.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
    pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}
