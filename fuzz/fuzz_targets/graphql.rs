//! GraphQL: a schema, behind a line of dashes a document; what can be planned is executed with nulls and with text.

#![no_main]

use std::sync::Arc;

use graphql::{Execution, FieldSet, Plan, Schema, Settings};
use json::{Object, Value};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

const SCHEMA: &str = "type Query { posts(first: Int = 3, by: By): [Post!] node(id: ID!): Node search: [Found] } interface Node { id: ID! } \
    type Post implements Node { id: ID! title: String tags: [String!]! at: AWSDateTime more: AWSJSON author: Author } \
    type Author implements Node { id: ID! name: String! posts: [Post] } union Found = Post | Author input By { name: String, in: [By!] } \
    type Mutation { add(id: ID!, mail: AWSEmail): Post } type Subscription { added(id: ID): Post @aws_subscribe(mutations: [\"add\"]) }";

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (schema, document) = text.split_once("\n---\n").unwrap_or((SCHEMA, text));
    let Some(schema) = fuzz::bounded(|| Schema::parse(schema).ok()) else { return };
    let schema = Arc::new(schema);
    let Some(plan) = fuzz::bounded(|| Plan::new(&schema, document, None).ok()) else { return };
    let plan = Arc::new(plan);
    let roots =
        schema.types().flat_map(|of| of.fields.iter().map(|field| (of.name.as_str(), field.name.as_str())));
    let resolvers = Arc::new(FieldSet::new(&schema, roots));
    for value in [Value::Null, json::value!("text"), json::value!([{"__typename": "Post", "id": 1}])] {
        fuzz::bounded(|| {
            let settings =
                Settings { resolvers: resolvers.clone(), resolvers_max: 200, ..Settings::default() };
            let Ok(mut execution) = Execution::new(plan.clone(), &Object::new(), settings) else { return };
            // No more are asked for than `resolvers_max` allows.
            while !execution.is_done() {
                for wanted in execution.wanted() {
                    execution.resolved(wanted.id, Ok(value.clone())).expect("it is wanted");
                }
            }
            execution.response().to_text();
        });
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::vary_pieces(data, size, max_size, seed, &fuzz::front_pieces::GRAPHQL)
});
