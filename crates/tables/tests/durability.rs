//! Nothing that was acknowledged is lost: by a restart, or by a process that is killed.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

use support::{Folder, call};
use tables::{Tables, backup, verify};

const CREATE: &str = r#"{"TableName":"Things","BillingMode":"PAY_PER_REQUEST",
    "AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}],
    "KeySchema":[{"AttributeName":"id","KeyType":"HASH"}]}"#;
/// Tells the test that writes where it is to do so.
const FOLDER: &str = "STEPWELL_TABLES_FOLDER";
const ACKNOWLEDGED: &str = "acknowledged";

async fn put(tables: &Tables, id: &str) {
    call(tables, "PutItem", &format!(r#"{{"TableName":"Things","Item":{{"id":{{"S":"{id}"}}}}}}"#))
        .await
        .unwrap();
}

async fn has(tables: &Tables, id: &str) -> bool {
    let input = format!(r#"{{"TableName":"Things","Key":{{"id":{{"S":"{id}"}}}},"ConsistentRead":true}}"#);
    call(tables, "GetItem", &input).await.unwrap().get("Item").is_some()
}

#[tokio::test]
async fn a_restart_loses_nothing() {
    let folder = Folder::new();
    for round in 0..3 {
        let tables = Tables::open(folder.path()).unwrap();
        if round == 0 {
            call(&tables, "CreateTable", CREATE).await.unwrap();
        }
        put(&tables, &format!("item {round}")).await;
        for known in 0..=round {
            assert!(has(&tables, &format!("item {known}")).await, "{known} in round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_share_the_disk() {
    let folder = Folder::new();
    let tables = Arc::new(Tables::open(folder.path()).unwrap());
    call(&tables, "CreateTable", CREATE).await.unwrap();
    let writers = (0..64).map(|writer| {
        let tables = tables.clone();
        tokio::spawn(async move {
            for number in 0..10 {
                let id = format!("{writer} {number}");
                put(&tables, &id).await;
                assert!(has(&tables, &id).await);
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let counted = call(&tables, "Scan", r#"{"TableName":"Things","Select":"COUNT"}"#).await.unwrap();
    assert_eq!(counted.get("Count"), Some(&640.into()));
}

#[tokio::test]
async fn a_killed_process_has_lost_nothing() {
    let folder = Folder::new();
    let mut killed_after = 0;
    for round in 0..3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writes_until_it_is_killed", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(|line| line.unwrap());
        let mut acknowledged: Vec<String> = Vec::new();
        let mut lines =
            lines.filter_map(|line| line.split_once(ACKNOWLEDGED).map(|(_, id)| id.trim().to_owned()));
        while acknowledged.len() < 100 + 50 * round {
            acknowledged.push(lines.next().expect("the child writes"));
        }
        child.kill().unwrap();
        // What it had told by then counts as well.
        acknowledged.extend(lines);
        child.wait().unwrap();
        let tables = Tables::open(folder.path()).unwrap();
        for id in &acknowledged {
            assert!(has(&tables, id).await, "{id} is lost in round {round}");
        }
        killed_after += acknowledged.len();
    }
    assert!(killed_after >= 450);
}

/// The process that is killed. By itself it has nothing to do: [`a_killed_process_has_lost_nothing`] says where.
#[tokio::test]
async fn writes_until_it_is_killed() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let tables = Tables::open(folder).unwrap();
    // It is there already in a later round.
    let _ = call(&tables, "CreateTable", CREATE).await;
    let mut out = std::io::stdout();
    // Whoever kills it does so far earlier.
    for number in 0..1_000_000 {
        let id = format!("{}-{number}", std::process::id());
        put(&tables, &id).await;
        writeln!(out, "{ACKNOWLEDGED} {id}").unwrap();
    }
}

#[tokio::test]
async fn a_backup_is_of_one_moment_and_whole() {
    let (folder, copy) = (Folder::new(), Folder::new());
    backup(folder.path(), copy.path()).unwrap();
    let tables = Tables::open(folder.path()).unwrap();
    call(&tables, "CreateTable", CREATE).await.unwrap();
    put(&tables, "a").await;
    backup(folder.path(), copy.path()).unwrap();
    put(&tables, "b").await;
    // A backup of a backup, as a restore makes it, has no log to look into.
    let restored = Folder::new();
    assert!(backup(copy.path(), restored.path()).unwrap() > 0);
    assert_eq!(verify(restored.path()).unwrap(), Vec::<String>::new());
    let restored = Tables::open(restored.path()).unwrap();
    assert!(has(&restored, "a").await && !has(&restored, "b").await);
}

#[tokio::test]
async fn damage_is_told() {
    let folder = Folder::new();
    let tables = Tables::open(folder.path()).unwrap();
    call(&tables, "CreateTable", CREATE).await.unwrap();
    for number in 0..200 {
        put(&tables, &format!("item {number}")).await;
    }
    drop(tables);
    assert_eq!(verify(folder.path()).unwrap(), Vec::<String>::new());
    let path = folder.path().join("tables.db");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5a);
    std::fs::write(&path, &bytes).unwrap();
    assert_ne!(verify(folder.path()).unwrap(), Vec::<String>::new());
    std::fs::write(&path, b"nothing").unwrap();
    assert_ne!(verify(folder.path()).unwrap(), Vec::<String>::new());
}
