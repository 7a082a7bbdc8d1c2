//! The report, for people and for programs.

use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use json::Value;

use super::CLIENTS;
use super::disk::Disk;
use super::load::Measured;

/// What was measured.
pub struct Report {
    /// What the core's example printed.
    pub core: String,
    /// The disk alone.
    pub disk: Disk,
    /// Process start to ready, one for each try.
    pub cold_start: Vec<Duration>,
    /// After a second of nothing.
    pub idle_rss_bytes: u64,
    /// After the load.
    pub loaded_rss_bytes: u64,
    /// The program on disk.
    pub binary_bytes: u64,
    /// The empty handler under load.
    pub reference: Measured,
    /// StartExecution, one client.
    pub single: Measured,
    /// StartExecution, many clients.
    pub executions: Measured,
    /// How often the log was synced under that load, if the server counts it.
    pub syncs: Option<u64>,
    /// Executions that had not ended when the load had; at most one page of them is counted.
    pub still_running: usize,
}

impl Report {
    /// Nothing measured yet.
    pub fn new() -> Report {
        Report {
            core: String::new(),
            disk: Disk::default(),
            cold_start: Vec::new(),
            idle_rss_bytes: 0,
            loaded_rss_bytes: 0,
            binary_bytes: 0,
            reference: Measured::default(),
            single: Measured::default(),
            executions: Measured::default(),
            syncs: None,
            still_running: 0,
        }
    }

    /// Writes `latest.md` and `latest.json` and prints the former.
    pub fn write(&self, folder: &Path) -> anyhow::Result<()> {
        std::fs::create_dir_all(folder)?;
        let text = self.markdown();
        println!("\n{text}");
        std::fs::write(folder.join("latest.md"), text).context("cannot write the report")?;
        std::fs::write(folder.join("latest.json"), self.json().to_pretty() + "\n")?;
        println!("written to {}", folder.display());
        Ok(())
    }

    fn markdown(&self) -> String {
        let executions = &self.executions;
        let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / 1024.0 / 1024.0);
        let mut cold = self.cold_start.clone();
        cold.sort_unstable();
        let cold = cold.get(cold.len() / 2).map_or(0.0, |middle| middle.as_secs_f64() * 1000.0);
        let syncs = match self.syncs {
            Some(syncs) if syncs > 0 => format!(
                "{syncs} ({:.0}/s, {:.1} executions each)",
                syncs as f64 / executions.elapsed.as_secs_f64(),
                executions.answers as f64 / syncs as f64
            ),
            _ => "not counted".to_owned(),
        };
        format!(
            "# Benchmark report\n\n\
             `cargo xtask bench` on {machine}. Clients and server share the machine; every start is answered \
             after its fsync.\n\n\
             | what | figure |\n| --- | --- |\n\
             | five Pass states, {CLIENTS} HTTP clients: executions/s (= durable starts/s) | {rate:.0} |\n\
             | … transitions/s | {transitions:.0} |\n\
             | … latency of StartExecution p50 / p99 | {p50:.2} ms / {p99:.2} ms |\n\
             | … server CPU per execution | {cpu:.1} µs |\n\
             | … fsyncs of the log | {syncs} |\n\
             | … executions that had not ended when the load had | {still_running} |\n\
             | empty handler on the same HTTP stack, {CLIENTS} clients: answers/s | {reference:.0} |\n\
             | … server CPU per answer | {reference_cpu:.1} µs |\n\
             | StartExecution, one client, p50 / p99 | {single:.2} ms / {single_p99:.2} ms |\n\
             | bare write + fdatasync of 4 KiB on the same disk, p50 / p99 | {disk:.2} ms / {disk_p99:.2} ms |\n\
             | start over the disk's own fsync, one client, p50 | {over:.2} ms |\n\
             | cold start to ready, empty store (median of {tries}) | {cold:.1} ms |\n\
             | idle memory (RSS) | {idle} |\n\
             | memory after the load (RSS) | {loaded} |\n\
             | binary | {binary} |\n\n\
             ## The core alone\n\n```\n{core}\n```\n",
            machine = machine(),
            rate = executions.rate(),
            transitions = executions.rate() * 5.0,
            p50 = executions.percentile(0.5),
            p99 = executions.percentile(0.99),
            cpu = executions.cpu_micros(),
            still_running = self.still_running,
            reference = self.reference.rate(),
            reference_cpu = self.reference.cpu_micros(),
            single = self.single.percentile(0.5),
            single_p99 = self.single.percentile(0.99),
            disk = self.disk.percentile(0.5),
            disk_p99 = self.disk.percentile(0.99),
            over = self.single.percentile(0.5) - self.disk.percentile(0.5),
            tries = self.cold_start.len(),
            idle = mib(self.idle_rss_bytes),
            loaded = mib(self.loaded_rss_bytes),
            binary = mib(self.binary_bytes),
            core = self.core.trim_end(),
        )
    }

    fn json(&self) -> Value {
        let measured = |measured: &Measured| {
            json::value!({
                "answers": measured.answers,
                "seconds": (measured.elapsed.as_secs_f64()),
                "perSecond": (measured.rate()),
                "p50Milliseconds": (measured.percentile(0.5)),
                "p99Milliseconds": (measured.percentile(0.99)),
                "serverCpuMicroseconds": (measured.cpu_micros())
            })
        };
        let cold: Value =
            self.cold_start.iter().map(|took| Value::from(took.as_secs_f64() * 1000.0)).collect();
        let syncs = self.syncs.map_or(Value::Null, Value::from);
        json::value!({
            "machine": (machine()),
            "clients": CLIENTS,
            "executions": (measured(&self.executions)),
            "logSyncs": syncs,
            "stillRunning": (self.still_running),
            "single": (measured(&self.single)),
            "emptyHandler": (measured(&self.reference)),
            "fdatasyncP50Milliseconds": (self.disk.percentile(0.5)),
            "fdatasyncP99Milliseconds": (self.disk.percentile(0.99)),
            "coldStartMilliseconds": cold,
            "idleRssBytes": (self.idle_rss_bytes),
            "loadedRssBytes": (self.loaded_rss_bytes),
            "binaryBytes": (self.binary_bytes),
            "core": (self.core.as_str())
        })
    }
}

fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unnamed processor", |(_, name)| name);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    format!("{cores} cores of {model}, Linux {}", kernel.trim())
}
