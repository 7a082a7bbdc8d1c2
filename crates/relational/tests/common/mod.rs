//! A service over a database of the test's own, and what it says.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::collections::BTreeMap;

use json::Value;
use relational::testing::Server;
use relational::{Database, Limits, Place, Relational};
use services::{Asker, Call, Fault, Service};

/// The service under test.
pub struct Served {
    pub service: Relational,
    pub server: Server,
}

impl Served {
    /// Serves `orders`, with so many connections at most.
    pub fn new(server: Server, connections_max: usize, limits: Limits) -> Served {
        let place = Place::parse(&server.url()).unwrap();
        let orders = ("orders".to_owned(), Database { place, connections_max });
        Served { service: Relational::new(BTreeMap::from([orders]), limits), server }
    }

    /// An operation on `orders`.
    pub async fn call(&self, operation: &str, input: Value) -> Result<Value, Fault> {
        call(&self.service, operation, input).await
    }

    /// The same, as a text.
    pub async fn told(&self, operation: &str, input: Value) -> String {
        told(self.call(operation, input).await)
    }

    /// A statement without parameters.
    pub async fn sql(&self, sql: &str) -> String {
        self.told("ExecuteStatement", json::value!({ "sql": sql })).await
    }

    /// Statements one after the other, with their parameters, and what comes of each.
    pub async fn script(&self, statements: &[(&str, Value)]) -> String {
        let mut text = String::new();
        for (sql, parameters) in statements {
            let input = json::value!({ "sql": (*sql), "parameters": parameters });
            text.push_str(&format!("{sql}\n    {}\n", self.told("ExecuteStatement", input).await));
        }
        text
    }
}

pub async fn call(service: &Relational, operation: &str, mut input: Value) -> Result<Value, Fault> {
    let members = input.as_object_mut().unwrap();
    if !members.contains_key("resourceArn") {
        members.insert("resourceArn", "arn:aws:rds:us-east-1:123456789012:cluster:orders");
    }
    members.insert("secretArn", "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders");
    service.call(Call { operation, input: &input, asker: &Asker::default() }).await
}

pub fn told(answer: Result<Value, Fault>) -> String {
    match answer {
        Ok(output) => output.to_text(),
        Err(fault) => format!("{}: {}", fault.code, fault.message),
    }
}

/// A parameter.
pub fn parameter(name: &str, member: &str, value: impl Into<Value>) -> Value {
    json::value!({ "name": name, "value": { (member.to_owned()): (value.into()) } })
}

/// A parameter that is a text for us and something else for the database.
pub fn hinted(name: &str, hint: &str, text: &str) -> Value {
    json::value!({ "name": name, "typeHint": hint, "value": { "stringValue": text } })
}

impl Served {
    /// Another service over the same database.
    pub fn another(&self) -> Relational {
        let place = Place::parse(&self.server.url()).unwrap();
        Relational::new(
            [("orders".to_owned(), Database { place, connections_max: 1 })].into(),
            Limits::default(),
        )
    }
}
