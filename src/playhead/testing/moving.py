"""What every `playhead.ports.runs.Runs` must do when a run goes to another project."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playhead.domain.errors import ConflictError, NotFoundError
from playhead.domain.filter_text import parse
from playhead.domain.run import RunState
from playhead.ports.runs import Commit, Record, RunQuery
from playhead.ports.timelines import Timelines
from playhead.testing.made import PATH, a_run, a_segment, a_stream, add

THERE = PATH._replace(project="q")
FORK = PATH._replace(run_id="fork")
RECORD = Record(kind="config", offset=0, step=0, time=1, data={})


class MovingContract:
    """Part of `RunsContract`."""

    @pytest.fixture
    def moved(self, runs: Timelines) -> Timelines:
        """A finished run that another one was forked from, in its new project."""
        made = a_run(config={"lr": 0.1}, summary={}, tags=("good",), state=RunState.FINISHED)
        add(runs, made, a_segment(), a_stream())
        runs.commit([Commit(stream=a_stream().id, start=0, end=9, last_step=7, records=[RECORD])])
        add(runs, a_run(FORK), a_segment(FORK, parent=a_segment().id, parent_step=5), a_stream(FORK))
        before = runs.run(PATH)
        assert runs.move(PATH, THERE) == replace(before, path=THERE, updated_at=runs.run(THERE).updated_at)
        return runs

    def test_it_is_there_and_no_longer_here(self, moved: Timelines) -> None:
        with pytest.raises(NotFoundError):
            moved.run(PATH)
        assert [one.run for one in moved.segments(THERE)] == [THERE]
        assert [one.run for one in moved.streams(THERE)] == [THERE]
        assert moved.stream(a_stream().id).run == THERE
        assert len(moved.records(THERE, "config")) == 1
        assert moved.forks(THERE) == [FORK]
        assert [one.run for one in moved.segments(FORK)] == [THERE, FORK]
        [(run_id, state, _, _)] = moved.changed("ada", "q", 0)
        assert (run_id, state) == ("r", "finished")

    def test_it_is_found_there_and_not_here(self, moved: Timelines) -> None:
        for text in ("config.lr = 0.1", 'tags = "good"', 'state = "finished"'):
            query = RunQuery(filter=parse(text))
            assert [run.path for run in moved.runs("ada", "q", query, 10)[0]] == [THERE]
            assert moved.runs("ada", "p", query, 10)[0] == []

    def test_it_goes_on_there(self, moved: Timelines) -> None:
        moved.commit([Commit(stream=a_stream().id, start=9, end=12, run={"config": {"lr": 0.2}})])
        assert moved.run(THERE).config == {"lr": 0.2}
        assert [run.path for run in moved.runs("ada", "q", RunQuery(filter=parse("config.lr = 0.2")), 10)[0]] == [THERE]

    def test_its_id_is_free_and_it_cannot_come_back_while_it_is_taken(self, moved: Timelines) -> None:
        add(moved, a_run(), a_segment(number=5), a_stream(number=5, segment=5))
        with pytest.raises(ConflictError):
            moved.move(THERE, PATH)
        moved.update(PATH, {"deleted_at": 5})
        with pytest.raises(ConflictError):
            moved.move(THERE, PATH)
        moved.delete(PATH)
        assert moved.move(THERE, PATH).path == PATH
        assert moved.run(PATH).config == {"lr": 0.1}

    def test_there_must_be_a_run_and_a_project(self, moved: Timelines) -> None:
        with pytest.raises(NotFoundError):
            moved.move(PATH, THERE)
        with pytest.raises(NotFoundError):
            moved.move(THERE, PATH._replace(project="none"))
        assert moved.run(THERE).path == THERE
