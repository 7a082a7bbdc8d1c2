//! Versioned tables, call by call: what stands between reading and writing, and what functions are asked.

use super::*;
use expect_test::expect;

const TABLE: &str = r#"{"name": "v", "type": "AMAZON_DYNAMODB", "dataSourceArn": "arn:v",
    "dynamodbConfig": {"tableName": "Posts", "awsRegion": "us-east-1", "versioned": true,
    "deltaSyncConfig": {"baseTableTTL": 0, "deltaSyncTableName": "Changes", "deltaSyncTableTTL": 30}}}"#;

const UPDATE: &str = r##"{"operation": "UpdateItem", "key": {"id": {"S": "a"}}, "_version": 1, "update":
    {"expression": "SET #t = :t, n = n + :one", "expressionNames": {"#t": "t"},
    "expressionValues": {":t": {"S": "new"}, ":one": {"N": 1}}}}"##;
const SECOND: &str = r#"{"Item": {"id": {"S": "a"}, "t": {"S": "old"}, "n": {"N": "5"}, "s": {"SS": ["x"]}, "_version": {"N": "2"}}}"#;

fn handler(name: &str) -> SyncConfig {
    SyncConfig { handler: name.into(), function_arn: Some("decide".into()) }
}

#[tokio::test]
async fn a_write_says_which_version_it_is_for() {
    let first = r#"{"Item": {"id": {"S": "a"}, "_version": {"N": "1"}}}"#;
    check_with(
        TABLE,
        &handler("OPTIMISTIC_CONCURRENCY"),
        &[
            r#"{"operation": "PutItem", "key": {"id": {"S": "a"}, "at": {"N": 7}}, "customPartitionKey": "id", "populateIndexFields": true,
                "condition": {"expression": "attribute_not_exists(id)"}}"#,
            UPDATE,
            r#"{"operation": "DeleteItem", "key": {"id": {"S": "a"}}, "_version": 1}"#,
        ],
        &["{}", "{}", "{}", first, r#"{"Attributes": {"id": {"S": "a"}, "_version": {"N": "2"}}}"#, "{}", first,
            r#"{"Attributes": {"id": {"S": "a"}, "_version": {"N": "1"}}}"#, "{}"],
        expect![[r##"
            → dynamodb GetItem in us-east-1 {"TableName":"Posts","Key":{"id":{"S":"a"},"at":{"N":"7"}},"ConsistentRead":true}
            → dynamodb PutItem in us-east-1 {"TableName":"Posts","ConditionExpression":"(attribute_not_exists(id)) AND attribute_not_exists(#appsync_version)","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Item":{"id":{"S":"a"},"at":{"N":"7"},"_version":{"N":"1"},"_lastChangedAt":{"N":"1700000000000"}},"ExpressionAttributeNames":{"#appsync_version":"_version"}}
            → dynamodb PutItem in us-east-1 {"TableName":"Changes","Item":{"id":{"S":"a"},"at":{"N":"7"},"_version":{"N":"1"},"_lastChangedAt":{"N":"1700000000000"},"ds_pk":{"S":"AppSync-delta-sync-pk:Posts:2023-11-14:a"},"ds_sk":{"S":"22:13:20.000:7:1"},"gsi_ds_pk":{"S":"AppSync-delta-sync-pk:Posts:2023-11-14"},"gsi_ds_sk":{"S":"22:13:20.000:a:7:1"},"_ttl":{"N":"1700001800"}}}
            {"id":"a","at":7,"_version":1,"_lastChangedAt":1700000000000}
            → dynamodb GetItem in us-east-1 {"TableName":"Posts","Key":{"id":{"S":"a"}},"ConsistentRead":true}
            → dynamodb UpdateItem in us-east-1 {"TableName":"Posts","ConditionExpression":"#appsync_version = :appsync_known","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Key":{"id":{"S":"a"}},"UpdateExpression":"SET #t = :t, n = n + :one, #appsync_version = :appsync_version, #appsync_lastChangedAt = :appsync_lastChangedAt REMOVE #appsync_deleted, #appsync_ttl","ReturnValues":"ALL_NEW","ExpressionAttributeNames":{"#appsync_version":"_version","#t":"t","#appsync_lastChangedAt":"_lastChangedAt","#appsync_deleted":"_deleted","#appsync_ttl":"_ttl"},"ExpressionAttributeValues":{":appsync_known":{"N":"1"},":t":{"S":"new"},":one":{"N":"1"},":appsync_version":{"N":"2"},":appsync_lastChangedAt":{"N":"1700000000000"}}}
            → dynamodb PutItem in us-east-1 {"TableName":"Changes","Item":{"id":{"S":"a"},"_version":{"N":"2"},"ds_pk":{"S":"AppSync-delta-sync-pk:Posts:2023-11-14"},"ds_sk":{"S":"22:13:20.000:a:2"},"_ttl":{"N":"1700001800"}}}
            {"id":"a","_version":2}
            → dynamodb GetItem in us-east-1 {"TableName":"Posts","Key":{"id":{"S":"a"}},"ConsistentRead":true}
            → dynamodb DeleteItem in us-east-1 {"TableName":"Posts","ConditionExpression":"#appsync_version = :appsync_known","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Key":{"id":{"S":"a"}},"ReturnValues":"ALL_OLD","ExpressionAttributeNames":{"#appsync_version":"_version"},"ExpressionAttributeValues":{":appsync_known":{"N":"1"}}}
            → dynamodb PutItem in us-east-1 {"TableName":"Changes","Item":{"id":{"S":"a"},"_version":{"N":"2"},"_lastChangedAt":{"N":"1700000000000"},"_deleted":{"BOOL":true},"ds_pk":{"S":"AppSync-delta-sync-pk:Posts:2023-11-14"},"ds_sk":{"S":"22:13:20.000:a:2"},"_ttl":{"N":"1700001800"}}}
            {"id":"a","_version":2,"_lastChangedAt":1700000000000,"_deleted":true}
        "##]],
    )
    .await;
}

#[tokio::test]
async fn who_loses_a_race_begins_anew() {
    let lost =
        r#"!ConditionalCheckFailedException: No. {"Item": {"id": {"S": "a"}, "_version": {"N": "1"}}}"#;
    let put = r#"{"operation": "PutItem", "key": {"id": {"S": "a"}}}"#;
    check(
        TABLE,
        &[put],
        &["{}", lost, r#"{"Item": {"id": {"S": "a"}, "_version": {"N": "1"}}}"#, "{}", "{}"],
        expect![[r##"
            → dynamodb GetItem in us-east-1 {"TableName":"Posts","Key":{"id":{"S":"a"}},"ConsistentRead":true}
            → dynamodb PutItem in us-east-1 {"TableName":"Posts","ConditionExpression":"attribute_not_exists(#appsync_version)","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Item":{"id":{"S":"a"},"_version":{"N":"1"},"_lastChangedAt":{"N":"1700000000000"}},"ExpressionAttributeNames":{"#appsync_version":"_version"}}
            → dynamodb GetItem in us-east-1 {"TableName":"Posts","Key":{"id":{"S":"a"}},"ConsistentRead":true}
            → dynamodb PutItem in us-east-1 {"TableName":"Posts","ConditionExpression":"#appsync_version = :appsync_known","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Item":{"id":{"S":"a"},"_version":{"N":"2"},"_lastChangedAt":{"N":"1700000000000"}},"ExpressionAttributeNames":{"#appsync_version":"_version"},"ExpressionAttributeValues":{":appsync_known":{"N":"1"}}}
            → dynamodb PutItem in us-east-1 {"TableName":"Changes","Item":{"id":{"S":"a"},"_version":{"N":"2"},"_lastChangedAt":{"N":"1700000000000"},"ds_pk":{"S":"AppSync-delta-sync-pk:Posts:2023-11-14"},"ds_sk":{"S":"22:13:20.000:a:2"},"_ttl":{"N":"1700001800"}}}
            {"id":"a","_version":2,"_lastChangedAt":1700000000000}
        "##]],
    )
    .await;
}

#[tokio::test]
async fn a_function_resolves_conflicts() {
    let written = r#"{"Attributes": {"id": {"S": "a"}, "_version": {"N": "3"}}}"#;
    check_with(
        TABLE,
        &handler("LAMBDA"),
        &[UPDATE, UPDATE, UPDATE, UPDATE],
        &[
            SECOND,
            r#"{"Payload": "{\"action\":\"RESOLVE\",\"item\":{\"id\":\"other\",\"t\":\"both\",\"s\":[\"x\"],\"_version\":9}}"}"#,
            written,
            "{}",
            SECOND,
            r#"{"Payload": "{\"action\":\"REJECT\"}"}"#,
            SECOND,
            r#"{"Payload": "{\"action\":\"REMOVE\"}"}"#,
            r#"{"Attributes": {"id": {"S": "a"}, "_version": {"N": "2"}}}"#,
            "{}",
            SECOND,
            r#"{"Payload": "{\"action\":\"RESOLVE\"}"}"#,
        ],
        expect![[r##"
            → dynamodb GetItem in us-east-1 {"TableName":"Posts","Key":{"id":{"S":"a"}},"ConsistentRead":true}
            → lambda Invoke {"FunctionName":"decide","InvocationType":"RequestResponse"} {"newItem":{"id":"a","t":"new","n":6,"s":["x"],"_version":2},"existingItem":{"id":"a","t":"old","n":5,"s":["x"],"_version":2},"arguments":{"id":"a"},"resolver":{"tableName":"Posts","awsRegion":"us-east-1","parentType":"Mutation","field":"f"},"identity":{"sub":"ada"}}
            → dynamodb PutItem in us-east-1 {"TableName":"Posts","ConditionExpression":"#appsync_version = :appsync_known","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Item":{"id":{"S":"a"},"t":{"S":"both"},"s":{"SS":["x"]},"_version":{"N":"3"},"_lastChangedAt":{"N":"1700000000000"}},"ExpressionAttributeNames":{"#appsync_version":"_version"},"ExpressionAttributeValues":{":appsync_known":{"N":"2"}}}
            → dynamodb PutItem in us-east-1 {"TableName":"Changes","Item":{"id":{"S":"a"},"t":{"S":"both"},"s":{"SS":["x"]},"_version":{"N":"3"},"_lastChangedAt":{"N":"1700000000000"},"ds_pk":{"S":"AppSync-delta-sync-pk:Posts:2023-11-14"},"ds_sk":{"S":"22:13:20.000:a:3"},"_ttl":{"N":"1700001800"}}}
            {"id":"a","t":"both","s":["x"],"_version":3,"_lastChangedAt":1700000000000}
            → dynamodb GetItem in us-east-1 {"TableName":"Posts","Key":{"id":{"S":"a"}},"ConsistentRead":true}
            → lambda Invoke {"FunctionName":"decide","InvocationType":"RequestResponse"} {"newItem":{"id":"a","t":"new","n":6,"s":["x"],"_version":2},"existingItem":{"id":"a","t":"old","n":5,"s":["x"],"_version":2},"arguments":{"id":"a"},"resolver":{"tableName":"Posts","awsRegion":"us-east-1","parentType":"Mutation","field":"f"},"identity":{"sub":"ada"}}
            ✗ ConflictUnhandled: Conflict resolver rejects mutation. result {"id":"a","t":"old","n":5,"s":["x"],"_version":2} data {"id":"a","t":"old","n":5,"s":["x"],"_version":2}
            → dynamodb GetItem in us-east-1 {"TableName":"Posts","Key":{"id":{"S":"a"}},"ConsistentRead":true}
            → lambda Invoke {"FunctionName":"decide","InvocationType":"RequestResponse"} {"newItem":{"id":"a","t":"new","n":6,"s":["x"],"_version":2},"existingItem":{"id":"a","t":"old","n":5,"s":["x"],"_version":2},"arguments":{"id":"a"},"resolver":{"tableName":"Posts","awsRegion":"us-east-1","parentType":"Mutation","field":"f"},"identity":{"sub":"ada"}}
            → dynamodb DeleteItem in us-east-1 {"TableName":"Posts","ConditionExpression":"#appsync_version = :appsync_known","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Key":{"id":{"S":"a"}},"ReturnValues":"ALL_OLD","ExpressionAttributeNames":{"#appsync_version":"_version"},"ExpressionAttributeValues":{":appsync_known":{"N":"2"}}}
            → dynamodb PutItem in us-east-1 {"TableName":"Changes","Item":{"id":{"S":"a"},"_version":{"N":"3"},"_lastChangedAt":{"N":"1700000000000"},"_deleted":{"BOOL":true},"ds_pk":{"S":"AppSync-delta-sync-pk:Posts:2023-11-14"},"ds_sk":{"S":"22:13:20.000:a:3"},"_ttl":{"N":"1700001800"}}}
            {"id":"a","_version":3,"_lastChangedAt":1700000000000,"_deleted":true}
            → dynamodb GetItem in us-east-1 {"TableName":"Posts","Key":{"id":{"S":"a"}},"ConsistentRead":true}
            → lambda Invoke {"FunctionName":"decide","InvocationType":"RequestResponse"} {"newItem":{"id":"a","t":"new","n":6,"s":["x"],"_version":2},"existingItem":{"id":"a","t":"old","n":5,"s":["x"],"_version":2},"arguments":{"id":"a"},"resolver":{"tableName":"Posts","awsRegion":"us-east-1","parentType":"Mutation","field":"f"},"identity":{"sub":"ada"}}
            ✗ MappingTemplate: The conflict handler said RESOLVE without an item.
        "##]],
    )
    .await;
}

#[tokio::test]
async fn conflicts_are_resolved_so_often_and_no_more() {
    let outside = outside(&[]);
    for version in 2..=12 {
        let item = format!(r#"{{"id": {{"S": "a"}}, "_version": {{"N": "{version}"}}}}"#);
        let lost = format!(
            r#"!ConditionalCheckFailedException: No. {{"Item": {{"id": {{"S": "a"}}, "_version": {{"N": "{}"}}}}}}"#,
            version + 1
        );
        outside.answers.lock().unwrap().extend([of_text(&format!(r#"{{"Item": {item}}}"#)), of_text(&lost)]);
    }
    let (context, sync) = (context(), handler("AUTOMERGE"));
    let memory = memory();
    let asking =
        Asking { outside: &outside, memory: &memory, is_old_version: false, sync: &sync, context: &context };
    let answer = DataSource::of(&parsed(TABLE)).ask(&parsed(UPDATE), asking).await;
    let error = answer.error.unwrap();
    assert_eq!(error.error_type, "MaxConflicts");
    assert_eq!(error.data.get("_version"), Some(&12.into()));
    let calls = outside.calls.lock().unwrap();
    assert_eq!(calls.iter().filter(|call| call.operation == "UpdateItem").count(), 10);
}

#[tokio::test]
async fn a_change_that_cannot_be_remembered_is_told() {
    check(
        TABLE,
        &[r#"{"operation": "PutItem", "key": {"id": {"S": "a"}}}"#],
        &["{}", "{}", "!ResourceNotFoundException: Requested resource not found"],
        expect![[r##"
            → dynamodb GetItem in us-east-1 {"TableName":"Posts","Key":{"id":{"S":"a"}},"ConsistentRead":true}
            → dynamodb PutItem in us-east-1 {"TableName":"Posts","ConditionExpression":"attribute_not_exists(#appsync_version)","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Item":{"id":{"S":"a"},"_version":{"N":"1"},"_lastChangedAt":{"N":"1700000000000"}},"ExpressionAttributeNames":{"#appsync_version":"_version"}}
            → dynamodb PutItem in us-east-1 {"TableName":"Changes","Item":{"id":{"S":"a"},"_version":{"N":"1"},"_lastChangedAt":{"N":"1700000000000"},"ds_pk":{"S":"AppSync-delta-sync-pk:Posts:2023-11-14"},"ds_sk":{"S":"22:13:20.000:a:1"},"_ttl":{"N":"1700001800"}}}
            ✗ DeltaSyncWriteError: Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: R) result {"id":"a","_version":1,"_lastChangedAt":1700000000000} data {"id":"a","_version":1,"_lastChangedAt":1700000000000}
        "##]],
    )
    .await;
}

#[tokio::test]
async fn a_partition_of_the_changes_is_asked_alone() {
    let filter = r##""filter": {"expression": "(#id = :id) AND (n > :n)", "expressionNames": {"#id": "id"},
        "expressionValues": {":id": {"S": "a"}, ":n": {"N": 1}}}"##;
    let nothing = r#"{"Items": [], "ScannedCount": 0}"#;
    check(
        TABLE,
        &[
            &format!(r#"{{"operation": "Sync", "basePartitionKey": "id", {filter}}}"#),
            &format!(r#"{{"operation": "Sync", "basePartitionKey": "id", "lastSync": {NOW}, {filter}}}"#),
            &format!(r#"{{"operation": "Sync", "basePartitionKey": "id", "deltaIndexName": "by-day", "lastSync": {NOW}}}"#),
            &format!(r#"{{"operation": "Sync", "lastSync": {}}}"#, NOW - 30 * 60_000 - 1),
        ],
        &[nothing, nothing, nothing, nothing],
        expect![[r##"
            → dynamodb Query in us-east-1 {"TableName":"Posts","Limit":100,"FilterExpression":"(n > :n)","KeyConditionExpression":"#appsync_partition = :appsync_partition","ExpressionAttributeNames":{"#appsync_partition":"id"},"ExpressionAttributeValues":{":n":{"N":"1"},":appsync_partition":{"S":"a"}}}
            {"items":[],"nextToken":null,"scannedCount":0,"startedAt":1700000000000}
            → dynamodb Query in us-east-1 {"TableName":"Changes","Limit":100,"FilterExpression":"(n > :n)","KeyConditionExpression":"#appsync_day = :appsync_day AND #appsync_time >= :appsync_time","ExpressionAttributeNames":{"#appsync_day":"ds_pk","#appsync_time":"ds_sk"},"ExpressionAttributeValues":{":n":{"N":"1"},":appsync_day":{"S":"AppSync-delta-sync-pk:Posts:2023-11-14:a"},":appsync_time":{"S":"22:13:20.000"}}}
            {"items":[],"nextToken":null,"scannedCount":0,"startedAt":1700000000000}
            → dynamodb Query in us-east-1 {"TableName":"Changes","Limit":100,"IndexName":"by-day","KeyConditionExpression":"#appsync_day = :appsync_day AND #appsync_time >= :appsync_time","ExpressionAttributeNames":{"#appsync_day":"gsi_ds_pk","#appsync_time":"gsi_ds_sk"},"ExpressionAttributeValues":{":appsync_day":{"S":"AppSync-delta-sync-pk:Posts:2023-11-14"},":appsync_time":{"S":"22:13:20.000"}}}
            {"items":[],"nextToken":null,"scannedCount":0,"startedAt":1700000000000}
            → dynamodb Scan in us-east-1 {"TableName":"Posts","Limit":100}
            {"items":[],"nextToken":null,"scannedCount":0,"startedAt":1700000000000}
        "##]],
    )
    .await;
}
