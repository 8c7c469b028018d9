"""The file stream, spoken by hand: slices, retries, bad lines, and what each becomes."""

import gzip
import itertools
import json
import math
import time

import pytest

PROJECT = "streams"
_numbers = itertools.count()
HISTORY, EVENTS, SUMMARY, CONSOLE = "wandb-history.jsonl", "wandb-events.jsonl", "wandb-summary.json", "output.log"
BEGUN = 1_780_000_000.0


class Session:
    """A run that W&B's client has begun."""

    def __init__(self, server, entity, **more):
        number = next(_numbers)
        self.server, self.entity, self.id = server, entity, more.pop("run_id", f"r{number}-{time.time_ns()}")
        ask = {
            "project": PROJECT, "run_id": self.id, "stream": f"wandb-{time.time_ns()}", "segment": f"s{time.time_ns()}",
            "created_at": int(BEGUN * 1e6) + 500_000, **more,
        }  # fmt: skip
        answer = server.request("POST", "/api/v1/begin", body=ask)
        assert answer.status == 200, answer.data
        self.begun = answer.json()

    def post(self, body, status=200, **headers):
        """One request."""
        path = f"/files/{self.entity}/{PROJECT}/{self.id}/file_stream"
        answer = self.server.request("POST", path, body=body, **headers)
        assert answer.status == status, answer.data
        return answer.json()

    def send(self, offset=0, lines=(), file=HISTORY, **more):
        """Lines of one file; what is no text becomes JSON."""
        content = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        return self.post({"files": {file: {"offset": offset, "content": content}}, **more})

    def get(self, path="", **query):
        """What our own API says of the run."""
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        return self.server.get(f"/runs/{self.entity}/{PROJECT}/{self.id}{path}{'&' if '?' in path else '?'}{asked}")

    def rows(self, **query):
        return self.get("/rows", **query)["items"]


@pytest.fixture
def session(server, entity):
    return Session(server, entity)


def row(step, **values):
    return {"_step": step, "_timestamp": BEGUN + step, "_runtime": step + 0.0, **values}


def test_rows_of_every_kind(session):
    session.send(
        0,
        [
            '{"_step":0,"_timestamp":1780000001.5,"_runtime":1.5,"nan":NaN,"inf":-Infinity,"n":1,"a":{"b":{"c":2.5}},"d.e":true}'
        ],
    )
    session.send(
        1,
        [
            row(
                1,
                s="text",
                none=None,
                list=[1, 2],
                big=1 << 60,
                huge=1e300,
                picture={"_type": "image-file", "path": "media/x.png"},
            )
        ],
    )
    session.send(2, [row(4, n=2, nan=0.5)])
    first, second, third = session.rows()
    assert math.isnan(first.pop("nan")) if isinstance(first["nan"], float) else first.pop("nan") == "NaN"
    first.pop("inf")
    assert {key: first[key] for key in ("_step", "n", "a.b.c", "d.e")} == {
        "_step": 0,
        "n": 1,
        "a.b.c": 2.5,
        "d.e": True,
    }
    assert first["_timestamp"] == pytest.approx(BEGUN + 1.5)
    assert first["_runtime"] == pytest.approx(1.5)
    assert second["big"] == 1 << 60
    assert (second["s"], second["none"], second["list"]) == ("text", None, [1, 2])
    assert second["picture"]["path"] == "media/x.png"
    assert (third["_step"], third["n"], third["nan"]) == (4, 2, 0.5)
    run = session.get()
    assert (run["step"], run["damaged"], run["state"]) == (5, 0, "running")


def test_any_slicing_is_taken_once(session):
    lines = [row(step, loss=step * 0.5) for step in range(30)]
    for start, stop in ((0, 3), (0, 3), (0, 5), (4, 9), (20, 30), (3, 12), (11, 21), (0, 30)):
        session.send(start, lines[start:stop])
    # What has been taken is not looked at again.
    session.send(0, [row(step, loss=-1.0) for step in range(30)])
    assert [(one["_step"], one["loss"]) for one in session.rows()] == [(step, step * 0.5) for step in range(30)]
    assert session.get()["damaged"] == 0


def test_bad_lines_are_kept_out_and_counted(session):
    bad = [
        "",
        "nonsense",
        "[1]",
        '{"loss": 1',
        '{"loss":1}',
        '{"_step":-1}',
        '{"_step":"x"}',
        '{"_step":true}',
        "\ud800",
    ]
    content = [json.dumps(row(0, loss=1)), *bad, 5, None, {"_step": 9}, json.dumps(row(1, loss=2))]
    for _ in range(2):
        session.post({"files": {HISTORY: {"offset": 0, "content": content}}})
    assert [one["loss"] for one in session.rows()] == [1, 2]
    assert session.get()["damaged"] == len(bad) + 3
    session.post({"files": {HISTORY: {"offset": len(content), "content": ["bad"]}}})
    session.post({"files": {HISTORY: {"offset": len(content), "content": ["bad"]}}})
    assert session.get()["damaged"] == len(bad) + 4


def test_console(session):
    session.send(0, [row(0, loss=1), row(1, loss=2)])
    told = [
        json.dumps({"ts": "2026-05-28T20:26:40.250000", "content": "one"}),
        json.dumps({"level": "error", "ts": "2026-05-28T20:26:40.500000", "label": "node", "content": "{two}"}),
        "2026-05-28T20:26:41.500000 [not a label] three",
        "ERROR 2026-05-28T20:26:42.000000 four",
        "five",
    ]
    session.send(0, told[:2], CONSOLE)
    session.send(1, told[1:], CONSOLE)
    session.send(4, ["2026-05-28T20:26:43.000000 five of five"], CONSOLE)
    lines = session.get("/console")["items"]
    assert [line["text"] for line in lines] == ["one", "{two}", "[not a label] three", "four", "five of five"]
    assert [line["stream"] for line in lines] == ["stdout", "stderr", "stdout", "stderr", "stdout"]
    session.send(5, ["x" * 9_000_000], CONSOLE)
    assert len(session.get("/console")["items"][5]["text"]) == 16 << 10
    assert lines[0]["time"] == 1_780_000_000_250_000
    assert session.get()["damaged"] == 0


def test_system_metrics_have_our_names(session):
    sample = {
        "_wandb": True, "_timestamp": BEGUN + 3, "_runtime": 3.0, "system.cpu": 12.5, "system.memory_percent": 40,
        "system.proc.memory.rssMB": 100, "system.gpu.0.gpu": 7, "system.gpu.0.memoryAllocated": 3, "system.gpu.1.powerWatts": 80.5,
        "system.disk./.usagePercent": 33, "system.network.sent": 5, "custom": {"inner": 1},
    }  # fmt: skip
    session.send(0, [row(0, loss=1), row(5, loss=1)])
    for _ in range(2):
        session.send(0, [sample, {**sample, "_timestamp": BEGUN + 4}], EVENTS)
    rows = session.rows(source="system")
    assert len(rows) == 2
    known = {key: value for key, value in rows[0].items() if not key.startswith("_")}
    assert known == {
        "cpu": 12.5, "memory": 40, "memory.process": 100, "gpu.0.util": 7, "gpu.0.memory": 3, "gpu.1.power": 80.5,
        "disk.used": 33, "system.network.sent": 5, "custom.inner": 1,
    }  # fmt: skip
    assert rows[0]["_timestamp"] == pytest.approx(BEGUN + 3)


def test_a_summary_is_what_was_set_by_hand(session):
    told = {
        "_step": 1,
        "_timestamp": BEGUN + 1,
        "_runtime": 1.0,
        "_wandb": {"runtime": 1},
        "loss": 2,
        "a": {"b": 3},
        "nan": math.nan,
    }
    session.send(0, [row(0, loss=1, a={"b": 2}, nan=0.5), row(1, loss=2, a={"b": 3}, nan=math.nan)])
    session.send(0, [told], SUMMARY)
    assert session.get()["summary"]["loss"] == 2
    session.send(0, [{**told, "best": 0.1, "deep": {"er": {"x": 1}}, "a": {"b": 7}}], SUMMARY)
    summary = session.get()["summary"]
    assert (summary["best"], summary["deep"], summary["a.b"], summary["loss"]) == (0.1, {"er": {"x": 1}}, 7, 2)
    session.send(2, [row(2, loss=5, a={"b": 4})])
    summary = session.get()["summary"]
    assert (summary["best"], summary["a.b"], summary["loss"]) == (0.1, 4, 5)
    session.send(0, [{**told, "_timestamp": BEGUN + 2, "loss": 5, "a": {"b": 4}}], SUMMARY)
    assert not session.get()["summary"].keys() & {"best", "deep", "a"}
    # What follows from the rows is no record.
    assert len(session.get("/marks")) >= 0


def test_the_end(session):
    body = {
        "files": {
            HISTORY: {"offset": 0, "content": [json.dumps(row(0, loss=1))]},
            SUMMARY: {"offset": 0, "content": [json.dumps({"_timestamp": BEGUN, "_runtime": 0.0, "loss": 1, "_wandb": {"runtime": 9}})]},
        },
        "complete": True,
        "exitcode": 3,
    }  # fmt: skip
    assert session.post(body) == {}
    assert session.post(body) == {}
    run = session.get()
    assert (run["state"], run["exit_code"]) == ("failed", 3)
    assert run["created_at"] - int(BEGUN * 1e6) == 500_000
    assert run["started_at"] == int(BEGUN * 1e6)
    assert run["finished_at"] == int((BEGUN + 9) * 1e6)
    assert len(session.rows()) == 1


def test_preempted_and_stopped(server, entity):
    session = Session(server, entity)
    session.post({"preempting": True})
    assert session.get()["state"] == "preempting"
    assert server.request("POST", f"/api/v1/runs/{entity}/{PROJECT}/{session.id}/stop").status < 300
    assert session.post({}) == {"stopped": True}
    assert session.post({"complete": True, "exitcode": 1}) == {}
    assert session.get()["state"] == "killed"
    other = Session(server, entity)
    before = other.get()["heartbeat_at"]
    other.post({})
    other.post(b"")
    assert other.get()["heartbeat_at"] > before


def test_statuses(server, entity, bob):
    session = Session(server, entity)
    path = f"/files/{entity}/{PROJECT}/{session.id}/file_stream"
    assert server.request("POST", path, None, {}).status == 401
    assert server.request("POST", path, "local-" + "x" * 40, {}).status == 401
    assert server.request("POST", path, bob, {}).status == 404
    assert server.request("POST", f"/files/{entity}/{PROJECT}/nobody/file_stream", body={}).status == 404
    for body in (b"{", b"[]", b'{"files": 3}', b'{"files": {"wandb-history.jsonl": {"content": 1}}}'):
        session.post(body, 400)
    session.post({"files": {"unknown.txt": {"offset": 0, "content": ["x"]}}, "more": 1})
    session.send(-5, [row(0)])
    session.post(b"x" * (17 << 20), 413)
    server.request("DELETE", f"/api/v1/runs/{entity}/{PROJECT}/{session.id}")
    assert "deleted" in session.post({}, 410)["errors"][0]["message"]


def test_gzip(session):
    body = json.dumps({"files": {HISTORY: {"offset": 0, "content": [json.dumps(row(0, loss=1))]}}}).encode()
    session.post(gzip.compress(body), Content_Encoding="gzip")
    assert [one["loss"] for one in session.rows()] == [1]
    session.post(b"no gzip", 400, Content_Encoding="gzip")
    session.post(gzip.compress(b" " * (65 << 20)), 413, Content_Encoding="gzip")
    session.post(body, 415, Content_Encoding="br")


def test_many_lines_go_in_pieces(session):
    text = "x" * 200_000
    session.send(0, [row(step, text=text, loss=step) for step in range(60)], complete=True, exitcode=0)
    assert [one["loss"] for one in session.rows(keys="loss")] == list(range(60))
    assert session.get()["state"] == "finished"
