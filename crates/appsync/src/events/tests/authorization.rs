//! Which modes count for what.

use expect_test::expect;
use json::value;
use services::Moment;

use super::{World, handshake};
use crate::exchange::Request;
use crate::record;

const SIGNATURE: &str = "AWS4-HMAC-SHA256 Credential=AKID/20261128/us-east-1/appsync/aws4_request, \
                         SignedHeaders=host;x-amz-date, Signature=00";

/// Keys may connect and subscribe; whoever signs may connect, and publish; on `open`, keys may publish, too.
fn records() -> Vec<(String, json::Value)> {
    let [key, iam] = ["API_KEY", "AWS_IAM"].map(|mode| value!({"authType": mode}));
    let config = value!({
        "authProviders": [(key.clone()), (iam.clone())],
        "connectionAuthModes": [(key.clone()), (iam.clone())],
        "defaultPublishAuthModes": [(iam.clone())],
        "defaultSubscribeAuthModes": [(key.clone())],
    });
    let open = value!({"name": "open", "publishAuthModes": [key, iam], "subscribeAuthModes": []});
    vec![
        (record::event_api("e"), value!({"apiId": "e", "name": "chat", "eventConfig": config})),
        (record::key("e", "da2-key"), value!({"id": "da2-key", "expires": (super::FAR)})),
        (record::key("e", "da2-old"), value!({"id": "da2-old", "expires": 1})),
        (record::key("other", "da2-other"), value!({"id": "da2-other", "expires": (super::FAR)})),
        (record::namespace("e", "news"), value!({"name": "news"})),
        (record::namespace("e", "open"), open),
    ]
}

#[tokio::test]
async fn each_purpose_has_its_modes() {
    let mut world = World::new(records()).await;
    let signed = value!({"host": "localhost", "x-amz-date": "20261128T000000Z", "Authorization": SIGNATURE});
    world.connect("key", super::KEY).await;
    world.connect("signer", &signed.to_text()).await;
    world.connect("late", r#"{"x-api-key":"da2-old"}"#).await;
    world.connect("stranger", r#"{"x-api-key":"da2-other"}"#).await;
    world.check(expect![[r#"
        key connects: aws-appsync-event-ws
        signer connects: aws-appsync-event-ws
        late connects: aws-appsync-event-ws
          → late {"type":"connection_error","errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}
          → late closes 1008 Not authorized
        stranger connects: aws-appsync-event-ws
          → stranger {"type":"connection_error","errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}
          → stranger closes 1008 Not authorized
    "#]]);
    world.subscribe("key", "1", "/news/a").await;
    world.subscribe("key", "2", "/open/a").await;
    world.say("signer", &value!({"type": "subscribe", "id": "1", "channel": "/news/a", "authorization": (signed.clone())}).to_text()).await;
    world.publish("key", "/news/a", &["1"]).await;
    world.publish("key", "/open/a", &["2"]).await;
    // Of what is not there, strangers learn no more than of what is.
    world.publish("key", "/gone/a", &["3"]).await;
    let publish = value!({"type": "publish", "id": "p", "channel": "/news/a", "events": ["4"], "authorization": signed});
    world.say("signer", &publish.to_text()).await;
    world.check(expect![[r##"
        key: {"type":"subscribe","id":"1","channel":"/news/a","authorization":{"x-api-key":"da2-key"}}
          → key {"type":"subscribe_success","id":"1"}
        key: {"type":"subscribe","id":"2","channel":"/open/a","authorization":{"x-api-key":"da2-key"}}
          → key {"type":"subscribe_success","id":"2"}
        signer: {"type":"subscribe","id":"1","channel":"/news/a","authorization":{"host":"localhost","x-amz-date":"20261128T000000Z","Authorization":"AWS4-HMAC-SHA256 Credential=AKID/20261128/us-east-1/appsync/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"}}
          → signer {"type":"subscribe_error","id":"1","errors":[{"errorType":"UnauthorizedException","message":"Valid authorization header not provided."}]}
        key: {"type":"publish","id":"p","channel":"/news/a","events":["1"],"authorization":{"x-api-key":"da2-key"}}
          → key {"type":"publish_error","id":"p","errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
        key: {"type":"publish","id":"p","channel":"/open/a","events":["2"],"authorization":{"x-api-key":"da2-key"}}
          → key {"type":"data","id":"2","event":"2"}
          → key {"type":"publish_success","id":"p","failed":[],"successful":[{"identifier":"#","index":0}]}
        key: {"type":"publish","id":"p","channel":"/gone/a","events":["3"],"authorization":{"x-api-key":"da2-key"}}
          → key {"type":"publish_error","id":"p","errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
        signer: {"type":"publish","id":"p","channel":"/news/a","events":["4"],"authorization":{"host":"localhost","x-amz-date":"20261128T000000Z","Authorization":"AWS4-HMAC-SHA256 Credential=AKID/20261128/us-east-1/appsync/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"}}
          → signer {"type":"publish_success","id":"p","failed":[],"successful":[{"identifier":"#","index":0}]}
          → key {"type":"data","id":"1","event":"4"}
    "##]]);
}

#[tokio::test]
async fn the_header_object_may_stand_elsewhere() {
    let mut world = World::new(records()).await;
    let mut request = handshake("{}");
    request.headers.clear();
    request.headers.push(("sec-websocket-protocol".to_owned(), "aws-appsync-event-ws".to_owned()));
    request.query = "header=eyJ4LWFwaS1rZXkiOiJkYTIta2V5In0%3D".to_owned();
    world.connect_by("in the query", &request).await;
    request.query.clear();
    request.headers.push(("x-api-key".to_owned(), "da2-key".to_owned()));
    world.connect_by("in headers", &request).await;
    world
        .ask(&Request {
            method: "POST".to_owned(),
            path: "/event".to_owned(),
            body: b"{}".to_vec(),
            ..Request::default()
        })
        .await;
    world.check(expect![[r#"
        in the query connects: aws-appsync-event-ws
        in headers connects: aws-appsync-event-ws
        POST {}
          → 401 {"errors":[{"errorType":"UnauthorizedException","message":"Missing authorization header"}]}
    "#]]);
}

#[tokio::test]
async fn what_is_taken_back_ends_what_it_let_in() {
    let end = Moment::drawn().seconds() + 1000;
    let key = |key: &str, expires: i64| Some(value!({"id": key, "expires": expires}));
    let mut world = World::new(records()).await;
    world.change(record::key("e", "da2-two"), key("da2-two", end));
    world.connect("ada", super::KEY).await;
    let subscribe = |id: &str, key: &str| {
        value!({"type": "subscribe", "id": id, "channel": "/news/a", "authorization": {"x-api-key": key}})
            .to_text()
    };
    world.say("ada", &subscribe("1", "da2-key")).await;
    world.say("ada", &subscribe("2", "da2-two")).await;
    world.say("ada", &subscribe("3", "da2-two")).await;
    world.subscribe("ada", "open", "/open/a").await;
    world.check(expect![[r#"
        key/e/da2-two changes
        ada connects: aws-appsync-event-ws
        ada: {"type":"subscribe","id":"1","channel":"/news/a","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"1"}
        ada: {"type":"subscribe","id":"2","channel":"/news/a","authorization":{"x-api-key":"da2-two"}}
          → ada {"type":"subscribe_success","id":"2"}
        ada: {"type":"subscribe","id":"3","channel":"/news/a","authorization":{"x-api-key":"da2-two"}}
          → ada {"type":"subscribe_success","id":"3"}
        ada: {"type":"subscribe","id":"open","channel":"/open/a","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"open"}
    "#]]);
    let by_key = value!({"name": "news", "subscribeAuthModes": [{"authType": "API_KEY"}]});
    world.change(record::namespace("e", "news"), Some(by_key));
    world.late("before", end - 1);
    world.late("too late for da2-two", end);
    let signed = value!({"name": "open", "subscribeAuthModes": [{"authType": "AWS_IAM"}]});
    world.change(record::namespace("e", "open"), Some(signed));
    assert_eq!(world.appsync.counts().subscriptions, 1);
    world.change(record::namespace("e", "news"), None);
    assert_eq!(world.appsync.counts().subscriptions, 0);
    world.change(record::namespace("e", "news"), Some(value!({"name": "news"})));
    world.say("ada", &subscribe("1", "da2-key")).await;
    world.change(record::key("e", "da2-key"), None);
    assert_eq!(world.appsync.counts().subscriptions, 0);
    world.check(expect![[r#"
        namespace/e/news changes
        before
        too late for da2-two
          → ada {"type":"subscribe_error","id":"2","errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
          → ada {"type":"subscribe_error","id":"3","errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
        namespace/e/open changes
          → ada {"type":"subscribe_error","id":"open","errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
        namespace/e/news is deleted
          → ada {"type":"subscribe_error","id":"1","errors":[{"errorType":"BadRequestException","message":"Channel namespace news not found."}]}
        namespace/e/news changes
        ada: {"type":"subscribe","id":"1","channel":"/news/a","authorization":{"x-api-key":"da2-key"}}
          → ada {"type":"subscribe_success","id":"1"}
        key/e/da2-key is deleted
          → ada {"type":"subscribe_error","id":"1","errors":[{"errorType":"UnauthorizedException","message":"You are not authorized to make this call."}]}
          → ada closes 1008 Not authorized
    "#]]);
}
