use std::sync::Arc;

use json::{Object, Value, value};

use super::{Asked, execute};
use crate::authorization::Identity;
use crate::place::Place;
use crate::record;
use crate::testing::{Prepared, post, with_records};

const FAR: i64 = 9_999_999_999;

fn records(schema: &str, more: &[(String, Value)]) -> Vec<(String, Value)> {
    let mut records = vec![
        (record::api("a"), value!({"name": "shop", "apiId": "a", "authenticationType": "API_KEY"})),
        (record::schema("a"), value!({"definition": schema, "status": "SUCCESS"})),
        (record::key("a", "da2-key"), value!({"id": "da2-key", "expires": FAR})),
        (record::source("a", "nothing"), value!({"name": "nothing", "type": "NONE"})),
    ];
    records.extend(more.iter().cloned());
    records
}

fn code(type_: &str, field: &str, code: &str) -> (String, Value) {
    let resolver = value!({
        "typeName": type_, "fieldName": field, "kind": "UNIT", "dataSourceName": "nothing", "code": code,
        "runtime": {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}
    });
    (record::resolver("a", type_, field), resolver)
}

async fn ask(records: Vec<(String, Value)>, query: &str) -> String {
    let appsync = with_records(Arc::new(Prepared::default()), records).await;
    let request = post("da2-key", &value!({"query": query}));
    let response = appsync.answer(&Place::GraphQl("a".into()), request).await;
    format!("{} {}", response.status, String::from_utf8(response.body).unwrap())
}

const ECHO: &str = "export function request(ctx) { return { payload: ctx.args } }
export function response(ctx) { return ctx.result }";

#[tokio::test]
async fn a_unit_resolver_answers() {
    let records = records(
        "type Query { echo(id: ID!, text: String): Echo } type Echo { id: ID! text: String }",
        &[code("Query", "echo", ECHO)],
    );
    let answer = ask(records, "{ echo(id: 1, text: \"hello\") { id text } }").await;
    assert_eq!(answer, r#"200 {"data":{"echo":{"id":"1","text":"hello"}}}"#);
}

#[tokio::test]
async fn errors_have_their_six_members() {
    let raise = "import { util } from '@aws-appsync/utils'
export function request(ctx) { util.error('no', 'Nope', { id: 1 }, { why: 2 }) }
export function response(ctx) { return ctx.result }";
    let records = records("type Query { fails: String }", &[code("Query", "fails", raise)]);
    let answer = ask(records, "{ fails }").await;
    let expected = r#"200 {"data":{"fails":null},"errors":[{"path":["fails"],"data":{"id":1},"errorType":"Nope","errorInfo":{"why":2},"locations":[{"line":1,"column":3,"sourceName":null}],"message":"no"}]}"#;
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn a_template_resolves_and_a_pipeline_passes_on_what_came_before() {
    let template = value!({
        "typeName": "Query", "fieldName": "hello", "kind": "UNIT", "dataSourceName": "nothing",
        "requestMappingTemplate": "{\"version\": \"2018-05-29\", \"payload\": {\"text\": \"Hello $ctx.args.name\"}}",
        "responseMappingTemplate": "$util.toJson($ctx.result.text)"
    });
    let function = |id: &str, code: &str| {
        let record = value!({"functionId": id, "name": id, "dataSourceName": "nothing", "code": code});
        (record::function("a", id), record)
    };
    let one = "export function request(ctx) { ctx.stash.seen = 1; return { payload: ctx.prev.result + 1 } }
export function response(ctx) { return ctx.result }";
    let two = "import { runtime } from '@aws-appsync/utils'
export function request(ctx) { runtime.earlyReturn(ctx.prev.result * 10 + ctx.stash.seen) }
export function response(ctx) { return 'unseen' }";
    let pipeline = value!({
        "typeName": "Query", "fieldName": "count", "kind": "PIPELINE",
        "pipelineConfig": {"functions": ["one", "two"]},
        "code": "export function request(ctx) { return ctx.args.from }\nexport function response(ctx) { return ctx.prev.result }"
    });
    let records = records(
        "type Query { hello(name: String!): String count(from: Int!): Int }",
        &[
            (record::resolver("a", "Query", "hello"), template),
            (record::resolver("a", "Query", "count"), pipeline),
            function("one", one),
            function("two", two),
        ],
    );
    let answer = ask(records, "{ hello(name: \"Ada\") count(from: 4) }").await;
    assert_eq!(answer, r#"200 {"data":{"hello":"Hello Ada","count":51}}"#);
}

#[tokio::test]
async fn results_are_cached_until_they_are_evicted() {
    let random = "import { util } from '@aws-appsync/utils'
export function request(ctx) { return { payload: util.autoId() } }
export function response(ctx) { return ctx.result }";
    let mut cached = code("Query", "id", random);
    cached
        .1
        .as_object_mut()
        .unwrap()
        .insert("cachingConfig", value!({"ttl": 60, "cachingKeys": ["$context.arguments.of"]}));
    let evict = "import { extensions } from '@aws-appsync/utils'
export function request(ctx) { extensions.evictFromApiCache('Query', 'id', { 'context.arguments.of': ctx.args.of }); return { payload: true } }
export function response(ctx) { return ctx.result }";
    let records = records(
        "type Query { id(of: String): ID } type Mutation { forget(of: String): Boolean }",
        &[
            cached,
            code("Mutation", "forget", evict),
            (record::cache("a"), value!({"apiCachingBehavior": "PER_RESOLVER_CACHING", "ttl": 60})),
        ],
    );
    let appsync = with_records(Arc::new(Prepared::default()), records).await;
    let ask = async |query: &str| {
        let request = post("da2-key", &value!({"query": query}));
        let response = appsync.answer(&Place::GraphQl("a".into()), request).await;
        String::from_utf8(response.body).unwrap()
    };
    let first = ask("{ id(of: \"x\") }").await;
    assert_eq!(ask("{ id(of: \"x\") }").await, first);
    assert_ne!(ask("{ id(of: \"y\") }").await, first);
    let forgotten = ask("mutation { forget(of: \"x\") }").await;
    assert_eq!(forgotten, r#"{"data":{"forget":true},"extensions":{"apiCacheEntriesDeleted":[true]}}"#);
    assert_ne!(ask("{ id(of: \"x\") }").await, first);
    let mut page = String::new();
    appsync.write_metrics(&mut page);
    // Results of the cache are nobody's calls.
    assert!(page.contains("stepwell_resolver_calls_total{api=\"a\",resolver=\"Query.id\"} 3\n"), "{page}");
}

#[tokio::test]
async fn whoever_runs_the_server_sees_each_step() {
    let records =
        records("type Query { echo(id: ID!): Echo } type Echo { id: ID! }", &[code("Query", "echo", ECHO)]);
    let appsync = with_records(Arc::new(Prepared::default()), records).await;
    let identity = value!({"mode": "API_KEY", "context": {"sub": "u-1"}});
    let asked = value!({"apiId": "a", "query": "{ echo(id: 7) { id } }", "identity": identity});
    let answer = appsync.answer_as_somebody(&asked).await.unwrap();
    assert_eq!(answer.get("response").unwrap().to_text(), r#"{"data":{"echo":{"id":"7"}}}"#);
    let stages = answer.get("stages").and_then(Value::as_array).unwrap();
    let stage = |stage: &Value| {
        let text = |name: &str| stage.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        format!("{} {} {} {}", text("path"), text("step"), text("part"), stage.get("gave").unwrap().to_text())
    };
    let stages: Vec<_> = stages.iter().map(stage).collect();
    let expected = [
        r#"/echo Query.echo request {"payload":{"id":"7"}}"#,
        r#"/echo Query.echo source {"id":"7"}"#,
        r#"/echo Query.echo response {"id":"7"}"#,
    ];
    assert_eq!(stages, expected);
    let fault = appsync.answer_as_somebody(&value!({"apiId": "b"})).await.unwrap_err();
    assert_eq!((fault.status, fault.message.as_str()), (404, "GraphQL API b not found."));
}

#[tokio::test]
async fn invocations_of_siblings_go_together() {
    let list = "export function request(ctx) { return { payload: [1, 2, 3].map((id) => ({ id })) } }
export function response(ctx) { return ctx.result }";
    let author =
        "export function request(ctx) { return { operation: 'BatchInvoke', payload: ctx.source.id } }
export function response(ctx) { return ctx.result }";
    let resolver = value!({
        "typeName": "Post", "fieldName": "author", "kind": "UNIT", "dataSourceName": "function", "code": author,
        "maxBatchSize": 2
    });
    let source = value!({
        "name": "function", "type": "AWS_LAMBDA",
        "lambdaConfig": {"lambdaFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:authors"}
    });
    let records = records(
        "type Query { posts: [Post] } type Post { id: ID author: String }",
        &[
            code("Query", "posts", list),
            (record::resolver("a", "Post", "author"), resolver),
            (record::source("a", "function"), source),
        ],
    );
    let outside = Arc::new(Prepared::default());
    for answer in ["[\"Ada\",\"Bob\"]", "[\"Cyd\"]"] {
        outside.answers.lock().unwrap().push_back(Ok(value!({"StatusCode": 200, "Payload": answer})));
    }
    let appsync = with_records(outside.clone(), records).await;
    let request = post("da2-key", &value!({"query": "{ posts { author } }"}));
    let response = appsync.answer(&Place::GraphQl("a".into()), request).await;
    let answer = String::from_utf8(response.body).unwrap();
    assert_eq!(answer, r#"{"data":{"posts":[{"author":"Ada"},{"author":"Bob"},{"author":"Cyd"}]}}"#);
    let calls = outside.calls.lock().unwrap();
    let bodies: Vec<_> =
        calls.iter().map(|call| String::from_utf8(call.body.clone().unwrap()).unwrap()).collect();
    assert_eq!(bodies, ["[1,2]", "[3]"]);
}

#[tokio::test]
async fn templates_say_themselves_that_invocations_go_together() {
    let list = "export function request(ctx) { return { payload: [1, 2, 3].map((id) => ({ id })) } }
export function response(ctx) { return ctx.result }";
    let resolver = value!({
        "typeName": "Post", "fieldName": "author", "kind": "UNIT", "dataSourceName": "function",
        "requestMappingTemplate": "{\"version\": \"2018-05-29\", \"operation\": \"BatchInvoke\", \"payload\": $ctx.source.id}",
        "responseMappingTemplate": "$util.toJson($ctx.result)"
    });
    let source = value!({
        "name": "function", "type": "AWS_LAMBDA",
        "lambdaConfig": {"lambdaFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:authors"}
    });
    let records = records(
        "type Query { posts: [Post] } type Post { id: ID author: String }",
        &[
            code("Query", "posts", list),
            (record::resolver("a", "Post", "author"), resolver),
            (record::source("a", "function"), source),
        ],
    );
    let outside = Arc::new(Prepared::default());
    let answer = value!({"StatusCode": 200, "Payload": "[\"Ada\",\"Bob\",\"Cyd\"]"});
    outside.answers.lock().unwrap().push_back(Ok(answer));
    let appsync = with_records(outside.clone(), records).await;
    let request = post("da2-key", &value!({"query": "{ posts { author } }"}));
    let response = appsync.answer(&Place::GraphQl("a".into()), request).await;
    let answer = String::from_utf8(response.body).unwrap();
    assert_eq!(answer, r#"{"data":{"posts":[{"author":"Ada"},{"author":"Bob"},{"author":"Cyd"}]}}"#);
    assert_eq!(outside.calls.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn who_is_not_authorized_is_told_of_which_field() {
    let refuse = "import { util } from '@aws-appsync/utils'
export function request(ctx) { util.unauthorized() }
export function response(ctx) { return ctx.result }";
    let records = records("type Query { secret: String }", &[code("Query", "secret", refuse)]);
    let answer = ask(records, "{ secret }").await;
    assert!(answer.contains(r#""message":"Not Authorized to access secret on type Query""#), "{answer}");
    assert!(answer.contains(r#""errorType":"Unauthorized""#), "{answer}");
}

#[tokio::test]
async fn templates_on_a_function_may_read_the_response_alone() {
    let source = value!({
        "name": "function", "type": "AWS_LAMBDA",
        "lambdaConfig": {"lambdaFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f"}
    });
    let resolver = |field: &str, templates: &[(&str, &str)]| {
        let mut record =
            value!({"typeName": "Query", "fieldName": field, "kind": "UNIT", "dataSourceName": "function"});
        for (name, text) in templates {
            record.as_object_mut().unwrap().insert(*name, *text);
        }
        (record::resolver("a", "Query", field), record)
    };
    let request = "{\"version\": \"2018-05-29\", \"operation\": \"Invoke\", \"payload\": {}}";
    let records = records(
        "type Query { read: Int ask: Int }",
        &[
            (record::source("a", "function"), source),
            resolver("read", &[("responseMappingTemplate", "$ctx.result.count")]),
            resolver("ask", &[("requestMappingTemplate", request)]),
        ],
    );
    let outside = Arc::new(Prepared::default());
    outside.answers.lock().unwrap().extend([
        Ok(value!({"StatusCode": 200, "Payload": "{\"count\": 3}"})),
        Ok(value!({"StatusCode": 200, "FunctionError": "Unhandled", "Payload": "{\"errorMessage\": \"no\"}"})),
    ]);
    let appsync = with_records(outside.clone(), records).await;
    let ask = async |query: &str| {
        let response =
            appsync.answer(&Place::GraphQl("a".into()), post("da2-key", &value!({"query": query}))).await;
        String::from_utf8(response.body).unwrap()
    };
    assert_eq!(ask("{ read }").await, r#"{"data":{"read":3}}"#);
    // Nobody reads what the function says, so that it failed is the field's error.
    assert!(ask("{ ask }").await.contains(r#""errorType":"Lambda:Unhandled""#));
    let asked = String::from_utf8(outside.calls.lock().unwrap()[0].body.clone().unwrap()).unwrap();
    assert!(asked.starts_with(r#"{"arguments":{},"identity":null"#), "{asked}");
}

/// A function stands behind both fields, one after the other.
#[tokio::test]
async fn a_mutation_goes_on_although_its_client_hangs_up() {
    let source = value!({
        "name": "function", "type": "AWS_LAMBDA",
        "lambdaConfig": {"lambdaFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f"}
    });
    let resolver = |field: &str| {
        let record = value!({"typeName": "Mutation", "fieldName": field, "kind": "UNIT", "dataSourceName": "function"});
        (record::resolver("a", "Mutation", field), record)
    };
    let records = records(
        "type Query { a: Int } type Mutation { one: Int two: Int }",
        &[(record::source("a", "function"), source), resolver("one"), resolver("two")],
    );
    let outside = Arc::new(Prepared::default());
    let answer = || Ok(value!({"StatusCode": 200, "Payload": "1"}));
    outside.answers.lock().unwrap().extend([answer(), answer()]);
    let gate = outside.close();
    let appsync = with_records(outside.clone(), records).await;
    let request = post("da2-key", &value!({"query": "mutation { one two }"}));
    let client = tokio::spawn(async move { appsync.answer(&Place::GraphQl("a".into()), request).await });
    outside.called(1).await;
    client.abort();
    assert!(client.await.unwrap_err().is_cancelled());
    gate.add_permits(2);
    outside.called(2).await;
}

#[tokio::test]
async fn resolvers_that_wait_for_nobody_end_with_the_time_of_their_request() {
    let resolver = value!({
        "typeName": "Query", "fieldName": "echo", "kind": "UNIT", "dataSourceName": "nothing",
        "requestMappingTemplate": "{\"version\": \"2018-05-29\", \"payload\": 1}",
        "responseMappingTemplate": "$util.toJson($ctx.result)"
    });
    let records = records("type Query { echo: Int }", &[(record::resolver("a", "Query", "echo"), resolver)]);
    let appsync = with_records(Arc::new(Prepared::default()), records).await;
    let shared = appsync.shared();
    let api = shared.api("a").unwrap();
    let identity = Identity { is_allowed_by_default: true, ..Identity::default() };
    let new =
        || crate::resolve::Request::new(shared, api.clone(), identity.clone(), Object::new(), "r".into());
    let asked = Asked { query: "{ a: echo b: echo c: echo }".into(), ..Asked::default() };
    let in_time = execute(shared, &new(), &asked).await.unwrap();
    assert_eq!(in_time.body.to_text(), r#"{"data":{"a":1,"b":1,"c":1}}"#);
    let mut late = new();
    late.is_late = Arc::new(|| true);
    let answered = execute(shared, &late, &asked).await.unwrap();
    let errors = answered.body.get("errors").and_then(Value::as_array).unwrap();
    let timed_out = |error: &Value| error.to_text().contains("Execution timed out.");
    assert_eq!((errors.len(), errors.iter().all(timed_out)), (2, true), "{}", answered.body);
}
