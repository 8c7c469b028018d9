"""What every `playhead.ports.runs.Runs` must do about runs, segments and streams. Commits: `commits.py`, turns: `turns.py`."""

from __future__ import annotations

import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from playhead.domain.account import Project, User
from playhead.domain.errors import ConflictError, NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.run import Run, RunState
from playhead.ports.accounts import Accounts
from playhead.ports.projects import Projects
from playhead.ports.runs import RunQuery, Runs
from playhead.testing.commits import CommitsContract
from playhead.testing.made import PATH, MovableClock, a_run, a_segment, a_stream
from playhead.testing.removal import RemovalContract
from playhead.testing.turns import TurnsContract

JSON: dict[str, Any] = {
    "nan": math.nan,
    "infinity": [math.inf, -math.inf],
    "big": 2**70,
    "zero": -0.0,
    "text": "é \x00 \ud800 \U0001f600",
    "none": None,
    "nested": {"a": {"b": [1, 1.0, True]}},
}


class RunsContract(RemovalContract, CommitsContract, TurnsContract):
    """Subclass it with fixtures `accounts`, `projects`, `runs` (empty stores of one catalog) and `clock`, which they look at."""

    @pytest.fixture(autouse=True)
    def _projects(self, accounts: Accounts, projects: Projects) -> None:
        accounts.add_user(User(name="ada"))
        for name in ("p", "q"):
            projects.ensure(Project(entity="ada", name=name))

    # open -----------------------------------------------------------------------------------------------------------

    def test_open_makes_all_three(self, runs: Runs) -> None:
        made = a_run(config={"a": 1}, tags=("x", "y"), exit_code=3, finished_at=4, group="g", notes="n", user="ada")
        segment = a_segment(parent="gone", parent_step=4)
        stream = a_stream(label="l", schemas={7: (("loss", "f"),)})
        run, *others = runs.open(made, segment, stream)
        assert run == replace(made, updated_at=run.updated_at)
        assert others == [segment, stream]
        assert runs.run(PATH) == run
        assert runs.segments(PATH) == [segment]
        assert runs.streams(PATH) == [stream]
        assert runs.stream(stream.id) == stream

    def test_open_needs_a_project(self, runs: Runs) -> None:
        path = RunPath("ada", "none", "r")
        with pytest.raises(NotFoundError):
            runs.open(a_run(path), a_segment(path), a_stream(path))
        with pytest.raises(NotFoundError):
            runs.stream(a_stream(path).id)

    def test_open_again_changes_nothing(self, runs: Runs) -> None:
        first = runs.open(a_run(), a_segment(), a_stream())
        again = runs.open(
            a_run(name="other", state=RunState.FAILED), a_segment(parent_step=3), a_stream(offset=5, label="other")
        )
        assert again == first

    def test_one_more_stream_leaves_the_run(self, runs: Runs) -> None:
        first, _, _ = runs.open(a_run(), a_segment(), a_stream())
        run, _, stream = runs.open(a_run(name="other"), a_segment(), a_stream(number=2, role="system"))
        assert run == first
        assert stream == a_stream(number=2, role="system")
        assert [stream.id for stream in runs.streams(PATH)] == [a_stream().id, a_stream(number=2).id]

    def test_a_new_segment_becomes_the_head(self, runs: Runs) -> None:
        first, _, _ = runs.open(a_run(meta={"host": "h"}, damaged=2), a_segment(), a_stream())
        runs.update(PATH, {"state": "failed", "exit_code": 1, "finished_at": 9, "summary": {"a": 1}})
        fields: dict[str, Any] = {
            "name": "n2",
            "group": "g",
            "job_type": "j",
            "notes": "o",
            "tags": ("t",),
            "step": 6,
            "user": "bob",
        }
        again = a_run(started_at=20, heartbeat_at=21, config={"c": 1}, summary={"s": 2}, created_at=20, **fields)
        second = a_segment(number=2, parent=a_segment().id, parent_step=5)
        run, segment, _ = runs.open(again, second, a_stream(number=2, segment=2))
        kept: dict[str, Any] = {"created_at": 1, "meta": {"host": "h"}, "damaged": 2}
        assert run == replace(again, head=second.id, updated_at=run.updated_at, **kept)
        assert run.updated_at > first.updated_at
        assert segment == second
        assert [(s.id, s.archived) for s in runs.segments(PATH)] == [(a_segment().id, True), (second.id, False)]

    def test_ids_belong_to_one_run(self, runs: Runs) -> None:
        runs.open(a_run(), a_segment(), a_stream())
        other = RunPath("ada", "p", "other")
        for segment, stream in (
            (replace(a_segment(), run=other), a_stream(other)),
            (a_segment(other), replace(a_stream(), run=other)),
        ):
            with pytest.raises(ConflictError):
                runs.open(a_run(other), segment, stream)
        with pytest.raises(NotFoundError):
            runs.run(other)

    def test_segments_tell_where_a_fork_came_from(self, runs: Runs) -> None:
        other, third = RunPath("ada", "q", "fork"), RunPath("ada", "p", "fork2")
        runs.open(a_run(), a_segment(), a_stream())
        rewound = a_segment(number=2, parent=a_segment().id, parent_step=5)
        runs.open(a_run(), rewound, a_stream(number=2, segment=2))
        fork = a_segment(other, parent=rewound.id, parent_step=7)
        runs.open(a_run(other), fork, a_stream(other))
        fork2 = a_segment(third, parent=fork.id, parent_step=9)
        runs.open(a_run(third), fork2, a_stream(third))
        expected = [replace(a_segment(), archived=True), rewound, fork, fork2]
        assert runs.segments(third) == expected
        assert runs.segments(other) == expected[:3]
        assert runs.segments(PATH) == expected[:2]

    def test_many_open_one_run_at_once(self, runs: Runs) -> None:
        with ThreadPoolExecutor(4) as pool:
            opened = list(pool.map(lambda n: runs.open(a_run(), a_segment(), a_stream(number=n)), range(8)))
        assert len({run.updated_at for run, _, _ in opened}) == 1
        assert len(runs.streams(PATH)) == 8

    # reading and changing -------------------------------------------------------------------------------------------

    def test_what_is_not_there(self, runs: Runs) -> None:
        with pytest.raises(NotFoundError):
            runs.run(PATH)
        with pytest.raises(NotFoundError):
            runs.segments(PATH)
        with pytest.raises(NotFoundError):
            runs.streams(PATH)
        with pytest.raises(NotFoundError):
            runs.records(PATH, "config")
        with pytest.raises(NotFoundError):
            runs.update(PATH, {"name": "x"})
        with pytest.raises(NotFoundError):
            runs.delete(PATH)
        with pytest.raises(NotFoundError):
            runs.stream("x")
        assert runs.runs("ada", "none", RunQuery(), 10) == ([], None)
        assert runs.changed("ada", "none", 0) == []

    def test_json_comes_back_as_it_was(self, runs: Runs) -> None:
        runs.open(a_run(config=JSON, summary=JSON, meta=JSON), a_segment(), a_stream())
        run = runs.run(PATH)
        assert repr(run.config) == repr(run.summary) == repr(run.meta) == repr(JSON)
        run.config["nested"]["a"] = "changed by the reader"
        assert repr(runs.run(PATH).config) == repr(JSON)

    def test_update_sets_fields(self, runs: Runs) -> None:
        first, _, _ = runs.open(a_run(), a_segment(), a_stream())
        fields: dict[str, Any] = {
            "name": "n",
            "state": RunState.FAILED,
            "exit_code": -9,
            "finished_at": 10**16,
            "step": 2**40,
            "tags": ("a", "b"),
            "config": {"a": {"b": 1}},
            "group": None,
        }
        run = runs.update(PATH, fields)
        assert run == replace(first, **fields, updated_at=run.updated_at)
        assert run == runs.run(PATH)

    def test_state_and_tags_have_their_types(self, runs: Runs) -> None:
        runs.open(a_run(), a_segment(), a_stream())
        run = runs.update(PATH, {"state": "killed", "tags": ["a", "b"]})
        assert run.state is RunState.KILLED
        assert run.tags == ("a", "b")

    @pytest.mark.parametrize("field", ["path", "head", "updated_at", "nonsense", "project_id"])
    def test_update_refuses_other_fields(self, runs: Runs, field: str) -> None:
        run, _, _ = runs.open(a_run(), a_segment(), a_stream())
        with pytest.raises(UsageError):
            runs.update(PATH, {"name": "x", field: 1})
        assert runs.run(PATH) == run

    def test_every_change_is_seen_once(self, runs: Runs, clock: MovableClock) -> None:
        paths = [RunPath("ada", "p", name) for name in "abc"]
        seen, news = 0, []
        for number, (path, step) in enumerate(itertools.product(paths, (0, 0, -1_000_000, 5))):
            clock.advance(step)
            runs.open(a_run(path), a_segment(path), a_stream(path))
            runs.update(path, {"step": number})
            changes = runs.changed("ada", "p", seen)
            seen = changes[-1][3]
            news += [change[:3] for change in changes]
        assert news == [(paths[number // 4].run_id, "running", number) for number in range(12)]
        assert [change[0] for change in runs.changed("ada", "p", 0)] == ["a", "b", "c"]
        assert runs.changed("ada", "p", seen) == []
        assert runs.changed("ada", "q", 0) == []

    def test_time_is_told_when_it_can_be(self, runs: Runs, clock: MovableClock) -> None:
        runs.open(a_run(), a_segment(), a_stream())
        clock.advance(60_000_000)
        assert runs.update(PATH, {"step": 1}).updated_at == clock.now()

    # lists ----------------------------------------------------------------------------------------------------------

    @staticmethod
    def _fill(runs: Runs) -> list[Run]:
        made = []
        for number in range(11):
            path = RunPath("ada", "p", f"r{number}")
            run = a_run(
                path,
                created_at=number // 3,
                name=("b", "a", "B", "é", "ab")[number % 5],
                state=list(RunState)[number % 3],
                group=f"Group {number % 2}",
                tags=("Straße", f"t_{number}%") if number % 4 == 0 else (),
            )
            made.append(runs.open(run, a_segment(path), a_stream(path))[0])
        other = RunPath("ada", "q", "r0")
        runs.open(a_run(other), a_segment(other), a_stream(other))
        return made

    @pytest.mark.parametrize("order", ["created_at", "updated_at", "name", "state"])
    @pytest.mark.parametrize("sign", ["", "-"])
    def test_pages_are_the_whole_list(self, runs: Runs, order: str, sign: str) -> None:
        made = sorted(self._fill(runs), key=lambda run: (getattr(run, order), run.path.run_id), reverse=sign == "-")
        for limit in (1, 3, 11, 12):
            pages, cursor = runs.runs("ada", "p", RunQuery(order=sign + order), limit)
            while cursor is not None:
                page, cursor = runs.runs("ada", "p", RunQuery(order=sign + order), limit, cursor)
                assert 0 < len(page) <= limit
                pages += page
            assert pages == made

    @pytest.mark.parametrize(
        ("search", "expected"),
        [
            ("R1", ["r1", "r10"]),
            ("group 1", ["r1", "r3", "r5", "r7", "r9"]),
            ("STRASSE", ["r0", "r4", "r8"]),
            ("t_8%", ["r8"]),
            ("É", ["r3", "r8"]),
            ("_", ["r0", "r4", "r8"]),
            ("b r", []),
            ("", [f"r{number}" for number in range(11)]),
        ],
    )
    def test_search(self, runs: Runs, search: str, expected: list[str]) -> None:
        self._fill(runs)
        found, cursor = runs.runs("ada", "p", RunQuery(search=search), 100)
        assert cursor is None
        assert sorted(run.path.run_id for run in found) == sorted(expected)

    def test_search_follows_changes(self, runs: Runs) -> None:
        runs.open(a_run(), a_segment(), a_stream())
        for fields, search in (({"name": "Fresh"}, "fresh"), ({"tags": ("new",)}, "new"), ({"group": "Grp"}, "grp")):
            runs.update(PATH, fields)
            assert len(runs.runs("ada", "p", RunQuery(search=search), 10)[0]) == 1
        assert not runs.runs("ada", "p", RunQuery(search="name of"), 10)[0]
        assert len(runs.runs("ada", "p", RunQuery(search="fresh"), 10)[0]) == 1

    def test_states(self, runs: Runs) -> None:
        self._fill(runs)
        found, _ = runs.runs("ada", "p", RunQuery(states=frozenset({"running", "failed"}), search="group 0"), 100)
        assert {run.path.run_id for run in found} == {"r0", "r2", "r6", "r8"}

    @pytest.mark.parametrize("order", ["", "-", "config", "sought", "id"])
    def test_a_wrong_order_is_told(self, runs: Runs, order: str) -> None:
        with pytest.raises(UsageError):
            runs.runs("ada", "p", RunQuery(order=order), 10)

    @pytest.mark.parametrize("cursor", ["", "?", "e30", "WzFd"])
    def test_a_wrong_cursor_is_told(self, runs: Runs, cursor: str) -> None:
        with pytest.raises(UsageError):
            runs.runs("ada", "p", RunQuery(), 10, cursor)

    def test_silent_runs(self, runs: Runs) -> None:
        states = [RunState.RUNNING, RunState.FINISHED, RunState.PREEMPTING, RunState.RUNNING, RunState.CRASHED]
        for number, state in enumerate(states):
            path = RunPath("ada", "p", f"r{number}")
            runs.open(a_run(path, state=state, heartbeat_at=number), a_segment(path), a_stream(path))
        assert [path.run_id for path in runs.silent(3)] == ["r0", "r2"]
        assert [path.run_id for path in runs.silent(4)] == ["r0", "r2", "r3"]

    # delete ---------------------------------------------------------------------------------------------------------

    def test_delete_forgets_all_of_it(self, runs: Runs) -> None:
        other = RunPath("ada", "p", "other")
        for path in (PATH, other):
            runs.open(a_run(path), a_segment(path), a_stream(path))
        runs.open(a_run(), a_segment(number=2), a_stream(number=2, segment=2))
        ids = {a_segment().id, a_segment(number=2).id, a_stream().id, a_stream(number=2).id}
        assert set(runs.delete(PATH)) == ids
        with pytest.raises(NotFoundError):
            runs.run(PATH)
        with pytest.raises(NotFoundError):
            runs.stream(a_stream().id)
        assert runs.run(other).path == other
        run, segment, stream = runs.open(a_run(), a_segment(), a_stream())
        assert (run.head, segment, stream) == (a_segment().id, a_segment(), a_stream())
        assert runs.records(PATH, "config") == []
