//! `verify`, `backup` and `restore`, on the data of real servers, some of them under load.

mod harness;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::{Duration, Instant};

use harness::{CallError, Client, Folder, Server, history, outcome, stepwell, text};
use json::Value;

const ROLE: &str = "arn:aws:iam::123456789012:role/data";

const PASSES: &str = r#"{"StartAt":"A","States":{
    "A":{"Type":"Pass","Next":"B"},"B":{"Type":"Pass","Next":"C"},"C":{"Type":"Pass","Next":"D"},
    "D":{"Type":"Pass","Next":"E"},"E":{"Type":"Pass","End":true}}}"#;

const WAIT: &str = r#"{"StartAt":"Nap","States":{
    "Nap":{"Type":"Wait","Seconds":5,"Next":"Up"},"Up":{"Type":"Pass","End":true}}}"#;

/// Small, so that a short load makes several segments and snapshots.
const SEGMENT_BYTES: &str = "32768";

fn start(folder: &Folder, data: &str) -> Server {
    folder.write("stepwell.toml", "[data]\ndir = \"data\"\n");
    let (config, data) = (folder.0.join("stepwell.toml"), folder.0.join(data));
    let (config, data) = (config.to_str().unwrap(), data.to_str().unwrap());
    let args = ["server", "--config", config, "--data-dir", data, "--segment-bytes", SEGMENT_BYTES];
    Server::start(&mut stepwell(args))
}

fn run<const N: usize>(args: [&str; N]) -> (i32, String, String) {
    outcome(&mut stepwell(args))
}

/// Machines and an activity, by name.
struct Machines {
    passes: String,
    wait: String,
    work: String,
    activity: String,
}

impl Machines {
    fn create(client: &mut Client) -> Machines {
        let activity = client.ok("CreateActivity", &json::value!({ "name": "work" }));
        let activity = text(&activity, "activityArn").to_owned();
        let work = format!(
            r#"{{"StartAt":"Work","States":{{"Work":{{"Type":"Task","Resource":"{activity}","End":true}}}}}}"#
        );
        let mut create = |name: &str, definition: &str| {
            let body = json::value!({ "name": name, "definition": definition, "roleArn": ROLE });
            text(&client.ok("CreateStateMachine", &body), "stateMachineArn").to_owned()
        };
        Machines {
            passes: create("passes", PASSES),
            wait: create("wait", WAIT),
            work: create("work", &work),
            activity,
        }
    }
}

fn begin(client: &mut Client, machine: &str, name: &str) -> Result<String, CallError> {
    let body = json::value!({ "stateMachineArn": machine, "name": name, "input": (format!(r#"{{"id":"{name}"}}"#)) });
    Ok(text(&client.call("StartExecution", &body)?, "executionArn").to_owned())
}

fn status(client: &mut Client, arn: &str) -> (String, Value) {
    let execution = client.ok("DescribeExecution", &json::value!({ "executionArn": arn }));
    (text(&execution, "status").to_owned(), execution)
}

#[test]
fn a_backup_under_load_has_everything_that_was_acknowledged_before_it_began() {
    let folder = Folder::new("backup");
    let server = start(&folder, "data");
    let machines = Machines::create(&mut server.client());
    let (is_over, acknowledged) = (AtomicBool::new(false), Mutex::new(BTreeMap::<String, &str>::new()));
    let (data, base) = (folder.0.join("data"), folder.0.clone());
    let mut rounds = Vec::new();
    std::thread::scope(|scope| {
        let _over = Over(&is_over);
        for starter in 0..4 {
            let (machines, acknowledged, is_over, port) = (&machines, &acknowledged, &is_over, server.port);
            scope.spawn(move || {
                let mut client = Client::new(port);
                for number in 0.. {
                    let (kind, machine) = match number % 10 {
                        0 => ("wait", &machines.wait),
                        5 => ("work", &machines.work),
                        _ => ("passes", &machines.passes),
                    };
                    let started = begin(&mut client, machine, &format!("{kind}-{starter}-{number}"));
                    if is_over.load(SeqCst) {
                        return;
                    }
                    let arn = started.unwrap_or_else(|error| panic!("{error:?}"));
                    acknowledged.lock().unwrap().insert(arn, kind);
                }
            });
        }
        for round in 0..3 {
            let count = acknowledged.lock().unwrap().len();
            wait_until(|| acknowledged.lock().unwrap().len() > count + 400);
            let before = acknowledged.lock().unwrap().clone();
            let to = base.join(format!("backup-{round}"));
            let (code, out, err) =
                run(["backup", "--data-dir", data.to_str().unwrap(), "--to", to.to_str().unwrap()]);
            assert_eq!(code, 0, "{out}{err}");
            assert!(out.contains(", verified\n"), "{out}");
            rounds.push((to, before));
        }
        is_over.store(true, SeqCst);
        server.kill();
    });
    for (round, (backup, before)) in rounds.into_iter().enumerate() {
        let name = format!("restored-{round}");
        let restored = folder.0.join(&name);
        let (code, out, err) =
            run(["restore", "--from", backup.to_str().unwrap(), "--data-dir", restored.to_str().unwrap()]);
        assert_eq!(code, 0, "{out}{err}");
        assert!(out.contains("start it: stepwell server --config stepwell.toml --data-dir "), "{out}");
        let server = start(&folder, &name);
        check_restored(&server, &machines, &before);
        server.kill();
    }
}

/// Everything is there with its whole history, and what was open goes on.
fn check_restored(server: &Server, machines: &Machines, before: &BTreeMap<String, &str>) {
    let mut client = server.client();
    let mut works = Vec::new();
    for (arn, kind) in before {
        let (status, execution) = status(&mut client, arn);
        let name = arn.rsplit_once(':').unwrap().1;
        assert_eq!(text(&execution, "input"), format!(r#"{{"id":"{name}"}}"#));
        let types: Vec<String> =
            history(&mut client, arn).iter().map(|event| text(event, "type").to_owned()).collect();
        match *kind {
            "passes" => {
                assert_eq!((status.as_str(), types.len()), ("SUCCEEDED", 12), "{arn}");
                assert_eq!(text(&execution, "output"), text(&execution, "input"));
            }
            "wait" => assert_eq!(types[..2], ["ExecutionStarted", "WaitStateEntered"], "{arn}"),
            _ => {
                assert_eq!((status.as_str(), types.len()), ("RUNNING", 3), "{arn}");
                works.push(arn);
            }
        }
    }
    assert!(before.len() > 400 && works.len() > 10, "the load was too small to say anything");
    // Waits end by themselves, and a worker still finds every task. Which comes first is not said, and
    // the backup may have tasks of starts that were acknowledged while it was made.
    for arn in works {
        while status(&mut client, arn).0 == "RUNNING" {
            let body = json::value!({ "activityArn": (machines.activity.as_str()) });
            let task = client.ok("GetActivityTask", &body);
            let token = text(&task, "taskToken");
            client.ok("SendTaskSuccess", &json::value!({ "taskToken": token, "output": "\"done\"" }));
        }
        assert_eq!(status(&mut client, arn).1.get("output").and_then(Value::as_str), Some("\"done\""));
    }
    for (arn, kind) in before {
        if *kind == "wait" {
            wait_until(|| status(&mut server.client(), arn).0 == "SUCCEEDED");
        }
    }
}

#[test]
fn verify_says_what_a_folder_is() {
    let folder = Folder::new("verify");
    let data = written(&folder);
    let dir = data.to_str().unwrap();
    let (code, out, err) = run(["verify", "--data-dir", dir]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.starts_with(&format!("{dir} is sound\n")), "{out}");
    assert!(out.contains("executions: 1 open, 200 closed; state machines: 3, activities: 1"), "{out}");

    // A frame that a crash cut short is not damage.
    let last = last_segment_with_frames(&data);
    let mut bytes = std::fs::read(&last).unwrap();
    let end = bytes.iter().rposition(|&byte| byte != 0).unwrap();
    bytes[end + 40] = 7;
    std::fs::write(&last, &bytes).unwrap();
    let (code, out, _) = run(["verify", "--data-dir", dir]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains(&format!("note: {} at byte ", last.display())), "{out}");
    assert!(out.contains("the next start cuts it off"), "{out}");
    bytes[end + 40] = 0;

    bytes[200] ^= 4;
    std::fs::write(&last, &bytes).unwrap();
    let (code, out, err) = run(["verify", "--data-dir", dir]);
    assert_eq!((code, err.as_str()), (1, ""), "{out}");
    assert!(out.starts_with(&format!("damaged: {} at byte 32: ", last.display())), "{out}");
    assert!(out.contains("\n  a server does not start on this folder: restore a backup\n"), "{out}");
    let (code, out, _) = run(["verify", "--data-dir", dir, "--output", "json"]);
    let report = Value::parse(&out).unwrap();
    assert_eq!((code, report.get("sound").and_then(Value::as_bool)), (1, Some(false)));
    // Nor is it backed up, and a server says the same.
    let to = folder.0.join("to");
    let (code, _, err) = run(["backup", "--data-dir", dir, "--to", to.to_str().unwrap()]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("there is no backup") && !to.exists(), "{err}");
    let (code, _, err) = serve(&folder);
    assert_eq!(code, 2);
    assert!(err.contains(&format!("{} is damaged: at byte 32: ", last.display())), "{err}");
    assert!(err.contains("`stepwell restore` brings back a backup"), "{err}");
}

#[test]
fn a_flipped_bit_in_the_data_of_a_server_is_named_with_its_file() {
    let folder = Folder::new("flips");
    let data = written(&folder);
    let look = || store::verify::verify(&data, &mut |_, _| {}).unwrap();
    let sound = look();
    assert!(
        sound.is_sound() && sound.notes.is_empty() && sound.segments > 2 && sound.snapshots > 0,
        "{sound:#?}"
    );
    let (mut named, mut nothing) = (0, 0);
    for entry in std::fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        // What the services keep is another log, with tests of its own.
        if path.is_dir() {
            continue;
        }
        let whole = std::fs::read(&path).unwrap();
        for at in (0..whole.len()).step_by(397) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            std::fs::write(&path, &bytes).unwrap();
            let report = look();
            if report.is_sound() {
                // Preallocated and not used yet, or the mark behind the last frame.
                nothing += 1;
                assert_eq!(report.notes[0].file, path, "at {at}");
            } else {
                named += 1;
                assert_eq!(report.damages[0].file, path, "at {at}: {report:#?}");
                let offset = report.damages[0].offset.unwrap_or(0);
                assert!(offset <= at as u64, "at {at}: {report:#?}");
            }
        }
        std::fs::write(&path, &whole).unwrap();
    }
    assert!(named > 200 && nothing > 10, "{named} {nothing}");
    assert!(look().is_sound());
}

#[test]
fn what_cannot_be_used_is_said_with_a_way_out() {
    let folder = Folder::new("refused");
    let server = start(&folder, "data");
    let (data, empty) = (folder.0.join("data"), folder.0.join("empty"));
    std::fs::create_dir(&empty).unwrap();
    let (dir, empty, to) = (data.to_str().unwrap(), empty.to_str().unwrap(), folder.0.join("to"));
    let (to, missing) = (to.to_str().unwrap(), folder.0.join("missing"));
    let missing = missing.to_str().unwrap();
    let check = |result: (i32, String, String), expected: &str| {
        let (code, out, err) = result;
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(expected), "{err}");
    };
    check(run(["verify", "--data-dir", dir]), &format!("stepwell backup --data-dir {dir} --to DEST"));
    check(run(["verify", "--data-dir", missing]), &format!("there is no folder {missing}"));
    check(run(["verify", "--data-dir", empty]), "is not a data folder of stepwell");
    check(run(["backup", "--data-dir", empty, "--to", to]), "is not a data folder of stepwell");
    check(run(["backup", "--data-dir", dir, "--to", dir]), "give --to a folder outside of it");
    check(run(["backup", "--data-dir", dir, "--to", folder.arg()]), "is not empty: give --to");
    check(run(["restore", "--from", dir, "--data-dir", to]), "make a backup of it, and restore that");
    check(run(["restore", "--from", empty, "--data-dir", to]), "is not a data folder of stepwell");
    // The settings name the folder, too, and the data folder may be there and empty.
    let config = folder.0.join("stepwell.toml");
    let config = config.to_str().unwrap();
    let (code, out, err) = run(["backup", "--config", config, "--to", to]);
    assert_eq!(code, 0, "{out}{err}");
    check(run(["restore", "--from", to, "--data-dir", dir]), "move it away");
    check(run(["backup", "--data-dir", dir, "--to", to]), "is not empty: give --to");
    let (code, out, err) = run(["restore", "--from", to, "--data-dir", empty]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(server.terminate(), 0);
    let (code, out, err) = run(["verify", "--config", config]);
    assert_eq!(code, 0, "{out}{err}");
}

#[test]
fn data_of_another_format_is_refused_with_a_way_out() {
    let folder = Folder::new("format");
    let data = written(&folder);
    let ours = u32::from_le_bytes(
        std::fs::read(last_segment_with_frames(&data)).unwrap()[8..12].try_into().unwrap(),
    );
    // Those from 2 on are read.
    for other in [1, ours + 1] {
        let path = data.join("segment-00000001.log");
        let whole = std::fs::read(&path).unwrap();
        let mut bytes = whole.clone();
        bytes[8..12].copy_from_slice(&other.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..28]).to_le_bytes();
        bytes[28..32].copy_from_slice(&crc);
        std::fs::write(&path, &bytes).unwrap();
        let dir = data.to_str().unwrap();
        let results = [serve(&folder), run(["verify", "--data-dir", dir])];
        for (code, out, err) in results {
            assert_eq!((code, out.as_str()), (2, ""), "{err}");
            assert!(
                err.contains(&format!("{} has data format {other}, and stepwell ", path.display())),
                "{err}"
            );
            assert!(
                err.contains(&format!(" reads formats 2 to {ours}: go on with the stepwell that wrote it")),
                "{err}"
            );
        }
        assert_eq!(std::fs::read(&path).unwrap(), bytes, "a refused file must stay as it is");
        std::fs::write(&path, &whole).unwrap();
    }
    assert_eq!(run(["verify", "--data-dir", data.to_str().unwrap()]).0, 0);
}

/// A data folder that a server has written: 200 closed executions and an open one.
fn written(folder: &Folder) -> PathBuf {
    let server = start(folder, "data");
    let mut client = server.client();
    let machines = Machines::create(&mut client);
    begin(&mut client, &machines.work, "open").unwrap();
    for number in 0..200 {
        begin(&mut client, &machines.passes, &format!("closed-{number}")).unwrap();
    }
    assert_eq!(server.terminate(), 0);
    folder.0.join("data")
}

/// Starts a server on the folder's data, which it must refuse.
fn serve(folder: &Folder) -> (i32, String, String) {
    let config = folder.0.join("stepwell.toml");
    run(["server", "--config", config.to_str().unwrap(), "--port", "0"])
}

fn last_segment_with_frames(data: &Path) -> PathBuf {
    let mut segments: Vec<PathBuf> = std::fs::read_dir(data)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "log"))
        .collect();
    segments.sort();
    let has_frames = |path: &&PathBuf| std::fs::read(path).unwrap()[32..].iter().any(|&byte| byte != 0);
    segments.iter().rfind(has_frames).unwrap().clone()
}

fn wait_until(condition: impl Fn() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < Duration::from_secs(60), "waited too long");
        std::thread::sleep(Duration::from_millis(20));
    }
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}
