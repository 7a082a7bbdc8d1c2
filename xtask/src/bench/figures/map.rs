//! Distributed Map: a fan-out of an array in the input, and a file of many rows.

use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use json::Value;

use crate::bench::api;
use crate::bench::figure::Figure;
use crate::bench::plan::Plan;
use crate::bench::process::Server;

const ARRAY: &str = "10,000 items in the execution's input, a child for each that is one Pass state, as many at once as there \
                     may be; from StartExecution until DescribeExecution says SUCCEEDED, the best of three. Restate 1.7 took \
                     9.7 s for a fan-out of 10,000 on a machine of this kind.";
const ROWS: &str = "A CSV file of 1,000,000 rows (two columns, 22 bytes a row) in a bucket folder, EXPRESS children that are one \
                    Pass state, batches of 100 rows; from StartExecution until DescribeExecution says SUCCEEDED.";
const MEMORY: &str = "The same with 10,000 and with 10,000,000 rows, each on a server of its own: the most that was ever resident.";

/// One Pass state for each item.
const OF_ARRAY: &str = r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,"ItemProcessor":{
    "ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"KIND"},"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}}}}"#;

/// One Pass state for each batch of rows, with a short output: all of them fit into the state's result.
const OF_ROWS: &str = r#"{"StartAt":"M","States":{"M":{"Type":"Map","End":true,
    "ItemReader":{"Resource":"arn:aws:states:::s3:getObject",
        "ReaderConfig":{"InputType":"CSV","CSVHeaderLocation":"FIRST_ROW"},"Parameters":{"Bucket":"bench","Key":"rows.csv"}},
    "ItemBatcher":{"MaxItemsPerBatch":100},
    "ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"EXPRESS"},"StartAt":"P",
        "States":{"P":{"Type":"Pass","Result":1,"End":true}}}}}}"#;

/// What takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(300);
const LOOK_EVERY: Duration = Duration::from_millis(2);

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let (items, rows) = if plan.quick { (100, 1_000) } else { (10_000, 1_000_000) };
    let server = plan.server("map-array", "")?;
    for (kind, most) in [("STANDARD", 2.0), ("EXPRESS", 0.4)] {
        plan.say(format_args!("{items} items, {kind} children"));
        let arn = api::create_machine(server.port, kind, "STANDARD", &OF_ARRAY.replace("KIND", kind))?;
        let input: Value = (0..items).map(Value::from).collect();
        let mut times = Vec::new();
        for _ in 0..3 {
            times.push(run(&server, &arn, &input.to_text())?.as_secs_f64());
        }
        let best = times.iter().copied().fold(f64::INFINITY, f64::min);
        let all = times.iter().map(|time| format!("{time:.3}")).collect::<Vec<_>>().join(", ");
        figures.push(
            Figure::new(format!("10,000 items, {kind} children"), best, "s", ARRAY)
                .at_most(most)
                .beside(format!("runs {all}; Restate 9.7")),
        );
    }
    drop(server);

    let (took, _) = of_rows(plan, rows)?;
    figures.push(
        Figure::new(
            "1,000,000 CSV rows, EXPRESS children, batches of 100",
            rows as f64 / took,
            "items/s",
            ROWS,
        )
        .at_least(200_000.0),
    );
    let (few, many) = if plan.quick { (100, 1_000) } else { (10_000, 10_000_000) };
    let ((_, few), (took, many)) = (of_rows(plan, few)?, of_rows(plan, many)?);
    figures.push(
        Figure::new("memory with 10,000,000 rows", many, "MiB", MEMORY)
            .beside(format!("with 10,000 rows {few:.1}; the run took {took:.1} s")),
    );
    Ok(())
}

/// Maps over so many rows: how long it took in seconds, and the most memory that was resident in MiB.
fn of_rows(plan: &Plan, rows: u64) -> anyhow::Result<(f64, f64)> {
    plan.say(format_args!("{rows} rows"));
    let buckets = plan.folder("map-buckets");
    write_rows(&buckets, rows)?;
    let settings = format!("[s3]\nroot = {:?}\n", buckets.display().to_string());
    let server = plan.server("map-rows", &settings)?;
    let arn = api::create_machine(server.port, "rows", "STANDARD", OF_ROWS)?;
    let took = run(&server, &arn, "{}")?;
    let memory = server.process.rss_peak_bytes()? as f64 / f64::from(1 << 20);
    std::fs::remove_dir_all(&buckets)?;
    Ok((took.as_secs_f64(), memory))
}

fn write_rows(buckets: &Path, rows: u64) -> anyhow::Result<()> {
    let bucket = buckets.join("bench");
    std::fs::create_dir_all(&bucket)?;
    let mut file = BufWriter::new(std::fs::File::create(bucket.join("rows.csv"))?);
    writeln!(file, "id,name")?;
    for row in 0..rows {
        writeln!(file, "{row:08},customer {row:08}")?;
    }
    file.flush()?;
    Ok(())
}

/// Runs one execution to its good end.
fn run(server: &Server, machine: &str, input: &str) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    let started = api::send(server.port, &api::start_request("StartExecution", machine, input))?;
    let arn = started.get("executionArn").and_then(Value::as_str).context("StartExecution gave no ARN")?;
    let describe = api::describe_request(arn);
    loop {
        let described = api::send(server.port, &describe)?;
        match described.get("status").and_then(Value::as_str) {
            Some("SUCCEEDED") => return Ok(begun.elapsed()),
            Some("RUNNING") if begun.elapsed() < PATIENCE => std::thread::sleep(LOOK_EVERY),
            _ => bail!("the execution did not succeed: {}", described.to_text()),
        }
    }
}
