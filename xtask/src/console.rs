//! `cargo xtask console`: the web console's files, built from `console/` into `console/dist`, which is committed so that
//! the program needs no Node to be built.
//!
//! Never here: what the console is; its own folder says that.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::shell;

const FOLDER: &str = "console";
const BUILT: &str = "console/dist";
/// Where `--check` builds.
const AGAIN: &str = "target/console";

#[derive(clap::Args)]
pub struct Console {
    /// Write nothing; fail if what is committed is not what would be built, or if it is too large.
    #[arg(long)]
    check: bool,
    /// Drive the console with Chromium through a real server.
    #[arg(long, conflicts_with = "check")]
    test: bool,
    /// Take the pictures in docs/console/ anew.
    #[arg(long, conflicts_with_all = ["check", "test"])]
    screenshots: bool,
    /// Open every definition of the recorded cases in the designer's document, save it unchanged, and undo what is done
    /// to it.
    #[arg(long, conflicts_with_all = ["check", "test", "screenshots"])]
    definitions: bool,
}

impl Console {
    pub fn run(self) -> anyhow::Result<()> {
        let has_node = shell::exists("node") && shell::exists("npm");
        if !has_node && self.check {
            println!("left out: no node: {BUILT} was not compared with what {FOLDER} makes");
            return Ok(());
        }
        anyhow::ensure!(has_node, "the console needs Node 20.19 or later, and npm: https://nodejs.org");
        install()?;
        if self.definitions {
            return npm(&["run", "--silent", "definitions"]);
        }
        if self.test || self.screenshots {
            shell::cargo(["build", "--package", "server"]).run()?;
            return npm(&["run", "--silent", if self.test { "test" } else { "screenshots" }]);
        }
        npm(&["run", "--silent", "check"])?;
        npm(&["run", "--silent", "units"])?;
        if self.check {
            let again = shell::root().join(AGAIN).to_string_lossy().into_owned();
            npm(&["run", "--silent", "build", "--", "--emptyOutDir", "--outDir", &again])?;
            same(&shell::root().join(BUILT), &shell::root().join(AGAIN))?;
        } else {
            npm(&["run", "--silent", "build"])?;
        }
        npm(&["run", "--silent", "sizes"])
    }
}

/// What is locked, unless it is there already.
fn install() -> anyhow::Result<()> {
    let folder = shell::root().join(FOLDER);
    let wanted = std::fs::read_to_string(folder.join("package-lock.json"))?;
    let mark = folder.join("node_modules/.installed");
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
    std::fs::write(mark, wanted).context("console/node_modules cannot be written")
}

fn npm(args: &[&str]) -> anyhow::Result<()> {
    let mut npm = shell::program("npm").args(args);
    npm.0.current_dir(shell::root().join(FOLDER));
    npm.run()
}

/// Whether two folders hold the same files.
fn same(kept: &Path, made: &Path) -> anyhow::Result<()> {
    let (kept, made) = (files(kept)?, files(made)?);
    let names = kept.keys().chain(made.keys());
    let mut different: Vec<_> = names.filter(|name| kept.get(*name) != made.get(*name)).collect();
    different.sort();
    different.dedup();
    anyhow::ensure!(
        different.is_empty(),
        "{BUILT} is not what {FOLDER} makes: {different:?}; cargo xtask console builds it"
    );
    println!("{BUILT}: {} files, as they would be built", kept.len());
    Ok(())
}

fn files(root: &Path) -> anyhow::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(root)?.to_path_buf(), std::fs::read(&path)?);
            }
        }
    }
    Ok(found)
}
