//! Questions to a running server, for verbs of the command line: HTTP in its plainest form, signed if the
//! surroundings have keys.
//!
//! Never here: a server of somebody else, so neither TLS nor redirects.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::{Duration, SystemTime};

use anyhow::Context;
use json::Value;
use sigv4::{Credentials, SigningKeys, Target};

use crate::presence::Place;

/// How long the server may take to accept a connection.
const CONNECT_PATIENCE: Duration = Duration::from_secs(2);
/// How long it may take to go on with its answer: a large picture takes less than a second.
const ANSWER_PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer. The picture of the largest definition is smaller.
const ANSWER_BYTES_MAX: u64 = 64 << 20;

/// A running server.
pub struct Server {
    place: Place,
    /// `host:port`
    host: String,
    credentials: Option<Credentials>,
}

impl Server {
    /// The one at a place. `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` tell as whom to ask.
    pub fn new(place: Place) -> anyhow::Result<Server> {
        let host = place.endpoint.strip_prefix("http://");
        let host = host.with_context(|| format!("{} is no http:// endpoint", place.endpoint))?;
        let host = host.trim_end_matches('/').to_owned();
        let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
        let keys = variable("AWS_ACCESS_KEY_ID").zip(variable("AWS_SECRET_ACCESS_KEY"));
        let credentials = keys.map(|(access_key_id, secret_access_key)| Credentials {
            access_key_id,
            secret_access_key,
            session_token: variable("AWS_SESSION_TOKEN"),
        });
        Ok(Server { place, host, credentials })
    }

    /// Its URL.
    pub fn endpoint(&self) -> &str {
        &self.place.endpoint
    }

    /// Fetches a page. What the server refuses is an error with its message.
    pub fn get(&self, path_and_query: &str) -> anyhow::Result<String> {
        let (status, text) = self.exchange("GET", path_and_query, &[], "")?;
        anyhow::ensure!(status == 200, "{}", message(&text, status));
        Ok(text)
    }

    /// Calls an action of Step Functions. The inner error is the message of a refusal.
    pub fn call(&self, action: &str, body: &Value) -> anyhow::Result<Result<Value, String>> {
        let target = format!("AWSStepFunctions.{action}");
        let headers = [("content-type", "application/x-amz-json-1.0"), ("x-amz-target", target.as_str())];
        let (status, text) = self.exchange("POST", "/", &headers, &body.to_text())?;
        anyhow::ensure!(status != 403, "{}", message(&text, status));
        if status != 200 {
            return Ok(Err(message(&text, status)));
        }
        let value =
            Value::parse(&text).map_err(|error| anyhow::anyhow!("{action} answered no JSON: {error}"))?;
        Ok(Ok(value))
    }

    fn exchange(
        &self,
        method: &str,
        path_and_query: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> anyhow::Result<(u16, String)> {
        let mut headers = headers.to_vec();
        headers.push(("host", &self.host));
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let signature = self.signature(method, path, query, &headers, body);
        let mut request = format!("{method} {path_and_query} HTTP/1.1\r\nconnection: close\r\n");
        let signed = signature.iter().map(|(name, value)| (*name, value.as_str()));
        for (name, value) in headers.into_iter().chain(signed) {
            request += &format!("{name}: {value}\r\n");
        }
        request += &format!("content-length: {}\r\n\r\n{body}", body.len());
        let answer = self.send(&request).with_context(|| {
            format!("nobody answers at {}: start `stepwell dev`, or give its --port", self.place.endpoint)
        })?;
        read(&answer).with_context(|| format!("{} did not answer as HTTP does", self.place.endpoint))
    }

    fn signature(
        &self,
        method: &str,
        path: &str,
        query: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Vec<(&'static str, String)> {
        let Some(credentials) = &self.credentials else { return Vec::new() };
        let payload_hash = sigv4::payload_hash(body.as_bytes());
        let request = sigv4::Request { method, path, query, headers, payload_hash: &payload_hash };
        let target = Target { region: &self.place.region, service: "states" };
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        sigv4::sign(&request, target, credentials, now, &SigningKeys::new())
    }

    fn send(&self, request: &str) -> std::io::Result<Vec<u8>> {
        let mut stream = Err(std::io::ErrorKind::AddrNotAvailable.into());
        for address in self.host.to_socket_addrs()? {
            stream = TcpStream::connect_timeout(&address, CONNECT_PATIENCE);
            if stream.is_ok() {
                break;
            }
        }
        let mut stream = stream?;
        stream.set_read_timeout(Some(ANSWER_PATIENCE))?;
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
        Ok(answer)
    }
}

/// Status and body of an answer that ended with its connection.
fn read(answer: &[u8]) -> Option<(u16, String)> {
    let head_ends = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..head_ends]).ok()?;
    let status = head.strip_prefix("HTTP/1.")?.split(' ').nth(1)?.parse().ok()?;
    let body = &answer[head_ends + 4..];
    let length = head.lines().filter_map(|line| line.split_once(':'));
    let length = length.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let is_whole = length.is_none_or(|(_, length)| length.trim().parse() == Ok(body.len()));
    if !is_whole {
        return None;
    }
    Some((status, String::from_utf8(body.to_vec()).ok()?))
}

/// The message of a refusal.
fn message(text: &str, status: u16) -> String {
    let value = Value::parse(text).unwrap_or_default();
    let message = value.get("message").and_then(Value::as_str);
    message.map_or_else(|| format!("the server answered with status {status}"), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_whole_or_not() {
        let read = |text: &str| read(text.as_bytes());
        assert_eq!(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"), Some((200, "hi".to_owned())));
        assert_eq!(read("HTTP/1.1 404 Not Found\r\n\r\n"), Some((404, String::new())));
        assert_eq!(read("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nhi"), None);
        assert_eq!(read("SSH-2.0-x\r\n\r\n"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn refusals_say_why() {
        assert_eq!(message(r#"{"__type":"x","message":"no"}"#, 400), "no");
        assert_eq!(message("", 500), "the server answered with status 500");
    }
}
