//! `stepwell version`

use std::process::ExitCode;

use clap::Args;

use super::Output;
use crate::printing;

/// Print the version, and that of the models of AWS's services.
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
        let (models, day) = connectors::models();
        match self.output {
            Output::Text => {
                printing::out(format_args!("stepwell {version}"));
                printing::out(format_args!("models of AWS's services: {models}, released on {day}"));
            }
            Output::Json => printing::out(json::value!({
                "name": "stepwell",
                "version": version,
                "models": { "source": models, "released": day },
            })),
        }
        Ok(ExitCode::SUCCESS)
    }
}
