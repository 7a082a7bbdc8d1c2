//! A server is killed again and again, at random points, while APIs of API Gateway and AppSync are made, one operation after
//! the other. What was acknowledged is there as it was answered, and answers; what was not acknowledged may be there or not.
//!
//! `STEPWELL_SEED` repeats a run's choices.

#[path = "../kill/dice.rs"]
mod dice;
mod facts;
#[path = "../harness/mod.rs"]
mod harness;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::SeqCst};

use aws_protocols::base64;
use dice::Dice;
use facts::Facts;
use harness::killing::{Follower, Mortal, kills, now, wait_until};
use harness::{CallError, Client, head_of_path, text};
use json::{Value, value};

/// The operations are few and quick, so the server is killed more often than in other tests.
const KILLS_FACTOR: u32 = 2;
/// The server is killed when so many more facts are known, at most: more than one round has.
const BETWEEN_KILLS_MAX: u64 = 40;
/// So many rounds pass without a kill, at least: what they made is whole.
const ROUNDS_MIN: u32 = 2;

const ROLE: &str = "arn:aws:iam::123456789012:role/kill";
const SCHEMA: &str = "type Query { note(id: ID!): Note }
type Mutation { put(id: ID!, text: String!): Note }
type Note { id: ID! text: String }";
const PUT: &str = "import { util } from '@aws-appsync/utils'
export function request(ctx) {
  const { id, text } = ctx.args
  return { operation: 'PutItem', key: util.dynamodb.toMapValues({ id }), attributeValues: util.dynamodb.toMapValues({ text }) }
}
export function response(ctx) { return ctx.result }";
const GET: &str = "import { util } from '@aws-appsync/utils'
export function request(ctx) { return { operation: 'GetItem', key: util.dynamodb.toMapValues(ctx.args) } }
export function response(ctx) { return ctx.result }";

#[test]
fn what_was_acknowledged_of_apis_is_there_when_the_process_is_killed() {
    let seed = std::env::var("STEPWELL_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(now() as u64);
    println!("STEPWELL_SEED={seed}");
    let mut dice = Dice(seed);
    let mut server = Mortal::start("apis-kill");
    let mut client = server.client();
    let table = value!({
        "TableName": "notes", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "id", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "id", "KeyType": "HASH" }]
    });
    client.insist(|client| Ok(client.of_service("DynamoDB_20120810.CreateTable", &table)));
    let world = Arc::new(World::default());
    let maker = {
        let (world, mut client) = (world.clone(), server.client());
        std::thread::spawn(move || world.make(&mut client))
    };
    for kill in 1..=kills() * KILLS_FACTOR {
        let more = 1 + dice.below(BETWEEN_KILLS_MAX) as usize;
        let before = world.facts.count();
        // One fact may be taken back meanwhile.
        wait_until("something is made", || maker.is_finished() || world.facts.count() >= before + more);
        server = server.kill();
        println!("kill {kill}: {}", world.state(&mut client));
    }
    wait_until("some rounds are whole", || maker.is_finished() || world.rounds.load(SeqCst) >= ROUNDS_MIN);
    world.is_over.store(true, SeqCst);
    maker.join().expect("the maker found a mistake");
    server = server.kill();
    println!("at the end: {}", world.state(&mut client));
    server.end();
}

#[derive(Default)]
struct World {
    facts: Facts,
    rounds: AtomicU32,
    is_over: AtomicBool,
}

impl World {
    /// Checks what is known, and says how much that is.
    fn state(&self, client: &mut Follower) -> String {
        format!("{} facts, {} rounds", self.facts.check(client), self.rounds.load(SeqCst))
    }

    /// Makes APIs of their own in each round. One in which an answer got lost ends there.
    fn make(&self, client: &mut Follower) {
        for number in 0.. {
            let whole = self
                .make_rest(client, number)
                .and_then(|()| self.make_graphql(client, number))
                .and_then(|()| self.make_events(client, number));
            self.rounds.fetch_add(u32::from(whole.is_some()), SeqCst);
            if self.is_over.load(SeqCst) {
                return;
            }
        }
    }

    fn make_rest(&self, client: &mut Follower, number: u64) -> Option<()> {
        let gateway = "apigateway";
        let at = |path: &str, made: &Value| format!("{path}/{}", text(made, "id"));
        let api = self
            .facts
            .create(client, gateway, "/restapis?mode=import", &openapi(), |api| at("/restapis", api))?;
        let api = at("/restapis", &api);
        let deployments = format!("{api}/deployments");
        let live = value!({ "stageName": "live" });
        let deployment =
            self.facts.create(client, gateway, &deployments, &live, |made| at(&deployments, made))?;
        let stage = client.insist(|client| get(client, gateway, &format!("{api}/stages/live")));
        assert_eq!(text(&stage, "deploymentId"), text(&deployment, "id"), "a deployment makes its stage");
        let open = format!("GET {api}/live/_user_request_/open HTTP/1.1\r\nAccept: */*");
        self.facts.note(open, String::new(), 200, Some(value!({ "open": true })));

        let named = value!({ "name": (format!("key {number}")), "enabled": true });
        let with_value = |key: &Value| at("/apikeys", key) + "?includeValue=true";
        let key = self.facts.create(client, gateway, "/apikeys", &named, with_value)?;
        let (_, id) = api.rsplit_once('/')?;
        let plan = value!({ "name": "plan", "apiStages": [{ "apiId": id, "stage": "live" }] });
        let plan =
            self.facts.create(client, gateway, "/usageplans", &plan, |plan| at("/usageplans", plan))?;
        let keys = at("/usageplans", &plan) + "/keys";
        let of_plan = value!({ "keyId": (text(&key, "id")), "keyType": "API_KEY" });
        self.facts.create(client, gateway, &keys, &of_plan, |key| at(&keys, key))?;
        let keyed = format!("GET {api}/live/_user_request_/keyed HTTP/1.1\r\nx-api-key: ");
        self.facts.note(keyed.clone() + text(&key, "value"), String::new(), 200, None);
        self.facts.note(keyed + "none", String::new(), 403, None);

        let other = self.facts.create(client, gateway, "/apikeys", &named, with_value)?;
        self.facts.delete(client, gateway, &with_value(&other), &at("/apikeys", &other))
    }

    fn make_graphql(&self, client: &mut Follower, number: u64) -> Option<()> {
        let wanted = value!({ "name": (format!("notes{number}")), "authenticationType": "API_KEY" });
        let path = |api: &Value| format!("/v1/apis/{}", text(api.get("graphqlApi").expect("it"), "apiId"));
        let api = path(&self.facts.create(client, "appsync", "/v1/apis", &wanted, path)?);
        let key = self.create_key(client, &api)?;
        let schema = value!({ "definition": (base64::encode(SCHEMA.as_bytes())) });
        let schemas = format!("{api}/schemacreation");
        client.call(|client| client.of_path("appsync", "POST", &schemas, &schema))?;
        let status = client.insist(|client| get(client, "appsync", &schemas));
        assert_eq!(text(&status, "status"), "SUCCESS");
        self.facts.note(head_of_path("appsync", "GET", &schemas), String::new(), 200, Some(status));

        let sources = format!("{api}/datasources");
        let source = value!({
            "name": "notes", "type": "AMAZON_DYNAMODB", "serviceRoleArn": ROLE,
            "dynamodbConfig": { "tableName": "notes", "awsRegion": "us-east-1" }
        });
        self.facts.create(client, "appsync", &sources, &source, |_| format!("{sources}/notes"))?;
        for (of_type, field, code) in [("Mutation", "put", PUT), ("Query", "note", GET)] {
            let resolvers = format!("{api}/types/{of_type}/resolvers");
            let resolver = value!({
                "fieldName": field, "dataSourceName": "notes", "code": code,
                "runtime": { "name": "APPSYNC_JS", "runtimeVersion": "1.0.0" }
            });
            self.facts
                .create(client, "appsync", &resolvers, &resolver, |_| format!("{resolvers}/{field}"))?;
        }
        let (_, id) = api.rsplit_once('/')?;
        let ask =
            format!("POST /{id}/graphql HTTP/1.1\r\nContent-Type: application/json\r\nx-api-key: {key}");
        for text in ["first", "second"] {
            let note = value!({ "id": (format!("{number} {text}")), "text": text });
            let arguments = format!(r#"id: "{number} {text}""#);
            let mutation = format!(r#"mutation {{ put({arguments}, text: "{text}") {{ id text }} }}"#);
            let mutation = value!({ "query": mutation }).to_text();
            let (status, said) = client.call(|client| client.request(&ask, &mutation))?;
            assert_eq!(
                (status, Value::parse(&said).expect("JSON")),
                (200, value!({ "data": { "put": (note.clone()) } }))
            );
            let query = value!({ "query": (format!("{{ note({arguments}) {{ id text }} }}")) }).to_text();
            self.facts.note(ask.clone(), query, 200, Some(value!({ "data": { "note": note } })));
        }
        Some(())
    }

    fn make_events(&self, client: &mut Follower, number: u64) -> Option<()> {
        let modes = || value!([{ "authType": "API_KEY" }]);
        let wanted = value!({ "name": (format!("chat{number}")), "eventConfig": {
            "authProviders": (modes()), "connectionAuthModes": (modes()),
            "defaultPublishAuthModes": (modes()), "defaultSubscribeAuthModes": (modes())
        } });
        let id = |api: &Value| text(api.get("api").expect("it"), "apiId").to_owned();
        let api = self
            .facts
            .create(client, "appsync", "/v2/apis", &wanted, |api| format!("/v2/apis/{}", id(api)))?;
        let id = id(&api);
        let namespaces = format!("/v2/apis/{id}/channelNamespaces");
        let at = |name: &str| format!("{namespaces}/{name}");
        for name in ["rooms", "halls"] {
            self.facts.create(client, "appsync", &namespaces, &value!({ "name": name }), |_| at(name))?;
        }
        self.facts.delete(client, "appsync", &at("halls"), &at("halls"))?;
        let key = self.create_key(client, &format!("/v1/apis/{id}"))?;
        let ask = format!("POST /{id}/event HTTP/1.1\r\nContent-Type: application/json\r\nx-api-key: {key}");
        let event = value!({ "channel": "rooms/a", "events": [r#""hello""#] });
        self.facts.note(ask, event.to_text(), 200, None);
        Some(())
    }

    /// The key of an API of AppSync, which its list alone shows.
    fn create_key(&self, client: &mut Follower, api: &str) -> Option<String> {
        let keys = format!("{api}/apikeys");
        let made = client.call(|client| client.of_path("appsync", "POST", &keys, &value!({})))?;
        let key = made.get("apiKey").expect("a key").clone();
        let id = text(&key, "id").to_owned();
        self.facts.note(
            head_of_path("appsync", "GET", &keys),
            String::new(),
            200,
            Some(value!({ "apiKeys": [key] })),
        );
        Some(id)
    }
}

fn get(client: &mut Client, service: &str, path: &str) -> Result<Value, CallError> {
    client.of_path(service, "GET", path, &Value::Null)
}

/// An API whose methods answer by themselves: `/open` to all, `/keyed` to who has a key.
fn openapi() -> Value {
    let integration = value!({
        "type": "mock", "requestTemplates": { "application/json": r#"{"statusCode": 200}"# },
        "responses": { "default": {
            "statusCode": "200", "responseTemplates": { "application/json": r#"{"open": true}"# }
        } }
    });
    let method = |security: Value| {
        value!({ "get": {
            "security": security, "responses": { "200": { "description": "ok" } },
            "x-amazon-apigateway-integration": (integration.clone())
        } })
    };
    value!({
        "openapi": "3.0.1", "info": { "title": "mocks", "version": "1" },
        "components": { "securitySchemes": {
            "key": { "type": "apiKey", "name": "x-api-key", "in": "header" }
        } },
        "paths": { "/open": (method(value!([]))), "/keyed": (method(value!([{ "key": [] }]))) }
    })
}
