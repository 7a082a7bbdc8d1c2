//! The services around workflows, put together over one ledger.
//!
//! Never here: what a service does.

use std::path::Path;
use std::sync::Arc;

use ::services::{Home, Served, Service};
use anyhow::Context;
use connectors::Connectors;
use ledger::Ledger;
use tables::Tables;

use crate::data::{SERVICES, TABLES};
use crate::running::DataPlace;

/// Opens what the services keep and offers them to whoever calls through `connectors`.
pub fn start(
    home: &Home,
    data: &DataPlace,
    segment_bytes: u64,
    connectors: &Connectors,
) -> anyhow::Result<Served> {
    let _ledger = open(data, segment_bytes)?;
    let tables = tables(data)?;
    let served = Served::new([("dynamodb", tables.clone()), ("dynamodbstreams", tables)]);
    served.offer_within(connectors, home);
    Ok(served)
}

/// DynamoDB, and its streams.
fn tables(data: &DataPlace) -> anyhow::Result<Arc<dyn Service>> {
    let tables = match data {
        DataPlace::Memory => Tables::in_memory(),
        DataPlace::Folder(folder) => Tables::open(folder.join(TABLES)),
    };
    Ok(Arc::new(tables.context("cannot open the tables of DynamoDB")?))
}

fn open(data: &DataPlace, segment_bytes: u64) -> anyhow::Result<Ledger> {
    let data_dir = match data {
        DataPlace::Memory => None,
        DataPlace::Folder(folder) => Some(folder.join(SERVICES)),
    };
    let settings = ledger::Settings { data_dir: data_dir.clone(), segment_bytes };
    Ledger::open(&settings)
        .map_err(|error| match error {
            store::Error::Locked(folder) => anyhow::anyhow!(
                "{} is in use by another stepwell: stop that one, or give --data-dir another folder",
                folder.parent().unwrap_or(Path::new(".")).display()
            ),
            error => crate::data::explain(error),
        })
        .context("cannot open what the services keep")
}
