//! The processes that are measured: started, asked of `/proc`, ended.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

use super::load;
use crate::shell;

/// `/proc/PID/stat` counts in these on every Linux that Rust's standard targets run on.
const TICKS_PER_SECOND: u64 = 100;
/// A server that is not ready by then is broken.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// A child process; it ends with this value.
pub struct Process(Child);

/// A child process that listens.
pub struct ServerProcess {
    /// The process.
    pub process: Process,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
}

impl Process {
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
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes * 1024)
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

impl ServerProcess {
    /// A server with an empty data folder.
    pub fn start(folder: &Path) -> anyhow::Result<ServerProcess> {
        let (server, _) = start(folder)?;
        Ok(server)
    }

    /// How often the log was synced, if the server counts it.
    pub fn syncs(&self) -> Option<u64> {
        let metrics = load::get(self.port, "/metrics").ok()?;
        let line = metrics.lines().find(|line| line.starts_with("stepwell_log_syncs_total"))?;
        line.rsplit(' ').next()?.parse::<f64>().ok().map(|count| count as u64)
    }
}

/// The program that is measured.
pub fn binary() -> PathBuf {
    shell::root().join("target/release/stepwell")
}

/// From the start of the process to the first 200 of `/readyz`, with an empty data folder.
pub fn cold_start(folder: &Path) -> anyhow::Result<Duration> {
    Ok(start(folder)?.1)
}

fn start(folder: &Path) -> anyhow::Result<(ServerProcess, Duration)> {
    let project = folder.join("project");
    if project.exists() {
        std::fs::remove_dir_all(&project)?;
    }
    std::fs::create_dir_all(&project)?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let began = Instant::now();
    let child = Command::new(binary())
        .args([Path::new("dev"), &project])
        .args(["--port", &port.to_string(), "--log", "error"])
        .stdout(Stdio::null())
        .spawn()
        .context("cannot start the server")?;
    let server = ServerProcess { process: Process(child), port };
    while load::get(port, "/readyz").is_err() {
        anyhow::ensure!(began.elapsed() < READY_WITHIN, "the server was not ready in time");
        std::thread::sleep(Duration::from_micros(500));
    }
    Ok((server, began.elapsed()))
}

/// The empty handler, in a process of its own.
pub fn start_reference() -> anyhow::Result<ServerProcess> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg("bench-reference")
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start the reference")?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line)?;
    let process = Process(child);
    let port = line.trim().parse().context("the reference printed no port")?;
    Ok(ServerProcess { process, port })
}
