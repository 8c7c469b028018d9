"""Requests over sockets and in memory."""

import json
import socket
import threading
import time

import pytest
import urllib3.exceptions

from playhead.client.loopback import LoopbackHttp
from playhead.client.memory import MemoryTransport
from playhead.client.pool import PooledHttp
from playhead.client.server import Server
from playhead.client.transport import HttpTransport, Request
from playhead.domain.errors import CommError, NotFoundError


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answering(raw, rest=0):
    """A server that reads something, sends `raw` (a byte at a time, if it is to `rest`) and hangs up; its URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            for piece in [raw] if not rest else [raw[at : at + 1] for at in range(len(raw))]:
                connection.sendall(piece)
                time.sleep(rest)
        listener.close()

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture(params=["loopback", "pool"], autouse=True)
def way(request, monkeypatch):
    """Each test by both ways."""
    if request.param == "pool":
        monkeypatch.setattr("playhead.client.transport.is_loopback", lambda _: False)
    return request.param


def test_each_address_has_its_way(way):
    if way == "loopback":
        for url in ("http://127.0.0.1:1", "http://localhost", "http://[::1]:5", "http://127.9.9.9/prefix"):
            assert isinstance(HttpTransport(url)._http, LoopbackHttp), url
        for url in ("https://localhost", "http://127.0.0.1.example.org", "http://localhost.example.org", "http://h:1"):
            assert isinstance(HttpTransport(url)._http, PooledHttp), url


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"
ANSWERS = {
    "length": (OK + b"body", 200, b"body"),
    "nothing": (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
    "until it hangs up": (b"HTTP/1.1 200 OK\r\n\r\nthe whole rest", 200, b"the whole rest"),
    "an old server": (b"HTTP/1.0 200 OK\r\nContent-Length: 4\r\n\r\nbody", 200, b"body"),
    "chunks": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n",
        200,
        b"abc0123456789",
    ),
    "an interim answer": (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", 404, b"no"),
}  # fmt: skip


@pytest.mark.parametrize("rest", [0, 0.001], ids=["at once", "byte by byte"])
@pytest.mark.parametrize(("raw", "status", "body"), ANSWERS.values(), ids=ANSWERS.keys())
def test_answers(raw, status, body, rest):
    transport = HttpTransport(answering(raw, rest), "k")
    answer = transport.send(Request("GET", "/health"))
    assert (answer.status, answer.body) == (status, body)
    assert all(name == name.lower() for name in answer.headers)
    transport.close()


TOO_LONG = {
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcde",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + 3 * b"4\r\nabcd\r\n",
    "until it hangs up": b"HTTP/1.1 200 OK\r\n\r\nabcde",
}


@pytest.mark.parametrize("raw", TOO_LONG.values(), ids=TOO_LONG.keys())
def test_an_answer_has_a_limit(raw):
    transport = HttpTransport(answering(raw))
    with pytest.raises(CommError, match="more than 4 bytes"):
        transport.send(Request("GET", "/health", most=4))
    transport.close()


class Keeping:
    """A server that keeps connections, and counts them; it hangs up when told so."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.connections, self.requests = [], []
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        while True:
            try:
                data = connection.recv(65536)
            except OSError:
                return
            if not data:
                return
            self.requests.append(data)
            connection.sendall(OK + b"body")

    def hang_up(self):
        for connection in self.connections:
            connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self.connections.clear()

    def close(self):
        self.hang_up()
        self.listener.close()


@pytest.fixture
def keeping():
    server = Keeping()
    yield server
    server.close()


def test_a_connection_is_used_again_unless_it_was_hung_up(keeping):
    transport = HttpTransport(keeping.url, "the-key")
    for _ in range(3):
        assert transport.send(Request("GET", "/a", {"b": "c d"})).body == b"body"
    assert len(keeping.connections) == 1
    assert keeping.requests[0].startswith(b"GET /a?b=c+d HTTP/1.1\r\n")
    assert b"Authorization: Bearer the-key\r\n" in keeping.requests[0]
    keeping.hang_up()
    assert transport.send(Request("GET", "/a")).body == b"body"
    transport.close()


def test_many_threads(keeping):
    transport, found = HttpTransport(keeping.url), []
    threads = [
        threading.Thread(target=lambda: found.extend(transport.send(Request("GET", "/")).body for _ in range(20)))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b"body"] * 240
    assert len(keeping.connections) <= 240
    transport.close()


def test_who_answers_before_it_has_read_all_is_heard():
    """A body that is too large is refused by its length alone."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection:
            connection.recv(1000)
            connection.sendall(b"HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno")
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1 << 20):
                pass
        listener.close()

    threading.Thread(target=serve, daemon=True).start()
    transport = HttpTransport(f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert transport.send(Request("POST", "/", body=bytes(20 << 20))).status == 413
    transport.close()


def test_no_server_is_said_in_one_sentence():
    transport = HttpTransport(f"http://127.0.0.1:{free_port()}", "k")
    with pytest.raises(CommError, match="no server at"):
        transport.send(Request("GET", "/health"))
    transport.close()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"not http at all\r\n\r\n",
        b"HTTP/1.1 2",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnone\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + bytes(200_000),
    ],
    ids=range(6),
)
def test_broken_answers(raw):
    transport = HttpTransport(answering(raw), "k")
    with pytest.raises(CommError):
        transport.send(Request("GET", "/health"))
    transport.close()


@pytest.mark.parametrize("length", ["-1", "many", ""])
def test_a_length_that_is_none(way, length):
    transport = HttpTransport(answering(f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nrest".encode()), "k")
    if way == "loopback":  # the library reads until the server hangs up
        with pytest.raises(CommError):
            transport.send(Request("GET", "/health"))
    else:
        assert transport.send(Request("GET", "/health")).body == b"rest"
    transport.close()


def test_server_that_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = HttpTransport(f"http://127.0.0.1:{listener.getsockname()[1]}", "k", timeout=0.2)
        with pytest.raises(CommError, match="did not answer"):
            transport.send(Request("GET", "/health"))
        transport.close()


def test_no_error_of_the_library_escapes():
    """PooledHttp turns these into errors of ours: nothing that the library raises may stand beside them."""
    caught = (urllib3.exceptions.HTTPError, urllib3.exceptions.ProxySchemeUnsupported)
    raised = [
        kind for kind in vars(urllib3.exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)
    ]
    ours = [kind for kind in raised if kind.__module__ == "urllib3.exceptions" and not issubclass(kind, Warning)]
    assert ours
    assert all(issubclass(kind, caught) for kind in ours)


def test_an_address_that_is_none():
    with pytest.raises(CommError, match="did not answer"):
        HttpTransport("http://127.0.0.1:99999").send(Request("GET", "/"))


def test_proxy_that_cannot_be_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(CommError, match="proxy"):
        HttpTransport("http://playhead.example.org")


def test_target():
    assert Request("GET", "/a").target == "/a"
    assert Request("GET", "/a", {"x": None}).target == "/a"
    assert Request("GET", "/a", {"x": 1, "y": None, "keys": ["a b", "c&d"]}).target == "/a?x=1&keys=a+b&keys=c%26d"


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        for kind in ("startup", "shutdown"):
            assert (await receive())["type"] == f"lifespan.{kind}"
            await send({"type": f"lifespan.{kind}.complete"})
        return
    body = (await receive())["body"]
    if scope["path"] == "/boom":
        raise ValueError("boom")
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    told = {
        "method": scope["method"],
        "path": scope["path"],
        "query": scope["query_string"].decode(),
        "body": body.decode(),
        "headers": headers,
    }
    status = 404 if scope["path"] == "/missing" else 200
    await send({"type": "http.response.start", "status": status, "headers": [(b"Content-Type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()[:10], "more_body": True})
    await send({"type": "http.response.body", "body": json.dumps(told).encode()[10:]})


def test_in_memory():
    transport = MemoryTransport(app, "the-key")
    answer = transport.send(Request("POST", "/a%20b", {"x": "1"}, b"hello"))
    told = json.loads(answer.body)
    assert (told["method"], told["path"], told["query"], told["body"]) == ("POST", "/a b", "x=1", "hello")
    assert told["headers"]["authorization"] == "Bearer the-key"
    assert answer.headers["content-type"] == "application/json"
    with pytest.raises(CommError, match="boom"):
        transport.send(Request("GET", "/boom"))
    transport.close()
    transport.close()


def test_answer_of_something_else():
    server = Server(MemoryTransport(app), "http://memory")
    with pytest.raises(CommError, match="does not answer as a Playhead server does"):
        server.viewer()
    server.close()


def test_missing_route():
    server = Server(MemoryTransport(app), "http://memory")
    with pytest.raises(NotFoundError):
        server._get("/missing", dict)
    server.close()
