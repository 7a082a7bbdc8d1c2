//! Operations in, answers out; and random operations with restarts.

mod checks;
mod flow;
mod model;

use aws_models::{Kind, Shape};
use aws_names::Scope;
use json::{Object, Value, value};
use services::records::{Draft, Records};
use services::{Asker, Moment};

use super::{Work, perform};

/// 2026-01-01T00:30:00Z, a time that is no full hour.
const NOW: i64 = 1_767_227_400_000;

/// The control plane without anything around it.
#[derive(Default)]
struct World {
    records: Records,
    /// How many operations there were: each draws other numbers.
    count: u64,
    /// Milliseconds behind `NOW`.
    later: i64,
}

impl World {
    fn operate(&mut self, operation: &str, input: Value) -> Result<Value, services::Fault> {
        self.count += 1;
        let mut moment = Moment::new(NOW + self.later, self.count);
        let asker = Asker { base_url: "http://127.0.0.1:8083".into(), ..Asker::default() };
        let (scope, mut draft) = (Scope::default(), Draft::new(&self.records));
        let mut work = Work { draft: &mut draft, scope: &scope, asker: &asker, moment: &mut moment };
        let answer = perform(operation, &input, &mut work)?;
        let service = aws_models::service("appsync").unwrap();
        if let Some(shape) = service.operation_named(operation).unwrap().output() {
            assert_eq!(foreign(&answer, shape), None, "{operation} answers what its model does not have");
        }
        let changes = draft.changes();
        self.records.take_over(&changes);
        Ok(answer)
    }

    /// What must go well.
    #[track_caller]
    fn done(&mut self, operation: &str, input: Value) -> Value {
        match self.operate(operation, input) {
            Ok(answer) => answer,
            Err(fault) => panic!("{operation}: {} {}", fault.code, fault.message),
        }
    }

    /// The answer as text, or why there is none.
    fn said(&mut self, operation: &str, input: Value) -> String {
        match self.operate(operation, input) {
            Ok(answer) => answer.to_text(),
            Err(fault) => format!("{} {}: {}", fault.status, fault.code, fault.message),
        }
    }

    /// A GraphQL API with a key as its mode; its identifier.
    fn api(&mut self) -> String {
        let api = self.done("CreateGraphqlApi", value!({"name": "shop", "authenticationType": "API_KEY"}));
        text(&api, "graphqlApi", "apiId")
    }

    fn schema(&mut self, api: &str, sdl: &str) -> String {
        let definition = aws_protocols::base64::encode(sdl.as_bytes());
        self.done("StartSchemaCreation", value!({"apiId": api, "definition": definition}));
        self.said("GetSchemaCreationStatus", value!({"apiId": api}))
    }

    /// An API with a schema, a data source that asks nobody, and one that asks a function.
    fn shop(&mut self) -> String {
        let api = self.api();
        self.schema(&api, SHOP);
        self.done("CreateDataSource", value!({"apiId": (&api), "name": "nothing", "type": "NONE"}));
        self.done("CreateDataSource", of(&api, value!({
            "name": "hello", "type": "AWS_LAMBDA",
            "lambdaConfig": {"lambdaFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:hello"}
        })));
        api
    }
}

/// A member that a shape does not have.
fn foreign(value: &Value, shape: Shape<'_>) -> Option<String> {
    match (shape.kind(), value) {
        (Kind::Structure, Value::Object(members)) => {
            members.iter().find_map(|(name, value)| match shape.member(name) {
                None => Some(name.to_string()),
                Some(member) => foreign(value, member.shape()),
            })
        }
        (Kind::List, Value::Array(items)) => {
            items.iter().find_map(|item| foreign(item, shape.element()?.shape()))
        }
        _ => None,
    }
}

const SHOP: &str = "type Query { post(id: ID!): Post posts: [Post!]! }
type Mutation { createPost(title: String): Post! }
type Subscription { onPost: Post @aws_subscribe(mutations: [\"createPost\"]) }
# a comment
type Post { id: ID! title: String }";

const CODE: &str = "export function request(ctx) { return { payload: ctx.args } }
export function response(ctx) { return ctx.result }";

/// An input with `apiId`.
fn of(api: &str, more: Value) -> Value {
    with(&value!({"apiId": api}), more)
}

fn with(one: &Value, other: Value) -> Value {
    let mut all: Object = one.as_object().cloned().unwrap();
    for (name, value) in other.as_object().unwrap().iter() {
        all.insert(name.clone(), value);
    }
    all.into()
}

fn text(answer: &Value, part: &str, member: &str) -> String {
    answer.get(part).and_then(|part| part.get(member)?.as_str()).unwrap().to_owned()
}

fn code(more: Value) -> Value {
    with(&value!({"code": CODE, "runtime": {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}}), more)
}
