//! Operations as scripts: calls in, all that they answer out.

mod support;

use expect_test::{Expect, expect};
use support::{Folder, told};
use tables::Tables;

const CREATE: &str = r#"CreateTable {"TableName":"Orders","BillingMode":"PAY_PER_REQUEST",
    "AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"at","AttributeType":"N"}],
    "KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}]}"#;

/// After a table `Orders` was made.
async fn check(lines: &[&str], expected: Expect) {
    let folder = Folder::new();
    let tables = Tables::open(folder.path()).unwrap();
    told(&tables, CREATE).await;
    let mut all = String::new();
    for line in lines {
        all += &(told(&tables, line).await + "\n");
    }
    expected.assert_eq(&all);
}

#[tokio::test]
async fn tables_are_made_described_listed_and_deleted() {
    check(
        &[
            r#"DescribeTable {"TableName":"Orders"}"#,
            CREATE,
            "ListTables",
            r#"DescribeContinuousBackups {"TableName":"Orders"}"#,
            r#"DescribeContinuousBackups {"TableName":"Other"}"#,
            r#"TagResource {"ResourceArn":"arn:aws:dynamodb:eu-west-1:123456789012:table/Orders","Tags":[{"Key":"k","Value":"v"}]}"#,
            r#"ListTagsOfResource {"ResourceArn":"arn:aws:dynamodb:eu-west-1:123456789012:table/Orders"}"#,
            r#"DeleteTable {"TableName":"Orders"}"#,
            r#"DescribeTable {"TableName":"Orders"}"#,
            "DescribeEndpoints",
        ],
        expect![[r#"
            {"Table":{"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"at","AttributeType":"N"}],"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"DeletionProtectionEnabled":false,"ItemCount":0,"KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}],"ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"WriteCapacityUnits":0},"TableArn":"arn:aws:dynamodb:eu-west-1:123456789012:table/Orders","TableName":"Orders","TableSizeBytes":0,"TableStatus":"ACTIVE"}}
            400 ResourceInUseException: Table already exists: Orders
            {"TableNames":["Orders"]}
            {"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"DISABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}
            400 TableNotFoundException: Table not found: Other
            {}
            {"Tags":[{"Key":"k","Value":"v"}]}
            {"TableDescription":{"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},{"AttributeName":"at","AttributeType":"N"}],"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"},"DeletionProtectionEnabled":false,"ItemCount":0,"KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}],"ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"WriteCapacityUnits":0},"TableArn":"arn:aws:dynamodb:eu-west-1:123456789012:table/Orders","TableName":"Orders","TableSizeBytes":0,"TableStatus":"DELETING"}}
            400 ResourceNotFoundException: Requested resource not found: Table: Orders not found
            {"Endpoints":[{"Address":"127.0.0.1:8083","CachePeriodInMinutes":1440}]}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn items_are_put_read_changed_and_deleted() {
    check(
        &[
            r#"PutItem {"TableName":"Orders","Item":{"id":{"S":"a"},"at":{"N":"1"},"n":{"N":"5"},"l":{"L":[{"S":"x"}]}}}"#,
            r#"PutItem {"TableName":"Orders","Item":{"id":{"S":"a"},"at":{"N":"1"},"n":{"N":"6"}},"ReturnValues":"ALL_OLD"}"#,
            r#"GetItem {"TableName":"Orders","Key":{"id":{"S":"a"},"at":{"N":"1"}},"ConsistentRead":true}"#,
            r#"GetItem {"TableName":"Orders","Key":{"id":{"S":"b"},"at":{"N":"1"}}}"#,
            r##"UpdateItem {"TableName":"Orders","Key":{"id":{"S":"a"},"at":{"N":"1"}},"UpdateExpression":"SET #n = #n + :one, m = if_not_exists(m, :one)","ExpressionAttributeNames":{"#n":"n"},"ExpressionAttributeValues":{":one":{"N":"1"}},"ReturnValues":"ALL_NEW"}"##,
            r#"DeleteItem {"TableName":"Orders","Key":{"id":{"S":"a"},"at":{"N":"1"}},"ReturnValues":"ALL_OLD"}"#,
            r#"DeleteItem {"TableName":"Orders","Key":{"id":{"S":"a"},"at":{"N":"1"}}}"#,
        ],
        expect![[r#"
            {}
            {"Attributes":{"at":{"N":"1"},"id":{"S":"a"},"l":{"L":[{"S":"x"}]},"n":{"N":"5"}}}
            {"Item":{"at":{"N":"1"},"id":{"S":"a"},"n":{"N":"6"}}}
            {}
            {"Attributes":{"at":{"N":"1"},"id":{"S":"a"},"m":{"N":"1"},"n":{"N":"7"}}}
            {"Attributes":{"at":{"N":"1"},"id":{"S":"a"},"m":{"N":"1"},"n":{"N":"7"}}}
            {}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn queries_and_scans_have_pages_and_filters() {
    check(
        &[
            r#"BatchWriteItem {"RequestItems":{"Orders":[
                {"PutRequest":{"Item":{"id":{"S":"a"},"at":{"N":"10"}}}},{"PutRequest":{"Item":{"id":{"S":"a"},"at":{"N":"9"}}}},
                {"PutRequest":{"Item":{"id":{"S":"a"},"at":{"N":"-1"}}}},{"PutRequest":{"Item":{"id":{"S":"b"},"at":{"N":"2"},"ok":{"BOOL":true}}}}]}}"#,
            r#"Query {"TableName":"Orders","KeyConditionExpression":"id = :id AND at BETWEEN :a AND :b","ExpressionAttributeValues":{":id":{"S":"a"},":a":{"N":"-5"},":b":{"N":"9"}}}"#,
            r##"Query {"TableName":"Orders","KeyConditionExpression":"id = :id AND #at BETWEEN :a AND :b","ExpressionAttributeNames":{"#at":"at"},"ExpressionAttributeValues":{":id":{"S":"a"},":a":{"N":"-5"},":b":{"N":"9"}}}"##,
            r#"Query {"TableName":"Orders","KeyConditionExpression":"id = :id","FilterExpression":"at = :id","ExpressionAttributeValues":{":id":{"S":"a"}}}"#,
            r#"Scan {"TableName":"Orders","FilterExpression":"at = :id","ExpressionAttributeValues":{":id":{"S":"a"}}}"#,
            r#"Query {"TableName":"Orders","KeyConditionExpression":"id = :id","ExpressionAttributeValues":{":id":{"S":"a"}},"ScanIndexForward":false,"Limit":1}"#,
            r#"Scan {"TableName":"Orders","FilterExpression":"attribute_exists(ok)","Select":"COUNT"}"#,
            r#"BatchGetItem {"RequestItems":{"Orders":{"Keys":[{"id":{"S":"b"},"at":{"N":"2"}}],"ProjectionExpression":"ok"}}}"#,
        ],
        expect![[r#"
            {"UnprocessedItems":{}}
            400 ValidationException: Invalid KeyConditionExpression: Attribute name is a reserved keyword; reserved keyword: at
            {"Count":2,"Items":[{"at":{"N":"-1"},"id":{"S":"a"}},{"at":{"N":"9"},"id":{"S":"a"}}],"ScannedCount":2}
            400 ValidationException: Invalid FilterExpression: Attribute name is a reserved keyword; reserved keyword: at
            400 ValidationException: Invalid FilterExpression: Attribute name is a reserved keyword; reserved keyword: at
            {"Count":1,"Items":[{"at":{"N":"10"},"id":{"S":"a"}}],"LastEvaluatedKey":{"at":{"N":"10"},"id":{"S":"a"}},"ScannedCount":1}
            {"Count":1,"ScannedCount":4}
            {"Responses":{"Orders":[{"ok":{"BOOL":true}}]},"UnprocessedKeys":{}}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn errors_are_in_dynamodbs_words_and_shapes() {
    check(
        &[
            r#"GetItem {"TableName":"Nothing","Key":{"id":{"S":"a"}}}"#,
            r#"GetItem {"TableName":"Orders","Key":{"id":{"S":"a"}}}"#,
            r#"PutItem {"TableName":"Orders","Item":{"at":{"N":"1"}}}"#,
            r#"PutItem {"TableName":"Orders","Item":{"id":{"S":""},"at":{"N":"1"}}}"#,
            r#"PutItem {"TableName":"Orders","Item":{"id":{"S":"a"},"at":{"N":"x"}}}"#,
            r#"PutItem {"TableName":"Orders","Item":{"id":{"S":"a"},"at":{"N":"1"},"e":{}}}"#,
            r#"PutItem {"TableName":"Orders","Item":{"id":{"S":"a"},"at":{"N":"1"},"v":{"S":"old"}}}"#,
            r#"PutItem {"TableName":"Orders","Item":{"id":{"S":"a"},"at":{"N":"1"}},"ConditionExpression":"attribute_not_exists(id)"}"#,
            r#"PutItem {"TableName":"Orders","Item":{"id":{"S":"a"},"at":{"N":"1"}},"ConditionExpression":"attribute_not_exists(id)","ReturnValuesOnConditionCheckFailure":"ALL_OLD"}"#,
            r#"UpdateItem {"TableName":"Orders","Key":{"id":{"S":"a"},"at":{"N":"1"}},"UpdateExpression":"SET a = :x, a = :x","ExpressionAttributeValues":{":x":{"N":"1"}}}"#,
            r#"UpdateItem {"TableName":"Orders","Key":{"id":{"S":"a"},"at":{"N":"1"}},"UpdateExpression":"SET a","ExpressionAttributeValues":{":x":{"N":"1"}}}"#,
            r#"UpdateItem {"TableName":"Orders","Key":{"id":{"S":"a"},"at":{"N":"1"}},"UpdateExpression":"SET a = :y","ExpressionAttributeValues":{":x":{"N":"1"},":y":{"N":"1"}}}"#,
            r#"PutItem {"Item":{"id":{"S":"a"}}}"#,
            r#"TransactWriteItems {"TransactItems":[{"Put":{"TableName":"Orders","Item":{"id":{"S":"c"},"at":{"N":"1"}}}},{"ConditionCheck":{"TableName":"Orders","Key":{"id":{"S":"a"},"at":{"N":"1"}},"ConditionExpression":"v = :v","ExpressionAttributeValues":{":v":{"S":"new"}},"ReturnValuesOnConditionCheckFailure":"ALL_OLD"}}]}"#,
            r#"GetItem {"TableName":"Orders","Key":{"id":{"S":"c"},"at":{"N":"1"}}}"#,
        ],
        expect![[r#"
            400 ResourceNotFoundException: Requested resource not found
            400 ValidationException: The provided key element does not match the schema
            400 ValidationException: One or more parameter values were invalid: Missing the key id in the item
            400 ValidationException: One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: id
            400 ValidationException: 1 validation error detected: The parameter cannot be converted to a numeric value: x
            400 ValidationException: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes
            {}
            400 ConditionalCheckFailedException: The conditional request failed
            400 ConditionalCheckFailedException: The conditional request failed {"Item":{"at":{"N":"1"},"id":{"S":"a"},"v":{"S":"old"}}}
            400 ValidationException: 1 validation error detected: Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]
            400 ValidationException: 1 validation error detected: Invalid UpdateExpression: Syntax error; token: "<EOF>", near: "a"
            400 ValidationException: 1 validation error detected: Value provided in ExpressionAttributeValues unused in expressions: keys: {:x}
            400 ValidationException: 1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null
            400 TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed] {"CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Item":{"at":{"N":"1"},"id":{"S":"a"},"v":{"S":"old"}},"Message":"The conditional request failed"}]}
            {}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn what_cannot_be_honoured_is_refused() {
    check(
        &[
            r#"CreateBackup {"TableName":"Orders","BackupName":"b"}"#,
            r#"UpdateTable {"TableName":"Orders","SSESpecification":{"Enabled":true}}"#,
            r#"UpdateTable {"TableName":"Orders","ReplicaUpdates":[{"Create":{"RegionName":"us-east-1"}}]}"#,
            r#"CreateTable {"TableName":"Things","BillingMode":"PAY_PER_REQUEST","SSESpecification":{"Enabled":false},"AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"GlobalSecondaryIndexes":[{"IndexName":"i","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"},"WarmThroughput":{"ReadUnitsPerSecond":1}}]}"#,
        ],
        expect![[r#"
            400 UnknownOperationException: This server's DynamoDB has no CreateBackup. It has tables, items, batches, transactions, PartiQL, streams, tags and time to live; set [endpoints] dynamodb to call another.
            400 ValidationException: SSESpecification is not supported: this server does not encrypt tables with keys of KMS. Leave it out.
            400 ValidationException: ReplicaUpdates is not supported: this server has one region only. Leave it out.
            400 ValidationException: WarmThroughput is not supported: this server reserves no throughput. Leave it out.
        "#]],
    )
    .await;
}

#[tokio::test]
async fn streams_tell_what_was_written() {
    let folder = Folder::new();
    let tables = Tables::open(folder.path()).unwrap();
    told(&tables, CREATE).await;
    let enabled =
        r#"{"TableName":"Orders","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}}"#;
    let described = support::call(&tables, "UpdateTable", enabled).await.unwrap();
    let arn = described
        .get("TableDescription")
        .unwrap()
        .get("LatestStreamArn")
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned();
    assert!(arn.starts_with("arn:aws:dynamodb:eu-west-1:123456789012:table/Orders/stream/"), "{arn}");
    let put = r#"{"TableName":"Orders","Item":{"id":{"S":"a"},"at":{"N":"1"}}}"#;
    support::call(&tables, "PutItem", put).await.unwrap();
    let stream =
        support::call(&tables, "DescribeStream", &format!(r#"{{"StreamArn":"{arn}"}}"#)).await.unwrap();
    let shard = stream
        .get("StreamDescription")
        .unwrap()
        .get("Shards")
        .unwrap()
        .at(0)
        .unwrap()
        .get("ShardId")
        .unwrap();
    let input = format!(r#"{{"StreamArn":"{arn}","ShardId":{shard},"ShardIteratorType":"TRIM_HORIZON"}}"#);
    let iterator = support::call(&tables, "GetShardIterator", &input).await.unwrap();
    let input = json::value!({ "ShardIterator": (iterator.get("ShardIterator").unwrap().clone()) }).to_text();
    let records = support::call(&tables, "GetRecords", &input).await.unwrap();
    let record = records.get("Records").unwrap().at(0).unwrap();
    assert_eq!(record.get("awsRegion"), Some(&"eu-west-1".into()));
    assert_eq!(record.get("eventName"), Some(&"INSERT".into()));
    assert!(record.get("dynamodb").unwrap().get("NewImage").is_some(), "{record}");
}
