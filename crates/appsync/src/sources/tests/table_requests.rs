//! DynamoDB, operation by operation: what is asked, to the letter.

use super::*;
use expect_test::expect;

const TABLE: &str = r##"{"name": "t", "type": "AMAZON_DYNAMODB", "serviceRoleArn": "role",
    "dataSourceArn": "arn:aws:appsync:us-east-1:123456789012:apis/a/datasources/t",
    "dynamodbConfig": {"tableName": "Posts", "awsRegion": "us-east-1"}}"##;

#[tokio::test]
async fn an_item_is_got() {
    check(
        TABLE,
        &[
            r##"{"operation": "GetItem", "key": {"id": {"S": "a"}}}"##,
            r##"{"version": "2017-02-28", "operation": "GetItem", "key": {"id": {"N": 1}}, "consistentRead": true,
                "projection": {"expression": "#a", "expressionNames": {"#a": "title"}}}"##,
            r##"{"operation": "GetItem", "key": {"id": {"S": "a"}}}"##,
        ],
        &[
            r##"{"Item": {"id": {"S": "a"}, "n": {"N": "1.50"}, "tags": {"SS": ["x"]}, "raw": {"B": "aGk="}}}"##,
            "{}",
            "!ResourceNotFoundException: Requested resource not found",
        ],
        expect![[r##"
            → dynamodb GetItem in us-east-1 as role {"TableName":"Posts","Key":{"id":{"S":"a"}}}
            {"id":"a","n":1.5,"tags":["x"],"raw":"aGk="}
            → dynamodb GetItem in us-east-1 as role {"TableName":"Posts","Key":{"id":{"N":"1"}},"ConsistentRead":true,"ProjectionExpression":"#a","ExpressionAttributeNames":{"#a":"title"}}
            null
            → dynamodb GetItem in us-east-1 as role {"TableName":"Posts","Key":{"id":{"S":"a"}}}
            ✗ DynamoDB:ResourceNotFoundException: Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: R)
        "##]],
    )
    .await;
}

#[tokio::test]
async fn requests_are_checked_first() {
    check(
        TABLE,
        &[
            "{}",
            r##"{"operation": "Get"}"##,
            r##"{"operation": "GetItem"}"##,
            r##"{"operation": "GetItem", "key": {"id": "a"}}"##,
            r##"{"operation": "GetItem", "key": {"id": {"S": "a"}}, "returnValues": "ALL_NEW"}"##,
            r##"{"operation": "PutItem", "key": {"id": {"S": "a"}}, "attributeValues": {"x": {"Q": 1}}}"##,
            r##"{"operation": "UpdateItem", "key": {"id": {"S": "a"}}, "update": {}}"##,
            r##"{"operation": "UpdateItem", "key": {"id": {"S": "a"}}, "update": {"expression": "SET #a = :v",
                "expressionNames": {"#a": "x"}, "expressionValues": {":v": {"S": "y"}}},
                "condition": {"expression": "#a = :w", "expressionNames": {"#a": "z"}}}"##,
            r##"{"version": "2017-02-28", "operation": "BatchGetItem", "tables": {}}"##,
            r##"{"operation": "Sync"}"##,
            r##"{"operation": "Scan", "nextToken": "bm9uc2Vuc2U="}"##,
            r##"{"operation": "DeleteItem", "key": {"id": {"S": "a"}}, "condition": {"expression": "x",
                "conditionalCheckFailedHandler": {"strategy": "Custom"}}}"##,
        ],
        &[],
        expect![[r#"
            ✗ MappingTemplate: Value for field '$[operation]' not found.
            ✗ MappingTemplate: Unsupported operation 'Get'.
            ✗ MappingTemplate: Value for field '$[key]' not found.
            ✗ MappingTemplate: Expected JSON object for attribute value '$[key][id]' but got a 'STRING' instead.
            ✗ MappingTemplate: Unsupported element '$[returnValues]'.
            ✗ MappingTemplate: Attribute value '$[attributeValues][x]' has the unknown type 'Q'.
            ✗ MappingTemplate: Value for field '$[update][expression]' not found.
            ✗ MappingTemplate: '#a' stands for one thing in one expression and for another in the other.
            ✗ MappingTemplate: Unsupported operation 'BatchGetItem'.
            ✗ MappingTemplate: Unsupported operation 'Sync'. It needs a data source that is versioned.
            ✗ DynamoDB:UserIllegalArgumentException: com.amazonaws.deepdish.common.pagination.InvalidPaginationTokenException: Invalid pagination token given.
            ✗ MappingTemplate: Value for field '$[condition][conditionalCheckFailedHandler][lambdaArn]' not found.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn items_are_written() {
    check(
        TABLE,
        &[
            r##"{"operation": "PutItem", "key": {"id": {"S": "a"}}, "attributeValues": {"n": {"N": 10}}}"##,
            r##"{"operation": "PutItem", "key": {"id": {"S": "a"}}, "condition": {"expression": "attribute_not_exists(#id)",
                "expressionNames": {"#id": "id"}, "expressionValues": {}}}"##,
            r##"{"operation": "UpdateItem", "key": {"id": {"S": "a"}}, "update": {"expression": "SET #n = :n",
                "expressionNames": {"#n": "n"}, "expressionValues": {":n": {"N": 1}}},
                "condition": {"expression": "#n < :m", "expressionNames": {"#n": "n"}, "expressionValues": {":m": {"N": 9}}}}"##,
            r##"{"operation": "DeleteItem", "key": {"id": {"S": "a"}}}"##,
            r##"{"operation": "DeleteItem", "key": {"id": {"S": "b"}}}"##,
        ],
        &["{}", "{}", r##"{"Attributes": {"id": {"S": "a"}, "n": {"N": "1"}}}"##, r##"{"Attributes": {"id": {"S": "a"}}}"##, "{}"],
        expect![[r##"
            → dynamodb PutItem in us-east-1 as role {"TableName":"Posts","Item":{"id":{"S":"a"},"n":{"N":"10"}}}
            {"id":"a","n":10}
            → dynamodb PutItem in us-east-1 as role {"TableName":"Posts","ConditionExpression":"attribute_not_exists(#id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Item":{"id":{"S":"a"}},"ExpressionAttributeNames":{"#id":"id"}}
            {"id":"a"}
            → dynamodb UpdateItem in us-east-1 as role {"TableName":"Posts","ConditionExpression":"#n < :m","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Key":{"id":{"S":"a"}},"UpdateExpression":"SET #n = :n","ReturnValues":"ALL_NEW","ExpressionAttributeNames":{"#n":"n"},"ExpressionAttributeValues":{":m":{"N":"9"},":n":{"N":"1"}}}
            {"id":"a","n":1}
            → dynamodb DeleteItem in us-east-1 as role {"TableName":"Posts","Key":{"id":{"S":"a"}},"ReturnValues":"ALL_OLD"}
            {"id":"a"}
            → dynamodb DeleteItem in us-east-1 as role {"TableName":"Posts","Key":{"id":{"S":"b"}},"ReturnValues":"ALL_OLD"}
            null
        "##]],
    )
    .await;
}

const FAILED: &str = "!ConditionalCheckFailedException: The conditional request failed";

#[tokio::test]
async fn a_condition_that_does_not_hold_fails_unless_all_is_as_it_was_wanted() {
    let put = r##"{"operation": "PutItem", "key": {"id": {"S": "a"}}, "attributeValues": {"n": {"N": 1}, "v": {"N": 2}},
        "condition": {"expression": "attribute_not_exists(id)", "equalsIgnore": ["v"]}}"##;
    let delete =
        r##"{"operation": "DeleteItem", "key": {"id": {"S": "a"}}, "condition": {"expression": "n = n"}}"##;
    let with = |item: &str| format!(r##"{FAILED} {{"Item": {item}}}"##);
    check(
        TABLE,
        &[put, put, delete, delete],
        &[
            &with(r##"{"id": {"S": "a"}, "n": {"N": "1.0"}, "v": {"N": "7"}}"##),
            &with(r##"{"id": {"S": "a"}, "n": {"N": "3"}}"##),
            FAILED,
            &with(r##"{"id": {"S": "a"}}"##),
        ],
        expect![[r#"
            → dynamodb PutItem in us-east-1 as role {"TableName":"Posts","ConditionExpression":"attribute_not_exists(id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Item":{"id":{"S":"a"},"n":{"N":"1"},"v":{"N":"2"}}}
            {"id":"a","n":1.0,"v":7}
            → dynamodb PutItem in us-east-1 as role {"TableName":"Posts","ConditionExpression":"attribute_not_exists(id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Item":{"id":{"S":"a"},"n":{"N":"1"},"v":{"N":"2"}}}
            ✗ DynamoDB:ConditionalCheckFailedException: The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: R) result {"id":"a","n":3} data {"id":"a","n":3}
            → dynamodb DeleteItem in us-east-1 as role {"TableName":"Posts","ConditionExpression":"n = n","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Key":{"id":{"S":"a"}},"ReturnValues":"ALL_OLD"}
            null
            → dynamodb DeleteItem in us-east-1 as role {"TableName":"Posts","ConditionExpression":"n = n","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Key":{"id":{"S":"a"}},"ReturnValues":"ALL_OLD"}
            ✗ DynamoDB:ConditionalCheckFailedException: The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: R) result {"id":"a"} data {"id":"a"}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_function_may_decide() {
    let put = r##"{"operation": "PutItem", "key": {"id": {"S": "a"}}, "condition": {"expression": "attribute_not_exists(id)",
        "conditionalCheckFailedHandler": {"strategy": "Custom", "lambdaArn": "decide"}}}"##;
    let failed = format!(r##"{FAILED} {{"Item": {{"id": {{"S": "a"}}, "n": {{"N": "3"}}}}}}"##);
    check(
        TABLE,
        &[put, put, put, put],
        &[
            &failed,
            r##"{"Payload": "{\"action\":\"reject\"}"}"##,
            &failed,
            r##"{"Payload": "{\"action\":\"discard\"}"}"##,
            &failed,
            r##"{"Payload": "{\"action\":\"retry\",\"requestMapping\":{\"operation\":\"PutItem\",\"key\":{\"id\":{\"S\":\"b\"}}}}"}"##,
            "{}",
            &failed,
            r##"{"Payload": "{\"action\":\"shrug\"}"}"##,
        ],
        expect![[r#"
            → dynamodb PutItem in us-east-1 as role {"TableName":"Posts","ConditionExpression":"attribute_not_exists(id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Item":{"id":{"S":"a"}}}
            → lambda Invoke as role {"FunctionName":"decide","InvocationType":"RequestResponse"} {"arguments":{"id":"a"},"resolver":{"tableName":"Posts","awsRegion":"us-east-1","parentType":"Mutation","field":"f"},"identity":{"sub":"ada"},"requestMapping":{"operation":"PutItem","key":{"id":{"S":"a"}},"condition":{"expression":"attribute_not_exists(id)","conditionalCheckFailedHandler":{"strategy":"Custom","lambdaArn":"decide"}}},"currentValue":{"id":"a","n":3}}
            ✗ DynamoDB:ConditionalCheckFailedException: The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: R) result {"id":"a","n":3} data {"id":"a","n":3}
            → dynamodb PutItem in us-east-1 as role {"TableName":"Posts","ConditionExpression":"attribute_not_exists(id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Item":{"id":{"S":"a"}}}
            → lambda Invoke as role {"FunctionName":"decide","InvocationType":"RequestResponse"} {"arguments":{"id":"a"},"resolver":{"tableName":"Posts","awsRegion":"us-east-1","parentType":"Mutation","field":"f"},"identity":{"sub":"ada"},"requestMapping":{"operation":"PutItem","key":{"id":{"S":"a"}},"condition":{"expression":"attribute_not_exists(id)","conditionalCheckFailedHandler":{"strategy":"Custom","lambdaArn":"decide"}}},"currentValue":{"id":"a","n":3}}
            {"id":"a","n":3}
            → dynamodb PutItem in us-east-1 as role {"TableName":"Posts","ConditionExpression":"attribute_not_exists(id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Item":{"id":{"S":"a"}}}
            → lambda Invoke as role {"FunctionName":"decide","InvocationType":"RequestResponse"} {"arguments":{"id":"a"},"resolver":{"tableName":"Posts","awsRegion":"us-east-1","parentType":"Mutation","field":"f"},"identity":{"sub":"ada"},"requestMapping":{"operation":"PutItem","key":{"id":{"S":"a"}},"condition":{"expression":"attribute_not_exists(id)","conditionalCheckFailedHandler":{"strategy":"Custom","lambdaArn":"decide"}}},"currentValue":{"id":"a","n":3}}
            → dynamodb PutItem in us-east-1 as role {"TableName":"Posts","Item":{"id":{"S":"b"}}}
            {"id":"b"}
            → dynamodb PutItem in us-east-1 as role {"TableName":"Posts","ConditionExpression":"attribute_not_exists(id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD","Item":{"id":{"S":"a"}}}
            → lambda Invoke as role {"FunctionName":"decide","InvocationType":"RequestResponse"} {"arguments":{"id":"a"},"resolver":{"tableName":"Posts","awsRegion":"us-east-1","parentType":"Mutation","field":"f"},"identity":{"sub":"ada"},"requestMapping":{"operation":"PutItem","key":{"id":{"S":"a"}},"condition":{"expression":"attribute_not_exists(id)","conditionalCheckFailedHandler":{"strategy":"Custom","lambdaArn":"decide"}}},"currentValue":{"id":"a","n":3}}
            ✗ MappingTemplate: The handler of a failed condition said 'shrug', which is none of reject, discard and retry.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn pages_are_read() {
    check(
        TABLE,
        &[
            r##"{"operation": "Query", "query": {"expression": "#id = :id", "expressionNames": {"#id": "id"},
                "expressionValues": {":id": {"S": "a"}}}, "index": "by-id", "limit": 2.0, "scanIndexForward": false,
                "filter": {"expression": "n > :n", "expressionValues": {":n": {"N": 0}}}, "select": "ALL_ATTRIBUTES"}"##,
            r##"{"operation": "Scan", "limit": 1, "totalSegments": 2, "segment": 1, "filter": {"expression": ""}}"##,
        ],
        &[
            r##"{"Items": [{"id": {"S": "a"}}], "Count": 1, "ScannedCount": 2}"##,
            r##"{"Items": [], "ScannedCount": 1}"##,
        ],
        expect![[r##"
            → dynamodb Query in us-east-1 as role {"TableName":"Posts","KeyConditionExpression":"#id = :id","ScanIndexForward":false,"IndexName":"by-id","FilterExpression":"n > :n","Limit":2,"Select":"ALL_ATTRIBUTES","ExpressionAttributeNames":{"#id":"id"},"ExpressionAttributeValues":{":id":{"S":"a"},":n":{"N":"0"}}}
            {"items":[{"id":"a"}],"nextToken":null,"scannedCount":2}
            → dynamodb Scan in us-east-1 as role {"TableName":"Posts","TotalSegments":2,"Segment":1,"Limit":1}
            {"items":[],"nextToken":null,"scannedCount":1}
        "##]],
    )
    .await;
}

#[tokio::test]
async fn a_position_is_for_its_own_field_and_data_source() {
    let page = r##"{"Items": [], "ScannedCount": 1, "LastEvaluatedKey": {"id": {"S": "z"}}}"##;
    let (outside, context, sync) = (outside(&[page, page]), context(), SyncConfig::default());
    let memory = memory();
    let asking =
        Asking { outside: &outside, memory: &memory, is_old_version: false, sync: &sync, context: &context };
    let source = DataSource::of(&parsed(TABLE));
    let first = source.ask(&parsed(r##"{"operation": "Scan"}"##), asking).await;
    let token = first.result.get("nextToken").and_then(Value::as_str).unwrap();
    let next = json::value!({"operation": "Scan", "nextToken": token});
    let second = source.ask(&next, asking).await;
    assert_eq!(second.error, None);
    let asked =
        outside.calls.lock().unwrap().last().and_then(|call| call.input.get("ExclusiveStartKey").cloned());
    assert_eq!(asked, Some(parsed(r##"{"id": {"S": "z"}}"##)));
    let other_api = DataSource::of(&parsed(&TABLE.replace("apis/a/", "apis/b/")));
    let other_table = DataSource::of(&parsed(&TABLE.replace("Posts", "Drafts")));
    let mut other_field = context.clone();
    other_field.insert("info", json::value!({"parentTypeName": "Mutation", "fieldName": "g"}));
    for (source, context) in [(&other_api, &context), (&other_table, &context), (&source, &other_field)] {
        let refused = source.ask(&next, Asking { context, ..asking }).await.error.unwrap();
        assert_eq!(refused.error_type, "DynamoDB:UserIllegalArgumentException");
    }
    assert_eq!(outside.calls.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn batches_keep_their_order() {
    check(
        TABLE,
        &[
            r##"{"operation": "BatchGetItem", "tables": {
                "A": {"keys": [{"id": {"N": 1}}, {"id": {"N": 2}}, {"id": {"N": 3}}],
                    "projection": {"expression": "#t", "expressionNames": {"#t": "title"}}, "consistentRead": true},
                "B": [{"id": {"S": "x"}}]}}"##,
            r##"{"operation": "BatchPutItem", "tables": {"A": [{"id": {"S": "a"}, "n": {"N": 1}}, {"id": {"S": "b"}}]}}"##,
            r##"{"operation": "BatchDeleteItem", "tables": {"A": [{"id": {"S": "a"}}]}}"##,
        ],
        &[
            r##"{"Responses": {"A": [{"id": {"N": "3"}, "title": {"S": "three"}}, {"id": {"N": "1.0"}, "title": {"S": "one"}}], "B": []},
                "UnprocessedKeys": {"B": {"Keys": [{"id": {"S": "x"}}]}}}"##,
            r##"{"UnprocessedItems": {"A": [{"PutRequest": {"Item": {"id": {"S": "b"}}}}]}}"##,
            r##"{"UnprocessedItems": {}}"##,
        ],
        expect![[r##"
            → dynamodb BatchGetItem in us-east-1 as role {"RequestItems":{"A":{"Keys":[{"id":{"N":"1"}},{"id":{"N":"2"}},{"id":{"N":"3"}}],"ConsistentRead":true,"ProjectionExpression":"#t, #appsync_key_0","ExpressionAttributeNames":{"#t":"title","#appsync_key_0":"id"}},"B":{"Keys":[{"id":{"S":"x"}}]}}}
            {"data":{"A":[{"title":"one"},null,{"title":"three"}],"B":[null]},"unprocessedKeys":{"A":[],"B":[{"id":"x"}]}}
            → dynamodb BatchWriteItem in us-east-1 as role {"RequestItems":{"A":[{"PutRequest":{"Item":{"id":{"S":"a"},"n":{"N":"1"}}}},{"PutRequest":{"Item":{"id":{"S":"b"}}}}]}}
            {"data":{"A":[{"id":"a","n":1},null]},"unprocessedItems":{"A":[{"id":"b"}]}}
            → dynamodb BatchWriteItem in us-east-1 as role {"RequestItems":{"A":[{"DeleteRequest":{"Key":{"id":{"S":"a"}}}}]}}
            {"data":{"A":[{"id":"a"}]},"unprocessedKeys":{"A":[]}}
        "##]],
    )
    .await;
}

#[tokio::test]
async fn transactions_are_all_or_nothing() {
    let write = r##"{"operation": "TransactWriteItems", "transactItems": [
        {"table": "A", "operation": "PutItem", "key": {"id": {"S": "a"}}, "attributeValues": {"n": {"N": 1}}},
        {"table": "A", "operation": "UpdateItem", "key": {"id": {"S": "b"}}, "update": {"expression": "SET n = :n",
            "expressionValues": {":n": {"N": 1}}}, "condition": {"expression": "attribute_exists(id)",
            "returnValuesOnConditionCheckFailure": false}},
        {"table": "B", "operation": "DeleteItem", "key": {"id": {"S": "c"}}},
        {"table": "B", "operation": "ConditionCheck", "key": {"id": {"S": "d"}}, "condition": {"expression": "n = :n",
            "expressionValues": {":n": {"N": 1}}}}]}"##;
    check(
        TABLE,
        &[
            r##"{"operation": "TransactGetItems", "transactItems": [{"table": "A", "key": {"id": {"S": "a"}}},
                {"table": "B", "key": {"id": {"S": "b"}}, "projection": {"expression": "title"}}]}"##,
            write,
            write,
            r##"{"operation": "TransactWriteItems", "transactItems": [{"table": "B", "operation": "ConditionCheck", "key": {"id": {"S": "d"}}}]}"##,
        ],
        &[
            r##"{"Responses": [{"Item": {"id": {"S": "a"}}}, {}]}"##,
            "{}",
            r##"!TransactionCanceledException: Transaction cancelled {"CancellationReasons": [{"Code": "None"}, {"Code": "None"}, {"Code": "None"},
                {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": {"id": {"S": "d"}, "n": {"N": "2"}}}]}"##,
        ],
        expect![[r#"
            → dynamodb TransactGetItems in us-east-1 as role {"TransactItems":[{"Get":{"TableName":"A","Key":{"id":{"S":"a"}}}},{"Get":{"TableName":"B","Key":{"id":{"S":"b"}},"ProjectionExpression":"title"}}]}
            {"items":[{"id":"a"},null],"cancellationReasons":null}
            → dynamodb TransactWriteItems in us-east-1 as role {"TransactItems":[{"Put":{"TableName":"A","Item":{"id":{"S":"a"},"n":{"N":"1"}}}},{"Update":{"TableName":"A","Key":{"id":{"S":"b"}},"UpdateExpression":"SET n = :n","ConditionExpression":"attribute_exists(id)","ReturnValuesOnConditionCheckFailure":"NONE","ExpressionAttributeValues":{":n":{"N":"1"}}}},{"Delete":{"TableName":"B","Key":{"id":{"S":"c"}}}},{"ConditionCheck":{"TableName":"B","Key":{"id":{"S":"d"}},"ConditionExpression":"n = :n","ReturnValuesOnConditionCheckFailure":"ALL_OLD","ExpressionAttributeValues":{":n":{"N":"1"}}}}]}
            {"keys":[{"id":"a"},{"id":"b"},{"id":"c"},{"id":"d"}],"cancellationReasons":null}
            → dynamodb TransactWriteItems in us-east-1 as role {"TransactItems":[{"Put":{"TableName":"A","Item":{"id":{"S":"a"},"n":{"N":"1"}}}},{"Update":{"TableName":"A","Key":{"id":{"S":"b"}},"UpdateExpression":"SET n = :n","ConditionExpression":"attribute_exists(id)","ReturnValuesOnConditionCheckFailure":"NONE","ExpressionAttributeValues":{":n":{"N":"1"}}}},{"Delete":{"TableName":"B","Key":{"id":{"S":"c"}}}},{"ConditionCheck":{"TableName":"B","Key":{"id":{"S":"d"}},"ConditionExpression":"n = :n","ReturnValuesOnConditionCheckFailure":"ALL_OLD","ExpressionAttributeValues":{":n":{"N":"1"}}}}]}
            ✗ DynamoDB:TransactionCanceledException: Transaction cancelled (Service: DynamoDb, Status Code: 400, Request ID: R) result {"keys":null,"cancellationReasons":[{"item":null,"type":"None","message":"None"},{"item":null,"type":"None","message":"None"},{"item":null,"type":"None","message":"None"},{"item":{"id":"d","n":2},"type":"ConditionalCheckFailed","message":"The conditional request failed"}]} data {"keys":null,"cancellationReasons":[{"item":null,"type":"None","message":"None"},{"item":null,"type":"None","message":"None"},{"item":null,"type":"None","message":"None"},{"item":{"id":"d","n":2},"type":"ConditionalCheckFailed","message":"The conditional request failed"}]}
            ✗ MappingTemplate: Value for field '$[transactItems][0][condition]' not found.
        "#]],
    )
    .await;
}
