//! What is taken back ends what it let in: keys, modes, directives, APIs, and time.

use std::collections::BTreeMap;
use std::sync::Arc;

use expect_test::{Expect, expect};
use json::{Value, value};
use services::Moment;

use super::{Connection, Following, Out};
use crate::appsync::AppSync;
use crate::exchange::Request;
use crate::record;
use crate::testing::{Prepared, post, with_records};

const FAR: i64 = 9_999_999_999;

fn schema(directive: &str) -> Value {
    let definition = format!(
        "type Query {{ a: Int }} type Mutation {{ say: Int }} type Subscription {{ said: Int {directive} @aws_subscribe(mutations: [\"say\"]) }}"
    );
    value!({"definition": definition, "status": "SUCCESS"})
}

fn api(mode: &str) -> Value {
    let more = value!([{"authenticationType": "API_KEY"}, {"authenticationType": "AWS_IAM"}]);
    let more = if mode == "both" { more } else { value!([]) };
    let mode = if mode == "both" { "API_KEY" } else { mode };
    value!({"apiId": "a", "authenticationType": mode, "additionalAuthenticationProviders": more})
}

fn key(key: &str, expires: i64) -> Value {
    value!({"id": key, "expires": expires})
}

/// An API with two keys, and clients by their names.
struct World {
    appsync: AppSync,
    clients: BTreeMap<&'static str, Connection>,
    followed: Option<Following>,
    said: String,
}

impl World {
    async fn new() -> World {
        let records = [
            (record::api("a"), api("API_KEY")),
            (record::schema("a"), schema("")),
            (record::key("a", "one"), key("one", FAR)),
            (record::key("a", "two"), key("two", FAR)),
        ];
        let appsync = with_records(Arc::new(Prepared::default()), records).await;
        World { appsync, clients: BTreeMap::new(), followed: None, said: String::new() }
    }

    async fn connect(&mut self, name: &'static str, protocol: &str) {
        let headers = [("sec-websocket-protocol", protocol), ("x-api-key", "one")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let request = Request { path: "/a/graphql/realtime".to_owned(), headers, ..Request::default() };
        let (_, mut connection) = Connection::new(self.appsync.shared(), &"a".into(), &request).await;
        connection.receive(r#"{"type":"connection_init"}"#).await;
        while connection.line().take().is_some() {}
        self.clients.insert(name, connection);
    }

    /// A subscription of AppSync's clients, by a key of its own.
    async fn start(&mut self, name: &str, key: &str) {
        let data = value!({"query": "subscription { said }"}).to_text();
        let payload = value!({"data": data, "extensions": {"authorization": {"x-api-key": key}}});
        self.say(name, value!({"id": key, "type": "start", "payload": payload})).await;
    }

    async fn say(&mut self, name: &str, message: Value) {
        let client = self.clients.get_mut(name).unwrap();
        client.receive(&message.to_text()).await;
        client.settled().await;
        self.note("");
    }

    async fn follow(&mut self) {
        let before = self.appsync.counts().subscriptions;
        let request = post("one", &value!({"query": "subscription { said }"}));
        let following = Following::new(self.appsync.shared(), &"a".into(), &request).await;
        self.followed = Some(following.unwrap_or_else(|_| panic!("it is let in")));
        while self.appsync.counts().subscriptions == before {
            tokio::task::yield_now().await;
        }
    }

    /// What an operation would do.
    fn change(&mut self, step: &str, key: String, value: Option<Value>) {
        self.appsync.shared().take_over(&[(key, value)].into_iter().collect());
        self.note(step);
    }

    fn late(&mut self, step: &str, seconds: i64) {
        self.appsync.shared().hub.tick(seconds * 1000);
        self.note(step);
    }

    fn note(&mut self, step: &str) {
        if !step.is_empty() {
            self.said.push_str(&format!("{step}:\n"));
        }
        let lines = self.clients.iter().map(|(name, client)| (*name, client.line()));
        let lines = lines.chain(self.followed.iter().map(|followed| ("follower", followed.line())));
        for (name, line) in lines {
            while let Some(out) = line.take() {
                let out = match out {
                    Out::Text(text) => text.trim_end().replace('\n', "|"),
                    Out::Shared { head, body, tail } => format!("{head}{body}{tail}"),
                    Out::Close { code, reason } => format!("closed {code} {reason}").trim_end().to_owned(),
                };
                self.said.push_str(&format!("  {name} < {out}\n"));
            }
        }
    }

    fn check(&mut self, expected: Expect) {
        expected.assert_eq(&std::mem::take(&mut self.said));
    }
}

#[tokio::test]
async fn a_key_that_is_deleted_ends_what_it_let_in() {
    let mut world = World::new().await;
    world.connect("a", "graphql-ws").await;
    world.start("a", "one").await;
    world.start("a", "two").await;
    world.change("two is deleted", record::key("a", "two"), None);
    assert_eq!(world.appsync.counts().subscriptions, 1);
    world.start("a", "two").await;
    world.change("one is deleted", record::key("a", "one"), None);
    assert_eq!(world.appsync.counts().subscriptions, 0);
    world.check(expect![[r#"
          a < {"id":"one","type":"start_ack"}
          a < {"id":"two","type":"start_ack"}
        two is deleted:
          a < {"id":"two","type":"error","payload":{"errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}}
          a < {"id":"two","type":"complete"}
          a < {"id":"two","type":"error","payload":{"errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}}
        one is deleted:
          a < {"id":"one","type":"error","payload":{"errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}}
          a < {"id":"one","type":"complete"}
          a < closed 1008 Not authorized
    "#]]);
}

#[tokio::test]
async fn every_way_of_speaking_has_its_word_for_it() {
    let mut world = World::new().await;
    world.connect("other", "graphql-transport-ws").await;
    let payload = value!({"query": "subscription { said }"});
    world.say("other", value!({"id": "1", "type": "subscribe", "payload": payload})).await;
    world.follow().await;
    world.change("one is deleted", record::key("a", "one"), None);
    world.check(expect![[r#"
        one is deleted:
          other < {"id":"1","type":"error","payload":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}
          other < closed 1008 Not authorized
          follower < event: next|data: {"errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}||event: complete|data:
          follower < closed 1000
    "#]]);
}

#[tokio::test]
async fn what_expires_ends_what_it_let_in() {
    let mut world = World::new().await;
    let end = Moment::drawn().seconds() + 1000;
    world.change("one is shorter", record::key("a", "one"), Some(key("one", end - 100)));
    world.connect("a", "graphql-ws").await;
    world.start("a", "one").await;
    world.start("a", "two").await;
    world.change("two is shorter", record::key("a", "two"), Some(key("two", end - 200)));
    world.change("one is longer", record::key("a", "one"), Some(key("one", end)));
    world.late("before", end - 201);
    world.late("two is late", end - 200);
    assert_eq!(world.appsync.counts().subscriptions, 1);
    world.late("one is not", end - 100);
    world.late("one is late", end);
    world.check(expect![[r#"
        one is shorter:
          a < {"id":"one","type":"start_ack"}
          a < {"id":"two","type":"start_ack"}
        two is shorter:
        one is longer:
        before:
        two is late:
          a < {"id":"two","type":"error","payload":{"errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}}
          a < {"id":"two","type":"complete"}
        one is not:
        one is late:
          a < {"id":"one","type":"error","payload":{"errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}}
          a < {"id":"one","type":"complete"}
          a < closed 1008 Token has expired
    "#]]);
}

#[tokio::test]
async fn modes_and_directives_count_for_those_who_are_there() {
    let mut world = World::new().await;
    world.change("two modes", record::api("a"), Some(api("both")));
    world.connect("a", "graphql-ws").await;
    world.start("a", "one").await;
    world.change("for keys, too", record::schema("a"), Some(schema("@aws_api_key @aws_iam")));
    world.change("for those who sign", record::schema("a"), Some(schema("@aws_iam")));
    world.change("for all again", record::schema("a"), Some(schema("")));
    world.start("a", "two").await;
    world.change("no keys", record::api("a"), Some(api("AWS_IAM")));
    world.check(expect![[r#"
        two modes:
          a < {"id":"one","type":"start_ack"}
        for keys, too:
        for those who sign:
          a < {"id":"one","type":"error","payload":{"errors":[{"errorType":"Unauthorized","errorCode":401,"message":"Not Authorized to access said on type Subscription"}]}}
          a < {"id":"one","type":"complete"}
        for all again:
          a < {"id":"two","type":"start_ack"}
        no keys:
          a < {"id":"two","type":"error","payload":{"errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}}
          a < {"id":"two","type":"complete"}
          a < closed 1008 Not authorized
    "#]]);
}

#[tokio::test]
async fn a_deleted_api_has_nobody() {
    let mut world = World::new().await;
    world.connect("a", "graphql-ws").await;
    world.start("a", "one").await;
    world.follow().await;
    world.change("the API is deleted", record::api("a"), None);
    assert_eq!(world.appsync.counts().subscriptions, 0);
    world.check(expect![[r#"
          a < {"id":"one","type":"start_ack"}
        the API is deleted:
          a < {"id":"one","type":"complete"}
          a < closed 1001 The API was deleted
          follower < event: complete|data:
          follower < closed 1000
    "#]]);
}

#[tokio::test]
async fn what_was_taken_back_before_the_greeting_lets_nobody_in() {
    let mut world = World::new().await;
    let headers = [("sec-websocket-protocol", "graphql-ws"), ("x-api-key", "one")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let request = Request { path: "/a/graphql/realtime".to_owned(), headers, ..Request::default() };
    let (_, connection) = Connection::new(world.appsync.shared(), &"a".into(), &request).await;
    world.clients.insert("a", connection);
    world.change("one is deleted", record::key("a", "one"), None);
    world.say("a", value!({"type": "connection_init"})).await;
    world.check(expect![[r#"
        one is deleted:
          a < {"type":"connection_error","payload":{"errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}}
          a < closed 1008 Not authorized
    "#]]);
}
