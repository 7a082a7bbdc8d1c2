//! How long requests take: `cargo run --release -p graphql --example throughput`.
//!
//! Ratios matter, not figures: the machine is shared.

use std::sync::Arc;
use std::time::{Duration, Instant};

use graphql::{Execution, FieldSet, Plan, Schema, Settings};
use json::{Object, Value};

const SCHEMA: &str = "
type Query { posts(first: Int, filter: Filter): [Post] me: User }
type Post { id: ID! title: String body: String author: User comments: [Comment] tags: [String] views: Int }
type User { id: ID! name: String email: AWSEmail avatar: AWSURL posts: [Post] }
type Comment { id: ID! text: String at: AWSDateTime author: User likes: Int }
input Filter { word: String limit: Int }
";

const TWENTY: &str = "query Q($n: Int, $word: String) {
  posts(first: $n, filter: {word: $word, limit: 5}) {
    id title body tags views
    author { id name email avatar }
    comments { id text at likes author { id name } }
  }
  me { ...U }
} fragment U on User { id name }";

/// The clock is what an example is for; the crate itself has none.
#[allow(clippy::disallowed_methods)]
fn time(name: &str, times: u32, mut work: impl FnMut()) {
    work();
    let start = Instant::now();
    (0..times).for_each(|_| work());
    let each: Duration = start.elapsed() / times;
    println!("{name:<44} {each:>12.2?}");
}

fn main() {
    let schema = Arc::new(Schema::parse(SCHEMA).expect("the schema is right"));
    time("schema of 30 lines, built-in types included", 200, || {
        Schema::parse(SCHEMA).expect("the schema is right");
    });
    time("parse, 20 fields", 2_000, || {
        graphql::syntax::parse_document(TWENTY).expect("it is GraphQL");
    });
    time("plan, 20 fields, uncached", 2_000, || {
        Plan::new(&schema, TWENTY, None).expect("it fits");
    });
    let plan = Arc::new(Plan::new(&schema, TWENTY, None).expect("it fits"));
    let variables: Object = [("n", Value::Int(3))].into_iter().collect();
    time("begin, 20 fields, plan cached", 2_000, || {
        Execution::new(plan.clone(), &variables, Settings::default()).expect("it begins");
    });
    let three = Arc::new(Plan::new(&schema, "{ posts { id title views } }", None).expect("it fits"));
    let resolvers = Arc::new(FieldSet::new(&schema, [("Query", "posts")]));
    let post = json::value!({ "id": "1", "title": "A title", "views": 5, "body": "not asked for" });
    let posts: Value = (0..20).map(|_| post.clone()).collect();
    time("execution, 20 objects of 3 fields", 2_000, || {
        let settings = Settings { resolvers: resolvers.clone(), ..Settings::default() };
        let mut execution = Execution::new(three.clone(), &Object::new(), settings).expect("it begins");
        let wanted = execution.wanted();
        execution.resolved(wanted[0].id, Ok(posts.clone())).expect("it is wanted");
        std::hint::black_box(execution.response());
    });
    for (name, query) in hostile() {
        time(&format!("hostile: {name}"), 5, || {
            let _ = Plan::new(&schema, &query, None);
        });
    }
    time("introspection as tools ask it", 50, || {
        std::hint::black_box(Schema::to_introspection(&schema, true));
    });
}

fn hostile() -> Vec<(&'static str, String)> {
    let doubling = |levels: usize| {
        let level = |level: usize| {
            let next = level + 1;
            format!(
                "fragment F{level} on User {{ posts {{ a: author {{ ...F{next} }} b: author {{ ...F{next} }} }} }} "
            )
        };
        let levels_text: String = (0..levels).map(level).collect();
        format!("{{ me {{ ...F0 }} }} {levels_text} fragment F{levels} on User {{ id }}")
    };
    vec![
        ("1 MB, deep", "{ me ".repeat(200_000)),
        ("1 MB, wide", format!("{{ {} }}", "me { id } ".repeat(100_000))),
        ("14,000 fields of one name", format!("{{ me {{ {} }} }}", "id ".repeat(14_000))),
        (
            "4,000 aliases",
            format!("{{ me {{ {} }} }}", (0..4_000).map(|n| format!("a{n}: id ")).collect::<String>()),
        ),
        ("2,000 unknown fields", format!("{{ {} }}", "nope ".repeat(2_000))),
        ("doubling fragments, 60 levels", doubling(60)),
        ("doubling fragments, 13 levels", doubling(13)),
    ]
}
