//! Publishing over HTTP.

use expect_test::expect;
use json::value;

use super::{KEY, World, api, with_code};
use crate::exchange::Request;
use crate::place::Place;
use crate::record;

#[tokio::test]
async fn events_are_published_by_post() {
    let mut world = World::new(api(value!({"name": "news"}))).await;
    world.connect("ada", KEY).await;
    world.subscribe("ada", "a", "/news/*").await;
    world.post("da2-key", r#"{"channel":"news/a","events":["{\"a\":1}","\"text\"","1.50"]}"#).await;
    world.check(expect![[r##"
        ada connects: aws-appsync-event-ws
        ada: {"type":"subscribe","id":"a","channel":"/news/*","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"a"}
        POST {"channel":"news/a","events":["{\"a\":1}","\"text\"","1.50"]}
          → 200 {"failed":[],"successful":[{"identifier":"#","index":0},{"identifier":"#","index":1},{"identifier":"#","index":2}]}
          → ada {"type":"data","id":"a","event":"{\"a\":1}"}
          → ada {"type":"data","id":"a","event":"\"text\""}
          → ada {"type":"data","id":"a","event":"1.50"}
    "##]]);
}

#[tokio::test]
async fn what_cannot_be_published_is_refused() {
    let mut world = World::new(api(value!({"name": "news"}))).await;
    for body in [
        "",
        "{",
        "[]",
        r#"{"channel":"/news/a"}"#,
        r#"{"channel":1,"events":["1"]}"#,
        r#"{"channel":"/news/a","events":"1"}"#,
        r#"{"channel":"/news/a","events":[1]}"#,
        r#"{"channel":"/news/a","events":["1","x"]}"#,
        r#"{"channel":"/other/a","events":["1"]}"#,
    ] {
        world.post("da2-key", body).await;
    }
    for key in ["other", ""] {
        world.post(key, "{").await;
        world.post(key, r#"{"channel":"/news/a","events":["1"]}"#).await;
    }
    let get = Request { method: "GET".to_owned(), path: "/event".to_owned(), ..Request::default() };
    world.ask(&get).await;
    world.ask(&Request { method: "OPTIONS".to_owned(), ..get }).await;
    world.check(expect![[r#"
        POST
          → 400 {"errors":[{"errorType":"BadRequestException","message":"The body is no JSON: No content to map due to end-of-input"}]}
        POST {
          → 400 {"errors":[{"errorType":"BadRequestException","message":"The body is no JSON: Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)\"{\"; line: 1, column: 1])"}]}
        POST []
          → 400 {"errors":[{"errorType":"BadRequestException","message":"channel is missing, or no text"}]}
        POST {"channel":"/news/a"}
          → 400 {"errors":[{"errorType":"BadRequestException","message":"events is missing, or no list"}]}
        POST {"channel":1,"events":["1"]}
          → 400 {"errors":[{"errorType":"BadRequestException","message":"channel is missing, or no text"}]}
        POST {"channel":"/news/a","events":"1"}
          → 400 {"errors":[{"errorType":"BadRequestException","message":"events is missing, or no list"}]}
        POST {"channel":"/news/a","events":[1]}
          → 400 {"errors":[{"errorType":"BadRequestException","message":"events[0] is no text: each event is JSON in a text"}]}
        POST {"channel":"/news/a","events":["1","x"]}
          → 400 {"errors":[{"errorType":"BadRequestException","message":"events[1] is no JSON: Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"}]}
        POST {"channel":"/other/a","events":["1"]}
          → 400 {"errors":[{"errorType":"BadRequestException","message":"Channel namespace other not found."}]}
        POST {
          → 401 {"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
        POST {"channel":"/news/a","events":["1"]}
          → 401 {"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
        POST {
          → 401 {"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
        POST {"channel":"/news/a","events":["1"]}
          → 401 {"errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
        POST
          → 405 {"errors":[{"errorType":"BadRequestException","message":"GET is not supported: POST publishes events"}]}
        POST
          → 200
    "#]]);
    let large = "x".repeat(240 << 10);
    let body = value!({"channel": "/news/a", "events": [(format!("\"{large}\""))]});
    world.post("da2-key", &body.to_text()).await;
    world.check_last("The events have 245762 bytes: 245760 are the most at once");
}

#[tokio::test]
async fn what_was_begun_is_published_although_its_client_hangs_up() {
    let code = "export const onPublish = {
  request(ctx) { return { operation: 'Invoke', payload: {} } },
  response(ctx) { return ctx.events }
}";
    let config = value!({"onPublish": {"behavior": "CODE", "integration": {"dataSourceName": "function"}}});
    let mut records = with_code(code, config);
    let function = value!({
        "name": "function", "type": "AWS_LAMBDA",
        "lambdaConfig": {"lambdaFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f"}
    });
    records.push((record::source("e", "function"), function));
    let mut world = World::new(records).await;
    world.connect("ada", KEY).await;
    world.subscribe("ada", "a", "/news/*").await;
    let gate = world.outside.close();
    world.prepare(Ok(value!({"StatusCode": 200, "Payload": "1"})));
    let appsync = world.appsync.clone();
    let request = Request {
        method: "POST".to_owned(),
        path: "/event".to_owned(),
        headers: vec![("x-api-key".to_owned(), "da2-key".to_owned())],
        body: br#"{"channel":"news/a","events":["1"]}"#.to_vec(),
        ..Request::default()
    };
    let client = tokio::spawn(async move { appsync.answer(&Place::Event("e".into()), request).await });
    world.outside.called(1).await;
    client.abort();
    assert!(client.await.unwrap_err().is_cancelled());
    gate.add_permits(1);
    world.hears("ada", r#"{"type":"data","id":"a","event":"1"}"#).await;
}
