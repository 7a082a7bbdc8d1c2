use super::*;
use crate::members::Body;

/// The `code: message` that refuses a request with these members, or `fine`.
fn outcome(members: &str) -> String {
    let read_and_checked =
        Body::parse(format!("{{{members}}}").as_bytes()).and_then(|body| check(read(&body)?));
    match read_and_checked {
        Ok(_) => "fine".to_owned(),
        Err(error) => format!("{}: {}", error.code, error.message),
    }
}

/// A request to test `state`, which is JSON, with more members.
fn testing(state: &str, more: &str) -> String {
    let definition = json::Value::from(state).to_text();
    format!(r#""definition":{definition}{}{more}"#, if more.is_empty() { "" } else { "," })
}

#[track_caller]
fn check_rows(rows: &[(&str, &str, &str)]) {
    for (state, more, expected) in rows {
        let codes = ["InvalidArn: ", "InvalidDefinition: ", "InvalidExecutionInput: "];
        let expected = match *expected {
            "fine" => "fine".to_owned(),
            text if codes.iter().any(|code| text.starts_with(code)) => text.to_owned(),
            text => format!("ValidationException: {text}"),
        };
        assert_eq!(outcome(&testing(state, more)), expected, "{state} {more}");
    }
}

const PASS: &str = r#"{"Type":"Pass","End":true}"#;
const SQS: &str = r#"{"Type":"Task","Resource":"arn:aws:states:::sqs:sendMessage","End":true}"#;
const FUNCTION: &str =
    r#"{"Type":"Task","Resource":"arn:aws:lambda:us-east-1:123456789012:function:f","End":true}"#;
const PARALLEL: &str = r#"{"Type":"Parallel","End":true,"Branches":[
    {"StartAt":"A","States":{"A":{"Type":"Succeed"}}},{"StartAt":"B","States":{"B":{"Type":"Succeed"}}}]}"#;

fn map(fields: &str) -> String {
    format!(
        r#"{{"Type":"Map","End":true,{fields}"ItemProcessor":{{"ProcessorConfig":{{"Mode":"DISTRIBUTED",
        "ExecutionType":"STANDARD"}},"StartAt":"A","States":{{"A":{{"Type":"Succeed"}}}}}}}}"#
    )
}

fn task(resource: &str) -> String {
    format!(r#"{{"Type":"Task","Resource":"arn:aws:states:{resource}","End":true}}"#)
}

#[test]
fn members_have_the_constraints_of_the_model() {
    let check = |members: &str, problem: &str| {
        let expected = format!("ValidationException: 1 validation error detected: {problem}");
        assert_eq!(outcome(members), expected, "{members}");
    };
    let wrong = " failed to satisfy constraint: Member must";
    check("", &format!("Value null at 'definition'{wrong} not be null"));
    let with = |more: &str| testing(PASS, more);
    let levels = "satisfy enum value set: [INFO, DEBUG, TRACE]";
    check(&with(r#""inspectionLevel":"ALL""#), &format!("Value 'ALL' at 'inspectionLevel'{wrong} {levels}"));
    let modes = "satisfy enum value set: [STRICT, PRESENT, NONE]";
    check(
        &with(r#""mock":{"fieldValidationMode":"SOME"}"#),
        &format!("Value 'SOME' at 'mock.fieldValidationMode'{wrong} {modes}"),
    );
    check(
        &with(r#""stateConfiguration":{"retrierRetryCount":-1}"#),
        &format!(
            "Value '-1' at 'stateConfiguration.retrierRetryCount'{wrong} have value greater than or equal to 0"
        ),
    );
    let short = format!("Value at 'stateName'{wrong} have length greater than or equal to 1");
    check(&with(r#""stateName":"""#), &short);
}

#[test]
fn a_mock_has_one_end_and_a_state_that_takes_it() {
    let one_end = "A test mock should have only one of the following fields: [result, errorOutput].";
    let both = r#""mock":{"result":"{}","errorOutput":{"error":"E"}}"#;
    let result = r#""mock":{"result":"{}"}"#;
    check_rows(&[
        (SQS, both, one_end),
        (SQS, r#""mock":{}"#, one_end),
        (SQS, r#""mock":{"errorOutput":{}}"#, "fine"),
        (
            SQS,
            r#""revealSecrets":true,"mock":{"errorOutput":{}}"#,
            "TestState does not support RevealSecrets when a mock is specified.",
        ),
        (PASS, result, "State type 'Pass' is not supported when a mock is specified"),
        (
            r#"{"Type":"Wait","Seconds":1,"End":true}"#,
            result,
            "State type 'Wait' is not supported when a mock is specified",
        ),
        (
            r#"{"Type":"Choice","Choices":[{"Variable":"$","IsNull":true,"Next":"A"}]}"#,
            result,
            "State type 'Choice' is not supported when a mock is specified",
        ),
        (r#"{"Type":"Succeed"}"#, result, "State type 'Succeed' is not supported when a mock is specified"),
        (r#"{"Type":"Fail"}"#, result, "State type 'Fail' is not supported when a mock is specified"),
    ]);
}

#[test]
fn what_a_mock_alone_allows_needs_one() {
    let not_without = |what: &str| format!("TestState does not support {what} when a mock is not specified.");
    for (member, what) in [
        (r#""retrierRetryCount":0"#, "RetrierRetryCount"),
        (r#""errorCausedByState":"A""#, "ErrorCausedByState"),
        (r#""mapIterationFailureCount":0"#, "MapIterationFailureCount"),
        (r#""mapItemReaderData":"[]""#, "MapItemReaderData"),
    ] {
        // The definition is not looked at.
        let more = format!(r#""stateConfiguration":{{{member}}}"#);
        check_rows(&[("nonsense", &more, &not_without(what))]);
    }
    check_rows(&[("nonsense", r#""context":"{}""#, &not_without("Context"))]);
    let no_containers = "InvalidDefinition: TestState API does not support Map or Parallel states. Supported state \
                         types include: [Task, Wait, Pass, Succeed, Fail, Choice]";
    let needs_mock = |what| {
        format!("InvalidDefinition: TestState API does not support {what} when a mock is not specified.")
    };
    check_rows(&[
        (&map(""), "", no_containers),
        (PARALLEL, "", no_containers),
        (&task("us-east-1:123456789012:activity:a"), "", &needs_mock("Activity tasks")),
        (&task("::states:startExecution.sync:2"), "", &needs_mock("the '.sync' service integration pattern")),
        (
            &task("::sqs:sendMessage.waitForTaskToken"),
            "",
            &needs_mock("the '.waitForTaskToken' service integration pattern"),
        ),
        (PASS, r#""inspectionLevel":"TRACE","revealSecrets":true"#, "fine"),
    ]);
}

#[test]
fn a_task_needs_a_role_or_a_mock() {
    let role = r#""roleArn":"arn:aws:iam::123456789012:role/r""#;
    check_rows(&[
        (FUNCTION, "", "RoleArn must be specified when testing a Task state"),
        (FUNCTION, role, "fine"),
        (FUNCTION, r#""mock":{"result":"1"}"#, "fine"),
        (PASS, "", "fine"),
        (PASS, r#""roleArn":"nobody""#, "InvalidArn: Invalid Role Arn: 'nobody'"),
    ]);
    check_rows(&[(SQS, role, "fine")]);
}

#[test]
fn definitions_are_checked_and_states_are_found() {
    let invalid = |what: &str| format!("InvalidDefinition: Invalid State Machine Definition: '{what}'");
    let machine = r#"{"StartAt":"S","States":{"S":{"Type":"Pass","End":true}}}"#;
    check_rows(&[
        (
            r#"{"Type":"Parallel","Branches":[],"End":true}"#,
            r#""mock":{"result":"[]"}"#,
            &invalid("SCHEMA_VALIDATION_FAILED: Value cannot be empty at /States/StateName/Branches"),
        ),
        (
            r#"{"StartAt":"S","States":{"S":{"Type":"Jump","End":true}}}"#,
            r#""stateName":"S""#,
            &invalid(
                "SCHEMA_VALIDATION_FAILED: The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, \
                 Fail, Choice, Parallel, Map] at /States/S/Type",
            ),
        ),
        (machine, r#""stateName":"S""#, "fine"),
        (machine, r#""stateName":"T""#, "State not found in definition"),
    ]);
    let whole = outcome(&testing(machine, ""));
    assert!(whole.starts_with("InvalidDefinition") && whole.contains("/States/StateName"), "{whole}");
}

#[test]
fn inputs_and_variables_are_json() {
    check_rows(&[
        (
            PASS,
            r#""input":" ""#,
            "InvalidExecutionInput: Invalid State Machine Execution Input: 'Invalid execution input.'",
        ),
        (PASS, r#""variables":"{\"a\":1}""#, "fine"),
        (PASS, r#""variables":"[]""#, "Invalid variables provided: Must be a JSON object"),
    ]);
}

#[test]
fn results_fit_the_state() {
    let array = "Mocked result must be an array.";
    let object = "Mocked result must be a JSON object.";
    let exported =
        map(r#""ResultWriter":{"Resource":"arn:aws:states:::s3:putObject","Parameters":{"Bucket":"b"}},"#);
    let formatted =
        map(r#""ResultWriter":{"WriterConfig":{"OutputType":"JSON","Transformation":"FLATTEN"}},"#);
    check_rows(&[
        (SQS, r#""mock":{"result":"{"}"#, "Mocked result must be valid JSON"),
        (SQS, r#""mock":{"result":""}"#, "Mocked result must be valid JSON"),
        (PARALLEL, r#""mock":{"result":"{}"}"#, array),
        (
            PARALLEL,
            r#""mock":{"result":"[1]"}"#,
            "Mocked result must contain the same number of items as number of Parallel branches.",
        ),
        (PARALLEL, r#""mock":{"result":"[1,2]"}"#, "fine"),
        (&map(""), r#""mock":{"result":"{}"}"#, array),
        (&map(""), r#""mock":{"result":"[]"}"#, "fine"),
        (&exported, r#""mock":{"result":"[]"}"#, object),
        (&exported, r#""mock":{"result":"{}"}"#, "fine"),
        (&formatted, r#""mock":{"result":"[]"}"#, "fine"),
        (SQS, r#""mock":{"result":"7"}"#, object),
        (SQS, r#""mock":{"result":"7","fieldValidationMode":"NONE"}"#, "fine"),
        (FUNCTION, r#""mock":{"result":"7"}"#, "fine"),
    ]);
}

#[test]
fn results_of_services_fit_their_model() {
    let check = |resource: &str, mode: &str, result: &str, why: &str| {
        let result = json::Value::from(result).to_text();
        let mock = format!(r#""mock":{{"result":{result},"fieldValidationMode":"{mode}"}}"#);
        let expected = match why {
            "" => "fine".to_owned(),
            why => format!("Mock result schema validation error: {why}"),
        };
        check_rows(&[(&task(resource), &mock, &expected)]);
    };
    let sdk = "::aws-sdk:sfn:startExecution";
    for resource in ["::states:startExecution", sdk] {
        check(resource, "STRICT", r#"{"StartDate":"d"}"#, "Required field 'ExecutionArn' is missing");
        check(resource, "PRESENT", r#"{"StartDate":"d"}"#, "");
        check(resource, "PRESENT", r#"{"StartDate":7}"#, "Field 'StartDate' must be a string");
        check(resource, "NONE", r#"{"StartDate":7}"#, "");
    }
    // A job's result is what is told of it.
    let described =
        r#"{"ExecutionArn":"a","StateMachineArn":"m","Status":"SUCCEEDED","StartDate":"d","Output":OUTPUT}"#;
    let parsed = described.replace("OUTPUT", "[1]");
    let text = described.replace("OUTPUT", r#""[1]""#);
    check("::states:startExecution.sync:2", "STRICT", &parsed, "");
    check("::states:startExecution.sync", "STRICT", &parsed, "Field 'Output' must be a string");
    check("::states:startExecution.sync", "STRICT", &text, "");
    let running = text.replace("SUCCEEDED", "FINE");
    check("::states:startExecution.sync", "STRICT", &running, "Field 'Status' is not an expected value");
    // What a worker sends, and what is more than an API's answer, may be anything.
    check("::states:startExecution.waitForTaskToken", "STRICT", "7", "");
    check("::apigateway:invoke", "STRICT", r#"{"StatusCode":"x"}"#, "");
    check("::http:invoke", "STRICT", "[]", "");
    check("::eks:runJob.sync", "STRICT", "[]", "");
}

#[test]
fn functions_answer_with_any_payload() {
    let invoke = r#"{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},"End":true}"#;
    check_rows(&[
        (invoke, r#""mock":{"result":"{\"Payload\":[1],\"StatusCode\":200}"}"#, "fine"),
        (
            invoke,
            r#""mock":{"result":"{\"StatusCode\":\"200\"}"}"#,
            "Mock result schema validation error: Field 'StatusCode' must be a number",
        ),
    ]);
}

#[test]
fn context_objects_have_their_members() {
    let check = |resource: &str, context: &str, why: &str| {
        let context = json::Value::from(context).to_text();
        let expected = match why {
            "" => "fine".to_owned(),
            why => format!("Invalid Context object provided: {why}"),
        };
        let more = format!(r#""context":{context},"mock":{{"errorOutput":{{}}}}"#);
        check_rows(&[(&task(resource), &more, &expected)]);
    };
    let sqs = "::sqs:sendMessage";
    check(sqs, "{}", "");
    check(
        sqs,
        r#"{"Execution":{"Id":"i","Input":[1],"Name":"n","RoleArn":"r","StartTime":"t","RedriveCount":1,"RedriveTime":"t"},
            "State":{"EnteredTime":"t","Name":"n","RetryCount":2},"StateMachine":{"Id":"i","Name":"n"}}"#,
        "",
    );
    check(sqs, r#"{"Execution":{"Name":["n"]}}"#, "Execution.Name must be a string");
    check(sqs, r#"{"State":{"RetryCount":"2"}}"#, "State.RetryCount must be a number");
    check(sqs, r#"{"StateMachine":"m"}"#, "StateMachine must be an object");
    check(sqs, r#"{"StateMachine":{"Arn":"a"}}"#, "Field 'Arn' is not allowed");
    check(sqs, r#"{"Machine":{}}"#, "Field 'Machine' is not allowed");
    check(sqs, r#"{"Map":{}}"#, "'Map' field is not supported when mocking a Context object");
    check(sqs, "[]", "Must be a JSON object");
    let token = r#"{"Task":{"Token":"t"}}"#;
    let no_token = "Context object contains 'Task' when state is not a Task state with a '.sync' or \
                    '.waitForTaskToken' service integration pattern";
    check(sqs, token, no_token);
    check("us-east-1:123456789012:activity:a", token, no_token);
    check("::sqs:sendMessage.waitForTaskToken", token, "");
    check("::states:startExecution.sync:2", token, "");
}

#[test]
fn the_configuration_fits_the_state() {
    let fails = |name: &str| {
        format!(r#""mock":{{"errorOutput":{{}}}},"stateConfiguration":{{"errorCausedByState":"{name}"}}"#)
    };
    check_rows(&[
        (PARALLEL, &fails("B"), "fine"),
        (PARALLEL, &fails("C"), "State not found in definition"),
        (&map(""), &fails("A"), "fine"),
        (&map(""), &fails("StateName"), "State not found in definition"),
    ]);
    let reader = |config: &str| {
        map(&format!(
            r#""ItemReader":{{"Resource":"arn:aws:states:::s3:getObject","Parameters":{{"Bucket":"b","Key":"k"}},
            "ReaderConfig":{{{config}}}}},"#
        ))
    };
    let data = r#""mock":{"result":"[]"},"stateConfiguration":{"mapItemReaderData":"x"}"#;
    check_rows(&[
        (&reader(r#""InputType":"JSONL""#), data, "fine"),
        (
            &reader(r#""InputType":"PARQUET""#),
            data,
            "This version of Stepwell cannot read MapItemReaderData of the InputType PARQUET.",
        ),
        (
            &reader(r#""ManifestType":"S3_INVENTORY""#),
            data,
            "This version of Stepwell cannot read MapItemReaderData of the InputType MANIFEST.",
        ),
    ]);
}
