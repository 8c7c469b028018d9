"""What a browser meets: sessions, links with a token, other sites' pages, the page's files, live events."""

import json
import shutil
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest

from a_server import ME, SOURCE
from playhead.journal import format as f
from playhead.wire import tokens


def cookie_of(answer):
    return answer.headers["set-cookie"].partition(";")[0]


@pytest.fixture(scope="module")
def session(server):
    answer = server.request("POST", "/api/v1/session", None, {"key": server.key})
    assert answer.status == 200
    return cookie_of(answer)


def test_a_key_becomes_a_session(server, session):
    answer = server.request("POST", "/api/v1/session", None, {"key": server.key})
    assert json.loads(answer.data)["username"] == ME
    for part in ("HttpOnly", "SameSite=strict", "Max-Age=2592000", "Path=/"):
        assert part in answer.headers["set-cookie"]
    assert server.key not in answer.headers["set-cookie"]
    viewer = server.request("GET", "/api/v1/viewer", None, Cookie=session)
    assert json.loads(viewer.data)["username"] == ME
    assert server.request("GET", "/api/v1/viewer", None, Cookie=session[:-1] + "x").status == 401
    assert server.request("POST", "/api/v1/session", None, {"key": "wrong"}).status == 401


def test_logging_out_takes_the_cookie_back(server):
    answer = server.request("DELETE", "/api/v1/session", None)
    assert answer.status == 204
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_the_printed_link_logs_in_and_leads_to_the_clean_address(server):
    link = server.link
    answer = server.pool.request("GET", link.replace("/?", f"/{ME}/demo?step=5&"), redirect=False)
    assert answer.status == 303
    assert answer.headers["location"] == f"/{ME}/demo?step=5"
    viewer = server.request("GET", "/api/v1/viewer", None, Cookie=cookie_of(answer))
    assert json.loads(viewer.data)["username"] == ME


@pytest.mark.parametrize("token", ["", "1.abc", "99999999999.0000", "é", tokens.mint("another key", 99_999_999_999)])
def test_a_wrong_token_opens_nothing(server, token):
    answer = server.pool.request("GET", server.url + "/", fields={"token": token}, redirect=False)
    assert answer.status == 303
    assert "set-cookie" not in answer.headers
    assert server.request("POST", "/api/v1/session", None, {"token": token}).status == 401


def test_an_expired_token_opens_nothing(server):
    answer = server.request("POST", "/api/v1/session", None, {"token": tokens.mint(server.key, int(time.time()) - 1)})
    assert answer.status == 401
    good = server.request("POST", "/api/v1/session", None, {"token": tokens.mint(server.key, int(time.time()) + 60)})
    assert good.status == 200


def test_a_token_cannot_lead_elsewhere(server):
    answer = server.pool.request("GET", server.url + "//evil.example/x?token=1.2", redirect=False)
    assert answer.headers["location"].startswith("/evil")


def test_another_sites_page_cannot_change_anything(server, session, journal):
    one = journal().start()
    server.client().append(one.stream, 0, one.data)
    path = f"/api/v1/runs/{ME}/demo/{one.run.run_id}"
    host = urlsplit(server.url).netloc
    refused = [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site", "Origin": f"http://{host}"},
    ]
    for headers in refused:
        assert server.request("PATCH", path, None, {"name": "x"}, Cookie=session, **headers).status == 403, headers
        assert server.request("DELETE", path, None, Cookie=session, **headers).status == 403, headers
    for headers in ({"Origin": f"http://{host}"}, {"Sec_Fetch_Site": "same-origin"}):
        assert server.request("PATCH", path, None, {"name": "mine"}, Cookie=session, **headers).status == 200
    assert server.client().run(one.run).name == "mine"
    login = server.request("POST", "/api/v1/session", None, {"key": server.key}, Origin="http://evil.example")
    assert login.status == 403


def test_other_names_of_this_machine_are_refused(server):
    for name in ("evil.example", "evil.example:8237", "127.0.0.1.evil.example", "", "[::2]"):
        assert server.request("GET", "/api/v1/viewer", Host=name).status == 421, name
    for name in ("localhost", "localhost:1", "127.0.0.1:99", "[::1]:5"):
        assert server.request("GET", "/api/v1/viewer", Host=name).status == 200, name


def test_failed_logins_are_slowed_down(own_server):
    own_server.start()
    codes = [own_server.request("GET", "/api/v1/viewer", f"local-{i:040}").status for i in range(25)]
    assert codes[:20] == [401] * 20
    assert codes[20:] == [429] * 5
    slow = own_server.request("GET", "/api/v1/viewer", "local-" + "0" * 40)
    assert int(slow.headers["retry-after"]) > 0
    assert own_server.request("GET", "/api/v1/viewer").status == 200


@pytest.mark.parametrize("path", ["/", f"/{ME}/demo", f"/{ME}/demo/runs/x/console", "/settings"])
def test_every_address_of_the_page_is_the_page(server, path):
    answer = server.request("GET", path, None)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/html")
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-frame-options"] == "DENY"


def test_large_files_of_the_page_are_read_when_they_are_asked_for(own_server, tmp_path):
    source = shutil.copytree(SOURCE / "playhead", tmp_path / "src" / "playhead")
    viewer = source / "server" / "page" / "assets" / "viewer.js"
    viewer.parent.mkdir(parents=True, exist_ok=True)
    viewer.write_bytes(b"// viewer\n" * 200_000)
    own_server.start(PYTHONPATH=str(source.parent))
    path = "/assets/viewer.js"
    for headers in ({}, {"Accept_Encoding": "gzip"}):
        answer = own_server.request("GET", path, None, **headers)
        assert answer.data == viewer.read_bytes()
        assert ("content-encoding" in answer.headers) == bool(headers)
    viewer.unlink()
    assert own_server.request("GET", path, None).status == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/v1/nothing", 404), ("GET", "/assets/none.js", 404), ("POST", "/health", 405), ("PUT", "/x", 405),
     ("GET", "/api/v1/session", 405), ("GET", f"/api/v1/runs/{ME}/demo?limit=0", 422), ("GET", f"/api/v1/runs/{ME}/demo?limit=x", 422)],
)  # fmt: skip
def test_every_error_has_one_shape(server, method, path, status):
    answer = server.request(method, path)
    assert answer.status == status
    error = json.loads(answer.data)["error"]
    assert set(error) == {"code", "message", "offset", "holder", "position"}
    assert error["message"]


def test_basic_authentication_with_a_key(server):
    good = __import__("base64").b64encode(f"api:{server.key}".encode()).decode()
    assert server.request("GET", "/api/v1/viewer", None, Authorization=f"Basic {good}").status == 200
    for wrong in ("Basic !!!", "Basic YXBpOng=", "Digest x", "Bearer ", "Bearer é", f"Bearer {'x' * 5000}"):
        assert server.request("GET", "/api/v1/viewer", None, Authorization=wrong.encode()).status in {401, 429}


class Events:
    """An open event stream."""

    def __init__(self, server, path):
        parts = urlsplit(server.url)
        self.socket = socket.create_connection((parts.hostname, parts.port), timeout=60)
        head = f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {server.key}\r\n\r\n"
        self.socket.sendall(head.encode())
        self.text = ""

    def wait_for(self, part, seconds):
        end = time.monotonic() + seconds
        while part not in self.text and time.monotonic() < end:
            self.socket.settimeout(max(0.01, end - time.monotonic()))
            try:
                data = self.socket.recv(65536)
            except TimeoutError:
                break
            if not data:
                break
            self.text += data.decode()
        return part in self.text


def test_changes_are_told(server, journal):
    first = journal(project="watched").start().rows(1)
    server.client().append(first.stream, 0, first.data)
    events = Events(server, f"/api/v1/projects/{ME}/watched/events")
    assert events.wait_for("text/event-stream", 30)
    one = journal(project="watched").start().rows(7)
    server.client().append(one.stream, 0, one.data)
    assert events.wait_for(f'"id":"{one.run.run_id}","state":"running","step":7', 30)
    offset = len(one.data)
    one.record(f.EXIT, 7, code=0)
    server.client().append(one.stream, offset, one.data[offset:])
    assert events.wait_for(f'"id":"{one.run.run_id}","state":"finished"', 30)
    server.client().delete(one.run)
    assert events.wait_for(f'"removed":["{one.run.run_id}"]', 30)
    events.socket.close()


def test_an_open_event_stream_does_not_hold_the_server_up(own_server, journal):
    own_server.start()
    one = journal().start().rows(1)
    own_server.client().append(one.stream, 0, one.data)
    events = [Events(own_server, f"/api/v1/projects/{ME}/demo/events") for _ in range(3)]
    assert all(stream.wait_for("event", 30) for stream in events)
    begun = time.monotonic()
    stopped = threading.Thread(target=own_server.stop)
    stopped.start()
    stopped.join(60)
    assert time.monotonic() - begun < 30
    for stream in events:
        stream.socket.close()
    assert own_server.process.returncode == 0


def test_api_keys_are_made_listed_and_taken_back_by_their_owner(server, bob):
    made = json.loads(server.request("POST", "/api/v1/api-keys", bob, {"name": "cluster"}).data)
    assert server.client(made["api_key"]).viewer().username == "bob"
    listed = json.loads(server.request("GET", "/api/v1/api-keys", bob).data)
    assert [key["name"] for key in listed][-1] == "cluster"
    assert made["api_key"] not in json.dumps(listed)
    path = f"/api/v1/api-keys/{made['id']}"
    assert server.request("DELETE", path).status == 404  # somebody else's
    assert server.request("DELETE", path, bob).status == 204
    assert server.request("GET", "/api/v1/viewer", made["api_key"]).status == 401
    assert server.request("DELETE", path, bob).status == 404
    assert server.request("GET", "/api/v1/api-keys", None).status == 401
    assert server.request("POST", "/api/v1/api-keys", bob, {"name": " \n"}).status == 400


def test_the_key_that_programs_find_the_local_server_by_stays(server):
    [own] = [key for key in json.loads(server.request("GET", "/api/v1/api-keys").data) if "own" in key["name"]]
    answer = server.request("DELETE", f"/api/v1/api-keys/{own['id']}")
    assert answer.status == 409
    assert server.request("GET", "/api/v1/viewer").status == 200
