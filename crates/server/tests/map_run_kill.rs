//! A Map Run over a large file is killed again and again in the middle: every row is in the results once, in order, and
//! the counts are exact.
//!
//! `STEPWELL_ROWS` says how many rows (10,000), `STEPWELL_MAP_KILLS` how often (3).

mod harness;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use harness::{Client, Folder, Server, outcome, stepwell, text};
use json::Value;

/// Without progress for so long it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A child for each row. The result files have the row alone.
const MACHINE: &str = r#"{"StartAt":"Each","States":{"Each":{"Type":"Map","Label":"Each","MaxConcurrency":500,"End":true,
    "ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
        "ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"},
        "Parameters":{"Bucket":"kill","Key":"rows.csv"}},
    "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"One","States":{
        "One":{"Type":"Pass","Next":"Two"},"Two":{"Type":"Pass","End":true}}},
    "ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"kill","Prefix":"out"},
        "WriterConfig":{"Transformation":"COMPACT","OutputType":"JSONL"}}}}}"#;

#[test]
fn every_row_has_one_result_however_often_the_process_is_killed() {
    let rows: u64 = variable("STEPWELL_ROWS").unwrap_or(10_000);
    let kills: u64 = variable("STEPWELL_MAP_KILLS").unwrap_or(3);
    let folder = Folder::new("map-run-kill");
    write_rows(&folder, rows);
    let mut server = start(&folder);
    let began = Instant::now();
    let execution = begin(&mut server.client());
    for kill in 1..=kills {
        let done = wait_for(&mut server.client(), &execution, rows * kill / (kills + 1));
        server.kill();
        let killed = Instant::now();
        server = start(&folder);
        let ready = killed.elapsed().as_secs_f64();
        println!(
            "killed at {done} of {rows} rows, {:.1} s; ready again in {ready:.2} s",
            began.elapsed().as_secs_f64()
        );
    }
    let client = &mut server.client();
    wait_for(client, &execution, rows);
    let output = wait_for_end(client, &execution);
    println!("ended after {:.1} s", began.elapsed().as_secs_f64());
    let run = map_run(client, &execution);
    for name in ["itemCounts", "executionCounts"] {
        let expected = json::value!({
            "pending": 0, "running": 0, "succeeded": rows, "failed": 0, "timedOut": 0, "aborted": 0, "total": rows,
            "resultsWritten": rows, "failuresNotRedrivable": 0, "pendingRedrive": 0,
        });
        assert_eq!(run.get(name), Some(&expected), "{name}");
    }
    let found = read_results(&folder, &output, rows);
    let data = folder.0.join("data");
    let bytes: u64 =
        std::fs::read_dir(&data).unwrap().map(|file| file.unwrap().metadata().unwrap().len()).sum();
    println!("{found} results; {} bytes in the data folder for each row", bytes / rows);
    server.kill();
    let (code, out, err) = outcome(&mut stepwell(["verify", "--data-dir", data.to_str().unwrap()]));
    assert_eq!(code, 0, "{out}{err}");
}

/// Each row once, in order, in files that the manifest names, with their sizes; and there are no others.
fn read_results(folder: &Folder, output: &Value, rows: u64) -> u64 {
    let details = output.get("ResultWriterDetails").expect("it says where the files are");
    let bucket = folder.0.join("buckets").join(text(details, "Bucket"));
    let manifest = bucket.join(text(details, "Key"));
    let files = Value::parse(&std::fs::read_to_string(&manifest).expect("a manifest")).expect("it is JSON");
    let mut expected = BTreeSet::from([manifest.clone()]);
    let mut next = 0;
    for file in
        files.get("ResultFiles").and_then(|files| files.get("SUCCEEDED")).and_then(Value::as_array).unwrap()
    {
        let path = bucket.join(text(file, "Key"));
        let size = path.metadata().expect("a file").len();
        assert_eq!(file.get("Size").and_then(Value::as_i64), Some(size as i64), "{}", path.display());
        for line in BufReader::new(File::open(&path).unwrap()).lines() {
            assert_eq!(line.unwrap(), format!(r#"{{"row":"{next}","name":"name {next}"}}"#));
            next += 1;
        }
        expected.insert(path);
    }
    assert_eq!(next, rows, "rows in the results");
    assert_eq!(files_of(manifest.parent().unwrap()), expected, "files of the Map Run");
    let out = files_of(&bucket.join("out"));
    assert_eq!(out.len(), 1, "{out:?}");
    next
}

fn files_of(folder: &Path) -> BTreeSet<std::path::PathBuf> {
    std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path()).collect()
}

fn write_rows(folder: &Folder, rows: u64) {
    folder.write("stepwell.toml", "[data]\ndir = \"data\"\n[s3]\nroot = \"buckets\"\n");
    let path = folder.write("buckets/kill/rows.csv", "");
    let mut file = BufWriter::new(File::create(path).unwrap());
    writeln!(file, "row,name").unwrap();
    for row in 0..rows {
        writeln!(file, "{row},name {row}").unwrap();
    }
    file.flush().unwrap();
}

fn start(folder: &Folder) -> Server {
    let config = folder.0.join("stepwell.toml");
    Server::start(&mut stepwell(["server", "--config", config.to_str().unwrap(), "--log", "error"]))
}

fn begin(client: &mut Client) -> String {
    let role = "arn:aws:iam::123456789012:role/kill";
    let machine = json::value!({ "name": "m", "definition": MACHINE, "roleArn": role });
    let machine = client.ok("CreateStateMachine", &machine);
    let started = client.ok(
        "StartExecution",
        &json::value!({ "stateMachineArn": (text(&machine, "stateMachineArn")), "name": "e" }),
    );
    text(&started, "executionArn").to_owned()
}

/// Waits until so many rows are done; how many are.
fn wait_for(client: &mut Client, execution: &str, rows: u64) -> u64 {
    let (mut last, mut since) = (0, Instant::now());
    loop {
        let counts = map_run(client, execution).get("itemCounts").cloned().expect("it has counts");
        let done = counts.get("succeeded").and_then(Value::as_i64).expect("a number") as u64;
        if done >= rows {
            return done;
        }
        if done > last {
            (last, since) = (done, Instant::now());
        }
        assert!(since.elapsed() < PATIENCE, "no progress behind {done} rows: {}", counts.to_text());
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Its output.
fn wait_for_end(client: &mut Client, execution: &str) -> Value {
    let began = Instant::now();
    loop {
        let described = client.ok("DescribeExecution", &json::value!({ "executionArn": execution }));
        match text(&described, "status") {
            "RUNNING" => assert!(began.elapsed() < 2 * PATIENCE, "the results are not written"),
            "SUCCEEDED" => return Value::parse(text(&described, "output")).expect("JSON"),
            _ => panic!("{}", described.to_text()),
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn map_run(client: &mut Client, execution: &str) -> Value {
    let runs = client.ok("ListMapRuns", &json::value!({ "executionArn": execution }));
    let run = runs.get("mapRuns").and_then(Value::as_array).and_then(|runs| runs.get(0)).expect("a Map Run");
    client.ok("DescribeMapRun", &json::value!({ "mapRunArn": (text(run, "mapRunArn")) }))
}

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}
