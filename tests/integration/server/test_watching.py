"""Watching a server: what it counts, and what it writes to its log."""

import json
import re
import subprocess
import sys

from playhead.journal import format as f
from playhead.services.counters import COUNTED
from waiting import until


def numbers(server):
    """Name with labels -> value."""
    answer = server.request("GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = [line for line in answer.data.decode().splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'[a-z_]+({([a-z_]+="[^"]*",?)+})? \S+', line) for line in lines)
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_what_is_stored_and_refused_is_counted(own_server, journal):
    own_server.start()
    one = journal().start().rows(10)
    own_server.client().append(one.stream, 0, one.data)
    assert own_server.send(one.stream, 3, b"x").status == 409
    own_server.request("GET", "/api/v1/runs/nobody/nothing")
    told = until(lambda: found if "playhead_refused_total" in str(found := numbers(own_server)) else None)
    assert told["playhead_ingested_stretches_total"] == 1
    assert told["playhead_ingested_bytes_total"] == len(one.data)
    assert told['playhead_ingested_points_total{source="history"}'] == 10
    assert told["playhead_ingest_lag_seconds_count"] == 1
    assert sum(value for name, value in told.items() if name.startswith("playhead_refused_total")) == 1
    labels = 'method="POST",route="/api/v1/streams/{stream}",status="409"'
    assert told[f"playhead_request_seconds_count{{{labels}}}"] == 1
    assert told[f'playhead_request_seconds_bucket{{{labels},le="+Inf"}}'] == 1
    assert (
        told['playhead_request_seconds_count{method="GET",route="/api/v1/runs/{entity}/{project}",status="404"}'] == 1
    )
    assert told["playhead_ingest_waiting"] == told["playhead_event_listeners"] == 0
    size = len(one.data)
    one.record(f.META, 10, dropped=3)
    own_server.client().append(one.stream, size, one.data[size:])
    assert numbers(own_server)["playhead_dropped_values_total"] == 3
    assert all(f"# TYPE {name} " in own_server.request("GET", "/metrics").data.decode() for name in COUNTED)


def test_only_administrators_watch(server, bob):
    assert server.request("GET", "/metrics", None).status == 401
    assert server.request("GET", "/metrics", bob).status == 403


LOGGED = """
import logging
from playhead.server import logs
logs.begin("{form}")
logs.request("GET", "/quick", "page", 404, 0.01)
logs.request("GET", "/slow\\n", "page", 200, 1.5)
logs.request("POST", "/failed", "/api/{{x}}", 500, 0.1)
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("playhead.server").exception("fault %s", 7)
"""


def logged(form):
    code = LOGGED.format(form=form)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stderr.splitlines()


def test_slow_and_failed_requests_are_lines_of_json():
    slow, failed, fault = map(json.loads, logged("json"))
    assert (slow["level"], slow["route"], slow["status"], slow["seconds"]) == ("warning", "page", 200, 1.5)
    assert (failed["level"], failed["method"], failed["path"], failed["status"]) == ("error", "POST", "/failed", 500)
    assert fault["message"] == "fault 7"
    assert "ZeroDivisionError" in fault["error"]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in (slow, failed, fault))


def test_people_get_text():
    lines = logged("text")
    assert "WARNING playhead.requests: slow request: GET /slow\\n 200 in 1.500 s" in lines[0]
    assert "ERROR playhead.requests: failed request: POST /failed" in lines[1]


def test_of_many_slow_requests_some_are_told():
    code = (
        "from playhead.server import logs\nlogs.begin('text')\n"
        "for _ in range(100): logs.request('GET', '/slow', 'page', 200, 1.5)\n"
        "logs.request('GET', '/failed', 'page', 500, 1.5)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    lines = done.stderr.splitlines()
    assert 0 < len(lines) - 1 < 50
    assert "/failed" in lines[-1]


def test_a_server_that_logs_json_serves(own_server):
    own_server.start("--log-format", "json")
    assert own_server.request("GET", "/health").status == 200
    own_server.stop()
    assert all(json.loads(line) for line in own_server.log.splitlines())


def test_a_log_of_another_format_is_refused(own_server):
    done = own_server.cli("server", "--log-format", "xml")
    assert done.returncode != 0
    assert "xml" in done.stderr
