//! `cargo xtask fuzz`: texts that nobody would write, for panics, time and memory.
//!
//! The targets are a workspace of their own, `fuzz/`. Never here: what a target checks.

mod corpus;
mod seeds;

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};

use crate::shell;

/// A longer input shows nothing that a short one does not.
const BYTES_MAX: u32 = 8192;

/// Seconds for one input before the fuzzer gives up on it. The targets themselves are stricter: they count
/// the processor's time, which the rest of the machine does not lengthen.
const SECONDS_PER_INPUT_MAX: u32 = 30;

/// More memory than this, in MiB, ends the fuzzer; the targets are stricter here, too.
const MEMORY_MAX: u32 = 2048;

#[derive(Args)]
pub struct Fuzz {
    /// Only this target; otherwise one after the other.
    target: Option<Target>,
    /// Seconds of each target; 0 only runs through what is there.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Begin with our own seeds alone, and keep in fuzz/corpus the fewest that reach as much.
    #[arg(long)]
    keep: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Target {
    /// Definitions: checked and compiled.
    Definition,
    /// JSONPath and reference paths, over a document.
    Path,
    /// Calls of intrinsic functions, over an input.
    Intrinsic,
    /// JSONata, over an input.
    Jsonata,
    /// Velocity templates, over an input.
    Vtl,
    /// Event patterns and filter policies, over an event.
    Pattern,
    /// Schedule expressions, after a time.
    Schedule,
    /// OpenAPI documents, imported.
    Openapi,
    /// Requests to services, in each protocol.
    Protocol,
    /// Schemas and documents of GraphQL.
    Graphql,
    /// Resolvers in JavaScript.
    Handler,
    /// Clients of AppSync's sockets: frames and messages.
    Websocket,
    /// SQL with named parameters.
    Statement,
    /// Answers of databases: the protocols of PostgreSQL and MySQL.
    Database,
    /// Tokens, and the documents of their issuers.
    Token,
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Target::Definition => "definition",
            Target::Path => "path",
            Target::Intrinsic => "intrinsic",
            Target::Jsonata => "jsonata",
            Target::Vtl => "vtl",
            Target::Pattern => "pattern",
            Target::Schedule => "schedule",
            Target::Openapi => "openapi",
            Target::Protocol => "protocol",
            Target::Graphql => "graphql",
            Target::Handler => "handler",
            Target::Websocket => "websocket",
            Target::Statement => "statement",
            Target::Database => "database",
            Target::Token => "token",
        }
    }
}

impl Fuzz {
    pub fn run(self) -> anyhow::Result<()> {
        let there =
            shell::cargo(["fuzz", "--version"]).0.output().is_ok_and(|output| output.status.success());
        anyhow::ensure!(
            there,
            "this needs cargo-fuzz: cargo install cargo-fuzz --locked (and a C++ compiler)"
        );
        let work = shell::root().join("target/fuzz");
        if !self.keep {
            seeds::write(&work.join("shared"))?;
        }
        let targets = self.target.map_or(Target::value_variants().to_vec(), |target| vec![target]);
        targets.into_iter().try_for_each(|target| self.fuzz(target, &work))
    }

    fn fuzz(&self, target: Target, work: &Path) -> anyhow::Result<()> {
        let name = target.name();
        println!("{name}: {} s", self.seconds);
        // What comes from recorded cases stays where they are: what is kept grows from our own seeds.
        let found = work.join(if self.keep { "own" } else { "corpus" }).join(name);
        let artifacts = work.join("artifacts").join(name);
        for folder in [&found, &artifacts] {
            std::fs::create_dir_all(folder)?;
        }
        let kept = work.join("kept").join(name);
        corpus::unpack(&corpus_file(name), &kept)?;
        let mut corpora = vec![found.clone(), shell::root().join("fuzz/seeds").join(name), kept.clone()];
        if !self.keep {
            corpora.push(work.join("shared").join(name));
        }
        corpora.retain(|corpus| corpus.is_dir());
        let limit = match self.seconds {
            0 => "-runs=0".to_owned(),
            seconds => format!("-max_total_time={seconds}"),
        };
        let reached = libfuzzer(name, &corpora)
            .args([limit, format!("-artifact_prefix={}/", artifacts.display())])
            .args([format!("-timeout={SECONDS_PER_INPUT_MAX}"), format!("-rss_limit_mb={MEMORY_MAX}")])
            .args(["-print_final_stats=1"])
            .run();
        reached.with_context(|| {
            let folder = artifacts.strip_prefix(shell::root()).unwrap_or(&artifacts).display();
            format!(
                "{name} failed; if an input did it, that is in {folder}: mend the cause, and make it a test"
            )
        })?;
        if !self.keep {
            return Ok(());
        }
        // The fewest of what was found that reach as much as all of it does.
        let fewest = corpus::empty(&work.join("fewest").join(name))?;
        libfuzzer(name, &[fewest.clone(), found, kept]).args(["-merge=1"]).run()?;
        corpus::pack(&fewest, &corpus_file(name))
    }
}

fn libfuzzer(name: &str, corpora: &[PathBuf]) -> shell::Shell {
    // None of our crates has unsafe code, so what a sanitizer looks for is the compiler's own duty.
    shell::cargo(["fuzz", "run", name, "--sanitizer", "none", "--target-dir", "target/fuzz/build"])
        .args(corpora)
        .args(["--", &format!("-max_len={BYTES_MAX}")])
}

fn corpus_file(name: &str) -> PathBuf {
    shell::root().join("fuzz/corpus").join(name).with_extension("jsonl")
}
