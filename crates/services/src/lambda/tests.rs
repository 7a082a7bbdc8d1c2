//! Lambda as its callers see it. Functions answer as they are told, and the clock stands still until a test moves it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use connectors::{Answering, FunctionSettings};
use expect_test::{Expect, expect};
use json::Value;
use ledger::{Batch, Ledger, Settings};

use super::fault::{fault, not_found};
use super::port::{Answer, Functions, Invocation, Place};
use super::{Lambda, zip};
use crate::delivery::testing::{ManualClock, Script, settle};
use crate::delivery::{Calls, Clock};
use crate::{Asker, Call, Fault, Service};

const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";
const QUEUE: &str = "arn:aws:sqs:us-east-1:123456789012:q";

/// Functions that answer with what they are told, in order; the last one stays. `f` is of the settings.
#[derive(Default)]
struct Told {
    invocations: Mutex<Vec<Invocation>>,
    answers: Mutex<Vec<Result<Answer, Fault>>>,
    made: Mutex<BTreeMap<String, FunctionSettings>>,
}

impl Functions for Told {
    fn invoke<'a>(&'a self, invocation: &'a Invocation) -> Answering<'a, Result<Answer, Fault>> {
        Box::pin(async move {
            self.invocations.lock().unwrap().push(invocation.clone());
            let mut answers = self.answers.lock().unwrap();
            match answers.len() {
                0 => Err(not_found(&invocation.function)),
                1 => answers[0].clone(),
                _ => answers.remove(0),
            }
        })
    }

    /// There is one object, an archive of `app.py`.
    fn fetch<'a>(&'a self, place: &'a Place) -> Answering<'a, Result<Vec<u8>, String>> {
        Box::pin(async move {
            match place.key.as_str() {
                "code.zip" => Ok(zip::pack(&[("app.py", b"three", 0, 0o644)])),
                _ => Err("The specified key does not exist.".to_owned()),
            }
        })
    }

    fn of_settings(&self) -> BTreeMap<String, FunctionSettings> {
        let settings =
            FunctionSettings { handler: Some("app.handler".to_owned()), ..FunctionSettings::default() };
        BTreeMap::from([("f".to_owned(), settings)])
    }

    fn set_made(&self, made: BTreeMap<String, FunctionSettings>) {
        *self.made.lock().unwrap() = made;
    }
}

struct World {
    clock: Arc<ManualClock>,
    calls: Arc<Script>,
    functions: Arc<Told>,
    ledger: Ledger,
    all_code: PathBuf,
    lambda: Lambda,
}

impl World {
    fn new() -> World {
        static NUMBER: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let all_code = std::env::temp_dir().join(format!("stepwell-code-{}-{number}", std::process::id()));
        let ledger = Ledger::open(&Settings::default()).unwrap();
        let clock = ManualClock::at(1_000_000_000_000);
        let (calls, functions) = (Arc::<Script>::default(), Arc::<Told>::default());
        let lambda = start(&ledger, &clock, &calls, &functions, &all_code);
        World { clock, calls, functions, ledger, all_code, lambda }
    }

    async fn restart(&mut self) {
        self.lambda.stop().await;
        self.ledger.commit(Batch::new()).await.unwrap();
        self.lambda = start(&self.ledger, &self.clock, &self.calls, &self.functions, &self.all_code);
    }

    fn answer(&self, answers: Vec<Result<Answer, Fault>>) {
        *self.functions.answers.lock().unwrap() = answers;
    }

    /// How often a function was called since somebody last asked.
    fn called(&self) -> usize {
        std::mem::take(&mut *self.functions.invocations.lock().unwrap()).len()
    }

    async fn ask(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        let asker = Asker {
            account: "123456789012".into(),
            region: "us-east-1".into(),
            request_id: "the-request".into(),
            ..Asker::default()
        };
        self.lambda.call(Call { operation, input: &input, asker: &asker }).await
    }

    async fn check(&self, operation: &str, input: Value, expected: Expect) {
        let said = match self.ask(operation, input).await {
            Ok(answer) => answer.to_text(),
            Err(Fault { code, message, status, .. }) => format!("{code} {status}: {message}"),
        };
        expected.assert_eq(&said);
    }

    async fn settle(&self) {
        settle(|| self.lambda.0.deliveries.under_way() > 0).await;
    }

    async fn pass(&self, milliseconds: i64) {
        self.clock.pass(milliseconds);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        self.settle().await;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.all_code);
    }
}

fn start(
    ledger: &Ledger,
    clock: &Arc<ManualClock>,
    calls: &Arc<Script>,
    functions: &Arc<Told>,
    all_code: &std::path::Path,
) -> Lambda {
    let calls: Arc<dyn Calls> = calls.clone();
    Lambda::start(ledger.clone(), clock.clone(), calls, functions.clone(), all_code.to_owned(), None).unwrap()
}

fn said(payload: &str) -> Result<Answer, Fault> {
    Ok(Answer { status: 200, payload: payload.to_owned(), ..Answer::default() })
}

fn failed() -> Result<Answer, Fault> {
    let payload = r#"{"errorType":"E","errorMessage":"no"}"#.to_owned();
    Ok(Answer { status: 200, function_error: Some("Unhandled".into()), payload, ..Answer::default() })
}

fn event(name: &str) -> Value {
    let payload = aws_protocols::base64::encode(br#"{"n":1}"#);
    json::value!({ "FunctionName": name, "InvocationType": "Event", "Payload": payload })
}

#[tokio::test]
async fn a_function_is_called_and_answers() {
    let world = World::new();
    world.answer(vec![said("[1]"), failed(), Err(fault("TooManyRequestsException", "Rate Exceeded.", 429))]);
    let sync = json::value!({ "FunctionName": "f", "Payload": "e30=" });
    world.check("Invoke", sync.clone(), expect![[r#"{"StatusCode":200,"Payload":"WzFd"}"#]]).await;
    world
        .check(
            "Invoke",
            sync.clone(),
            expect![[r#"{"StatusCode":200,"FunctionError":"Unhandled","Payload":"eyJlcnJvclR5cGUiOiJFIiwiZXJyb3JNZXNzYWdlIjoibm8ifQ=="}"#]],
        )
        .await;
    world.check("Invoke", sync, expect!["TooManyRequestsException 429: Rate Exceeded."]).await;
    let wrong = json::value!({ "FunctionName": "f:1", "Qualifier": "2" });
    let expected = expect![
        "InvalidParameterValueException 400: The derived qualifier from the function name does not match the specified \
         qualifier."
    ];
    world.check("Invoke", wrong, expected).await;
}

#[tokio::test]
async fn an_event_is_durable_and_tried_three_times() {
    let mut world = World::new();
    world.answer(vec![failed()]);
    world.check("Invoke", event("f"), expect![[r#"{"StatusCode":202,"Payload":""}"#]]).await;
    world.settle().await;
    assert_eq!((world.called(), world.lambda.open()), (1, 1));
    world.pass(59_999).await;
    world.restart().await;
    assert_eq!(world.called(), 0);
    world.pass(1).await;
    assert_eq!(world.called(), 1);
    world.pass(119_999).await;
    assert_eq!(world.called(), 0);
    world.pass(1).await;
    assert_eq!((world.called(), world.lambda.open()), (1, 0));
    world.check("Invoke", event("none"), expect!["ResourceNotFoundException 404: Function not found: arn:aws:lambda:us-east-1:123456789012:function:none"]).await;
    let bad = json::value!({ "FunctionName": "f", "InvocationType": "Event", "Payload": "e3s=" });
    let refused = world.ask("Invoke", bad).await.unwrap_err();
    assert!(refused.message.starts_with("Could not parse request body into json: "), "{}", refused.message);
}

#[tokio::test]
async fn who_is_throttled_waits_and_is_not_counted_out() {
    let world = World::new();
    world.answer(vec![
        Err(fault("TooManyRequestsException", "Rate Exceeded.", 429)),
        Err(fault("TooManyRequestsException", "Rate Exceeded.", 429)),
        said("1"),
    ]);
    world.ask("Invoke", event("f")).await.unwrap();
    world.settle().await;
    world.pass(1_000).await;
    world.pass(2_000).await;
    assert_eq!((world.called(), world.lambda.open()), (3, 0));
}

#[tokio::test]
async fn destinations_hear_what_came_of_it() {
    let world = World::new();
    let config = json::value!({
        "FunctionName": "f",
        "MaximumRetryAttempts": 0,
        "DestinationConfig": {
            "OnSuccess": { "Destination": "arn:aws:events:us-east-1:123456789012:event-bus/default" },
            "OnFailure": { "Destination": QUEUE }
        },
    });
    world
        .check(
            "PutFunctionEventInvokeConfig",
            config,
            expect![[r#"{"LastModified":1.0E9,"FunctionArn":"arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST","MaximumRetryAttempts":0,"DestinationConfig":{"OnSuccess":{"Destination":"arn:aws:events:us-east-1:123456789012:event-bus/default"},"OnFailure":{"Destination":"arn:aws:sqs:us-east-1:123456789012:q"}}}"#]],
        )
        .await;
    world.answer(vec![failed(), said("[1]")]);
    world.ask("Invoke", event("f")).await.unwrap();
    world.settle().await;
    let told = world.calls.told();
    let call = Value::parse(told.strip_prefix("sqs:SendMessage ").unwrap()).unwrap();
    expect![[r#"{"version":"1.0","timestamp":"2001-09-09T01:46:40.000Z","requestContext":{"requestId":"the-request","functionArn":"arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST","condition":"RetriesExhausted","approximateInvokeCount":1},"requestPayload":{"n":1},"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},"responsePayload":{"errorType":"E","errorMessage":"no"}}"#]]
        .assert_eq(call.get("MessageBody").unwrap().as_str().unwrap());
    world.ask("Invoke", event("f")).await.unwrap();
    world.settle().await;
    let told = world.calls.told();
    let call = Value::parse(told.strip_prefix("events:PutEvents ").unwrap()).unwrap();
    let entry = call.get("Entries").unwrap().at(0).unwrap();
    assert_eq!(
        entry.get("DetailType").unwrap().as_str(),
        Some("Lambda Function Invocation Result - Success")
    );
    assert_eq!(world.lambda.open(), 0);
    world.ask("DeleteFunctionEventInvokeConfig", json::value!({ "FunctionName": "f" })).await.unwrap();
    let gone = expect![
        "ResourceNotFoundException 404: The function arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST doesn't have an EventInvokeConfig"
    ];
    world.check("GetFunctionEventInvokeConfig", json::value!({ "FunctionName": "f" }), gone).await;
}

fn archive(text: &str) -> String {
    aws_protocols::base64::encode(&zip::pack(&[("app.py", text.as_bytes(), 8, 0o644)]))
}

fn creation(name: &str) -> Value {
    json::value!({
        "FunctionName": name,
        "Runtime": "python3.12",
        "Handler": "app.handler",
        "Role": "arn:aws:iam::123456789012:role/any",
        "Timeout": 7,
        "Environment": { "Variables": { "COLOUR": "blue" } },
        "DeadLetterConfig": { "TargetArn": QUEUE },
        "Code": { "ZipFile": (archive("one")) },
    })
}

#[tokio::test]
async fn a_function_is_made_changed_and_deleted() {
    let mut world = World::new();
    let made = world.ask("CreateFunction", creation("g")).await.unwrap();
    let code = |world: &World| {
        let made = world.functions.made.lock().unwrap();
        made.get("g").map(|settings| std::fs::read_to_string(settings.folder.join("app.py")).unwrap())
    };
    assert_eq!(code(&world).as_deref(), Some("one"));
    assert_eq!(made.get("Timeout").unwrap().as_i64(), Some(7));
    world
        .check(
            "CreateFunction",
            creation("g"),
            expect!["ResourceConflictException 409: Function already exist: g"],
        )
        .await;
    let update = json::value!({ "FunctionName": "g", "ZipFile": (archive("two")) });
    let updated = world.ask("UpdateFunctionCode", update).await.unwrap();
    assert_ne!(updated.get("CodeSha256"), made.get("CodeSha256"));
    world.restart().await;
    assert_eq!(code(&world).as_deref(), Some("two"));
    let update = json::value!({ "FunctionName": "g", "S3Bucket": "b", "S3Key": "code.zip" });
    world.ask("UpdateFunctionCode", update).await.unwrap();
    assert_eq!(code(&world).as_deref(), Some("three"));
    world.restart().await;
    let folders = std::fs::read_dir(&world.all_code).unwrap().count();
    assert_eq!(folders, 1, "what nobody has is removed at the start");
    let update = json::value!({ "FunctionName": "g", "MemorySize": 256, "RevisionId": "another" });
    let refused = world.ask("UpdateFunctionConfiguration", update).await.unwrap_err();
    assert_eq!((refused.code.as_str(), refused.status), ("PreconditionFailedException", 412));
    let update = json::value!({ "FunctionName": "g", "MemorySize": 256 });
    world.ask("UpdateFunctionConfiguration", update).await.unwrap();
    let shown = world.ask("GetFunctionConfiguration", json::value!({ "FunctionName": "g" })).await.unwrap();
    assert_eq!(shown.get("MemorySize").unwrap().as_i64(), Some(256));
    assert_eq!(shown.get("Environment").unwrap().to_text(), r#"{"Variables":{"COLOUR":"blue"}}"#);
    world.ask("DeleteFunction", json::value!({ "FunctionName": "g" })).await.unwrap();
    assert_eq!(code(&world), None);
    assert!(world.ask("GetFunction", json::value!({ "FunctionName": "g" })).await.is_err());
}

#[tokio::test]
async fn what_cannot_run_is_refused() {
    let world = World::new();
    let with = |name: &str, value: Value| {
        let mut input = creation("g");
        input.as_object_mut().unwrap().insert(name, value);
        input
    };
    for (input, expected) in [
        (
            with("Runtime", "java21".into()),
            expect![
                "InvalidParameterValueException 400: The runtime java21 is not supported by Stepwell: it has python3.x, nodejsNN.x and provided.x"
            ],
        ),
        (
            with("Layers", json::value!(["arn"])),
            expect!["InvalidParameterValueException 400: Layers is not supported by Stepwell: leave it out"],
        ),
        (
            with("Publish", true.into()),
            expect!["InvalidParameterValueException 400: Publish is not supported by Stepwell: leave it out"],
        ),
        (
            with("Code", json::value!({ "ZipFile": "bm8gWklQ" })),
            expect![
                "InvalidParameterValueException 400: Could not unzip uploaded file. Please check your file, then try to upload again. (it is no ZIP archive)"
            ],
        ),
        (
            with("Code", json::value!({ "S3Bucket": "b", "S3Key": "k" })),
            expect![
                "InvalidParameterValueException 400: Error occurred while GetObject. The specified key does not exist."
            ],
        ),
        (
            with("Environment", json::value!({ "Variables": { "AWS_REGION": "x" } })),
            expect![
                "InvalidParameterValueException 400: Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION"
            ],
        ),
    ] {
        world.check("CreateFunction", input, expected).await;
    }
    let of_settings = json::value!({ "FunctionName": "f", "MemorySize": 256 });
    let expected = expect![
        "ResourceConflictException 409: The function f is one of stepwell.toml: change [functions.f] there"
    ];
    world.check("UpdateFunctionConfiguration", of_settings, expected).await;
    assert!(world.ask("PublishVersion", json::value!({ "FunctionName": "f" })).await.is_err());
}

#[tokio::test]
async fn what_fails_for_good_goes_to_the_dead_letter_queue() {
    let world = World::new();
    world.ask("CreateFunction", creation("g")).await.unwrap();
    world.answer(vec![failed()]);
    world.ask("Invoke", event("g")).await.unwrap();
    world.settle().await;
    world.pass(60_000).await;
    world.pass(120_000).await;
    expect![[r#"
        sqs:SendMessage {"QueueUrl":"https://sqs.us-east-1.amazonaws.com/123456789012/q","MessageBody":"{\"n\":1}","MessageAttributes":{"RequestID":{"DataType":"String","StringValue":"the-request"},"ErrorCode":{"DataType":"String","StringValue":"200"},"ErrorMessage":{"DataType":"String","StringValue":"{\"errorType\":\"E\",\"errorMessage\":\"no\"}"}}}
    "#]]
    .assert_eq(&world.calls.told());
    assert_eq!(world.lambda.open(), 0);
}

#[tokio::test]
async fn functions_are_listed_with_those_of_the_settings() {
    let world = World::new();
    for name in ["a", "g"] {
        world.ask("CreateFunction", creation(name)).await.unwrap();
    }
    let names = |listed: &Value| -> Vec<String> {
        let all = listed.get("Functions").unwrap().as_array().unwrap();
        all.iter().map(|it| it.get("FunctionName").unwrap().as_str().unwrap().to_owned()).collect()
    };
    let first = world.ask("ListFunctions", json::value!({ "MaxItems": 2 })).await.unwrap();
    assert_eq!(names(&first), ["a", "f"]);
    let marker = first.get("NextMarker").unwrap().clone();
    let rest = world.ask("ListFunctions", json::value!({ "Marker": marker })).await.unwrap();
    assert_eq!((names(&rest), rest.get("NextMarker")), (vec!["g".to_owned()], None));
}

#[tokio::test]
async fn policies_are_kept() {
    let mut world = World::new();
    let permission = json::value!({
        "FunctionName": "f",
        "StatementId": "sns",
        "Action": "lambda:InvokeFunction",
        "Principal": "sns.amazonaws.com",
        "SourceArn": "arn:aws:sns:us-east-1:123456789012:t",
    });
    world.ask("AddPermission", permission.clone()).await.unwrap();
    assert_eq!(world.ask("AddPermission", permission).await.unwrap_err().status, 409);
    world.restart().await;
    let policy = world.ask("GetPolicy", json::value!({ "FunctionName": ARN })).await.unwrap();
    expect![[r#"{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"sns","Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f","Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:sns:us-east-1:123456789012:t"}}}]}"#]]
        .assert_eq(policy.get("Policy").unwrap().as_str().unwrap());
    world.ask("RemovePermission", json::value!({ "FunctionName": "f", "StatementId": "sns" })).await.unwrap();
    assert_eq!(world.ask("GetPolicy", json::value!({ "FunctionName": "f" })).await.unwrap_err().status, 404);
    assert!(world.clock.now() > 0);
}
