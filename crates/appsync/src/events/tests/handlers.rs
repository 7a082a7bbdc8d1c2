//! Handlers: code, code around a data source, functions that are asked directly.

use expect_test::expect;
use json::{Value, value};

use super::{KEY, World, api, with_code};
use crate::outside::Trouble;
use crate::record;

const IMPORT: &str = "import { util } from '@aws-appsync/utils'\n";

async fn listening(records: Vec<(String, Value)>) -> World {
    let mut world = World::new(records).await;
    world.connect("ada", KEY).await;
    world.subscribe("ada", "a", "/news/*").await;
    world
}

#[tokio::test]
async fn code_changes_leaves_out_and_refuses_events() {
    let code = "export function onPublish(ctx) {
  return ctx.events.filter((event) => event.payload !== 'drop').map((event) => {
    if (event.payload === 'bad') return { id: event.id, error: 'This is bad' }
    if (event.payload === 'same') return event
    return { id: event.id, payload: { ...event.payload, path: ctx.info.channel.path, of: ctx.info.channelNamespace.name } }
  })
}";
    let mut world = listening(with_code(code, Value::Null)).await;
    world
        .publish("ada", "/news/a", &[r#"{"n": 1}"#, "\"drop\"", "\"bad\"", "\"same\"", r#"{"n": 1.50}"#])
        .await;
    world.check(expect![[r##"
        ada connects: aws-appsync-event-ws
        ada: {"type":"subscribe","id":"a","channel":"/news/*","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"a"}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["{\"n\": 1}","\"drop\"","\"bad\"","\"same\"","{\"n\": 1.50}"],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"data","id":"a","event":"{\"n\":1,\"path\":\"/news/a\",\"of\":\"news\"}"}
          → ada {"type":"data","id":"a","event":"\"same\""}
          → ada {"type":"data","id":"a","event":"{\"n\":1.5,\"path\":\"/news/a\",\"of\":\"news\"}"}
          → ada {"type":"publish_success","id":"p","failed":[{"identifier":"#","index":2,"code":500,"message":"This is bad"}],"successful":[{"identifier":"#","index":0},{"identifier":"#","index":1},{"identifier":"#","index":3},{"identifier":"#","index":4}]}
    "##]]);
}

#[tokio::test]
async fn what_a_handler_raises_is_told_and_nothing_is_published() {
    let code = format!(
        "{IMPORT}export function onPublish(ctx) {{
  const what = ctx.events[0].payload
  if (what === 'unauthorized') util.unauthorized()
  if (what === 'error') util.error('No news today', 'NoNews')
  if (what === 'plain') util.error('No news today')
  if (what === 'throw') return ctx.missing.deep
  if (what === 'text') return 'text'
  if (what === 'twice') return [ctx.events[0], ctx.events[0]]
  if (what === 'unknown') return [{{ id: '1', payload: 1 }}]
  return null
}}
export const onSubscribe = (ctx) => {{
  if (ctx.info.channel.segments.includes('closed')) util.unauthorized()
  if (ctx.info.channel.segments.includes('full')) util.error(`${{ctx.info.operation}} ${{ctx.info.channel.path}}`, 'Full')
}}"
    );
    let mut world = listening(with_code(&code, Value::Null)).await;
    for what in ["unauthorized", "error", "plain", "throw", "text", "twice", "unknown", "nothing"] {
        world.publish("ada", "/news/a", &[&format!("\"{what}\"")]).await;
    }
    world.subscribe("ada", "b", "/news/closed/*").await;
    world.subscribe("ada", "b", "/news/full").await;
    world.subscribe("ada", "b", "/news/open").await;
    world.post("da2-key", r#"{"channel":"/news/a","events":["\"unauthorized\""]}"#).await;
    world.post("da2-key", r#"{"channel":"/news/a","events":["\"error\""]}"#).await;
    world.check(expect![[r##"
        ada connects: aws-appsync-event-ws
        ada: {"type":"subscribe","id":"a","channel":"/news/*","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"a"}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["\"unauthorized\""],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["\"error\""],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"NoNews","message":"No news today"}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["\"plain\""],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"Code","message":"No news today"}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["\"throw\""],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"Code","message":"code.js:7:16: TypeError: cannot read property 'deep' of undefined"}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["\"text\""],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"Code","message":"onPublish gave string in the place of a list of events"}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["\"twice\""],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"Code","message":"onPublish gave an event whose id is none of ctx.events, or gave one twice"}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["\"unknown\""],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"Code","message":"onPublish gave an event whose id is none of ctx.events, or gave one twice"}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["\"nothing\""],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"Code","message":"onPublish gave null in the place of a list of events"}]}
        ada: {"type":"subscribe","id":"b","channel":"/news/closed/*","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_error","id":"b","errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
        ada: {"type":"subscribe","id":"b","channel":"/news/full","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_error","id":"b","errors":[{"errorType":"Full","message":"SUBSCRIBE /news/full"}]}
        ada: {"type":"subscribe","id":"b","channel":"/news/open","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"b"}
        POST {"channel":"/news/a","events":["\"unauthorized\""]}
          → 401 {"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
        POST {"channel":"/news/a","events":["\"error\""]}
          → 400 {"errors":[{"errorType":"NoNews","message":"No news today"}]}
    "##]]);
}

#[tokio::test]
async fn code_around_a_data_source_sees_its_result() {
    let code = "export const onPublish = {
  request(ctx) { ctx.stash.seen = ctx.events.length; return { payload: ctx.events.map((event) => event.payload * 2) } },
  response(ctx) {
    return ctx.events.map((event, index) => ({ id: event.id, payload: [ctx.result[index], ctx.stash.seen, ctx.error] }))
  },
}
export const onSubscribe = { request(ctx) { return { payload: null } } }";
    let source = value!({"integration": {"dataSourceName": "nothing"}, "behavior": "CODE"});
    let mut world =
        listening(with_code(code, value!({"onPublish": (source.clone()), "onSubscribe": source}))).await;
    world.publish("ada", "/news/a", &["1", "2"]).await;
    world.check(expect![[r##"
        ada connects: aws-appsync-event-ws
        ada: {"type":"subscribe","id":"a","channel":"/news/*","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"a"}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["1","2"],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"data","id":"a","event":"[2,2,null]"}
          → ada {"type":"data","id":"a","event":"[4,2,null]"}
          → ada {"type":"publish_success","id":"p","failed":[],"successful":[{"identifier":"#","index":0},{"identifier":"#","index":1}]}
    "##]]);

    let missing = value!({"onPublish": {"integration": {"dataSourceName": "gone"}, "behavior": "CODE"}});
    let mut world = listening(with_code(code, missing)).await;
    world.publish("ada", "/news/a", &["1"]).await;
    let mut without = World::new(with_code(code, Value::Null)).await;
    without.post("da2-key", r#"{"channel":"/news/a","events":["1"]}"#).await;
    world.check(expect![[r#"
        ada connects: aws-appsync-event-ws
        ada: {"type":"subscribe","id":"a","channel":"/news/*","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_error","id":"a","errors":[{"errorType":"Code","message":"The handler has a request and no data source: name one in handlerConfigs"}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["1"],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"BadRequestException","message":"The data source gone does not exist"}]}
    "#]]);
    without.check(expect![[r#"
        POST {"channel":"/news/a","events":["1"]}
          → 400 {"errors":[{"errorType":"Code","message":"The handler has a request and no data source: name one in handlerConfigs"}]}
    "#]]);
}

#[tokio::test]
async fn code_that_is_none_says_so() {
    let mut world = World::new(with_code("export function onPublish(ctx) {", Value::Null)).await;
    world.post("da2-key", r#"{"channel":"/news/a","events":["1"]}"#).await;
    let mut other = World::new(with_code("const a = null; export const onPublish = a.b", Value::Null)).await;
    other.post("da2-key", r#"{"channel":"/news/a","events":["1"]}"#).await;
    let mut none = World::new(with_code("export function other() { return 1 }", Value::Null)).await;
    none.post("da2-key", r#"{"channel":"/news/a","events":["1"]}"#).await;
    world.check(expect![[r#"
        POST {"channel":"/news/a","events":["1"]}
          → 400 {"errors":[{"errorType":"Code","message":"'{' is never closed"}]}
    "#]]);
    other.check(expect![[r#"
        POST {"channel":"/news/a","events":["1"]}
          → 400 {"errors":[{"errorType":"Code","message":"code.js:1:23: TypeError: cannot read property 'b' of null"}]}
    "#]]);
    none.check(expect![[r##"
        POST {"channel":"/news/a","events":["1"]}
          → 200 {"failed":[],"successful":[{"identifier":"#","index":0}]}
    "##]]);
}

#[tokio::test]
async fn data_sources_that_fail_are_told_if_no_handler_is() {
    let code = "export const onPublish = { request(ctx) { return {} } }";
    let configs = value!({"onPublish": {"behavior": "CODE", "integration": {"dataSourceName": "strange"}}});
    let mut records = with_code(code, configs.clone());
    records.push((record::source("e", "strange"), value!({"name": "strange", "type": "STRANGE"})));
    let mut world = World::new(records.clone()).await;
    world.post("da2-key", r#"{"channel":"/news/a","events":["1"]}"#).await;
    let handled = "export const onPublish = { request: (ctx) => ({}), response(ctx) {
  return ctx.events.map((event) => ({ id: event.id, error: ctx.error.message })) } }";
    records[2].1 = value!({"name": "news", "codeHandlers": handled, "handlerConfigs": configs});
    let mut other = World::new(records).await;
    other.post("da2-key", r#"{"channel":"/news/a","events":["1"]}"#).await;
    world.check(expect![[r#"
        POST {"channel":"/news/a","events":["1"]}
          → 400 {"errors":[{"errorType":"UnsupportedOperation","message":"Data sources of type STRANGE are not supported"}]}
    "#]]);
    other.check(expect![[r##"
        POST {"channel":"/news/a","events":["1"]}
          → 200 {"failed":[{"identifier":"#","index":0,"code":500,"message":"Data sources of type STRANGE are not supported"}],"successful":[]}
    "##]]);
}

/// A namespace whose events a function is asked about without code.
fn direct(invoke_type: &str) -> Vec<(String, Value)> {
    let behaviour = value!({"behavior": "DIRECT", "integration": {
        "dataSourceName": "function", "lambdaConfig": {"invokeType": invoke_type}
    }});
    let configs = value!({"onPublish": (behaviour.clone()), "onSubscribe": behaviour});
    let mut records = api(value!({"name": "news", "handlerConfigs": configs}));
    let config = value!({"lambdaFunctionArn": "arn:aws:lambda:eu-west-1:1:function:f"});
    records.push((
        record::source("e", "function"),
        value!({"name": "function", "type": "AWS_LAMBDA", "lambdaConfig": config}),
    ));
    records
}

fn returned(value: &Value) -> Result<Value, Trouble> {
    Ok(value!({"StatusCode": 200, "Payload": (value.to_text())}))
}

#[tokio::test]
async fn a_function_that_is_asked_directly_gets_the_context() {
    let mut world = World::new(direct("REQUEST_RESPONSE")).await;
    world.connect("ada", KEY).await;
    world.prepare(returned(&Value::Null));
    world.subscribe("ada", "a", "/news/*").await;
    world.prepare(returned(&value!({"error": "Not you"})));
    world.subscribe("ada", "b", "/news/b").await;
    world.prepare(returned(&value!({"error": "Not now"})));
    world.publish("ada", "/news/a", &["1"]).await;
    world.prepare(returned(&value!({"events": null})));
    world.publish("ada", "/news/a", &["2"]).await;
    world.prepare(returned(&value!({"events": [{"id": "unknown", "payload": 1}]})));
    world.publish("ada", "/news/a", &["3"]).await;
    world.prepare(Err(Trouble::unreachable("nobody answers")));
    world.publish("ada", "/news/a", &["4"]).await;
    world.prepare(Ok(value!({"FunctionError": "Unhandled", "Payload": "{\"errorMessage\": \"broken\"}"})));
    world.publish("ada", "/news/a", &["5"]).await;
    let calls = std::mem::take(&mut *world.outside.calls.lock().unwrap());
    let payload = String::from_utf8(calls[2].body.clone().unwrap()).unwrap();
    let event = Value::parse(&payload).unwrap();
    let id = event.get("events").and_then(|events| events.at(0)).and_then(|event| event.get("id"));
    let payload = payload.replace(id.and_then(Value::as_str).unwrap(), "#");
    world.check(expect![[r##"
        ada connects: aws-appsync-event-ws
        ada: {"type":"subscribe","id":"a","channel":"/news/*","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"a"}
        ada: {"type":"subscribe","id":"b","channel":"/news/b","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_error","id":"b","errors":[{"errorType":"Lambda:Handled","message":"Not you"}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["1"],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"Lambda:Handled","message":"Not now"}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["2"],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_success","id":"p","failed":[],"successful":[{"identifier":"#","index":0}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["3"],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"Code","message":"onPublish gave an event whose id is none of ctx.events, or gave one twice"}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["4"],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"Lambda:SdkClientException","message":"nobody answers"}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["5"],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"Lambda:Unhandled","message":"broken"}]}
    "##]]);
    expect![[r##"{"FunctionName":"arn:aws:lambda:eu-west-1:1:function:f","InvocationType":"RequestResponse"} {"identity":null,"result":null,"request":{"headers":{"x-api-key":"da2-key"},"domainName":null},"info":{"channel":{"path":"/news/a","segments":["news","a"]},"channelNamespace":{"name":"news"},"operation":"PUBLISH"},"error":null,"prev":null,"stash":{},"outErrors":[],"events":[{"id":"#","payload":1}]}"##]].assert_eq(&format!("{} {payload}", calls[2].input));
}

#[tokio::test]
async fn nobody_waits_for_a_function_that_is_told() {
    let mut world = World::new(direct("EVENT")).await;
    world.connect("ada", KEY).await;
    for _ in 0..2 {
        world.prepare(Ok(value!({"StatusCode": 202})));
    }
    world.subscribe("ada", "a", "/news/*").await;
    world.publish("ada", "/news/a", &["1"]).await;
    let calls = std::mem::take(&mut *world.outside.calls.lock().unwrap());
    assert!(calls.iter().all(|call| call.input.get("InvocationType") == Some(&"Event".into())), "{calls:?}");
    world.check(expect![[r##"
        ada connects: aws-appsync-event-ws
        ada: {"type":"subscribe","id":"a","channel":"/news/*","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"a"}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["1"],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"data","id":"a","event":"1"}
          → ada {"type":"publish_success","id":"p","failed":[],"successful":[{"identifier":"#","index":0}]}
    "##]]);
}
