//! How long a call of a warm function takes: `cargo run --release -p connectors --example
//! warm_invocation [CALLS] [COMMAND …]`. Echoes a small payload through Python, Node and, if given,
//! a command of your own whose handler is `app.handler`.

use std::path::Path;
use std::time::{Duration, Instant};

use asl::Resource;
use connectors::{Caller, Connectors, FunctionSettings, Settings};
use execution::{FrameId, TaskCall, TaskOutcome};
use json::Document;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let calls: usize = arguments.next().map_or(2000, |text| text.parse().expect("a number of calls"));
    let command: Vec<String> = arguments.collect();

    let folder = std::env::temp_dir().join(format!("warm-invocation-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the code");
    std::fs::write(folder.join("app.py"), "def handler(event, context):\n    return event\n").expect("code");
    std::fs::write(folder.join("app.mjs"), "export const handler = async (event) => event;\n").expect("code");
    for (name, runtime, command) in
        [("python", "python3", None), ("node", "nodejs", None), ("command", "provided", Some(command))]
    {
        if command.as_ref().is_none_or(|command| !command.is_empty()) {
            measure(name, runtime, command, &folder, calls).await;
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
}

async fn measure(name: &str, runtime: &str, command: Option<Vec<String>>, folder: &Path, calls: usize) {
    let function = FunctionSettings {
        folder: folder.to_owned(),
        handler: Some("app.handler".to_owned()),
        runtime: Some(runtime.to_owned()),
        command,
        ..FunctionSettings::default()
    };
    let functions = [(name.to_owned(), function)].into_iter().collect();
    let connectors = Connectors::new(Settings { functions, ..Settings::default() });
    let call = TaskCall {
        frame: FrameId::TOP,
        attempt: 1,
        resource: Resource::Function {
            arn: format!("arn:aws:lambda:us-east-1:123456789012:function:{name}").into(),
        },
        arguments: Document::parse(r#"{"order":{"id":"o-1","total":12.5},"items":[1,2,3]}"#).expect("JSON"),
        role_arn: None,
        idempotency_token: String::new(),
    };
    let caller = Caller { region: "us-east-1".into(), ..Caller::default() };
    let mut times: Vec<Duration> = Vec::with_capacity(calls);
    for _ in 0..calls.max(1) {
        let started = Instant::now();
        match connectors.call(&call, &caller).await {
            TaskOutcome::Succeeded(_) => times.push(started.elapsed()),
            outcome => {
                println!("{name}: {outcome:?}");
                return;
            }
        }
    }
    let cold = times.remove(0);
    times.sort_unstable();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or(cold);
    println!("{name}: cold {cold:.1?}, warm p50 {:.1?}, p90 {:.1?}, p99 {:.1?}", at(0.5), at(0.9), at(0.99));
}
