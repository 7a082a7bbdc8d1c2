//! `stepwell validate`: diagnostics with their place in the file.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Output, UNUSABLE};
use crate::definition::{DefinitionFile, Finding};
use crate::printing;
use crate::{project, settings};

/// Check definitions as CreateStateMachine would. Exit code 1 if one has an error.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stepwell validate order.asl.json
  stepwell validate machines/*.asl.yaml --output json
  stepwell validate .

Exit code: 0 no errors, 1 errors in a definition, 2 a file cannot be read.")]
pub struct Validate {
    /// Definition files: JSON, or YAML by the ending .yaml or .yml; or folders with *.asl.json and *.asl.yaml.
    #[arg(required = true, value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// How to print the diagnostics.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl Validate {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let files = self.definition_files()?;
        let mut findings: Vec<Finding> = Vec::new();
        let mut unreadable = 0;
        for file in &files {
            match DefinitionFile::read(file) {
                Ok(Ok(definition)) => findings.extend(definition.findings()),
                Ok(Err(finding)) => findings.push(finding),
                Err(error) => {
                    printing::err(format_args!("error: {error:#}"));
                    unreadable += 1;
                }
            }
        }
        let errors = findings.iter().filter(|finding| finding.is_error()).count();
        match self.output {
            Output::Json => {
                let diagnostics: json::Value = findings.iter().map(Finding::to_json).collect();
                let result = if errors + unreadable == 0 { "OK" } else { "FAIL" };
                printing::out(format_args!(
                    "{}",
                    json::value!({ "result": result, "diagnostics": diagnostics }).to_pretty()
                ));
            }
            Output::Text => {
                for finding in &findings {
                    printing::out(finding);
                }
                let files = files.len() - unreadable;
                let checked =
                    if files == 1 { "1 definition".to_owned() } else { format!("{files} definitions") };
                match errors {
                    0 => printing::err(format_args!("{checked}, no errors")),
                    1 => printing::err(format_args!("{checked}, 1 error")),
                    errors => printing::err(format_args!("{checked}, {errors} errors")),
                }
            }
        }
        Ok(ExitCode::from(if unreadable > 0 { UNUSABLE } else { u8::from(errors > 0) }))
    }

    /// The files, and for a folder its definitions.
    fn definition_files(&self) -> anyhow::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for path in &self.files {
            if path.is_dir() {
                let found = project::definition_files(&settings::load_folder(path)?)?;
                anyhow::ensure!(!found.is_empty(), "{} holds no *.asl.json or *.asl.yaml", path.display());
                files.extend(found.into_values());
            } else {
                files.push(path.clone());
            }
        }
        Ok(files)
    }
}
