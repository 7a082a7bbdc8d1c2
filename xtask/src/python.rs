//! A Python environment of our own under `target/`, for the AWS clients and stand-ins of the tests.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::shell;

/// The packages, with their versions.
const REQUIREMENTS: &str = "xtask/python/requirements.txt";

/// Makes the environment, or finds it made already; returns its folder of programs.
pub fn environment() -> anyhow::Result<PathBuf> {
    anyhow::ensure!(shell::exists("python3"), "this needs python3 (3.10 or later) with venv and pip");
    let folder = shell::root().join("target/python");
    let wanted = std::fs::read_to_string(REQUIREMENTS).context(REQUIREMENTS)?;
    let installed = folder.join("installed.txt");
    if std::fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(folder.join("bin"));
    }
    println!("making a Python environment in target/python …");
    shell::program("python3")
        .args(["-m", "venv", "--clear"])
        .args([&folder])
        .run()
        .context("python3 -m venv does not work here; on Debian and Ubuntu: apt-get install python3-venv")?;
    shell::program(folder.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", REQUIREMENTS])
        .run()?;
    std::fs::write(installed, wanted)?;
    Ok(folder.join("bin"))
}

/// Runs one of the scripts in `xtask/python` with the clients on the path.
pub fn run(script: &str, arguments: &[&OsStr]) -> anyhow::Result<()> {
    let programs = environment()?;
    println!("{script} …");
    shell::program(programs.join("python"))
        .args([format!("xtask/python/{script}")])
        .args(arguments)
        .env("PATH", path_with(&programs)?)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .run()
}

fn path_with(programs: &Path) -> anyhow::Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(programs.to_path_buf()).chain(std::env::split_paths(&path));
    Ok(std::env::join_paths(folders)?)
}
