//! `cargo xtask models`: the tables of all AWS service models and of their hosts, made from botocore's.
//!
//! Never here: the tables' layouts; the scripts write them and `aws-models` reads them.

use anyhow::Context;

use crate::{python, shell};

/// Each with the script that writes it.
const TABLES: [(&str, &str); 2] = [
    ("xtask/python/models.py", "crates/aws-models/data/models.bin"),
    ("xtask/python/hosts.py", "crates/aws-models/data/hosts.txt"),
];

#[derive(clap::Args)]
pub struct Models {
    /// Write nothing; fail if a table is not what would be written.
    #[arg(long)]
    pub check: bool,
}

impl Models {
    pub fn run(self) -> anyhow::Result<()> {
        let python = python::environment()?.join("python");
        for (script, table) in TABLES {
            let output = if self.check { "target/models.made" } else { table };
            shell::program(&python).args([script, output]).run()?;
            let made = std::fs::read(output).context(output)?;
            if self.check {
                let kept = std::fs::read(table).context(table)?;
                anyhow::ensure!(made == kept, "{table} is another one: cargo xtask models makes it");
            }
            println!("{table}: {} bytes", made.len());
        }
        Ok(())
    }
}
