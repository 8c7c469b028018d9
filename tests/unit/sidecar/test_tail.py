"""A journal that is being followed."""

import pytest

from playhead.domain.errors import JournalError
from playhead.domain.limits import MAX_BATCH, SHIP_BATCH
from playhead.journal import format as f
from playhead.journal.writer import Writer
from playhead.sidecar.tail import Tail


@pytest.fixture
def path(tmp_path):
    return tmp_path / "main.journal"


@pytest.fixture
def writer(path):
    writer = Writer(path, f.Header("s" * 16, "run", "segment", "main", "project", None, 1))
    yield writer
    writer.abandon()


@pytest.fixture
def tail(writer, path):
    tail = Tail(path)
    yield tail
    tail.close()


def test_only_whole_frames_are_sent(writer, tail, path):
    writer.row(0, {"a": 1.0})
    whole = path.stat().st_size
    with path.open("ab") as file:
        file.write(f.frame(b"x" * 100, writer.header.seed)[:50])
    assert len(tail.batch()) == whole
    tail.acknowledge(whole)
    assert tail.batch() == b""
    tail.finish()
    assert len(tail.batch()) == 50
    assert tail.lost == 50


def test_step_and_end(writer, tail):
    assert not tail.scan()
    for step in (3, 9):
        writer.row(step, {"a": 1.0, "b": "text"})
    tail.scan_all()
    assert (tail.step, tail.ended) == (9, False)
    writer.record(f.EXIT, 10, {"code": 0})
    tail.scan_all()
    assert tail.ended


def test_media_until_they_are_acknowledged(writer, tail):
    places = []
    for name in "abc":
        places.append(tail.size())
        writer.record(f.FILE, 0, {"path": name, "sha256": name * 64, "size": 1, "media": "image"})
    tail.scan_all()
    assert [media.path for media in tail.media] == ["a", "b", "c"]
    tail.acknowledge(places[1])
    assert [media.path for media in tail.media] == ["b", "c"]
    tail.restart(0)
    tail.scan_all()
    assert [media.path for media in tail.media] == ["a", "b", "c"]


def test_damage_costs_itself(writer, tail, path):
    for step in range(10):
        writer.row(step, {"a": 1.0})
    data = bytearray(path.read_bytes())
    size = len(data)
    data[-100:-95] = b"\xff" * 5
    path.write_bytes(data)
    tail.scan_all()
    assert tail.scanned == size
    assert tail.step == 9


def test_much_damage_is_passed(writer, tail, path):
    writer.row(0, {"a": 1.0})
    with path.open("ab") as file:
        file.write(bytes(MAX_BATCH + SHIP_BATCH))
    writer.row(1, {"a": 1.0})
    tail.scan_all()
    assert tail.scanned == path.stat().st_size
    assert tail.lost == MAX_BATCH + SHIP_BATCH
    assert tail.step == 1


def test_larger_batches_when_the_server_gets_nowhere(writer, tail):
    for _ in range(3):
        writer.record(f.CONFIG, 0, {"set": {"x": "y" * (SHIP_BATCH + 1000)}})
    assert len(tail.batch()) == SHIP_BATCH
    tail.acknowledge(0)
    assert SHIP_BATCH < len(tail.batch()) <= MAX_BATCH
    with pytest.raises(JournalError, match="cannot read on"):
        tail.acknowledge(0)


def test_server_that_has_more_than_there_is(tail):
    with pytest.raises(JournalError, match="only"):
        tail.restart(tail.size() + 1)


def test_no_journal(tmp_path):
    (tmp_path / "x").write_bytes(b"something else" * 100)
    with pytest.raises(JournalError):
        Tail(tmp_path / "x")


def test_only_what_is_new_is_flushed(writer, tail, monkeypatch):
    flushed = []
    monkeypatch.setattr("playhead.sidecar.tail.to_disk", flushed.append)
    for _ in range(2):
        tail.sync()
    assert len(flushed) == 1
    writer.row(0, {"a": 1.0})
    for _ in range(2):
        tail.sync()
    assert len(flushed) == 2
