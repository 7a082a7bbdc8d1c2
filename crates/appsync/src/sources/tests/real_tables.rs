//! DynamoDB with tables behind it, as in the server: through the connectors, to a service of this process.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use connectors::{Connectors, Settings};
use expect_test::expect;
use services::{Home, Served, Service};
use tables::Tables;

use super::*;
use crate::outside::{Answering, HttpAnswer};
use crate::sources::SourceError;
use crate::wiring::Connected;

const TABLE: &str = r#"{"name": "t", "type": "AMAZON_DYNAMODB", "dataSourceArn": "arn:t",
    "dynamodbConfig": {"tableName": "Posts", "awsRegion": "us-east-1"}}"#;
const VERSIONED: &str = r#"{"name": "v", "type": "AMAZON_DYNAMODB", "dataSourceArn": "arn:v",
    "dynamodbConfig": {"tableName": "Posts", "awsRegion": "us-east-1", "versioned": true,
    "deltaSyncConfig": {"baseTableTTL": 60, "deltaSyncTableName": "Changes", "deltaSyncTableTTL": "30"}}}"#;

/// A process with tables in memory.
struct World {
    outside: Connected,
    memory: Memory,
    /// Milliseconds since 1970.
    clock: Arc<AtomicI64>,
}

impl World {
    /// `Posts` by `id`, `Changes` for their versions.
    async fn new() -> World {
        let connectors = Connectors::new(Settings::default());
        let service: Arc<dyn Service> = Arc::new(Tables::in_memory());
        let (account, region, base_url) =
            ("123456789012".into(), "us-east-1".into(), "http://127.0.0.1".into());
        Served::new([("dynamodb", service)]).offer_within(&connectors, &Home { account, region, base_url });
        let outside = Connected { connectors, region: "us-east-1".into() };
        let clock = Arc::new(AtomicI64::new(NOW));
        let time = clock.clone();
        let memory = memory_by(Box::new(move || time.load(Ordering::Relaxed)));
        let world = World { outside, memory, clock };
        world.create("Posts", "id", None).await;
        world.create("Changes", "ds_pk", Some("ds_sk")).await;
        world
    }

    async fn create(&self, name: &str, partition: &str, sort: Option<&str>) {
        let attributes = [Some(partition), sort].into_iter().flatten();
        let definitions: Value = attributes
            .clone()
            .map(|name| json::value!({"AttributeName": name, "AttributeType": "S"}))
            .collect();
        let keys: Value = attributes
            .zip(["HASH", "RANGE"])
            .map(|(name, kind)| json::value!({"AttributeName": name, "KeyType": kind}))
            .collect();
        let input = json::value!({
            "TableName": name, "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": definitions, "KeySchema": keys
        });
        let call =
            ServiceCall { service: "dynamodb", operation: "CreateTable", input, ..ServiceCall::default() };
        self.outside.call(call).await.unwrap();
    }

    async fn ask(&self, record: &str, handler: &str, request: &str, now: i64) -> Answer {
        self.clock.store(now, Ordering::Relaxed);
        self.ask_by(&self.outside, record, handler, request).await
    }

    async fn ask_by(&self, outside: &dyn Outside, record: &str, handler: &str, request: &str) -> Answer {
        let (context, source) = (context(), DataSource::of(&parsed(record)));
        let sync = SyncConfig { handler: handler.into(), function_arn: Some("decide".into()) };
        let memory = &self.memory;
        let asking = Asking { outside, memory, is_old_version: false, sync: &sync, context: &context };
        source.ask(&parsed(request), asking).await
    }

    /// A script: `HANDLER SECONDS REQUEST`, where `{…}` is a request and the handler may be `-`.
    async fn check(&self, record: &str, lines: &[&str], expected: Expect) {
        let mut said = String::new();
        for line in lines {
            let mut words = line.trim_start().splitn(3, ' ');
            let mut word = || words.next().unwrap();
            let (handler, seconds, request) = (word(), word().parse::<i64>().unwrap(), word());
            let handler = if handler == "-" { "" } else { handler };
            let answer = self.ask(record, handler, request, NOW + seconds * 1000).await;
            said += &without_ids(&shown(&in_order(answer)));
        }
        expected.assert_eq(&said);
    }
}

/// Attributes have no order.
fn in_order(answer: Answer) -> Answer {
    let error = answer.error.map(|error| SourceError { data: sorted(&error.data), ..error });
    Answer { result: sorted(&answer.result), error }
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> =
                object.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            members.into_iter().collect::<Object>().into()
        }
        Value::Array(items) => items.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

/// A request's id is another one every time.
fn without_ids(text: &str) -> String {
    let Some((before, rest)) = text.split_once("Request ID: ") else { return text.to_owned() };
    let after = rest.split_once(')').map_or("", |(_, after)| after);
    format!("{before}Request ID: …){after}")
}

#[tokio::test]
async fn items_are_written_and_read() {
    let world = World::new().await;
    world
        .check(
            TABLE,
            &[
                r##"- 0 {"operation": "PutItem", "key": {"id": {"S": "a"}}, "attributeValues": {"n": {"N": 10}, "raw": {"B": "aGk="},
                    "none": {"NULL": null}, "tags": {"SS": ["x", "y"]}, "map": {"M": {"deep": {"L": [{"BOOL": true}]}}}}}"##,
                r##"- 0 {"operation": "GetItem", "key": {"id": {"S": "a"}}, "consistentRead": true}"##,
                r##"- 0 {"operation": "GetItem", "key": {"id": {"S": "none"}}}"##,
                r##"- 0 {"operation": "UpdateItem", "key": {"id": {"S": "a"}}, "update": {"expression": "ADD #n :one",
                    "expressionNames": {"#n": "n"}, "expressionValues": {":one": {"N": 1}}}}"##,
                r##"- 0 {"operation": "PutItem", "key": {"id": {"S": "a"}}, "condition": {"expression": "attribute_not_exists(id)"}}"##,
                r##"- 0 {"operation": "PutItem", "key": {"id": {"S": "b"}}, "attributeValues": {"n": {"N": 2.5}}}"##,
                r##"- 0 {"operation": "Query", "query": {"expression": "id = :id", "expressionValues": {":id": {"S": "b"}}}}"##,
                r##"- 0 {"operation": "Scan", "filter": {"expression": "n < :n", "expressionValues": {":n": {"N": 5}}}}"##,
                r##"- 0 {"operation": "DeleteItem", "key": {"id": {"S": "b"}}, "condition": {"expression": "n = :n", "expressionValues": {":n": {"N": 1}}}}"##,
                r##"- 0 {"operation": "DeleteItem", "key": {"id": {"S": "b"}}}"##,
                r##"- 0 {"operation": "DeleteItem", "key": {"id": {"S": "b"}}}"##,
                r##"- 0 {"operation": "DeleteItem", "key": {"id": {"S": "b"}}, "condition": {"expression": "attribute_exists(id)"}}"##,
                r##"- 0 {"operation": "UpdateItem", "key": {"id": {"S": "a"}}, "update": {"expression": "SPOIL n"}}"##,
                r##"- 0 {"operation": "GetItem", "key": {"other": {"S": "a"}}}"##,
            ],
            expect![[r#"
                {"id":"a","map":{"deep":[true]},"n":10,"none":null,"raw":"aGk=","tags":["x","y"]}
                {"id":"a","map":{"deep":[true]},"n":10,"none":null,"raw":"aGk=","tags":["x","y"]}
                null
                {"id":"a","map":{"deep":[true]},"n":11,"none":null,"raw":"aGk=","tags":["x","y"]}
                ✗ DynamoDB:ConditionalCheckFailedException: The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: …) result {"id":"a","map":{"deep":[true]},"n":11,"none":null,"raw":"aGk=","tags":["x","y"]} data {"id":"a","map":{"deep":[true]},"n":11,"none":null,"raw":"aGk=","tags":["x","y"]}
                {"id":"b","n":2.5}
                {"items":[{"id":"b","n":2.5}],"nextToken":null,"scannedCount":1}
                {"items":[{"id":"b","n":2.5}],"nextToken":null,"scannedCount":2}
                ✗ DynamoDB:ConditionalCheckFailedException: The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: …) result {"id":"b","n":2.5} data {"id":"b","n":2.5}
                {"id":"b","n":2.5}
                null
                null
                ✗ DynamoDB:DynamoDbException: 1 validation error detected: Invalid UpdateExpression: Syntax error; token: "SPOIL", near: "SPOIL n" (Service: DynamoDb, Status Code: 400, Request ID: …)
                ✗ DynamoDB:DynamoDbException: The provided key element does not match the schema (Service: DynamoDb, Status Code: 400, Request ID: …)
            "#]],
        )
        .await;
}

#[tokio::test]
async fn batches_and_transactions() {
    let world = World::new().await;
    world
        .check(
            TABLE,
            &[
                r##"- 0 {"operation": "BatchPutItem", "tables": {"Posts": [{"id": {"S": "a"}, "n": {"N": 1}}, {"id": {"S": "b"}, "n": {"N": 2}}]}}"##,
                r##"- 0 {"operation": "BatchGetItem", "tables": {"Posts": {"keys": [{"id": {"S": "b"}}, {"id": {"S": "none"}}, {"id": {"S": "a"}}],
                    "projection": {"expression": "#n", "expressionNames": {"#n": "n"}}}}}"##,
                r##"- 0 {"operation": "TransactWriteItems", "transactItems": [
                    {"table": "Posts", "operation": "PutItem", "key": {"id": {"S": "c"}}, "attributeValues": {"n": {"N": 3}}},
                    {"table": "Posts", "operation": "ConditionCheck", "key": {"id": {"S": "a"}},
                        "condition": {"expression": "n = :n", "expressionValues": {":n": {"N": 9}}}}]}"##,
                r##"- 0 {"operation": "TransactWriteItems", "transactItems": [
                    {"table": "Posts", "operation": "PutItem", "key": {"id": {"S": "c"}}, "attributeValues": {"n": {"N": 3}}},
                    {"table": "Posts", "operation": "UpdateItem", "key": {"id": {"S": "a"}}, "update": {"expression": "SET n = :n",
                        "expressionValues": {":n": {"N": 9}}}},
                    {"table": "Posts", "operation": "DeleteItem", "key": {"id": {"S": "b"}}}]}"##,
                r##"- 0 {"operation": "TransactGetItems", "transactItems": [{"table": "Posts", "key": {"id": {"S": "a"}}},
                    {"table": "Posts", "key": {"id": {"S": "b"}}}, {"table": "Posts", "key": {"id": {"S": "c"}}}]}"##,
                r##"- 0 {"operation": "BatchDeleteItem", "tables": {"Posts": [{"id": {"S": "a"}}, {"id": {"S": "c"}}]}}"##,
                r##"- 0 {"operation": "Scan"}"##,
            ],
            expect![[r#"
                {"data":{"Posts":[{"id":"a","n":1},{"id":"b","n":2}]},"unprocessedItems":{"Posts":[]}}
                {"data":{"Posts":[{"n":2},null,{"n":1}]},"unprocessedKeys":{"Posts":[]}}
                ✗ DynamoDB:TransactionCanceledException: Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed] (Service: DynamoDb, Status Code: 400, Request ID: …) result {"cancellationReasons":[{"item":null,"message":"None","type":"None"},{"item":{"id":"a","n":1},"message":"The conditional request failed","type":"ConditionalCheckFailed"}],"keys":null} data {"cancellationReasons":[{"item":null,"message":"None","type":"None"},{"item":{"id":"a","n":1},"message":"The conditional request failed","type":"ConditionalCheckFailed"}],"keys":null}
                {"cancellationReasons":null,"keys":[{"id":"c"},{"id":"a"},{"id":"b"}]}
                {"cancellationReasons":null,"items":[{"id":"a","n":9},null,{"id":"c","n":3}]}
                {"data":{"Posts":[{"id":"a"},{"id":"c"}]},"unprocessedKeys":{"Posts":[]}}
                {"items":[],"nextToken":null,"scannedCount":0}
            "#]],
        )
        .await;
}

#[tokio::test]
async fn versions_are_counted_and_conflicts_found() {
    let world = World::new().await;
    world
        .check(
            VERSIONED,
            &[
                r##"OPTIMISTIC_CONCURRENCY 0 {"operation": "PutItem", "key": {"id": {"S": "a"}}, "attributeValues": {"t": {"S": "one"}}}"##,
                r##"OPTIMISTIC_CONCURRENCY 1 {"operation": "UpdateItem", "key": {"id": {"S": "a"}}, "_version": 1,
                    "update": {"expression": "SET t = :t", "expressionValues": {":t": {"S": "two"}}}}"##,
                r##"OPTIMISTIC_CONCURRENCY 2 {"operation": "UpdateItem", "key": {"id": {"S": "a"}}, "_version": 1,
                    "update": {"expression": "SET t = :t", "expressionValues": {":t": {"S": "late"}}}}"##,
                r##"OPTIMISTIC_CONCURRENCY 2 {"operation": "PutItem", "key": {"id": {"S": "a"}}, "attributeValues": {"t": {"S": "blind"}}}"##,
                r##"OPTIMISTIC_CONCURRENCY 3 {"operation": "PutItem", "key": {"id": {"S": "a"}}, "_version": 2,
                    "condition": {"expression": "t = :t", "expressionValues": {":t": {"S": "other"}}}}"##,
                r##"- 3 {"operation": "PutItem", "key": {"id": {"S": "a"}}, "attributeValues": {"t": {"S": "unchecked"}}}"##,
                r##"OPTIMISTIC_CONCURRENCY 4 {"operation": "DeleteItem", "key": {"id": {"S": "a"}}, "_version": 3}"##,
                r##"OPTIMISTIC_CONCURRENCY 5 {"operation": "DeleteItem", "key": {"id": {"S": "none"}}, "_version": 3}"##,
                r##"- 5 {"operation": "GetItem", "key": {"id": {"S": "a"}}}"##,
                r##"OPTIMISTIC_CONCURRENCY 6 {"operation": "UpdateItem", "key": {"id": {"S": "a"}}, "_version": 4,
                    "update": {"expression": "REMOVE t"}}"##,
                r##"- 6 {"operation": "BatchPutItem", "tables": {"Posts": []}}"##,
            ],
            expect![[r#"
                {"_lastChangedAt":1700000000000,"_version":1,"id":"a","t":"one"}
                {"_lastChangedAt":1700000001000,"_version":2,"id":"a","t":"two"}
                ✗ ConflictUnhandled: Conflict resolver rejects mutation. result {"_lastChangedAt":1700000001000,"_version":2,"id":"a","t":"two"} data {"_lastChangedAt":1700000001000,"_version":2,"id":"a","t":"two"}
                ✗ ConflictUnhandled: Conflict resolver rejects mutation. result {"_lastChangedAt":1700000001000,"_version":2,"id":"a","t":"two"} data {"_lastChangedAt":1700000001000,"_version":2,"id":"a","t":"two"}
                ✗ DynamoDB:ConditionalCheckFailedException: The conditional request failed (Service: DynamoDb, Status Code: 400, Request ID: …) result {"_lastChangedAt":1700000001000,"_version":2,"id":"a","t":"two"} data {"_lastChangedAt":1700000001000,"_version":2,"id":"a","t":"two"}
                {"_lastChangedAt":1700000003000,"_version":3,"id":"a","t":"unchecked"}
                {"_deleted":true,"_lastChangedAt":1700000004000,"_ttl":1700003604,"_version":4,"id":"a","t":"unchecked"}
                null
                {"_deleted":true,"_lastChangedAt":1700000004000,"_ttl":1700003604,"_version":4,"id":"a","t":"unchecked"}
                {"_lastChangedAt":1700000006000,"_version":5,"id":"a"}
                ✗ MappingTemplate: Unsupported operation 'BatchPutItem'. Datasource Versioning only supports the following operations (TransactGetItems,PutItem,BatchGetItem,Scan,Query,GetItem,DeleteItem,UpdateItem,Sync)
            "#]],
        )
        .await;
}

#[tokio::test]
async fn what_others_wrote_is_merged() {
    let world = World::new().await;
    world
        .check(
            VERSIONED,
            &[
                r##"AUTOMERGE 0 {"operation": "PutItem", "key": {"id": {"S": "a"}}, "attributeValues": {"t": {"S": "one"}, "l": {"L": [{"S": "x"}]},
                    "s": {"SS": ["p"]}}}"##,
                r##"AUTOMERGE 1 {"operation": "PutItem", "key": {"id": {"S": "a"}}, "_version": 1, "attributeValues": {"t": {"S": "two"},
                    "l": {"L": [{"S": "x"}]}, "s": {"SS": ["p"]}}}"##,
                r##"AUTOMERGE 2 {"operation": "UpdateItem", "key": {"id": {"S": "a"}}, "_version": 1, "update":
                    {"expression": "SET #t = :t, l = :l, s = :s, fresh = :t", "expressionNames": {"#t": "t"},
                    "expressionValues": {":t": {"S": "late"}, ":l": {"L": [{"S": "y"}]}, ":s": {"SS": ["q"]}}}}"##,
                r##"AUTOMERGE 3 {"operation": "DeleteItem", "key": {"id": {"S": "a"}}, "_version": 1}"##,
            ],
            expect![[r#"
                {"_lastChangedAt":1700000000000,"_version":1,"id":"a","l":["x"],"s":["p"],"t":"one"}
                {"_lastChangedAt":1700000001000,"_version":2,"id":"a","l":["x"],"s":["p"],"t":"two"}
                {"_lastChangedAt":1700000002000,"_version":3,"fresh":"late","id":"a","l":["x","y"],"s":["p","q"],"t":"two"}
                {"_deleted":true,"_lastChangedAt":1700000003000,"_ttl":1700003603,"_version":4,"fresh":"late","id":"a","l":["x","y"],"s":["p","q"],"t":"two"}
            "#]],
        )
        .await;
}

#[tokio::test]
async fn a_client_is_told_what_has_changed() {
    let world = World::new().await;
    let put = |id: &str, seconds: i64| {
        format!(
            r#"- {seconds} {{"operation": "PutItem", "key": {{"id": {{"S": "{id}"}}}}, "attributeValues": {{"n": {{"N": {seconds}}}}}}}"#
        )
    };
    // Midnight is 6400 seconds away.
    let (a, b, later, tomorrow) = (put("a", 0), put("b", 1), put("a", 6300), put("c", 6500));
    let since = |seconds: i64, now: i64| {
        format!(r#"- {now} {{"operation": "Sync", "lastSync": {}}}"#, NOW + seconds * 1000)
    };
    world
        .check(
            VERSIONED,
            &[
                &a,
                &b,
                r#"- 2 {"operation": "Sync"}"#,
                &since(1, 3),
                &later,
                &tomorrow,
                &since(6000, 6600),
                &since(6400, 6600),
                &since(0, 6600),
                r#"- 6601 {"operation": "Sync", "limit": 1001}"#,
            ],
            expect![[r#"
                {"_lastChangedAt":1700000000000,"_version":1,"id":"a","n":0}
                {"_lastChangedAt":1700000001000,"_version":1,"id":"b","n":1}
                {"items":[{"_lastChangedAt":1700000000000,"_version":1,"id":"a","n":0},{"_lastChangedAt":1700000001000,"_version":1,"id":"b","n":1}],"nextToken":null,"scannedCount":2,"startedAt":1700000002000}
                {"items":[{"_lastChangedAt":1700000001000,"_ttl":1700001801,"_version":1,"id":"b","n":1}],"nextToken":null,"scannedCount":1,"startedAt":1700000003000}
                {"_lastChangedAt":1700006300000,"_version":2,"id":"a","n":6300}
                {"_lastChangedAt":1700006500000,"_version":1,"id":"c","n":6500}
                {"items":[{"_lastChangedAt":1700006300000,"_ttl":1700008100,"_version":2,"id":"a","n":6300},{"_lastChangedAt":1700006500000,"_ttl":1700008300,"_version":1,"id":"c","n":6500}],"nextToken":null,"scannedCount":2,"startedAt":1700006600000}
                {"items":[{"_lastChangedAt":1700006500000,"_ttl":1700008300,"_version":1,"id":"c","n":6500}],"nextToken":null,"scannedCount":1,"startedAt":1700006600000}
                {"items":[{"_lastChangedAt":1700006300000,"_version":2,"id":"a","n":6300},{"_lastChangedAt":1700000001000,"_version":1,"id":"b","n":1},{"_lastChangedAt":1700006500000,"_version":1,"id":"c","n":6500}],"nextToken":null,"scannedCount":3,"startedAt":1700006600000}
                ✗ MappingTemplate: Value 1001 for field '$[limit]' is not between 1 and 1000.
            "#]],
        )
        .await;
}

#[tokio::test]
async fn changes_come_in_pages() {
    let world = World::new().await;
    for (id, seconds) in [("a", 6398), ("b", 6399), ("c", 6401), ("d", 6402), ("e", 6403)] {
        let put = format!(r#"{{"operation": "PutItem", "key": {{"id": {{"S": "{id}"}}}}}}"#);
        assert_eq!(world.ask(VERSIONED, "", &put, NOW + seconds * 1000).await.error, None);
    }
    let since = Some(NOW + 6_398_000);
    for (mut last_sync, is_said_once, pages) in
        [(since, false, "a b|c d|e"), (since, true, "a b|c d|e"), (None, true, "5 in all")]
    {
        let is_of_changes = last_sync.is_some();
        let (mut token, mut told, mut count) = (Value::Null, Vec::new(), 0);
        // Each turn is a page.
        for _ in 0..10 {
            let request =
                json::value!({"operation": "Sync", "limit": 2, "lastSync": last_sync, "nextToken": token});
            let answer = world.ask(VERSIONED, "", &request.to_text(), NOW + 6_500_000).await;
            assert_eq!(answer.error, None);
            assert_eq!(answer.result.get("startedAt"), Some(&Value::from(NOW + 6_500_000)));
            let items = answer.result.get("items").and_then(Value::as_array).unwrap();
            let ids: Vec<_> = items.iter().filter_map(|item| item.get("id")?.as_str()).collect();
            count += ids.len();
            told.push(ids.join(" "));
            // The token says it, too.
            if is_said_once {
                last_sync = None;
            }
            token = answer.result.get("nextToken").cloned().unwrap();
            if token.is_null() {
                break;
            }
        }
        let told = if is_of_changes { told.join("|") } else { format!("{count} in all") };
        assert_eq!(told.trim_end_matches('|'), pages);
    }
}

/// An outside in which somebody syncs, five seconds on, before a call is carried out.
struct Meanwhile<'w> {
    world: &'w World,
    /// The operation, and the table that it is of.
    before: (&'static str, &'static str),
    /// What they were told.
    started_at: Mutex<Option<i64>>,
}

impl Meanwhile<'_> {
    async fn sync(&self) {
        if self.started_at.lock().unwrap().is_none() {
            self.world.clock.fetch_add(5_000, Ordering::Relaxed);
            let answer =
                self.world.ask_by(&self.world.outside, VERSIONED, "", r#"{"operation": "Sync"}"#).await;
            *self.started_at.lock().unwrap() = answer.result.get("startedAt").and_then(Value::as_i64);
        }
    }
}

impl Outside for Meanwhile<'_> {
    fn call<'a>(&'a self, call: ServiceCall) -> Answering<'a, Result<Value, Trouble>> {
        Box::pin(async move {
            let table = call.input.get("TableName").and_then(Value::as_str).unwrap_or_default();
            if (call.operation, table) == self.before {
                self.sync().await;
            }
            if call.service == "lambda" {
                return Ok(json::value!({"Payload": r#"{"action": "RESOLVE", "item": {"n": 2}}"#}));
            }
            self.world.outside.call(call).await
        })
    }

    fn http<'a>(&'a self, _: HttpCall) -> Answering<'a, Result<HttpAnswer, Trouble>> {
        unreachable!("tables are called")
    }

    fn fetch<'a>(&'a self, _: &'a str) -> Answering<'a, Result<Vec<u8>, Trouble>> {
        unreachable!("tables are called")
    }
}

#[tokio::test]
async fn a_change_that_took_long_is_told_to_who_synced_meanwhile() {
    let put = r#"{"operation": "PutItem", "key": {"id": {"S": "a"}}, "attributeValues": {"n": {"N": 1}}}"#;
    // While its conflict is resolved, while it is written, and while it is remembered.
    for before in [("Invoke", ""), ("PutItem", "Posts"), ("PutItem", "Changes")] {
        let world = World::new().await;
        world.ask(VERSIONED, "", put, NOW).await;
        let outside = Meanwhile { world: &world, before, started_at: Mutex::default() };
        let written = world.ask_by(&outside, VERSIONED, "LAMBDA", put).await;
        assert_eq!(written.error, None);
        let started_at = outside.started_at.lock().unwrap().unwrap();
        let sync = json::value!({"operation": "Sync", "lastSync": started_at}).to_text();
        let told = world.ask(VERSIONED, "", &sync, NOW + 10_000).await.result;
        let items = told.get("items").and_then(Value::as_array).unwrap();
        let versions: Vec<_> = items.iter().filter_map(|item| item.get("_version")?.as_i64()).collect();
        assert!(versions.contains(&2), "{before:?}: {}", told.to_text());
        assert_eq!(told.get("startedAt"), Some(&Value::from(NOW + 10_000)), "nothing is under way");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_writers_at_once_none_is_lost() {
    let world = Arc::new(World::new().await);
    let add = r#"{"operation": "UpdateItem", "key": {"id": {"S": "a"}}, "update": {"expression": "SET l = list_append(if_not_exists(l, :none), :one)",
        "expressionValues": {":none": {"L": []}, ":one": {"L": [{"N": 1}]}}}}"#;
    let writers: Vec<_> = (0..16)
        .map(|number| {
            let world = world.clone();
            tokio::spawn(async move { world.ask(VERSIONED, "", add, NOW + number).await })
        })
        .collect();
    let mut versions = Vec::new();
    for writer in writers {
        let answer = writer.await.unwrap();
        assert_eq!(answer.error, None);
        versions.push(answer.result.get("_version").and_then(Value::as_i64).unwrap());
    }
    versions.sort_unstable();
    assert_eq!(versions, (1..=16).collect::<Vec<_>>());
    let item = world.ask(VERSIONED, "", r#"{"operation": "GetItem", "key": {"id": {"S": "a"}}}"#, NOW).await;
    let list = item.result.get("l").and_then(Value::as_array).unwrap();
    assert_eq!(list.len(), 16);
    let changes =
        world.ask(&VERSIONED.replace("Posts", "Changes"), "", r#"{"operation": "Scan"}"#, NOW).await;
    assert_eq!(changes.result.get("scannedCount"), Some(&16.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_writers_at_once_with_one_version_one_wins() {
    let world = Arc::new(World::new().await);
    let put = r#"{"operation": "PutItem", "key": {"id": {"S": "a"}}}"#;
    assert_eq!(world.ask(VERSIONED, "OPTIMISTIC_CONCURRENCY", put, NOW).await.error, None);
    let next = r#"{"operation": "PutItem", "key": {"id": {"S": "a"}}, "_version": 1}"#;
    let writers: Vec<_> = (0..8)
        .map(|number| {
            let world = world.clone();
            tokio::spawn(
                async move { world.ask(VERSIONED, "OPTIMISTIC_CONCURRENCY", next, NOW + number).await },
            )
        })
        .collect();
    let mut refused = 0;
    for writer in writers {
        match writer.await.unwrap().error {
            None => {}
            Some(error) => {
                assert_eq!(error.error_type, "ConflictUnhandled");
                assert_eq!(error.data.get("_version"), Some(&2.into()));
                refused += 1;
            }
        }
    }
    assert_eq!(refused, 7);
}

#[tokio::test]
async fn what_javascript_makes_is_understood() {
    let world = World::new().await;
    let requests = [
        "put({ key: { id: 'a' }, item: { n: 1, list: ['x'], none: null }, condition: { id: { attributeExists: false } } })",
        "update({ key: { id: 'a' }, update: { n: operations.increment(2), list: operations.append(['y']), none: operations.remove() },
            condition: { n: { le: 1 } } })",
        "get({ key: { id: 'a' }, consistentRead: true, projection: ['n', 'list'] })",
        "query({ query: { id: { eq: 'a' } }, limit: 5, filter: { n: { between: [1, 9] } } })",
        "scan({ limit: 5, filter: { list: { contains: 'y' } }, consistentRead: true })",
        "batchPut({ tables: { Posts: [{ id: 'b' }, { id: 'c', n: 2.5 }] } })",
        "batchGet({ tables: { Posts: { keys: [{ id: 'c' }, { id: 'z' }], projection: ['n'] } } })",
        "transactWrite({ items: [
            { putItem: { table: 'Posts', key: { id: 'd' }, item: { n: 4 } } },
            { updateItem: { table: 'Posts', key: { id: 'b' }, update: { n: 2 } } },
            { deleteItem: { table: 'Posts', key: { id: 'c' } } },
            { conditionCheck: { table: 'Posts', key: { id: 'a' }, condition: { n: { eq: 3 } }, returnValuesOnConditionCheckFailure: false } }] })",
        "transactGet({ items: [{ table: 'Posts', key: { id: 'd' } }, { table: 'Posts', key: { id: 'c' } }] })",
        "batchDelete({ tables: { Posts: [{ id: 'b' }] } })",
        "remove({ key: { id: 'd' }, condition: { n: { gt: 3 } } })",
    ];
    let mut said = String::new();
    for request in requests {
        let code = format!(
            "import * as ddb from '@aws-appsync/utils/dynamodb'
             const {{ get, put, update, remove, query, scan, batchGet, batchPut, batchDelete, transactGet, transactWrite, operations }} = ddb
             export function request(ctx) {{ return {request} }}
             export function response(ctx) {{ return ctx.result }}"
        );
        let code = appsync_js::Code::compile(&code).unwrap_or_else(|errors| panic!("{errors:?}"));
        let made = code.call(appsync_js::Handler::Request, &json::value!({}), &appsync_js::Host::default());
        let made = made.result.unwrap_or_else(|ended| panic!("{request}: {ended:?}"));
        let answer = world.ask(TABLE, "", &made.to_text(), NOW).await;
        said += &without_ids(&shown(&in_order(answer)));
    }
    expect![[r#"
        {"id":"a","list":["x"],"n":1,"none":null}
        {"id":"a","list":["x","y"],"n":3}
        {"list":["x","y"],"n":3}
        {"items":[{"id":"a","list":["x","y"],"n":3}],"nextToken":null,"scannedCount":1}
        {"items":[{"id":"a","list":["x","y"],"n":3}],"nextToken":null,"scannedCount":1}
        {"data":{"Posts":[{"id":"b"},{"id":"c","n":2.5}]},"unprocessedItems":{"Posts":[]}}
        {"data":{"Posts":[{"n":2.5},null]},"unprocessedKeys":{"Posts":[]}}
        {"cancellationReasons":null,"keys":[{"id":"d"},{"id":"b"},{"id":"c"},{"id":"a"}]}
        {"cancellationReasons":null,"items":[{"id":"d","n":4},null]}
        {"data":{"Posts":[{"id":"b"}]},"unprocessedKeys":{"Posts":[]}}
        {"id":"d","n":4}
    "#]]
    .assert_eq(&said);
}
