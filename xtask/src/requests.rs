//! `cargo xtask requests`: what `aws-protocols` builds and reads beside what botocore does, operation by
//! operation.
//!
//! Never here: the values and the comparison; `xtask/python/aws_requests.py` has them.

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
        shell::cargo(["build", "--package", "aws-protocols", "--example", "batch"]).run()?;
        let batch = OsStr::new("target/debug/examples/batch");
        let services = self.services.iter().map(OsStr::new);
        python::run("aws_requests.py", &std::iter::once(batch).chain(services).collect::<Vec<_>>())
    }
}
