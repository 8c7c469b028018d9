"""Alerts to webhooks: a real server, and a real receiver."""

import http.server
import json
import signal
import threading
import time

import pytest

from playhead.journal import format as f

PATIENCE = 60


class Receiver:
    """Answers each request with the next of `statuses`, then with 200."""

    def __init__(self):
        self.statuses, self.bodies, self.headers = [], [], {}
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                receiver.bodies.append(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count):
        until(lambda: len(self.bodies) >= count)
        return self.bodies


def until(true):
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.server.shutdown()
    one.server.server_close()


class Project:
    """A run in a project of its own, and its webhooks."""

    def __init__(self, server, run):
        self.server, self.run, self.sent = server, run, 0
        self.path = f"/api/v1/projects/{run.run.entity}/{run.run.project}/webhooks"
        self.send()

    def send(self):
        data = self.run.data
        assert self.server.send(self.run.stream, self.sent, data[self.sent :]).status == 200
        self.sent = len(data)

    def alert(self, title, **data):
        self.run.record(f.ALERT, 3, title=title, text="see", level="WARN", **data)
        self.send()

    def add(self, url, status=201, **more):
        answer = self.server.request("POST", self.path, body={"url": url, **more})
        assert answer.status == status, answer.data
        return answer.json()

    def problem(self):
        [one] = self.server.request("GET", self.path).json()
        return one["problem"]


@pytest.fixture
def project(journal):
    def make(server):
        run = journal()
        return Project(server, journal(project=f"hooks-{run.stream}").start())

    return make


def test_an_alert_is_sent_to_every_webhook_once(server, project, receiver):
    ours = project(server)
    ours.alert("before there was one")
    ours.add(receiver.url + "/json")
    ours.add(receiver.url + "/slack", format="slack")
    ours.alert("loss is NaN")
    assert server.send(ours.run.stream, 0, ours.run.data).status == 409
    ours.alert("again")
    bodies = receiver.wait(4)
    told = next(one for one in bodies if one.get("title") == "loss is NaN")
    assert (told["type"], told["text"], told["level"], told["step"]) == ("alert", "see", "WARN", 3)
    assert told["run"]["url"] == f"{server.url}/{'/'.join(ours.run.run[:2])}/runs/{ours.run.run.run_id}"
    assert sorted(one["title"] for one in bodies if "title" in one) == ["again", "loss is NaN"]
    assert sorted(one["blocks"][0]["text"]["text"] for one in bodies if "blocks" in one) == [
        "WARN: again",
        "WARN: loss is NaN",
    ]


def test_it_goes_on_after_errors_and_after_the_server_was_killed(own_server, project, receiver):
    own_server.start()
    ours = project(own_server)
    ours.add(receiver.url)
    receiver.statuses[:] = [500, 503]
    receiver.headers = {"Retry-After": "1"}
    ours.alert("a")
    until(lambda: ours.problem() is not None)
    own_server.stop(signal.SIGKILL)
    own_server.start()
    assert [one["title"] for one in receiver.wait(3)] == ["a"] * 3
    until(lambda: ours.problem() is None)
    ours.alert("b")
    assert receiver.wait(4)[3]["title"] == "b"


def test_neither_redirects_nor_refusals_are_tried_again(server, project, receiver):
    ours = project(server)
    ours.add(receiver.url)
    receiver.statuses[:] = [307, 404]
    receiver.headers = {"Location": receiver.url + "/elsewhere"}
    ours.alert("a")
    until(lambda: ours.problem() == "It answered 307.")
    ours.alert("b")
    until(lambda: ours.problem() == "It answered 404.")
    ours.alert("c")
    until(lambda: ours.problem() is None)
    assert [one["title"] for one in receiver.bodies] == ["a", "b", "c"]
    refused = 'playhead_alerts_not_sent_total{reason="refused"} 2'
    until(lambda: refused in server.request("GET", "/metrics").data.decode())


def test_private_addresses_are_for_whoever_runs_the_server_to_allow(own_server, project, receiver):
    own_server.start()
    ours = project(own_server)
    ours.add(receiver.url)
    own_server.stop()
    own_server.start("--no-webhooks-private")
    for url in (receiver.url, "http://169.254.169.254/latest", "http://localhost/", "gopher://example.org"):
        ours.add(url, 400)
    ours.alert("a")
    until(lambda: ours.problem() is not None)
    assert "--webhooks-private" in ours.problem()
    assert receiver.bodies == []


def test_only_members_see_and_change_them(server, project, bob):
    ours = project(server)
    made = ours.add("https://example.org/services/secret")
    own = ours.path + "/" + made["id"]
    new = {"url": "https://example.org/"}
    assert server.request("GET", ours.path, bob).status == 404
    assert server.request("PATCH", ours.path.removesuffix("/webhooks"), body={"visibility": "open"}).status == 200
    [seen] = server.request("GET", ours.path, bob).json()
    assert seen["url"] == "https://example.org/…"
    assert server.request("GET", ours.path).json() == [made]
    assert server.request("POST", ours.path, bob, new).status == 403
    assert server.request("DELETE", own, bob).status == 403
    assert server.request("GET", ours.path, None).status == 401
    assert server.request("DELETE", own).status == 204
    assert server.request("DELETE", own).status == 404


def test_there_are_only_so_many(server, project):
    ours = project(server)
    for _ in range(20):
        ours.add("https://example.org/")
    ours.add("https://example.org/", 413)
    assert len(server.request("GET", ours.path).json()) == 20
    ours.add("https://example.org/", 400, format="xml")


def test_the_command_line_has_them(server, project):
    ours = project(server)
    name = "/".join(ours.run.run[:2])

    def say(*words):
        done = server.cli("projects", "webhooks", *words, PLAYHEAD_BASE_URL=server.url, PLAYHEAD_API_KEY=server.key)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert say("list", name) == "No webhooks.\n"
    made = json.loads(say("add", name, "https://hooks.slack.com/services/x", "--json"))
    assert made["format"] == "slack"
    assert made["id"] in say("list", name)
    assert say("remove", name, made["id"]) == f"Removed {made['id']}.\n"
    assert json.loads(say("list", name, "--json")) == []
