//! Random operations beside a plain map, with restarts anywhere: both tell the same, and nothing that was acknowledged
//! is lost.

mod support;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use json::Value;
use support::{Folder, call};
use tables::Tables;

const CREATE: &str = r#"{"TableName":"Things","BillingMode":"PAY_PER_REQUEST",
    "AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"s","AttributeType":"N"}],
    "KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"s","KeyType":"RANGE"}]}"#;
/// Few keys, so that operations meet.
const PARTITIONS: u64 = 3;
const NUMBERS: u64 = 8;
const OPERATIONS: u64 = 300;

/// An item's key is `p` and `s`; its value `v`.
type Model = BTreeMap<(u64, i64), i64>;

struct Beside {
    folder: Folder,
    tables: Option<Tables>,
    model: Model,
    seed: u64,
}

impl Beside {
    async fn new(seed: u64) -> Beside {
        let folder = Folder::new();
        let tables = Tables::open(folder.path()).unwrap();
        call(&tables, "CreateTable", CREATE).await.unwrap();
        Beside { folder, tables: Some(tables), model: Model::new(), seed }
    }

    /// Less than `bound`. (splitmix64)
    fn number(&mut self, bound: u64) -> u64 {
        self.seed = self.seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.seed ^ self.seed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ mixed >> 31) % bound
    }

    fn key(&mut self) -> (u64, i64) {
        (self.number(PARTITIONS), self.number(NUMBERS) as i64 - 4)
    }

    /// The output, or the error's code.
    async fn call(&self, operation: &str, input: &str) -> Result<Value, String> {
        let tables = self.tables.as_ref().expect("they are open");
        call(tables, operation, input).await.map_err(|fault| fault.code.to_string())
    }

    async fn step(&mut self) {
        let (key, value) = (self.key(), self.number(100) as i64);
        match self.number(9) {
            0 | 1 => {
                let input = format!(r#"{{"TableName":"Things","Item":{}}}"#, item(key, value));
                self.call("PutItem", &input).await.unwrap();
                self.model.insert(key, value);
            }
            2 => self.put_if_absent(key, value).await,
            3 => self.add(key, value).await,
            4 => {
                let input =
                    format!(r#"{{"TableName":"Things","Key":{},"ReturnValues":"ALL_OLD"}}"#, key_of(key));
                let told = self.call("DeleteItem", &input).await.unwrap();
                assert_eq!(told.get("Attributes").map(value_in), self.model.remove(&key));
            }
            5 => self.transact(key, value).await,
            6 => self.query(key).await,
            7 => {
                let input = format!(r#"{{"TableName":"Things","Key":{}}}"#, key_of(key));
                let told = self.call("GetItem", &input).await.unwrap();
                assert_eq!(told.get("Item").map(value_in), self.model.get(&key).copied());
            }
            // A start takes longer than all else.
            _ if self.number(3) > 0 => {}
            _ => {
                self.tables = None;
                self.tables = Some(Tables::open(self.folder.path()).unwrap());
            }
        }
    }

    async fn put_if_absent(&mut self, key: (u64, i64), value: i64) {
        let input = format!(
            r#"{{"TableName":"Things","Item":{},"ConditionExpression":"attribute_not_exists(p)"}}"#,
            item(key, value)
        );
        let told = self.call("PutItem", &input).await.map(drop);
        match self.model.entry(key) {
            Entry::Occupied(_) => assert_eq!(told, Err("ConditionalCheckFailedException".to_owned())),
            Entry::Vacant(free) => {
                told.unwrap();
                free.insert(value);
            }
        }
    }

    /// Makes the item if it is not there.
    async fn add(&mut self, key: (u64, i64), value: i64) {
        let input = format!(
            r#"{{"TableName":"Things","Key":{},"UpdateExpression":"ADD v :v","ReturnValues":"UPDATED_NEW",
                "ExpressionAttributeValues":{{":v":{{"N":"{value}"}}}}}}"#,
            key_of(key)
        );
        let told = self.call("UpdateItem", &input).await.unwrap();
        let known = self.model.entry(key).or_default();
        *known += value;
        assert_eq!(told.get("Attributes").map(value_in), Some(*known));
    }

    /// Moves a value to another key: both or none.
    async fn transact(&mut self, from: (u64, i64), value: i64) {
        let to = self.key();
        if from == to {
            return;
        }
        let input = format!(
            r#"{{"TransactItems":[
                {{"Put":{{"TableName":"Things","Item":{}}}}},
                {{"Delete":{{"TableName":"Things","Key":{},"ConditionExpression":"attribute_exists(p)"}}}}]}}"#,
            item(to, value),
            key_of(from)
        );
        let told = self.call("TransactWriteItems", &input).await.map(drop);
        if self.model.remove(&from).is_some() {
            told.unwrap();
            self.model.insert(to, value);
        } else {
            assert_eq!(told, Err("TransactionCanceledException".to_owned()));
        }
    }

    /// All of a partition behind a number, a page at a time.
    async fn query(&mut self, (partition, least): (u64, i64)) {
        let limit = self.number(3) + 1;
        let mut told = Vec::new();
        let mut start = String::new();
        loop {
            let input = format!(
                r#"{{"TableName":"Things","KeyConditionExpression":"p = :p AND s >= :s","Limit":{limit}{start},
                    "ExpressionAttributeValues":{{":p":{{"S":"p{partition}"}},":s":{{"N":"{least}"}}}}}}"#
            );
            let page = self.call("Query", &input).await.unwrap();
            let items = page.get("Items").and_then(Value::as_array).unwrap();
            told.extend(items.iter().map(|item| (number(item, "s"), value_in(item))));
            match page.get("LastEvaluatedKey") {
                Some(last) => start = format!(r#","ExclusiveStartKey":{last}"#),
                None => break,
            }
        }
        let wanted = self.model.range((partition, least)..(partition + 1, i64::MIN));
        assert_eq!(told, wanted.map(|((_, number), value)| (*number, *value)).collect::<Vec<_>>());
    }
}

fn key_of((partition, number): (u64, i64)) -> String {
    format!(r#"{{"p":{{"S":"p{partition}"}},"s":{{"N":"{number}"}}}}"#)
}

fn item((partition, number): (u64, i64), value: i64) -> String {
    format!(r#"{{"p":{{"S":"p{partition}"}},"s":{{"N":"{number}"}},"v":{{"N":"{value}"}}}}"#)
}

fn value_in(item: &Value) -> i64 {
    number(item, "v")
}

fn number(item: &Value, name: &str) -> i64 {
    let text = item.get(name).and_then(|value| value.get("N")).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("{item} has no number {name}")).parse().unwrap()
}

#[tokio::test]
async fn a_table_is_what_a_map_is() {
    for seed in 0..4 {
        let mut beside = Beside::new(seed).await;
        for _ in 0..OPERATIONS {
            beside.step().await;
        }
        let scanned = beside.call("Scan", r#"{"TableName":"Things"}"#).await.unwrap();
        assert_eq!(scanned.get("Count"), Some(&Value::from(beside.model.len() as u64)), "seed {seed}");
    }
}
