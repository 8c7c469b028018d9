"""Rows as columns: the same values as row by row, as NumPy, pandas and polars have them."""

import json
import math
import time

import numpy as np
import pytest

from playhead.client.api import Api
from playhead.domain.errors import NotFoundError, UsageError
from playhead.journal import format as f
from playhead.services import history
from playhead.wire import arrow

BIG = 10**30
FORMATS = ("numpy", "pandas", "polars")


@pytest.fixture
def api(server):
    return Api(server=server.client())


@pytest.fixture
def send(server, journal, api):
    """Makes a run of these (step, row) pairs; answers it as the read API gives it."""

    def make(rows, **header):
        one = journal(**header).start()
        for step, row in rows:
            one.writer.row(step, row)
        assert server.send(one.stream, 0, one.data).status == 200
        return api.run("/".join(one.run))

    return make


def listed(table):
    """{name: values} of any format."""
    names = getattr(table, "columns", table)
    return {name: table[name].to_list() if hasattr(table[name], "to_list") else table[name].tolist() for name in names}


def test_one_metric(send):
    run = send([(2 * step, {"loss": 1 / (step + 1)}) for step in range(1_000)])
    found = run.series("loss")
    assert (found.x.dtype, found.y.dtype) == (np.int64, np.float64)
    assert found.x.tolist() == [2 * step for step in range(1_000)]
    assert found.y.tolist() == [1 / (step + 1) for step in range(1_000)]
    over_time = run.series("loss", "_timestamp")
    assert (np.diff(over_time.x) >= 0).all()
    assert over_time.x[0] == pytest.approx(time.time(), abs=600)
    assert [len(part) for part in run.series("none")] == [0, 0]


def test_each_value_is_what_it_was(send):
    rows = [
        {"f": 0.5, "i": 3, "b": True, "text": "é", "mixed": 1, "big": BIG, "some": 1.0, "count": 7},
        {"f": math.nan, "i": -(2**52), "b": False, "text": "", "mixed": "x", "big": 1, "count": 8.5},
        {"f": -math.inf, "i": 0, "b": True, "text": "z" * 999, "mixed": [1, {"a": None}], "big": -BIG, "some": 2.0, "count": 9},
    ]  # fmt: skip
    run = send(list(enumerate(rows)))
    table = run.scan_history(format="numpy")
    assert {name: column.dtype.kind for name, column in table.items()} == {
        "_step": "i", "_timestamp": "f", "_runtime": "f", "f": "f", "i": "i", "b": "b", "text": "O", "mixed": "O",
        "big": "O", "some": "f", "count": "f",
    }  # fmt: skip
    for name in ("i", "b", "text", "mixed", "big"):
        assert table[name].tolist() == [row[name] for row in rows]
    assert repr(table["f"].tolist()) == repr([0.5, math.nan, -math.inf])
    assert repr(table["some"].tolist()) == repr([1.0, math.nan, 2.0])
    plain = run.scan_history(format="rows")
    assert [{key: row[key] for key in row if key[0] != "_"} for row in plain][1:] == [
        {**row, "f": pytest.approx(row["f"], nan_ok=True)} for row in rows[1:]
    ]
    assert [row["_step"] for row in run.scan_history(["some", "i"], format="rows")] == [0, 2]


@pytest.mark.parametrize("form", FORMATS)
def test_formats(send, form):
    run = send([(step, {"a": step / 2, "b": "x" * step}) for step in range(30)])
    expected = {
        "_step": list(range(10, 20)),
        "a": [step / 2 for step in range(10, 20)],
        "b": ["x" * step for step in range(10, 20)],
    }
    found = listed(run.scan_history(["a", "b", "_step"], min_step=10, max_step=20, format=form))
    assert found == expected
    sampled = listed(run.history(4, format=form))
    assert (sampled["_step"], sampled["a"]) == ([0, 10, 19, 29], [0.0, 5.0, 9.5, 14.5])
    assert len(listed(run.history(3_000, ["a"], format=form))["a"]) == 30


def test_pandas_as_wandb_says_it(send):
    run = send([(step, {"a": step, "epoch": 9 - step}) for step in range(10)])
    frame = run.history(keys=["a"], pandas=True, x_axis="epoch")
    assert frame["epoch"].tolist() == list(range(10))
    assert frame["a"].tolist() == list(range(9, -1, -1))
    assert run.series("a", "epoch").y.tolist() == list(range(9, -1, -1))
    assert [row["epoch"] for row in run.history(5_000, ["a"], "epoch")] == list(range(10))


@pytest.mark.parametrize("axis", ["_step", "_timestamp", "_runtime", "epoch"])
def test_buckets_lose_no_extreme(send, axis):
    values = [math.sin(step) for step in range(5_000)]
    values[1_234] = 99.0
    run = send([(step, {"a": value, "epoch": step / 100}) for step, value in enumerate(values)])
    found = run.history(keys=["a"], buckets=50, x_axis=axis, format="numpy")
    assert found["max"].max() == 99.0
    assert (len(found["count"]) <= 50, found["count"].sum(), found["last"][-1]) == (True, 5_000, values[-1])
    assert (np.diff(found[axis]) > 0).all()
    assert found["min"].min() == min(values)


def test_more_than_fits_into_one_answer(send, server, monkeypatch):
    run = send([(step, {"a": float(step), **({"b": 2 * step} if step % 3 == 0 else {})}) for step in range(5_000)])
    client, asked = server.client(), []
    whole = client.row_columns

    def columns(path, **query):
        asked.append(query)
        end = min(query.get("end") or 4_999, query["start"] + 999)
        frame = whole(path, **{**query, "end": end})
        return frame._replace(about={**frame.about, "next": end + 1 if end < 4_999 else None})

    monkeypatch.setattr(run._server, "row_columns", columns)
    table = run.scan_history(format="numpy")
    assert len(asked) == 5
    assert table["a"].tolist() == [float(step) for step in range(5_000)]
    assert np.flatnonzero(~np.isnan(table["b"])).tolist() == list(range(0, 5_000, 3))


def test_every_answer_is_bounded(send, monkeypatch, server):
    assert history.MAX_CELLS == 2_000_000
    run = send([(step, {"a": step}) for step in range(10)])
    frame = server.client().row_columns(run._path, keys=["a"])
    assert (frame.length, frame.about["next"]) == (10, None)


def test_system_metrics(send, server, journal):
    run = send([(0, {"a": 1})])
    machine = journal(run_id=run.id, segment=run.segment_id, role="system")
    machine.record(f.CONSOLE, n=0, c="out", t="x")
    for number in range(20):
        machine.writer.row(number, {"cpu": float(number), "gpu.0": 2 * number})
    server.send(machine.stream, 0, machine.data)
    every = run.system_metrics(None, format="numpy")
    assert every["cpu"].tolist() == [float(number) for number in range(20)]
    assert listed(run.system_metrics(5, format="polars"))["gpu.0"] == [0, 10, 20, 28, 38]
    assert run.series("cpu", "_runtime", stream="system").y.tolist() == every["cpu"].tolist()
    assert [row["cpu"] for row in run.history(stream="system", keys=["cpu"])] == every["cpu"].tolist()
    assert len(run.history(7, stream="system")) == 7


def test_writers_at_the_same_time(server, journal, api):
    first = journal(shared=True, label="one").start()
    second = journal(run_id=first.header.run_id, segment=first.header.segment, shared=True, label="two").start()
    for one, value in ((first, 1.0), (second, 2.0)):
        for step in range(3):
            one.writer.row(step, {"a": value, "b": step})
        server.send(one.stream, 0, one.data)
    run = api.run("/".join(first.run))
    rows = run.scan_history(["a", "b"], format="rows")
    assert [row["_step"] for row in rows] == [0, 0, 1, 1, 2, 2]
    assert {(row["_label"], row["a"]) for row in rows} == {("one", 1.0), ("two", 2.0)}
    assert all(row["b"] == row["_step"] for row in rows)


def test_as_of_a_step(send):
    run = send([(step, {"a": step}) for step in range(10)])
    assert run.at(4).series("a").y.tolist() == [0, 1, 2, 3, 4]
    assert run.at(4).scan_history(format="numpy")["a"].tolist() == [0, 1, 2, 3, 4]


def test_anybody_may_read_the_bytes(send, server):
    polars = pytest.importorskip("polars")
    run = send([(0, {"a": 1.5, "b": "x"}), (3, {"a": 2.5, "b": [1]})])
    answer = server.request("GET", f"/api/v1/runs/{'/'.join(run.path)}/columns?keys=a&keys=b")
    assert answer.headers["content-type"] == arrow.CONTENT_TYPE
    found = polars.read_ipc_stream(answer.data)
    assert found["a"].to_list() == [1.5, 2.5]
    assert [json.loads(text) for text in found["b"]] == ["x", [1]]


def test_what_is_asked_wrongly(send, server, bob):
    run = send([(0, {"a": 1})])
    for wrong in (
        lambda: run.history(0), lambda: run.history(format="excel"), lambda: run.scan_history("a"), lambda: run.history(buckets=5),
        lambda: run.history(keys=["a", "b"], buckets=5), lambda: run.history(stream="other"),
        lambda: run.scan_history(page_size=0).__next__(),
    ):  # fmt: skip
        with pytest.raises(UsageError):
            wrong()
    assert run.scan_history(min_step=5, max_step=5, format="numpy") == {}
    with pytest.raises(NotFoundError):
        server.client(bob).row_columns(run._path)
