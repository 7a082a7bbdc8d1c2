//! What the library computes in JavaScript, and `appsync-util` in Rust for templates, is the same: filters of all
//! kinds through both.

use appsync_js::{Code, Ended, Handler, Host};
use appsync_util::{rds, transform};
use json::{Value, value};

fn in_javascript(call: &str, argument: &Value) -> Result<Value, String> {
    let text = format!(
        "import {{ util }} from '@aws-appsync/utils'; export function request(ctx) {{ return {call}; }}"
    );
    let code = Code::compile(&text).unwrap();
    match code.call(Handler::Request, &value!({"arguments": {"given": argument}}), &Host::default()).result {
        Ok(result) => Ok(result),
        Err(Ended::Failed { message }) => Err(message.splitn(4, ':').last().unwrap().trim().to_owned()),
        Err(other) => panic!("{other:?}"),
    }
}

/// As the helpers give it: text.
fn text(result: Result<Value, String>) -> Result<Value, String> {
    result.map(|value| Value::from(value.to_text()))
}

#[test]
fn filters_give_the_same() {
    let filters = [
        value!({"a": {"eq": 1, "ne": "x"}, "b.c": {"lt": 1.5, "le": 2, "gt": null, "ge": true}}),
        value!({"a": {"contains": "x", "notContains": "y", "beginsWith": "z", "attributeType": "S"}}),
        value!({"a": {"in": [1, "b", [2]], "between": [1, 2], "attributeExists": 0, "size": {"gt": 1, "le": 5}}}),
        value!({"or": [{"a": {"eq": 1}}, {"and": [{"a": {"eq": 2}}, {"not": {"b": {"eq": {"x": []}}}}]}], "c": {}}),
        value!({"and": [], "or": []}),
        value!({"a": {"range": [1, 5], "gte": 2, "lte": 3, "match": "m", "matchPhrase": "p"}}),
        value!({"a": {"wildcard": "w*", "regexp": "r.*", "multiMatch": {"query": "q"}, "exists": ""}}),
        value!({"a": {"eq": 1}, "or": [{"b": {"gt": 2}}, {"c": {"lt": 3}}], "and": [{"or": [{"d": {"eq": 4}}, {"e": {"eq": 5}}]}]}),
        value!({}),
        value!([]),
        value!({"a": {"near": 1}}),
        value!({"a": {"between": [1]}}),
        value!({"a": {"size": {"near": 1}}}),
    ];
    for filter in &filters {
        let ours = text(transform::expression(filter));
        assert_eq!(in_javascript("util.transform.toDynamoDBFilterExpression(ctx.args.given)", filter), ours);
        // Lists are objects to JavaScript, and in Rust no filters.
        if filter.is_array() {
            continue;
        }
        let ours = text(transform::query(filter));
        if ours.is_ok() {
            assert_eq!(in_javascript("util.transform.toElasticsearchQueryDSL(ctx.args.given)", filter), ours);
        }
        let rules = value!({"rule": {"eq": 1}});
        let ours = text(transform::subscription(filter, &["b"], &rules));
        let call = "util.transform.toSubscriptionFilter(ctx.args.given, ['b'], { rule: { eq: 1 } })";
        assert_eq!(in_javascript(call, filter), ours);
    }
}

#[test]
fn rows_are_the_same() {
    let answer = value!({"sqlStatementResults": [
        {"numberOfRecordsUpdated": 1, "generatedFields": []},
        {
            "records": [[{"longValue": 1}, {"isNull": true}, {"arrayValue": {"arrayValues": [{"longValues": [1]}]}}]],
            "columnMetadata": [{"label": "a", "name": "n"}, {"name": "b"}, {"name": "c"}],
        },
    ]});
    let ours = rds::rows(&answer);
    assert_eq!(ours, Ok(value!([[{}], [{"a": 1, "c": [[1]]}]])));
    assert_eq!(in_javascript("util.rds.toJsonObject(ctx.args.given)", &answer), ours);
}
