"""What every `playhead.ports.runs.Runs` must do with commits: whole, once, in order, and fast."""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from playhead.domain.errors import NotFoundError, OffsetError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.run import RunState
from playhead.ports.runs import Commit, Record, RunQuery
from playhead.ports.timelines import Timelines, Turn
from playhead.testing.made import PATH, a_run, a_segment, a_stream, add

STREAM = a_stream().id


def _record(offset: int, kind: str = "config", at: int | None = None) -> Record:
    return Record(kind=kind, offset=offset, step=offset, time=offset if at is None else at, data={"at": offset})


class CommitsContract:
    """Part of RunsContract."""

    @pytest.fixture
    def opened(self, runs: Timelines) -> Timelines:
        """A store with one run, segment and stream."""
        add(runs, a_run(), a_segment(), a_stream())
        return runs

    def test_a_commit_does_all_of_it(self, opened: Timelines) -> None:
        before = opened.run(PATH)
        fields: dict[str, Any] = {
            "state": "finished",
            "step": 10,
            "summary": {"a": math.inf},
            "heartbeat_at": 50,
            "exit_code": 0,
        }
        schemas = {1: (("loss", "f"), ("acc", "i"))}
        commit = Commit(
            stream=STREAM,
            start=0,
            end=100,
            run=fields,
            first_step=2,
            last_step=9,
            last_time=77,
            schemas=schemas,
            records=[_record(7)],
            lines={"history": ((0, 3), (5, 6))},
        )
        opened.commit([commit])
        run = opened.run(PATH)
        assert run == replace(before, **{**fields, "state": RunState.FINISHED}, updated_at=run.updated_at)
        assert run.updated_at > before.updated_at
        assert opened.stream(STREAM) == a_stream(
            offset=100, schemas=schemas, last_at=77, last_step=9, lines={"history": ((0, 3), (5, 6))}
        )
        assert opened.segments(PATH) == [a_segment(first_step=2, last_step=9)]
        assert opened.records(PATH, "config") == [replace(_record(7), stream=STREAM, segment=a_segment().id)]
        assert opened.records(PATH, "summary") == []

    def test_nothing_is_a_commit_too(self, opened: Timelines) -> None:
        opened.commit([])
        assert opened.stream(STREAM).offset == 0

    def test_a_stretch_takes_effect_once(self, opened: Timelines) -> None:
        commit = Commit(stream=STREAM, start=0, end=100, records=[_record(7)])
        opened.commit([commit])
        with pytest.raises(OffsetError) as refused:
            opened.commit([commit])
        assert refused.value.expected == 100
        assert len(opened.records(PATH, "config")) == 1

    def test_all_or_none(self, opened: Timelines) -> None:
        add(opened, a_run(), a_segment(), a_stream(number=2))
        before = opened.run(PATH)
        good = Commit(stream=STREAM, start=0, end=100, run={"step": 5}, first_step=1, last_step=2, records=[_record(7)])
        for bad, error in (
            (Commit(stream=a_stream(number=2).id, start=1, end=2), OffsetError),
            (Commit(stream="unknown", start=0, end=2), NotFoundError),
            (Commit(stream=a_stream(number=2).id, start=0, end=2, run={"path": 1}), UsageError),
        ):
            with pytest.raises(error):
                opened.commit([good, bad])
        assert opened.run(PATH) == before
        assert opened.stream(STREAM).offset == 0
        assert opened.segments(PATH) == [a_segment()]
        assert opened.records(PATH, "config") == []

    def test_several_stretches_of_a_stream(self, opened: Timelines) -> None:
        opened.commit(
            [
                Commit(stream=STREAM, start=0, end=10, run={"step": 1, "notes": "n"}, schemas={1: (("a", "f"),)}),
                Commit(stream=STREAM, start=10, end=20, run={"step": 2}, schemas={2: (("b", "f"),)}),
            ]
        )
        run = opened.run(PATH)
        assert (run.step, run.notes) == (2, "n")
        expected = {1: (("a", "f"),), 2: (("b", "f"),)}
        assert opened.stream(STREAM) == a_stream(offset=20, schemas=expected)
        with pytest.raises(OffsetError) as refused:
            opened.commit([Commit(stream=STREAM, start=20, end=30), Commit(stream=STREAM, start=20, end=30)])
        assert refused.value.expected == 30
        assert opened.stream(STREAM).offset == 20

    def test_segments_widen(self, opened: Timelines) -> None:
        for number, (first, last) in enumerate([(5, 7), (None, None), (6, 6), (2, 3), (9, 12)]):
            opened.commit([Commit(stream=STREAM, start=number, end=number + 1, first_step=first, last_step=last)])
        assert opened.segments(PATH) == [a_segment(first_step=2, last_step=12)]

    def test_a_schema_said_again_replaces(self, opened: Timelines) -> None:
        opened.commit([Commit(stream=STREAM, start=0, end=1, schemas={1: (("a", "f"),), 2: ()})])
        opened.commit([Commit(stream=STREAM, start=1, end=2, schemas={1: (("b", "i"),)})])
        assert opened.stream(STREAM).schemas == {1: (("b", "i"),), 2: ()}

    def test_lines_are_told_by_file(self, opened: Timelines) -> None:
        opened.commit(
            [
                Commit(stream=STREAM, start=0, end=1, lines={"history": ((0, 1),), "events": ((0, 2),)}),
                Commit(stream=STREAM, start=1, end=2, lines={"history": ((0, 4),)}),
            ]
        )
        opened.commit([Commit(stream=STREAM, start=2, end=3)])
        assert opened.stream(STREAM).lines == {"history": ((0, 4),), "events": ((0, 2),)}
        with pytest.raises(OffsetError):
            opened.commit([Commit(stream=STREAM, start=2, end=4, lines={"history": ((0, 9),)})])
        assert opened.streams(PATH)[0].lines == {"history": ((0, 4),), "events": ((0, 2),)}

    def test_records_come_in_order_of_time(self, opened: Timelines) -> None:
        add(opened, a_run(), a_segment(), a_stream(number=2, role="system"))
        records = [_record(1, at=30), _record(2, at=10), _record(3, at=10), _record(4, kind="file", at=5)]
        opened.commit(
            [
                Commit(stream=STREAM, start=0, end=9, records=records),
                Commit(stream=a_stream(number=2).id, start=0, end=9, records=[_record(2, at=20)]),
            ]
        )
        assert [record.time for record in opened.records(PATH, "config")] == [10, 10, 20, 30]
        assert [record.offset for record in opened.records(PATH, "config")] == [2, 3, 2, 1]
        assert len(opened.records(PATH, "file")) == 1

    def test_search_follows_commits(self, opened: Timelines) -> None:
        opened.commit([Commit(stream=STREAM, start=0, end=1, run={"name": "Fresh", "tags": ["new"]})])
        for search in ("fresh", "NEW"):
            assert len(opened.runs("ada", "p", RunQuery(search=search), 10)[0]) == 1

    def test_one_of_many_at_once_commits(self, opened: Timelines) -> None:
        def commit(place: int) -> bool:
            try:
                opened.commit([Commit(stream=STREAM, start=0, end=10, records=[_record(place)])])
            except OffsetError:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            won = list(pool.map(commit, range(8)))
        assert won.count(True) == 1
        assert [record.offset for record in opened.records(PATH, "config")] == [won.index(True)]

    def test_a_deleted_run_takes_no_commit(self, opened: Timelines) -> None:
        opened.commit([Commit(stream=STREAM, start=0, end=10, records=[_record(1)])])
        opened.delete(PATH)
        with pytest.raises(NotFoundError):
            opened.commit([Commit(stream=STREAM, start=10, end=20)])

    @pytest.mark.thorough
    def test_a_thousand_commits_at_once(self, runs: Timelines) -> None:
        paths = [RunPath("ada", "p", f"r{number}") for number in range(20)]
        for path in paths:
            run, *_ = add(runs, a_run(path), a_segment(path), a_stream(path, 0))
            for number in range(1, 50):
                run = runs.turn(Turn(path=path, epoch=run.epoch, stream=a_stream(path, number)))
        commits = [
            Commit(
                stream=a_stream(path, number).id,
                start=0,
                end=10,
                run={"step": number, "summary": {"loss": 0.5}},
                first_step=number,
                last_step=number,
                records=[_record(1)],
            )
            for path in paths
            for number in range(50)
        ]
        began = time.perf_counter()
        runs.commit(commits)
        took = time.perf_counter() - began
        assert {runs.run(path).step for path in paths} == {49}
        assert runs.segments(paths[3])[0].last_step == 49
        assert took < 10, "1,000 commits in one call: some 0.1 s; a hundred times that is a statement a commit"
