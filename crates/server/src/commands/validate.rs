//! `stepwell validate`: diagnostics with their place in the file.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Output;
use crate::definition::{DefinitionFile, Finding};

/// Check definitions as CreateStateMachine would. Exit code 1 if one has an error.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stepwell validate order.asl.json
  stepwell validate machines/*.asl.yaml --output json

Exit code: 0 no errors, 1 errors in a definition, 2 a file cannot be read.")]
pub struct Validate {
    /// Definition files: JSON, or YAML by the ending .yaml or .yml.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How to print the diagnostics.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl Validate {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let mut findings: Vec<Finding> = Vec::new();
        for file in &self.files {
            match DefinitionFile::read(file)? {
                Ok(definition) => findings.extend(definition.findings()),
                Err(finding) => findings.push(finding),
            }
        }
        let errors = findings.iter().filter(|finding| finding.is_error()).count();
        match self.output {
            Output::Json => {
                let diagnostics: json::Value = findings.iter().map(Finding::to_json).collect();
                let result = if errors == 0 { "OK" } else { "FAIL" };
                println!("{}", json::value!({ "result": result, "diagnostics": diagnostics }).to_pretty());
            }
            Output::Text => {
                for finding in &findings {
                    println!("{finding}");
                }
                let files = self.files.len();
                let checked =
                    if files == 1 { "1 definition".to_owned() } else { format!("{files} definitions") };
                match errors {
                    0 => eprintln!("{checked}, no errors"),
                    1 => eprintln!("{checked}, 1 error"),
                    errors => eprintln!("{checked}, {errors} errors"),
                }
            }
        }
        Ok(ExitCode::from(u8::from(errors > 0)))
    }
}
