"""Alerts to webhooks: a real server, and a real receiver."""

import http.server
import json
import signal
import ssl
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from playhead.client.api import Api
from playhead.journal import format as f
from waiting import until


class Receiver:
    """Answers each request with the next of `statuses`, then with 200."""

    def __init__(self, certificate=None):
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
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.url = f"https://localhost:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def wait(self, count):
        until(lambda: len(self.bodies) >= count)
        return self.bodies


@pytest.fixture
def receiver():
    one = Receiver()
    yield one
    one.close()


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


def test_a_title_is_sent_once_in_its_while_whoever_tells_it(server, project, receiver, journal):
    ours = project(server)
    ours.add(receiver.url)
    ours.alert("a", wait=3_600)
    again = journal(
        project=ours.run.run.project, run_id=ours.run.run.run_id, segment=ours.run.header.segment, role="system"
    )
    again.record(f.ALERT, 4, title="a", text="", level="INFO", wait=3_600)
    assert server.send(again.stream, 0, again.data).status == 200
    ours.alert("a", wait=3_600)
    ours.alert("b", wait=3_600)
    assert [one["title"] for one in receiver.wait(2)] == ["a", "b"]
    marks = Api(server=server.client()).run("/".join(ours.run.run)).alerts
    assert sorted(mark.text for mark in marks) == ["a", "a", "a", "b"]


@pytest.fixture
def certificate(tmp_path):
    """Makes a certificate with its key, and answers their file; without a `by` it is an authority of its own."""

    def make(name, *, by=None, host="localhost", days=1):
        key = ec.generate_private_key(ec.SECP256R1())
        whose = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder().subject_name(whose).public_key(key.public_key())
        made = made.issuer_name(whose if by is None else by.whose).serial_number(x509.random_serial_number())
        made = made.not_valid_before(now - timedelta(days=9)).not_valid_after(now + timedelta(days=days))
        made = made.add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        signed = made.sign(key if by is None else by.key, hashes.SHA256())
        path = tmp_path / f"{name}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(private + signed.public_bytes(Encoding.PEM))
        return SimpleNamespace(path=path, key=key, whose=whose)

    return make


def test_tls_is_believed_with_a_good_certificate_only(own_server, project, certificate):
    trusted, unknown = certificate("trusted"), certificate("unknown")
    receivers = {
        "": Receiver(certificate("good", by=trusted).path),
        "expired": Receiver(certificate("old", by=trusted, days=-1).path),
        "not valid for 'localhost'": Receiver(certificate("other", by=trusted, host="example.org").path),
        "unable to get local issuer": Receiver(certificate("foreign", by=unknown).path),
        "self-signed": Receiver(unknown.path),
    }
    plain = Receiver()
    try:
        own_server.start(SSL_CERT_FILE=str(trusted.path))
        ours = project(own_server)
        for one in receivers.values():
            ours.add(one.url)
        ours.add(plain.url.replace("http:", "https:"))
        ours.alert("a")
        assert receivers[""].wait(1)[0]["title"] == "a"

        def problems():
            told = {one["url"]: one["problem"] for one in own_server.request("GET", ours.path).json()}
            return told if sum(problem is not None for problem in told.values()) == 5 else None

        until(problems)
        told = problems()
        for problem, one in receivers.items():
            if problem:
                assert "CERTIFICATE_VERIFY_FAILED" in told[one.url]
                assert problem.replace("-", " ") in told[one.url].replace("-", " ")
                assert one.bodies == []
        assert plain.bodies == []
        assert told[receivers[""].url] is None
    finally:
        for one in (*receivers.values(), plain):
            one.close()


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
