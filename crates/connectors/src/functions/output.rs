//! What a function prints: forwarded to our log line by line, the last of it kept for callers who
//! ask for it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt};

/// `LogType: Tail` shows this much of the log.
const TAIL_BYTES_MAX: usize = 4096;
/// A line is cut here, so that a function which prints no line end does not fill our memory.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// The last that a process has printed. Shared.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tail(Arc<Mutex<VecDeque<u8>>>);

impl Tail {
    /// What was printed since this was called last.
    pub(crate) fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into()
    }

    fn push(&self, line: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(line);
        kept.push_back(b'\n');
        let surplus = kept.len().saturating_sub(TAIL_BYTES_MAX);
        kept.drain(..surplus);
    }
}

/// Wraps what was printed into the lines that frame it on AWS, and keeps the last 4 KB.
pub(crate) fn framed(request_id: &str, printed: &[u8], milliseconds: f64, memory_megabytes: u32) -> Vec<u8> {
    let mut log = format!("START RequestId: {request_id} Version: $LATEST\n").into_bytes();
    log.extend(printed);
    let billed = milliseconds.ceil();
    log.extend(
        format!(
            "END RequestId: {request_id}\nREPORT RequestId: {request_id}\tDuration: {milliseconds:.2} ms\t\
             Billed Duration: {billed:.0} ms\tMemory Size: {memory_megabytes} MB\t\n"
        )
        .into_bytes(),
    );
    let surplus = log.len().saturating_sub(TAIL_BYTES_MAX);
    log.split_off(surplus)
}

/// Forwards until the process closes its end.
pub(crate) async fn forward(mut stream: impl AsyncRead + Unpin, function: String, tail: Tail) {
    let mut line: Vec<u8> = Vec::new();
    let mut chunk = [0; 8192];
    while let Ok(length @ 1..) = stream.read(&mut chunk).await {
        for &byte in &chunk[..length] {
            if byte == b'\n' || line.len() == LINE_BYTES_MAX {
                say(&line, &function, &tail);
                line.clear();
            }
            if byte != b'\n' {
                line.push(byte);
            }
        }
    }
    if !line.is_empty() {
        say(&line, &function, &tail);
    }
}

fn say(line: &[u8], function: &str, tail: &Tail) {
    tail.push(line);
    let text = String::from_utf8_lossy(line);
    tracing::info!(target: "function", function, "{}", text.trim_end_matches('\r'));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_tail_is_the_last_of_it() {
        let tail = Tail::default();
        let printed = format!("{}\nshort\nno end", "x".repeat(LINE_BYTES_MAX + 1));
        forward(printed.as_bytes(), "f".to_owned(), tail.clone()).await;
        let kept = tail.take();
        assert!(kept.len() <= TAIL_BYTES_MAX);
        assert!(kept.ends_with(b"\nx\nshort\nno end\n"));
        assert_eq!(tail.take(), b"");
    }

    #[test]
    fn the_frame_is_that_of_aws() {
        let log = framed("id", b"hello\n", 1.234, 128);
        assert_eq!(
            String::from_utf8(log).unwrap(),
            "START RequestId: id Version: $LATEST\nhello\nEND RequestId: id\n\
             REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\t\n"
        );
    }
}
