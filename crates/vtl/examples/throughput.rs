//! How long templates take: the dragons' (ten references, a loop over five items), and others beside it.
//!
//! `cargo run --release -p vtl --example throughput`. One line each: nanoseconds for one rendering, of the
//! processor's time where the system tells it, so that a busy machine does not matter.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use json::Value;
use vtl::api_gateway::{self, Exchange, Paths};
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
