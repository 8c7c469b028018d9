"""A server between a client and the real one, which says of files what it likes. Its argument: the real one; it prints its own address."""

import json
import re
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError

REAL = sys.argv[1]
LIES = json.loads(sys.argv[2])
"""Name of a file -> the names under which it is listed."""


class Liar(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        kept = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}}
        try:
            path = re.sub(r"\bpath=[^&]*", "path=f", re.sub(r"\bprefix=[^&]*", "", self.path))
            answer = urllib.request.urlopen(urllib.request.Request(REAL + path, headers=kept), timeout=60)
        except HTTPError as error:
            answer = error
        body, kind = answer.read(), answer.headers.get("Content-Type", "")
        if answer.status == 200 and ("/files?" in self.path or "/files/versions?" in self.path):
            told = json.loads(body)
            told["items"] = [{**one, "path": name} for one in told["items"] for name in LIES.get(one["path"], [])]
            body = json.dumps(told).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
sys.stdout.flush()
server.serve_forever()
