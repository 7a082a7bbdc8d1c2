use std::collections::BTreeMap;
use std::sync::Arc;

use expect_test::{Expect, expect};
use json::{Value, value};
use services::Moment;

use super::{Connection, Out};
use crate::appsync::AppSync;
use crate::exchange::Request;
use crate::place::Place;
use crate::record;
use crate::testing::{Prepared, post, with_records};

mod bounds;

const FAR: i64 = 9_999_999_999;

const SCHEMA: &str = r#"
type Query { post: Post }
type Mutation { add(id: ID!, title: String, likes: Int, tags: [String]): Post drop(id: ID!): Post fail: Post end(id: ID!): Post }
type Post { id: ID! title: String likes: Int tags: [String] by: Author secret: String! }
type Author { name: String }
type Subscription {
  onAdd(id: ID, title: String, likes: Int): Post @aws_subscribe(mutations: ["add"])
  onAny: Post @aws_subscribe(mutations: ["add", "drop", "fail"])
  onLiked(likes: Int): Post @aws_subscribe(mutations: ["add"])
  onRefused: Post @aws_subscribe(mutations: ["add"])
}"#;

/// Gives its arguments back.
const ECHO: &str =
    "export function request(ctx) { return { payload: { ...ctx.args, by: { name: 'ada' }, secret: 's' } } }
export function response(ctx) { return ctx.result }";
const FAIL: &str = "import { util } from '@aws-appsync/utils'
export function request(ctx) { util.error('no', 'Nope') }
export function response(ctx) { return ctx.result }";
const LIKED: &str = "import { extensions } from '@aws-appsync/utils'
export function request(ctx) { return { payload: null } }
export function response(ctx) {
  extensions.setSubscriptionFilter({ filterGroup: [{ filters: [{ fieldName: 'likes', operator: 'ge', value: ctx.args.likes }] }] })
  extensions.setSubscriptionInvalidationFilter({ filterGroup: [{ filters: [{ fieldName: 'id', operator: 'eq', value: '7' }] }] })
  return null
}";
const END: &str = "import { extensions } from '@aws-appsync/utils'
export function request(ctx) { return { payload: null } }
export function response(ctx) {
  extensions.invalidateSubscriptions({ subscriptionField: 'onLiked', payload: { id: ctx.args.id } })
  return null
}";

/// One API, and clients by their names.
struct World {
    appsync: AppSync,
    outside: Arc<Prepared>,
    clients: BTreeMap<String, Connection>,
    said: String,
}

impl World {
    async fn new() -> World {
        let resolver = |type_: &str, field: &str, code: &str| {
            let resolver = value!({
                "typeName": type_, "fieldName": field, "kind": "UNIT", "dataSourceName": "nothing", "code": code,
                "runtime": {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}
            });
            (record::resolver("a", type_, field), resolver)
        };
        let records = [
            (record::api("a"), value!({"name": "shop", "apiId": "a", "authenticationType": "API_KEY"})),
            (record::schema("a"), value!({"definition": SCHEMA, "status": "SUCCESS"})),
            (record::key("a", "da2-key"), value!({"id": "da2-key", "expires": FAR})),
            (record::source("a", "nothing"), value!({"name": "nothing", "type": "NONE"})),
            resolver("Mutation", "add", ECHO),
            resolver("Mutation", "drop", ECHO),
            resolver("Mutation", "fail", FAIL),
            resolver("Mutation", "end", END),
            resolver("Subscription", "onLiked", LIKED),
            resolver("Subscription", "onRefused", FAIL),
        ];
        let outside = Arc::new(Prepared::default());
        let appsync = with_records(outside.clone(), records).await;
        World { appsync, outside, clients: BTreeMap::new(), said: String::new() }
    }

    /// One step, and all that clients hear of it.
    async fn step(&mut self, step: &str) {
        self.said.push_str(step);
        self.said.push('\n');
        let (who, rest) = step.split_once(' ').unwrap();
        match (who, rest.split_once(' ')) {
            ("mutation", _) => self.mutate(rest).await,
            ("seconds", _) => {
                (0..rest.parse().unwrap()).for_each(|_| self.appsync.shared().hub.tick(Moment::drawn().now))
            }
            ("schema", _) => {
                self.change(record::schema("a"), Some(value!({"definition": rest, "status": "SUCCESS"})));
            }
            (_, Some(("connects", how))) => self.connect(who, how).await,
            (_, Some(("leaves", _))) => drop(self.clients.remove(who)),
            _ => self.clients.get_mut(who).unwrap().receive(rest).await,
        }
        for (name, client) in &self.clients {
            client.settled().await;
            while let Some(out) = client.line().take() {
                self.said.push_str(&format!("    {name} < {}\n", written(out)));
            }
        }
    }

    /// `protocol key`
    async fn connect(&mut self, who: &str, how: &str) {
        let (protocol, key) = how.split_once(' ').unwrap();
        let mut headers = vec![("sec-websocket-protocol".to_owned(), protocol.to_owned())];
        if key != "-" {
            headers.push(("x-api-key".to_owned(), key.to_owned()));
        }
        let request = Request {
            method: "GET".to_owned(),
            path: "/a/graphql/realtime".to_owned(),
            headers,
            ..Request::default()
        };
        let (name, connection) = Connection::new(self.appsync.shared(), &"a".into(), &request).await;
        self.said.push_str(&format!("    {who} is answered {name:?}\n"));
        self.clients.insert(who.to_owned(), connection);
    }

    async fn mutate(&mut self, query: &str) {
        let request = post("da2-key", &value!({"query": query}));
        let response = self.appsync.answer(&Place::GraphQl("a".into()), request).await;
        self.said.push_str(&format!("    {}\n", String::from_utf8(response.body).unwrap()));
    }

    /// Another record: what an operation would do.
    fn change(&mut self, key: String, value: Option<Value>) {
        let changes = [(key, value)].into_iter().collect();
        self.appsync.shared().take_over(&changes);
    }
}

fn written(out: Out) -> String {
    match out {
        Out::Text(text) => text.into(),
        Out::Shared { head, body, tail } => format!("{head}{body}{tail}"),
        Out::Close { code, reason } => format!("closed {code} {reason}").trim_end().to_owned(),
    }
}

async fn check(steps: &[&str], expected: Expect) {
    let mut world = World::new().await;
    for step in steps {
        world.step(step).await;
    }
    expected.assert_eq(&world.said);
}

/// A request as AppSync's clients send it.
fn start(id: &str, query: &str) -> String {
    let data = value!({"query": query, "variables": {}}).to_text();
    value!({"id": id, "type": "start", "payload": {
        "data": data, "extensions": {"authorization": {"x-api-key": "da2-key", "X-Api-Key": "da2-key", "host": "h"}}
    }})
    .to_text()
}

const INIT: &str = r#"a {"type":"connection_init"}"#;
const CONNECTS: &str = "a connects graphql-ws da2-key";

#[tokio::test]
async fn a_subscriber_hears_what_the_mutation_selected() {
    let on_any = format!("a {}", start("1", "subscription { onAny { __typename id title by { name } } }"));
    check(
        &[
            CONNECTS,
            INIT,
            &on_any,
            "mutation mutation { add(id: 1, title: \"one\") { id title by { name } } }",
            "mutation mutation { renamed: add(id: 2, title: \"two\") { n: id } }",
            "mutation mutation { fail { id } }",
            r#"a {"type":"stop","id":"1"}"#,
            "mutation mutation { add(id: 3) { id } }",
            r#"a {"type":"stop","id":"1"}"#,
        ],
        expect![[r#"
            a connects graphql-ws da2-key
                a is answered Some("graphql-ws")
            a {"type":"connection_init"}
                a < {"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}
                a < {"type":"ka"}
            a {"id":"1","type":"start","payload":{"data":"{\"query\":\"subscription { onAny { __typename id title by { name } } }\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
                a < {"id":"1","type":"start_ack"}
            mutation mutation { add(id: 1, title: "one") { id title by { name } } }
                {"data":{"add":{"id":"1","title":"one","by":{"name":"ada"}}}}
                a < {"id":"1","type":"data","payload":{"data":{"onAny":{"__typename":"Post","id":"1","title":"one","by":{"name":"ada"}}}}}
            mutation mutation { renamed: add(id: 2, title: "two") { n: id } }
                {"data":{"renamed":{"n":"2"}}}
                a < {"id":"1","type":"data","payload":{"data":{"onAny":{"__typename":"Post","id":"2","title":null,"by":null}}}}
            mutation mutation { fail { id } }
                {"data":{"fail":null},"errors":[{"path":["fail"],"data":null,"errorType":"Nope","errorInfo":null,"locations":[{"line":1,"column":12,"sourceName":null}],"message":"no"}]}
            a {"type":"stop","id":"1"}
                a < {"id":"1","type":"complete"}
            mutation mutation { add(id: 3) { id } }
                {"data":{"add":{"id":"3"}}}
            a {"type":"stop","id":"1"}
                a < {"id":"1","type":"error","payload":{"errors":[{"errorType":"UnknownOperationError","message":"Unknown operation id 1"}]}}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn fields_that_must_be_there_and_were_not_selected_are_errors() {
    let on_any = format!("a {}", start("1", "subscription { onAny { id secret } }"));
    check(&[CONNECTS, INIT, &on_any, "mutation mutation { add(id: 1) { id } }"], expect![[r#"
        a connects graphql-ws da2-key
            a is answered Some("graphql-ws")
        a {"type":"connection_init"}
            a < {"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}
            a < {"type":"ka"}
        a {"id":"1","type":"start","payload":{"data":"{\"query\":\"subscription { onAny { id secret } }\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
            a < {"id":"1","type":"start_ack"}
        mutation mutation { add(id: 1) { id } }
            {"data":{"add":{"id":"1"}}}
            a < {"id":"1","type":"data","payload":{"data":{"onAny":null},"errors":[{"path":["onAny","secret"],"locations":null,"message":"Cannot return null for non-nullable type: 'String' within parent 'Post' (/onAny/secret)"}]}}
    "#]]).await;
}

#[tokio::test]
async fn arguments_and_filters_choose() {
    let of = |id: &str, query: &str| format!("a {}", start(id, query));
    check(
        &[
            CONNECTS,
            INIT,
            &of("id", "subscription { onAdd(id: \"7\") { id } }"),
            &of("null", "subscription { onAdd(title: null) { id } }"),
            &of("liked", "subscription { onLiked(likes: 5) { id likes } }"),
            "mutation mutation { add(id: 7, title: \"t\", likes: 4) { id title likes } }",
            "mutation mutation { add(id: 8, likes: 5) { id title likes } }",
            "mutation mutation { add(id: 8, likes: 5) { likes } }",
            "mutation mutation { end(id: 6) { id } }",
            "mutation mutation { end(id: 7) { id } }",
            "mutation mutation { add(id: 8, likes: 5) { id title likes } }",
        ],
        expect![[r#"
            a connects graphql-ws da2-key
                a is answered Some("graphql-ws")
            a {"type":"connection_init"}
                a < {"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}
                a < {"type":"ka"}
            a {"id":"id","type":"start","payload":{"data":"{\"query\":\"subscription { onAdd(id: \\\"7\\\") { id } }\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
                a < {"id":"id","type":"start_ack"}
            a {"id":"null","type":"start","payload":{"data":"{\"query\":\"subscription { onAdd(title: null) { id } }\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
                a < {"id":"null","type":"start_ack"}
            a {"id":"liked","type":"start","payload":{"data":"{\"query\":\"subscription { onLiked(likes: 5) { id likes } }\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
                a < {"id":"liked","type":"start_ack"}
            mutation mutation { add(id: 7, title: "t", likes: 4) { id title likes } }
                {"data":{"add":{"id":"7","title":"t","likes":4}}}
                a < {"id":"id","type":"data","payload":{"data":{"onAdd":{"id":"7"}}}}
            mutation mutation { add(id: 8, likes: 5) { id title likes } }
                {"data":{"add":{"id":"8","title":null,"likes":5}}}
                a < {"id":"null","type":"data","payload":{"data":{"onAdd":{"id":"8"}}}}
                a < {"id":"liked","type":"data","payload":{"data":{"onLiked":{"id":"8","likes":5}}}}
            mutation mutation { add(id: 8, likes: 5) { likes } }
                {"data":{"add":{"likes":5}}}
                a < {"id":"liked","type":"data","payload":{"data":{"onLiked":null},"errors":[{"path":["onLiked","id"],"locations":null,"message":"Cannot return null for non-nullable type: 'ID' within parent 'Post' (/onLiked/id)"}]}}
            mutation mutation { end(id: 6) { id } }
                {"data":{"end":null}}
            mutation mutation { end(id: 7) { id } }
                {"data":{"end":null}}
                a < {"id":"liked","type":"complete"}
            mutation mutation { add(id: 8, likes: 5) { id title likes } }
                {"data":{"add":{"id":"8","title":null,"likes":5}}}
                a < {"id":"null","type":"data","payload":{"data":{"onAdd":{"id":"8"}}}}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn what_cannot_begin_is_refused() {
    let of = |id: &str, query: &str| format!("a {}", start(id, query));
    let long = "x".repeat(129);
    check(
        &[
            CONNECTS,
            &of("early", "subscription { onAny { id } }"),
            INIT,
            &of("1", "subscription { onAny { id } }"),
            &of("1", "subscription { onAny { id } }"),
            &of("2", "query { post { id } }"),
            &of("3", "subscription { onNothing { id } }"),
            &of("4", "subscription { onRefused { id } }"),
            &of("5", "subscription {"),
            r#"a {"id":"6","type":"start","payload":{"data":"{\"query\":\"subscription { onAny { id } }\"}"}}"#,
            r#"a {"id":"7","type":"start","payload":{"data":"{\"query\":\"subscription { onAny { id } }\"}","extensions":{"authorization":{"x-api-key":"wrong"}}}}"#,
            r#"a {"id":"8","type":"start","payload":{"data":"no"}}"#,
            r#"a {"id":"9","type":"start"}"#,
            r#"a {"type":"start"}"#,
            &format!(r#"a {{"id":"{long}","type":"start"}}"#),
            r#"a {"type":"subscribe","id":"10"}"#,
            "a {no",
            "a 5",
        ],
        expect![[r#"
            a connects graphql-ws da2-key
                a is answered Some("graphql-ws")
            a {"id":"early","type":"start","payload":{"data":"{\"query\":\"subscription { onAny { id } }\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
                a < {"id":"early","type":"error","payload":{"errors":[{"errorType":"BadRequestException","message":"connection_init goes first"}]}}
            a {"type":"connection_init"}
                a < {"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}
                a < {"type":"ka"}
            a {"id":"1","type":"start","payload":{"data":"{\"query\":\"subscription { onAny { id } }\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
                a < {"id":"1","type":"start_ack"}
            a {"id":"1","type":"start","payload":{"data":"{\"query\":\"subscription { onAny { id } }\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
                a < {"id":"1","type":"error","payload":{"errors":[{"errorType":"DuplicatedOperationError","message":"Duplicated operation id 1"}]}}
            a {"id":"2","type":"start","payload":{"data":"{\"query\":\"query { post { id } }\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
                a < {"id":"2","type":"error","payload":{"errors":[{"errorType":"UnsupportedOperation","message":"Query operations are not supported through the realtime channel"}]}}
            a {"id":"3","type":"start","payload":{"data":"{\"query\":\"subscription { onNothing { id } }\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
                a < {"id":"3","type":"error","payload":{"errors":[{"errorType":"BadRequestException","message":"Validation error of type FieldUndefined: Field 'onNothing' in type 'Subscription' is undefined @ 'onNothing'"}]}}
            a {"id":"4","type":"start","payload":{"data":"{\"query\":\"subscription { onRefused { id } }\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
                a < {"id":"4","type":"error","payload":{"errors":[{"path":["onRefused"],"data":null,"errorType":"Nope","errorInfo":null,"locations":[{"line":1,"column":16,"sourceName":null}],"message":"no"}]}}
            a {"id":"5","type":"start","payload":{"data":"{\"query\":\"subscription {\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
                a < {"id":"5","type":"error","payload":{"errors":[{"errorType":"BadRequestException","message":"Invalid Syntax : offending token '<EOF>' at line 1 column 15"}]}}
            a {"id":"6","type":"start","payload":{"data":"{\"query\":\"subscription { onAny { id } }\"}"}}
                a < {"id":"6","type":"error","payload":{"errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"Missing authorization header"}]}}
            a {"id":"7","type":"start","payload":{"data":"{\"query\":\"subscription { onAny { id } }\"}","extensions":{"authorization":{"x-api-key":"wrong"}}}}
                a < {"id":"7","type":"error","payload":{"errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}}
            a {"id":"8","type":"start","payload":{"data":"no"}}
                a < {"id":"8","type":"error","payload":{"errors":[{"errorType":"BadRequestException","message":"payload.data is no JSON"}]}}
            a {"id":"9","type":"start"}
                a < {"id":"9","type":"error","payload":{"errors":[{"errorType":"BadRequestException","message":"The message has no payload"}]}}
            a {"type":"start"}
                a < {"type":"error","payload":{"errors":[{"errorType":"BadRequestException","message":"The message has no id of 1 to 128 characters"}]}}
            a {"id":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","type":"start"}
                a < {"type":"error","payload":{"errors":[{"errorType":"BadRequestException","message":"The message has no id of 1 to 128 characters"}]}}
            a {"type":"subscribe","id":"10"}
                a < {"id":"10","type":"error","payload":{"errors":[{"errorType":"UnsupportedOperation","message":"subscribe not supported through the realtime channel"}]}}
            a {no
                a < {"type":"error","payload":{"errors":[{"errorType":"BadRequestException","message":"The message is no JSON"}]}}
            a 5
                a < {"type":"error","payload":{"errors":[{"errorType":"BadRequestException","message":"The message is no object with a type"}]}}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn who_is_not_let_in_is_told_so() {
    check(
        &[
            "a connects graphql-ws wrong",
            INIT,
            INIT,
            "a leaves now",
            "a connects mqtt da2-key",
            INIT,
            "a leaves now",
            "a connects graphql-ws,header-e30= -",
            INIT,
            "a leaves now",
            "a connects graphql-ws,header-? -",
            INIT,
        ],
        expect![[r#"
            a connects graphql-ws wrong
                a is answered Some("graphql-ws")
            a {"type":"connection_init"}
                a < {"type":"connection_error","payload":{"errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"You are not authorized to make this call."}]}}
                a < closed 1008 Not authorized
            a {"type":"connection_init"}
            a leaves now
            a connects mqtt da2-key
                a is answered None
            a {"type":"connection_init"}
                a < {"type":"connection_error","payload":{"errors":[{"errorType":"NoProtocolError","errorCode":400,"message":"Sec-WebSocket-Protocol must be graphql-ws or graphql-transport-ws"}]}}
                a < closed 1008 Not authorized
            a leaves now
            a connects graphql-ws,header-e30= -
                a is answered Some("graphql-ws")
            a {"type":"connection_init"}
                a < {"type":"connection_error","payload":{"errors":[{"errorType":"UnauthorizedException","errorCode":401,"message":"Missing authorization header"}]}}
                a < closed 1008 Not authorized
            a leaves now
            a connects graphql-ws,header-? -
                a is answered Some("graphql-ws")
            a {"type":"connection_init"}
                a < {"type":"connection_error","payload":{"errors":[{"errorType":"BadRequestException","errorCode":400,"message":"The header is no JSON object in Base64"}]}}
                a < closed 1008 Not authorized
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_sign_of_life_comes_each_minute_after_the_first() {
    check(
        &[CONNECTS, "seconds 100", INIT, "seconds 59", "seconds 1", "seconds 60"],
        expect![[r#"
            a connects graphql-ws da2-key
                a is answered Some("graphql-ws")
            seconds 100
            a {"type":"connection_init"}
                a < {"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}
                a < {"type":"ka"}
            seconds 59
            seconds 1
                a < {"type":"ka"}
            seconds 60
                a < {"type":"ka"}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn subscriptions_survive_a_change_of_the_api_that_has_them() {
    let of = |id: &str, query: &str| format!("a {}", start(id, query));
    check(
        &[
            CONNECTS,
            INIT,
            &of("1", "subscription { onAny { id title } }"),
            &of("2", "subscription { onAdd { id } }"),
            &format!(
                "schema {}",
                SCHEMA
                    .replace('\n', " ")
                    .replace(
                        "onAdd(id: ID, title: String, likes: Int): Post @aws_subscribe(mutations: [\"add\"])",
                        ""
                    )
                    .replace("type Post {", "type More { id: ID } type Post { more: More")
            ),
            "mutation mutation { add(id: 1, title: \"one\") { id title } }",
        ],
        expect![[r#"
            a connects graphql-ws da2-key
                a is answered Some("graphql-ws")
            a {"type":"connection_init"}
                a < {"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}
                a < {"type":"ka"}
            a {"id":"1","type":"start","payload":{"data":"{\"query\":\"subscription { onAny { id title } }\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
                a < {"id":"1","type":"start_ack"}
            a {"id":"2","type":"start","payload":{"data":"{\"query\":\"subscription { onAdd { id } }\",\"variables\":{}}","extensions":{"authorization":{"x-api-key":"da2-key","X-Api-Key":"da2-key","host":"h"}}}}
                a < {"id":"2","type":"start_ack"}
            schema  type Query { post: Post } type Mutation { add(id: ID!, title: String, likes: Int, tags: [String]): Post drop(id: ID!): Post fail: Post end(id: ID!): Post } type More { id: ID } type Post { more: More id: ID! title: String likes: Int tags: [String] by: Author secret: String! } type Author { name: String } type Subscription {      onAny: Post @aws_subscribe(mutations: ["add", "drop", "fail"])   onLiked(likes: Int): Post @aws_subscribe(mutations: ["add"])   onRefused: Post @aws_subscribe(mutations: ["add"]) }
                a < {"id":"2","type":"complete"}
            mutation mutation { add(id: 1, title: "one") { id title } }
                {"data":{"add":{"id":"1","title":"one"}}}
                a < {"id":"1","type":"data","payload":{"data":{"onAny":{"id":"1","title":"one"}}}}
        "#]],
    )
    .await;
}

#[tokio::test]
async fn older_clients_of_apollo_send_plain_payloads() {
    check(
        &[
            "a connects graphql-ws -",
            r#"a {"type":"connection_init","payload":{"x-api-key":"da2-key"}}"#,
            r#"a {"id":"1","type":"start","payload":{"query":"subscription($id: ID) { onAdd(id: $id) { id } }","variables":{"id":"1"}}}"#,
            "mutation mutation { add(id: 1) { id } }",
            r#"a {"id":"2","type":"start","payload":{"query":"query { post { id } }"}}"#,
            r#"a {"type":"connection_terminate"}"#,
        ],
        expect![[r#"
            a connects graphql-ws -
                a is answered Some("graphql-ws")
            a {"type":"connection_init","payload":{"x-api-key":"da2-key"}}
                a < {"type":"connection_ack","payload":{"connectionTimeoutMs":300000}}
                a < {"type":"ka"}
            a {"id":"1","type":"start","payload":{"query":"subscription($id: ID) { onAdd(id: $id) { id } }","variables":{"id":"1"}}}
            mutation mutation { add(id: 1) { id } }
                {"data":{"add":{"id":"1"}}}
                a < {"id":"1","type":"data","payload":{"data":{"onAdd":{"id":"1"}}}}
            a {"id":"2","type":"start","payload":{"query":"query { post { id } }"}}
                a < {"id":"2","type":"data","payload":{"data":{"post":null}}}
                a < {"id":"2","type":"complete"}
            a {"type":"connection_terminate"}
                a < closed 1000
        "#]],
    )
    .await;
}

#[tokio::test]
async fn the_other_protocol() {
    check(
        &[
            "a connects graphql-transport-ws -",
            r#"a {"type":"connection_init","payload":{"headers":{"x-api-key":"da2-key"}}}"#,
            r#"a {"type":"ping"}"#,
            r#"a {"type":"pong"}"#,
            r#"a {"id":"1","type":"subscribe","payload":{"query":"subscription { onAny { id } }"}}"#,
            "mutation mutation { add(id: 1) { id } }",
            r#"a {"id":"2","type":"subscribe","payload":{"query":"mutation { drop(id: 2) { id } }"}}"#,
            r#"a {"id":"3","type":"subscribe","payload":{"query":"subscription { onNothing { id } }"}}"#,
            r#"a {"id":"1","type":"complete"}"#,
            r#"a {"id":"1","type":"complete"}"#,
            "mutation mutation { add(id: 1) { id } }",
            r#"a {"type":"connection_init"}"#,
            "b connects graphql-transport-ws -",
            r#"b {"id":"1","type":"subscribe","payload":{"query":"subscription { onAny { id } }"}}"#,
            "c connects graphql-transport-ws wrong",
            r#"c {"type":"connection_init"}"#,
            "d connects graphql-transport-ws da2-key",
            r#"d {"type":"connection_init"}"#,
            r#"d {"id":"1","type":"subscribe","payload":{"query":"subscription { onAny { id } }"}}"#,
            r#"d {"id":"1","type":"subscribe","payload":{"query":"subscription { onAny { id } }"}}"#,
            "e connects graphql-transport-ws da2-key",
            r#"e {"type":"start"}"#,
        ],
        expect![[r#"
            a connects graphql-transport-ws -
                a is answered Some("graphql-transport-ws")
            a {"type":"connection_init","payload":{"headers":{"x-api-key":"da2-key"}}}
                a < {"type":"connection_ack"}
            a {"type":"ping"}
                a < {"type":"pong"}
            a {"type":"pong"}
            a {"id":"1","type":"subscribe","payload":{"query":"subscription { onAny { id } }"}}
            mutation mutation { add(id: 1) { id } }
                {"data":{"add":{"id":"1"}}}
                a < {"id":"1","type":"next","payload":{"data":{"onAny":{"id":"1"}}}}
            a {"id":"2","type":"subscribe","payload":{"query":"mutation { drop(id: 2) { id } }"}}
                a < {"id":"2","type":"next","payload":{"data":{"drop":{"id":"2"}}}}
                a < {"id":"2","type":"complete"}
                a < {"id":"1","type":"next","payload":{"data":{"onAny":{"id":"2"}}}}
            a {"id":"3","type":"subscribe","payload":{"query":"subscription { onNothing { id } }"}}
                a < {"id":"3","type":"next","payload":{"data":null,"errors":[{"path":null,"locations":[{"line":1,"column":16,"sourceName":null}],"message":"Validation error of type FieldUndefined: Field 'onNothing' in type 'Subscription' is undefined @ 'onNothing'"}]}}
                a < {"id":"3","type":"complete"}
            a {"id":"1","type":"complete"}
            a {"id":"1","type":"complete"}
            mutation mutation { add(id: 1) { id } }
                {"data":{"add":{"id":"1"}}}
            a {"type":"connection_init"}
                a < closed 4429 Too many initialisation requests
            b connects graphql-transport-ws -
                b is answered Some("graphql-transport-ws")
            b {"id":"1","type":"subscribe","payload":{"query":"subscription { onAny { id } }"}}
                b < closed 4401 Unauthorized
            c connects graphql-transport-ws wrong
                c is answered Some("graphql-transport-ws")
            c {"type":"connection_init"}
                c < closed 4403 Forbidden
            d connects graphql-transport-ws da2-key
                d is answered Some("graphql-transport-ws")
            d {"type":"connection_init"}
                d < {"type":"connection_ack"}
            d {"id":"1","type":"subscribe","payload":{"query":"subscription { onAny { id } }"}}
            d {"id":"1","type":"subscribe","payload":{"query":"subscription { onAny { id } }"}}
                d < closed 4409 Subscriber already exists
            e connects graphql-transport-ws da2-key
                e is answered Some("graphql-transport-ws")
            e {"type":"start"}
                e < closed 4400 Invalid message
        "#]],
    )
    .await;
}

#[tokio::test]
async fn who_is_told_to_go_has_heard_what_happened_before() {
    let mut world = World::new().await;
    world.step(CONNECTS).await;
    world.step(INIT).await;
    world.step(&format!("a {}", start("1", "subscription { onAny { id } }"))).await;
    world.said.clear();
    for number in 0..50 {
        world.mutate(&format!("mutation {{ add(id: {number}) {{ id }} }}")).await;
    }
    world.appsync.go_away().await;
    world.clients["a"].settled().await;
    let line = world.clients["a"].line();
    let said: Vec<String> = std::iter::from_fn(|| line.take()).map(written).collect();
    assert_eq!(said.len(), 51);
    assert!(said[49].contains(r#"{"id":"49"}"#), "{}", said[49]);
    assert_eq!(said[50], "closed 1001 The server stops");
}

/// A resolver has let a subscriber in; before the subscription lives, it is invalidated.
#[tokio::test]
async fn what_is_invalidated_while_it_begins_does_not_live() {
    let code = LIKED.replace("{ payload: null }", "{ operation: 'Invoke', payload: {} }");
    let resolver = value!({
        "typeName": "Subscription", "fieldName": "onLiked", "kind": "UNIT", "dataSourceName": "function", "code": code,
        "runtime": {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}
    });
    let function = value!({
        "name": "function", "type": "AWS_LAMBDA",
        "lambdaConfig": {"lambdaFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f"}
    });
    let mut world = World::new().await;
    world.step(CONNECTS).await;
    world.step(INIT).await;
    let changes = [
        (record::source("a", "function"), Some(function)),
        (record::resolver("a", "Subscription", "onLiked"), Some(resolver)),
    ];
    world.appsync.shared().take_over(&changes.into_iter().collect());
    for (id, goes_on) in [("7", false), ("6", true)] {
        world.said.clear();
        let gate = world.outside.close();
        let calls = world.outside.calls.lock().unwrap().len();
        let client = world.clients.get_mut("a").unwrap();
        client.receive(&start(id, "subscription { onLiked(likes: 5) { id likes } }")).await;
        world.outside.called(calls + 1).await;
        world.mutate(&format!("mutation {{ end(id: {id}) {{ id }} }}")).await;
        world.appsync.shared().hub.settled().await;
        gate.add_permits(1);
        world.step("seconds 0").await;
        assert!(world.said.contains("start_ack"), "{}", world.said);
        assert_eq!(world.said.contains("complete"), !goes_on, "{}", world.said);
        assert_eq!(world.appsync.counts().subscriptions, usize::from(goes_on));
    }
}
