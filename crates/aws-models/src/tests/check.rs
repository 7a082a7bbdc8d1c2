//! The check of mocked results, by results and what is said of them.

use json::Value;

use crate::{FieldValidationMode, check, sdk_service};

/// Checks results against what an action answers; the expected text is empty where they may be.
fn results(operation: &str, mode: FieldValidationMode, rows: &[(&str, &str)]) {
    let (service, action) = operation.split_once(':').unwrap();
    let output = sdk_service(service).and_then(|service| service.operation(action)?.output());
    let output = output.unwrap_or_else(|| panic!("{operation} answers nothing"));
    for (result, expected) in rows {
        let said = match check(&Value::parse(result).unwrap(), output, mode, &[]) {
            Ok(()) => String::new(),
            Err(violation) => violation.to_string(),
        };
        assert_eq!(said, *expected, "{operation} {result}");
    }
}

fn strict(operation: &str, rows: &[(&str, &str)]) {
    results(operation, FieldValidationMode::Strict, rows);
}

#[test]
fn required_members_must_be_there_under_their_names_in_a_state_machine() {
    let complete = r#"{"ActivityArn": "a", "CreationDate": "2026-01-01T00:00:00Z"}"#;
    let rows = [
        (complete, ""),
        (r#"{"activityArn": "a", "creationDate": "2026"}"#, "Required field 'ActivityArn' is missing"),
        (r#"{"ActivityArn": "a"}"#, "Required field 'CreationDate' is missing"),
        // What is missing is told before what is wrong.
        (r#"{"ActivityArn": 1}"#, "Required field 'CreationDate' is missing"),
    ];
    strict("sfn:createActivity", &rows);
}

#[test]
fn required_members_of_inner_structures_must_be_there() {
    let rows = [
        (r#"{"Activities": []}"#, ""),
        (r#"{"Activities": [{"Name": "n"}]}"#, "Required field 'ActivityArn' is missing"),
    ];
    strict("sfn:listActivities", &rows);
}

#[test]
fn only_what_is_there_is_checked_in_the_present_mode() {
    let rows = [
        ("{}", ""),
        (r#"{"activityArn": 1}"#, ""),
        (r#"{"ActivityArn": 1}"#, "Field 'ActivityArn' must be a string"),
        (r#"{"CreationDate": false}"#, "Field 'CreationDate' must be a string"),
    ];
    results("sfn:createActivity", FieldValidationMode::Present, &rows);
    let inner = [(r#"{"Activities": [{"Name": "n"}]}"#, "")];
    results("sfn:listActivities", FieldValidationMode::Present, &inner);
}

#[test]
fn nothing_is_checked_in_the_mode_none() {
    let rows = [("{}", ""), (r#"{"ActivityArn": 1}"#, ""), ("[1]", "")];
    results("sfn:createActivity", FieldValidationMode::None, &rows);
}

#[test]
fn each_kind_of_value_has_its_name() {
    let rows = [
        (r#"{"Messages": {}}"#, "Field 'Messages' must be an array"),
        (r#"{"Messages": ["text"]}"#, "Field 'Messages' must be an object"),
        (r#"{"Messages": [{"Body": "text"}, {"Body": ["text"]}]}"#, "Field 'Body' must be a string"),
        (r#"{"Messages": [{"Body": null}]}"#, "Field 'Body' must be a string"),
        // A map's value has no name of its own.
        (r#"{"Messages": [{"Attributes": {"SenderId": "i"}}]}"#, ""),
        (r#"{"Messages": [{"Attributes": {"SenderId": 1}}]}"#, "Field 'Attributes' must be a string"),
        (r#"{"Messages": [{"Attributes": []}]}"#, "Field 'Attributes' must be an object"),
        (r#"{"Unheard": {"Of": 1}, "SdkHttpMetadata": {}}"#, ""),
        ("[]", "Field 'ReceiveMessageResult' must be an object"),
    ];
    strict("sqs:receiveMessage", &rows);
    let rows = [
        (r#"{"Count": 1, "ScannedCount": 1.0}"#, ""),
        (r#"{"Count": "1"}"#, "Field 'Count' must be a number"),
        // The shape of an attribute contains itself.
        (r#"{"Items": [{"id": {"M": {"deep": {"L": [{"S": "x"}]}}}}]}"#, ""),
        (r#"{"Items": [{"id": {"M": {"deep": {"L": [{"S": 1}]}}}}]}"#, "Field 'S' must be a string"),
        (r#"{"Items": [{"id": {"BOOL": "true"}}]}"#, "Field 'BOOL' must be a boolean"),
        (r#"{"Items": [{"id": {"B": 1}}]}"#, "Field 'B' must be a string"),
    ];
    strict("dynamodb:query", &rows);
}

#[test]
fn enumerations_bounds_and_lengths_hold() {
    let rows = [
        (r#"{"Timeout": 3, "MemorySize": 10240, "State": "Active"}"#, ""),
        (r#"{"State": "Asleep"}"#, "Field 'State' is not an expected value"),
        (r#"{"Timeout": 0}"#, "Field 'Timeout' is less than the minimum value"),
        (r#"{"Timeout": 0.5}"#, "Field 'Timeout' is less than the minimum value"),
        (r#"{"Timeout": -99999999999999999999}"#, "Field 'Timeout' is less than the minimum value"),
        (r#"{"MemorySize": 99999}"#, "Field 'MemorySize' exceeds the maximum value"),
        (r#"{"Architectures": []}"#, "Field 'Architectures' is smaller than the minimum length"),
        (r#"{"Architectures": ["arm64", "x86_64"]}"#, "Field 'Architectures' exceeds the maximum length"),
        (r#"{"Architectures": ["z80"]}"#, "Field 'Architectures' is not an expected value"),
    ];
    strict("lambda:getFunctionConfiguration", &rows);
    let rows = [(
        r#"{"ExecutionArn": "", "StartDate": "2026"}"#,
        "Field 'ExecutionArn' is smaller than the minimum length",
    )];
    strict("sfn:startExecution", &rows);
}

#[test]
fn what_an_integration_shows_as_json_may_be_anything() {
    let output = sdk_service("lambda").unwrap().operation("invoke").unwrap().output().unwrap();
    let result = Value::parse(r#"{"Payload": {"any": ["thing"]}, "StatusCode": 200}"#).unwrap();
    assert_eq!(check(&result, output, FieldValidationMode::Strict, &["Payload"]), Ok(()));
    let violation = check(&result, output, FieldValidationMode::Strict, &[]).unwrap_err();
    assert_eq!(violation.to_string(), "Field 'Payload' must be a string");
}

#[test]
fn documents_may_be_anything() {
    let rows = [(
        r#"{"Output": {"Message": {"Role": "user", "Content": [{"ToolUse": {"ToolUseId": "i", "Name": "n", "Input": [1]}}]}}}"#,
        "",
    )];
    results("bedrockruntime:converse", FieldValidationMode::Present, &rows);
}
