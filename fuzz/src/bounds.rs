//! What one run may use up.

use crate::allocation::Watch;

/// One second, times what the fuzzer's counters and the checks of a debug build slow it down.
const SECONDS_MAX: f64 = 3.0;

/// 64 MiB, the memory of an expression's budget, and a quarter more for what is not counted there.
const BYTES_MAX: usize = 80 << 20;

/// Runs `act`; panics if it takes too long or too much memory. The time is the thread's own, so a busy
/// machine does not matter.
pub fn bounded<T>(act: impl FnOnce() -> T) -> T {
    let watch = Watch::start();
    let began = processor_seconds();
    let result = act();
    let (seconds, bytes) = (processor_seconds() - began, watch.peak());
    assert!(seconds <= SECONDS_MAX, "it took {seconds:.2} s");
    assert!(bytes <= BYTES_MAX, "it took {bytes} bytes");
    result
}

fn processor_seconds() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // Safety: the call only writes into `time`.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    assert_eq!(status, 0, "there is no clock of the thread's processor time");
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}
