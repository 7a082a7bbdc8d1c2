//! The first children begin as soon as the first bytes of a file are there, however many follow.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, Sender, channel};

use crate::world::*;

/// A file of 2 MiB, of which one read has a small part.
const ROWS: usize = 50_000;
/// A read has fewer than five times as many.
const ROWS_OF_A_CHILD: usize = 1_000;

/// S3 with one object. It tells of each read, and answers when it is let.
struct SlowS3 {
    address: SocketAddr,
    asked: Receiver<String>,
    answer: Sender<()>,
}

impl SlowS3 {
    fn start(object: String) -> SlowS3 {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let ((tell, asked), (answer, may_answer)) = (channel(), channel());
        std::thread::spawn(move || {
            // One read at a time, each on a connection of its own; until the test has ended.
            for connection in listener.incoming() {
                let mut connection = connection.expect("a connection");
                let lines = BufReader::new(connection.try_clone().expect("a handle")).lines();
                let head: Vec<String> =
                    lines.map(|line| line.expect("a line")).take_while(|line| !line.is_empty()).collect();
                let range = head.iter().find_map(|line| line.strip_prefix("range: bytes=")).expect("a range");
                if tell.send(range.to_owned()).is_err() || may_answer.recv().is_err() {
                    return;
                }
                let (from, to) = range.split_once('-').expect("from and to");
                let (from, to): (usize, usize) = (from.parse().expect("from"), to.parse().expect("to"));
                let (to, size) = (to.min(object.len() - 1), object.len());
                let head = format!(
                    "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{to}/{size}\r\nETag: \"e\"\r\n\
                     Content-Length: {}\r\nConnection: close\r\n\r\n",
                    to + 1 - from
                );
                connection.write_all(head.as_bytes()).expect("it is read");
                connection.write_all(&object.as_bytes()[from..=to]).expect("it is read");
            }
        });
        SlowS3 { address, asked, answer }
    }

    fn let_answer(&self) {
        self.answer.send(()).expect("it is there");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn children_begin_before_a_second_read_is_answered() {
    let folder = Folder::new("first");
    let rows: String = (0..ROWS).map(|row| format!("{row:06},some more of it, and so on\n")).collect();
    let s3 = SlowS3::start(format!("id,a,b\n{rows}"));
    let world = World::with_s3_at(&folder.0, s3.address);
    let members = format!(r#"{CSV}"ItemBatcher":{{"MaxItemsPerBatch":{ROWS_OF_A_CHILD}}},"#);
    world.machine("EXPRESS", r#""I":{"Type":"Pass","Result":1,"End":true}"#, &members).await;
    let arn = world.start(json::value!({ "key": "rows.csv" })).await;

    assert_eq!(s3.asked.recv_timeout(PATIENCE).expect("it is read"), "0-262143");
    s3.let_answer();
    // Nobody lets it answer again.
    world.until(|| world.map_run(&arn).summary.executions.succeeded > 0).await;
    let begun = world.map_run(&arn).summary.executions.succeeded;
    assert!(begun as usize <= 262_144 / (ROWS_OF_A_CHILD * 34), "{begun} of one read");

    let mut reads = 1;
    while world.engine.store().execution(&arn).expect("readable").expect("there").stopped_at.is_none() {
        if s3.asked.try_recv().is_ok() {
            s3.let_answer();
            reads += 1;
        }
        tokio::task::yield_now().await;
    }
    assert_eq!(world.closed(&arn).await.failure, None);
    assert_eq!(world.map_run(&arn).summary.items, succeeded(ROWS as u64));
    println!("{begun} children have ended before the second of {reads} reads was answered");
    world.engine.stop().await;
}
