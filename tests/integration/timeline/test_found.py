"""What the machine found, each in as few calls as show it."""

import itertools
from pathlib import Path

import pytest

from playhead.client.ingest import Ingest
from playhead.sidecar import sync

_names = itertools.count()


@pytest.fixture
def record(world, tmp_path):
    """Records a run from its begin to its end; answers how it began."""
    training = world.training()
    project = f"found{next(_names)}"

    def call(rows=(), mode="online", code=0, **how):
        begun = training.ask("begin", handle="h", project=project, dir=str(tmp_path), mode=mode, **how)
        told = [row if isinstance(row, tuple) else (row, None, None) for row in rows]
        training.ask("log", handle="h", rows=told)
        training.ask("finish", handle="h", code=code)
        return begun

    def send(folder):
        server = Ingest.at(world.url, world.key)
        assert sync.sync_run(Path(folder), server).error is None
        server.close()

    call.send = send
    call.find = lambda run_id: world.api.run(f"{world.entity}/{project}/{run_id}")
    yield call
    training.kill()


def test_a_fork_without_config_is_rewound_to_its_begin(record):
    record([{"a": 1}], id="parent", config={"lr": 1})
    record([{"a": 2}], id="child", fork_from="parent?_step=0", inherit_config=False)
    assert record(resume_from="child?_step=0")["config"] == {}
    assert record.find("child").config == {}
    assert [row["a"] for row in record.find("child").scan_history()] == [1]


def test_a_head_that_comes_back_comes_with_its_parent(record):
    record([{"a": 1}], id="parent")
    fork = record([{"a": 2}], id="child", fork_from="parent?_step=0")
    anew = record([{"a": 3}], id="child")
    run = record.find("child")
    assert run.parent is None
    assert run.rewind(segment=fork["segment"]).parent.id == "parent"
    assert run.rewind(step=0).parent.id == "parent"
    assert run.rewind(segment=anew["segment"]).parent is None


def test_offline_a_run_goes_on_where_it_was_written_last(record):
    first = record([{"a": 1}, {"a": 2}], id="back")
    record([{"a": 3}], resume_from="back?_step=0")
    record.find("back").rewind(segment=first["segment"])
    assert record([{"a": 4}], id="back", resume="must")["segment"] == first["segment"]
    assert record(mode="offline", id="back", resume="must")["segment"] == first["segment"]


def test_pieces_of_a_segment_that_come_the_wrong_way_round(record):
    first = record([{"a": 1}, {"a": 2}], mode="offline", id="pieces")
    second = record([({"a": 10}, 0, None)], mode="offline", id="pieces", resume="must")
    for piece in (second, first):
        record.send(piece["folder"])
    assert [row["a"] for row in record.find("pieces").scan_history()] == [10, 2]


def test_a_summary_of_pieces_that_come_the_wrong_way_round(record):
    first = record([{"a": 1, "b": 1}], mode="offline", id="sums")
    second = record([({"a": 10}, 0, None)], mode="offline", id="sums", resume="must")
    for piece in (second, first):
        record.send(piece["folder"])
    summary = record.find("sums").summary
    assert (summary["a"], summary["b"]) == (10, 1)
