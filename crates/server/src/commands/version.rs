//! `stepwell version`

use std::process::ExitCode;

use clap::Args;

use super::Output;
use crate::printing;

/// Print the version.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  stepwell version\n  stepwell version --output json")]
pub struct Version {
    /// How to print it.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl Version {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let version = env!("CARGO_PKG_VERSION");
        match self.output {
            Output::Text => printing::out(format_args!("stepwell {version}")),
            Output::Json => printing::out(json::value!({ "name": "stepwell", "version": version })),
        }
        Ok(ExitCode::SUCCESS)
    }
}
