"""Versions of files that are held in memory until they are sent."""

import hashlib
import time

import pytest

from playhead.domain.ids import RunPath
from playhead.domain.limits import SMALL_FILE
from playhead.journal import format as f
from playhead.sidecar import outbox as outboxes
from playhead.sidecar import snapshot
from playhead.sidecar.answers import Answers
from playhead.sidecar.log import Log
from playhead.sidecar.outbox import HELD, Item, Outbox
from playhead.sidecar.own_journal import OwnJournal, told_files
from waiting import until


@pytest.fixture
def outbox(tmp_path):
    header = f.Header("s", "r", "g", "main", "p", None, time.time_ns() // 1000)
    own, log = OwnJournal(tmp_path, header), Log(tmp_path / "log")
    made = Outbox(tmp_path / "blobs", own, log, Answers(log, lambda *_, **__: None))
    yield made
    made.stop()
    own.close()
    own.release()


def an_item(outbox, tmp_path, name, data=b"x"):
    source = tmp_path / name
    source.write_bytes(data)
    return Item(name, str(source), snapshot.take(source, tmp_path / "blobs", own=False, room=outbox.room), 3)


def kept(tmp_path):
    return {path.name: path.read_bytes() for path in (tmp_path / "blobs").iterdir()}


@pytest.mark.parametrize("way", ["there is no server", "it ends"])
def test_what_was_held_is_kept_when_it_cannot_be_sent(outbox, tmp_path, way):
    for name in ("a", "b"):
        outbox.put(an_item(outbox, tmp_path, name, name.encode()))
        (tmp_path / name).write_text("later")
    assert not (tmp_path / "blobs").exists()
    if way == "there is no server":
        outbox.stays_here()
        outbox.complete()
        outbox.start()
        until(outbox.done.is_set)
    else:
        outbox.stop()
    assert kept(tmp_path) == {hashlib.sha256(data).hexdigest(): data for data in (b"a", b"b")}
    told = list(told_files(tmp_path))
    assert [(one["path"], one["size"], one["kept"], one.get("source")) for one in told] == [
        (name, 1, True, None) for name in ("a", "b")
    ]


def test_only_so_much_is_held(outbox, tmp_path):
    assert outbox.room == SMALL_FILE
    large = an_item(outbox, tmp_path, "large", bytes(SMALL_FILE + 1))
    assert (large.shot.data, large.shot.own) == (None, True)
    count = HELD // SMALL_FILE
    for number in range(count):
        outbox.put(an_item(outbox, tmp_path, str(number), bytes(SMALL_FILE)))
    assert outbox.room == 0
    assert an_item(outbox, tmp_path, "more", bytes(1)).shot.own
    assert kept(tmp_path).keys() == {large.shot.sha256, hashlib.sha256(bytes(1)).hexdigest()}


def test_a_copy_goes_with_the_last_that_needs_it(outbox, tmp_path, monkeypatch):
    data = bytes(SMALL_FILE + 1)
    items = [an_item(outbox, tmp_path, name, data) for name in ("a", "b")]
    assert items[0].shot.path == items[1].shot.path
    for item in items:
        outbox.put(item)
    seen = []

    def upload_all(server, run, files, told, **_):
        for one in files:
            told(outboxes.Outcome(one, one.size, None))
        seen.append(items[0].shot.path.exists())

    monkeypatch.setattr(outboxes, "upload_all", upload_all)
    monkeypatch.setattr(outboxes, "MOST_AT_ONCE", 1)
    outbox.goes_to(lambda: (None, RunPath("e", "p", "r")))
    outbox.complete()
    outbox.start()
    until(outbox.done.is_set)
    assert seen == [True, False]
    assert kept(tmp_path) == {}


def test_nothing_is_held_that_changes_while_it_is_read(tmp_path, monkeypatch):
    source = tmp_path / "a"
    source.write_bytes(b"old")
    old, new = snapshot.Mark(1, 3, 1), snapshot.Mark(1, 3, 2)
    marks = iter([old, new])
    monkeypatch.setattr(snapshot, "_mark", lambda status, real=snapshot._mark: next(marks, None) or real(status))
    shot = snapshot.take(source, tmp_path / "blobs", own=False, room=10)
    assert (shot.data, shot.own, shot.path.read_bytes()) == (None, True, b"old")
