//! One kept-alive HTTP/1.1 connection of a client: a request goes out as bytes, an answer comes back.
//!
//! It reads only as far as needed to find an answer's end: who measures must cost little. Never here: what
//! is asked, how often.

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A page of a thousand executions has a third of a megabyte; nothing that is measured answers more than this.
const ANSWER_BYTES_MAX: usize = 16 << 20;

/// A connection to a server on this machine.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What came back.
pub struct Answer<'a> {
    /// The status code.
    pub status: u16,
    /// The body, whole.
    pub body: &'a [u8],
}

/// The server said no.
#[derive(Debug)]
pub struct Refused {
    /// The status code.
    pub status: u16,
    /// What the body says, cut.
    pub body: String,
}

impl Connection {
    /// Connects to 127.0.0.1.
    pub async fn open(port: u16) -> anyhow::Result<Connection> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.context("cannot connect")?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: vec![0; 16 << 10] })
    }

    /// Sends a request and waits for the whole answer, whatever its status.
    pub async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        let (mut have, mut head) = (0, None);
        loop {
            have += match self.stream.read(&mut self.buffer[have..]).await? {
                0 => anyhow::bail!("the server closed a connection"),
                read => read,
            };
            if head.is_none() {
                head = Head::find(&self.buffer[..have])?;
            }
            if let Some(Head { status, body, end }) = head {
                if have >= end {
                    return Ok(Answer { status, body: &self.buffer[body..end] });
                }
                anyhow::ensure!(end <= ANSWER_BYTES_MAX, "an answer of {end} bytes is too long");
                if end > self.buffer.len() {
                    self.buffer.resize(end, 0);
                }
            }
            anyhow::ensure!(have < self.buffer.len(), "an answer's head is too long");
        }
    }

    /// As [`exchange`](Self::exchange); anything but 200 is a [`Refused`].
    pub async fn ask(&mut self, request: &[u8]) -> anyhow::Result<&[u8]> {
        let answer = self.exchange(request).await?;
        answer.accepted()
    }
}

impl<'a> Answer<'a> {
    /// The body of an answer with status 200; any other is a [`Refused`].
    pub fn accepted(self) -> anyhow::Result<&'a [u8]> {
        if self.status == 200 {
            return Ok(self.body);
        }
        Err(Refused::new(self.status, self.body).into())
    }
}

impl Refused {
    /// The message of an error in JSON, or the whole body.
    pub fn new(status: u16, body: &[u8]) -> Refused {
        let text = String::from_utf8_lossy(body);
        let member = |name: &str| Some(json::Value::parse(&text).ok()?.get(name)?.as_str()?.to_owned());
        let kind = member("__type").and_then(|kind| Some(kind.rsplit('#').next()?.to_owned() + ": "));
        let said = member("message").map(|message| kind.unwrap_or_default() + &message);
        let body = said.unwrap_or_else(|| text.trim().to_owned()).chars().take(300).collect();
        Refused { status, body }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}", self.status, self.body)
    }
}

impl std::error::Error for Refused {}

/// Where an answer's body lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// Where the body begins.
    pub body: usize,
    /// Where it ends.
    pub end: usize,
}

impl Head {
    /// Nothing while the head is not complete.
    pub fn find(bytes: &[u8]) -> anyhow::Result<Option<Head>> {
        let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        let text = std::str::from_utf8(&bytes[..head]).context("the answer's head is not text")?;
        let status = text.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
        let status = status.with_context(|| format!("the server answered {text}"))?;
        let length = text
            .lines()
            .filter_map(|line| line.split_once(':'))
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .context("the answer has no Content-Length")?;
        let length = length.1.trim().parse::<usize>()?;
        Ok(Some(Head { status, body: head + 4, end: head + 4 + length }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_length_says() {
        assert_eq!(Head::find(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n").unwrap(), None);
        let found = |bytes| Head::find(bytes).unwrap().unwrap();
        let head = found(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");
        assert_eq!(head, Head { status: 200, body: 38, end: 40 });
        assert_eq!(found(b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n").status, 400);
        assert!(Head::find(b"HTTP/1.1 200 OK\r\n\r\n{}").is_err());
        assert!(Head::find(b"SSH-2.0\r\n\r\n").is_err());
    }

    #[test]
    fn only_200_is_accepted() {
        let answer = |status| Answer { status, body: b"{}" };
        assert_eq!(answer(200).accepted().unwrap(), b"{}");
        let error = answer(404).accepted().unwrap_err();
        assert_eq!(error.downcast_ref::<Refused>().map(|refused| refused.status), Some(404));
        let refused = Refused::new(400, br#"{"__type":"com.amazonaws#NoSuch","message":"There is none."}"#);
        assert_eq!(refused.to_string(), "400 NoSuch: There is none.");
        assert_eq!(Refused::new(500, b"<html>").to_string(), "500 <html>");
    }
}
