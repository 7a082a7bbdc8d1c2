//! One file for each verb. Standard output carries results, standard error everything else.

mod amplify_outputs;
mod backup;
mod dev;
mod env;
mod graph;
mod restore;
mod run;
mod server;
mod tail;
mod validate;
mod verify;
mod version;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

/// Exit code: the command line, a file or a definition cannot be used.
pub const UNUSABLE: u8 = 2;

/// AWS Step Functions on your own machine: durable, exact, fast. The stock AWS CLI and SDKs are its clients.
#[derive(Debug, Parser)]
#[command(name = "stepwell", version, propagate_version = true, after_help = EXAMPLES)]
pub struct CommandLine {
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  stepwell dev examples/dragons        a server that follows a folder while you work in it
  stepwell run examples/dragons --input examples/dragons/inputs/new-dragon.json
  stepwell tail order-7                follows an execution of the server, to its end
  stepwell validate *.asl.json
  stepwell graph order.asl.json --svg order.svg
  eval \"$(stepwell env)\" && aws stepfunctions list-state-machines";

#[derive(Debug, Subcommand)]
enum Verb {
    Dev(dev::Dev),
    Server(server::Server),
    Run(run::Run),
    Tail(tail::Tail),
    Validate(validate::Validate),
    Graph(graph::Graph),
    Env(env::Env),
    AmplifyOutputs(amplify_outputs::AmplifyOutputs),
    Verify(verify::Verify),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Version(version::Version),
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

impl CommandLine {
    /// Does what the verb says. `Err` is a message for the user, exit code 2.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self.verb {
            Verb::Dev(verb) => verb.run(),
            Verb::Server(verb) => verb.run(),
            Verb::Run(verb) => verb.run(),
            Verb::Tail(verb) => verb.run(),
            Verb::Validate(verb) => verb.run(),
            Verb::Graph(verb) => verb.run(),
            Verb::Env(verb) => verb.run(),
            Verb::AmplifyOutputs(verb) => verb.run(),
            Verb::Verify(verb) => verb.run(),
            Verb::Backup(verb) => verb.run(),
            Verb::Restore(verb) => verb.run(),
            Verb::Version(verb) => verb.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::CommandLine::command().debug_assert();
    }
}
