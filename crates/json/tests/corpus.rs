//! Every recorded document reads, and reads the same after printing.

use std::path::Path;

use json::Value;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/conformance/cases");

#[test]
#[allow(clippy::disallowed_methods, reason = "a test reads its cases")]
fn recorded_documents_survive_printing() {
    let Ok(folder) = std::fs::read_dir(Path::new(CASES)) else {
        println!("skipped: no recorded cases in {CASES}");
        return;
    };
    let mut documents = 0;
    for entry in folder {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let text = std::fs::read_to_string(&path).unwrap();
            let value = Value::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(Value::parse(&value.to_text()).unwrap(), value, "{}", path.display());
            assert_eq!(Value::parse(&value.to_pretty()).unwrap().to_text(), value.to_text());
            documents += 1;
        }
    }
    assert!(documents > 0, "no documents in {CASES}");
}
