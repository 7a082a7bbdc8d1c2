"""A server that knows who writes: python3 authors.py [PORT]"""

import json
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, HTTPServer

AUTHORS = {"ada": {"name": "Ada Lovelace", "about": "Writes programs for machines that are not there yet."}}


class Authors(BaseHTTPRequestHandler):
    def do_GET(self):
        author = AUTHORS.get(urllib.parse.unquote(self.path.removeprefix("/authors/")))
        body = json.dumps(author or {"message": "nobody of that name"}).encode()
        self.send_response(200 if author else 404)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


port = int(sys.argv[1]) if len(sys.argv) > 1 else 8098
server = HTTPServer(("127.0.0.1", port), Authors)
print(f"authors at http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
