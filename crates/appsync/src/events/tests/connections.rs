//! Who connects, what they subscribe to, what they hear.

use expect_test::expect;
use json::value;

use super::{KEY, World, api, handshake};
use crate::realtime::SUBSCRIPTIONS_MAX;
use crate::record;

#[tokio::test]
async fn whoever_listens_to_a_channel_hears_what_is_published() {
    let mut world = World::new(api(value!({"name": "news"}))).await;
    world.connect("ada", KEY).await;
    world.connect("bob", KEY).await;
    world.say("ada", r#"{"type":"connection_init"}"#).await;
    world.subscribe("ada", "a", "/news/sport").await;
    world.subscribe("ada", "all", "news/*").await;
    world.subscribe("bob", "b", "/news/sport/*").await;
    world.publish("bob", "news/sport", &[r#"{"n": 1}"#, "\"text\""]).await;
    world.publish("bob", "/news/sport/tennis", &["[]"]).await;
    world.publish("bob", "/news", &["1"]).await;
    world.say("ada", r#"{"type":"unsubscribe","id":"all"}"#).await;
    world.say("ada", r#"{"type":"unsubscribe","id":"all"}"#).await;
    world.publish("bob", "/news/weather", &["2"]).await;
    world.check(expect![[r##"
        ada connects: aws-appsync-event-ws
        bob connects: aws-appsync-event-ws
        ada: {"type":"connection_init"}
          → ada {"type":"connection_ack","connectionTimeoutMs":300000}
        ada: {"type":"subscribe","id":"a","channel":"/news/sport","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"a"}
        ada: {"type":"subscribe","id":"all","channel":"news/*","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"all"}
        bob: {"type":"subscribe","id":"b","channel":"/news/sport/*","authorization":{"x-api-key":"da2-key"}}
          → bob {"type":"subscribe_success","id":"b"}
        bob: {"type":"publish","id":"p","channel":"news/sport","events":["{\"n\": 1}","\"text\""],"authorization":{"x-api-key":"da2-key"}}
          → bob {"type":"publish_success","id":"p","failed":[],"successful":[{"identifier":"#","index":0},{"identifier":"#","index":1}]}
          → ada {"type":"data","id":"a","event":"{\"n\": 1}"}
          → ada {"type":"data","id":"a","event":"\"text\""}
          → ada {"type":"data","id":"all","event":"{\"n\": 1}"}
          → ada {"type":"data","id":"all","event":"\"text\""}
        bob: {"type":"publish","id":"p","channel":"/news/sport/tennis","events":["[]"],"authorization":{"x-api-key":"da2-key"}}
          → bob {"type":"data","id":"b","event":"[]"}
          → bob {"type":"publish_success","id":"p","failed":[],"successful":[{"identifier":"#","index":0}]}
          → ada {"type":"data","id":"all","event":"[]"}
        bob: {"type":"publish","id":"p","channel":"/news","events":["1"],"authorization":{"x-api-key":"da2-key"}}
          → bob {"type":"publish_success","id":"p","failed":[],"successful":[{"identifier":"#","index":0}]}
        ada: {"type":"unsubscribe","id":"all"}
          → ada {"type":"unsubscribe_success","id":"all"}
        ada: {"type":"unsubscribe","id":"all"}
          → ada {"type":"unsubscribe_error","id":"all","errors":[{"errorType":"UnknownOperationError","message":"Unknown operation id all"}]}
        bob: {"type":"publish","id":"p","channel":"/news/weather","events":["2"],"authorization":{"x-api-key":"da2-key"}}
          → bob {"type":"publish_success","id":"p","failed":[],"successful":[{"identifier":"#","index":0}]}
    "##]]);
    assert_eq!(world.appsync.counts().subscriptions, 2);
    world.leave("ada");
    assert_eq!((world.appsync.counts().subscriptions, world.appsync.counts().connections), (1, 1));
    world.leave("bob");
    assert_eq!((world.appsync.counts().subscriptions, world.appsync.counts().connections), (0, 0));
}

#[tokio::test]
async fn what_cannot_be_is_refused() {
    let mut world = World::new(api(value!({"name": "news"}))).await;
    world.connect("ada", KEY).await;
    for text in [
        "",
        "[]",
        r#"{"type":1}"#,
        r#"{"type":"start","id":"1"}"#,
        r#"{"type":"subscribe"}"#,
        r#"{"type":"subscribe","id":"","channel":"/news/a"}"#,
        r#"{"type":"subscribe","id":"1","channel":"/news/a"}"#,
        r#"{"type":"subscribe","id":"1","channel":"/news/a","authorization":{"x-api-key":"other"}}"#,
        r#"{"type":"subscribe","id":"1","channel":"/news/a b","authorization":{"X-Api-Key":"da2-key"}}"#,
        r#"{"type":"subscribe","id":"1","authorization":{"X-Api-Key":"da2-key"}}"#,
        r#"{"type":"unsubscribe","id":"1"}"#,
    ] {
        world.say("ada", text).await;
    }
    world.subscribe("ada", "1", "/sport/a").await;
    world.subscribe("ada", "1", "/news/a").await;
    world.subscribe("ada", "1", "/news/b").await;
    world.publish("ada", "/news/*", &["1"]).await;
    world.publish("ada", "/sport/a", &["1"]).await;
    world.publish("ada", "/news/a", &["{"]).await;
    world.publish("ada", "/news/a", &["1", "2", "3", "4", "5", "6"]).await;
    world.publish("ada", "/news/a", &[]).await;
    world.check(expect![[r#"
        ada connects: aws-appsync-event-ws
        ada:
          → ada {"type":"error","errors":[{"errorType":"BadRequestException","message":"The message is no JSON"}]}
        ada: []
          → ada {"type":"error","errors":[{"errorType":"BadRequestException","message":"The message is no object with a type"}]}
        ada: {"type":1}
          → ada {"type":"error","errors":[{"errorType":"BadRequestException","message":"The message is no object with a type"}]}
        ada: {"type":"start","id":"1"}
          → ada {"type":"error","id":"1","errors":[{"errorType":"OperationNotSupported","message":"start not supported through the realtime channel"}]}
        ada: {"type":"subscribe"}
          → ada {"type":"error","errors":[{"errorType":"BadRequestException","message":"The message has no id of 1 to 128 characters"}]}
        ada: {"type":"subscribe","id":"","channel":"/news/a"}
          → ada {"type":"error","errors":[{"errorType":"BadRequestException","message":"The message has no id of 1 to 128 characters"}]}
        ada: {"type":"subscribe","id":"1","channel":"/news/a"}
          → ada {"type":"subscribe_error","id":"1","errors":[{"errorType":"UnauthorizedException","message":"Missing authorization header"}]}
        ada: {"type":"subscribe","id":"1","channel":"/news/a","authorization":{"x-api-key":"other"}}
          → ada {"type":"subscribe_error","id":"1","errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
        ada: {"type":"subscribe","id":"1","channel":"/news/a b","authorization":{"X-Api-Key":"da2-key"}}
          → ada {"type":"subscribe_error","id":"1","errors":[{"errorType":"BadRequestException","message":"Invalid Channel Format: /news/a b: the segment 'a b' is not 1 to 50 letters, digits and hyphens"}]}
        ada: {"type":"subscribe","id":"1","authorization":{"X-Api-Key":"da2-key"}}
          → ada {"type":"subscribe_error","id":"1","errors":[{"errorType":"BadRequestException","message":"channel is missing, or no text"}]}
        ada: {"type":"unsubscribe","id":"1"}
          → ada {"type":"unsubscribe_error","id":"1","errors":[{"errorType":"UnknownOperationError","message":"Unknown operation id 1"}]}
        ada: {"type":"subscribe","id":"1","channel":"/sport/a","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_error","id":"1","errors":[{"errorType":"BadRequestException","message":"Channel namespace sport not found."}]}
        ada: {"type":"subscribe","id":"1","channel":"/news/a","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"1"}
        ada: {"type":"subscribe","id":"1","channel":"/news/b","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_error","id":"1","errors":[{"errorType":"BadRequestException","message":"There is a subscription 1 on this connection"}]}
        ada: {"type":"publish","id":"p","channel":"/news/*","events":["1"],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"BadRequestException","message":"Invalid Channel Format: /news/*: a wildcard is for those who subscribe"}]}
        ada: {"type":"publish","id":"p","channel":"/sport/a","events":["1"],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"BadRequestException","message":"Channel namespace sport not found."}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["{"],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"BadRequestException","message":"events[0] is no JSON: Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)\"{\"; line: 1, column: 1])"}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":["1","2","3","4","5","6"],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"BadRequestException","message":"events has 6 items: there may be 1 to 5"}]}
        ada: {"type":"publish","id":"p","channel":"/news/a","events":[],"authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"publish_error","id":"p","errors":[{"errorType":"BadRequestException","message":"events has 0 items: there may be 1 to 5"}]}
    "#]]);
    for number in 1..SUBSCRIPTIONS_MAX {
        world.subscribe("ada", &format!("more-{number}"), "/news/a").await;
    }
    world.check_last(r#"{"type":"subscribe_success","id":"more-99"}"#);
    world.subscribe("ada", "one-more", "/news/a").await;
    world.check(expect![[r#"
        ada: {"type":"subscribe","id":"one-more","channel":"/news/a","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_error","id":"one-more","errors":[{"errorType":"LimitExceeded","message":"Max number of 100 subscriptions reached"}]}
    "#]]);
}

#[tokio::test]
async fn whoever_is_not_let_in_is_told_why_and_hung_up_on() {
    let mut world = World::new(api(value!({"name": "news"}))).await;
    world.connect("stranger", r#"{"host":"localhost","x-api-key":"other"}"#).await;
    world.connect("nobody", "{}").await;
    world.connect("mumbler", "[]").await;
    let mut other = handshake(KEY);
    other.headers[0].1 = "graphql-ws".to_owned();
    world.connect_by("other", &other).await;
    world.say("stranger", r#"{"type":"connection_init"}"#).await;
    world.check(expect![[r#"
        stranger connects: aws-appsync-event-ws
          → stranger {"type":"connection_error","errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}
          → stranger closes 1008 Not authorized
        nobody connects: aws-appsync-event-ws
          → nobody {"type":"connection_error","errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"Missing authorization header"}]}
          → nobody closes 1008 Not authorized
        mumbler connects: aws-appsync-event-ws
          → mumbler {"type":"connection_error","errors":[{"errorType":"BadRequestException","errorCode":400,"message":"The header is no JSON object in Base64"}]}
          → mumbler closes 1008 Not authorized
        other connects: none
          → other {"type":"connection_error","errors":[{"errorType":"BadRequestException","errorCode":400,"message":"Sec-WebSocket-Protocol must name aws-appsync-event-ws"}]}
          → other closes 1008 Not authorized
        stranger: {"type":"connection_init"}
    "#]]);
}

#[tokio::test]
async fn a_deleted_api_hangs_up() {
    let mut world = World::new(api(value!({"name": "news"}))).await;
    world.connect("ada", KEY).await;
    world.subscribe("ada", "a", "/news/a").await;
    let changes = [(record::event_api("e"), None)].into_iter().collect();
    world.appsync.shared().take_over(&changes);
    world.note();
    world.connect("bob", KEY).await;
    world.check(expect![[r#"
        ada connects: aws-appsync-event-ws
        ada: {"type":"subscribe","id":"a","channel":"/news/a","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"a"}
          → ada closes 1001 The API was deleted
        bob connects: aws-appsync-event-ws
          → bob {"type":"connection_error","errors":[{"errorType":"NotFoundException","errorCode":404,"message":"The event API does not exist."}]}
          → bob closes 1008 Not authorized
    "#]]);
}
