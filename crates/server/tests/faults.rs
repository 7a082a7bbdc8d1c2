//! A server whose disk fails or is full: it stops, or it refuses new work and goes on, as documented.
//!
//! The disk is a small library (`faults/disk.c`) that stands before the C library's. It is compiled
//! here, and works on Linux only; elsewhere these tests say that they were left out.

mod harness;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use harness::{CallError, Client, Folder, Server, have, history, stepwell, text};
use json::Value;

const ROLE: &str = "arn:aws:iam::123456789012:role/faults";

const PASSES: &str = r#"{"StartAt":"A","States":{
    "A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"C"},"C":{"Type":"Pass","End":true}}}"#;

const NAP: &str = r#"{"StartAt":"Nap","States":{
    "Nap":{"Type":"Wait","Seconds":1,"Next":"Up"},"Up":{"Type":"Pass","End":true}}}"#;

const FULL: &str =
    "The disk that holds the data folder is full; no execution was started. Free some space and try again";

/// EX_IOERR, as docs/production.md says.
const DISK_FAILED: i32 = 74;

/// A data folder on a disk that can be made to fail.
struct Disk {
    folder: Folder,
    library: PathBuf,
}

impl Disk {
    fn new(name: &str) -> Option<Disk> {
        if !cfg!(target_os = "linux") {
            eprintln!("skipped: a failing disk can be played on Linux only");
            return None;
        }
        if !have("cc") {
            return None;
        }
        let folder = Folder::new(name);
        folder.write("stepwell.toml", "[data]\ndir = \"data\"\n");
        std::fs::create_dir_all(folder.0.join("faults")).unwrap();
        let source = folder.write("disk.c", include_str!("faults/disk.c"));
        let library = folder.0.join("disk.so");
        let mut compile = Command::new("cc");
        compile.args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"]).args([&library, &source]);
        assert!(compile.status().unwrap().success(), "{} does not compile", source.display());
        Some(Disk { folder, library })
    }

    fn start(&self) -> Server {
        let mut command = self.command();
        command.env("LD_PRELOAD", &self.library);
        command.env("FAULTS", self.folder.0.join("faults"));
        command.env("FAULTS_DATA", self.folder.0.canonicalize().unwrap().join("data"));
        Server::start(&mut command)
    }

    /// On a disk that works.
    fn start_on_a_sound_one(&self) -> Server {
        Server::start(&mut self.command())
    }

    fn command(&self) -> Command {
        let config = self.folder.0.join("stepwell.toml");
        stepwell([
            "server",
            "--config",
            config.to_str().unwrap(),
            "--segment-bytes",
            "16384",
            "--log",
            "error",
        ])
    }

    fn fail(&self, fault: &str) {
        std::fs::write(self.folder.0.join("faults").join(fault), b"").unwrap();
    }

    fn mend(&self, fault: &str) {
        std::fs::remove_file(self.folder.0.join("faults").join(fault)).unwrap();
    }
}

fn create(client: &mut Client, name: &str, definition: &str) -> Result<String, CallError> {
    let body = json::value!({ "name": name, "definition": definition, "roleArn": ROLE });
    Ok(text(&client.call("CreateStateMachine", &body)?, "stateMachineArn").to_owned())
}

fn begin(client: &mut Client, machine: &str, name: &str) -> Result<String, CallError> {
    let body = json::value!({ "stateMachineArn": machine, "name": name });
    Ok(text(&client.call("StartExecution", &body)?, "executionArn").to_owned())
}

fn status(client: &mut Client, arn: &str) -> String {
    text(&client.ok("DescribeExecution", &json::value!({ "executionArn": arn })), "status").to_owned()
}

#[test]
fn a_sync_that_fails_ends_the_process_and_nobody_was_told_of_what_it_lost() {
    ends_when("sync-eio");
}

#[test]
fn a_write_that_fails_ends_the_process_and_nobody_was_told_of_what_it_lost() {
    ends_when("write-eio");
}

fn ends_when(fault: &str) {
    let Some(disk) = Disk::new(fault) else { return };
    for round in 0..3 {
        let server = disk.start();
        let machine = match create(&mut server.client(), "passes", PASSES) {
            Ok(arn) => arn,
            Err(error) => panic!("{error:?}"),
        };
        let (acknowledged, broken) = (Mutex::new(BTreeSet::new()), AtomicUsize::new(0));
        let code = std::thread::scope(|scope| {
            for starter in 0..4 {
                let (acknowledged, broken, machine, port) = (&acknowledged, &broken, &machine, server.port);
                scope.spawn(move || {
                    let mut client = Client::new(port);
                    for number in 0.. {
                        match begin(&mut client, machine, &format!("{round}-{starter}-{number}")) {
                            Ok(arn) => acknowledged.lock().unwrap().insert(arn),
                            Err(CallError::Broken(_)) => break,
                            Err(refused) => panic!("{refused:?}"),
                        };
                    }
                    broken.fetch_add(1, SeqCst);
                });
            }
            wait_until(|| acknowledged.lock().unwrap().len() > 100 || broken.load(SeqCst) > 0);
            disk.fail(fault);
            server.ended()
        });
        assert_eq!(code, DISK_FAILED);
        disk.mend(fault);
        let acknowledged = acknowledged.into_inner().unwrap();
        assert!(acknowledged.len() > 100, "the load was too small to say anything");
        let server = disk.start_on_a_sound_one();
        let mut client = server.client();
        for arn in &acknowledged {
            assert_eq!(status(&mut client, arn), "SUCCEEDED");
            assert_eq!(history(&mut client, arn).len(), 8, "{arn}");
        }
        assert_eq!(server.terminate(), 0);
    }
}

#[test]
fn a_full_disk_refuses_new_work_and_recovers_by_itself() {
    let Some(disk) = Disk::new("full") else { return };
    let server = disk.start();
    let mut client = server.client();
    let machine = create(&mut client, "passes", PASSES).unwrap();
    let nap = create(&mut client, "nap", NAP).unwrap();
    let earlier = begin(&mut client, &machine, "earlier").unwrap();
    let napping = begin(&mut client, &nap, "napping").unwrap();
    disk.fail("write-enospc");
    std::thread::scope(|scope| {
        // The first one finds out, unless the thread that makes segments did before it. It is not refused
        // any more, so it is told when it is on disk.
        let (send, refused) = std::sync::mpsc::channel();
        let mut accepted = Vec::new();
        let begun = Instant::now();
        loop {
            assert!(begun.elapsed() < Duration::from_secs(60), "a full disk refuses nothing");
            let (send, machine, port) = (send.clone(), &machine, server.port);
            let name = format!("accepted-{}", accepted.len());
            accepted.push(scope.spawn(move || {
                let answer = begin(&mut Client::new(port), machine, &name);
                if answer.is_err() {
                    // Nobody listens after the first one.
                    let _ = send.send(());
                }
                answer
            }));
            if refused.recv_timeout(Duration::from_millis(200)).is_ok() {
                break;
            }
        }
        assert!(is_refused(accepted.pop().unwrap().join().unwrap(), FULL));
        assert!(is_refused(create(&mut server.client(), "another", PASSES), ""), "a machine was created");
        // Reads go on.
        assert_eq!(status(&mut client, &earlier), "SUCCEEDED");
        assert_eq!(history(&mut client, &earlier).len(), 8);
        let listed = client.ok("ListExecutions", &json::value!({ "stateMachineArn": (machine.as_str()) }));
        assert_eq!(listed.get("executions").and_then(Value::as_array).unwrap().len(), 1);
        client.get("/healthz").unwrap();
        let is_told = accepted.iter().any(|accepted| accepted.is_finished());
        assert!(!is_told, "somebody was told of what is not on disk");
        disk.mend("write-enospc");
        for accepted in accepted {
            let arn = accepted.join().unwrap().unwrap();
            assert_eq!(history(&mut client, &arn).len(), 8);
        }
    });
    wait_until(|| !is_refused(begin(&mut server.client(), &machine, "later"), FULL));
    wait_until(|| status(&mut server.client(), &napping) == "SUCCEEDED");
    for name in ["earlier", "later"] {
        assert_eq!(history(&mut client, &earlier.replace("earlier", name)).len(), 8, "{name}");
    }
    assert_eq!(server.terminate(), 0);
}

#[test]
fn without_room_for_another_segment_work_that_has_begun_goes_on() {
    let Some(disk) = Disk::new("room") else { return };
    let server = disk.start();
    let mut client = server.client();
    let machine = create(&mut client, "passes", PASSES).unwrap();
    let activity = client.ok("CreateActivity", &json::value!({ "name": "work" }));
    let activity = text(&activity, "activityArn");
    let work = format!(
        r#"{{"StartAt":"Work","States":{{"Work":{{"Type":"Task","Resource":"{activity}","End":true}}}}}}"#
    );
    let work = create(&mut client, "work", &work).unwrap();
    let worked = begin(&mut client, &work, "worked").unwrap();
    disk.fail("create-enospc");
    // The segments that are there are filled, and then there is none to come.
    let mut started = 0;
    loop {
        if is_refused(begin(&mut client, &machine, &format!("e{started}")), FULL) {
            break;
        }
        started += 1;
        assert!(started < 10_000, "the disk is never full");
    }
    let task = client.ok("GetActivityTask", &json::value!({ "activityArn": activity }));
    client.ok("SendTaskSuccess", &json::value!({ "taskToken": (text(&task, "taskToken")), "output": "1" }));
    assert_eq!(status(&mut client, &worked), "SUCCEEDED");
    disk.mend("create-enospc");
    wait_until(|| !is_refused(begin(&mut server.client(), &machine, "later"), FULL));
    assert_eq!(server.terminate(), 0);
    let server = disk.start_on_a_sound_one();
    let mut client = server.client();
    for number in 0..started {
        let arn = worked.replace(":work:worked", &format!(":passes:e{number}"));
        assert_eq!(status(&mut client, &arn), "SUCCEEDED");
    }
}

/// Whether it was refused for want of room, with this message.
fn is_refused<T: std::fmt::Debug>(answer: Result<T, CallError>, expected: &str) -> bool {
    match answer {
        Ok(_) => false,
        Err(CallError::Refused { code, message }) => {
            assert_eq!(code, "ServiceUnavailable", "{message}");
            assert!(expected.is_empty() || message == expected, "{message}");
            true
        }
        Err(CallError::Broken(error)) => panic!("the server does not live: {error}"),
    }
}

fn wait_until(mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(60), "waited too long");
        std::thread::sleep(Duration::from_millis(10));
    }
}
