//! Events: from PutEvents through a rule to a started execution.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::bench::figure::Figure;
use crate::bench::load::Load;
use crate::bench::plan::Plan;
use crate::bench::{CLIENTS, api};

const ONE: &str = "One client, one event at a time: from sending PutEvents until an activity worker, which waits in \
                   GetActivityTask, has the task of the execution that a rule started. Both by HTTP on connections of their \
                   own; the event and the execution are each durable before they go on.";
const MANY: &str = "64 clients, one event a request, through one of 100 rules with a pattern each to a state machine target; \
                    the rate at which PutEvents answers.";
const ARN: &str = "arn:aws:states:us-east-1:123456789012";

/// Rules that want other events.
const OTHER_RULES: u64 = 99;

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let server = plan.server("events", "")?;
    let port = server.port;
    api::call(port, "CreateActivity", &json::value!({ "name": "seen" }))?;
    let definition = format!(
        r#"{{"StartAt":"T","States":{{"T":{{"Type":"Task","Resource":"{ARN}:activity:seen","End":true}}}}}}"#
    );
    let waiting = api::create_machine(port, "waiting", "STANDARD", &definition)?;
    let pass = r#"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#;
    let brief = api::create_machine(port, "brief", "STANDARD", pass)?;
    rule(port, "one", "one", &waiting)?;
    rule(port, "many", "many", &brief)?;
    for number in 0..OTHER_RULES {
        rule(port, &format!("other-{number}"), &format!("other-{number}"), &brief)?;
    }
    one_by_one(plan, port, figures)?;
    let load = Load::repeat(port, CLIENTS, event("many"), plan.load);
    let measured = plan.measure(&server.process, &load)?;
    figures.push(Figure::new("events that start executions", measured.rate(), "/s", MANY).beside(format!(
        "p50 {:.1}, p99 {:.1} ms",
        measured.percentile(0.5),
        measured.percentile(0.99)
    )));
    Ok(())
}

fn one_by_one(plan: &Plan, port: u16, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let count = plan.many(1_000, 20);
    let (tell, told) = mpsc::channel();
    let worker = std::thread::spawn(move || -> anyhow::Result<()> {
        let body = json::value!({ "activityArn": (format!("{ARN}:activity:seen")) });
        for _ in 0..count {
            api::call(port, "GetActivityTask", &body)?;
            tell.send(Instant::now())?;
        }
        Ok(())
    });
    let request = event("one");
    let mut times = Vec::new();
    for _ in 0..count {
        // The worker asks again meanwhile.
        std::thread::sleep(Duration::from_millis(3));
        let begun = Instant::now();
        api::send(port, &request)?;
        let seen = told.recv_timeout(Duration::from_secs(30)).context("no execution was started")?;
        times.push(seen.duration_since(begun).as_secs_f64() * 1_000.0);
    }
    worker.join().map_err(|_| anyhow::anyhow!("the worker has a defect"))??;
    times.sort_by(f64::total_cmp);
    let percentile = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    figures.push(Figure::new("event to a started execution, p50", percentile(0.5), "ms", ONE).at_most(3.0));
    figures.push(Figure::new("event to a started execution, p99", percentile(0.99), "ms", ONE));
    Ok(())
}

fn rule(port: u16, name: &str, kind: &str, machine: &str) -> anyhow::Result<()> {
    let pattern = json::value!({ "source": ["bench"], "detail-type": [kind] }).to_text();
    let body = json::value!({ "Name": name, "EventPattern": pattern });
    api::send(port, &api::events_request("PutRule", &body.to_text()))?;
    let body = json::value!({ "Rule": name, "Targets": [{ "Id": "machine", "Arn": machine }] });
    api::send(port, &api::events_request("PutTargets", &body.to_text()))?;
    Ok(())
}

fn event(kind: &str) -> Vec<u8> {
    let detail = r#"{"order":{"id":7,"items":[{"sku":"a","count":2}],"total":12.5}}"#;
    let entry = json::value!({ "Source": "bench", "DetailType": kind, "Detail": detail });
    api::events_request("PutEvents", &json::value!({ "Entries": [entry] }).to_text())
}
