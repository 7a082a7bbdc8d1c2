//! GraphQL: twenty objects of three fields, beside async-graphql on the same HTTP stack.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Context;
use json::{Value, value};

use crate::bench::figure::Figure;
use crate::bench::load::{End, Load, Measured, Work};
use crate::bench::plan::Plan;
use crate::bench::process::{self, Process, Server};
use crate::bench::{CLIENTS, api, example};
use crate::shell;

const QUERY: &str = "{\"query\":\"{ posts { id title views } }\"}";
const ANSWER: &str = "\"title\":\"Post 19\"";
const RATE: &str = "64 clients over HTTP ask for twenty objects of three fields, with an API key; measured in turn with \
                    async-graphql on hyper, which answers the same (theirs, ours, theirs, ours), the sum of both rounds.";
const CODE: &str = "The field has a JavaScript resolver over a NONE data source: its request handler makes the objects, \
                    its response handler returns them.";
const TEMPLATE: &str = "The same with mapping templates.";
const PLAIN: &str = "The field's result is cached, so no resolver's code runs.";
const SUBSCRIBERS: &str = "The example `subscriptions` of http-api: each client on a socket of its own, all of them in one process on the same \
                           machine; resident memory of the whole server; the slowest of five mutations.";
const HOSTILE: &str = "The slowest of 20 requests, one after the other, each on a connection of its own.";
const HANDLERS: &str = "The example `throughput` of appsync-js, with a context of 0.8 KB, processor's time: `one item` makes a \
                        request for a table, and returns its result with one more member; `twenty items` gives \
                        twenty objects of three members over.";
const TEMPLATES: &str = "The example `throughput` of vtl, processor's time: what AppSync's wizard writes to create an item, what it \
                         writes to answer, and the dragons of the course behind API Gateway.";
/// Half a load each.
const ROUNDS: u32 = 2;

/// Makes the twenty objects.
const REQUEST_HANDLER: &str = "const numbers = [0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]
export function request(ctx) {
  return { payload: numbers.map((number) => ({ id: `${number}`, title: `Post ${number}`, views: number })) }
}
export function response(ctx) { return ctx.result }";
const REQUEST_TEMPLATE: &str = "{\"version\": \"2018-05-29\", \"payload\": [#foreach($n in [0..19])\
    {\"id\": \"$n\", \"title\": \"Post $n\", \"views\": $n}#if($foreach.hasNext),#end#end]}";

pub fn measure(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    let reference = start_reference(plan)?;
    let server = plan.server("graphql", "")?;
    let of_theirs = || work("/graphql", "");
    let apis = [("code", CODE), ("template", TEMPLATE), ("plain", PLAIN)];
    for (kind, how) in apis {
        let (path, key) = create_api(&server, kind)?;
        let ours = Load::new(server.port, CLIENTS, work(&path, &key), End::After(plan.load / ROUNDS));
        let theirs = Load::new(reference.port, CLIENTS, of_theirs(), End::After(plan.load / ROUNDS));
        let (mut of_ours, mut of_theirs) = (Vec::new(), Vec::new());
        for round in 1..=ROUNDS {
            plan.say(format_args!("async-graphql, round {round}"));
            of_theirs.push(plan.measure(&reference.process, &theirs)?);
            plan.say(format_args!("{kind}, round {round}"));
            of_ours.push(plan.measure(&server.process, &ours)?);
        }
        add(figures, kind, how, &of_ours, &of_theirs);
    }
    drop(reference);
    hostile(plan, &server, figures)?;
    drop(server);
    subscribers(plan, figures)?;
    handlers(plan, figures)
}

/// Requests that mean harm, each alone: how long the server takes to refuse them.
fn hostile(plan: &Plan, server: &Server, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    plan.say("requests that mean harm");
    let (path, key) = create_api(server, "plain")?;
    for (name, query) in hostile_queries() {
        let body = value!({"query": query}).to_text();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-Api-Key: {key}\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        let request = [head.as_bytes(), body.as_bytes()].concat();
        let mut slowest = 0.0_f64;
        for _ in 0..plan.many(20, 2) {
            let began = Instant::now();
            // A status other than 200 is what is asked for.
            let answer = api::send(server.port, &request);
            slowest = slowest.max(began.elapsed().as_secs_f64() * 1e3);
            let is_refused = answer.is_ok_and(|answer| answer.get("errors").is_none());
            anyhow::ensure!(!is_refused, "{name} was answered");
        }
        figures.push(Figure::new(format!("refused: {name}"), slowest, "ms", HOSTILE).at_most(50.0));
    }
    Ok(())
}

fn hostile_queries() -> [(&'static str, String); 5] {
    let aliases: String = (0..90_000).map(|number| format!("a{number}:id ")).collect();
    let fragments: String =
        (0..40).map(|n| format!("fragment F{n} on Post {{ ...F{m} ...F{m} id }} ", m = n + 1)).collect();
    [
        ("100,000 levels", format!("{}id{}", "{ posts ".repeat(100_000), "}".repeat(100_000))),
        ("90,000 aliases", format!("{{ posts {{ {aliases} }} }}")),
        (
            "a cycle of fragments",
            "{ posts { ...A } } fragment A on Post { ...B } fragment B on Post { ...A }".to_owned(),
        ),
        (
            "fragments that double forty times",
            format!("{{ posts {{ ...F0 }} }} {fragments} fragment F40 on Post {{ id }}"),
        ),
        ("a text of 1 MB", format!("{{ posts(a: \"{}\") {{ id }} }}", "x".repeat((1 << 20) - 200))),
    ]
}

fn add(figures: &mut Vec<Figure>, kind: &str, how: &str, ours: &[Measured], theirs: &[Measured]) {
    let method = format!("{RATE} {how}");
    let (rate, reference) = (rate(ours), rate(theirs));
    let (cpu, reference_cpu) = (cpu(ours), cpu(theirs));
    let beside =
        format!("async-graphql {reference:.0}/s; server CPU {cpu:.1} µs, theirs {reference_cpu:.1} µs");
    figures.push(Figure::new(format!("queries, {kind}"), rate, "/s", &method).beside(beside));
    let ratio = Figure::new("… of async-graphql's rate", rate / reference * 100.0, "%", &method);
    figures.push(match kind {
        "code" => ratio.at_least(50.0),
        "plain" => ratio.at_least(100.0),
        _ => ratio,
    });
}

fn rate(rounds: &[Measured]) -> f64 {
    let done: f64 = rounds.iter().map(|round| round.done as f64).sum();
    done / rounds.iter().map(|round| round.elapsed.as_secs_f64()).sum::<f64>()
}

fn cpu(rounds: &[Measured]) -> f64 {
    rounds.iter().map(Measured::cpu_micros).sum::<f64>() / rounds.len() as f64
}

/// Many who listen to one mutation, in a server of the example's own.
fn subscribers(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    if plan.quick {
        return Ok(());
    }
    plan.say("10,000 subscribers");
    for line in example("http-api", "subscriptions", &["10000".as_ref()])?.lines() {
        let mut cells = line.split('\t');
        let (name, value) =
            (cells.next().unwrap_or_default(), cells.next().and_then(|cell| cell.parse().ok()));
        let Some(value) = value else { continue };
        figures.push(match name {
            "idle_memory" => {
                Figure::new("10,000 idle subscriptions: the server's memory", value, "MiB", SUBSCRIBERS)
                    .at_most(300.0)
            }
            _ => {
                Figure::new("a mutation to 10,000 subscribers: the last has heard", value, "ms", SUBSCRIBERS)
                    .at_most(500.0)
            }
        });
    }
    Ok(())
}

/// What one call of a handler costs, inside the process.
fn handlers(plan: &Plan, figures: &mut Vec<Figure>) -> anyhow::Result<()> {
    // The examples take a while to build, and have checks of their own.
    if plan.quick {
        return Ok(());
    }
    plan.say("handlers, inside the process");
    for line in example("appsync-js", "throughput", &[])?.lines() {
        figures.extend(handler(line)?);
    }
    for line in example("vtl", "throughput", &[])?.lines() {
        figures.extend(template(line)?);
    }
    Ok(())
}

/// Of a line such as `one item, request: 8.71 µs a call`.
fn handler(line: &str) -> anyhow::Result<Option<Figure>> {
    let call = line.strip_suffix(" µs a call").and_then(|line| line.split_once(": "));
    let Some((name, micros)) = call else { return Ok(None) };
    let figure = Figure::new(format!("a JavaScript handler: {name}"), micros.trim().parse()?, "µs", HANDLERS);
    // An ordinary call; a list of objects costs what its members cost.
    Ok(Some(if name.starts_with("one item") { figure.at_most(10.0) } else { figure }))
}

/// Of a line such as `AppSync: a response   792 ns`.
fn template(line: &str) -> anyhow::Result<Option<Figure>> {
    const SHOWN: [&str; 3] =
        ["AppSync: PutItem, 0.8 KB of context", "AppSync: a response", "dragons of the course, body parsed"];
    let Some(name) = SHOWN.into_iter().find(|name| line.starts_with(name)) else { return Ok(None) };
    let nanos = line[name.len()..].trim().trim_end_matches(" ns").trim();
    let micros = nanos.parse::<f64>()? / 1e3;
    Ok(Some(Figure::new(format!("a mapping template: {name}"), micros, "µs", TEMPLATES).at_most(5.0)))
}

/// The reference's process; it is built if it is not there.
fn start_reference(plan: &Plan) -> anyhow::Result<process::Reference> {
    plan.say("building async-graphql on hyper");
    let manifest = shell::root().join("xtask/async-graphql/Cargo.toml");
    let target = shell::root().join("target/async-graphql");
    let build = shell::cargo(["build", "--release", "--quiet", "--manifest-path"]).args([&manifest]);
    build.args(["--target-dir".as_ref(), target.as_os_str()]).run()?;
    let mut command = Command::new(target.join("release/async-graphql-reference"));
    let (process, port) = Process::announced(command.stdout(Stdio::piped()))?;
    Ok(process::Reference { process, port })
}

/// A GraphQL API; gives its path and its key.
fn create_api(server: &Server, kind: &str) -> anyhow::Result<(String, String)> {
    let post = |path: &str, body: &Value| {
        let answer = api::send(server.port, &api::post(path, &body.to_text()));
        answer.with_context(|| format!("POST {path}"))
    };
    let created = post("/v1/apis", &value!({"name": kind, "authenticationType": "API_KEY"}))?;
    let text = |value: &Value, part: &str, name: &str| {
        let found = value.get(part).and_then(|part| part.get(name)).and_then(Value::as_str);
        found.map(str::to_owned).with_context(|| format!("the answer has no {part}.{name}"))
    };
    let id = text(&created, "graphqlApi", "apiId")?;
    let key = text(&post(&format!("/v1/apis/{id}/apikeys"), &value!({}))?, "apiKey", "id")?;
    let schema = "type Query { posts: [Post!]! } type Post { id: ID! title: String! views: Int! }";
    post(&format!("/v1/apis/{id}/schemacreation"), &value!({"definition": (base64(schema.as_bytes()))}))?;
    post(&format!("/v1/apis/{id}/datasources"), &value!({"name": "nothing", "type": "NONE"}))?;
    let mut resolver = value!({"fieldName": "posts", "dataSourceName": "nothing"});
    let members = resolver.as_object_mut().expect("it is one");
    match kind {
        "template" => {
            members.insert("requestMappingTemplate", REQUEST_TEMPLATE);
            members.insert("responseMappingTemplate", "$util.toJson($ctx.result)");
        }
        _ => {
            members.insert("code", REQUEST_HANDLER);
            members.insert("runtime", value!({"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}));
        }
    }
    post(&format!("/v1/apis/{id}/types/Query/resolvers"), &resolver)?;
    if kind == "plain" {
        let cache = value!({"ttl": 3600, "apiCachingBehavior": "FULL_REQUEST_CACHING", "type": "SMALL"});
        post(&format!("/v1/apis/{id}/ApiCaches"), &cache)?;
    }
    Ok((format!("/{id}/graphql"), key))
}

fn work(path: &str, key: &str) -> Work {
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-Api-Key: {key}\r\n\
         Content-Length: {}\r\n\r\n{QUERY}",
        QUERY.len()
    );
    Work::Expect { request: request.into_bytes(), answer: ANSWER }
}

/// Of a schema, as StartSchemaCreation takes it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            match place <= chunk.len() {
                true => text.push(char::from(LETTERS[(bits >> (18 - 6 * place)) as usize & 63])),
                false => text.push('='),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::bench::figure::Outcome;

    #[test]
    fn lines_of_examples_become_figures() {
        let handler = |line| super::handler(line).expect("it is a number").map(|figure| figure.outcome);
        assert_eq!(handler("one item, request: 8.71 µs a call"), Some(Outcome::Measured(8.71)));
        assert_eq!(handler("one item, compile: 4000 µs"), None);
        let template = |line| super::template(line).expect("it is a number").map(|figure| figure.outcome);
        assert_eq!(
            template("AppSync: a response                        792 ns"),
            Some(Outcome::Measured(0.792))
        );
        assert_eq!(template("a sum of 1,000                          90000 ns"), None);
    }

    #[test]
    fn base64_is_padded() {
        let text = |text: &str| super::base64(text.as_bytes());
        assert_eq!([text("a"), text("ab"), text("abc")], ["YQ==", "YWI=", "YWJj"]);
    }
}
