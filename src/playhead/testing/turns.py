"""What every `playhead.ports.runs.Runs` must do about turns of a run's timeline."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from playhead.domain.errors import ConflictError, NotFoundError
from playhead.domain.run import Branch, RunState, Writer
from playhead.ports.runs import Commit, Record, RunQuery
from playhead.ports.timelines import Timelines, Turn
from playhead.testing.made import PATH, a_run, a_segment, a_stream, add

OTHER = PATH._replace(run_id="other")
WRITER = Writer(stream="t", begun=5, label="rank-0", host="h", pid=7, seen=9, state=RunState.FAILED, exit_code=3)
NEW = {"segment": "new", "stream": "new-stream"}


class TurnsContract:
    """Part of `RunsContract`."""

    @pytest.fixture
    def there(self, runs: Timelines) -> Timelines:
        """A store with one run, segment and stream."""
        add(runs, a_run(), a_segment(), a_stream(writer="main"))
        return runs

    def test_a_turn_does_all_of_it(self, there: Timelines) -> None:
        before, old = there.run(PATH), a_segment()
        segment = a_segment(id="new", parent=old.id, parent_step=4, inherits=False, lanes=(("new.s", "rank-0"),))
        stream = a_stream(id="new-stream", segment="new", writer="s", shared=True, begun=3, begun_step=5, fenced=False)
        fields: dict[str, Any] = {
            "head": "new", "epoch": 2, "state": RunState.RUNNING, "writers": (WRITER,), "shared": True, "base": 5,
            "head_at": 6, "last_at": 7, "clock": ((1, 2), (3, 4)), "stale": True, "stopping": True, "deleted_at": 8,
            "branch": Branch("ada", "p", "parent", "s", 4),
        }  # fmt: skip
        turned = there.turn(Turn(path=PATH, epoch=1, fields=fields, segment=segment, stream=stream, fence=["main"]))
        assert turned == replace(before, **fields, updated_at=turned.updated_at)
        assert turned.updated_at > before.updated_at
        assert there.run(PATH) == turned
        assert {one.id: one for one in there.segments(PATH)} == {
            old.id: replace(old, archived=True),
            "new": segment,
        }
        assert there.stream("new-stream") == stream
        assert there.stream(a_stream().id).fenced

    def test_a_label_that_is_told_later(self, there: Timelines) -> None:
        lanes = (("s.w1", ""), ("s.w2", "other"))
        segment = a_segment(id="s", parent=a_segment().id, lanes=lanes)
        for name, writer in (("w1", "w1"), ("w1-system", "w1"), ("w2", "w2")):
            stream = a_stream(id=name, segment="s", writer=writer, shared=True)
            there.turn(Turn(path=PATH, epoch=1, segment=segment, stream=stream))
        there.turn(Turn(path=PATH, epoch=1, labels={"w1": "node 1"}))
        assert {one.id: one.label for one in there.streams(PATH) if one.shared} == {
            "w1": "node 1", "w1-system": "node 1", "w2": "",
        }  # fmt: skip
        assert [one.lanes for one in there.segments(PATH) if one.id == "s"] == [(("s.w1", "node 1"), ("s.w2", "other"))]

    def test_only_the_epoch_that_was_read_is_turned(self, there: Timelines) -> None:
        there.turn(Turn(path=PATH, epoch=1, fields={"epoch": 2}))
        with pytest.raises(ConflictError):
            there.turn(Turn(path=PATH, epoch=1, fields={"epoch": 2, "head": "new"}, segment=a_segment(id="new")))
        assert [one.id for one in there.segments(PATH)] == [a_segment().id]

    def test_of_turns_at_once_one_takes_effect(self, there: Timelines) -> None:
        def turn(number: int) -> bool:
            name = f"new-{number}"
            try:
                there.turn(Turn(path=PATH, epoch=1, fields={"epoch": 2, "head": name}, segment=a_segment(id=name)))
            except ConflictError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(turn, range(8))) == 1
        assert len(there.segments(PATH)) == 2

    def test_a_turn_makes_a_run(self, runs: Timelines) -> None:
        run = a_run(epoch=1, writers=(WRITER,))
        turn = Turn(path=PATH, epoch=None, run=run, segment=a_segment(), stream=a_stream())
        assert runs.turn(turn) == replace(run, updated_at=runs.run(PATH).updated_at)
        assert runs.segments(PATH) == [a_segment()]
        assert runs.streams(PATH) == [a_stream()]
        with pytest.raises(ConflictError):
            runs.turn(turn)

    def test_of_makers_at_once_one_makes_the_run(self, runs: Timelines) -> None:
        def make(number: int) -> bool:
            segment = a_segment(id=f"new-{number}")
            run = a_run(head=segment.id)
            try:
                runs.turn(
                    Turn(
                        path=PATH,
                        epoch=None,
                        run=run,
                        segment=segment,
                        stream=a_stream(number=number, segment=segment.id),
                    )
                )
            except ConflictError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(make, range(8))) == 1
        assert [one.id for one in runs.segments(PATH)] == [runs.run(PATH).head]

    def test_a_turn_needs_a_run_and_its_own_segments(self, there: Timelines) -> None:
        with pytest.raises(NotFoundError):
            there.turn(Turn(path=OTHER, epoch=1))
        add(there, a_run(OTHER), a_segment(OTHER, id="theirs"), a_stream(OTHER, id="their-stream", segment="theirs"))
        for turn in (
            Turn(path=PATH, epoch=1, segment=a_segment(id="theirs")),
            Turn(path=PATH, epoch=1, stream=a_stream(id="their-stream")),
        ):
            with pytest.raises(ConflictError):
                there.turn(turn)

    def test_lanes_are_added(self, there: Timelines) -> None:
        first, second = ("s.a", "rank-0"), ("s.b", "rank-1")
        for lanes in ((first,), (second,), (first,)):
            there.turn(Turn(path=PATH, epoch=1, segment=a_segment(lanes=lanes)))
        assert there.segments(PATH)[0].lanes == (first, second)

    def test_a_segment_is_as_old_as_its_oldest_piece(self, there: Timelines) -> None:
        begun = a_segment().created_at
        for other in (begun - 2, begun - 1, begun + 1):
            there.turn(Turn(path=PATH, epoch=1, segment=a_segment(created_at=other, parent="p")))
            assert there.segments(PATH) == [a_segment(created_at=begun - 2)]

    def test_fencing_diverting_and_freeing(self, there: Timelines) -> None:
        own, old = a_stream().id, a_segment().id
        there.turn(Turn(path=PATH, epoch=1, fence=["main"], segment=a_segment(id="beside"), divert={own: "beside"}))
        assert (there.stream(own).fenced, there.stream(own).segment) == (True, "beside")
        record = Record(kind="config", offset=0, step=1, time=2, data={})
        there.commit([Commit(stream=own, start=0, end=9, first_step=3, last_step=3, records=[record])])
        assert {one.id: one.last_step for one in there.segments(PATH)} == {old: None, "beside": 3}
        assert [one.segment for one in there.records(PATH, "config")] == ["beside"]
        there.turn(Turn(path=PATH, epoch=1, free=["beside"]))
        assert not there.stream(own).fenced

    def test_a_head_comes_back(self, there: Timelines) -> None:
        old = a_segment().id
        there.turn(Turn(path=PATH, epoch=1, fields={"head": "new", "epoch": 2}, segment=a_segment(id="new")))
        there.turn(Turn(path=PATH, epoch=2, fields={"head": old, "epoch": 3}))
        assert {one.id: one.archived for one in there.segments(PATH)} == {old: False, "new": True}

    def test_a_segment_by_its_id(self, there: Timelines) -> None:
        assert there.segment(a_segment().id) == a_segment()
        with pytest.raises(NotFoundError):
            there.segment("gone")

    def test_another_run_id(self, there: Timelines) -> None:
        renamed = there.turn(Turn(path=PATH, epoch=1, rename="other", fields={"deleted_at": 1}))
        assert renamed.path == OTHER
        with pytest.raises(NotFoundError):
            there.run(PATH)
        assert [one.run for one in there.segments(OTHER)] == [OTHER]
        assert there.stream(a_stream().id).run == OTHER
        add(there, a_run(), a_segment(id="again"), a_stream(id="again", segment="again"))
        with pytest.raises(ConflictError):
            there.turn(Turn(path=PATH, epoch=1, rename="other"))

    def test_the_trash_is_listed_apart(self, there: Timelines) -> None:
        add(there, a_run(OTHER), a_segment(OTHER, id="theirs"), a_stream(OTHER, id="their-stream", segment="theirs"))
        there.update(PATH, {"deleted_at": 4})
        found, _ = there.runs("ada", "p", RunQuery(), 10)
        thrown, _ = there.runs("ada", "p", RunQuery(trash=True), 10)
        assert [[run.path for run in some] for some in (found, thrown)] == [[OTHER], [PATH]]
        assert there.silent(10**18) == [OTHER]

    def test_a_group(self, there: Timelines) -> None:
        add(there, a_run(OTHER, group="g"), a_segment(OTHER, id="theirs"), a_stream(OTHER, id="t", segment="theirs"))
        found, _ = there.runs("ada", "p", RunQuery(group="g"), 10)
        assert [run.path for run in found] == [OTHER]

    def test_forks_and_what_was_told_in_segments(self, there: Timelines) -> None:
        child = a_segment(OTHER, id="theirs", parent=a_segment().id, parent_step=3)
        add(there, a_run(OTHER), child, a_stream(OTHER, id="t", segment="theirs"))
        assert there.forks(PATH) == [OTHER]
        assert there.forks(OTHER) == []
        for stream, time in ((a_stream().id, 5), ("t", 4)):
            told = [
                Record(kind=kind, offset=at, step=1, time=time, data={}) for at, kind in enumerate(("config", "meta"))
            ]
            there.commit([Commit(stream=stream, start=0, end=9, records=told)])
        found = there.told([a_segment().id, "theirs"], ["config", "start"])
        assert [(one.stream, one.kind) for one in found] == [("t", "config"), (a_stream().id, "config")]
        assert [one.stream for one in there.told([a_segment().id], ["meta"])] == [a_stream().id]
        assert there.count_told([a_segment().id, "theirs"], ["config", "start"]) == len(found)
        assert there.count_told([a_segment().id], []) == 0
        there.update(OTHER, {"deleted_at": 4})
        assert there.forks(PATH) == []

    def test_records_of_files_are_found_by_name(self, there: Timelines) -> None:
        """However many others there are, and however long the names."""
        long = "é" * 1_024
        paths = ["a.png", "b.png", long, "a.png", None, 5]
        told = [
            Record(kind="media" if at % 2 else "file", offset=at, step=at, time=at, data={"path": path})
            for at, path in enumerate(paths)
        ]
        there.commit([Commit(stream=a_stream().id, start=0, end=9, records=told)])
        segment, kinds = a_segment().id, ["file", "media"]
        assert [one.offset for one in there.told([segment], kinds, ["a.png", long, "none"])] == [0, 2, 3]
        assert [one.offset for one in there.told([segment], ["file"], ["a.png"])] == [0]
        assert there.told([segment], kinds, []) == []
        assert len(there.told([segment], kinds)) == len(paths)
