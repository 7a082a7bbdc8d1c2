"""Asks a GraphQL API by HTTP and by WebSocket, with a key, a token or a signature of botocore's."""

import asyncio
import base64
import datetime
import json
import threading
import unittest.mock
import urllib.error
import urllib.request

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import websockets.asyncio.client
import websockets.exceptions

PATIENCE_SECONDS = 15
# Sockets live on one thread: Python's TLS loses bytes when one thread reads while another writes.
LOOP = asyncio.new_event_loop()
threading.Thread(target=LOOP.run_forever, daemon=True).start()
ACCESS_KEY, SECRET = "AKIDMODES", "the secret of modes"
# What Amplify signs when it opens a socket.
CONNECT_HEADERS = {
    "accept": "application/json, text/javascript", "content-encoding": "amz-1.0",
    "content-type": "application/json; charset=UTF-8",
}


def done(work):
    """What comes of work on that thread, which must not take for ever."""
    return asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, PATIENCE_SECONDS), LOOP).result()


class Signer:
    """Signature Version 4 as boto3 makes it, for somebody, somewhere, some time ago."""

    def __init__(self, key=ACCESS_KEY, secret=SECRET, service="appsync", region="us-east-1", ago=0):
        self.credentials = botocore.credentials.Credentials(key, secret)
        self.service, self.region, self.ago = service, region, datetime.timedelta(seconds=ago)

    def sign(self, url, body, headers={"content-type": "application/json"}):
        request = botocore.awsrequest.AWSRequest("POST", url, data=body, headers=headers)
        request.headers["host"] = url.split("/")[2]
        now = datetime.datetime.now(datetime.timezone.utc) - self.ago
        with unittest.mock.patch("botocore.auth.get_current_datetime", lambda: now):
            botocore.auth.SigV4Auth(self.credentials, self.service, self.region).add_auth(request)
        return dict(request.headers.items())


class Api:
    """An API at a URL. Whoever asks shows headers, or is a Signer."""

    def __init__(self, url, context):
        self.url, self.context = url, context

    def ask(self, who, query, variables=None):
        """Status and answer."""
        body = json.dumps({"query": query, "variables": variables or {}})
        return self.post(who.sign(self.url, body) if isinstance(who, Signer) else who, body)

    def post(self, header, body):
        request = urllib.request.Request(self.url, body.encode(), {"content-type": "application/json"} | header)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS, context=self.context) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def data(self, who, query):
        """What is answered, which must be without errors."""
        status, answer = self.ask(who, query)
        assert status == 200 and not answer.get("errors"), f"{query}: {status} {answer}"
        return answer["data"]

    def socket(self, who):
        return Socket(self, who)


class Socket:
    """A connection under AppSync's own protocol, as soon as the server has said whether it is one."""

    def __init__(self, api, who):
        self.api, self.count = api, 0
        shown = base64.urlsafe_b64encode(json.dumps(self.header(who, "{}", "/connect")).encode()).decode().rstrip("=")
        url = api.url.replace("https://", "wss://", 1) + "/realtime"
        protocols = ["graphql-ws", f"header-{shown}"]
        self.connection = done(self.opened(url, subprotocols=protocols, ssl=api.context))
        self.say({"type": "connection_init"})
        self.answer = self.hear()

    def header(self, who, body, path=""):
        shown = who.sign(self.api.url + path, body, CONNECT_HEADERS) if isinstance(who, Signer) else who
        return {"host": self.api.url.split("/")[2]} | shown

    @staticmethod
    async def opened(url, **how):
        return await websockets.asyncio.client.connect(url, **how)

    def say(self, message):
        done(self.connection.send(json.dumps(message)))

    def hear(self):
        """The next message that says something; how it was closed, if it was."""
        while True:
            try:
                message = json.loads(done(self.connection.recv()))
            except websockets.exceptions.ConnectionClosed as closed:
                return {"type": "closed", "code": closed.rcvd.code}
            if message["type"] != "ka":
                return message

    def start(self, who, query):
        """What comes of it."""
        self.count += 1
        data = json.dumps({"query": query, "variables": {}})
        extensions = {"authorization": self.header(who, data)}
        payload = {"data": data, "extensions": extensions}
        self.say({"id": f"s{self.count}", "type": "start", "payload": payload})
        return self.hear()

    def close(self):
        done(self.connection.close())
