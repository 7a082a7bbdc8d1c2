//! Functions in real Python processes, through the public API.

mod support;

use std::time::Duration;

use json::{Value, value};
use support::{Fixture, has, invoke};

const PID: &str = "import os\ndef handler(event, context):\n    return os.getpid()\n";

#[tokio::test]
async fn a_function_answers_and_its_process_is_used_again() {
    if !has("python3") {
        return;
    }
    let echo = Fixture::new("app.py", "def handler(event, context):\n    return event\n", |_| ());
    assert_eq!(echo.call(r#"{"ä":[1,2.5,null]}"#).await, Ok(value!({"ä": [1, 2.5, null]})));
    assert_eq!(echo.call("null").await, Ok(Value::Null));

    let pid = Fixture::new("app.py", PID, |_| ());
    let first = pid.call("1").await.unwrap();
    assert_eq!(pid.call("2").await, Ok(first));
}

#[tokio::test]
async fn an_exception_is_told_as_on_aws() {
    if !has("python3") {
        return;
    }
    let code = "def handler(event, context):\n    raise Exception(\"Some exception was raised.\")\n";
    let function = Fixture::new("handler.py", code, |_| ());
    let (error, cause) = function.call("{}").await.unwrap_err();
    assert_eq!(error, "Exception");
    let parsed = Value::parse(&cause).unwrap();
    let request_id = parsed.get("requestId").and_then(Value::as_str).unwrap();
    assert_eq!(request_id.len(), 36);
    assert_eq!(
        cause,
        format!(
            "{{\"errorMessage\": \"Some exception was raised.\", \"errorType\": \"Exception\", \"requestId\": \
             \"{request_id}\", \"stackTrace\": [\"  File \\\"/var/task/handler.py\\\", line 2, in handler\\n    raise \
             Exception(\\\"Some exception was raised.\\\")\\n\"]}}"
        )
    );
    // The process lives on.
    assert_eq!(function.call("{}").await.unwrap_err().0, "Exception");
}

#[tokio::test]
async fn results_are_written_as_on_aws() {
    if !has("python3") {
        return;
    }
    let code = "import decimal, datetime\n\
                results = [b'\"bytes\"', decimal.Decimal('1.5'), decimal.Decimal(2), 'ä', (1, 2), b'<p>', \
                datetime.date(2024, 1, 1)]\n\
                def handler(event, context):\n    return results[event]\n";
    let function = Fixture::new("app.py", code, |_| ());
    let expected = [value!("bytes"), value!(1.5), value!(2), value!("ä"), value!([1, 2]), value!("<p>")];
    for (index, expected) in expected.into_iter().enumerate() {
        assert_eq!(function.call(&index.to_string()).await, Ok(expected));
    }
    let (error, cause) = function.failure("6").await;
    assert_eq!(error, "Runtime.MarshalError");
    let message = "Unable to marshal response: Object of type date is not JSON serializable";
    assert_eq!(cause.get("errorMessage"), Some(&value!(message)));
}

#[tokio::test]
async fn a_function_finds_the_surroundings_of_aws() {
    if !has("python3") {
        return;
    }
    let code = "import os\n\
                def handler(event, context):\n    return {\n\
                'env': {name: os.environ.get(name) for name in event},\n\
                'context': [context.function_name, context.function_version, context.invoked_function_arn,\n\
                context.memory_limit_in_mb, len(context.aws_request_id)],\n\
                'in_time': 29000 < context.get_remaining_time_in_millis() <= 30000,\n\
                'client': context.client_context and context.client_context.custom,\n\
                'trace': os.environ['_X_AMZN_TRACE_ID'][:7], 'folder': os.getcwd() == os.environ['LAMBDA_TASK_ROOT']}\n";
    let function = Fixture::new("app.py", code, |function| {
        function.environment.insert("STAGE".to_owned(), "test".to_owned());
    });
    let names = r#"["STAGE","_HANDLER","AWS_REGION","AWS_LAMBDA_FUNCTION_NAME","AWS_ACCESS_KEY_ID","CARGO_PKG_NAME"]"#;
    // {"custom":{"a":1}}
    let parameters = format!(
        r#"{{"FunctionName":"f:live","Payload":{names},"ClientContext":"eyJjdXN0b20iOnsiYSI6MX19"}}"#
    );
    let result = invoke(&function.connectors, &parameters).await.unwrap();
    assert_eq!(
        result.get("Payload"),
        Some(&value!({
            "env": {
                "STAGE": "test", "_HANDLER": "app.handler", "AWS_REGION": "us-east-1",
                "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_ACCESS_KEY_ID": "test", "CARGO_PKG_NAME": null,
            },
            "context": ["f", "$LATEST", "arn:aws:lambda:us-east-1:123456789012:function:f:live", "128", 36],
            "in_time": true, "client": {"a": 1}, "trace": "Root=1-", "folder": true,
        }))
    );
}

#[tokio::test]
async fn a_timeout_kills_and_the_next_call_gets_a_new_process() {
    if !has("python3") {
        return;
    }
    let code = "import os, time\n\
                def handler(event, context):\n    if event: time.sleep(60)\n    return os.getpid()\n";
    let function = Fixture::new("app.py", code, |function| function.timeout = Duration::from_millis(1500));
    let first = function.call("0").await.unwrap();
    let (error, cause) = function.failure("1").await;
    assert_eq!(error, "Sandbox.Timedout");
    let message = cause.get("errorMessage").and_then(Value::as_str).unwrap();
    assert!(message.starts_with("RequestId: "), "{message}");
    assert!(message.ends_with(" Error: Task timed out after 1.50 seconds"), "{message}");
    assert_ne!(function.call("0").await.unwrap(), first);
}

#[tokio::test]
async fn a_crash_is_told_and_the_next_call_gets_a_new_process() {
    if !has("python3") {
        return;
    }
    let code = "import os, signal, sys\n\
                def handler(event, context):\n\
                \x20   if event == 'exit': os._exit(3)\n\
                \x20   if event == 'leave': sys.exit(0)\n\
                \x20   if event == 'kill': os.kill(os.getpid(), signal.SIGKILL)\n\
                \x20   return os.getpid()\n";
    let function = Fixture::new("app.py", code, |_| ());
    let mut pids = vec![function.call("0").await.unwrap()];
    for (event, reason) in [
        ("\"exit\"", "Runtime exited with error: exit status 3"),
        ("\"leave\"", "Runtime exited without providing a reason"),
        ("\"kill\"", "Runtime exited with error: signal: killed"),
    ] {
        let (error, cause) = function.failure(event).await;
        assert_eq!(error, "Runtime.ExitError");
        let message = cause.get("errorMessage").and_then(Value::as_str).unwrap();
        assert!(message.ends_with(&format!(" Error: {reason}")), "{message}");
        let pid = function.call("0").await.unwrap();
        assert!(!pids.contains(&pid));
        pids.push(pid);
    }
}

#[tokio::test]
async fn a_process_that_died_while_idle_is_replaced() {
    if !has("python3") {
        return;
    }
    let function = Fixture::new("app.py", PID, |_| ());
    let first = function.call("0").await.unwrap();
    let killed = std::process::Command::new("kill").args(["-9", &first.to_text()]).status().unwrap();
    assert!(killed.success());
    // Dead is it when the last of its threads is, and only then its sockets are closed.
    let process = format!("/proc/{first}");
    let is_dead = || {
        let threads = std::fs::read_dir(format!("{process}/task")).map_or(0, Iterator::count);
        let state = std::fs::read_to_string(format!("{process}/stat")).unwrap_or_default();
        threads == 0 || threads == 1 && state.contains(") Z ")
    };
    while !is_dead() {
        tokio::task::yield_now().await;
    }
    assert_ne!(function.call("0").await.unwrap(), first);
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    if !has("python3") {
        return;
    }
    for (code, handler, error, message) in [
        (
            "import no_such_module\n",
            "app.handler",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'no_such_module'",
        ),
        ("x = 1\n", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        (
            "def handler(\n",
            "app.handler",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app': '(' was never closed (app.py, line 1)",
        ),
        ("raise ValueError('at load')\n", "app.handler", "ValueError", "at load"),
    ] {
        let function = Fixture::new("app.py", code, |function| function.handler = Some(handler.to_owned()));
        let (told, cause) = function.failure("0").await;
        assert_eq!(told, error);
        let told = cause.get("errorMessage").and_then(Value::as_str).unwrap();
        assert!(told.starts_with(&message[..message.len().min(30)]), "{told}");
    }
    let function = Fixture::new("app.py", "import os\nos._exit(7)\n", |_| ());
    let (error, cause) = function.failure("0").await;
    assert_eq!(error, "Runtime.ExitError");
    assert!(cause.to_text().contains("Runtime exited with error: exit status 7"), "{cause}");
}

#[tokio::test]
async fn settings_that_cannot_run_say_what_to_set() {
    type Change = fn(&mut connectors::FunctionSettings);
    let cases: &[(Change, &str)] = &[
        (|function| function.handler = None, "give a handler (such as app.handler), or a command"),
        (|function| function.handler = Some("other.handler".into()), "holds neither other.py nor other.js"),
        (|function| function.runtime = Some("java21".into()), "the runtime java21 is not supported"),
        (
            |function| function.command = Some(vec!["/no/such/program".into()]),
            "fork/exec /no/such/program: No such file",
        ),
        (|function| function.command = Some(vec![]), "command is empty"),
        (
            |function| function.folder = "/no/such/folder".into(),
            "function f: no folder /no/such/folder: No such file",
        ),
        (|function| function.runtime = Some("provided.al2023".into()), "/bootstrap: No such file"),
    ];
    for (change, text) in cases {
        let (error, cause) = Fixture::new("app.py", "", change).failure("0").await;
        assert_eq!(error, "Runtime.InvalidEntrypoint");
        assert!(cause.to_text().contains(text), "{cause}");
    }
}

#[test]
fn what_cannot_run_is_known_before_the_first_call() {
    type Change = fn(&mut connectors::FunctionSettings);
    let cases: &[(Change, Option<&str>)] = &[
        (|_| (), None),
        (|function| function.command = Some(vec!["anything".into()]), None),
        (
            |function| function.folder = "/no/such/folder".into(),
            Some("function f: no folder /no/such/folder: "),
        ),
        (|function| function.handler = Some("other.handler".into()), Some("holds neither other.py")),
        (|function| function.runtime = Some("provided".into()), Some("function f: no program /")),
        (
            |function| {
                std::fs::write(function.folder.join("bootstrap"), "#!/bin/sh\n").unwrap();
                function.runtime = Some("provided".into());
            },
            Some("may not be executed: chmod +x /"),
        ),
    ];
    for (change, expected) in cases {
        let function = Fixture::new("app.py", "", change);
        let complaint = function.settings.functions["f"].complaint("f");
        assert_eq!(complaint.is_some(), expected.is_some(), "{complaint:?}");
        assert!(complaint.unwrap_or_default().contains(expected.unwrap_or_default()));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_program_of_any_language_may_be_the_bootstrap() {
    if !has("curl") || !has("bash") {
        return;
    }
    let bootstrap = r#"#!/usr/bin/env bash
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  event=$(curl -sS -D head "$api/invocation/next") || exit 1
  id=$(grep -i '^lambda-runtime-aws-request-id' head | tr -d '\r' | cut -d' ' -f2)
  curl -sS -o answered -d "{\"echo\": $event}" "$api/invocation/$id/response"
done
"#;
    let function = Fixture::new("bootstrap", bootstrap, |function| {
        use std::os::unix::fs::PermissionsExt;
        function.runtime = Some("provided.al2023".to_owned());
        let file = function.folder.join("bootstrap");
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).unwrap();
    });
    for number in ["1", "2"] {
        assert_eq!(function.call(number).await.unwrap().to_text(), format!("{{\"echo\":{number}}}"));
    }
    assert_eq!(function.connectors.calls(), 0);
}

#[tokio::test]
async fn concurrency_is_bounded_and_the_rest_waits() {
    if !has("python3") {
        return;
    }
    let code = "import os, time\n\
                def handler(event, context):\n    start = time.time()\n    time.sleep(0.2)\n    \
                return [os.getpid(), start, time.time()]\n";
    let function = Fixture::new("app.py", code, |function| function.concurrency = Some(2));
    let calls = (0..6).map(|_| function.call("0"));
    let mut runs: Vec<Value> = Vec::new();
    for result in join_all(calls).await {
        runs.push(result.unwrap());
    }
    let number = |run: &Value, index: usize| run.at(index).and_then(Value::as_f64).unwrap();
    let mut pids: Vec<i64> = runs.iter().map(|run| number(run, 0) as i64).collect();
    pids.sort_unstable();
    pids.dedup();
    assert_eq!(pids.len(), 2);
    for run in &runs {
        let start = number(run, 1);
        let at_once =
            runs.iter().filter(|other| (number(other, 1)..number(other, 2)).contains(&start)).count();
        assert!(at_once <= 2);
    }
}

#[tokio::test]
async fn too_many_that_wait_are_refused() {
    if !has("python3") {
        return;
    }
    let code = "import time\ndef handler(event, context):\n    time.sleep(20)\n";
    let function = Fixture::new("app.py", code, |function| function.concurrency = Some(1));
    // The line before the function shall not keep anybody from asking it.
    let settings = connectors::Settings { calls_per_target: Some(20_000), ..function.settings.clone() };
    function.connectors.configure(settings);
    let mut calls = tokio::task::JoinSet::new();
    // One runs, 10,000 wait, one is too many.
    for _ in 0..10_002 {
        let connectors = function.connectors.clone();
        calls.spawn(async move { invoke(&connectors, r#"{"FunctionName":"f"}"#).await });
    }
    let (error, cause) = calls.join_next().await.unwrap().unwrap().unwrap_err();
    assert_eq!(error, "Lambda.TooManyRequestsException");
    let beginning =
        "Rate Exceeded. (Service: AWSLambda; Status Code: 429; Error Code: TooManyRequestsException; ";
    assert!(cause.starts_with(beginning), "{cause}");
    assert_eq!(calls.len(), 10_001);
}

#[tokio::test]
async fn a_call_that_is_given_up_finishes_by_itself() {
    if !has("python3") {
        return;
    }
    let code = "import os, time\n\
                def handler(event, context):\n    if event: time.sleep(0.5); open('done', 'w').close()\n    \
                return os.getpid()\n";
    let function = Fixture::new("app.py", code, |function| function.concurrency = Some(1));
    let first = function.call("0").await.unwrap();
    let given_up = tokio::time::timeout(Duration::from_millis(100), function.call("1")).await;
    assert!(given_up.is_err());
    // There is but one process, and it is busy until it is done.
    assert_eq!(function.call("0").await, Ok(first));
    assert!(function.folder.path().join("done").exists());
}

#[tokio::test]
async fn new_code_is_taken_over() {
    if !has("python3") {
        return;
    }
    let function = Fixture::new("app.py", "def handler(event, context):\n    return 'old'\n", |_| ());
    assert_eq!(function.call("0").await, Ok(value!("old")));
    std::fs::write(
        function.folder.path().join("app.py"),
        "def handler(event, context):\n    return 'brand new'\n",
    )
    .unwrap();
    assert_eq!(function.call("0").await, Ok(value!("old")));
    function.connectors.configure(function.settings.clone());
    assert_eq!(function.call("0").await, Ok(value!("brand new")));
}

#[tokio::test]
async fn processes_end_with_the_connectors() {
    if !has("python3") {
        return;
    }
    let function = Fixture::new("app.py", PID, |_| ());
    let pid = function.call("0").await.unwrap();
    assert!(std::path::Path::new(&format!("/proc/{pid}")).exists());
    drop(function);
    let gone = async {
        while std::path::Path::new(&format!("/proc/{pid}")).exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), gone).await.expect("ends soon");
}

#[tokio::test]
async fn the_integration_answers_as_recorded() {
    if !has("python3") {
        return;
    }
    let code = "def handler(event, context):\n    print('hello')\n    return event\n";
    let function = Fixture::new("app.py", code, |_| ());
    let result = invoke(&function.connectors, r#"{"FunctionName":"f","Payload":null,"LogType":"Tail"}"#)
        .await
        .unwrap();
    assert_eq!(result.get("Payload"), Some(&value!({})));
    let headers = result.get("SdkHttpMetadata").and_then(|http| http.get("HttpHeaders")).unwrap();
    let names: Vec<&str> = headers.as_object().unwrap().keys().map(|name| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Connection",
            "Content-Length",
            "Content-Type",
            "Date",
            "X-Amz-Executed-Version",
            "X-Amz-Log-Result",
            "x-amzn-Remapped-Content-Length",
            "x-amzn-RequestId",
            "X-Amzn-Trace-Id"
        ]
    );
    assert_eq!(headers.get("Content-Length"), Some(&value!("2")));
    assert_eq!(headers.get("X-Amz-Log-Result"), result.get("LogResult"));
    // Base64 of "hello\nEND RequestId: " begins at some offset; the whole begins with "START Req".
    assert!(result.get("LogResult").and_then(Value::as_str).unwrap().starts_with("U1RBUlQgUmVx"));
    assert_eq!(
        result.get("SdkResponseMetadata").and_then(|metadata| metadata.get("RequestId")),
        headers.get("x-amzn-RequestId")
    );

    let dry =
        invoke(&function.connectors, r#"{"FunctionName":"f","InvocationType":"DryRun"}"#).await.unwrap();
    assert_eq!((dry.get("StatusCode"), dry.get("Payload")), (Some(&value!(204)), Some(&value!(""))));
}

#[tokio::test]
async fn an_event_runs_without_anybody_waiting() {
    if !has("python3") {
        return;
    }
    let code = "def handler(event, context):\n    open(event[0], 'w').close()\n";
    let function = Fixture::new("app.py", code, |_| ());
    let parameters = r#"{"FunctionName":"f","Payload":["done"],"InvocationType":"Event"}"#;
    let result = invoke(&function.connectors, parameters).await.unwrap();
    assert_eq!((result.get("StatusCode"), result.get("Payload")), (Some(&value!(202)), Some(&value!(""))));
    let done = async {
        while !function.folder.path().join("done").exists() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), done).await.expect("runs soon");
}

#[tokio::test]
async fn a_result_of_more_than_6_mb_fails() {
    if !has("python3") {
        return;
    }
    let code = "import os\n\
                def handler(event, context):\n    return 'x' * event if event else os.getpid()\n";
    let function = Fixture::new("app.py", code, |_| ());
    let pid = function.call("0").await.unwrap();
    assert!(function.call("6291554").await.is_ok());
    let (error, cause) = function.failure("6291555").await;
    assert_eq!(error, "Function.ResponseSizeTooLarge");
    let message = "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
    assert_eq!(cause.get("errorMessage"), Some(&value!(message)));
    assert_eq!(function.call("0").await, Ok(pid));
}

/// All of them at once, in one task.
async fn join_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs) {
            if output.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *output = Some(value);
            }
        }
        if outputs.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    outputs.into_iter().flatten().collect()
}
