//! A disk without room, and one that fails.

use std::sync::Mutex;

use super::fake::{Fake, Mode};
use super::*;

#[test]
fn without_room_commits_wait_and_new_work_is_refused_until_there_is_room() {
    let log = Fake::new();
    let mut bench = Bench::on(log.clone(), Fault::default());
    bench.put_machine("Orders");
    bench.run("before");
    bench.settle();
    assert!(!bench.writer.is_full() && !bench.store.is_full());
    log.set(Mode::Full);
    bench.run("during");
    wait_until(|| bench.writer.is_full() && log.refused.load(std::sync::atomic::Ordering::Relaxed) > 1);
    assert!(bench.store.is_full());
    assert!(bench.store.execution(&arn("during")).unwrap().is_none());
    assert!(bench.store.execution(&arn("before")).unwrap().is_some());
    log.set(Mode::Open);
    bench.settle();
    assert!(!bench.writer.is_full());
    assert_eq!(bench.history("during").unwrap().len(), 4);
}

#[test]
fn a_store_can_be_closed_while_the_disk_is_full() {
    let log = Fake::new();
    let mut bench = Bench::on(log.clone(), Fault::default());
    bench.put_machine("Orders");
    bench.settle();
    log.set(Mode::Full);
    bench.run("lost");
    wait_until(|| bench.writer.is_full());
    drop(bench);
    log.set(Mode::Open);
    let bench = Bench::on(log, Fault::default());
    assert!(bench.store.execution(&arn("lost")).unwrap().is_none());
    assert!(bench.store.machine(MACHINE).is_some());
}

#[test]
fn after_a_failed_sync_nothing_is_acknowledged() {
    let log = Fake::new();
    let struck = Arc::new(Mutex::new(Vec::new()));
    let strikes = struck.clone();
    let mut bench =
        Bench::on(log.clone(), Fault::new(move |message| strikes.lock().unwrap().push(message.to_owned())));
    bench.put_machine("Orders");
    bench.run("before");
    bench.settle();
    log.set(Mode::Broken);
    bench.run("during");
    wait_until(|| !struck.lock().unwrap().is_empty());
    log.set(Mode::Open);
    bench.run("after");
    assert!(bench.durable.recv_timeout(Duration::from_millis(50)).is_err());
    assert!(bench.store.execution(&arn("during")).unwrap().is_none());
    drop(bench);
    let message = "the log cannot be written: syncing a segment: input/output error";
    assert_eq!(*struck.lock().unwrap(), [message]);
    let bench = Bench::on(log, Fault::default());
    assert_eq!(bench.everything().into_keys().collect::<Vec<_>>(), ["before"]);
}
