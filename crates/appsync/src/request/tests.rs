use std::sync::Arc;

use json::{Value, value};

use crate::place::Place;
use crate::record;
use crate::testing::{Prepared, post, with_records};

const FAR: i64 = 9_999_999_999;

fn records(schema: &str, more: &[(String, Value)]) -> Vec<(String, Value)> {
    let mut records = vec![
        (record::api("a"), value!({"name": "shop", "apiId": "a", "authenticationType": "API_KEY"})),
        (record::schema("a"), value!({"definition": schema, "status": "SUCCESS"})),
        (record::key("a", "da2-key"), value!({"id": "da2-key", "expires": FAR})),
        (record::source("a", "nothing"), value!({"name": "nothing", "type": "NONE"})),
    ];
    records.extend(more.iter().cloned());
    records
}

fn code(type_: &str, field: &str, code: &str) -> (String, Value) {
    let resolver = value!({
        "typeName": type_, "fieldName": field, "kind": "UNIT", "dataSourceName": "nothing", "code": code,
        "runtime": {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}
    });
    (record::resolver("a", type_, field), resolver)
}

async fn ask(records: Vec<(String, Value)>, query: &str) -> String {
    let appsync = with_records(Arc::new(Prepared::default()), records).await;
    let request = post("da2-key", &value!({"query": query}));
    let response = appsync.answer(&Place::GraphQl("a".into()), request).await;
    format!("{} {}", response.status, String::from_utf8(response.body).unwrap())
}

const ECHO: &str = "export function request(ctx) { return { payload: ctx.args } }
export function response(ctx) { return ctx.result }";

#[tokio::test]
async fn a_unit_resolver_answers() {
    let records = records(
        "type Query { echo(id: ID!, text: String): Echo } type Echo { id: ID! text: String }",
        &[code("Query", "echo", ECHO)],
    );
    let answer = ask(records, "{ echo(id: 1, text: \"hello\") { id text } }").await;
    assert_eq!(answer, r#"200 {"data":{"echo":{"id":"1","text":"hello"}}}"#);
}

#[tokio::test]
async fn errors_have_their_six_members() {
    let raise = "import { util } from '@aws-appsync/utils'
export function request(ctx) { util.error('no', 'Nope', { id: 1 }, { why: 2 }) }
export function response(ctx) { return ctx.result }";
    let records = records("type Query { fails: String }", &[code("Query", "fails", raise)]);
    let answer = ask(records, "{ fails }").await;
    let expected = r#"200 {"data":{"fails":null},"errors":[{"path":["fails"],"data":{"id":1},"errorType":"Nope","errorInfo":{"why":2},"locations":[{"line":1,"column":3,"sourceName":null}],"message":"no"}]}"#;
    assert_eq!(answer, expected);
}
