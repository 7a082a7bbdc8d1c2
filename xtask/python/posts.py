"""examples/posts as its README has it, by clients that nobody has changed: posts.py PATH_OF_STEPWELL [FOLDER_OF_NODE_CLIENTS]

Amplify and Apollo (programs in xtask/node), boto3, and a bare WebSocket; over TLS, with a PostgreSQL of its own if there is
one on this machine; then the server is killed and comes back, and the folder changes under it.
"""

import asyncio
import json
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

from dev_server import Count, clean_environment, start
from postgres import Postgres

EXAMPLE = pathlib.Path(__file__).parents[2] / "examples/posts"
KEY = "da2-postsdevelopment"
# Whatever is waited for is there by then, or never comes.
WITHIN_SECONDS = 30


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Project:
    """A copy of the example with ports of its own, and the server that follows it."""

    def __init__(self, stepwell, root, database):
        self.stepwell, self.folder = stepwell, root / "posts"
        shutil.copytree(EXAMPLE, self.folder, ignore=shutil.ignore_patterns(".stepwell", "__pycache__"))
        self.port = free_port()
        authors = free_port()
        self.rewrite("api/appsync.toml", "127.0.0.1:8098", f"127.0.0.1:{authors}")
        if database:
            self.rewrite("stepwell.toml", "postgres://postgres@127.0.0.1:5432/blog", database.url("blog"))
        command = [sys.executable, self.folder / "authors.py", str(authors)]
        self.authors = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.authors.stdout.readline()

    def rewrite(self, file, old, new):
        text = (self.folder / file).read_text()
        assert old in text, f"{file} has no {old}"
        (self.folder / file).write_text(text.replace(old, new))

    def start(self):
        self.said = open(self.folder.parent / "said", "ab")
        command = ["sh", "-c", 'exec "$0" "$@" 2>>../said', self.stepwell, "dev", "--tls"]
        self.process = start(command, self.folder, self.port)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def ask_stepwell(self, *arguments):
        done = subprocess.run([self.stepwell, *arguments], cwd=self.folder, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            sys.exit(f"failed: stepwell {' '.join(arguments)}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def errors(self):
        return (self.folder.parent / "said").read_text()

    def close(self):
        self.kill()
        self.authors.kill()
        self.authors.wait()


def graphql(url, query, variables=None, key=KEY, context=None):
    """Status and answer."""
    body = json.dumps({"query": query, "variables": variables or {}}).encode()
    request = urllib.request.Request(url, body, {"content-type": "application/json", "x-api-key": key})
    try:
        with urllib.request.urlopen(request, timeout=WITHIN_SECONDS, context=context) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def eventually(what, count, look):
    """Looks until it is so."""
    end = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < end:
        if look():
            count.check(what)
            return
        time.sleep(0.2)
    count.check(what, "it has not come about")


def node(folder, program, outputs, ca_file, *arguments):
    environment = {**os.environ, "NODE_EXTRA_CA_CERTS": ca_file}
    command = ["node", program, str(outputs), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
    print(done.stdout, end="")
    return None if done.returncode == 0 else f"{done.stdout}\n{done.stderr}"


def control_plane(count, env):
    """What boto3 sees of the APIs that the folder has made."""
    import boto3

    names = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    credentials = {name.lower(): env[name] for name in names}
    appsync = boto3.client(
        "appsync", endpoint_url=env["AWS_ENDPOINT_URL_APPSYNC"], region_name="us-east-1", verify=env["AWS_CA_BUNDLE"], **credentials
    )
    [api] = appsync.list_graphql_apis()["graphqlApis"]
    id = api["apiId"]
    count.check("its name", None if api["name"] == "posts" else api)
    keys = appsync.list_api_keys(apiId=id)["apiKeys"]
    count.check("its key", None if [key["id"] for key in keys] == [KEY] else keys)
    sources = {source["name"]: source["type"] for source in appsync.list_data_sources(apiId=id)["dataSources"]}
    expected = {
        "authors": "HTTP", "blog": "RELATIONAL_DATABASE", "nothing": "NONE", "posts": "AMAZON_DYNAMODB", "rate": "AWS_LAMBDA",
        "workflows": "HTTP",
    }
    count.check("its sources", None if sources == expected else sources)
    functions = {function["functionId"]: function["name"] for function in appsync.list_functions(apiId=id)["functions"]}
    feed = appsync.get_resolver(apiId=id, typeName="Query", fieldName="feed")["resolver"]
    pipeline = [functions[function] for function in feed["pipelineConfig"]["functions"]]
    count.check("its pipeline", None if pipeline == ["recent", "newest_first"] else pipeline)
    return id


async def socket_alone(count, url, ca_file):
    """A subscription by nothing but a WebSocket."""
    import base64
    import websockets

    context = ssl.create_default_context(cafile=ca_file)
    host = url.split("/")[2]
    header = {"host": host, "x-api-key": KEY}
    encoded = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
    address = url.replace("https://", "wss://", 1) + "/realtime"
    protocols = ["graphql-ws", f"header-{encoded}"]
    async with websockets.connect(address, subprotocols=protocols, ssl=context) as connection:
        count.check("the protocol", None if connection.subprotocol == "graphql-ws" else connection.subprotocol)
        await connection.send('{"type":"connection_init"}')
        ack = await receive(connection, "connection_ack")
        timeout = ack.get("payload", {}).get("connectionTimeoutMs")
        count.check("the connection is acknowledged", None if timeout == 300000 else ack)
        data = json.dumps({"query": "subscription { onProgress { id stage } }", "variables": {}})
        payload = {"data": data, "extensions": {"authorization": header}}
        await connection.send(json.dumps({"id": "one", "type": "start", "payload": payload}))
        count.check("the start is acknowledged", None if (await receive(connection, "start_ack"))["id"] == "one" else "other")
        report = 'mutation { reportProgress(id: "bare", stage: CHECKING) { id stage } }'
        await asyncio.to_thread(graphql, url, report, context=context)
        heard = await receive(connection, "data")
        expected = {"data": {"onProgress": {"id": "bare", "stage": "CHECKING"}}}
        count.check("it is heard", None if heard["payload"] == expected else heard)
        await connection.send('{"id":"one","type":"stop"}')
        count.check("it ends", None if (await receive(connection, "complete"))["id"] == "one" else "other")


async def receive(connection, kind):
    """The next message of a kind; between them the server says that it lives."""
    while True:
        message = json.loads(await asyncio.wait_for(connection.recv(), WITHIN_SECONDS))
        if message["type"] == kind:
            return message
        if message["type"] != "ka":
            raise RuntimeError(f"{message} instead of {kind}")


def following(count, project, url, context):
    """The folder changes, and the API with it."""
    post = lambda: graphql(url, "query { post(id: \"followed\") { title } }", context=context)[1]
    file = project.folder / "api/resolvers/Query.post.js"
    before = file.read_text()
    title = "ctx.args.id === 'followed' ? { title: 'changed' } : ctx.result"
    file.write_text(before.replace("return ctx.result", f"return {title}"))
    eventually("a changed resolver is followed", count, lambda: (post().get("data") or {}).get("post") == {"title": "changed"})
    file.write_text("export function request(ctx) {\n    while (true) {}\n}\n")
    place = "api/resolvers/Query.post.js:2:5"
    eventually("a mistake is told with its place", count, lambda: place in project.errors())
    count.check("what was there stays", None if post()["data"]["post"] == {"title": "changed"} else post())
    file.write_text(before)
    eventually("and it is mended", count, lambda: post().get("data") == {"post": None})
    schema = project.folder / "api/schema.graphql"
    schema.write_text(schema.read_text().replace("feed: [Post!]!", "feed: [Post!]!\n    hello: String"))
    hello = lambda: graphql(url, "{ hello }", context=context)[1].get("data") == {"hello": None}
    eventually("a field that is new in the schema is there", count, hello)


def main():
    stepwell = os.path.abspath(sys.argv[1])
    clients = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None
    clean_environment()
    root = pathlib.Path(tempfile.mkdtemp(prefix="stepwell-posts-"))
    count = Count()
    database = Postgres.start(root)
    project = Project(stepwell, root, database)
    try:
        if database:
            database.run("create database blog", "postgres")
            database.run((EXAMPLE / "blog.sql").read_text(), "blog")
        else:
            print("no PostgreSQL here: comments are left out")
        project.start()
        env = project.ask_stepwell("env", "--output", "json")
        ca_file = env["AWS_CA_BUNDLE"]
        context = ssl.create_default_context(cafile=ca_file)
        url = env["APPSYNC_GRAPHQL_POSTS"]
        outputs = root / "amplify_outputs.json"
        outputs.write_text(json.dumps(project.ask_stepwell("amplify-outputs")))
        id = control_plane(count, env)
        if clients:
            with_database = ["with-database"] if database else []
            count.check("Amplify", node(clients, "amplify.mjs", outputs, ca_file, *with_database))
            count.check("Apollo", node(clients, "apollo.mjs", outputs, ca_file))
        else:
            print("no Node: Amplify and Apollo are left out")
        asyncio.run(socket_alone(count, url, ca_file))

        add = 'mutation { addPost(author: "ada", title: "kept") { id } }'
        kept = graphql(url, add, context=context)[1]["data"]["addPost"]["id"]
        project.kill()
        project.start()
        again = graphql(url, "query($id: ID!) { post(id: $id) { title } }", {"id": kept}, context=context)
        count.check("what was acknowledged is there after kill -9", None if again[1].get("data") == {"post": {"title": "kept"}} else again)
        count.check("the API is the same", None if control_plane(count, env) == id else "it has another identifier")
        following(count, project, url, context)
    finally:
        project.close()
        if database:
            database.close()
        if count.failed == 0:
            shutil.rmtree(root, ignore_errors=True)
        else:
            print(f"what the server said is in {root / 'said'}")
    count.finish()


if __name__ == "__main__":
    main()
