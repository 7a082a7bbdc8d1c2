//! Other programs: started from the workspace's root, their failure said in one line.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;

/// The workspace's root.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the root").to_path_buf()
}

/// A program to run, with its command line for messages.
pub struct Shell(pub Command);

/// `cargo` as this toolbox was started with.
pub fn cargo<const N: usize>(args: [&str; N]) -> Shell {
    program(std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())).args(args)
}

/// Any program.
pub fn program(name: impl AsRef<OsStr>) -> Shell {
    let mut command = Command::new(name);
    command.current_dir(root());
    Shell(command)
}

/// Whether a program is there and answers to `--version`.
pub fn exists(name: &str) -> bool {
    Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success())
}

impl Shell {
    /// Adds arguments.
    pub fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Shell {
        self.0.args(args);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Shell {
        self.0.env(name, value);
        self
    }

    /// Runs it; anything but success is an error.
    pub fn run(mut self) -> anyhow::Result<()> {
        let status = self.0.status().with_context(|| format!("cannot start {}", self.line()))?;
        anyhow::ensure!(status.success(), "{} failed ({status})", self.line());
        Ok(())
    }

    /// The command line.
    pub fn line(&self) -> String {
        let program = self.0.get_program().to_string_lossy().into_owned();
        let program = program.rsplit('/').next().unwrap_or_default().to_owned();
        self.0.get_args().fold(program, |line, arg| line + " " + &arg.to_string_lossy())
    }
}
