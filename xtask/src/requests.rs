//! `cargo xtask requests`: what `aws-protocols` builds and reads beside what botocore does, operation by
//! operation, and where `aws-models` says that services are.
//!
//! Never here: the values and the comparisons; `xtask/python/aws_requests.py` and `aws_hosts.py` have them.

use std::ffi::OsStr;

use clap::Args;

use crate::{python, shell};

#[derive(Args, Default)]
pub struct Requests {
    /// Only these services, as botocore calls them.
    services: Vec<String>,
}

impl Requests {
    pub fn run(self) -> anyhow::Result<()> {
        let comparisons =
            [("aws-protocols", "batch", "aws_requests.py"), ("aws-models", "hosts", "aws_hosts.py")];
        for (package, example, script) in comparisons {
            shell::cargo(["build", "--package", package, "--example", example]).run()?;
            let program = format!("target/debug/examples/{example}");
            let services = self.services.iter().map(OsStr::new);
            python::run(script, &std::iter::once(OsStr::new(&program)).chain(services).collect::<Vec<_>>())?;
        }
        Ok(())
    }
}
