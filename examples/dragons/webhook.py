"""A webhook that hears of dragons: it confirms its subscription, and prints what the topic sends it.

    python3 examples/dragons/webhook.py [PORT]
"""

import http.server
import json
import sys
import urllib.request


class Webhook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(204)
        self.end_headers()
        if message["Type"] == "SubscriptionConfirmation":
            urllib.request.urlopen(message["SubscribeURL"]).read()
            print("subscribed", flush=True)
        else:
            print(f"{message['Subject']}: {message['Message']}", flush=True)

    def log_message(self, *_):
        """Requests are not worth a line."""


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8099
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Webhook).serve_forever()
