//! A load generator that costs little: one thread, kept-alive connections, one request written again
//! and again, answers read only as far as needed to find their end.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One request, sent by so many clients for so long; each waits for its answer before the next.
pub struct Load<'a> {
    /// On 127.0.0.1.
    pub port: u16,
    /// Head and body.
    pub request: &'a [u8],
    /// Connections.
    pub clients: usize,
    /// How long.
    pub duration: Duration,
}

/// What a load measured.
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Answers with status 200; any other ends the load with an error.
    pub answers: usize,
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// Of each answer, in microseconds, ascending.
    pub latencies: Vec<u32>,
    /// What the server used meanwhile; filled in by whoever knows the process.
    pub server_cpu: Duration,
}

impl Load<'_> {
    /// Runs it.
    pub fn run(&self) -> anyhow::Result<Measured> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let mut streams = Vec::new();
            for _ in 0..self.clients {
                let stream = TcpStream::connect(("127.0.0.1", self.port)).await.context("cannot connect")?;
                stream.set_nodelay(true)?;
                streams.push(stream);
            }
            let began = Instant::now();
            let end = began + self.duration;
            let clients: Vec<_> = streams
                .into_iter()
                .map(|stream| tokio::spawn(client(stream, self.request.to_vec(), end)))
                .collect();
            let mut latencies = Vec::new();
            for client in clients {
                latencies.extend(client.await??);
            }
            let elapsed = began.elapsed();
            latencies.sort_unstable();
            Ok(Measured { answers: latencies.len(), elapsed, latencies, server_cpu: Duration::ZERO })
        })
    }
}

impl Measured {
    /// Answers in a second.
    pub fn rate(&self) -> f64 {
        self.answers as f64 / self.elapsed.as_secs_f64()
    }

    /// The latency below which this share of answers came, in milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        let index = ((self.latencies.len() as f64 - 1.0) * share).round() as usize;
        self.latencies.get(index).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }

    /// The server's processor time for one answer, in microseconds.
    pub fn cpu_micros(&self) -> f64 {
        self.server_cpu.as_secs_f64() * 1e6 / self.answers.max(1) as f64
    }
}

async fn client(mut stream: TcpStream, request: Vec<u8>, end: Instant) -> anyhow::Result<Vec<u32>> {
    let mut latencies = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let sent = Instant::now();
        if sent >= end {
            return Ok(latencies);
        }
        stream.write_all(&request).await?;
        let mut have = 0;
        loop {
            have += match stream.read(&mut buffer[have..]).await? {
                0 => anyhow::bail!("the server closed a connection"),
                read => read,
            };
            if let Some(whole) = answer_length(&buffer[..have])? {
                anyhow::ensure!(
                    whole <= buffer.len(),
                    "an answer of {whole} bytes is too long for this load"
                );
                if have >= whole {
                    break;
                }
            }
            anyhow::ensure!(have < buffer.len(), "an answer's head is too long for this load");
        }
        latencies.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
    }
}

/// Head and body of an answer together, once its head is complete.
fn answer_length(bytes: &[u8]) -> anyhow::Result<Option<usize>> {
    let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let text = std::str::from_utf8(&bytes[..head]).context("the answer's head is not text")?;
    anyhow::ensure!(
        text.starts_with("HTTP/1.1 200"),
        "the server answered {}",
        String::from_utf8_lossy(bytes)
    );
    let length = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .context("the answer has no Content-Length")?;
    Ok(Some(head + 4 + length.1.trim().parse::<usize>()?))
}

/// An API request as bytes.
pub fn request(line: &str, target: &str, body: &str) -> Vec<u8> {
    format!(
        "{line}\r\nHost: 127.0.0.1\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: {target}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// One API call on a connection of its own.
pub fn call(port: u16, target: &str, body: &str) -> anyhow::Result<json::Value> {
    let answer = exchange(port, &request("POST / HTTP/1.1", target, body))?;
    let text = String::from_utf8(answer)?;
    json::Value::parse(&text).map_err(|error| anyhow::anyhow!("{target} answered {text}: {error}"))
}

/// Fetches a page as text.
pub fn get(port: u16, path: &str) -> anyhow::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    Ok(String::from_utf8(exchange(port, request.as_bytes())?)?)
}

fn exchange(port: u16, request: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    stream.write_all(request)?;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(whole) = answer_length(&answer)?
            && answer.len() >= whole
        {
            let head = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("it was found");
            return Ok(answer[head + 4..whole].to_vec());
        }
        match stream.read(&mut buffer)? {
            0 => anyhow::bail!("the server closed the connection"),
            read => answer.extend_from_slice(&buffer[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_where_its_length_says() {
        assert_eq!(answer_length(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n").unwrap(), None);
        assert_eq!(answer_length(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").unwrap(), Some(40));
        assert!(answer_length(b"HTTP/1.1 400 Bad\r\ncontent-length: 2\r\n\r\n{}").is_err());
    }

    #[test]
    fn percentiles_are_of_the_sorted_latencies() {
        let measured = Measured { latencies: (1..=100).map(|ms| ms * 1000).collect(), ..Measured::default() };
        assert_eq!((measured.percentile(0.5), measured.percentile(0.99)), (51.0, 99.0));
    }
}
