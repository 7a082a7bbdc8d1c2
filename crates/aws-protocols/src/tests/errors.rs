//! Errors get the names that Retry and Catch match.

use super::operation;
use crate::{Response, ResponseError, ServiceError, response};

fn error(service: &str, action: &str, status: u16, headers: &[(&str, &str)], body: &str) -> ServiceError {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let answer = Response { status, headers: &headers, body: body.as_bytes() };
    match response(operation(service, action), answer) {
        Err(ResponseError::Service(error)) => *error,
        other => panic!("{other:?} is no error"),
    }
}

#[test]
fn json_errors_have_their_code_in_the_body() {
    let body =
        r#"{"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException", "message": "No table"}"#;
    let error = error("dynamodb", "getItem", 400, &[("x-amzn-RequestId", "R1")], body);
    assert_eq!(
        (&*error.name(), &*error.code),
        ("DynamoDb.ResourceNotFoundException", "ResourceNotFoundException")
    );
    assert_eq!(error.cause(), "No table (Service: DynamoDb, Status Code: 400, Request ID: R1)");
}

#[test]
fn rest_json_errors_have_their_code_in_a_header() {
    let headers = [("X-Amzn-ErrorType", "ResourceNotFoundException:http://internal")];
    let error = error("lambda", "invoke", 404, &headers, r#"{"Type": "User", "Message": "No function"}"#);
    assert_eq!((&*error.name(), &*error.message), ("Lambda.ResourceNotFoundException", "No function"));
}

#[test]
fn xml_errors_come_in_three_shapes() {
    let s3 = "<Error><Code>NoSuchKey</Code><Message>No &lt;key&gt;</Message><HostId>H</HostId></Error>";
    let error_of = |service, action, body| error(service, action, 404, &[("x-amz-request-id", "R")], body);
    let no_such_key = error_of("s3", "getObject", s3);
    assert_eq!(no_such_key.name(), "S3.NoSuchKeyException");
    assert_eq!(
        no_such_key.cause(),
        "No <key> (Service: S3, Status Code: 404, Request ID: R, Extended Request ID: H)"
    );
    let sns = "<ErrorResponse><Error><Code>NotFound</Code><Message>m</Message></Error></ErrorResponse>";
    assert_eq!(error_of("sns", "publish", sns).name(), "Sns.NotFoundException");
    let ec2 =
        "<Response><Errors><Error><Code>InvalidID</Code><Message>m</Message></Error></Errors></Response>";
    assert_eq!(error_of("ec2", "describeInstances", ec2).name(), "Ec2.Ec2Exception");
}

#[test]
fn a_code_without_a_class_has_the_services_name() {
    let error_of = |service, action, body| error(service, action, 400, &[], body).name();
    let validation = r#"{"__type": "ValidationException"}"#;
    assert_eq!(error_of("dynamodb", "getItem", validation), "DynamoDb.DynamoDbException");
    let other = r#"{"__type": "SomethingElse"}"#;
    assert_eq!(error_of("secretsmanager", "listSecrets", other), "SecretsManager.SecretsManagerException");
}

#[test]
fn there_is_an_error_even_without_a_body_that_says_so() {
    for (service, action, body) in [
        ("dynamodb", "getItem", ""),
        ("lambda", "invoke", "<html>"),
        ("s3", "headObject", ""),
        ("sns", "publish", "x"),
    ] {
        let error = error(service, action, 503, &[], body);
        assert_eq!((&*error.code, &*error.message, error.status), ("503", "", 503), "{service}");
    }
}

#[test]
fn s3_may_fail_after_it_has_said_that_all_is_well() {
    let body = "<?xml version=\"1.0\"?>\n<Error><Code>InternalError</Code><Message>m</Message></Error>";
    assert_eq!(error("s3", "copyObject", 200, &[], body).code, "InternalError");
    // An object that says so is an object.
    let answer = Response { status: 200, headers: &[], body: body.as_bytes() };
    assert!(response(operation("s3", "getObject"), answer).is_ok());
}

#[test]
fn what_s3_does_not_have_is_told_without_a_body() {
    assert_eq!(error("s3", "headObject", 404, &[], "").name(), "S3.NoSuchKeyException");
    assert_eq!(error("s3", "headBucket", 404, &[], "").name(), "S3.NoSuchBucketException");
    assert_eq!(error("s3", "headObject", 403, &[], "").name(), "S3.S3Exception");
}

#[test]
fn what_else_an_error_tells_is_kept() {
    let body = r#"{"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "message": "No.",
        "Item": {"id": {"S": "a"}, "raw": {"B": "aGk="}}, "more": 1}"#;
    let error = error("dynamodb", "putItem", 400, &[], body);
    let expected = r#"{"Item":{"id":{"S":"a"},"raw":{"B":"aGk="}}}"#;
    assert_eq!(json::Value::from(error.members).to_text(), expected);
}

#[test]
fn an_error_that_is_not_the_models_tells_nothing_else() {
    let body = r#"{"__type": "TransactionCanceledException", "message": "No.", "CancellationReasons": 7}"#;
    let error = error("dynamodb", "transactWriteItems", 400, &[], body);
    assert_eq!((error.message.as_str(), error.members.len()), ("No.", 0));
}
