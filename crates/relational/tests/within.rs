//! Reached as Tasks reach it: through `services::Served`, from within the process.

mod common;

use std::sync::Arc;

use connectors::{Caller, Connectors, Settings};
use expect_test::expect;
use json::value;
use relational::Limits;
use relational::testing::Server;
use services::{Home, Served, Service};

#[tokio::test]
async fn a_task_asks_with_a_capital_first() {
    let Some(server) = Server::postgres(None) else { return };
    let common::Served { service, server: _server } = common::Served::new(server, 2, Limits::default());
    let connectors = Connectors::new(Settings::default());
    let home =
        Home { account: "123456789012".into(), region: "us-east-1".into(), base_url: "http://here".into() };
    Served::new([("rds-data", Arc::new(service) as Arc<dyn Service>)]).offer_within(&connectors, &home);
    let mut told = Vec::new();
    for (sql, parameters) in [
        (
            "SELECT :n + 1 AS n, 'a' AS t, '\\x6869'::bytea AS b",
            value!([{ "Name": "n", "Value": { "LongValue": 1 } }]),
        ),
        ("SELECT * FROM absent", value!([])),
    ] {
        let input = value!({
            "ResourceArn": "arn:aws:rds:us-east-1:123456789012:cluster:orders",
            "SecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:orders",
            "Sql": sql,
            "Parameters": parameters,
        });
        let answer = connectors
            .call_operation("rds-data", "ExecuteStatement", &input, &Caller::default(), "token")
            .await;
        told.push(match answer {
            Ok(output) => output.to_text(),
            Err(trouble) => {
                let cause = trouble.cause();
                // An identifier follows.
                let cause = cause.split(" (Service").next().unwrap_or_default();
                format!("{}: {cause}", trouble.name())
            }
        });
    }
    expect![[r#"
        {"NumberOfRecordsUpdated":0,"Records":[[{"LongValue":2},{"StringValue":"a"},{"BlobValue":"hi"}]]}
        RdsData.DatabaseErrorException: ERROR: relation "absent" does not exist; Position: 15; SQLState: 42P01"#]].assert_eq(&told.join("\n"));
}
