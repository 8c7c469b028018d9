"""What is thrown away, and what stays."""

import hashlib
import os

import pytest

from playhead.adapters.memory.blobs import MemoryBlobs
from playhead.adapters.memory.catalog import Catalog
from playhead.adapters.memory.clock import MemoryClock
from playhead.adapters.memory.contents import MemoryContents
from playhead.adapters.memory.shelf import Shelf
from playhead.adapters.obstore.folder import FolderBlobs
from playhead.domain.account import ANONYMOUS, Actor
from playhead.domain.errors import AuthenticationError, BusyError, ConflictError, PermissionDeniedError, UsageError
from playhead.ports.contents import ProjectName
from playhead.ports.runs import Record
from playhead.services import sweep
from playhead.services.counters import Counters
from playhead.services.sweep import EVERY, FIRST, KEPT_FOR, MIN_AGE, SweepService
from playhead.wire.sweep import SweepAsk, SweepView

OURS = ProjectName("ada", "p")
HOUR = 3600 * 1_000_000
ASK = SweepAsk(min_age=MIN_AGE)


def digest(data):
    return hashlib.sha256(data).hexdigest()


class World:
    """Content, some of it in records, some not."""

    def __init__(self, blobs):
        self.clock = MemoryClock()
        self.catalog = Catalog()
        self.blobs = blobs
        self.counters = Counters()
        self.contents = MemoryContents(self.catalog, Shelf(), self.clock)
        self.sweep = self.service()

    def service(self):
        return SweepService(blobs=self.blobs, contents=self.contents, clock=self.clock, counters=self.counters)

    def send(self, data):
        self.blobs.put({digest(data): data})
        self.contents.give(OURS, [digest(data)])
        return digest(data)

    def refer(self, sha256):
        place = len(self.catalog.records)
        told = {"path": "f", "sha256": sha256}
        self.catalog.records["s", place] = Record(kind="file", offset=place, step=0, time=0, data=told)

    def there(self, *digests):
        return [sha256 in digests and not self.blobs.missing([sha256]) for sha256 in digests]


@pytest.fixture
def world():
    return World(MemoryBlobs())


def test_what_no_record_refers_to_goes_after_a_while(world):
    kept, left = world.send(b"kept"), world.send(b"left")
    world.refer(kept)
    assert world.sweep.go_on(ASK) == SweepView()
    world.clock.advance(HOUR + 1)
    assert world.sweep.go_on(SweepAsk(min_age=MIN_AGE, dry_run=True)) == SweepView(contents=1, size=4)
    assert world.there(kept, left) == [True, True]
    assert world.sweep.go_on(ASK) == SweepView(contents=1, size=4)
    assert world.there(kept, left) == [True, False]
    assert world.contents.given([OURS], [kept, left]) == {kept}
    assert world.sweep.go_on(ASK) == SweepView()
    assert "playhead_swept_bytes_total 4" in world.counters.text()
    assert world.send(b"left") == left
    assert world.there(left) == [True]


def test_whoever_was_told_that_it_is_there_has_time_to_refer_to_it(world):
    sha256 = world.send(b"x")
    world.clock.advance(2 * HOUR)
    assert world.contents.touch(OURS, [sha256]) == {sha256}
    world.clock.advance(HOUR - 1)
    assert world.sweep.go_on(ASK) == SweepView()
    assert world.there(sha256) == [True]


def test_nobody_is_given_what_is_just_being_thrown_away(world):
    class Slow(MemoryBlobs):
        def delete(self, sha256):
            with pytest.raises(BusyError):
                world.contents.give(OURS, [sha256])
            super().delete(sha256)

    world.blobs = Slow()
    world.sweep = world.service()
    world.send(b"x")
    world.clock.advance(2 * HOUR)
    assert world.sweep.go_on(ASK).contents == 1
    assert world.there(world.send(b"x")) == [True]


def test_what_a_sweep_that_died_left_behind(world):
    sha256 = world.send(b"x")
    world.clock.advance(2 * HOUR)
    assert world.contents.condemn([sha256], world.clock.now())
    assert world.sweep.go_on(ASK) == SweepView()
    assert world.there(sha256) == [True]
    world.clock.advance(HOUR + 1)
    world.sweep.go_on(ASK)
    assert world.there(sha256) == [False]
    assert world.contents.known([sha256]) == set()


def test_content_that_nobody_knows_goes_only_if_that_is_asked_for(tmp_path):
    world = World(FolderBlobs(tmp_path))
    data, fresh = b"unknown", b"fresh"
    world.blobs.put({digest(data): data, digest(fresh): fresh})
    old = world.clock.now() / 1e6 - 2 * MIN_AGE
    os.utime(tmp_path / digest(data)[:2] / digest(data)[2:], (old, old))
    kept = world.send(b"kept")
    os.utime(tmp_path / kept[:2] / kept[2:], (old, old))
    assert world.sweep.go_on(ASK) == SweepView()
    ask = SweepAsk(min_age=MIN_AGE, unknown=True)
    assert world.sweep.go_on(ask) == SweepView(contents=1, size=len(data))
    assert world.there(digest(data), digest(fresh), kept) == [False, True, True]


def test_it_goes_on_where_it_was(world):
    digests = [world.send(b"%d" % number) for number in range(2_500)]
    world.clock.advance(2 * HOUR)
    found, ask = [], ASK
    while ask is not None:
        part = world.sweep.go_on(ask, seconds=0)
        found.append(part.contents)
        ask = None if part.next is None else SweepAsk(min_age=MIN_AGE, after=part.next)
    assert found[:3] == [1_000, 1_000, 500]
    assert not any(world.there(*digests))


def test_another_catalogs_content_is_not_touched(world):
    other = World(world.blobs)
    sha256 = other.send(b"x")
    other.clock.advance(2 * HOUR)
    world.sweep.go_on(ASK)
    with pytest.raises(ConflictError, match="another catalog"):
        other.sweep.go_on(ASK)
    assert other.there(sha256) == [True]


def test_who_may_sweep_and_what(world):
    with pytest.raises(PermissionDeniedError):
        world.sweep.sweep(Actor(user="ada", admin=False), ASK)
    with pytest.raises(AuthenticationError):
        world.sweep.sweep(ANONYMOUS, ASK)
    with pytest.raises(UsageError, match="on its way"):
        world.sweep.sweep(Actor(user="ada", admin=True), SweepAsk(min_age=MIN_AGE - 1))


def test_the_server_sweeps_by_itself_once_a_day(world, monkeypatch, caplog):
    now = 1000.0
    monkeypatch.setattr(sweep.time, "monotonic", lambda: now)
    world.sweep = world.service()
    sha256, kept = world.send(b"x"), world.send(b"kept")
    world.refer(kept)
    world.clock.advance(int(KEPT_FOR * 1e6) + 1)
    world.sweep.tick()
    assert world.there(sha256) == [True]
    now += FIRST
    for _ in range(3):
        world.sweep.tick()
    assert world.there(sha256, kept) == [False, True]
    again = world.send(b"x")
    world.clock.advance(int(KEPT_FOR * 1e6) + 1)
    world.sweep.tick()
    assert world.there(again) == [True]
    now += EVERY
    for _ in range(3):
        world.sweep.tick()
    assert world.there(again) == [False]


def test_a_place_of_another_catalog_is_told_once_a_day(world, caplog):
    other = World(world.blobs)
    assert world.blobs.belongs_to("somebody")
    other.sweep._due = 0.0
    for _ in range(3):
        other.sweep.tick()
    assert caplog.text.count("another catalog") == 1
