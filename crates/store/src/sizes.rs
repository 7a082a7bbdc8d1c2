//! How much the log and the index have grown to.

use crate::store::Store;

/// Counts and bytes. The segments' are what they take up on disk, with the room that is set aside in the last ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// Segments of the log.
    pub segments: usize,
    /// What they take up.
    pub segment_bytes: u64,
    /// What of it is records of executions that are kept: the rest is free once its segment is put in order.
    pub needed_bytes: u64,
    /// Snapshots of the index.
    pub snapshots: usize,
    /// What they take up.
    pub snapshot_bytes: u64,
    /// Executions and Map Runs, running and closed, that the index has.
    pub executions: usize,
}

impl Store {
    /// As it is now. Asks the file system for the sizes of files: not for every request.
    pub fn sizes(&self) -> Sizes {
        let (segments, snapshots) = (self.shared.log.segments(), self.shared.log.snapshot_sizes());
        let index = self.shared.read();
        Sizes {
            segments: segments.len(),
            segment_bytes: segments.iter().map(|segment| segment.bytes).sum(),
            needed_bytes: segments.iter().map(|segment| index.live_bytes(segment.number)).sum(),
            snapshots: snapshots.len(),
            snapshot_bytes: snapshots.iter().sum(),
            executions: index.len(),
        }
    }

    /// Whether what it holds is there after the end of the process.
    pub fn is_kept(&self) -> bool {
        self.shared.is_kept
    }
}
