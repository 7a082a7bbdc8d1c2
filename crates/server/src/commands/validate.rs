//! `stepwell validate`: diagnostics with their place in the file.

use std::path::PathBuf;
use std::process::ExitCode;

use asl::Options;
use clap::{Args, ValueEnum};

use super::{Output, UNUSABLE};
use crate::definition::{DefinitionFile, Finding};
use crate::printing;
use crate::{project, settings};

/// Check definitions as CreateStateMachine would. Exit code 1 if one has an error.
///
/// Values that a deployment fills in may stand as ${Name} in them, as a text, inside one, or where JSON wants
/// a number: what is known is checked, and what is not is left open.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  stepwell validate order.asl.json
  stepwell validate machines/*.asl.yaml --output json
  stepwell validate --type EXPRESS --severity error fast.asl.json
  stepwell validate --no-substitutions .

Exit code: 0 no errors, 1 errors in a definition, 2 a file cannot be read.")]
pub struct Validate {
    /// Definition files: JSON, or YAML by the ending .yaml or .yml; or folders with *.asl.json and *.asl.yaml.
    #[arg(required = true, value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// The type of state machine that they are for.
    #[arg(long = "type", value_enum, default_value_t, ignore_case = true, value_name = "TYPE")]
    machine_type: MachineType,
    /// The least severity that is printed.
    #[arg(long, value_enum, default_value_t, ignore_case = true)]
    severity: Severity,
    /// Take ${Name} as text, as CreateStateMachine does.
    #[arg(long)]
    no_substitutions: bool,
    /// How to print the diagnostics.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

/// What CreateStateMachine calls `type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "UPPER")]
enum MachineType {
    #[default]
    Standard,
    Express,
}

/// What ValidateStateMachineDefinition calls `severity`. Warnings are shown unless they are not wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Severity {
    Error,
    #[default]
    Warning,
}

/// What was found in all files.
#[derive(Default)]
struct Tally {
    findings: Vec<Finding>,
    unreadable: usize,
    substitutions: usize,
}

impl Validate {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let files = self.definition_files()?;
        let mut tally = Tally::default();
        for file in &files {
            self.check(file, &mut tally);
        }
        let errors = tally.findings.iter().filter(|finding| finding.is_error()).count();
        let shown = tally.findings.iter();
        let shown = shown.filter(|finding| finding.is_error() || self.severity == Severity::Warning);
        match self.output {
            Output::Json => {
                let diagnostics: json::Value = shown.map(Finding::to_json).collect();
                let result = if errors + tally.unreadable == 0 { "OK" } else { "FAIL" };
                printing::out(format_args!(
                    "{}",
                    json::value!({ "result": result, "diagnostics": diagnostics }).to_pretty()
                ));
            }
            Output::Text => {
                for finding in shown {
                    printing::out(finding);
                    if let Some(advice) = &finding.advice {
                        printing::out(format_args!("  {advice}"));
                    }
                }
                let checked = counted(files.len() - tally.unreadable, "definition");
                let errors = if errors == 0 { "no errors".to_owned() } else { counted(errors, "error") };
                let open = match tally.substitutions {
                    0 => String::new(),
                    count => format!("; {} with ${{…}} left open", counted(count, "value")),
                };
                let unreadable = match tally.unreadable {
                    0 => String::new(),
                    count => format!("; {} not read", counted(count, "file")),
                };
                printing::err(format_args!("{checked}, {errors}{open}{unreadable}"));
            }
        }
        Ok(ExitCode::from(if tally.unreadable > 0 { UNUSABLE } else { u8::from(errors > 0) }))
    }

    fn check(&self, file: &std::path::Path, tally: &mut Tally) {
        let options = Options { express: self.machine_type == MachineType::Express };
        match DefinitionFile::read(file) {
            Ok(Ok(definition)) if self.no_substitutions => {
                tally.findings.extend(definition.findings(options))
            }
            Ok(Ok(definition)) => {
                let report = definition.report(options);
                tally.findings.extend(report.findings);
                tally.substitutions += report.substitutions;
            }
            Ok(Err(finding)) => tally.findings.push(*finding),
            Err(error) => {
                printing::err(format_args!("error: {error:#}"));
                tally.unreadable += 1;
            }
        }
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

/// `1 error`, `2 errors`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
