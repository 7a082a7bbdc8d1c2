//! Loads with Map Runs: their results are complete and in order, their counts exact; they are stopped, changed and
//! redriven while the server is killed.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use json::Value;

use crate::check::{self, Complaint, Ended, Verdict};
use crate::harness::{CallError, Client, Folder, text};
use crate::loads::{Load, start_one};
use crate::world::{Started, World};

/// In `rows.csv`; seven of them make a child of `rows`.
const ROWS: usize = 300;
/// Children of the others.
const FEW: usize = 6;

/// A Map Run whose execution was stopped stops its children within this.
const STOPPED_WITHIN: Duration = Duration::from_secs(20);

/// All of them.
pub const MAP_LOADS: [Load; 5] = [
    // EXPRESS children from a file to files. Some take their time, so that a kill meets them.
    Load {
        name: "rows",
        machine_type: "STANDARD",
        definition: r#"{"StartAt":"Each","States":{"Each":{"Type":"Map","Label":"Each","MaxConcurrency":8,"End":true,
            "ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
                "ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"},
                "Parameters":{"Bucket":"kill","Key":"rows.csv"}},
            "ItemBatcher":{"MaxItemsPerBatch":7},
            "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"Slow","States":{
                "Slow":{"Type":"Choice","Default":"Out","Choices":[
                    {"Variable":"$.Items[0].row","StringMatches":"*5","Next":"Nap"}]},
                "Nap":{"Type":"Wait","Seconds":1,"Next":"Out"},
                "Out":{"Type":"Pass","OutputPath":"$.Items","End":true}}},
            "ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"kill","Prefix":"out"},
                "WriterConfig":{"Transformation":"FLATTEN","OutputType":"JSONL"}}}}}"#,
        needs_functions: false,
        is_redriven: false,
        share: 3,
        at_once: 1,
        start: start_one,
        look: |world, client, started, must_have_ended| {
            check::standard(world, client, started, must_have_ended, |client, ended| {
                rows(world, client, ended)
            })
        },
    },
    // STANDARD children that call a function each, and one that fails, which is tolerated.
    Load {
        name: "calls",
        machine_type: "STANDARD",
        definition: r#"{"StartAt":"Each","States":{"Each":{"Type":"Map","Label":"Each","MaxConcurrency":4,"End":true,
            "ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
                "ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","MaxItems":6},
                "Parameters":{"Bucket":"kill","Key":"rows.csv"}},
            "ItemSelector":{"id.$":"States.Format('{}-{}', $.id, $$.Map.Item.Value.row)","row.$":"$$.Map.Item.Value.row"},
            "ToleratedFailureCount":1,
            "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"Odd","States":{
                "Odd":{"Type":"Choice","Default":"Call","Choices":[
                    {"Variable":"$.row","StringEquals":"3","Next":"Fail"}]},
                "Fail":{"Type":"Fail","Error":"Odd"},
                "Call":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:call","End":true,
                    "Retry":[{"ErrorEquals":["States.ALL"],"IntervalSeconds":1,"BackoffRate":1,"MaxAttempts":999}]}}}}}}"#,
        needs_functions: true,
        is_redriven: false,
        share: 1,
        at_once: 1,
        start: start_one,
        look: |world, client, started, must_have_ended| {
            check::standard(world, client, started, must_have_ended, |client, ended| {
                calls(world, client, ended)
            })
        },
    },
    // Each function fails the first time; without Retry, only redrives lead to the end.
    Load {
        name: "again",
        machine_type: "STANDARD",
        definition: r#"{"StartAt":"Standard","States":{
            "Standard":{"Type":"Map","Label":"Standard","MaxConcurrency":3,"ResultPath":"$.standard","Next":"Express",
            "ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
                "ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","MaxItems":6},
                "Parameters":{"Bucket":"kill","Key":"rows.csv"}},
            "ItemSelector":{"id.$":"States.Format('{}-s{}', $.id, $$.Map.Item.Value.row)"},
            "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"Call","States":{
                "Call":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:flaky","End":true}}}},
            "Express":{"Type":"Map","Label":"Express","MaxConcurrency":3,"ResultPath":"$.express","End":true,
            "ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
                "ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","MaxItems":6},
                "Parameters":{"Bucket":"kill","Key":"rows.csv"}},
            "ItemSelector":{"id.$":"States.Format('{}-e{}', $.id, $$.Map.Item.Value.row)"},
            "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"Ask","States":{
                "Ask":{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:flaky","End":true}}}}}}"#,
        needs_functions: true,
        is_redriven: true,
        share: 1,
        at_once: 1,
        start: start_one,
        look: |world, client, started, must_have_ended| {
            check::standard(world, client, started, must_have_ended, |client, ended| {
                again(world, client, ended)
            })
        },
    },
    Load {
        name: "stopped",
        machine_type: "STANDARD",
        definition: LONG,
        needs_functions: false,
        is_redriven: false,
        share: 1,
        at_once: 1,
        start: |client, machine, wanted| {
            let started = start_one(client, machine, wanted)?;
            client.call("StopExecution", &json::value!({ "executionArn": (started[0].as_str()) }))?;
            Ok(started)
        },
        look: |world, client, started, must_have_ended| {
            let Some(execution) = check::there(world, client, started)? else { return Ok(()) };
            if text(&execution, "status") != "ABORTED" {
                return Err(Complaint::Lost(format!("the stop of {}: {}", started.arn, execution.to_text())));
            }
            if must_have_ended { stopped(world, client, started) } else { Ok(()) }
        },
    },
    Load {
        name: "updated",
        machine_type: "STANDARD",
        definition: LONG,
        needs_functions: false,
        is_redriven: false,
        share: 1,
        at_once: 1,
        start: |client, machine, wanted| {
            let started = start_one(client, machine, wanted)?;
            let runs =
                client.call("ListMapRuns", &json::value!({ "executionArn": (started[0].as_str()) }))?;
            let runs = runs.get("mapRuns").and_then(Value::as_array);
            let run = runs.and_then(|runs| runs.get(0)).expect("it began with its execution");
            let update = json::value!({
                "mapRunArn": (text(run, "mapRunArn")), "maxConcurrency": 7, "toleratedFailureCount": 2,
            });
            client.call("UpdateMapRun", &update)?;
            Ok(started)
        },
        look: |world, client, started, must_have_ended| {
            check::standard(world, client, started, must_have_ended, |_, _| Ok(()))?;
            for run in map_runs(client, started)? {
                let is = |name: &str| run.get(name).and_then(Value::as_i64);
                if (is("maxConcurrency"), is("toleratedFailureCount")) != (Some(7), Some(2)) {
                    return Err(Complaint::Lost(format!("an update: {}", run.to_text())));
                }
            }
            Ok(())
        },
    },
];

/// Children that wait for two seconds.
const LONG: &str = r#"{"StartAt":"Each","States":{"Each":{"Type":"Map","Label":"Each","MaxConcurrency":4,"End":true,
    "ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
        "ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW","MaxItems":6},
        "Parameters":{"Bucket":"kill","Key":"rows.csv"}},
    "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"StartAt":"Nap","States":{
        "Nap":{"Type":"Wait","Seconds":2,"End":true}}}}}}"#;

/// The file that the Map Runs read.
pub fn write_rows(folder: &Folder) {
    let rows: String = (0..ROWS).map(|row| format!("{row},\"name, {row}\"\n")).collect();
    folder.write("buckets/kill/rows.csv", &format!("row,name\n{rows}"));
}

/// That the files have each row once, in order, and that there are no others.
fn rows(world: &World, client: &mut Client, ended: &Ended<'_>) -> Verdict {
    counts(client, ended, ROWS, ROWS.div_ceil(7), 0)?;
    let last = ended.events.last().and_then(|event| event.get("executionSucceededEventDetails"));
    let output = Value::parse(text(last.expect("it has succeeded"), "output")).expect("JSON");
    let details = output.get("ResultWriterDetails").expect("it says where the files are");
    let bucket = world.buckets.join(text(details, "Bucket"));
    let manifest = bucket.join(text(details, "Key"));
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|error| Complaint::Lost(format!("{}: {error}", path.display())))
    };
    let mut expected = BTreeSet::from([manifest.clone()]);
    let mut found = Vec::new();
    let files = Value::parse(&read(&manifest)?).expect("a manifest is JSON");
    for file in
        files.get("ResultFiles").and_then(|files| files.get("SUCCEEDED")).and_then(Value::as_array).unwrap()
    {
        let path = bucket.join(text(file, "Key"));
        let lines = read(&path)?;
        if file.get("Size").and_then(Value::as_i64) != Some(lines.len() as i64) {
            return Err(Complaint::Wrong(format!("{}: {}", path.display(), file.to_text())));
        }
        found.extend(lines.lines().map(|line| text(&Value::parse(line).expect("JSON"), "row").to_owned()));
        expected.insert(path);
    }
    let all: Vec<String> = (0..ROWS).map(|row| row.to_string()).collect();
    if found != all {
        return Err(in_order(&format!("results of {}", ended.started.arn), &found, &all));
    }
    let there = std::fs::read_dir(manifest.parent().expect("a folder")).expect("a folder");
    let there: BTreeSet<_> = there.map(|file| file.expect("a file").path()).collect();
    if there != expected {
        return Err(Complaint::Wrong(format!("{}: {there:?}, not {expected:?}", ended.started.arn)));
    }
    Ok(())
}

fn calls(world: &World, client: &mut Client, ended: &Ended<'_>) -> Verdict {
    // Children that have ended are kept no longer than others: their results may be gone before the last one ends.
    if world.retention.is_some() {
        return Ok(());
    }
    counts(client, ended, FEW, FEW, 1)?;
    let id = text(&ended.started.input, "id");
    let results: Vec<String> = results(ended, None).iter().map(of_call).collect();
    let expected = |row| if row == 3 { "Odd".to_owned() } else { format!("{id}-{row}") };
    let expected: Vec<String> = (0..FEW).map(expected).collect();
    if results != expected {
        return Err(in_order(&format!("results of {}", ended.started.arn), &results, &expected));
    }
    children_called_what_they_say(world, client, ended, 1)
}

fn again(world: &World, client: &mut Client, ended: &Ended<'_>) -> Verdict {
    if world.retention.is_some() {
        return Ok(());
    }
    counts(client, ended, FEW, FEW, 0)?;
    let id = text(&ended.started.input, "id");
    for (name, letter) in [("standard", 's'), ("express", 'e')] {
        let results: Vec<String> = results(ended, Some(name)).iter().map(of_call).collect();
        let expected: Vec<String> = (0..FEW).map(|row| format!("{id}-{letter}{row}")).collect();
        if results != expected {
            return Err(in_order(&format!("{name} results of {}", ended.started.arn), &results, &expected));
        }
    }
    let redrives = map_runs(client, ended.started)?;
    let redrives = redrives.iter().map(|run| number(run, "redriveCount")).sum::<i64>();
    ended.has(redrives as usize, "MapRunRedriven", ended.count("MapRunRedriven"))?;
    ended.has(redrives as usize, "ExecutionRedriven", ended.count("ExecutionRedriven"))?;
    children_called_what_they_say(world, client, ended, 0)
}

/// That the Map Run has ended, and each child of it that had begun.
fn stopped(world: &World, client: &mut Client, started: &Started) -> Verdict {
    if world.retention.is_some() {
        return Ok(());
    }
    let began = Instant::now();
    loop {
        let runs = map_runs(client, started)?;
        let [run] = runs.as_slice() else {
            return Err(Complaint::Wrong(format!("{} has {} Map Runs", started.arn, runs.len())));
        };
        if text(run, "status") == "RUNNING" {
            if began.elapsed() > STOPPED_WITHIN {
                return Err(Complaint::Wrong(format!("{} was stopped, not: {}", started.arn, run.to_text())));
            }
            std::thread::sleep(Duration::from_millis(20));
            continue;
        }
        let listed = json::value!({ "mapRunArn": (text(run, "mapRunArn")), "statusFilter": "RUNNING" });
        let running = client.call("ListExecutions", &listed).map_err(complaint)?;
        let running = running.get("executions").and_then(Value::as_array).map_or(0, |running| running.len());
        let counts = run.get("executionCounts").expect("it has counts");
        // Those that had not begun never will.
        let known = ["aborted", "succeeded", "pending"].iter().map(|name| number(counts, name)).sum::<i64>();
        if text(run, "status") != "ABORTED" || running > 0 || known != number(counts, "total") {
            let is = run.to_text();
            return Err(Complaint::Wrong(format!("{} was stopped: {running} run, {is}", started.arn)));
        }
        return Ok(());
    }
}

/// That DescribeMapRun counts so many items and children in each Map Run, of which so many failed.
fn counts(client: &mut Client, ended: &Ended<'_>, items: usize, children: usize, failed: usize) -> Verdict {
    for run in map_runs(client, ended.started)? {
        for (name, total) in [("itemCounts", items), ("executionCounts", children)] {
            let succeeded = total - failed;
            let expected = json::value!({
                "pending": 0, "running": 0, "succeeded": succeeded, "failed": failed, "timedOut": 0, "aborted": 0,
                "total": total, "resultsWritten": succeeded, "failuresNotRedrivable": 0, "pendingRedrive": 0,
            });
            if text(&run, "status") != "SUCCEEDED" || run.get(name) != Some(&expected) {
                let is = run.to_text();
                return Err(Complaint::Wrong(format!("{name} of {} in {is}", ended.started.arn)));
            }
        }
    }
    Ok(())
}

/// That the function was called for each STANDARD child, except so many, and not more often than its history says.
fn children_called_what_they_say(
    world: &World,
    client: &mut Client,
    ended: &Ended<'_>,
    failed: usize,
) -> Verdict {
    let runs = map_runs(client, ended.started)?;
    let run = runs.iter().min_by(|one, other| start_of(one).total_cmp(&start_of(other))).expect("a Map Run");
    let listed = client.call("ListExecutions", &json::value!({ "mapRunArn": (text(run, "mapRunArn")) }));
    let listed = listed.map_err(complaint)?;
    let children = listed.get("executions").and_then(Value::as_array).expect("a list");
    if children.len() != FEW {
        return Err(Complaint::Wrong(format!("{} has {} children", ended.started.arn, children.len())));
    }
    let mut others = 0;
    for child in children.iter() {
        if text(child, "status") != "SUCCEEDED" {
            others += 1;
            continue;
        }
        let arn = text(child, "executionArn").to_owned();
        let described = client.call("DescribeExecution", &json::value!({ "executionArn": (arn.as_str()) }));
        let input = Value::parse(text(&described.map_err(complaint)?, "input")).expect("JSON");
        let events = crate::harness::history(client, &arn);
        let started = Started { arn, load: ended.started.load, input, at: ended.started.at };
        let child = Ended { started: &started, events: &events };
        child.has(1, "ExecutionStarted", child.count("ExecutionStarted"))?;
        child.has(1, "LambdaFunctionSucceeded", child.count("LambdaFunctionSucceeded"))?;
        child.calls_are_in_the_history(world.calls(text(&started.input, "id")))?;
    }
    ended.has(failed, "of children that did not succeed", others)
}

/// What DescribeMapRun says of its Map Runs.
fn map_runs(client: &mut Client, started: &Started) -> Result<Vec<Value>, Complaint> {
    let listed = client.call("ListMapRuns", &json::value!({ "executionArn": (started.arn.as_str()) }));
    let listed = match listed {
        Ok(listed) => listed,
        // It may go between two looks.
        Err(CallError::Refused { code, .. }) if code == "ExecutionDoesNotExist" => return Ok(Vec::new()),
        Err(error) => return Err(complaint(error)),
    };
    let runs = listed.get("mapRuns").and_then(Value::as_array).expect("a list");
    let mut described = Vec::new();
    for run in runs.iter() {
        match client.call("DescribeMapRun", &json::value!({ "mapRunArn": (text(run, "mapRunArn")) })) {
            Ok(run) => described.push(run),
            Err(CallError::Refused { code, .. }) if code == "ResourceNotFound" => {}
            Err(error) => return Err(complaint(error)),
        }
    }
    Ok(described)
}

/// The results in the output, or in a member of it.
fn results(ended: &Ended<'_>, member: Option<&str>) -> Vec<Value> {
    let last = ended.events.last().and_then(|event| event.get("executionSucceededEventDetails"));
    let output = Value::parse(text(last.expect("it has succeeded"), "output")).expect("JSON");
    let results = member.map_or(Some(&output), |member| output.get(member));
    results.and_then(Value::as_array).map(|results| results.iter().cloned().collect()).unwrap_or_default()
}

/// What a function was called with, or the error.
fn of_call(result: &Value) -> String {
    let told = result.get("id").or_else(|| result.get("Error"));
    told.and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn start_of(run: &Value) -> f64 {
    run.get("startDate").and_then(Value::as_f64).unwrap_or(0.0)
}

fn number(value: &Value, name: &str) -> i64 {
    value.get(name).and_then(Value::as_i64).unwrap_or_else(|| panic!("no {name} in {}", value.to_text()))
}

/// `found` is not `expected`: something is missing, or comes too often, or at a wrong place.
fn in_order(what: &str, found: &[String], expected: &[String]) -> Complaint {
    let text = format!("{what}: {found:?}");
    match found.len().cmp(&expected.len()) {
        std::cmp::Ordering::Less => Complaint::Lost(text),
        std::cmp::Ordering::Equal => Complaint::Wrong(text),
        std::cmp::Ordering::Greater => Complaint::Doubled(text),
    }
}

fn complaint(error: CallError) -> Complaint {
    Complaint::Wrong(format!("{error:?}"))
}
