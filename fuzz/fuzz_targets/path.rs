//! JSONPath over a document, and reference paths that write into it.

#![no_main]

use asl::{Environment, Path, ReferencePath};
use fuzz::{Case, World};
use json::Value;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| {
    let Some(Case { input, text }) = Case::read(data) else { return };
    let document = input.unwrap_or_default();
    let surroundings = World::new(document.clone());
    let environment = Environment::new(&document, &surroundings);
    fuzz::bounded(|| query(text, &environment));
    fuzz::bounded(|| put(text, &document));
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::vary_case(data, size, max_size, seed, &fuzz::pieces::PATH)
});

fn query(text: &str, environment: &Environment<'_>) {
    let Ok(path) = Path::parse(text) else { return };
    assert_eq!(path.text(), text);
    let found = path.query(environment);
    if let Ok(found) = &found
        && !path.is_definite()
    {
        assert!(found.is_array(), "an indefinite path gave one value");
    }
}

/// What is read through a reference path after it was written there is what was written.
fn put(text: &str, document: &Value) {
    let Ok(reference) = ReferencePath::parse(text) else { return };
    let Some(changed) = reference.put(document, Value::from("written")) else { return };
    let path = Path::parse_reference(text).expect("what can be written can be read");
    let surroundings = World::new(Value::Null);
    let environment = Environment::new(&changed, &surroundings);
    assert_eq!(path.query(&environment), Ok(Value::from("written")));
}
