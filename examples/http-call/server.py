"""A weather service for those who know its key: server.py [PORT]"""

import json
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = "only-for-this-example"
CELSIUS = {"Ghent": 11, "Lagos": 29, "Ushuaia": 4}


class Weather(BaseHTTPRequestHandler):
    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        place = query.get("place", [""])[0]
        if self.headers["X-Api-Key"] != KEY:
            self.answer(401, {"message": "who are you?"})
        elif place not in CELSIUS:
            self.answer(404, {"message": f"where is {place}?"})
        else:
            self.answer(200, {"place": place, "celsius": CELSIUS[place]})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8090), Weather)
print(f"http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
