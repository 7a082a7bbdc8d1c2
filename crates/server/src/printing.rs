//! Lines for people and programs. Nobody reading any more is no reason to stop: `println!` would panic
//! when the other end of a pipe is closed, and take a server with it.

use std::fmt::Display;
use std::io::{self, Write};

/// A line on standard output: a result.
pub fn out(line: impl Display) {
    let _ = writeln!(io::stdout().lock(), "{line}");
}

/// A line on standard error: everything else.
pub fn err(line: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
