//! Schedule expressions, and when they are due after a time.

#![no_main]

use events::Schedule;
use events::schedule::UTC;
use fuzz::Case;
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|data: &[u8]| {
    let Some(Case { input, text }) = Case::read(data) else { return };
    let after = input.and_then(|input| input.as_i64()).unwrap_or(1_700_000_000);
    fuzz::bounded(|| match Schedule::parse(text) {
        Ok(schedule) => check(&schedule, after),
        Err(invalid) => assert!(!invalid.reason.is_empty()),
    });
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzz::vary_case(data, size, max_size, seed, &fuzz::event_pieces::SCHEDULE)
});

fn check(schedule: &Schedule, after: i64) {
    // Clocks are set by an hour every 180 days.
    let zone = |utc: i64| if utc.div_euclid(180 * 86_400) % 2 == 0 { 3600 } else { 7200 };
    let due_there = schedule.next_after(after, 0, &zone);
    assert!(due_there.is_none_or(|due| due > after));
    let Some(due) = schedule.next_after(after, 0, &UTC) else { return };
    assert!(due > after);
    assert_eq!(schedule.next_after(due - 1, 0, &UTC), Some(due), "it is due, and not due");
    if let Some(later) = after.checked_add((due - after) / 2) {
        assert!(later == due || schedule.next_after(later, 0, &UTC) == Some(due), "something lies between");
    }
    if matches!(schedule, Schedule::Cron(_)) {
        assert_eq!(due % 60, 0);
    }
}
