//! What a server was told, and by whom, for the console's page about it. No secrets are in it.
//!
//! Never here: what settings mean.

use std::net::SocketAddr;

use http_api::ShownSetting;

use crate::running::{DataPlace, ServerArgs};
use crate::settings::{Loaded, PORT, region};

const SAID: &str = "flag or environment";
const FILE: &str = "stepwell.toml";
const DEFAULT: &str = "default";

/// The settings that people ask about first, of a server that listens at `address`.
pub fn shown_settings(
    args: &ServerArgs,
    loaded: &Loaded,
    data: &DataPlace,
    address: SocketAddr,
) -> Vec<ShownSetting> {
    let settings = &loaded.settings;
    let server = &settings.server;
    let chosen = |name, said: Option<String>, filed: Option<String>, default: String| {
        let origin = match (&said, &filed) {
            (Some(_), _) => SAID,
            (None, Some(_)) => FILE,
            (None, None) => DEFAULT,
        };
        ShownSetting { name, value: said.or(filed).unwrap_or(default), origin }
    };
    let filed = |name, is_set: bool, value: String| ShownSetting {
        name,
        value,
        origin: if is_set { FILE } else { DEFAULT },
    };
    // The one that was found, if any free one was asked for.
    let port = |_: u16| address.port().to_string();
    let folder = match data {
        DataPlace::Memory => "in memory: it is gone at the end".to_owned(),
        DataPlace::Folder(folder) => folder.canonicalize().as_ref().unwrap_or(folder).display().to_string(),
    };
    let named_folder = args.data_dir.as_ref().map(|_| folder.clone());
    let filed_folder = settings.data.dir.as_ref().map(|_| folder.clone());
    let retention_seconds = settings.data.retention().as_secs();
    let is_retention_set =
        settings.data.retention_days.is_some() || settings.data.retention_seconds.is_some();
    let keys = settings.auth.access_keys.len();
    let names = |names: Vec<&str>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    vec![
        chosen("server.host", args.host.clone(), server.host.clone(), "127.0.0.1".to_owned()),
        chosen("server.port", args.port.map(port), server.port.map(port), PORT.to_string()),
        chosen("server.region", args.region.clone(), server.region.clone(), region(None)),
        chosen(
            "server.account",
            args.account.clone(),
            server.account.clone(),
            aws_names::Scope::default().account,
        ),
        chosen("data.dir", named_folder, filed_folder, folder),
        filed("data.retention", is_retention_set, duration(retention_seconds)),
        filed(
            "auth.access_keys",
            keys > 0,
            if keys == 0 { "none: whoever reaches the port may call".to_owned() } else { format!("{keys}") },
        ),
        filed(
            "functions",
            !settings.functions.is_empty(),
            names(settings.functions.keys().map(String::as_str).collect()),
        ),
        filed(
            "aws.enabled",
            settings.aws.enabled.is_some(),
            settings.aws.enabled.unwrap_or(false).to_string(),
        ),
        filed(
            "console.hosts",
            !settings.console.hosts.is_empty(),
            names(settings.console.hosts.iter().map(String::as_str).collect()),
        ),
    ]
}

fn duration(seconds: u64) -> String {
    const DAY_SECONDS: u64 = 24 * 60 * 60;
    match seconds % DAY_SECONDS {
        0 => format!("{} days", seconds / DAY_SECONDS),
        _ => format!("{seconds} s"),
    }
}
