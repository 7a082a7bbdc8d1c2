//! AppSync's objects, beyond what the recorded cases show: a template in, everything it said out.

use std::sync::Arc;

use expect_test::{Expect, expect};
use json::{Value, value};
use vtl::Budget;
use vtl::appsync::{self, Ended, Outcome, Surroundings, Transformed};

fn render(template: &str) -> Outcome {
    let context = value!({
        "arguments": {
            "id": "7", "n": 3, "half": 1.5, "tags": ["b", "a", "b"], "none": null,
            "input": {"title": "Dragons", "ups": 1, "deep": {"list": [true, null]}}
        },
        "identity": {"username": "ada"},
        "stash": {"kept": [1]},
        "result": {"items": [{"id": "2", "n": 10}, {"id": "10", "n": 9}]},
        "request": {"headers": {"Host": "api", "x-api-key": "k", "Content-Length": "3"}},
    });
    let surroundings = Surroundings {
        now_milliseconds: 1_517_943_695_749,
        seed: 7,
        auth_type: "API Key Authorization".into(),
        zones: Some(Arc::new(|zone, _| (zone == "Europe/Vienna").then_some(3600))),
    };
    let template = match appsync::parse(template) {
        Ok(template) => template,
        Err(error) => panic!("{template}: {error}"),
    };
    appsync::render(&template, &context, &surroundings, Budget::default())
}

fn told(outcome: &Outcome) -> String {
    match &outcome.result {
        Ok(Transformed::Text(text)) => text.clone(),
        Ok(Transformed::Returned(None)) => "returned".to_owned(),
        Ok(Transformed::Returned(Some(value))) => format!("returned {value}"),
        Err(Ended::Raised(error)) => format!(
            "raised {:?} {:?} {} {}",
            error.message.as_str(),
            error.error_type.as_deref().unwrap_or("without a type"),
            error.data,
            error.error_info
        ),
        Err(Ended::Failed { message }) => format!("failed: {message}"),
        Err(Ended::Exceeded { message }) => format!("exceeded: {message}"),
    }
}

/// What templates give, one a line.
fn check(templates: &[&str], expected: Expect) {
    let line = |template: &&str| format!("{template} → {}\n", told(&render(template)));
    expected.assert_eq(&templates.iter().map(line).collect::<String>());
}

#[test]
fn the_context() {
    check(
        &[
            "$ctx.args.id $context.arguments.id $ctx.args.get('id') $ctx.args.none $!ctx.args.none|",
            "#set($ctx.args.id = 8)$ctx.arguments.id",
            "#set($ctx.arguments = {'id': 9})$ctx.args.id $util.toJson($ctx.args)",
            "$ctx.args.input",
            "$util.toJson($ctx)",
            "$ctx.keySet()",
            "#set($ctx = 'other')$ctx $context.args.id",
            "$ctx.result.items[0].id $ctx.result.items.size()",
        ],
        expect![[r#"
            $ctx.args.id $context.arguments.id $ctx.args.get('id') $ctx.args.none $!ctx.args.none| → 7 7 7 $ctx.args.none |
            #set($ctx.args.id = 8)$ctx.arguments.id → 8
            #set($ctx.arguments = {'id': 9})$ctx.args.id $util.toJson($ctx.args) → 9 {"id":9}
            $ctx.args.input → {title=Dragons, ups=1, deep={list=[true, null]}}
            $util.toJson($ctx) → {"arguments":{"id":"7","n":3,"half":1.5,"tags":["b","a","b"],"none":null,"input":{"title":"Dragons","ups":1,"deep":{"list":[true,null]}}},"identity":{"username":"ada"},"stash":{"kept":[1]},"result":{"items":[{"id":"2","n":10},{"id":"10","n":9}]},"request":{"headers":{"Host":"api","x-api-key":"k","Content-Length":"3"}},"outErrors":[]}
            $ctx.keySet() → [arguments, identity, stash, result, request, outErrors]
            #set($ctx = 'other')$ctx $context.args.id → other 7
            $ctx.result.items[0].id $ctx.result.items.size() → 2 2
        "#]],
    );
}

#[test]
fn what_ends_a_template() {
    check(
        &[
            "a$util.error('no')b",
            "$util.error('no', 'Mine', $ctx.args.tags, {'a': 1})",
            "$util.error($ctx.none, $ctx.none)",
            "$util.error({'a': 1}, 400)",
            "$util.error('a', 'b', 'c', 'd', 'e')",
            "$util.unauthorized()",
            "$util.validate($ctx.args.n > 2, 'small')done",
            "$util.validate($ctx.args.n > 3, 'small')",
            "$util.validate(false, 'small', 'Mine', 1)",
            "a#return",
            "a#return($ctx.args.input)",
            "#return($ctx.none)",
            "$util.base64Decode('%')",
            "$ctx.args.tags.get(9)",
        ],
        expect![[r#"
            a$util.error('no')b → raised "no" "without a type" null null
            $util.error('no', 'Mine', $ctx.args.tags, {'a': 1}) → raised "no" "Mine" ["b","a","b"] {"a":1}
            $util.error($ctx.none, $ctx.none) → raised "null" "without a type" null null
            $util.error({'a': 1}, 400) → raised "{a=1}" "400" null null
            $util.error('a', 'b', 'c', 'd', 'e') → $util.error('a', 'b', 'c', 'd', 'e')
            $util.unauthorized() → raised "Unauthorized" "Unauthorized" null null
            $util.validate($ctx.args.n > 2, 'small')done → done
            $util.validate($ctx.args.n > 3, 'small') → raised "small" "CustomTemplateException" null null
            $util.validate(false, 'small', 'Mine', 1) → raised "small" "Mine" 1 null
            a#return → returned
            a#return($ctx.args.input) → returned {"title":"Dragons","ups":1,"deep":{"list":[true,null]}}
            #return($ctx.none) → returned null
            $util.base64Decode('%') → failed: $util.base64Decode was given something else than base 64 (line 1, column 1)
            $ctx.args.tags.get(9) → failed: There is no item 9 in a list of 3: compare with .size() before (line 1, column 1)
        "#]],
    );
}

#[test]
fn nothing_and_its_defaults() {
    check(
        &[
            "$util.isNull($ctx.none) $util.isNullOrEmpty({}) $util.isNullOrEmpty($ctx.none) $util.isNullOrBlank(7)",
            "$util.defaultIfNull($ctx.none, 1) $util.defaultIfNull(0, 1) $util.defaultIfNullOrBlank(' ', 'x')",
            "$util.typeOf($ctx.args.half) $util.typeOf($util) $util.typeOf($ctx.none) $util.typeOf($ctx.args.entrySet().get(0))",
            "$util.qr($ctx.args.put('z', 1))$util.quiet(1)$ctx.args.z",
            "$util.toJson($ctx.none) $util.toJson('a\"b') $util.toJson(1.0) $util.toJson($util)",
            "$util.parseJson('{\"a\":[1]}').a[0] $util.parseJson('[1').x",
            "$util.parseJson($ctx.none) $util.matches('[a-z]+', 'abc') $util.matches('a', $ctx.none)",
            "$util.none() $util.toJson() $util.isNull() $util.urlEncode(7) $!util.urlEncode(7)|",
            "$utils.authType()",
            "$util.autoId() $util.autoUlid() $util.autoKsuid()",
            "$util.escapeJavaScript(\"it's / é\") $util.urlEncode('a b/é') $util.urlDecode('a+b%2F')",
        ],
        expect![[r#"
            $util.isNull($ctx.none) $util.isNullOrEmpty({}) $util.isNullOrEmpty($ctx.none) $util.isNullOrBlank(7) → true true true false
            $util.defaultIfNull($ctx.none, 1) $util.defaultIfNull(0, 1) $util.defaultIfNullOrBlank(' ', 'x') → 1 0 x
            $util.typeOf($ctx.args.half) $util.typeOf($util) $util.typeOf($ctx.none) $util.typeOf($ctx.args.entrySet().get(0)) → Number Object Null Object
            $util.qr($ctx.args.put('z', 1))$util.quiet(1)$ctx.args.z → 1
            $util.toJson($ctx.none) $util.toJson('a"b') $util.toJson(1.0) $util.toJson($util) → null "a\"b" 1.0 null
            $util.parseJson('{"a":[1]}').a[0] $util.parseJson('[1').x → failed: $util.parseJson was given something else than JSON: Unexpected end-of-input: expected close marker for Array (start marker at [Source: (String)"[1"; line: 1, column: 1]) (line 1, column 35)
            $util.parseJson($ctx.none) $util.matches('[a-z]+', 'abc') $util.matches('a', $ctx.none) → $util.parseJson($ctx.none) true false
            $util.none() $util.toJson() $util.isNull() $util.urlEncode(7) $!util.urlEncode(7)| → $util.none() $util.toJson() $util.isNull() $util.urlEncode(7) |
            $utils.authType() → API Key Authorization
            $util.autoId() $util.autoUlid() $util.autoKsuid() → 63cbe1e4-5932-4dd7-844c-3cd7f43c661c 01C5P7XAC5WTC4105TP4N0559T 10Bn7TjHPiseWeD1UEimzAAFuOv
            $util.escapeJavaScript("it's / é") $util.urlEncode('a b/é') $util.urlDecode('a+b%2F') → it\'s / \u00E9 a+b%2F%C3%A9 a b/
        "#]],
    );
}

#[test]
fn dynamodb() {
    check(
        &[
            "$util.dynamodb.toDynamoDBJson($ctx.args.input)",
            "$util.dynamodb.toMapValuesJson($ctx.args.input) $util.dynamodb.toMapValuesJson($ctx.none)",
            "$util.toJson($util.dynamodb.toMapValues($ctx.args.input))",
            "$util.dynamodb.toDynamoDB(['a', $ctx.args.half, true, $ctx.none])",
            "$util.dynamodb.toStringJson('a\"') $util.dynamodb.toNumberJson(7) $util.dynamodb.toBooleanJson(false)",
            "$util.dynamodb.toBinaryJson('YQ==') $util.dynamodb.toNullJson() $util.dynamodb.toNull()",
            "$util.dynamodb.toStringSetJson(['a', 'b']) $util.dynamodb.toNumberSetJson([1, 1.5]) $util.dynamodb.toBinarySetJson(['YQ=='])",
            "$util.dynamodb.toListJson(['a', [1]]) $util.dynamodb.toMapJson({'a': {'b': 1}})",
            "$util.dynamodb.toStringJson($ctx.none) $util.dynamodb.toListJson($ctx.none)",
            "$util.dynamodb.toStringJson(7) $util.dynamodb.toListJson('a') $util.dynamodb.toMapJson([]) $util.dynamodb.other(1)",
            "$util.dynamodb.toS3ObjectJson('k', 'b', 'r') $util.dynamodb.toS3Object('k', 'b', 'r', 'v').S",
            "$util.dynamodb.fromS3ObjectJson($util.dynamodb.toS3Object('k', 'b', 'r').S).bucket",
            "$util.dynamodb.fromS3ObjectJson('no')",
        ],
        expect![[r#"
            $util.dynamodb.toDynamoDBJson($ctx.args.input) → {"M":{"title":{"S":"Dragons"},"ups":{"N":1},"deep":{"M":{"list":{"L":[{"BOOL":true},{"NULL":null}]}}}}}
            $util.dynamodb.toMapValuesJson($ctx.args.input) $util.dynamodb.toMapValuesJson($ctx.none) → {"title":{"S":"Dragons"},"ups":{"N":1},"deep":{"M":{"list":{"L":[{"BOOL":true},{"NULL":null}]}}}} {}
            $util.toJson($util.dynamodb.toMapValues($ctx.args.input)) → {"title":{"S":"Dragons"},"ups":{"N":1},"deep":{"M":{"list":{"L":[{"BOOL":true},{"NULL":null}]}}}}
            $util.dynamodb.toDynamoDB(['a', $ctx.args.half, true, $ctx.none]) → {L=[{S=a}, {N=1.5}, {BOOL=true}, {NULL=null}]}
            $util.dynamodb.toStringJson('a"') $util.dynamodb.toNumberJson(7) $util.dynamodb.toBooleanJson(false) → {"S":"a\""} {"N":7} {"BOOL":false}
            $util.dynamodb.toBinaryJson('YQ==') $util.dynamodb.toNullJson() $util.dynamodb.toNull() → {"B":"YQ=="} {"NULL":null} {NULL=null}
            $util.dynamodb.toStringSetJson(['a', 'b']) $util.dynamodb.toNumberSetJson([1, 1.5]) $util.dynamodb.toBinarySetJson(['YQ==']) → {"SS":["a","b"]} {"NS":[1,1.5]} {"BS":["YQ=="]}
            $util.dynamodb.toListJson(['a', [1]]) $util.dynamodb.toMapJson({'a': {'b': 1}}) → {"L":[{"S":"a"},{"L":[{"N":1}]}]} {"M":{"a":{"M":{"b":{"N":1}}}}}
            $util.dynamodb.toStringJson($ctx.none) $util.dynamodb.toListJson($ctx.none) → {"NULL":null} {"NULL":null}
            $util.dynamodb.toStringJson(7) $util.dynamodb.toListJson('a') $util.dynamodb.toMapJson([]) $util.dynamodb.other(1) → $util.dynamodb.toStringJson(7) $util.dynamodb.toListJson('a') $util.dynamodb.toMapJson([]) $util.dynamodb.other(1)
            $util.dynamodb.toS3ObjectJson('k', 'b', 'r') $util.dynamodb.toS3Object('k', 'b', 'r', 'v').S → {"S":"{\"s3\":{\"key\":\"k\",\"bucket\":\"b\",\"region\":\"r\"}}"} {"s3":{"key":"k","bucket":"b","region":"r","version":"v"}}
            $util.dynamodb.fromS3ObjectJson($util.dynamodb.toS3Object('k', 'b', 'r').S).bucket → b
            $util.dynamodb.fromS3ObjectJson('no') → failed: The text of an S3 object is no JSON: Unrecognized token 'no': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false') (line 1, column 1)
        "#]],
    );
}

#[test]
fn times() {
    check(
        &[
            "$util.time.nowISO8601() $util.time.nowEpochSeconds() $util.time.nowEpochMilliSeconds()",
            "$util.time.nowFormatted('yyyy-MM-dd HH:mm:ssZ') $util.time.nowFormatted('HH:mm', 'Europe/Vienna')",
            "$util.time.parseFormattedToEpochMilliSeconds('2018-02-01 17:21:05.180+0100', 'yyyy-MM-dd HH:mm:ss.SSSZ')",
            "$util.time.parseFormattedToEpochMilliSeconds('17:21', 'HH:mm', 'Europe/Vienna')",
            "$util.time.parseISO8601ToEpochMilliSeconds('2018-02-01T17:21:05.180+08:00')",
            "$util.time.epochMilliSecondsToSeconds(1517943695750) $util.time.epochMilliSecondsToISO8601(0)",
            "$util.time.epochMilliSecondsToFormatted(0, 'yyyy') $util.time.epochMilliSecondsToFormatted(0, 'HH', '+02:00')",
            "$util.time.nowFormatted('q')",
            "$util.time.nowFormatted(7) $util.time.epochMilliSecondsToISO8601('x')",
        ],
        expect![[r#"
            $util.time.nowISO8601() $util.time.nowEpochSeconds() $util.time.nowEpochMilliSeconds() → 2018-02-06T19:01:35.749Z 1517943695 1517943695749
            $util.time.nowFormatted('yyyy-MM-dd HH:mm:ssZ') $util.time.nowFormatted('HH:mm', 'Europe/Vienna') → 2018-02-06 19:01:35+0000 20:01
            $util.time.parseFormattedToEpochMilliSeconds('2018-02-01 17:21:05.180+0100', 'yyyy-MM-dd HH:mm:ss.SSSZ') → 1517502065180
            $util.time.parseFormattedToEpochMilliSeconds('17:21', 'HH:mm', 'Europe/Vienna') → 58860000
            $util.time.parseISO8601ToEpochMilliSeconds('2018-02-01T17:21:05.180+08:00') → 1517476865180
            $util.time.epochMilliSecondsToSeconds(1517943695750) $util.time.epochMilliSecondsToISO8601(0) → 1517943695 1970-01-01T00:00:00.000Z
            $util.time.epochMilliSecondsToFormatted(0, 'yyyy') $util.time.epochMilliSecondsToFormatted(0, 'HH', '+02:00') → 1970 02
            $util.time.nowFormatted('q') → failed: Unknown pattern letter: q (line 1, column 1)
            $util.time.nowFormatted(7) $util.time.epochMilliSecondsToISO8601('x') → $util.time.nowFormatted(7) $util.time.epochMilliSecondsToISO8601('x')
        "#]],
    );
}

#[test]
fn lists_and_maps() {
    check(
        &[
            "$util.list.copyAndRetainAll($ctx.args.tags, ['b']) $util.list.copyAndRemoveAll($ctx.args.tags, ['b']) $ctx.args.tags",
            "$util.list.sortList($ctx.args.tags, false, '') $util.list.sortList([3, 1.5, 2], true, 'any')",
            "$util.toJson($util.list.sortList($ctx.result.items, false, 'n')) $util.toJson($util.list.sortList($ctx.result.items, false, 'id'))",
            "$util.list.sortList([1, 'a'], false, '') $util.list.sortList([{'a': 1}, {'b': 2}], false, 'a') $util.list.sortList([[2], [1]], false, '')",
            "$util.list.sortList([1..1001], false, '')",
            "$util.map.copyAndRetainAllKeys($ctx.args.input, ['ups']) $util.map.copyAndRemoveAllKeys($ctx.args.input, ['deep', 'no'])",
            "$util.map.copyAndRetainAllKeys([], []) $util.list.copyAndRetainAll('a', [])",
        ],
        expect![[r#"
            $util.list.copyAndRetainAll($ctx.args.tags, ['b']) $util.list.copyAndRemoveAll($ctx.args.tags, ['b']) $ctx.args.tags → [b, b] [a] [b, a, b]
            $util.list.sortList($ctx.args.tags, false, '') $util.list.sortList([3, 1.5, 2], true, 'any') → [a, b, b] [3, 2, 1.5]
            $util.toJson($util.list.sortList($ctx.result.items, false, 'n')) $util.toJson($util.list.sortList($ctx.result.items, false, 'id')) → [{"id":"10","n":9},{"id":"2","n":10}] [{"id":"10","n":9},{"id":"2","n":10}]
            $util.list.sortList([1, 'a'], false, '') $util.list.sortList([{'a': 1}, {'b': 2}], false, 'a') $util.list.sortList([[2], [1]], false, '') → [1, a] [{a=1}, {b=2}] [[2], [1]]
            $util.list.sortList([1..1001], false, '') → failed: $util.list.sortList takes lists of at most 1000 items, not 1001 (line 1, column 1)
            $util.map.copyAndRetainAllKeys($ctx.args.input, ['ups']) $util.map.copyAndRemoveAllKeys($ctx.args.input, ['deep', 'no']) → {ups=1} {title=Dragons, ups=1}
            $util.map.copyAndRetainAllKeys([], []) $util.list.copyAndRetainAll('a', []) → $util.map.copyAndRetainAllKeys([], []) $util.list.copyAndRetainAll('a', [])
        "#]],
    );
}

#[test]
fn the_smaller_helpers() {
    check(
        &[
            "$util.math.roundNum(2.5) $util.math.roundNum(-2.5) $util.math.roundNum(7) $util.math.minVal(1, 2.5) $util.math.maxVal(1, 2.5)",
            "$util.math.randomDouble() $util.math.randomWithinRange(5, 6) $util.math.randomWithinRange(5, 5) $util.math.minVal('a', 1)",
            "$util.str.toLower('AB') $util.str.toUpper('ab') $util.str.toReplace('a.b.c', '.', '-') $util.str.normalize('e\u{301}', 'nfc').length()",
            "$util.str.normalize('a', 'nfx')",
            "$util.xml.toMap('<posts><post><id>1</id></post></posts>') $util.xml.toJsonString('<a><b>1</b><b>x</b></a>')",
            "$util.xml.toJsonString('<a>1</a>', true) $util.xml.toMap('<a>')",
            "$util.rds.toJsonString('{\"sqlStatementResults\":[{\"records\":[[{\"longValue\":1},{\"isNull\":true}]],\"columnMetadata\":[{\"label\":\"id\"},{\"label\":\"no\"}]}]}')",
            "$util.rds.toJsonObject({'sqlStatementResults': [{'numberOfRecordsUpdated': 1}]}) $util.rds.toJsonObject('x')",
            "$util.transform.toDynamoDBFilterExpression({'title': {'contains': 'Hello'}})",
            "$util.transform.toDynamoDBConditionExpression({'id': {'attributeExists': true}, 'version': {'eq': 10}})",
            "$util.transform.toElasticsearchQueryDSL({'upvotes': {'ne': 15, 'range': [10, 20]}})",
            "$util.transform.toSubscriptionFilter({'a': {'eq': 1}, 'b': {'eq': 2}}, ['b'], {'c': {'gt': 3}})",
            "$util.transform.toDynamoDBFilterExpression({'a': {'near': 1}})",
            "$util.transform.toSubscriptionFilter('a') $util.transform.toSubscriptionFilter({}, 'a')",
            "$util.http.copyHeaders($ctx.request.headers)",
        ],
        expect![[r##"
            $util.math.roundNum(2.5) $util.math.roundNum(-2.5) $util.math.roundNum(7) $util.math.minVal(1, 2.5) $util.math.maxVal(1, 2.5) → 3 -2 7 1 2.5
            $util.math.randomDouble() $util.math.randomWithinRange(5, 6) $util.math.randomWithinRange(5, 5) $util.math.minVal('a', 1) → 0.3898297483912715 5 5 $util.math.minVal('a', 1)
            $util.str.toLower('AB') $util.str.toUpper('ab') $util.str.toReplace('a.b.c', '.', '-') $util.str.normalize('é', 'nfc').length() → ab AB a-b-c 1
            $util.str.normalize('a', 'nfx') → failed: normalize takes nfc, nfd, nfkc or nfkd, not nfx (line 1, column 1)
            $util.xml.toMap('<posts><post><id>1</id></post></posts>') $util.xml.toJsonString('<a><b>1</b><b>x</b></a>') → {posts={post={id=1}}} {"a":{"b":[1,"x"]}}
            $util.xml.toJsonString('<a>1</a>', true) $util.xml.toMap('<a>') → failed: The text is no XML that can be read: <a> is not closed (line 1) (line 1, column 42)
            $util.rds.toJsonString('{"sqlStatementResults":[{"records":[[{"longValue":1},{"isNull":true}]],"columnMetadata":[{"label":"id"},{"label":"no"}]}]}') → [[{"id":1}]]
            $util.rds.toJsonObject({'sqlStatementResults': [{'numberOfRecordsUpdated': 1}]}) $util.rds.toJsonObject('x') → failed: The result of RDS is no JSON: Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false') (line 1, column 82)
            $util.transform.toDynamoDBFilterExpression({'title': {'contains': 'Hello'}}) → {"expression":"(contains(#title,:title_contains))","expressionNames":{"#title":"title"},"expressionValues":{":title_contains":{"S":"Hello"}}}
            $util.transform.toDynamoDBConditionExpression({'id': {'attributeExists': true}, 'version': {'eq': 10}}) → {"expression":"(attribute_exists(#id)) AND (#version = :version_eq)","expressionNames":{"#id":"id","#version":"version"},"expressionValues":{":version_eq":{"N":10}}}
            $util.transform.toElasticsearchQueryDSL({'upvotes': {'ne': 15, 'range': [10, 20]}}) → {"bool":{"must":[{"bool":{"must_not":[{"term":{"upvotes":15}}]}},{"range":{"upvotes":{"gte":10,"lte":20}}}]}}
            $util.transform.toSubscriptionFilter({'a': {'eq': 1}, 'b': {'eq': 2}}, ['b'], {'c': {'gt': 3}}) → {"filterGroup":[{"filters":[{"fieldName":"a","operator":"eq","value":1},{"fieldName":"c","operator":"gt","value":3}]}]}
            $util.transform.toDynamoDBFilterExpression({'a': {'near': 1}}) → failed: Unsupported condition a.near. (line 1, column 1)
            $util.transform.toSubscriptionFilter('a') $util.transform.toSubscriptionFilter({}, 'a') → $util.transform.toSubscriptionFilter('a') $util.transform.toSubscriptionFilter({}, 'a')
            $util.http.copyHeaders($ctx.request.headers) → {x-api-key=k}
        "##]],
    );
}

#[test]
fn what_a_template_asks_for_comes_out_as_data() {
    let outcome = render(
        "#set($ctx.stash.made = {'by': $ctx.identity.username})$util.qr($ctx.stash.kept.add(2))\
         $util.appendError('one', 'Mine', {'a': 1}, 2)$util.appendError('two')$util.toJson($ctx.outErrors)\
         $util.log.info('about {} and {} {}', $ctx.args.tags, 7)$util.log.error($ctx.args.input)\
         $util.http.addResponseHeader('itemsCount', 7)$util.http.addResponseHeaders({'a': 'b', 'x-amz-c': 'd'})\
         $extensions.evictFromApiCache('Query', 'get', {'context.arguments.id': '7'})\
         $extensions.setSubscriptionFilter($util.parseJson($util.transform.toSubscriptionFilter({'a': {'eq': 1}})))\
         $extensions.invalidateSubscriptions({'subscriptionField': 'on', 'payload': {'id': 1}})\
         $extensions.evictFromApiCache('Query')",
    );
    let mut said = vec![told(&outcome), format!("stash {}", outcome.stash)];
    said.extend(outcome.out_errors.iter().map(|error| format!("error {error:?}")));
    said.extend(outcome.logs.iter().map(|log| format!("{} {}", log.level, log.text)));
    said.extend(outcome.response_headers.iter().map(|(name, value)| format!("{name}: {value}")));
    said.extend(
        outcome.extensions.iter().map(|(name, given)| format!("{name} {}", Value::from(given.clone()))),
    );
    expect![[r#"
        [{"message":"one","type":"Mine"},{"message":"two","type":null}]$extensions.evictFromApiCache('Query')
        stash {"kept":[1,2],"made":{"by":"ada"}}
        error FieldError { message: "one", error_type: Some("Mine"), data: Object({"a": Int(1)}), error_info: Int(2) }
        error FieldError { message: "two", error_type: None, data: Null, error_info: Null }
        error FieldError { message: "The response header 'x-amz-c' is left out: names with x-amz- and x-amzn- are AWS's", error_type: Some("ResponseHeaderError"), data: Null, error_info: Null }
        INFO about [b, a, b] and 7 {}
        ERROR {title=Dragons, ups=1, deep={list=[true, null]}}
        itemsCount: 7
        a: b
        evictFromApiCache ["Query","get",{"context.arguments.id":"7"}]
        setSubscriptionFilter [{"filterGroup":[{"filters":[{"fieldName":"a","operator":"eq","value":1}]}]}]
        invalidateSubscriptions [{"subscriptionField":"on","payload":{"id":1}}]"#]].assert_eq(&said.join("\n"));
}

#[test]
fn a_template_that_fails_leaves_the_stash_alone() {
    let outcome = render("$util.qr($ctx.stash.put('a', 1))$util.appendError('kept')$util.error('no')");
    assert_eq!(outcome.stash, value!({"kept": [1]}));
    assert_eq!(outcome.out_errors.len(), 1);
    let outcome = render("#set($ctx.stash = {'a': $ctx.args.n})");
    assert_eq!(outcome.stash, value!({"a": 3}));
    let outcome = render("#set($ctx.stash = 'no map')");
    assert_eq!(outcome.stash, value!({"kept": [1]}));
}

/// Nothing of the context is copied that nobody looks at.
#[test]
fn an_untouched_stash_is_the_one_that_came() {
    let stash = value!({"a": {"b": 1}});
    let context = value!({"stash": stash.clone(), "outErrors": []});
    for template in ["text", "$ctx.args", "$ctx.stash.toString().length()"] {
        let template = appsync::parse(template).unwrap();
        let outcome = appsync::render(&template, &context, &Surroundings::default(), Budget::default());
        let same = |one: &Value, two: &Value| one.as_object().unwrap().same(two.as_object().unwrap());
        assert!(same(&outcome.stash, &stash));
    }
}
