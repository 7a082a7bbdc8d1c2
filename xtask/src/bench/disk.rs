//! What the disk itself can do: a log's way of writing with nothing around it.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

/// Latencies of `fdatasync` after writing 4 KiB into a preallocated file.
#[derive(Clone, Debug, Default)]
pub struct Disk {
    /// Ascending.
    pub latencies: Vec<Duration>,
}

impl Disk {
    /// The latency below which this share came, in milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        let index = ((self.latencies.len() as f64 - 1.0) * share).round() as usize;
        self.latencies.get(index).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    }
}

/// Writes and syncs for about two seconds.
pub fn measure(folder: &Path) -> anyhow::Result<Disk> {
    const BLOCK: [u8; 4096] = [7; 4096];
    const BLOCKS: u64 = 4096;
    std::fs::create_dir_all(folder)?;
    let path = folder.join("disk");
    let mut file = File::create(&path)?;
    for _ in 0..BLOCKS {
        file.write_all(&BLOCK)?;
    }
    file.sync_all()?;
    let mut latencies = Vec::new();
    let end = Instant::now() + Duration::from_secs(2);
    for block in 0.. {
        let began = Instant::now();
        if began >= end {
            break;
        }
        file.seek(SeekFrom::Start(block % BLOCKS * BLOCK.len() as u64))?;
        file.write_all(&BLOCK)?;
        file.sync_data()?;
        latencies.push(began.elapsed());
    }
    latencies.sort_unstable();
    std::fs::remove_file(path)?;
    Ok(Disk { latencies })
}
