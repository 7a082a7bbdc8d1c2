//! `cargo xtask models`: the table of all AWS service models, made from botocore's.
//!
//! Never here: the table's layout; `xtask/python/models.py` writes it and `aws-models` reads it.

use anyhow::Context;

use crate::{python, shell};

const TABLE: &str = "crates/aws-models/data/models.bin";

#[derive(clap::Args)]
pub struct Models {
    /// Write nothing; fail if the table is not what would be written.
    #[arg(long)]
    pub check: bool,
}

impl Models {
    pub fn run(self) -> anyhow::Result<()> {
        let python = python::environment()?.join("python");
        let output = if self.check { "target/models.bin" } else { TABLE };
        shell::program(python).args(["xtask/python/models.py", output]).run()?;
        let made = std::fs::read(output).context(output)?;
        if self.check {
            let kept = std::fs::read(TABLE).context(TABLE)?;
            anyhow::ensure!(made == kept, "{TABLE} is another one: cargo xtask models makes it");
        }
        println!("{TABLE}: {} bytes", made.len());
        Ok(())
    }
}
