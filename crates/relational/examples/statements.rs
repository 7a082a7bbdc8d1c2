//! What a statement costs: `cargo run --release -p relational --features testing --example statements`.
//!
//! `SELECT 1` through the service, beside `tokio-postgres` alone on the same PostgreSQL.

use std::time::Instant;

use json::value;
use relational::testing::{Server, USER};
use relational::{Database, Limits, Place, Relational};
use services::{Asker, Call, Service};

const CALLS: u32 = 5_000;

#[tokio::main]
async fn main() {
    let Some(server) = Server::postgres(None) else { return };
    let place = Place::parse(&server.url()).expect("the URL is one");
    let orders = Database { place, connections_max: 1 };
    let service = Relational::new([("orders".to_owned(), orders)].into(), Limits::default());
    let input = value!({
        "resourceArn": "arn:aws:rds:us-east-1:123456789012:cluster:orders",
        "secretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders",
        "sql": "SELECT :n::int",
        "parameters": [{ "name": "n", "value": { "longValue": 1 } }],
    });
    let asker = Asker::default();
    let call = || async {
        let call = Call { operation: "ExecuteStatement", input: &input, asker: &asker };
        service.call(call).await.expect("it is answered");
    };

    let config =
        format!("host=127.0.0.1 port={} user={USER} password='p@ss:word' dbname=postgres", server.port());
    let (client, connection) =
        tokio_postgres::connect(&config, tokio_postgres::NoTls).await.expect("it is there");
    tokio::spawn(connection);
    let statement = client.prepare("SELECT $1::bigint::int").await.expect("it is a statement");

    for round in ["cold", "warm"] {
        let begun = Instant::now();
        for _ in 0..CALLS {
            call().await;
        }
        let ours = begun.elapsed() / CALLS;
        let begun = Instant::now();
        for _ in 0..CALLS {
            client.query(&statement, &[&1_i64]).await.expect("it is answered");
        }
        println!(
            "{round}, one after the other: service {ours:?}, tokio-postgres {:?}",
            begun.elapsed() / CALLS
        );
    }
}
