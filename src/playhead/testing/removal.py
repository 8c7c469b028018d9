"""What every `playhead.ports.runs.Runs` must do when a run is deleted that others were forked from."""

from __future__ import annotations

import pytest

from playhead.domain.errors import NotFoundError
from playhead.ports.runs import Commit, Record
from playhead.ports.timelines import Timelines, Turn
from playhead.testing.made import PATH, a_run, a_segment, a_stream, add

FIRST, SECOND = PATH._replace(run_id="fork1"), PATH._replace(run_id="fork2")
BASE, MIDDLE, SIDE = (a_segment(number=number).id for number in (1, 2, 3))
STREAMS = [a_stream(number=number).id for number in (1, 2, 3)]


def _told(stream: str, offset: int = 0) -> Commit:
    record = Record(kind="config", offset=offset, step=0, time=1, data={})
    return Commit(stream=stream, start=offset, end=offset + 9, last_step=7, records=[record])


class RemovalContract:
    """Part of `RunsContract`."""

    @pytest.fixture
    def forked(self, runs: Timelines) -> Timelines:
        """A run of three segments, two of which lead to one of two forks, and one to the other."""
        lanes = (("lane", "a"),)
        add(runs, a_run(), a_segment(), a_stream())
        add(runs, a_run(), a_segment(number=2, parent=BASE, parent_step=5, lanes=lanes), a_stream(number=2, segment=2))
        add(runs, a_run(), a_segment(number=3, parent=BASE, lanes=(("other", "b"),)), a_stream(number=3, segment=3))
        for stream in STREAMS:
            runs.commit([_told(stream)])
        for at, (path, parent) in enumerate(((FIRST, MIDDLE), (SECOND, BASE)), start=10):
            fork = a_segment(path, parent=parent, parent_step=1, created_at=at)
            add(runs, a_run(path), fork, a_stream(path))
        return runs

    def test_what_forks_are_built_on_becomes_theirs(self, forked: Timelines) -> None:
        assert set(forked.delete(PATH)) == {SIDE, "other", STREAMS[2]}
        with pytest.raises(NotFoundError):
            forked.run(PATH)
        own = [(BASE, FIRST, True), (MIDDLE, FIRST, True), (a_segment(FIRST).id, FIRST, False)]
        assert [(one.id, one.run, one.archived) for one in forked.segments(FIRST)] == own
        assert next((one.id, one.run) for one in forked.segments(SECOND)) == (BASE, FIRST)
        fenced = {one.id: one.fenced for one in forked.streams(FIRST)}
        assert fenced == {STREAMS[0]: True, STREAMS[1]: True, a_stream(FIRST).id: False}
        assert [one.segment for one in forked.told([BASE, MIDDLE, SIDE], ["config"])] == [BASE, MIDDLE]
        assert len(forked.records(FIRST, "config")) == 2

    def test_the_last_fork_takes_it_along(self, forked: Timelines) -> None:
        forked.delete(PATH)
        gone = {MIDDLE, "lane", STREAMS[1], a_segment(FIRST).id, a_stream(FIRST).id}
        assert set(forked.delete(FIRST)) == gone
        assert next((one.id, one.run) for one in forked.segments(SECOND)) == (BASE, SECOND)
        assert set(forked.delete(SECOND)) == {BASE, STREAMS[0], a_segment(SECOND).id, a_stream(SECOND).id}
        assert forked.told([BASE, MIDDLE, SIDE], ["config"]) == []

    def test_forks_may_go_first(self, forked: Timelines) -> None:
        for path in (FIRST, SECOND):
            assert set(forked.delete(path)) == {a_segment(path).id, a_stream(path).id}
        assert set(forked.delete(PATH)) == {BASE, MIDDLE, SIDE, "lane", "other", *STREAMS}

    def test_a_writer_stays_for_what_it_wrote_before_it_was_diverted(self, runs: Timelines) -> None:
        run, _, _ = add(runs, a_run(), a_segment(), a_stream())
        runs.commit([_told(STREAMS[0])])
        late = a_segment(number=2, parent=BASE, parent_step=1)
        fields = {"epoch": run.epoch + 1}
        runs.turn(Turn(path=PATH, epoch=run.epoch, fields=fields, segment=late, divert={STREAMS[0]: late.id}))
        runs.commit([_told(STREAMS[0], 9)])
        add(runs, a_run(FIRST), a_segment(FIRST, parent=BASE, parent_step=1), a_stream(FIRST))
        assert set(runs.delete(PATH)) == {late.id}
        assert [(one.segment, one.fenced) for one in runs.streams(FIRST) if one.id == STREAMS[0]] == [(BASE, True)]
        assert [one.offset for one in runs.records(FIRST, "config")] == [0]
