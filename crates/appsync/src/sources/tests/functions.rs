//! Lambda.

use super::*;
use expect_test::expect;

const FUNCTION: &str = r#"{"name": "f", "type": "AWS_LAMBDA", "serviceRoleArn": "role",
    "lambdaConfig": {"lambdaFunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f"}}"#;

#[tokio::test]
async fn a_function_is_invoked_and_its_result_is_the_result() {
    check(
        FUNCTION,
        &[
            r#"{"operation": "Invoke", "payload": {"a": [1]}}"#,
            r#"{"version": "2017-02-28", "operation": "Invoke", "payload": "text"}"#,
            r#"{"operation": "Invoke", "payload": 1, "invocationType": "Event"}"#,
            r#"{"operation": "BatchInvoke", "payload": 2}"#,
        ],
        &[
            r#"{"StatusCode": 200, "Payload": "{\"b\":2}"}"#,
            r#"{"StatusCode": 200}"#,
            r#"{"StatusCode": 202}"#,
            r#"{"StatusCode": 200, "Payload": "[\"two\"]"}"#,
        ],
        expect![[r#"
            → lambda Invoke in eu-west-1 as role {"FunctionName":"arn:aws:lambda:eu-west-1:123456789012:function:f","InvocationType":"RequestResponse"} {"a":[1]}
            {"b":2}
            → lambda Invoke in eu-west-1 as role {"FunctionName":"arn:aws:lambda:eu-west-1:123456789012:function:f","InvocationType":"RequestResponse"} "text"
            null
            → lambda Invoke in eu-west-1 as role {"FunctionName":"arn:aws:lambda:eu-west-1:123456789012:function:f","InvocationType":"Event"} 1
            null
            → lambda Invoke in eu-west-1 as role {"FunctionName":"arn:aws:lambda:eu-west-1:123456789012:function:f","InvocationType":"RequestResponse"} [2]
            "two"
        "#]],
    )
    .await;
}

#[tokio::test]
async fn what_goes_wrong_is_said() {
    let invoke = r#"{"operation": "Invoke", "payload": 1}"#;
    let answers = [
        r#"{"FunctionError": "Unhandled", "Payload": "{\"errorMessage\":\"no\",\"errorType\":\"E\"}"}"#,
        r#"{"FunctionError": "Handled", "Payload": "\"odd\""}"#,
        "!ResourceNotFoundException: Function not found: f",
        "!: Nobody is there.",
        r#"{"Payload": "no JSON"}"#,
        r#"{"Payload": "{}"}"#,
    ];
    check(
        FUNCTION,
        &[
            invoke,
            invoke,
            invoke,
            invoke,
            invoke,
            r#"{"operation": "BatchInvoke", "payload": 1}"#,
            r#"{"operation": "Call"}"#,
            r#"{"payload": {}}"#,
            r#"{"operation": "Invoke", "invocationType": "Maybe"}"#,
            r#"{"operation": "Invoke", "name": "f"}"#,
        ],
        &answers,
        expect![[r#"
            → lambda Invoke in eu-west-1 as role {"FunctionName":"arn:aws:lambda:eu-west-1:123456789012:function:f","InvocationType":"RequestResponse"} 1
            ✗ Lambda:Unhandled: no
            → lambda Invoke in eu-west-1 as role {"FunctionName":"arn:aws:lambda:eu-west-1:123456789012:function:f","InvocationType":"RequestResponse"} 1
            ✗ Lambda:Handled: "odd"
            → lambda Invoke in eu-west-1 as role {"FunctionName":"arn:aws:lambda:eu-west-1:123456789012:function:f","InvocationType":"RequestResponse"} 1
            ✗ Lambda:ResourceNotFoundException: Function not found: f (Service: Lambda, Status Code: 400, Request ID: R)
            → lambda Invoke in eu-west-1 as role {"FunctionName":"arn:aws:lambda:eu-west-1:123456789012:function:f","InvocationType":"RequestResponse"} 1
            ✗ Lambda:SdkClientException: Nobody is there.
            → lambda Invoke in eu-west-1 as role {"FunctionName":"arn:aws:lambda:eu-west-1:123456789012:function:f","InvocationType":"RequestResponse"} 1
            ✗ Lambda:InvalidResponse: The function returned what is no JSON: Unrecognized token 'no': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')
            → lambda Invoke in eu-west-1 as role {"FunctionName":"arn:aws:lambda:eu-west-1:123456789012:function:f","InvocationType":"RequestResponse"} [1]
            ✗ Lambda:InvalidResponse: A function that is asked for 1 must return a list.
            ✗ MappingTemplate: Unsupported operation 'Call'.
            ✗ MappingTemplate: Value for field '$[operation]' not found.
            ✗ MappingTemplate: Value 'Maybe' for field '$[invocationType]' is neither RequestResponse nor Event.
            ✗ MappingTemplate: Unsupported element '$[name]'.
        "#]],
    )
    .await;
}

async fn check_together(requests: &[&str], answers: &[&str], expected: Expect) {
    let (outside, context) = (outside(answers), context());
    let source = DataSource::of(&parsed(FUNCTION));
    let requests: Vec<Value> = requests.iter().map(|request| parsed(request)).collect();
    assert!(requests.iter().all(|request| source.can_batch(request)));
    let sync = SyncConfig::default();
    let memory = memory();
    let asking =
        Asking { outside: &outside, memory: &memory, is_old_version: false, sync: &sync, context: &context };
    let answers = source.ask_together(&requests, asking).await;
    assert_eq!(answers.len(), requests.len());
    expected.assert_eq(&(asked(&outside) + &answers.iter().map(shown).collect::<String>()));
}

#[tokio::test]
async fn siblings_go_together() {
    check_together(
        &[
            r#"{"operation": "BatchInvoke", "payload": 1}"#,
            r#"{"operation": "BatchInvoke", "payload": 2, "surplus": 3}"#,
            r#"{"operation": "BatchInvoke", "payload": {"data": 4}}"#,
        ],
        &[r#"{"Payload": "[\"one\",{\"data\":4}]"}"#],
        expect![[r#"
            → lambda Invoke in eu-west-1 as role {"FunctionName":"arn:aws:lambda:eu-west-1:123456789012:function:f","InvocationType":"RequestResponse"} [1,{"data":4}]
            "one"
            ✗ MappingTemplate: Unsupported element '$[surplus]'.
            {"data":4}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_function_that_is_asked_directly_says_what_is_wrong_with_each() {
    let one = r#"{"operation": "Invoke", "payload": {"source": 1}, "direct": true}"#;
    let payload = r#"[{\"data\":{\"id\":1}},{\"data\":null,\"errorMessage\":\"gone\",\"errorType\":\"Gone\",\"errorInfo\":7}]"#;
    check_together(&[one, one], &[&format!(r#"{{"Payload": "{payload}"}}"#)], expect![[r#"
        → lambda Invoke in eu-west-1 as role {"FunctionName":"arn:aws:lambda:eu-west-1:123456789012:function:f","InvocationType":"RequestResponse"} [{"source":1},{"source":1}]
        {"id":1}
        ✗ Gone: gone info 7
    "#]]).await;
}

#[tokio::test]
async fn a_batch_of_another_length_fails_for_all() {
    let one = r#"{"operation": "BatchInvoke", "payload": 1}"#;
    check_together(&[one, one], &[r#"{"Payload": "[1,2,3]"}"#], expect![[r#"
        → lambda Invoke in eu-west-1 as role {"FunctionName":"arn:aws:lambda:eu-west-1:123456789012:function:f","InvocationType":"RequestResponse"} [1,1]
        ✗ Lambda:InvalidResponse: A function that is asked for 2 must return as many, and returned 3.
        ✗ Lambda:InvalidResponse: A function that is asked for 2 must return as many, and returned 3.
    "#]]).await;
}

#[test]
fn only_what_can_go_together_waits_for_company() {
    let source = DataSource::of(&parsed(FUNCTION));
    assert!(!source.can_batch(&parsed(r#"{"operation": "Invoke", "payload": 1}"#)));
    let nothing = DataSource::of(&parsed(r#"{"name": "n", "type": "NONE"}"#));
    assert!(!nothing.can_batch(&parsed(r#"{"operation": "BatchInvoke", "payload": 1}"#)));
}
