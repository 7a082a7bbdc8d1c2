//! `stepwell env`: what AWS clients need to find us.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::Args;

use super::Output;
use crate::settings::{self, PORT};

/// Print the environment variables that point AWS clients at a running server.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eval \"$(stepwell env)\"
  eval \"$(stepwell env --port 9000)\"
  stepwell env --output json")]
pub struct Env {
    /// Host name or address of the server.
    #[arg(long, env = "STEPWELL_HOST", default_value = "127.0.0.1")]
    host: String,
    /// Port of the server.
    #[arg(long, env = "STEPWELL_PORT", default_value_t = PORT)]
    port: u16,
    /// Region of the server.
    #[arg(long, env = "STEPWELL_REGION")]
    region: Option<String>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl Env {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let region = self.region.unwrap_or_else(|| settings::region(None));
        let variables = client_variables(&format!("http://{}:{}", self.host, self.port), &region);
        match self.output {
            Output::Text => print!("{}", export_lines(&variables)),
            Output::Json => {
                let object: json::Object = variables.into_iter().collect();
                println!("{}", json::Value::from(object).to_pretty());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The URL of a server that listens here.
pub fn endpoint(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) if address.ip().is_unspecified() => {
            format!("http://127.0.0.1:{}", address.port())
        }
        SocketAddr::V6(address) if address.ip().is_unspecified() => {
            format!("http://[::1]:{}", address.port())
        }
        address => format!("http://{address}"),
    }
}

/// Name and value of each variable. The service-specific endpoint leaves clients of other services alone.
pub fn client_variables(endpoint: &str, region: &str) -> Vec<(&'static str, String)> {
    vec![
        ("AWS_ENDPOINT_URL_SFN", endpoint.to_owned()),
        ("AWS_REGION", region.to_owned()),
        ("AWS_DEFAULT_REGION", region.to_owned()),
        ("AWS_ACCESS_KEY_ID", "stepwell".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "stepwell".to_owned()),
        ("AWS_DISABLE_HOST_PREFIX_INJECTION", "true".to_owned()),
    ]
}

/// As a shell reads them.
pub fn export_lines(variables: &[(&'static str, String)]) -> String {
    variables.iter().map(|(name, value)| format!("export {name}={value}\n")).collect()
}
