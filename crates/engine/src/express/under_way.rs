//! How many EXPRESS executions there are at once: what bounds the memory that they take.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use crate::refusal::Refusal;
use crate::statistics::Statistics;

/// Some executions that are under way, until it is dropped.
pub(super) struct UnderWay {
    statistics: Arc<Statistics>,
    count: usize,
}

impl UnderWay {
    /// Counts so many more, unless that would be too many.
    pub(super) fn begin(statistics: &Arc<Statistics>, count: usize, max: usize) -> Result<UnderWay, Refusal> {
        let entered = UnderWay::begin_anyway(statistics, count);
        match statistics.express.under_way.load(Relaxed) <= max {
            true => Ok(entered),
            false => Err(Refusal::ServiceUnavailable {
                message: format!(
                    "{max} EXPRESS executions are under way, which is as many as [engine] express_executions allows; \
                     try again when some have ended"
                ),
            }),
        }
    }

    /// Counts so many more, however many there are: they were acknowledged already.
    pub(super) fn begin_anyway(statistics: &Arc<Statistics>, count: usize) -> UnderWay {
        statistics.express.under_way.fetch_add(count, Relaxed);
        UnderWay { statistics: statistics.clone(), count }
    }

    /// Some of them, to be counted on their own.
    pub(super) fn part(&mut self, count: usize) -> UnderWay {
        assert!(self.count >= count, "each of them is counted once");
        self.count -= count;
        UnderWay { statistics: self.statistics.clone(), count }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.statistics.express.under_way.fetch_sub(self.count, Relaxed);
    }
}
