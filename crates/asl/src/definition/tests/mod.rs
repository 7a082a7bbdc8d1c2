//! Every rule of spec/validation.md §3, §4, §5, §7 and §8 has its row here: a definition and what is
//! said about it. Texts that were recorded or reported from AWS are named as such.

mod alone;
mod child_executions;
mod distributed;
mod document;
mod fields;
mod flow;
mod graph;
mod item_reader;
mod jsonata;
mod machine;
mod map;
mod resources;
mod result_writer;
mod retry_and_catch;
mod states;
mod variables;
mod warnings;

use std::fmt::Write;

use crate::definition::{Options, compile};
use crate::machine::StateMachine;

/// Rows of (definition, diagnostics as lines). Nothing said means that a machine was built.
#[track_caller]
fn check(rows: &[(&str, &[&str])]) {
    check_with(Options::default(), rows);
}

#[track_caller]
fn check_with(options: Options, rows: &[(&str, &[&str])]) {
    let mut wrong = String::new();
    for (definition, expected) in rows {
        let said = said(definition, options);
        if said != *expected {
            let _ = writeln!(wrong, "{definition}\n  said     {said:#?}\n  expected {expected:#?}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// As [`check`], of the fields of a lone state `S` that ends its machine: `"Type":"Pass"`.
#[track_caller]
fn check_states(rows: &[(&str, &[&str])]) {
    let definitions: Vec<String> = rows.iter().map(|(fields, _)| lone(fields)).collect();
    let rows: Vec<(&str, &[&str])> = definitions
        .iter()
        .zip(rows)
        .map(|(definition, (_, expected))| (definition.as_str(), *expected))
        .collect();
    check(&rows);
}

/// A machine of one state, to which `End` is added where its type has it.
fn lone(fields: &str) -> String {
    let has_no_end =
        ["Succeed", "Fail", "Choice"].iter().any(|name| fields.starts_with(&format!("\"Type\":\"{name}\"")));
    let end = match fields {
        _ if has_no_end || fields.contains("\"End\"") => "",
        "" => r#""End":true"#,
        _ => r#","End":true"#,
    };
    format!(r#"{{"StartAt":"S","States":{{"S":{{{fields}{end}}}}}}}"#)
}

fn said(definition: &str, options: Options) -> Vec<String> {
    let compiled = compile(definition, options);
    let errors = compiled.diagnostics.iter().any(|found| found.severity == crate::Severity::Error);
    assert_eq!(
        compiled.machine.is_none(),
        errors,
        "a machine is built unless there is an error: {definition}"
    );
    compiled
        .diagnostics
        .iter()
        .map(|found| {
            let code = match found.code {
                "SCHEMA_VALIDATION_FAILED" => "SCHEMA",
                other => other,
            };
            match &found.location {
                Some(location) => format!("{code}: {} at {location}", found.message),
                None => format!("{code}: {}", found.message),
            }
        })
        .collect()
}

#[track_caller]
fn machine(definition: &str) -> StateMachine {
    let compiled = compile(definition, Options::default());
    match compiled.machine {
        Some(machine) => machine,
        None => panic!("{definition}: {:#?}", compiled.diagnostics),
    }
}
