//! How large a run is: what every group of figures is told.
//!
//! Never here: what a group measures.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::api;
use super::connection::Refused;
use super::load::{End, Load, Measured, Work, run};
use super::process::{Process, Server};

/// As many executions in a batch as the figure assumes.
pub const BATCH: usize = 500;
/// As many connections send batches.
pub const BATCH_CLIENTS: usize = 4;

/// How large a run is.
pub struct Plan {
    /// Everything small, nothing judged.
    pub quick: bool,
    /// How long a load runs.
    pub load: Duration,
    /// Whether restate-server may be installed.
    pub restate: bool,
    folder: PathBuf,
    began: Instant,
}

impl Plan {
    /// A run that begins now.
    pub fn new(folder: &Path, quick: bool, seconds: u64, restate: bool) -> Plan {
        let load = if quick { Duration::from_millis(400) } else { Duration::from_secs(seconds) };
        Plan { quick, load, restate, folder: folder.to_owned(), began: Instant::now() }
    }

    /// A folder of this run, on the disk that is measured.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// A number that a quick run has smaller.
    pub fn many(&self, full: u64, quick: u64) -> u64 {
        if self.quick { quick } else { full }
    }

    /// A line for who waits.
    pub fn say(&self, what: impl std::fmt::Display) {
        println!("[{:4.0} s] {what}", self.began.elapsed().as_secs_f64());
    }

    /// Runs a load, after a moment in which connections, allocator and file system settle.
    pub fn measure(&self, process: &Process, load: &Load) -> anyhow::Result<Measured> {
        Load { end: End::After(self.load / 16), ..load.clone() }.run()?;
        let mut measured = measure_together(process, std::slice::from_ref(load))?;
        Ok(measured.remove(0))
    }

    /// A server with an empty data folder.
    pub fn server(&self, name: &str, settings: &str) -> anyhow::Result<Server> {
        Server::start(&self.folder(name), settings)
    }
}

/// Runs loads at the same time; the processor time of all stands in each.
pub fn measure_together(process: &Process, loads: &[Load]) -> anyhow::Result<Vec<Measured>> {
    let before = process.cpu()?;
    let mut measured = run(loads)?;
    let used = process.cpu()?.saturating_sub(before);
    measured.iter_mut().for_each(|measured| measured.server_cpu = used);
    Ok(measured)
}

/// How executions came to be started.
pub struct Filled {
    pub measured: Measured,
    /// For readers.
    pub how: &'static str,
}

/// Starts so many executions as fast as it goes, with these inputs in turn: by batches, or one by one if
/// the server has no batches.
pub fn fill(port: u16, arn: &str, inputs: &[String], count: u64) -> anyhow::Result<Filled> {
    let size = BATCH.min(usize::try_from(count)?);
    let request = api::batch_request(arn, inputs, size);
    let work = Work::Batch { request, size: size as u64 };
    let load = Load::new(port, BATCH_CLIENTS, work, End::Count(count.div_ceil(size as u64)));
    match load.run() {
        Ok(measured) => return Ok(Filled { measured, how: "started by batches of 500" }),
        Err(error) if error.downcast_ref::<Refused>().is_some() => {}
        Err(error) => return Err(error),
    }
    let requests = inputs.iter().map(|input| api::start_request("StartExecution", arn, input)).collect();
    let measured = Load::new(port, super::CLIENTS, Work::Repeat(requests), End::Count(count)).run()?;
    Ok(Filled { measured, how: "started one by one (the server refused batches)" })
}
