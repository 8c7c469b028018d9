"""A server that takes journals as the real one promises to, and fails on demand. Bytes are kept as they came."""

import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from playhead.domain.errors import JournalError
from playhead.journal import reader


class FakeServer:
    """`say` maps a request ("POST", path) to (status, headers, problem code) or None; `streams` is what has arrived."""

    def __init__(self, port=0):
        self.streams = {}
        self.final = set()
        self.blobs = {}
        self.requests = []
        self.say = lambda method, path: None
        self.lose_answers = 0
        self.stop = False
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                fake.handle(self, "POST")

            def do_GET(self):
                fake.handle(self, "GET")

            def do_PUT(self):
                fake.handle(self, "PUT")

        self.http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def handle(self, request, method):
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        parts = urlsplit(request.path)
        self.requests.append((time.monotonic(), method, parts.path, len(body), request.headers.get("Authorization")))
        told = self.say(method, parts.path)
        if told is not None:
            status, headers, code = told
            return self.answer(request, status, {"error": {"code": code, "message": f"{code}, said the fake"}}, headers)
        if match := re.fullmatch(r"/api/v1/streams/(\w+)", parts.path):
            return self.stream(request, method, match[1], parse_qs(parts.query), body)
        if "/blobs/" in parts.path:
            self.blobs[parts.path.rsplit("/", 1)[1]] = body
            return self.answer(request, 200, {})
        return self.answer(request, 404, {"error": {"code": "not_found", "message": "no such route"}})

    def stream(self, request, method, stream, query, body):
        have = self.streams.get(stream, b"")
        if method == "GET":
            if stream not in self.streams:
                return self.answer(request, 404, {"error": {"code": "not_found", "message": "no stream"}})
            return self.answer(request, 200, {"offset": len(have)})
        offset, final = int(query["offset"][0]), "final" in query
        if offset != len(have):
            problem = {"code": "offset", "message": "go on there", "offset": len(have)}
            return self.answer(request, 409, {"error": problem})
        whole = have + body
        try:
            header, start = reader.read_header(whole)
        except JournalError as error:
            return self.answer(request, 400, {"error": {"code": "usage", "message": error.message}})
        damaged = 0
        begin = max(start, offset)
        walk = reader.frames(whole[begin:], begin, header.seed, final=final)
        for item in walk:
            damaged += isinstance(item, reader.Damage)
        self.streams[stream] = whole[: begin + walk.at]
        if final:
            self.final.add(stream)
        if self.lose_answers:
            self.lose_answers -= 1
            request.close_connection = True
            request.connection.close()
            return None
        names = {
            "entity": header.entity or "me",
            "project": header.project,
            "run_id": header.run_id,
            "name": "calm-river-1",
        }
        answer = {"offset": begin + walk.at, **names, "url": f"{self.url}/me", "damaged": damaged, "stop": self.stop}
        return self.answer(request, 200, answer)

    def answer(self, request, status, body, headers=()):
        data = json.dumps(body).encode()
        request.send_response(status)
        for name, value in dict(headers).items():
            request.send_header(name, value)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def rows(self, role="main"):
        """(step, JSON or raw body) of the rows of all streams of that role, in order of arrival."""
        found = []
        for data in self.streams.values():
            header, start = reader.read_header(data)
            if header.role == role:
                found += [item for item in reader.frames(data[start:], start, header.seed) if item.kind == 1]
        return [int.from_bytes(item.body[4:12], "little", signed=True) for item in found]

    def records(self, kind, role="main"):
        """The data of all records of a kind."""
        found = []
        for data in self.streams.values():
            header, start = reader.read_header(data)
            if header.role == role:
                items = reader.frames(data[start:], start, header.seed)
                found += [reader.record(item.body)[2] for item in items if item.kind == kind]
        return found
