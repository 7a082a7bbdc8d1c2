//! Clients in JavaScript, each in a folder of its own under `target/`: the AWS SDK for the scenario, Amplify and Apollo for
//! the posts.

use std::path::PathBuf;

use anyhow::Context;

use crate::shell;

/// Clients, and the programs that drive them.
pub struct Clients {
    /// Where they are described, below `xtask/`.
    described_in: &'static str,
    /// Where they are installed, below `target/`.
    installed_in: &'static str,
    /// What is printed of them.
    called: &'static str,
    /// The packages with their versions, what those bring along, and the programs.
    files: &'static [&'static str],
}

/// The AWS SDK for JavaScript.
pub const SDK: Clients = Clients {
    described_in: "javascript",
    installed_in: "javascript",
    called: "the AWS SDK for JavaScript",
    files: &["package.json", "package-lock.json", "driver.mjs"],
};

/// aws-amplify, and Apollo Client with AppSync's links.
pub const APPSYNC_CLIENTS: Clients = Clients {
    described_in: "node",
    installed_in: "clients",
    called: "Amplify and Apollo",
    files: &[
        "package.json",
        "package-lock.json",
        "checks.mjs",
        "amplify.mjs",
        "apollo.mjs",
        "todos.mjs",
        "modes_amplify.mjs",
        "modes_apollo.mjs",
    ],
};

/// CDK, and Amplify's construct for it, which makes backends.
pub const AMPLIFY_BACKEND: Clients = Clients {
    described_in: "node/backend",
    installed_in: "backend",
    called: "CDK and Amplify's construct (350 MB)",
    files: &["package.json", "package-lock.json", "synthesise.mjs"],
};

/// Installs clients, or finds them installed; returns their folder. `None` where Node or npm is missing.
pub fn environment(clients: &Clients) -> anyhow::Result<Option<PathBuf>> {
    if !shell::exists("node") || !shell::exists("npm") {
        return Ok(None);
    }
    let folder = shell::root().join("target").join(clients.installed_in);
    std::fs::create_dir_all(&folder)?;
    for file in clients.files {
        let from = shell::root().join("xtask").join(clients.described_in).join(file);
        std::fs::copy(&from, folder.join(file)).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    let wanted = std::fs::read_to_string(folder.join("package-lock.json"))?;
    let installed = folder.join("installed.json");
    if std::fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(Some(folder));
    }
    println!("installing {} in target/{} …", clients.called, clients.installed_in);
    let mut npm = shell::program("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    npm.0.current_dir(&folder);
    npm.run()?;
    std::fs::write(installed, wanted)?;
    Ok(Some(folder))
}
