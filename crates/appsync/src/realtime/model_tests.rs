//! Random clients come, listen, stop and go; what each hears is what a plain table says.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use json::{Value, value};
use proptest::prelude::*;

use super::{Connection, Out};
use crate::exchange::Request;
use crate::record;
use crate::testing::{Prepared, with_records};

const SCHEMA: &str = r#"
type Query { nothing: Int }
type Mutation { say(room: ID): Said }
type Said { room: ID text: String }
type Subscription { said(room: ID): Said @aws_subscribe(mutations: ["say"]) }"#;

#[derive(Clone, Debug)]
enum Step {
    /// Client, name, the room if it listens to one only, and which of two documents that hear the same.
    Listen(u8, u8, Option<u8>, bool),
    Stop(u8, u8),
    Leave(u8),
    Say(u8),
    /// The API is compiled anew.
    Change,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..4_u8, 0..3_u8, prop::option::of(0..3_u8), any::<bool>())
            .prop_map(|(client, id, room, other)| Step::Listen(client, id, room, other)),
        2 => (0..4_u8, 0..3_u8).prop_map(|(client, id)| Step::Stop(client, id)),
        1 => (0..4_u8).prop_map(Step::Leave),
        4 => (0..3_u8).prop_map(Step::Say),
        1 => Just(Step::Change),
    ];
    prop::collection::vec(step, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn everybody_hears_what_the_table_says(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(run(steps));
    }
}

async fn run(steps: Vec<Step>) {
    let schema = value!({"definition": SCHEMA, "status": "SUCCESS"});
    let records = [
        (record::api("a"), value!({"name": "chat", "apiId": "a", "authenticationType": "API_KEY"})),
        (record::schema("a"), schema.clone()),
        (record::key("a", "da2-key"), value!({"id": "da2-key", "expires": 9_999_999_999_i64})),
    ];
    let appsync = with_records(Arc::new(Prepared::default()), records).await;
    let shared = appsync.shared();
    let mut clients: BTreeMap<u8, Connection> = BTreeMap::new();
    let mut table: BTreeMap<(u8, u8), Option<u8>> = BTreeMap::new();
    for step in steps {
        let mut expected = BTreeSet::new();
        match step {
            Step::Listen(client, id, room, other) => {
                // A name that is taken would end the connection; the scripts show that.
                if table.contains_key(&(client, id)) {
                    continue;
                }
                let client_or_new = match clients.remove(&client) {
                    Some(connection) => connection,
                    None => connected(&appsync).await,
                };
                let connection = clients.entry(client).or_insert(client_or_new);
                let select =
                    if other { "said(room: $room) { room text }" } else { "said(room: $room) { room }" };
                let query = format!("subscription($room: ID) {{ {select} }}");
                let variables = room.map_or_else(|| value!({}), |room| value!({"room": (room.to_string())}));
                let payload = value!({"query": query, "variables": variables});
                let message = value!({"id": (id.to_string()), "type": "subscribe", "payload": payload});
                connection.receive(&message.to_text()).await;
                connection.settled().await;
                table.insert((client, id), room);
            }
            Step::Stop(client, id) => {
                if let Some(connection) = clients.get_mut(&client) {
                    let message = value!({"id": (id.to_string()), "type": "complete"});
                    connection.receive(&message.to_text()).await;
                }
                table.remove(&(client, id));
            }
            Step::Leave(client) => {
                clients.remove(&client);
                table.retain(|(one, _), _| *one != client);
            }
            Step::Say(room) => {
                let api = shared.api("a").unwrap();
                let payload = value!({"__typename": "Said", "room": (room.to_string()), "text": "t"});
                shared.hub.publish(&api, &"say".into(), &payload).await;
                let hear = table.iter().filter(|(_, wanted)| wanted.is_none_or(|wanted| wanted == room));
                expected.extend(hear.map(|(place, _)| *place));
            }
            Step::Change => {
                let changes = [(record::schema("a"), Some(schema.clone()))].into_iter().collect();
                shared.take_over(&changes);
            }
        }
        shared.hub.settled().await;
        assert_eq!(heard(&clients), expected);
        assert_eq!(shared.hub.counts().subscriptions, table.len());
    }
}

async fn connected(appsync: &crate::AppSync) -> Connection {
    let headers = [("sec-websocket-protocol", "graphql-transport-ws"), ("x-api-key", "da2-key")];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let request = Request { path: "/a/graphql/realtime".to_owned(), headers, ..Request::default() };
    let (_, mut connection) = Connection::new(appsync.shared(), &"a".into(), &request).await;
    connection.receive(r#"{"type":"connection_init"}"#).await;
    assert!(connection.line().take().is_some(), "it is let in");
    connection
}

/// Who hears something, by which name; each once.
fn heard(clients: &BTreeMap<u8, Connection>) -> BTreeSet<(u8, u8)> {
    let mut heard = BTreeSet::new();
    for (client, connection) in clients {
        while let Some(out) = connection.line().take() {
            let Out::Shared { head, body, tail } = out else { panic!("{client} is told {out:?}") };
            let message = Value::parse(&format!("{head}{body}{tail}")).unwrap();
            let id = message.get("id").and_then(Value::as_str).unwrap().parse().unwrap();
            assert!(heard.insert((*client, id)), "{client} hears of {id} twice");
        }
    }
    heard
}
