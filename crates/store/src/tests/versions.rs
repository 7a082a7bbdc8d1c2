//! Versions and aliases: they and what they need are there as long as somebody wants them, and not longer.

use super::fake::Fake;
use super::*;
use crate::log::{Frame as LogFrame, look};
use crate::verify::verify;
use crate::wire;

impl Bench {
    /// Publishes the current revision of the machine, if it is not a version already; its version.
    pub(super) fn publish(&mut self) -> Arc<Version> {
        let machine = self.writer.machine(MACHINE).unwrap();
        if let Some(version) = machine.published.version_of(machine.current.number) {
            return version.clone();
        }
        let version = Arc::new(Version {
            number: machine.published.next_number(),
            revision: machine.current.clone(),
            description: Some("as it is".into()),
            created_at: self.now,
        });
        self.change(Publication::PutVersion(version.clone()));
        version
    }

    /// One of the versions, if there are any.
    pub(super) fn a_version(&self, which: u8) -> Option<Arc<Version>> {
        let published = self.writer.machine(MACHINE).unwrap().published.clone();
        let count = published.version_count().max(1);
        published.versions_before(None).nth(usize::from(which) % count).cloned()
    }

    /// Deletes one of the versions, unless the alias leads to it.
    pub(super) fn unpublish(&mut self, which: u8) {
        let Some(number) = self.a_version(which).map(|version| version.number) else { return };
        let published = self.writer.machine(MACHINE).unwrap().published.clone();
        if published.aliases_to(number).next().is_none() {
            self.change(Publication::RemoveVersion { number });
        }
    }

    /// Lets the alias `live` lead to one of the versions, or removes it.
    pub(super) fn alias(&mut self, which: u8) {
        let is_there = self.writer.named(&format!("{MACHINE}:live")).is_some();
        match self.a_version(which) {
            _ if which.is_multiple_of(4) && is_there => {
                self.change(Publication::RemoveAlias { name: "live".into() });
            }
            Some(version) => self.change(Publication::PutAlias(Arc::new(Alias {
                name: "live".into(),
                description: None,
                routes: vec![Route { version: version.number, weight: 100 }],
                created_at: Timestamp(0),
                updated_at: self.now,
            }))),
            None => {}
        }
    }

    fn change(&mut self, publication: Publication) {
        self.queue(vec![Record::Publish { machine_arn: MACHINE.into(), publication }]);
    }

    /// What the machine has published: versions with their revisions, and the alias.
    fn published(&self) -> String {
        let machine = self.store.machine(MACHINE).unwrap();
        let published = &machine.published;
        let version = |version: &Arc<Version>| format!("{}={}", version.number, version.revision.number);
        let versions: Vec<String> = published.versions_before(None).map(version).collect();
        let alias = published.alias("live").map(|alias| alias.routes.clone());
        format!("{} {:?}", versions.join(" "), alias.unwrap_or_default())
    }

    fn names(&self, arn: &str, after: Option<u64>, limit: usize) -> (Vec<String>, Option<u64>) {
        let filter = ExecutionFilter { machine_arn: arn.into(), after, limit, ..ExecutionFilter::default() };
        let page = self.store.executions(&filter).unwrap();
        (page.executions.iter().map(|row| row.name.to_string()).collect(), page.next)
    }
}

#[test]
fn versions_and_aliases_are_there_again_and_numbers_are_not_used_twice() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    bench.publish();
    bench.put_machine("Orders");
    bench.publish();
    bench.alias(1);
    bench.unpublish(0);
    bench.settle();
    let expected = "1=1 [Route { version: 1, weight: 100 }]";
    assert_eq!(bench.published(), expected);
    drop(bench);
    let mut bench = Bench::open(folder.path());
    assert_eq!(bench.published(), expected);
    bench.put_machine("Orders");
    assert_eq!(bench.publish().number, 3);
    bench.settle();
    assert_eq!(bench.published(), "3=3 1=1 [Route { version: 1, weight: 100 }]");
    assert!(verify_after(bench, &folder).contains("damage_count: 0"));
}

fn verify_after(bench: Bench, folder: &testing::Folder) -> String {
    drop(bench);
    format!("{:?}", verify(folder.path(), &mut |_, _| {}).unwrap())
}

#[test]
fn a_revision_stays_while_a_version_or_an_execution_needs_it() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    let first = bench.publish();
    bench.put_machine("Orders");
    bench.publish();
    bench.put_machine("Orders");
    bench.settle();
    let kept = |bench: &Bench| [1, 2, 3].map(|number| bench.store.revision(number).is_some());
    assert_eq!(kept(&bench), [true, true, true]);
    let (key, records) = bench.start_by("e", "{}", Some(&first));
    bench.queue(records);
    // Both versions go; the execution of the first goes on, before and after a restart.
    bench.unpublish(0);
    bench.unpublish(0);
    bench.settle();
    assert_eq!(kept(&bench), [true, false, true]);
    drop(bench);
    let mut bench = Bench::open(folder.path());
    assert_eq!(kept(&bench), [true, false, true]);
    assert_eq!(bench.published(), " []");
    let start = bench.writer.load(key).unwrap().start.clone();
    assert_eq!((start.revision, start.version_arn.as_deref()), (1, Some(&*format!("{MACHINE}:1"))));
    let end = bench.end(key, Status::Succeeded);
    bench.commit(vec![end]);
    bench.now = bench.now.plus_seconds(7_200);
    bench.writer.tick(bench.now);
    wait_until(|| bench.store.execution(&arn("e")).unwrap().is_none());
    assert_eq!(kept(&bench), [false, false, true]);
}

#[test]
fn a_removed_machine_takes_its_versions_and_aliases_along() {
    let mut bench = Bench::on(Fake::new(), Fault::default());
    bench.put_machine("Orders");
    bench.publish();
    bench.alias(1);
    bench.put_machine("Orders");
    bench.queue(vec![Record::RemoveMachine { arn: MACHINE.into() }]);
    assert!(bench.writer.named(&format!("{MACHINE}:1")).is_none());
    bench.settle();
    assert!(bench.store.named(&format!("{MACHINE}:live")).is_none());
    assert_eq!([1, 2].map(|number| bench.store.revision(number).is_some()), [false, false]);
    bench.put_machine("Orders");
    assert_eq!(bench.publish().number, 1, "it is another machine");
    bench.settle();
    assert_eq!(bench.published(), "1=3 []");
}

#[test]
fn what_is_committed_is_named_at_once() {
    let log = Fake::new();
    let mut bench = Bench::on(log.clone(), Fault::default());
    log.set(fake::Mode::Held);
    bench.put_machine("Orders");
    let version = bench.publish();
    bench.alias(1);
    let named = |writer: &Writer<u64>, qualifier: &str| {
        writer.named(&format!("{MACHINE}{qualifier}")).map(|named| named.by)
    };
    assert_eq!(named(&bench.writer, ""), Some(By::Machine));
    assert_eq!(named(&bench.writer, ":1"), Some(By::Version(version)));
    assert!(matches!(named(&bench.writer, ":live"), Some(By::Alias(_))));
    for nothing in [":2", ":dead", ":", ":0", ":1:1", "/label"] {
        assert_eq!(named(&bench.writer, nothing), None, "{nothing}");
    }
    assert!(bench.store.named(MACHINE).is_none());
    log.set(fake::Mode::Open);
    bench.settle();
    assert_eq!(bench.store.named(&format!("{MACHINE}:1")), bench.writer.named(&format!("{MACHINE}:1")));
}

#[test]
fn executions_are_listed_by_machine_by_version_and_by_alias() {
    let folder = testing::Folder::new();
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    let version = bench.publish();
    for n in 0..6 {
        bench.now = Timestamp(1_000_000 + n);
        let by = (n % 2 == 0).then_some(&*version);
        let (key, mut records) = bench.start_by(&format!("e{n}"), "{}", by);
        if n < 4 {
            records.push(bench.end(key, Status::Succeeded));
        }
        bench.commit(records);
    }
    for _ in 0..2 {
        for qualified in [":1", ":live"] {
            let arn = format!("{MACHINE}{qualified}");
            let (page, next) = bench.names(&arn, None, 2);
            assert_eq!(page, ["e4", "e2"]);
            assert_eq!(bench.names(&arn, next, 2), (vec!["e0".to_owned()], None));
        }
        assert_eq!(bench.names(MACHINE, None, 9).0, ["e5", "e4", "e3", "e2", "e1", "e0"]);
        assert_eq!(bench.names(&format!("{MACHINE}:2"), None, 9), (vec![], None));
        drop(bench);
        bench = Bench::open(folder.path());
    }
    bench.now = Timestamp(1_000_000).plus_seconds(7_200);
    bench.writer.tick(bench.now);
    wait_until(|| bench.names(MACHINE, None, 9).0.len() == 2);
    assert_eq!(bench.names(&format!("{MACHINE}:live"), None, 9).0, ["e4"]);
}

#[test]
fn a_journaled_start_keeps_its_version_its_alias_and_its_test_case() {
    let log = Fake::new();
    let mut bench = Bench::on(log.clone(), Fault::default());
    bench.put_machine("Orders");
    let version = bench.publish();
    bench.put_machine("Orders");
    let journal = bench.writer.journal();
    let start = |alias_arn: Option<&str>| ExpressStart {
        key: journal.new_key(),
        revision: version.revision.number,
        machine_name: "Orders".into(),
        name: "e".into(),
        uuid: 1,
        input: Document::parse("[1]").unwrap(),
        trace_header: None,
        started_at: Timestamp(5),
        version_arn: Some("arn:version".into()),
        alias_arn: alias_arn.map(Text::from),
        test_case: None,
    };
    let tested = ExpressStart { test_case: Some("Happy".into()), ..start(None) };
    let tested_and_unversioned = ExpressStart { version_arn: None, ..tested.clone() };
    let tested_and_unversioned = ExpressStart { key: journal.new_key(), ..tested_and_unversioned };
    let starts = [tested, tested_and_unversioned, start(None), start(Some("arn:alias"))];
    assert!(journal.try_commit(journal.entry(&starts, 0)).is_ok());
    bench.unpublish(0);
    bench.settle();
    drop(bench);
    let bench = Bench::on(log, Fault::default());
    assert_eq!(bench.recovered.express, starts);
    assert!(bench.store.revision(version.revision.number).is_some(), "they run it again");
}

/// Makes the files of a folder those of an older format, which differ from ours in nothing but the number
/// where nothing was ever published or run in a test case.
fn make_older(folder: &Path, format: u32) {
    let seal = |bytes: &mut [u8], format_at: usize, end: usize| {
        bytes[format_at..format_at + 4].copy_from_slice(&format.to_le_bytes());
        let crc = crc32c::crc32c(&bytes[..end]);
        bytes[end..end + 4].copy_from_slice(&crc.to_le_bytes());
    };
    let look::Listing { segments, snapshots } = look::list(folder).unwrap();
    for path in segments.values() {
        let mut bytes = std::fs::read(path).unwrap();
        seal(&mut bytes, 8, 28);
        std::fs::write(path, bytes).unwrap();
    }
    for path in snapshots.values() {
        let mut bytes = std::fs::read(path).unwrap();
        let length = bytes.len();
        seal(&mut bytes, length - 8, length - 4);
        std::fs::write(path, bytes).unwrap();
    }
}

fn formats(folder: &Path) -> Vec<u32> {
    let segments = look::list(folder).unwrap().segments;
    let format = |path| u32::from_le_bytes(std::fs::read(path).unwrap()[8..12].try_into().unwrap());
    segments.values().map(format).collect()
}

/// Whoever knows an older format only says so of the folder, instead of misreading what it does not know.
#[test]
fn a_folder_of_an_older_format_is_read_and_goes_on_in_ours() {
    check_goes_on(2);
    check_goes_on(3);
    check_goes_on(4);
    check_goes_on(5);
}

fn check_goes_on(older_format: u32) {
    let folder = testing::Folder::new();
    let mut bench = Bench::open_with(folder.path(), Duration::from_secs(3_600), 3_000);
    bench.put_machine("Orders");
    for n in 0..40 {
        bench.run(&format!("e{n}"));
    }
    bench.settle();
    wait_until(|| !look::list(folder.path()).unwrap().snapshots.is_empty());
    let everything = bench.everything();
    drop(bench);
    make_older(folder.path(), older_format);
    let older = formats(folder.path());

    let mut bench = Bench::open_with(folder.path(), Duration::from_secs(3_600), 3_000);
    assert_eq!(bench.everything(), everything);
    bench.publish();
    bench.settle();
    let newer = formats(folder.path());
    let kept = newer.iter().filter(|&&format| format == older_format).count();
    assert!(kept > 0 && kept <= older.len(), "{older:?} {newer:?}");
    assert!(newer.len() > kept && newer[kept..].iter().all(|&format| format == 6), "{newer:?}");
    assert_eq!(bench.published(), "1=1 []");
    drop(bench);
    let bench = Bench::open_with(folder.path(), Duration::from_secs(3_600), 3_000);
    assert_eq!((bench.everything(), bench.published().as_str()), (everything, "1=1 []"));
    assert!(verify_after(bench, &folder).contains("damage_count: 0"));
}

#[test]
fn a_folder_of_format_2_without_a_frame_is_begun_again() {
    let folder = testing::Folder::new();
    drop(Bench::open(folder.path()));
    make_older(folder.path(), 2);
    let mut bench = Bench::open(folder.path());
    bench.put_machine("Orders");
    bench.publish();
    bench.settle();
    assert_eq!(bench.published(), "1=1 []");
    assert!(formats(folder.path()).iter().all(|&format| format == 6));
}

#[test]
fn a_machine_and_the_version_that_is_published_with_it_are_in_one_frame() {
    let log = Fake::new();
    let mut bench = Bench::on(log.clone(), Fault::default());
    let first = bench.put_machine("Orders");
    let number = bench.writer.new_revision_number();
    let definition = "x".repeat(crate::writer::FRAME_BYTES).into();
    let current = Arc::new(Revision { number, definition, ..Revision::clone(&first.current) });
    let version =
        Version { number: 1, revision: current.clone(), description: None, created_at: Timestamp(0) };
    let publication = Publication::PutVersion(Arc::new(version));
    bench.commit(vec![
        Record::PutMachine(Arc::new(Machine { current, ..Machine::clone(&first) })),
        Record::Publish { machine_arn: MACHINE.into(), publication },
    ]);
    let mut last = Vec::new();
    let records = |mut body: &[u8]| {
        let mut kinds = Vec::new();
        while let Some((header, _)) = wire::take(body) {
            kinds.push(header.kind);
            body = &body[header.record_bytes() as usize..];
        }
        kinds
    };
    let mut visit = |frame: LogFrame<'_>| {
        last = records(frame.body);
        Ok(())
    };
    log.frames(1, &mut visit).unwrap();
    assert_eq!(last, [wire::Kind::PutMachine, wire::Kind::Publish]);
}
