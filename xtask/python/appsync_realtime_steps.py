"""Subscriptions of AppSync, as data: an API is made by boto3, and heard over a WebSocket by the package websockets.

A call of `socket` is a connection's: `Open` and `Close` one by its name, `Say` a message, `Hear` the next one. (The other words
are explained in scenario_steps.py.)
"""

import base64
import json

import websockets.exceptions
import websockets.sync.client

from scenario_steps import TEXT

PATIENCE_SECONDS = 10
SCHEMA = """
type Query { nothing: Int }
type Mutation { say(room: ID!, text: String): Said leave(room: ID!): Said }
type Said { room: ID! text: String }
type Subscription {
  said(room: ID): Said @aws_subscribe(mutations: ["say"])
  left: Said @aws_subscribe(mutations: ["leave"])
}
"""
ECHO = """export function request(ctx) { return { payload: ctx.args } }
export function response(ctx) { return ctx.result }"""
RUNTIME = {"name": "APPSYNC_JS", "runtimeVersion": "1.0.0"}
SOCKETS = {}


def socket(address, operation, body):
    name = body["name"]
    match operation:
        case "Open":
            shown = base64.urlsafe_b64encode(json.dumps(body["header"]).encode()).decode().rstrip("=")
            protocols = ["graphql-ws", f"header-{shown}"]
            url = f"ws://{address}{body['path']}"
            if body.get("query"):
                shown = base64.b64encode(json.dumps(body["header"]).encode()).decode()
                protocols, url = ["graphql-ws"], f"{url}?header={shown}&payload=e30="
            SOCKETS[name] = websockets.sync.client.connect(url, subprotocols=protocols, open_timeout=PATIENCE_SECONDS)
            return {"protocol": SOCKETS[name].subprotocol}
        case "Say":
            SOCKETS[name].send(body["text"] if "text" in body else json.dumps(body["message"]))
            return {}
        case "Hear":
            try:
                return json.loads(SOCKETS[name].recv(timeout=PATIENCE_SECONDS))
            except websockets.exceptions.ConnectionClosed as closed:
                return {"closed": closed.rcvd.code}
        case "Close":
            SOCKETS.pop(name).close()
            return {}


CALLS = {"socket": socket}


def start(name, identifier, query, key="${key}"):
    return {"what": f"{name} asks for {query}", "call": "socket:Say", "with": {"name": name, "message": {
        "id": identifier, "type": "start", "payload": {
            "data": json.dumps({"query": query, "variables": {}}),
            "extensions": {"authorization": {"host": "localhost", "x-api-key": key, "x-amz-user-agent": "steps"}},
        },
    }}}


def hear(name, what, **gives):
    return {"what": f"{name} hears {what}", "call": "socket:Hear", "with": {"name": name}, "gives": gives}


def say(name, message):
    return {"what": f"{name} says {message['type']}", "call": "socket:Say", "with": {"name": name, "message": message}}


def opened(name, **more):
    header = {"host": "localhost", "x-api-key": "${key}"}
    return [
        {"what": f"{name} connects", "call": "socket:Open",
         "with": {"name": name, "path": "/${api}/graphql/realtime", "header": header, **more},
         "gives": {"protocol": "graphql-ws"}},
        say(name, {"type": "connection_init"}),
        hear(name, "that it is let in", type="connection_ack", **{"payload.connectionTimeoutMs": 300000}),
        hear(name, "a sign of life", type="ka"),
    ]


def mutation(query):
    return {"what": query, "http": "POST /${api}/graphql", "headers": {"x-api-key": "${key}"},
            "body": json.dumps({"query": query}), "status": 200}


def resolver(field):
    return {"what": f"{field} gives its arguments back", "call": "appsync:CreateResolver", "with": {
        "apiId": "${api}", "typeName": "Mutation", "fieldName": field, "dataSourceName": "nothing", "kind": "UNIT",
        "runtime": RUNTIME, "code": ECHO,
    }}


API = [
    {"what": "an API is made", "call": "appsync:CreateGraphqlApi",
     "with": {"name": "chat", "authenticationType": "API_KEY"},
     "gives": {"graphqlApi.uris.REALTIME": TEXT}, "keep": {"api": "graphqlApi.apiId"}},
    {"what": "it has a key", "call": "appsync:CreateApiKey", "with": {"apiId": "${api}"}, "keep": {"key": "apiKey.id"}},
    {"what": "it has a schema", "call": "appsync:StartSchemaCreation",
     "with": {"apiId": "${api}", "definition": SCHEMA}, "gives": {"status": TEXT}},
    {"what": "which is there", "call": "appsync:GetSchemaCreationStatus", "with": {"apiId": "${api}"},
     "gives": {"status": "SUCCESS"}, "until": True},
    {"what": "it has a data source", "call": "appsync:CreateDataSource",
     "with": {"apiId": "${api}", "name": "nothing", "type": "NONE"}},
    resolver("say"),
    resolver("leave"),
]
HEARING = [
    *opened("ada"),
    *opened("bob", query=True),
    start("ada", "all", "subscription { said { room text __typename } }"),
    hear("ada", "that it listens", id="all", type="start_ack"),
    start("bob", "one", 'subscription { said(room: "blue") { text } }'),
    hear("bob", "that it listens", id="one", type="start_ack"),
    mutation('mutation { say(room: "red", text: "hi") { room text } }'),
    hear("ada", "of the red room", id="all", type="data", **{
        "payload.data.said": {"room": "red", "text": "hi", "__typename": "Said"},
    }),
    mutation('mutation { say(room: "blue", text: "ho") { room text } }'),
    hear("ada", "of the blue room", id="all", **{"payload.data.said.text": "ho"}),
    hear("bob", "of the blue room only", id="one", **{"payload.data.said": {"text": "ho"}}),
    say("ada", {"type": "stop", "id": "all"}),
    hear("ada", "that it is over", id="all", type="complete"),
]
REFUSALS = [
    start("ada", "q", "query { nothing }"),
    hear("ada", "that a query does not go there", id="q", type="error", **{
        "payload.errors.0.errorType": "UnsupportedOperation",
    }),
    start("ada", "u", "subscription { said { nothing } }"),
    hear("ada", "that there is no such field", id="u", type="error", **{
        "payload.errors.0.errorType": "BadRequestException",
    }),
    start("ada", "k", "subscription { said { text } }", key="da2-wrong"),
    hear("ada", "that the key is wrong", id="k", type="error", **{
        "payload.errors.0.errorType": "UnauthorizedException",
    }),
    start("bob", "one", "subscription { left { room } }"),
    hear("bob", "that there is one of that name", id="one", type="error", **{
        "payload.errors.0.errorType": "DuplicatedOperationError",
    }),
    {"what": "a stranger connects", "call": "socket:Open",
     "with": {"name": "eve", "path": "/${api}/graphql/realtime", "header": {"host": "h", "x-api-key": "da2-wrong"}}},
    say("eve", {"type": "connection_init"}),
    hear("eve", "that it is not let in", type="connection_error", **{
        "payload.errors.0.errorType": "UnauthorizedException", "payload.errors.0.errorCode": 401,
    }),
    hear("eve", "the end", closed=1008),
]
CHANGE = [
    {"what": "the schema changes", "call": "appsync:StartSchemaCreation",
     "with": {"apiId": "${api}", "definition": SCHEMA.replace("said(room: ID): Said", "heard: Said")}},
    hear("bob", "that its subscription is gone", id="one", type="complete"),
    {"what": "ada hangs up", "call": "socket:Close", "with": {"name": "ada"}},
    {"what": "bob hangs up", "call": "socket:Close", "with": {"name": "bob"}},
    {"what": "the API is deleted", "call": "appsync:DeleteGraphqlApi", "with": {"apiId": "${api}"}},
]
STEPS = API + HEARING + REFUSALS + CHANGE
