//! `stepwell env`: what AWS clients need to find us.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use super::Output;
use crate::appsync_project;
use crate::presence::{self, Place, Secure};
use crate::printing;
use crate::services::ENDPOINT_VARIABLES;
use crate::settings::{self, PORT};
use crate::tls::Tls;

/// How long a server may take to accept a connection before we say that nobody is there.
const PATIENCE: Duration = Duration::from_millis(500);

/// By these Node.js takes an authority beside those that it knows, and the AWS CLI and SDK for Python instead of them.
const CA_VARIABLES: [&str; 2] = ["NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE"];

/// Print the environment variables that point AWS clients at a running server.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  eval \"$(stepwell env)\"               the `stepwell dev` of this folder, whatever its port
  eval \"$(stepwell env ../other)\"      that of another folder
  eval \"$(stepwell env --port 9000)\"
  stepwell env --output json

Where no `dev` runs in the folder, its stepwell.toml or else the defaults tell. Of a server that speaks TLS
the addresses are https:// ones; with `dev --tls`, the variables that make clients believe it follow.")]
pub struct Env {
    /// The folder that `stepwell dev` was given.
    #[arg(default_value = ".", value_name = "DIR")]
    folder: PathBuf,
    /// Host name or address of the server. [default: 127.0.0.1]
    #[arg(long, env = "STEPWELL_HOST")]
    host: Option<String>,
    /// Port of the server. [default: that of the running server, then 8083]
    #[arg(long, env = "STEPWELL_PORT")]
    port: Option<u16>,
    /// Region of the server. [default: that of the running server, then AWS_REGION, then us-east-1]
    #[arg(long, env = "STEPWELL_REGION")]
    region: Option<String>,
    /// How to print them.
    #[arg(long, value_enum, default_value_t)]
    output: Output,
}

impl Env {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let place = find_server(&self.folder, self.host.as_deref(), self.port, self.region.as_deref())?;
        let mut variables: Vec<(String, String)> =
            client_variables(&place).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        variables.extend(api_variables(&self.folder, place.url()));
        match self.output {
            Output::Text => printing::out(export_lines(&variables).trim_end()),
            Output::Json => {
                let object: json::Object = variables.into_iter().collect();
                printing::out(json::Value::from(object).to_pretty());
            }
        }
        if !answers(&place.endpoint) {
            printing::err(format_args!(
                "nobody listens at {}: start `stepwell dev`, or give its --port",
                place.endpoint
            ));
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The server of a folder. What is said here goes before the running server, that before the settings.
pub fn find_server(
    folder: &Path,
    host: Option<&str>,
    port: Option<u16>,
    region: Option<&str>,
) -> anyhow::Result<Place> {
    anyhow::ensure!(folder.is_dir(), "there is no folder {}", folder.display());
    let port = port.filter(|&port| port != 0);
    if host.is_none()
        && port.is_none()
        && let Some(running) = presence::find(folder)
    {
        let region = region.map_or(running.region, str::to_owned);
        return Ok(Place { region, ..running });
    }
    let settings = settings::load_folder(folder)?.settings;
    let server = settings.server;
    let host = match host.or(server.host.as_deref()).unwrap_or("127.0.0.1") {
        "0.0.0.0" => "127.0.0.1".to_owned(),
        host if host.contains(':') && !host.starts_with('[') => format!("[{host}]"),
        host => host.to_owned(),
    };
    let port = port.or(server.port).unwrap_or(PORT);
    let region = settings::region(region.or(server.region.as_deref()));
    let secure = settings.tls.map(|_| Secure { endpoint: format!("https://{host}:{port}"), ca_file: None });
    Ok(Place { endpoint: format!("http://{host}:{port}"), secure, region })
}

fn answers(endpoint: &str) -> bool {
    let address = endpoint.trim_start_matches("http://");
    let Ok(mut addresses) = address.to_socket_addrs() else { return false };
    addresses.any(|address| TcpStream::connect_timeout(&address, PATIENCE).is_ok())
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

/// The place of a server that listens here.
pub fn place(address: SocketAddr, tls: Option<&Tls>, region: &str) -> Place {
    let endpoint = endpoint(address);
    let secure = tls.map(|tls| Secure {
        endpoint: endpoint.replacen("http:", "https:", 1),
        ca_file: tls.ca_file.as_ref().map(|file| file.display().to_string()),
    });
    Place { endpoint, secure, region: region.to_owned() }
}

/// Name and value of each variable. The service-specific endpoints leave clients of other services alone.
pub fn client_variables(place: &Place) -> Vec<(&'static str, String)> {
    let endpoints = ENDPOINT_VARIABLES.map(|(_, variable)| (variable, place.url().to_owned()));
    let others = [
        ("AWS_REGION", place.region.clone()),
        ("AWS_DEFAULT_REGION", place.region.clone()),
        ("AWS_ACCESS_KEY_ID", "stepwell".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "stepwell".to_owned()),
        ("AWS_DISABLE_HOST_PREFIX_INJECTION", "true".to_owned()),
    ];
    let ca_file = place.secure.as_ref().and_then(|secure| secure.ca_file.as_ref());
    let believed = ca_file.into_iter().flat_map(|file| CA_VARIABLES.map(|name| (name, file.clone())));
    endpoints.into_iter().chain(others).chain(believed).collect()
}

/// Where the AppSync APIs of a folder are: nothing for settings that cannot be read, which others complain of.
pub fn api_variables(folder: &Path, endpoint: &str) -> Vec<(String, String)> {
    let loaded = settings::load_folder(folder).unwrap_or_default();
    let addresses = appsync_project::addresses(&loaded, endpoint);
    addresses.into_iter().map(|address| (address.variable, address.url)).collect()
}

/// As a shell reads them.
pub fn export_lines<N: std::fmt::Display>(variables: &[(N, String)]) -> String {
    variables.iter().map(|(name, value)| format!("export {name}={value}\n")).collect()
}
