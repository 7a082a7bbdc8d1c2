//! DynamoDB as a service, and DynamoDB's streams as another.
//!
//! Never here: what an operation does.

use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};

use aws_protocols::serve;
use connectors::Answering;
use json::{Object, Value, value};
use services::{Asker, Call, Fault, Service};

use crate::arns::Arns;
use crate::engine::{Error, FILE, MISSING};
use crate::operation::{self, Kind};
use crate::refused_members;
use crate::worker::Worker;

/// The tables of a folder. It answers the operations of `dynamodb` and of `dynamodbstreams`.
pub struct Tables {
    folder: Option<PathBuf>,
    /// Where nobody has asked for a table yet there is no database: most servers never have one.
    worker: OnceLock<Worker>,
    /// Held by whoever starts it.
    starting: Mutex<()>,
}

impl Tables {
    /// Opens the tables of a folder, which nobody else may have open. Dropping them waits until they are closed.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Tables, Error> {
        let folder = folder.into();
        let is_there = folder.join(FILE).exists();
        let tables = Tables { folder: Some(folder), worker: OnceLock::new(), starting: Mutex::default() };
        if is_there {
            // What is wrong with it is said at the start, and items end at their time.
            tables.start()?;
        }
        Ok(tables)
    }

    /// Tables that end with the process.
    pub fn in_memory() -> Tables {
        Tables { folder: None, worker: OnceLock::new(), starting: Mutex::default() }
    }

    fn start(&self) -> Result<&Worker, Error> {
        let _mine = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(worker) = self.worker.get() {
            return Ok(worker);
        }
        let worker = Worker::start(self.folder.clone())?;
        Ok(self.worker.get_or_init(|| worker))
    }

    fn worker(&self) -> Result<&Worker, Fault> {
        self.worker.get().map_or_else(|| self.start(), Ok).map_err(|error| {
            tracing::error!("the tables cannot be opened: {error}");
            Fault::new("InternalServerError", "The tables cannot be opened; the server's log says why")
                .with_status(500)
        })
    }

    async fn answer(&self, call: Call<'_>) -> Result<Value, Fault> {
        match call.operation {
            "DescribeContinuousBackups" => return self.continuous_backups(call).await,
            "DescribeEndpoints" => return Ok(endpoints(call.asker)),
            _ => {}
        }
        let Some((operation, kind)) = operation::find(call.operation) else {
            return Err(not_here(call.operation));
        };
        if let Some(complaint) = refused_members::complaint(operation, call.input) {
            return Err(Fault::new("ValidationException", complaint));
        }
        let arns = Arns::new(&call.asker.region, &call.asker.account);
        let input =
            if kind == Kind::Table { arns.inwards(call.input).to_text() } else { call.input.to_text() };
        let answered = self.worker()?.perform(operation, kind, input).await;
        let text = answered.map_err(|fault| match fault.message.as_str() {
            MISSING => what_is_missing(operation, call.input),
            message => Fault { message: arns.in_text(message), ..fault },
        })?;
        let output = Value::parse(&text).map_err(|error| {
            tracing::error!(operation, "the engine's answer is no JSON: {error}");
            Fault::new("InternalServerError", "The answer cannot be read").with_status(500)
        })?;
        Ok(match kind {
            Kind::Table => arns.outwards(&output),
            Kind::Stream => with_region(output, &call.asker.region),
            Kind::Read | Kind::Write => output,
        })
    }

    /// There are none, which is what tools that ask want to know.
    async fn continuous_backups(&self, call: Call<'_>) -> Result<Value, Fault> {
        let table = call.input.get("TableName").cloned().unwrap_or_default();
        let input = value!({ "TableName": (table.clone()) }).to_text();
        match self.worker()?.perform("DescribeTable", Kind::Table, input).await {
            Ok(_) => Ok(value!({ "ContinuousBackupsDescription": {
                "ContinuousBackupsStatus": "DISABLED",
                "PointInTimeRecoveryDescription": { "PointInTimeRecoveryStatus": "DISABLED" },
            } })),
            Err(fault) if fault.code == "ResourceNotFoundException" => {
                let name = table.as_str().unwrap_or_default();
                Err(Fault::new("TableNotFoundException", format!("Table not found: {name}")))
            }
            Err(fault) => Err(fault),
        }
    }
}

impl Service for Tables {
    fn call<'a>(&'a self, call: Call<'a>) -> Answering<'a, Result<Value, Fault>> {
        Box::pin(self.answer(call))
    }

    /// DynamoDB has words of its own, which depend on the operation.
    fn checks_by_model(&self, _operation: &str) -> bool {
        false
    }
}

/// Where to call: where the caller has called already.
fn endpoints(asker: &Asker) -> Value {
    const A_DAY: i64 = 1440;
    let host = asker.base_url.split_once("://").map_or(asker.base_url.as_str(), |(_, host)| host);
    value!({ "Endpoints": [{ "Address": host, "CachePeriodInMinutes": A_DAY }] })
}

fn not_here(operation: &str) -> Fault {
    let text = format!(
        "This server's DynamoDB has no {operation}. It has tables, items, batches, transactions, PartiQL, streams, tags \
         and time to live; set [endpoints] dynamodb to call another."
    );
    Fault::new("UnknownOperationException", text)
}

/// In the words that AWS's services share.
fn what_is_missing(operation: &str, input: &Value) -> Fault {
    let services = ["dynamodb", "dynamodbstreams"].into_iter().filter_map(aws_models::service);
    let shape = services.filter_map(|service| service.operation_named(operation)?.input()).next();
    let told = shape.map(|shape| serve::violations(input, shape)).unwrap_or_default();
    let told: Vec<_> = told.into_iter().filter(|violation| violation.starts_with("Value null")).collect();
    Fault::new("ValidationException", serve::detected(&told))
}

/// Records say where they come from.
fn with_region(mut output: Value, region: &str) -> Value {
    let records = output.as_object_mut().and_then(|output| output.get_mut("Records"));
    for record in records.and_then(Value::as_array_mut).into_iter().flat_map(|records| records.make_mut()) {
        if let Some(record) =
            record.as_object_mut().filter(|record: &&mut Object| record.contains_key("awsRegion"))
        {
            record.insert("awsRegion", region);
        }
    }
    output
}
