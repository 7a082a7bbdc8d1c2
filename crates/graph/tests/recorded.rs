//! Every definition of the recorded cases, measured.

mod geometry;

use graph::Layout;
use json::Value;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/cases");

#[test]
#[expect(clippy::disallowed_methods, reason = "the cases are on the disk")]
fn recorded_definitions_are_drawn_whole_and_without_overlap() {
    let Ok(folder) = std::fs::read_dir(CASES) else {
        println!("skipped: no recorded cases at {CASES}");
        return;
    };
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let (mut drawn, mut states) = (0, 0);
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "json")) {
        let case = Value::parse(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut definitions = Vec::new();
        collect(&case, &mut definitions);
        for definition in definitions {
            let layout = Layout::of(&definition).unwrap();
            let wrong = geometry::complaints(&definition, &layout);
            assert!(wrong.is_empty(), "{}: {wrong:#?}", path.display());
            assert!(graph::svg(&layout, None, "t").ends_with("</svg>\n"));
            drawn += 1;
            states += layout.nodes.len();
        }
    }
    println!("{drawn} definitions with {states} boxes");
    assert!(drawn > 300);
}

/// All texts under the name `definition` that are JSON objects, wherever they are in a case.
fn collect(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => {
            for (name, member) in members.iter() {
                let definition = member.as_str().filter(|_| name == "definition");
                match definition.and_then(|text| Value::parse(text).ok()) {
                    Some(definition) if definition.is_object() => found.push(definition),
                    _ => collect(member, found),
                }
            }
        }
        _ => {}
    }
}
