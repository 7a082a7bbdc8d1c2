//! Operations that this process's own services call: of a service here, of one elsewhere, of a function.

mod support;
#[path = "support/web_server.rs"]
mod web_server;

use std::sync::{Arc, Mutex};

use aws_protocols::serve::{Asked, Fault};
use connectors::{
    Answering, AwsSettings, BuiltIn, BuiltInAnswer, BuiltInCall, CallTrouble, Caller, Connectors, Settings,
};
use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use json::{Value, value};
use support::{Fixture, has};
use web_server::WebServer;

/// A service that answers with one thing and remembers its inputs.
struct Fake {
    answer: Result<Value, Fault>,
    asked: Mutex<Vec<(String, String)>>,
}

impl Fake {
    fn offered(connectors: &Connectors, service: &str, answer: Result<Value, Fault>) -> Arc<Fake> {
        let fake = Arc::new(Fake { answer, asked: Mutex::default() });
        connectors.set_built_in(service, fake.clone());
        fake
    }

    fn asked(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

impl BuiltIn for Fake {
    fn answer<'a>(&'a self, call: BuiltInCall<'a>) -> Answering<'a, BuiltInAnswer> {
        Box::pin(async move {
            let headers = call.headers();
            let incoming = call.incoming(&headers);
            let asked = Asked::of(call.operation);
            let input = asked.input(&incoming).expect("the input is readable");
            self.asked.lock().unwrap().push((call.operation.name().to_owned(), input.to_text()));
            BuiltInAnswer::written(match &self.answer {
                Ok(output) => asked.answer(output, "the-request"),
                Err(fault) => asked.refusal(fault, "the-request"),
            })
        })
    }

    fn ended<'a>(&'a self, _: &'a str) -> Answering<'a, ()> {
        Box::pin(async {})
    }
}

fn caller() -> Caller {
    Caller { region: "eu-west-1".into(), ..Caller::default() }
}

async fn operate(
    connectors: &Connectors,
    service: &str,
    operation: &str,
    input: Value,
) -> Result<Value, CallTrouble> {
    connectors.call_operation(service, operation, &input, &caller(), "the-token").await
}

#[tokio::test]
async fn a_service_here_gets_the_models_names_and_answers_with_a_capital_first() {
    let connectors = Connectors::new(Settings::default());
    let scheduler = Fake::offered(&connectors, "scheduler", Ok(value!({ "ScheduleArn": "arn" })));
    let input = value!({
        "Name": "a/b", "GroupName": "g", "ScheduleExpression": "rate(1 day)",
        "FlexibleTimeWindow": { "Mode": "OFF" }, "Target": { "Arn": "t", "RoleArn": "r" },
    });
    let output = operate(&connectors, "scheduler", "CreateSchedule", input).await.unwrap();
    assert_eq!(output, value!({ "ScheduleArn": "arn" }));
    let (operation, input) = scheduler.asked().remove(0);
    assert_eq!(operation, "CreateSchedule");
    assert!(input.contains(r#""ClientToken":"the-token""#) && input.contains(r#""Name":"a/b""#), "{input}");
}

#[tokio::test]
async fn a_refusal_tells_whether_it_may_pass() {
    for (status, code, may_pass) in [
        (400, "QueueDoesNotExist", false),
        (400, "RequestThrottled", true),
        (503, "ServiceUnavailable", true),
    ] {
        let connectors = Connectors::new(Settings::default());
        Fake::offered(&connectors, "sqs", Err(Fault { status, ..Fault::new(code, "No.") }));
        let input = value!({ "QueueUrl": "u", "MessageBody": "b" });
        let trouble = operate(&connectors, "sqs", "SendMessage", input).await.unwrap_err();
        assert_eq!(trouble.may_pass(), may_pass, "{trouble:?}");
        let CallTrouble::Refused(error) = &trouble else { panic!("{trouble:?}") };
        assert_eq!((error.message.as_str(), error.request_id.as_str()), ("No.", "the-request"));
    }
}

#[tokio::test]
async fn an_endpoint_of_the_settings_comes_before_a_service_here() {
    let elsewhere = WebServer::start(|_| Response::new(Full::new(Bytes::from(r#"{"MessageId":"1"}"#)))).await;
    let endpoint = ("sqs".to_owned(), format!("http://{}", elsewhere.address));
    let aws = AwsSettings { endpoints: [endpoint].into_iter().collect(), ..AwsSettings::default() };
    let connectors = Connectors::new(Settings { aws, ..Settings::default() });
    let here = Fake::offered(&connectors, "sqs", Ok(value!({})));
    let input = value!({ "QueueUrl": "u", "MessageBody": "b" });
    let output = operate(&connectors, "sqs", "SendMessage", input).await.unwrap();
    assert_eq!(output, value!({ "MessageId": "1" }));
    assert_eq!(here.asked(), []);
    let asked = elsewhere.only();
    assert_eq!(asked.header("x-amz-target").as_deref(), Some("AmazonSQS.SendMessage"));
    assert!(asked.header("authorization").is_some());
}

#[tokio::test]
async fn what_cannot_be_called_is_said() {
    let connectors = Connectors::new(Settings::default());
    for (operation, input, text) in [
        ("SendMassage", value!({}), "The service sqs has no operation SendMassage."),
        ("SendMessage", value!({ "QueueUrl": "u" }), "The field 'MessageBody' is required but was missing"),
        (
            "SendMessage",
            value!({ "QueueUrl": "u", "MessageBody": "b" }),
            "set [endpoints] sqs in stepwell.toml",
        ),
    ] {
        let trouble = operate(&connectors, "sqs", operation, input).await.unwrap_err();
        assert!(matches!(&trouble, CallTrouble::NotMade(cause) if cause.contains(text)), "{trouble:?}");
        assert!(!trouble.may_pass());
    }
    let nobody = AwsSettings {
        endpoints: [("sqs".to_owned(), "http://127.0.0.1:1".to_owned())].into_iter().collect(),
        ..AwsSettings::default()
    };
    let connectors = Connectors::new(Settings { aws: nobody, ..Settings::default() });
    let input = value!({ "QueueUrl": "u", "MessageBody": "b" });
    let trouble = operate(&connectors, "sqs", "SendMessage", input).await.unwrap_err();
    assert!(matches!(trouble, CallTrouble::NoAnswer(_)) && trouble.may_pass());
}

const FUNCTION: &str = "
def handler(event, context):
    if event.get('fails'):
        raise ValueError('no')
    return event
";

#[tokio::test]
async fn a_function_here_is_invoked_and_one_that_is_nowhere_is_refused() {
    if !has("python3") {
        return;
    }
    let fixture = Fixture::new("f.py", FUNCTION, |_| {});
    let lambda = Fake::offered(&fixture.connectors, "lambda", Ok(value!({ "StatusCode": 202 })));
    assert_eq!(fixture.connectors.functions(), ["f"]);
    let invoke = async |input: Value| operate(&fixture.connectors, "lambda", "Invoke", input).await;

    let output = invoke(value!({ "FunctionName": "f", "Payload": { "a": 1 } })).await.unwrap();
    assert_eq!(output, value!({ "ExecutedVersion": "$LATEST", "StatusCode": 200, "Payload": r#"{"a": 1}"# }));
    let output = invoke(value!({ "FunctionName": "f", "Payload": { "fails": true } })).await.unwrap();
    assert_eq!(output.get("FunctionError"), Some(&"Unhandled".into()));

    let trouble = invoke(value!({ "FunctionName": "g" })).await.unwrap_err();
    assert_eq!(trouble.name(), "Lambda.ResourceNotFoundException");
    assert_eq!(lambda.asked(), []);

    // Nobody waits for it: whoever offers the API keeps it.
    invoke(value!({ "FunctionName": "f", "InvocationType": "Event" })).await.unwrap();
    assert_eq!(lambda.asked().len(), 1);
}

#[tokio::test]
async fn a_payload_goes_as_it_is() {
    if !has("python3") {
        return;
    }
    let fixture = Fixture::new("f.py", FUNCTION, |_| {});
    let body = Bytes::from_static(b"{ \"a\" :1 }");
    let input = value!({ "FunctionName": "f" });
    let output = fixture
        .connectors
        .call_with_body("lambda", "Invoke", &input, body, &caller(), "token")
        .await
        .unwrap();
    assert_eq!(output.get("Payload"), Some(&r#"{"a": 1}"#.into()));
    let no_json = Bytes::from_static(b"\xff");
    let refused =
        fixture.connectors.call_with_body("lambda", "Invoke", &input, no_json, &caller(), "token").await;
    assert_eq!(refused.unwrap_err().name(), "Lambda.InvalidRequestContentException");
}
