//! Templates: the language itself with the input's members as variables, AppSync's with the input as
//! arguments and stash, and API Gateway's with the input as the body.

#![no_main]

use asl::Environment;
use fuzz::{Case, World};
use json::Value;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use vtl::api_gateway::{self, Exchange, Paths};
use vtl::appsync::{self, Surroundings};
use vtl::{Budget, Dialect, Form, Heap, NoHost, Template};

/// How deep an input nests that the test walks itself.
const DEPTH_MAX: usize = 300;

struct AslPaths;

impl Paths for AslPaths {
    fn find(&self, document: &Value, path: &str) -> Option<Value> {
        if !["$.", "$["].iter().any(|start| path.starts_with(start)) {
            return None;
        }
        asl::Path::parse(path).ok()?.query(&Environment::new(document, &World::new(Value::Null))).ok()
    }
}

fuzz_target!(|data: &[u8]| {
    let Some(Case { input, text }) = Case::read(data) else { return };
    let input = input.filter(|input| !input.depth_exceeds(DEPTH_MAX)).unwrap_or_default();
    let output_max = Budget::default().output_bytes;
    let rendered = fuzz::bounded(|| {
        let template = Template::parse(text, Dialect::APPSYNC).map_err(|error| check(text, &error)).ok()?;
        let mut heap = Heap::new(Budget::default());
        let members = input.as_object().cloned().unwrap_or_default();
        let mut variables = Vec::new();
        for (name, member) in members.iter() {
            variables.push((name.as_str(), heap.from_json(member, Form::Java).ok()?));
        }
        template.render(&mut heap, &variables, &mut NoHost).ok()
    });
    assert!(rendered.is_none_or(|rendered| rendered.text.len() <= output_max), "it gave too much");
    let outcome = fuzz::bounded(|| {
        let template = appsync::parse(text).ok()?;
        let context = json::value!({
            "arguments": input.clone(), "stash": input.clone(), "result": input.clone()
        });
        Some(appsync::render(&template, &context, &Surroundings::default(), Budget::default()))
    });
    assert!(outcome.is_none_or(|outcome| outcome.stash.is_object()), "the stash is no map");
    let mapped = fuzz::bounded(|| {
        let template = api_gateway::parse(text, true).ok()?;
        let mut exchange = Exchange { body: input.to_text().into(), ..Exchange::default() };
        exchange.context = input.as_object().cloned().unwrap_or_default();
        api_gateway::render(&template, &exchange, &AslPaths, Budget::default(), true).ok()
    });
    assert!(mapped.is_none_or(|mapped| mapped.text.len() <= output_max), "it gave too much");
});

/// The place of an error is one of the text.
fn check(text: &str, error: &vtl::Error) {
    let lines = text.matches('\n').count() as u32 + 1;
    assert!((1..=lines).contains(&error.position.line), "{error} in {lines} lines");
    assert!(!error.message.is_empty());
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::vary_case(data, size, max_size, seed, &fuzz::pieces::VTL)
});
