//! Calls of tables in a folder that goes with the test.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use json::Value;
use services::{Asker, Call, Fault, Service};
use tables::Tables;

/// A folder that goes with the value.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("stepwell-tables-{}-{number}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn asker() -> Asker {
    Asker {
        account: "123456789012".into(),
        region: "eu-west-1".into(),
        base_url: "http://127.0.0.1:8083".into(),
        ..Asker::default()
    }
}

/// One call, its input in JSON.
pub async fn call(tables: &Tables, operation: &str, input: &str) -> Result<Value, Fault> {
    let input = Value::parse(input).unwrap_or_else(|error| panic!("{error}: {input}"));
    tables.call(Call { operation, input: &input, asker: &asker() }).await
}

/// What a call is answered, its members in the order of their names, without what is never the same.
pub async fn told(tables: &Tables, line: &str) -> String {
    let (operation, input) = line.split_once(' ').unwrap_or((line, "{}"));
    match call(tables, operation, input).await {
        Ok(output) => settled(&output).to_text(),
        Err(fault) => {
            let members = if fault.members.is_empty() {
                String::new()
            } else {
                format!(" {}", settled(&fault.members.into()))
            };
            format!("{} {}: {}{members}", fault.status, fault.code, fault.message)
        }
    }
}

fn settled(value: &Value) -> Value {
    const EVER_CHANGING: [&str; 4] =
        ["CreationDateTime", "TableId", "LastUpdateToPayPerRequestDateTime", "LastIncreaseDateTime"];
    match value {
        Value::Object(object) => {
            let mut members: Vec<_> = object
                .iter()
                .filter(|(name, _)| !EVER_CHANGING.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), settled(value)))
                .collect();
            members.sort_by(|(one, _), (other, _)| one.cmp(other));
            members.into_iter().collect::<json::Object>().into()
        }
        Value::Array(array) => array.iter().map(settled).collect(),
        value => value.clone(),
    }
}
