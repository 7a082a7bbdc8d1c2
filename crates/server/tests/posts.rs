//! `examples/posts` as its README shows it, but for its database: what a folder describes is there at the start, follows the
//! folder, and is the same after a crash. (`cargo xtask e2e posts` does it by Amplify, Apollo and boto3.)

mod harness;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use harness::{Client, Folder, Server, have, stepwell, text};
use json::{Value, value};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/posts");
/// Whatever is waited for is there by then, or never comes.
const WITHIN: Duration = Duration::from_secs(30);

/// The example's own server of authors.
struct Authors(Child);

impl Authors {
    /// On a port of its own, which it says.
    fn start() -> (Authors, String) {
        let mut command = Command::new("python3");
        command.arg(format!("{EXAMPLE}/authors.py")).arg("0").stdout(Stdio::piped());
        let mut child = command.spawn().expect("python3 starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("it is piped")).read_line(&mut line).expect("a line");
        let address = line.trim_end().rsplit_once("http://").expect("its address").1.to_owned();
        (Authors(child), address)
    }
}

impl Drop for Authors {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A copy of the example whose authors are elsewhere.
fn example(authors: &str) -> Folder {
    let folder = Folder::new("posts");
    let mut folders = vec![Path::new(EXAMPLE).to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(EXAMPLE).unwrap().to_str().unwrap().to_owned();
            if name.starts_with(".stepwell") || name.contains("__pycache__") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                folder
                    .write(&name, &std::fs::read_to_string(path).unwrap().replace("127.0.0.1:8098", authors));
            }
        }
    }
    folder
}

/// Asks the API with the key that the folder names.
fn ask(client: &mut Client, query: &str, variables: Value) -> Value {
    let body = value!({ "query": query, "variables": variables });
    let (status, answer) = client.call_api_with("/posts/graphql", "x-api-key: da2-postsdevelopment", &body);
    assert_eq!(status, 200, "{}", answer.to_text());
    answer
}

#[track_caller]
fn data(client: &mut Client, query: &str, variables: Value) -> Value {
    let answer = ask(client, query, variables);
    assert_eq!(answer.get("errors"), None, "{}", answer.to_text());
    answer.get("data").cloned().unwrap()
}

/// Asks until the answer is as it shall be.
#[track_caller]
fn until(client: &mut Client, query: &str, variables: &Value, is_it: impl Fn(&Value) -> bool) {
    let began = Instant::now();
    loop {
        let answer = ask(client, query, variables.clone());
        if is_it(&answer) {
            return;
        }
        assert!(began.elapsed() < WITHIN, "{query} still answers {}", answer.to_text());
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn add(client: &mut Client) -> String {
    let mutation = "mutation { addPost(author: \"ada\", title: \"On engines\", content: \"They weave patterns\") { id status } }";
    let post = data(client, mutation, value!({})).get("addPost").cloned().unwrap();
    assert_eq!(text(&post, "status"), "DRAFT");
    text(&post, "id").to_owned()
}

const POST: &str = "query($id: ID!) { post(id: $id) { title rating writer { name } } }";

#[test]
fn a_folder_is_an_api_over_a_table_a_function_a_server_and_a_workflow() {
    if !have("python3") {
        return;
    }
    let (_authors, address) = Authors::start();
    let folder = example(&address);
    let server = Server::start(&mut stepwell(["dev", folder.arg()]));
    let mut client = server.client();
    let id = add(&mut client);
    let of_post = value!({ "id": (id.as_str()) });
    let post =
        value!({ "post": { "title": "On engines", "rating": 1.3, "writer": { "name": "Ada Lovelace" } } });
    assert_eq!(data(&mut client, POST, of_post.clone()), post);

    let publish = "mutation($id: ID!) { publishPost(id: $id) }";
    let started = data(&mut client, publish, of_post.clone());
    assert!(text(&started, "publishPost").contains(":execution:publish:"));
    let feed = value!({ "data": { "feed": [{ "id": (id.as_str()) }] } });
    until(&mut client, "{ feed { id } }", &value!({}), |answer| *answer == feed);

    let nobody = "mutation { addComment(postId: \"nobody\", author: \"ada\", body: \"?\") { id } }";
    let answer = ask(&mut client, nobody, value!({}));
    let error = answer.get("errors").and_then(|errors| errors.at(0)).unwrap();
    assert_eq!(text(error, "errorType"), "NoSuchPost");
    let body = value!({ "query": "{ feed { id } }" });
    assert_eq!(client.call_api_with("/posts/graphql", "x-api-key: da2-postsdevelopment2", &body).0, 401);

    server.kill();
    let server = Server::start(&mut stepwell(["dev", folder.arg()]));
    let mut client = server.client();
    assert_eq!(data(&mut client, POST, of_post), post);
    assert_eq!(data(&mut client, "{ feed { id } }", value!({})), *feed.get("data").unwrap());
}

#[test]
fn the_api_follows_its_folder_and_mistakes_are_told_with_their_places() {
    let folder = example("127.0.0.1:1");
    let mut command = stepwell(["dev", folder.arg()]);
    let said = folder.0.join("said.txt");
    command.stderr(std::fs::File::create(&said).unwrap());
    let server = Server::start(&mut command);
    let mut client = server.client();
    let is_title = |title: &'static str| {
        move |answer: &Value| *answer == value!({ "data": { "post": { "title": title } } })
    };
    let query = "{ post(id: \"x\") { title } }";
    until(&mut client, query, &value!({}), |answer| *answer == value!({ "data": { "post": null } }));

    let constant = |title: &str| {
        format!(
            "export function request(ctx) {{\n  return {{ operation: 'GetItem', key: util.dynamodb.toMapValues(ctx.args) }};\n}}\nexport function response(ctx) {{\n  return {{ title: '{title}' }};\n}}\n"
        )
    };
    let import = "import { util } from '@aws-appsync/utils';\n";
    folder.write("api/resolvers/Query.post.js", &format!("{import}{}", constant("changed")));
    until(&mut client, query, &value!({}), is_title("changed"));

    folder.write("api/resolvers/Query.post.js", "export function request(ctx) {\n  while (true) {}\n}\n");
    let began = Instant::now();
    while !std::fs::read_to_string(&said).unwrap().contains("api/resolvers/Query.post.js:2:3: ") {
        assert!(began.elapsed() < WITHIN, "{}", std::fs::read_to_string(&said).unwrap());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(is_title("changed")(&ask(&mut client, query, value!({}))), "what was there stays");

    let schema = std::fs::read_to_string(folder.0.join("api/schema.graphql")).unwrap();
    folder
        .write("api/schema.graphql", &schema.replace("feed: [Post!]!", "feed: [Post!]!\n    hello: String"));
    folder.write("api/resolvers/Query.post.js", &format!("{import}{}", constant("mended")));
    until(&mut client, query, &value!({}), is_title("mended"));
    assert_eq!(data(&mut client, "{ hello }", value!({})), value!({ "hello": null }));
}

#[test]
fn in_production_the_apis_are_made_at_the_start() {
    let folder = example("127.0.0.1:1");
    let (settings, data_dir) = (folder.0.join("stepwell.toml"), folder.0.join("data"));
    let start = || {
        let mut command =
            stepwell(["server", "--config", settings.to_str().unwrap(), "--log", "warn,stepwell=info"]);
        command.arg("--data-dir").arg(&data_dir);
        command.stderr(std::fs::File::create(folder.0.join("said.txt")).unwrap());
        let server = Server::start(&mut command);
        until(&mut server.client(), "{ __typename }", &value!({}), |answer| answer.get("data").is_some());
        server.wait_for_line("ready: AppSync API posts");
        server
    };
    let changes = || {
        let said = std::fs::read_to_string(folder.0.join("said.txt")).unwrap();
        said.lines().filter(|line| line.contains("an API of AppSync is changed")).count()
    };
    start().kill();
    assert!(changes() > 20, "it was made");
    start().kill();
    assert_eq!(changes(), 0, "it is as it shall be");
}

#[test]
fn clients_are_told_where_the_apis_are() {
    let folder = example("127.0.0.1:1");
    let server = Server::start(&mut stepwell(["dev", "--ephemeral", folder.arg()]));
    let (code, out, _) = harness::outcome(&mut stepwell(["env", folder.arg()]));
    assert_eq!(code, 0);
    let address = format!("http://127.0.0.1:{}", server.port);
    assert!(out.contains(&format!("export APPSYNC_GRAPHQL_POSTS={address}/posts/graphql\n")), "{out}");
    assert!(out.contains(&format!("export APPSYNC_EVENTS_CHAT={address}/chat/event\n")), "{out}");

    let (code, out, err) =
        harness::outcome(&mut stepwell(["amplify-outputs", "posts", "--folder", folder.arg()]));
    assert_eq!(code, 0, "{err}");
    let outputs = Value::parse(&out).unwrap();
    assert_eq!(outputs.get("custom"), None);
    let of_data = outputs.get("data").unwrap();
    assert_eq!(text(of_data, "api_key"), "da2-postsdevelopment");
    let path = text(of_data, "url").strip_prefix(&address).expect("it is here");
    let body = value!({ "query": "{ feed { id } }" });
    let asked = server.client().call_api_with(path, "x-api-key: da2-postsdevelopment", &body);
    assert_eq!(asked, (200, value!({ "data": { "feed": [] } })));

    let (code, _, err) =
        harness::outcome(&mut stepwell(["amplify-outputs", "other", "--folder", folder.arg()]));
    assert_eq!((code, err.as_str()), (2, "error: the server has no API other\n"));
}
