//! How long templates take: the dragons' (ten references, a loop over five items), AppSync's, and others.
//!
//! `cargo run --release -p vtl --example throughput`. One line each: nanoseconds for one rendering, of the
//! processor's time where the system tells it, so that a busy machine does not matter.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use json::Value;
use vtl::api_gateway::{self, Exchange, Paths};
use vtl::appsync::{self, Surroundings};
use vtl::{Budget, Dialect, Form, Heap, NoHost, Template};

const BODY: &str = r#"{"dragonName":"Frank","description":"A new dragon, it's big","family":"purple","city":"Dallas",
    "country":"USA","state":"TX","neighborhood":"Downtown","reportingPhoneNumber":"+15555555555",
    "confirmationRequired":true,"tags":["a","b","c","d","e"]}"#;

const DRAGON: &str = r##"#set($data = $input.path('$'))

#set($input = " {
  ""dragon_name_str"" : ""$data.dragonName"",
  ""description_str"" : ""$data.description"",
  ""family_str"" : ""$data.family"",
  ""location_city_str"" : ""$data.city"",
  ""location_country_str"" : ""$data.country"",
  ""location_state_str"" : ""$data.state"",
  ""location_neighborhood_str"" : ""$data.neighborhood"",
  ""reportingPhoneNumber"" : ""$data.reportingPhoneNumber"",
  ""tags"" : [#foreach($tag in $data.tags)""$tag""#if($foreach.hasNext),#end#end],
  ""confirmationRequired"" : $data.confirmationRequired}")

{
    "input": "$util.escapeJavaScript($input).replaceAll("\\'", "'")",
    "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:MyStateMachine"
}
"##;

/// The same ten references and the loop, without the service's objects.
const PLAIN: &str = r##"{ "name": "$data.dragonName", "description": "$data.description", "family": "$data.family",
  "city": "$data.city", "country": "$data.country", "state": "$data.state", "at": "$data.neighborhood",
  "phone": "$data.reportingPhoneNumber", "confirm": $data.confirmationRequired, "count": $data.tags.size(),
  "tags": [#foreach($tag in $data.tags)"$tag"#if($foreach.hasNext),#end#end] }"##;

/// The dragons of the course, as docs and examples have them: without tags.
const COURSE: &str = r##"#set($data = $input.path('$'))

#set($input = " {
  ""dragon_name_str"" : ""$data.dragonName"",
  ""description_str"" : ""$data.description"",
  ""family_str"" : ""$data.family"",
  ""location_city_str"" : ""$data.city"",
  ""location_country_str"" : ""$data.country"",
  ""location_state_str"" : ""$data.state"",
  ""location_neighborhood_str"" : ""$data.neighborhood"",
  ""reportingPhoneNumber"" : ""$data.reportingPhoneNumber"",
  ""confirmationRequired"" : $data.confirmationRequired}")

{
    "input": "$util.escapeJavaScript($input).replaceAll("\\'", "'")",
    "stateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:MyStateMachine"
}
"##;

/// What AppSync's own wizard writes for a mutation that creates something.
const PUT_ITEM: &str = r##"$util.qr($ctx.stash.put("started", $util.time.nowEpochSeconds()))
{
  "version": "2018-05-29",
  "operation": "PutItem",
  "key": {
    "id": $util.dynamodb.toDynamoDBJson($util.autoId())
  },
  "attributeValues": $util.dynamodb.toMapValuesJson($ctx.args.input),
  "condition": {
    "expression": "attribute_not_exists(#id)",
    "expressionNames": { "#id": "id" }
  }
}"##;

/// And for all answers.
const RESPONSE: &str = r##"#if($ctx.error)
  $util.error($ctx.error.message, $ctx.error.type)
#end
$util.toJson($ctx.result)"##;

/// 0.8 KB, most of it the input.
fn context() -> Value {
    let text = format!(
        r#"{{"arguments": {{"input": {{"title": "Dragons", "tags": ["red", "old"], "ups": 7, "body": "{}"}}}},
            "identity": {{"sub": "u-1", "groups": ["staff"], "username": "ada", "sourceIp": ["127.0.0.1"]}},
            "request": {{"headers": {{"host": "api", "x-api-key": "da2-x", "content-type": "application/json"}}}},
            "info": {{"fieldName": "put", "parentTypeName": "Mutation", "selectionSetList": ["id", "title", "tags"]}},
            "stash": {{}}, "outErrors": [], "source": null, "result": {{"id": "7", "title": "Dragons"}}}}"#,
        "x".repeat(400)
    );
    Value::parse(&text).expect("it is JSON")
}

/// The same with a thousand results.
fn large() -> Value {
    let mut context = context();
    let items: Value = (0..1000).map(|id| json::value!({"id": id, "title": "Dragons"})).collect();
    if let Some(members) = context.as_object_mut() {
        members.insert("result", json::value!({"items": items}));
        members.insert("arguments", json::value!({"id": "7"}));
    }
    context
}

struct NoPaths;

impl Paths for NoPaths {
    fn find(&self, _: &Value, _: &str) -> Option<Value> {
        None
    }
}

fn main() {
    let exchange = Exchange { body: BODY.into(), ..Exchange::default() };
    let dragon = api_gateway::parse(DRAGON, false).expect("it compiles");
    report("dragons in API Gateway, body parsed", || {
        let mapped = api_gateway::render(&dragon, &exchange, &NoPaths, Budget::default(), false);
        black_box(mapped.expect("it renders"));
    });
    let course = api_gateway::parse(COURSE, false).expect("it compiles");
    report("dragons of the course, body parsed", || {
        let mapped = api_gateway::render(&course, &exchange, &NoPaths, Budget::default(), false);
        black_box(mapped.expect("it renders"));
    });
    let context = context();
    let large = large();
    for (name, text, context) in [
        ("AppSync: PutItem, 0.8 KB of context", PUT_ITEM, &context),
        ("AppSync: a response", RESPONSE, &context),
        ("AppSync: the first of 1,000 results", "$ctx.result.items[0].id", &large),
        ("AppSync: nothing of 1,000 results", "$ctx.args.id", &large),
    ] {
        let template = appsync::parse(text).expect("it compiles");
        let surroundings = Surroundings::default();
        report(name, || {
            let outcome = appsync::render(&template, context, &surroundings, Budget::default());
            black_box(outcome.result.expect("it renders"));
        });
    }
    let body = Value::parse(BODY).expect("it is JSON");
    let plain = Template::parse(PLAIN, Dialect::PLAIN).expect("it compiles");
    report("ten references, a loop over five", || {
        let mut heap = Heap::new(Budget::default());
        let data = heap.from_json(&body, Form::Java).expect("there is room");
        black_box(plain.render(&mut heap, &[("data", data)], &mut NoHost).expect("it renders"));
    });
    let sum = "#set($sum = 0)#foreach($x in [1..1000])#set($sum = $sum + $x * 2)#end$sum";
    let sum = Template::parse(sum, Dialect::PLAIN).expect("it compiles");
    report("a sum of 1,000", || {
        let mut heap = Heap::new(Budget::default());
        black_box(sum.render(&mut heap, &[], &mut NoHost).expect("it renders"));
    });
    report("compiling the dragons", || {
        black_box(api_gateway::parse(DRAGON, false).expect("it compiles"));
    });
}

fn report(name: &str, act: impl Fn()) {
    println!("{name:36} {:>9} ns", measure(act));
}

fn measure(act: impl Fn()) -> u64 {
    let mut rounds = 1u32;
    loop {
        let start = nanoseconds();
        (0..rounds).for_each(|_| act());
        let elapsed = nanoseconds() - start;
        if elapsed >= 100_000_000 {
            return elapsed / u64::from(rounds);
        }
        rounds *= 2;
    }
}

/// The time that this thread has been running; on other systems than Linux, the time.
#[allow(clippy::disallowed_methods, reason = "an example measures time")]
fn nanoseconds() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let running = times.split(' ').next().and_then(|time| time.parse().ok());
    running.unwrap_or_else(|| START.elapsed().as_nanos() as u64)
}
