"""Event APIs from end to end: made by boto3, published to over HTTP, listened to over WebSocket, by TLS and without.

Usage: appsync_events.py STEPWELL
"""

import base64
import json
import sys
import urllib.error
import urllib.request

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from dev_server import Count, DevServer, clean_environment
from web_socket import WebSocket

CODE = """
import { util } from '@aws-appsync/utils'
export function onPublish(ctx) {
  return ctx.events.map((event) => event.payload.spam ? { ...event, error: 'No spam' } : event)
}
export function onSubscribe(ctx) {
  if (ctx.info.channel.segments.includes('closed')) util.unauthorized()
}
"""
KEY, IAM = [{"authType": "API_KEY"}], [{"authType": "AWS_IAM"}]


class Api:
    """An event API with the namespaces `news` and `filtered` for keys, and `signed` for signatures."""

    def __init__(self, server, url, ca_file=None):
        self.url, self.ca_file = url, ca_file
        client = boto3.client("appsync", endpoint_url=url, verify=ca_file, region_name="us-east-1",
                              aws_access_key_id="stepwell", aws_secret_access_key="stepwell")
        config = {"authProviders": KEY + IAM, "connectionAuthModes": KEY + IAM, "defaultPublishAuthModes": KEY,
                  "defaultSubscribeAuthModes": KEY}
        self.id = client.create_api(name="chat", eventConfig=config)["api"]["apiId"]
        client.create_channel_namespace(apiId=self.id, name="news")
        client.create_channel_namespace(apiId=self.id, name="filtered", codeHandlers=CODE)
        client.create_channel_namespace(apiId=self.id, name="signed", publishAuthModes=IAM, subscribeAuthModes=IAM)
        self.key = client.create_api_key(apiId=self.id)["apiKey"]["id"]
        self.client = client
        self.port = int(url.rsplit(":", 1)[1])

    def path(self, rest=""):
        return f"/{self.id}/event{rest}"

    def post(self, channel, *events, headers=None):
        """The status and the answer."""
        body = json.dumps({"channel": channel, "events": [json.dumps(event) for event in events]},
                          separators=(",", ":")).encode()
        headers = headers(body) if callable(headers) else headers or {"x-api-key": self.key}
        request = urllib.request.Request(self.url + self.path(), body, {"content-type": "application/json", **headers})
        context = None
        if self.ca_file:
            import ssl
            context = ssl.create_default_context(cafile=self.ca_file)
        try:
            with urllib.request.urlopen(request, context=context) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def signed(self, body):
        """The headers that sign a POST of this."""
        request = AWSRequest("POST", self.url + self.path(), {"content-type": "application/json"}, body)
        SigV4Auth(Credentials("stepwell", "stepwell"), "appsync", "us-east-1").add_auth(request)
        return {"host": self.url.split("://")[1], **dict(request.headers)}

    def connect(self, header=None):
        header = header or {"host": self.url.split("://")[1], "x-api-key": self.key}
        entry = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
        socket = WebSocket("localhost", self.port, self.path("/realtime"), ["aws-appsync-event-ws", f"header-{entry}"],
                           self.ca_file)
        return socket

    def subscribe(self, socket, id, channel, authorization=None):
        socket.send(json.dumps({"type": "subscribe", "id": id, "channel": channel,
                                "authorization": authorization or {"x-api-key": self.key}}))
        return json.loads(socket.receive())


def equal(count, what, got, expected):
    count.check(what, None if got == expected else f"{got} instead of {expected}")


def steps(count, api):
    listener = api.connect()
    equal(count, "the protocol", listener.protocol, "aws-appsync-event-ws")
    listener.send('{"type":"connection_init"}')
    equal(count, "the greeting", json.loads(listener.receive()), {"type": "connection_ack", "connectionTimeoutMs": 300000})
    equal(count, "a subscription", api.subscribe(listener, "a", "/news/*"), {"type": "subscribe_success", "id": "a"})

    status, answer = api.post("/news/sport", {"goals": 1}, "text")
    equal(count, "a publication", (status, answer["failed"], [one["index"] for one in answer["successful"]]), (200, [], [0, 1]))
    heard = [json.loads(listener.receive()) for _ in range(2)]
    equal(count, "what is heard", [(one["type"], one["id"], json.loads(one["event"])) for one in heard],
          [("data", "a", {"goals": 1}), ("data", "a", "text")])

    api.subscribe(listener, "f", "/filtered/a")
    status, answer = api.post("/filtered/a", {"spam": True}, {"spam": False})
    equal(count, "a handler", [one["message"] for one in answer["failed"]], ["No spam"])
    equal(count, "what it lets through", json.loads(json.loads(listener.receive())["event"]), {"spam": False})
    refused = api.subscribe(listener, "c", "/filtered/closed")
    equal(count, "a refusal", (refused["type"], refused["errors"][0]["errorType"]),
          ("subscribe_error", "UnauthorizedException"))

    publisher = api.connect()
    publisher.send(json.dumps({"type": "publish", "id": "p", "channel": "news/a", "events": ["7"],
                               "authorization": {"x-api-key": api.key}}))
    equal(count, "a publication over a connection", json.loads(publisher.receive())["type"], "publish_success")
    equal(count, "what is heard of it", json.loads(listener.receive())["event"], "7")

    for channel, key, expected in [("/news/a", "other", 401), ("/signed/a", api.key, 401), ("/news/*", api.key, 400),
                                   ("/gone/a", api.key, 400)]:
        equal(count, f"a publication to {channel}", api.post(channel, 1, headers={"x-api-key": key})[0], expected)
    equal(count, "a signed publication", api.post("/signed/a", 1, headers=api.signed)[0], 200)
    signer = api.connect(api.signed(b"{}"))
    body = json.dumps({"channel": "/signed/*"}, separators=(",", ":")).encode()
    equal(count, "a signed subscription", api.subscribe(signer, "s", "/signed/*", api.signed(body))["type"],
          "subscribe_success")

    stranger = api.connect({"x-api-key": "other"})
    equal(count, "a stranger is told", json.loads(stranger.receive())["type"], "connection_error")
    equal(count, "and hung up on", stranger.receive(), ("close", 1008))

    api.client.delete_api(apiId=api.id)
    equal(count, "a deleted API hangs up", listener.receive(), ("close", 1001))


def main():
    clean_environment()
    count = Count()
    with DevServer(sys.argv[1], flags=["--tls"]) as server:
        secure = server.env["AWS_ENDPOINT_URL_SFN"].replace("127.0.0.1", "localhost")
        steps(count, Api(server, secure, server.env["AWS_CA_BUNDLE"]))
        steps(count, Api(server, secure.replace("https://", "http://")))
    count.finish()


main()
