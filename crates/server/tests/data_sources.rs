//! GraphQL over data sources that are elsewhere, OpenSearch and Bedrock: from the client to what the other side is asked.

mod harness;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use expect_test::expect;
use harness::{Client, Folder, Server, stepwell};
use json::{Value, value};

/// Stands in for a domain of OpenSearch and for Bedrock's runtime, and remembers what it was asked: method, path, body.
struct Elsewhere {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Elsewhere {
    fn start() -> Elsewhere {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                serve(stream.unwrap(), &seen);
            }
        });
        Elsewhere { port, asked }
    }

    /// What it was asked since the last time.
    fn asked(&self) -> String {
        std::mem::take(&mut *self.asked.lock().unwrap()).concat()
    }
}

/// Answers one request.
fn serve(stream: TcpStream, asked: &Mutex<Vec<String>>) {
    let mut stream = BufReader::new(stream);
    let (mut head, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).unwrap() == 0 || line == "\r\n" {
            break;
        }
        if let Some(bytes) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = bytes.trim().parse().unwrap();
        }
        head.push(line.trim_end().to_owned());
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let line = head[0].trim_end_matches(" HTTP/1.1").to_owned();
    let (status, answer) = answer(&line, &body);
    asked.lock().unwrap().push(format!("{line} {body}\n"));
    let head = format!(
        "HTTP/1.1 {status} Told\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        answer.len()
    );
    stream.get_mut().write_all((head + answer).as_bytes()).unwrap();
}

fn answer(line: &str, body: &str) -> (u16, &'static str) {
    match line {
        "GET /posts/_search" if body.contains("engines") => {
            (200, r#"{"took":1,"hits":{"hits":[{"_id":"1","_source":{"title":"On engines"}}]}}"#)
        }
        "GET /posts/_search" => (404, r#"{"error":{"type":"index_not_found_exception"},"status":404}"#),
        line if line.ends_with("/converse") => (
            200,
            r#"{"output":{"message":{"role":"assistant","content":[{"text":"They weave."}]}},"stopReason":"end_turn",
                "usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3},"metrics":{"latencyMs":4}}"#,
        ),
        line if line.ends_with("/invoke") => (200, r#"{"results":[{"outputText":"Brief."}]}"#),
        _ => (400, r#"{"message":"This was not expected."}"#),
    }
}

const SCHEMA: &str = "type Query { titles(words: String!): [String] talk(text: String!): String brief(text: String!): String }";

const TITLES: &str = "import { util } from '@aws-appsync/utils';
export function request(ctx) {
    const body = { size: 10, query: { match: { title: ctx.args.words } } };
    return { operation: 'GET', path: '/posts/_search', params: { body } };
}
export function response(ctx) {
    if (ctx.error) { util.error(ctx.error.message, ctx.error.type); }
    return ctx.result.hits.hits.map((hit) => hit._source.title);
}";

const TALK: &str = "import { util } from '@aws-appsync/utils';
import { converse } from '@aws-appsync/utils/ai';
export function request(ctx) {
    return converse({
        modelId: 'anthropic.claude-3-haiku-20240307-v1:0',
        system: [{ text: 'Be brief.' }],
        messages: [{ role: 'user', content: [{ text: ctx.args.text }] }],
        inferenceConfig: { maxTokens: 20 },
    });
}
export function response(ctx) {
    if (ctx.error) { util.error(ctx.error.message, ctx.error.type); }
    return ctx.result.output.message.content[0].text;
}";

const BRIEF: &str = "import { invokeModel } from '@aws-appsync/utils/ai';
export function request(ctx) {
    return invokeModel({ modelId: 'amazon.titan-text-lite-v1', body: { inputText: ctx.args.text } });
}
export function response(ctx) { return ctx.result.results[0].outputText; }";

fn ask(client: &mut Client, query: &str) -> String {
    let body = value!({ "query": query });
    let (status, answer) = client.call_api_with("/library/graphql", "x-api-key: da2-library12345", &body);
    assert_eq!(status, 200, "{}", answer.to_text());
    answer.to_text()
}

#[test]
fn a_domain_and_models_are_data_sources() {
    let elsewhere = Elsewhere::start();
    let url = format!("http://127.0.0.1:{}", elsewhere.port);
    let folder = Folder::new("data-sources");
    folder.write(
        "stepwell.toml",
        &format!("[appsync.library]\nfolder = \"api\"\n[endpoints]\nbedrock-runtime = \"{url}\"\n"),
    );
    let sources = format!("[sources]\nposts = {{ search = \"{url}\" }}\nmodels = {{ bedrock = true }}\n");
    let resolvers = "[resolvers]\n\"Query.titles\" = { source = \"posts\" }\n\"Query.talk\" = { source = \"models\" }\n\
                     \"Query.brief\" = { source = \"models\" }\n";
    folder.write("api/appsync.toml", &format!("api_keys = [\"da2-library12345\"]\n{sources}{resolvers}"));
    folder.write("api/schema.graphql", SCHEMA);
    for (field, code) in [("titles", TITLES), ("talk", TALK), ("brief", BRIEF)] {
        folder.write(&format!("api/resolvers/Query.{field}.js"), code);
    }
    let server = Server::start(&mut stepwell(["dev", folder.arg()]));
    let client = &mut server.client();

    expect![[r#"{"data":{"titles":["On engines"]}}"#]]
        .assert_eq(&ask(client, "{ titles(words: \"engines\") }"));
    expect![[r#"
        GET /posts/_search {"size":10,"query":{"match":{"title":"engines"}}}
    "#]]
    .assert_eq(&elsewhere.asked());

    let refused = Value::parse(&ask(client, "{ titles(words: \"none\") }")).unwrap();
    let error =
        refused.get("errors").and_then(Value::as_array).and_then(|errors| errors.get(0)).expect("an error");
    expect![[r#"Some("OpenSearch:404")"#]]
        .assert_eq(&format!("{:?}", error.get("errorType").and_then(Value::as_str)));
    elsewhere.asked();

    expect![[r#"{"data":{"talk":"They weave.","brief":"Brief."}}"#]]
        .assert_eq(&ask(client, "{ talk(text: \"What do engines do?\") brief(text: \"Long.\") }"));
    let asked = elsewhere.asked();
    let mut asked: Vec<_> = asked.lines().collect();
    // Both fields are resolved side by side.
    asked.sort_unstable();
    expect![[r#"
        POST /model/amazon.titan-text-lite-v1/invoke {"inputText":"Long."}
        POST /model/anthropic.claude-3-haiku-20240307-v1%3A0/converse {"system":[{"text":"Be brief."}],"messages":[{"role":"user","content":[{"text":"What do engines do?"}]}],"inferenceConfig":{"maxTokens":20}}"#]]
    .assert_eq(&asked.join("\n"));
}
