//! The AWS SDK for JavaScript in a folder of its own under `target/`, for the scenario.

use std::path::PathBuf;

use anyhow::Context;

use crate::shell;

/// The SDK with its version, what that brings with it, and the program that drives it.
const FILES: [&str; 3] = ["package.json", "package-lock.json", "driver.mjs"];

/// Installs the SDK, or finds it installed; returns its folder. `None` where Node or npm is missing.
pub fn environment() -> anyhow::Result<Option<PathBuf>> {
    if !shell::exists("node") || !shell::exists("npm") {
        return Ok(None);
    }
    let folder = shell::root().join("target/javascript");
    std::fs::create_dir_all(&folder)?;
    for file in FILES {
        let from = shell::root().join("xtask/javascript").join(file);
        std::fs::copy(&from, folder.join(file)).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    let wanted = std::fs::read_to_string(folder.join("package-lock.json"))?;
    let installed = folder.join("installed.json");
    if std::fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(Some(folder));
    }
    println!("installing the AWS SDK for JavaScript in target/javascript …");
    let mut npm = shell::program("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    npm.0.current_dir(&folder);
    npm.run()?;
    std::fs::write(installed, wanted)?;
    Ok(Some(folder))
}
