//! The binary `stepwell`: settings, wiring, start, stop, and the verbs of the command line.
//!
//! Never here: what a definition means, what a request means, how data is kept.

#![warn(clippy::print_stdout, clippy::print_stderr, reason = "they panic when nobody reads: see printing")]

mod appsync_project;
mod ask;
mod commands;
mod data;
mod definition;
mod execution_logs;
mod logging;
mod mock_file;
mod outcome;
mod presence;
mod printing;
mod project;
mod remote;
mod resources;
mod running;
mod services;
mod settings;
mod shown_settings;
mod sync;
mod tls;
mod tree;

use std::process::ExitCode;

use clap::Parser;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match commands::CommandLine::parse().run() {
        Ok(code) => code,
        Err(error) => {
            printing::err(format_args!("error: {error:#}"));
            ExitCode::from(commands::UNUSABLE)
        }
    }
}
