//! NONE, EventBridge, relational databases, Bedrock.

use super::*;
use expect_test::expect;

#[tokio::test]
async fn nothing_gives_the_payload_back() {
    let nothing = r#"{"name": "n", "type": "NONE"}"#;
    check(
        nothing,
        &[r#"{"payload": {"a": 1}}"#, "{}", "7"],
        &[],
        expect![[r#"
        {"a":1}
        null
        null
    "#]],
    )
    .await;
    check(
        r#"{"name": "n", "type": "OTHER"}"#,
        &["{}"],
        &[],
        expect![[r#"
        ✗ UnsupportedOperation: Data sources of type OTHER are not supported
    "#]],
    )
    .await;
}

#[tokio::test]
async fn events_are_put() {
    check(
        r#"{"name": "e", "type": "AMAZON_EVENTBRIDGE", "eventBridgeConfig": {"eventBusArn": "bus"}}"#,
        &[
            r#"{"operation": "PutEvents", "events": [{"source": "s", "detailType": "t", "detail": {"a": 1}},
                {"source": "s", "detailType": "t", "detail": {}, "resources": ["r"], "time": "2023-01-01T00:30:00.000Z"}]}"#,
            r#"{"operation": "PutEvents", "events": [{"source": "s", "detailType": "t", "detail": {}}, {"source": "s", "detail": {}}]}"#,
            r#"{"operation": "PutEvents", "events": [{"source": "s", "detailType": "t", "detail": "text"}]}"#,
            r#"{"operation": "PutEvent"}"#,
            r#"{"operation": "PutEvents", "events": []}"#,
        ],
        &[
            r#"{"Entries": [{"EventId": "1"}, {"ErrorCode": "C", "ErrorMessage": "m"}], "FailedEntryCount": 1}"#,
            "!ValidationException: 1 validation error",
        ],
        expect![[r#"
            → events PutEvents {"Entries":[{"Source":"s","DetailType":"t","Detail":"{\"a\":1}","EventBusName":"bus"},{"Source":"s","DetailType":"t","Detail":"{}","EventBusName":"bus","Resources":["r"],"Time":"2023-01-01T00:30:00.000Z"}]}
            {"Entries":[{"EventId":"1"},{"ErrorCode":"C","ErrorMessage":"m"}],"FailedEntryCount":1}
            ✗ MappingTemplate: Value for field '$[events][1][detailType]' not found.
            ✗ MappingTemplate: Expected JSON object for field '$[events][0][detail]' but got a 'STRING' instead.
            ✗ MappingTemplate: Unsupported operation 'PutEvent'.
            → events PutEvents {"Entries":[]}
            ✗ EventBridge:EventBridgeException: 1 validation error (Service: EventBridge, Status Code: 400, Request ID: R)
        "#]],
    )
    .await;
}

const DATABASE: &str = r#"{"name": "r", "type": "RELATIONAL_DATABASE", "relationalDatabaseConfig": {
    "relationalDatabaseSourceType": "RDS_HTTP_ENDPOINT", "rdsHttpEndpointConfig": {"awsRegion": "us-east-1",
    "dbClusterIdentifier": "cluster", "databaseName": "shop", "awsSecretStoreArn": "secret"}}}"#;

#[tokio::test]
async fn one_statement_needs_no_transaction() {
    check(
        DATABASE,
        &[r#"{"statements": ["select * from t where id = :P0 and at < :P1"],
            "variableMap": {":P0": 7, ":P1": "2024-01-01", ":P11": null}, "variableTypeHintMap": {":P1": "DATE"}}"#],
        &[
            r#"{"Records": [[{"LongValue": 1}, {"IsNull": true}]], "NumberOfRecordsUpdated": 0,
            "ColumnMetadata": [{"Name": "id", "Label": "id", "TypeName": "int4"}]}"#,
        ],
        expect![[r#"
            → rds-data ExecuteStatement in us-east-1 {"ResourceArn":"cluster","SecretArn":"secret","Database":"shop","Sql":"select * from t where id = :P0 and at < :P1","IncludeResultMetadata":true,"Parameters":[{"Name":"P0","Value":{"LongValue":7}},{"Name":"P1","Value":{"StringValue":"2024-01-01"},"TypeHint":"DATE"}]}
            "{\"sqlStatementResults\":[{\"records\":[[{\"longValue\":1},{\"isNull\":true}]],\"numberOfRecordsUpdated\":0,\"columnMetadata\":[{\"name\":\"id\",\"label\":\"id\",\"typeName\":\"int4\"}]}]}"
        "#]],
    )
    .await;
}

#[tokio::test]
async fn two_statements_are_one_transaction() {
    let two =
        r#"{"statements": ["insert into t values (:P0)", "select 1"], "variableMap": {":P0": {"a": 1.5}}}"#;
    check(
        DATABASE,
        &[two, two],
        &[
            r#"{"TransactionId": "T"}"#,
            r#"{"NumberOfRecordsUpdated": 1}"#,
            r#"{"Records": [[{"DoubleValue": 1.5}]]}"#,
            r#"{"TransactionStatus": "Transaction Committed"}"#,
            r#"{"TransactionId": "U"}"#,
            "!BadRequestException: ERROR: relation \"t\" does not exist",
            "{}",
        ],
        expect![[r#"
            → rds-data BeginTransaction in us-east-1 {"ResourceArn":"cluster","SecretArn":"secret","Database":"shop"}
            → rds-data ExecuteStatement in us-east-1 {"ResourceArn":"cluster","SecretArn":"secret","Database":"shop","Sql":"insert into t values (:P0)","IncludeResultMetadata":true,"Parameters":[{"Name":"P0","Value":{"StringValue":"{\"a\":1.5}"}}],"TransactionId":"T"}
            → rds-data ExecuteStatement in us-east-1 {"ResourceArn":"cluster","SecretArn":"secret","Database":"shop","Sql":"select 1","IncludeResultMetadata":true,"TransactionId":"T"}
            → rds-data CommitTransaction in us-east-1 {"ResourceArn":"cluster","SecretArn":"secret","TransactionId":"T"}
            "{\"sqlStatementResults\":[{\"numberOfRecordsUpdated\":1},{\"records\":[[{\"doubleValue\":1.5}]]}]}"
            → rds-data BeginTransaction in us-east-1 {"ResourceArn":"cluster","SecretArn":"secret","Database":"shop"}
            → rds-data ExecuteStatement in us-east-1 {"ResourceArn":"cluster","SecretArn":"secret","Database":"shop","Sql":"insert into t values (:P0)","IncludeResultMetadata":true,"Parameters":[{"Name":"P0","Value":{"StringValue":"{\"a\":1.5}"}}],"TransactionId":"U"}
            → rds-data RollbackTransaction in us-east-1 {"ResourceArn":"cluster","SecretArn":"secret","TransactionId":"U"}
            ✗ BadRequest: ERROR: relation "t" does not exist
        "#]],
    )
    .await;
}

#[tokio::test]
async fn statements_are_checked_first() {
    check(
        DATABASE,
        &[
            r#"{"statements": []}"#,
            r#"{"statements": ["a", "b", "c"]}"#,
            r#"{"statements": ["a", 7]}"#,
            r#"{"statements": ["a"], "variableMap": {":x": 1}, "variableTypeHintMap": {":x": 1}}"#,
            r#"{"version": "2017-02-28", "statements": ["a"]}"#,
        ],
        &[],
        expect![[r#"
            ✗ MappingTemplate: Field '$[statements]' takes 1 to 2 statements and has 0.
            ✗ MappingTemplate: Field '$[statements]' takes 1 to 2 statements and has 3.
            ✗ MappingTemplate: Expected JSON string for field '$[statements][1]' but got a 'NUMBER' instead.
            ✗ MappingTemplate: Expected JSON string for field '$[variableTypeHintMap][:x]' but got a 'NUMBER' instead.
            ✗ MappingTemplate: Relational databases need version '2018-05-29'.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn models_are_invoked_and_talked_to() {
    let body = vtl::text::base64_encode(br#"{"content":[{"text":"hi"}]}"#);
    let invoked = format!(r#"{{"Body": "{body}", "ContentType": "application/json"}}"#);
    check(
        r#"{"name": "b", "type": "AMAZON_BEDROCK_RUNTIME", "serviceRoleArn": "role"}"#,
        &[
            r#"{"operation": "InvokeModel", "modelId": "m", "body": {"a": 1}, "guardrailTrace": "ENABLED"}"#,
            r#"{"operation": "Converse", "modelId": "m", "messages": [{"role": "user", "content": [{"text": "hello"}]}]}"#,
            r#"{"operation": "Converse", "modelId": "m", "temperature": 1}"#,
            r#"{"operation": "Talk"}"#,
        ],
        &[
            &invoked,
            r#"{"Output": {"Message": {"Role": "assistant", "Content": [{"Text": "hi"}]}}, "StopReason": "end_turn"}"#,
        ],
        expect![[r#"
            → bedrock-runtime InvokeModel as role {"ModelId":"m","ContentType":"application/json","Accept":"application/json","Trace":"ENABLED","Body":"eyJhIjoxfQ=="}
            {"content":[{"text":"hi"}]}
            → bedrock-runtime Converse as role {"ModelId":"m","Messages":[{"Role":"user","Content":[{"Text":"hello"}]}]}
            {"output":{"message":{"role":"assistant","content":[{"text":"hi"}]}},"stopReason":"end_turn"}
            ✗ MappingTemplate: Unsupported element '$[temperature]'.
            ✗ MappingTemplate: Unsupported operation 'Talk'.
        "#]],
    )
    .await;
}
