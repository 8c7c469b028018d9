"""The server as a process: kill and replay, one a folder, ports, stopping, idling, and its commands."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

from pydantic import TypeAdapter

from playhead import composition
from playhead.client import local
from playhead.client.memory import MemoryTransport
from playhead.client.transport import Request
from playhead.domain.errors import OffsetError
from playhead.journal import format as f
from playhead.server.settings import ServerSettings
from playhead.wire import routes
from playhead.wire.views import ChartQuery
from waiting import until


def send_all(server, journal):
    """As the sidecar does: from the offset that the server has."""
    client = server.client()
    offset = client.stream_offset(journal.stream)
    while offset < len(journal.data):
        try:
            offset = client.append(journal.stream, offset, journal.data[offset:][:20_000]).offset
        except OffsetError as error:
            offset = error.expected
    return offset


def test_killed_in_the_middle_every_row_is_there_once(own_server, journal):
    own_server.start()
    one = journal().start().rows(2_000)
    one.record(f.EXIT, 2_000, code=0)
    data, offset, sent = one.data, 0, 0
    for _ in range(2):
        client = own_server.client()
        for _ in range(2):
            offset = client.append(one.stream, offset, data[offset:][:15_000]).offset
            sent += 1
        own_server.stop(signal.SIGKILL)
        own_server.start()
        assert own_server.client().stream_offset(one.stream) == offset
    send_all(own_server, one)
    client = own_server.client()
    [series] = client.keys(one.run)
    assert (series.count, series.first_step, series.last_step) == (2_000, 0, 1_999)
    run = client.run(one.run)
    assert (run.state, run.step, run.summary["loss"]) == ("finished", 2_000, 1 / 2_000)


def test_killed_while_many_send(own_server, journal):
    own_server.start()
    runs = [journal().start().rows(500) for _ in range(4)]
    senders = [
        subprocess.Popen(
            [sys.executable, "-c", _SEND, own_server.url, own_server.key, one.stream, str(one.path)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}, stderr=subprocess.DEVNULL,
        )
        for one in runs
    ]  # fmt: skip
    time.sleep(0.7)
    own_server.stop(signal.SIGKILL)
    for sender in senders:
        sender.wait(60)
    own_server.start()
    for one in runs:
        send_all(own_server, one)
        assert [row["_step"] for row in own_server.client().rows(one.run).items] == list(range(500))
        assert own_server.client().keys(one.run)[0].count == 500


_SEND = """
import sys
from playhead.client.server import Server
from playhead.client.transport import HttpTransport
url, key, stream, path = sys.argv[1:]
client, data, offset = Server(HttpTransport(url, key), url), open(path, "rb").read(), 0
end = 400
while offset < len(data):
    end = min(end + 300, len(data))
    offset = client.append(stream, offset, data[offset:end]).offset
"""


def test_a_second_server_on_the_folder_is_refused(own_server):
    own_server.start()
    second = own_server.cli("server", "--data-dir", str(own_server.data), "--port", "0")
    assert second.returncode == 1
    assert "Another server uses" in second.stderr
    assert own_server.url in second.stderr
    assert "playhead server stop" in second.stderr
    assert own_server.request("GET", "/ready").status == 200


def test_a_taken_port_is_told(own_server):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = own_server.cli("server", "--data-dir", str(own_server.data), "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port}" in done.stderr
    assert "--port" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_store_is_told(own_server):
    done = own_server.cli("server", "--data-dir", str(own_server.data), "--port", "0", "--metrics", "clickhouse://x")
    assert done.returncode == 1
    assert "duckdb" in done.stderr
    assert "Traceback" not in done.stderr


def test_status_and_stop(own_server):
    where = ["--data-dir", str(own_server.data)]
    down = own_server.cli("server", *where, "status", "--json")
    assert down.returncode == 1
    assert json.loads(down.stdout)["running"] is False
    own_server.start()
    up = json.loads(own_server.cli("server", *where, "status", "--json").stdout)
    assert (up["running"], up["url"], up["pid"]) == (True, own_server.url, own_server.process.pid)
    stopped = own_server.cli("server", *where, "stop")
    assert stopped.stdout.strip() == "Stopped."
    assert own_server.process.wait(60) == 0
    assert own_server.cli("server", *where, "stop").stdout.strip() == "No server is running."


def test_one_that_is_being_started_is_stopped_too(own_server):
    local.find_or_start(own_server.data)
    stopped = own_server.cli("server", "--data-dir", str(own_server.data), "stop")
    assert (stopped.returncode, stopped.stdout.strip()) == (0, "Stopped."), stopped.stderr
    assert not local.is_taken(own_server.data)


def test_the_local_server_starts_by_itself_and_ends_when_idle(tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYHEAD_IDLE", "0.02")
    folder = tmp_path / "data"
    found = local.find_or_start(folder)
    again = local.find_or_start(folder)
    assert (again.url, again.key) == (found.url, found.key)
    assert (folder / "local.key").stat().st_mode & 0o777 == 0o600
    until(lambda: local.read_state(folder).get("pid"))
    until(lambda: local.running(folder) is None)
    assert (folder / "session.secret").stat().st_mode & 0o777 == 0o600


def test_silent_runs_crash_and_come_back(own_server, journal):
    own_server.start(PLAYHEAD_SILENT_AFTER="1")
    one = journal().start().rows(3)
    client = own_server.client()
    client.append(one.stream, 0, one.data)
    until(lambda: client.run(one.run).state == "crashed")
    crashed = client.run(one.run)
    assert crashed.finished_at == crashed.heartbeat_at
    client.append(one.stream, len(one.data), b"")
    assert client.run(one.run).state == "running"


def chart_is_settled(server, run, seconds=60):
    """Whether the chart of a run of 210,000 rows is soon drawn from tiles: its buckets then are as wide as some of these."""
    query, end = ChartQuery(runs=[run.run_id], key="loss", buckets=1_000), time.monotonic() + seconds
    while time.monotonic() < end:
        _, grid = server.client().chart(run.entity, run.project, query)
        if grid["width"] == 256:
            return True
        assert grid["width"] == 210
        time.sleep(0.2)
    return False


def test_what_was_to_be_settled_when_the_server_died_is_settled_by_the_next(own_server, journal):
    own_server.start()
    one = journal().start().rows(210_000)
    one.record(f.EXIT, 210_000, code=0)
    own_server.client().append(one.stream, 0, one.data)
    own_server.stop(signal.SIGKILL)
    own_server.start()
    assert chart_is_settled(own_server, one.run)
    assert own_server.client().keys(one.run)[0].count == 210_000


def test_a_run_that_grows_is_settled_while_it_is_live(server, journal):
    one = journal(project="growing").start().rows(210_000)
    server.client().append(one.stream, 0, one.data)
    assert chart_is_settled(server, one.run)
    size = len(one.data)
    one.rows(1, first=209_999).rows(10, first=210_000)
    server.client().append(one.stream, size, one.data[size:])
    assert server.client().run(one.run).state == "running"
    assert server.client().keys(one.run)[0].count == 210_010


def test_users_are_added_with_and_without_a_server(own_server):
    before = own_server.add_user("eve")
    own_server.start()
    after = own_server.add_user("mallory")
    assert own_server.client(before).viewer().username == "eve"
    assert own_server.client(after).viewer().username == "mallory"
    assert not own_server.client(before).viewer().admin
    twice = own_server.cli("user", "add", "eve", "--data-dir", str(own_server.data))
    assert twice.returncode == 1
    assert "taken" in twice.stderr


def test_help_needs_no_server_side():
    code = "import sys, playhead.cli; from click.testing import CliRunner; r = CliRunner().invoke(playhead.cli.main, ['--help']); "
    code += "print(r.output); print([n for n in ('fastapi', 'duckdb', 'sqlalchemy', 'numpy') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")
    assert "server" in done.stdout


def test_a_restart_keeps_sessions_and_links(own_server):
    own_server.start()
    login = own_server.request("POST", "/api/v1/session", None, {"key": own_server.key})
    cookie = login.headers["set-cookie"].partition(";")[0]
    assert own_server.stop() == 0
    own_server.start()
    assert own_server.request("GET", "/api/v1/viewer", None, Cookie=cookie).status == 200


def test_routes_are_there_before_they_are_asked_for(tmp_path, monkeypatch):
    application = composition.compose(
        ServerSettings(data_dir=tmp_path, url="http://memory"), user="ada", key="local-" + "k" * 40
    )
    transport = MemoryTransport(application.app, "local-" + "k" * 40)
    try:
        warming = threading.Thread(
            target=application.app.warm
        )  # as the server does it: this thread may have a loop of its own
        warming.start()
        warming.join()
        built = []
        monkeypatch.setattr(TypeAdapter, "__init__", lambda *_, **__: built.append(1))
        assert json.loads(transport.send(Request("GET", routes.VIEWER)).body)["entity"] == "ada"
        assert transport.send(Request("GET", "/api/v1/nowhere")).status == 404
        assert not built
    finally:
        transport.close()
        application.close()
