"""Requests over sockets and in memory."""

import json
import socket
import threading

import pytest
import urllib3.exceptions

from playhead.client.memory import MemoryTransport
from playhead.client.server import Server
from playhead.client.transport import HttpTransport, Request
from playhead.domain.errors import CommError, NotFoundError


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answering(raw):
    """A server that reads something, sends `raw` and hangs up; its URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(raw)
        listener.close()

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_no_server_is_said_in_one_sentence():
    transport = HttpTransport(f"http://127.0.0.1:{free_port()}", "k")
    with pytest.raises(CommError, match="no server at"):
        transport.send(Request("GET", "/health"))
    transport.close()


@pytest.mark.parametrize(
    "raw", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort", b"not http at all\r\n\r\n"]
)
def test_broken_answers(raw):
    transport = HttpTransport(answering(raw), "k")
    with pytest.raises(CommError):
        transport.send(Request("GET", "/health"))
    transport.close()


def test_server_that_says_nothing():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        transport = HttpTransport(f"http://127.0.0.1:{listener.getsockname()[1]}", "k", timeout=0.2)
        with pytest.raises(CommError, match="did not answer"):
            transport.send(Request("GET", "/health"))
        transport.close()


def test_no_error_of_the_library_escapes():
    """HttpTransport turns these into CommError: nothing that the library raises may stand beside them."""
    caught = (urllib3.exceptions.HTTPError, urllib3.exceptions.ProxySchemeUnsupported)
    raised = [
        kind for kind in vars(urllib3.exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)
    ]
    ours = [kind for kind in raised if kind.__module__ == "urllib3.exceptions" and not issubclass(kind, Warning)]
    assert ours
    assert all(issubclass(kind, caught) for kind in ours)


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
