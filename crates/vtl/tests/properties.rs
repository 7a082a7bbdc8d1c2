//! Whatever a template of AppSync's says and whatever it is given: it ends, in one of the known ways, the same
//! each time.

use json::{Value, value};
use proptest::prelude::*;
use vtl::appsync::{self, Outcome, Surroundings, Transformed};
use vtl::{Budget, appsync::Ended};

/// All that `$util` and `$extensions` have.
const FUNCTIONS: &[&str] = &[
    "$util.appendError",
    "$util.authType",
    "$util.autoId",
    "$util.autoKsuid",
    "$util.autoUlid",
    "$util.base64Decode",
    "$util.base64Encode",
    "$util.defaultIfNull",
    "$util.defaultIfNullOrBlank",
    "$util.defaultIfNullOrEmpty",
    "$util.error",
    "$util.escapeJavaScript",
    "$util.isBoolean",
    "$util.isList",
    "$util.isMap",
    "$util.isNull",
    "$util.isNullOrBlank",
    "$util.isNullOrEmpty",
    "$util.isNumber",
    "$util.isString",
    "$util.matches",
    "$util.parseJson",
    "$util.qr",
    "$util.quiet",
    "$util.toJson",
    "$util.typeOf",
    "$util.unauthorized",
    "$util.urlDecode",
    "$util.urlEncode",
    "$util.validate",
    "$util.dynamodb.fromS3ObjectJson",
    "$util.dynamodb.toBinary",
    "$util.dynamodb.toBinarySetJson",
    "$util.dynamodb.toBoolean",
    "$util.dynamodb.toDynamoDB",
    "$util.dynamodb.toDynamoDBJson",
    "$util.dynamodb.toList",
    "$util.dynamodb.toMap",
    "$util.dynamodb.toMapValues",
    "$util.dynamodb.toMapValuesJson",
    "$util.dynamodb.toNull",
    "$util.dynamodb.toNumber",
    "$util.dynamodb.toNumberSet",
    "$util.dynamodb.toS3Object",
    "$util.dynamodb.toString",
    "$util.dynamodb.toStringSet",
    "$util.http.addResponseHeader",
    "$util.http.addResponseHeaders",
    "$util.http.copyHeaders",
    "$util.list.copyAndRemoveAll",
    "$util.list.copyAndRetainAll",
    "$util.list.sortList",
    "$util.log.error",
    "$util.log.info",
    "$util.map.copyAndRemoveAllKeys",
    "$util.map.copyAndRetainAllKeys",
    "$util.math.maxVal",
    "$util.math.minVal",
    "$util.math.randomDouble",
    "$util.math.randomWithinRange",
    "$util.math.roundNum",
    "$util.rds.toJsonObject",
    "$util.rds.toJsonString",
    "$util.str.normalize",
    "$util.str.toLower",
    "$util.str.toReplace",
    "$util.str.toUpper",
    "$util.time.epochMilliSecondsToFormatted",
    "$util.time.epochMilliSecondsToISO8601",
    "$util.time.epochMilliSecondsToSeconds",
    "$util.time.nowEpochMilliSeconds",
    "$util.time.nowEpochSeconds",
    "$util.time.nowFormatted",
    "$util.time.nowISO8601",
    "$util.time.parseFormattedToEpochMilliSeconds",
    "$util.time.parseISO8601ToEpochMilliSeconds",
    "$util.transform.toDynamoDBConditionExpression",
    "$util.transform.toDynamoDBFilterExpression",
    "$util.transform.toElasticsearchQueryDSL",
    "$util.transform.toSubscriptionFilter",
    "$util.xml.toJsonString",
    "$util.xml.toMap",
    "$extensions.evictFromApiCache",
    "$extensions.invalidateSubscriptions",
    "$extensions.setSubscriptionFilter",
    "$extensions.setSubscriptionInvalidationFilter",
];

const VALUES: &[&str] = &[
    "$none",
    "true",
    "false",
    "0",
    "-1",
    "7",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999",
    "1.5",
    "-0.5",
    "1e308",
    "''",
    "'a'",
    "' '",
    "'nfd'",
    "'é😀'",
    "'{}'",
    "'yyyy-MM-dd HH:mm:ss.SSSZ'",
    "'2018-02-06T19:01:35.749Z'",
    "'1970'",
    "'UTC'",
    "'+25:00'",
    "'a%b+=&'",
    "'(a|b)*['",
    "'<a b=\"1\"><c>&amp;</c><c/></a>'",
    "'<a>'",
    "'{\"s3\":{\"key\":\"k\"}}'",
    "'{\"sqlStatementResults\":[{\"records\":[[{\"longValue\":1}]],\"columnMetadata\":[{\"label\":\"a\"}]}]}'",
    "[]",
    "['a', 1, $none, [true]]",
    "['b', 'a']",
    "[2, 1.5]",
    "[{'k': 2}, {'k': 1}]",
    "{}",
    "{1: 2, $none: 3}",
    "{'a': {'eq': 1, 'in': [1], 'between': [1, 2]}, 'or': [{'b': {'size': {'gt': 1}}}, {'not': {'c': {}}}]}",
    "{'host': 'h', 'x-a': $ctx.args}",
    "$ctx",
    "$ctx.args",
    "$ctx.args.x",
    "$ctx.args.x[0]",
    "$ctx.args.x.a",
    "$ctx.stash.get('a')",
    "$ctx.result.items[-1]",
    "$ctx.stash",
    "$ctx.outErrors",
    "$ctx.result.items",
    "$util",
    "$util.time",
    "$a",
    "$b",
    "$ctx.args.entrySet()",
    "$a.iterator()",
];

fn expression() -> impl Strategy<Value = String> {
    let value = proptest::sample::select(VALUES).prop_map(str::to_owned);
    value.prop_recursive(3, 12, 4, |inner| {
        (proptest::sample::select(FUNCTIONS), proptest::collection::vec(inner, 0..5))
            .prop_map(|(function, arguments)| format!("{function}({})", arguments.join(", ")))
    })
}

fn statement() -> impl Strategy<Value = String> {
    (0..10, expression(), expression()).prop_map(|(kind, one, two)| match kind {
        0 => format!("#set($a = {one})"),
        1 => format!("#set($b = {one})"),
        2 => format!("#set($ctx.stash.k = {one})"),
        3 => format!("#set($ctx.args = {one})"),
        4 => format!("#if({one}){two}#end"),
        5 => format!("#foreach($a in {one})$a {two}#end"),
        6 => format!("#return({one})"),
        7 => format!("$util.qr($ctx.stash.put({one}, {two}))"),
        8 => format!("#set($ctx.stash = {one})"),
        _ => one,
    })
}

fn context() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_filter("JSON has no others", |number| number.is_finite()).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    let inner = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("[a-z]{0,3}", inner), 0..4).prop_map(|members| {
                let mut object = json::Object::new();
                for (name, member) in members {
                    object.insert(name, member);
                }
                object.into()
            }),
        ]
    });
    (inner.clone(), inner.clone(), inner.clone(), inner, any::<bool>()).prop_map(|(x, stash, items, errors, whole)| {
        match whole {
            true => value!({"arguments": {"x": x}, "stash": stash, "result": {"items": items}, "outErrors": errors}),
            false => x,
        }
    })
}

/// Little enough that a case takes no time.
const BUDGET: Budget = Budget { steps: 100_000, bytes: 4 << 20, output_bytes: 1 << 20, depth: 100 };

fn rendered(template: &vtl::Template, context: &Value) -> Outcome {
    let surroundings =
        Surroundings { now_milliseconds: 1_517_943_695_749, seed: 7, ..Surroundings::default() };
    appsync::render(template, context, &surroundings, BUDGET)
}

/// Each value is one of the language, or the property would try nothing.
#[test]
fn all_values_are_arguments() {
    for value in VALUES {
        assert!(appsync::parse(&format!("$util.qr({value})#set($a = {value})")).is_ok(), "{value}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_template_ends_the_same_each_time(
        statements in proptest::collection::vec(statement(), 1..6),
        context in context(),
    ) {
        let text = statements.join(" ");
        let template = appsync::parse(&text).map_err(|error| TestCaseError::fail(format!("{text}: {error}")))?;
        let outcome = rendered(&template, &context);
        prop_assert_eq!(&outcome, &rendered(&template, &context));
        prop_assert!(outcome.stash.is_object(), "{}: the stash is {}", text, outcome.stash);
        match &outcome.result {
            Ok(Transformed::Text(text)) => prop_assert!(text.len() <= BUDGET.output_bytes),
            Ok(Transformed::Returned(_)) => {}
            Err(Ended::Failed { message } | Ended::Exceeded { message }) => prop_assert!(!message.is_empty()),
            Err(Ended::Raised(_)) => prop_assert!(text.contains("error") || text.contains("unauth") || text.contains("valid")),
        }
    }

    /// Values are taken apart as somebody looks into them; who has looked into all of them before sees the same.
    #[test]
    fn looking_changes_nothing(
        statements in proptest::collection::vec(statement(), 1..6),
        context in context(),
    ) {
        let text = statements.join(" ");
        let looked = format!("{LOOK}{text}");
        let [one, two] = [&text, &looked].map(|text| rendered(&appsync::parse(text).unwrap(), &context));
        let exceeded = |outcome: &Outcome| matches!(outcome.result, Err(Ended::Exceeded { .. }));
        if !exceeded(&one) && !exceeded(&two) {
            prop_assert_eq!(without_place(one), without_place(two), "{}", text);
        }
    }
}

/// Opens three levels of the context, and prints nothing.
const LOOK: &str = "#foreach($x in $ctx)#foreach($y in $x)#foreach($z in $y)#end#end#{end}";

/// The outcome, but for where it failed.
fn without_place(mut outcome: Outcome) -> Outcome {
    if let Err(Ended::Failed { message }) = &mut outcome.result {
        message.truncate(message.rfind(" (line").unwrap_or(message.len()));
    }
    outcome
}
