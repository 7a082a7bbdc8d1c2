//! Statements of the Data API, with their parameters: the first line is the list of parameters as JSON, the rest the statement.

#![no_main]

use fuzz::Case;
use json::Value;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use relational::hostile;

fuzz_target!(|data: &[u8]| {
    let Some(Case { input, text }) = Case::read(data) else { return };
    let input = json::value!({"sql": text, "parameters": (input.unwrap_or(Value::Null))});
    for (url, mark) in
        [("postgres://ada:secret@localhost/orders", "$"), ("mysql://ada:secret@localhost/orders", "?")]
    {
        match fuzz::bounded(|| hostile::send(url, &input)) {
            Ok((statement, heard)) => {
                assert_eq!(heard.answers.len(), 1);
                // What no name was taken out of is as it was.
                assert!(text.contains(':') || statement == text, "{statement}");
                assert!(statement.len() <= text.len() + 8 * text.matches(':').count());
                assert!(statement == text || statement.contains(mark), "{statement}");
            }
            Err(reason) => assert!(!reason.is_empty()),
        }
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::vary_case(data, size, max_size, seed, &fuzz::statement_pieces::SQL)
});
