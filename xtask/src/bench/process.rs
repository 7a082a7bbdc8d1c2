//! The processes that are measured: started, asked of `/proc`, killed, started again.
//!
//! Never here: what is asked of them over HTTP, except whether they are ready.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::api;
use super::connection::Refused;
use super::reference;
use crate::shell;

/// `/proc/PID/stat` counts in these on every Linux that Rust's standard targets run on.
const TICKS_PER_SECOND: u64 = 100;
/// A server that is not ready by then is broken, whatever its data.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// A child process; it ends with this value.
pub struct Process(Child);

/// A server of ours, with its data.
pub struct Server {
    /// The process.
    pub process: Process,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    folder: PathBuf,
}

/// A server that others stand beside: an empty handler, functions.
pub struct Reference {
    /// The process.
    pub process: Process,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
}

impl Process {
    /// Starts it.
    pub fn spawn(command: &mut Command) -> anyhow::Result<Process> {
        let name = command.get_program().to_string_lossy().into_owned();
        Ok(Process(command.spawn().with_context(|| format!("cannot start {name}"))?))
    }

    /// Starts one that prints the port on which it listens.
    pub fn announced(command: &mut Command) -> anyhow::Result<(Process, u16)> {
        let mut process = Process::spawn(command.stdout(Stdio::piped()))?;
        let mut line = String::new();
        BufReader::new(process.0.stdout.take().expect("piped")).read_line(&mut line)?;
        let port = line.trim().parse().context("it printed no port")?;
        Ok((process, port))
    }

    /// Processor time so far, user and system.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = self.proc("stat")?;
        // The program's name stands in parentheses and may hold spaces.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        Ok(Duration::from_millis((ticks(11) + ticks(12)) * 1000 / TICKS_PER_SECOND))
    }

    /// Resident memory.
    pub fn rss_bytes(&self) -> anyhow::Result<u64> {
        self.status_bytes("VmRSS:")
    }

    /// The most that was ever resident.
    pub fn rss_peak_bytes(&self) -> anyhow::Result<u64> {
        self.status_bytes("VmHWM:")
    }

    /// How many threads it has.
    pub fn threads(&self) -> anyhow::Result<u64> {
        Ok(self.status("Threads:")?.parse()?)
    }

    fn status_bytes(&self, name: &str) -> anyhow::Result<u64> {
        let kilobytes: u64 = self.status(name)?.trim_end_matches(" kB").parse()?;
        Ok(kilobytes * 1024)
    }

    fn status(&self, name: &str) -> anyhow::Result<String> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        Ok(line.with_context(|| format!("no {name}"))?.trim().to_owned())
    }

    fn proc(&self, file: &str) -> anyhow::Result<String> {
        let path = format!("/proc/{}/{file}", self.0.id());
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}; this needs Linux"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    /// A server with an empty data folder and these lines in its settings file.
    pub fn start(folder: &Path, settings: &str) -> anyhow::Result<Server> {
        Ok(Server::start_timed(folder, settings)?.0)
    }

    /// The same, and the time from the start of the process to the first 200 of `/readyz`.
    pub fn start_timed(folder: &Path, settings: &str) -> anyhow::Result<(Server, Duration)> {
        if folder.exists() {
            std::fs::remove_dir_all(folder)?;
        }
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("stepwell.toml"), settings)?;
        start(folder)
    }

    /// Kills it as `kill -9` does, starts it again with the same data, and says how long until it was ready.
    pub fn kill_and_start(self) -> anyhow::Result<(Server, Duration)> {
        let folder = self.folder.clone();
        drop(self);
        start(&folder)
    }

    /// What its data takes up on the disk.
    pub fn data_bytes(&self) -> u64 {
        bytes_on_disk(&self.folder.join("data"))
    }
}

impl Reference {
    /// How many functions have answered.
    pub fn calls(&self) -> anyhow::Result<u64> {
        Ok(api::get(self.port, reference::CALLS)?.trim().parse()?)
    }

    /// How many calls of functions have arrived.
    pub fn arrived(&self) -> anyhow::Result<u64> {
        Ok(api::get(self.port, reference::ARRIVED)?.trim().parse()?)
    }

    /// The line of a settings file that has functions called here.
    pub fn settings(&self) -> String {
        format!("[endpoints]\nlambda = \"http://127.0.0.1:{}\"\n", self.port)
    }
}

/// The program that is measured.
pub fn binary() -> PathBuf {
    shell::root().join("target/release/stepwell")
}

/// A port that is free at the moment.
pub fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Waits until something holds, but not for ever.
pub fn wait_until(
    what: &str,
    patience: Duration,
    mut holds: impl FnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    let began = Instant::now();
    while !holds()? {
        anyhow::ensure!(began.elapsed() < patience, "{what} took longer than {} s", patience.as_secs());
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn start(folder: &Path) -> anyhow::Result<(Server, Duration)> {
    let port = free_port()?;
    let log = folder.join("server.log");
    let began = Instant::now();
    let mut command = Command::new(binary());
    command
        .args(["server", "--log", "error", "--port", &port.to_string(), "--config"])
        .arg(folder.join("stepwell.toml"))
        .arg("--data-dir")
        .arg(folder.join("data"))
        // Endpoints, keys and settings in the environment are not part of the measurement.
        .env_clear()
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log)?);
    let mut server = Server { process: Process::spawn(&mut command)?, port, folder: folder.to_owned() };
    while api::get(port, "/readyz").is_err() {
        if let Some(status) = server.process.0.try_wait()? {
            // Where the folder lies is nobody's business in a report.
            let why = std::fs::read_to_string(&log).unwrap_or_default();
            let why = why.replace(&format!("{}/", folder.display()), "");
            let refused = Refused::new(status.code().map_or(0, |code| code as u16), why.as_bytes());
            return Err(anyhow::Error::new(refused).context("the server did not start"));
        }
        anyhow::ensure!(began.elapsed() < READY_WITHIN, "the server was not ready in time");
        std::thread::sleep(Duration::from_micros(500));
    }
    Ok((server, began.elapsed()))
}

/// The empty handler and the functions, in a process of their own.
pub fn start_reference() -> anyhow::Result<Reference> {
    // Each call of a figure with many takes a connection, and the usual limit of open files is soon reached.
    let mut command = Command::new("sh");
    command
        .args(["-c", "ulimit -n $(ulimit -Hn); exec \"$0\" bench-reference"])
        .arg(std::env::current_exe()?);
    let (process, port) = Process::announced(&mut command)?;
    Ok(Reference { process, port })
}

/// Of blocks that were given to files, not of what their lengths promise. 0 for what is not there.
fn bytes_on_disk(path: &Path) -> u64 {
    use std::os::unix::fs::MetadataExt;
    let Ok(entries) = std::fs::read_dir(path) else { return 0 };
    let sizes = entries.flatten().map(|entry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => bytes_on_disk(&entry.path()),
        // A file may go while we look.
        Ok(metadata) => metadata.blocks() * 512,
        Err(_) => 0,
    });
    sizes.sum()
}
