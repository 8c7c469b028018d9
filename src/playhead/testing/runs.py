"""What every `playhead.ports.runs.Runs` must do about runs, segments and streams. Commits: `commits.py`, turns: `turns.py`."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import pytest

from playhead.domain.account import Project, User
from playhead.domain.errors import ConflictError, NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.run import Run, RunState
from playhead.ports.accounts import Accounts
from playhead.ports.projects import Projects
from playhead.ports.runs import RunQuery
from playhead.ports.timelines import Timelines
from playhead.testing.commits import CommitsContract
from playhead.testing.made import PATH, MovableClock, a_run, a_segment, a_stream, add
from playhead.testing.moving import MovingContract
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


class RunsContract(MovingContract, RemovalContract, CommitsContract, TurnsContract):
    """Subclass it with fixtures `accounts`, `projects`, `runs` (empty stores of one catalog) and `clock`, which they look at."""

    @pytest.fixture(autouse=True)
    def _projects(self, accounts: Accounts, projects: Projects) -> None:
        accounts.add_user(User(name="ada"))
        for name in ("p", "q"):
            projects.ensure(Project(entity="ada", name=name))

    # making -----------------------------------------------------------------------------------------------------------

    def test_all_three_are_made(self, runs: Timelines) -> None:
        made = a_run(config={"a": 1}, tags=("x", "y"), exit_code=3, finished_at=4, group="g", notes="n", user="ada")
        segment = a_segment(parent="gone", parent_step=4)
        stream = a_stream(label="l", schemas={7: (("loss", "f"),)})
        run, *others = add(runs, made, segment, stream)
        assert run == replace(made, updated_at=run.updated_at)
        assert others == [segment, stream]
        assert runs.run(PATH) == run
        assert runs.segments(PATH) == [segment]
        assert runs.streams(PATH) == [stream]
        assert runs.stream(stream.id) == stream

    def test_a_run_needs_a_project(self, runs: Timelines) -> None:
        path = RunPath("ada", "none", "r")
        with pytest.raises(NotFoundError):
            add(runs, a_run(path), a_segment(path), a_stream(path))
        with pytest.raises(NotFoundError):
            runs.stream(a_stream(path).id)

    def test_one_more_stream_leaves_the_run(self, runs: Timelines) -> None:
        first, _, _ = add(runs, a_run(), a_segment(), a_stream())
        run, _, stream = add(runs, a_run(name="other"), a_segment(), a_stream(number=2, role="system"))
        assert run == replace(first, updated_at=run.updated_at)
        assert stream == a_stream(number=2, role="system")
        assert [stream.id for stream in runs.streams(PATH)] == [a_stream().id, a_stream(number=2).id]

    def test_ids_belong_to_one_run(self, runs: Timelines) -> None:
        add(runs, a_run(), a_segment(), a_stream())
        other = RunPath("ada", "p", "other")
        for segment, stream in (
            (replace(a_segment(), run=other), a_stream(other)),
            (a_segment(other), replace(a_stream(), run=other)),
        ):
            with pytest.raises(ConflictError):
                add(runs, a_run(other), segment, stream)
        with pytest.raises(NotFoundError):
            runs.run(other)

    def test_segments_tell_where_a_fork_came_from(self, runs: Timelines) -> None:
        other, third = RunPath("ada", "q", "fork"), RunPath("ada", "p", "fork2")
        add(runs, a_run(), a_segment(), a_stream())
        rewound = a_segment(number=2, parent=a_segment().id, parent_step=5)
        add(runs, a_run(), rewound, a_stream(number=2, segment=2))
        fork = a_segment(other, parent=rewound.id, parent_step=7)
        add(runs, a_run(other), fork, a_stream(other))
        fork2 = a_segment(third, parent=fork.id, parent_step=9)
        add(runs, a_run(third), fork2, a_stream(third))
        expected = [replace(a_segment(), archived=True), rewound, fork, fork2]
        assert runs.segments(third) == expected
        assert runs.segments(other) == expected[:3]
        assert runs.segments(PATH) == expected[:2]
        chains = runs.chains("ada", "p", [third.run_id, "none", PATH.run_id])
        assert {run_id: segments for run_id, (_, segments) in chains.items()} == {
            third.run_id: expected,
            PATH.run_id: expected[:2],
        }
        assert all(
            run.path.run_id == run_id and run.head == runs.run(run.path).head for run_id, (run, _) in chains.items()
        )
        assert runs.chains("ada", "p", []) == {}

    # reading and changing -------------------------------------------------------------------------------------------

    def test_what_is_not_there(self, runs: Timelines) -> None:
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

    def test_json_comes_back_as_it_was(self, runs: Timelines) -> None:
        add(runs, a_run(config=JSON, summary=JSON, meta=JSON), a_segment(), a_stream())
        run = runs.run(PATH)
        assert repr(run.config) == repr(run.summary) == repr(run.meta) == repr(JSON)
        run.config["nested"]["a"] = "changed by the reader"
        assert repr(runs.run(PATH).config) == repr(JSON)

    def test_a_list_has_the_documents_that_are_looked_at(self, runs: Timelines) -> None:
        made, _, _ = add(runs, a_run(config=JSON, summary=JSON, meta=JSON), a_segment(), a_stream())
        for documents in (frozenset(), frozenset({"config"}), frozenset({"summary", "meta"})):
            [found], _ = runs.runs("ada", "p", RunQuery(documents=documents), 10)
            for name in ("config", "summary", "meta"):
                told = repr(getattr(found, name))
                assert told == repr(JSON) or (told == "{}" and name not in documents)
            assert repr(replace(found, config=JSON, summary=JSON, meta=JSON)) == repr(made)

    def test_update_sets_fields(self, runs: Timelines) -> None:
        first, _, _ = add(runs, a_run(), a_segment(), a_stream())
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

    def test_state_and_tags_have_their_types(self, runs: Timelines) -> None:
        add(runs, a_run(), a_segment(), a_stream())
        run = runs.update(PATH, {"state": "killed", "tags": ["a", "b"]})
        assert run.state is RunState.KILLED
        assert run.tags == ("a", "b")

    @pytest.mark.parametrize("field", ["path", "head", "updated_at", "nonsense", "project_id"])
    def test_update_refuses_other_fields(self, runs: Timelines, field: str) -> None:
        run, _, _ = add(runs, a_run(), a_segment(), a_stream())
        with pytest.raises(UsageError):
            runs.update(PATH, {"name": "x", field: 1})
        assert runs.run(PATH) == run

    def test_every_change_is_seen_once(self, runs: Timelines, clock: MovableClock) -> None:
        paths = [RunPath("ada", "p", name) for name in "abc"]
        seen, news = 0, []
        for number, (path, step) in enumerate(itertools.product(paths, (0, 0, -1_000_000, 5))):
            clock.advance(step)
            add(runs, a_run(path), a_segment(path), a_stream(path))
            runs.update(path, {"step": number})
            changes = runs.changed("ada", "p", seen)
            seen = changes[-1][3]
            news += [change[:3] for change in changes]
        assert news == [(paths[number // 4].run_id, "running", number) for number in range(12)]
        assert [change[0] for change in runs.changed("ada", "p", 0)] == ["a", "b", "c"]
        assert runs.changed("ada", "p", seen) == []
        assert runs.changed("ada", "q", 0) == []

    def test_time_is_told_when_it_can_be(self, runs: Timelines, clock: MovableClock) -> None:
        add(runs, a_run(), a_segment(), a_stream())
        clock.advance(60_000_000)
        assert runs.update(PATH, {"step": 1}).updated_at == clock.now()

    # lists ----------------------------------------------------------------------------------------------------------

    @staticmethod
    def _fill(runs: Timelines) -> list[Run]:
        made = []
        for number in range(11):
            path = RunPath("ada", "p", f"r{number}")
            run = a_run(
                path,
                created_at=number // 3,
                name=("b", "a", "B", "é", "ab")[number % 5],
                state=(RunState.RUNNING, RunState.FINISHED, RunState.FAILED)[number % 3],
                group=f"Group {number % 2}",
                tags=("Straße", f"t_{number}%") if number % 4 == 0 else (),
            )
            made.append(add(runs, run, a_segment(path), a_stream(path))[0])
        other = RunPath("ada", "q", "r0")
        add(runs, a_run(other), a_segment(other), a_stream(other))
        return made

    @pytest.mark.parametrize("order", ["created_at", "updated_at", "name", "state"])
    @pytest.mark.parametrize("sign", ["", "-"])
    def test_pages_are_the_whole_list(self, runs: Timelines, order: str, sign: str) -> None:
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
    def test_search(self, runs: Timelines, search: str, expected: list[str]) -> None:
        self._fill(runs)
        found, cursor = runs.runs("ada", "p", RunQuery(search=search), 100)
        assert cursor is None
        assert sorted(run.path.run_id for run in found) == sorted(expected)

    def test_search_follows_changes(self, runs: Timelines) -> None:
        add(runs, a_run(), a_segment(), a_stream())
        for fields, search in (({"name": "Fresh"}, "fresh"), ({"tags": ("new",)}, "new"), ({"group": "Grp"}, "grp")):
            runs.update(PATH, fields)
            assert len(runs.runs("ada", "p", RunQuery(search=search), 10)[0]) == 1
        assert not runs.runs("ada", "p", RunQuery(search="name of"), 10)[0]
        assert len(runs.runs("ada", "p", RunQuery(search="fresh"), 10)[0]) == 1

    def test_states(self, runs: Timelines) -> None:
        self._fill(runs)
        found, _ = runs.runs("ada", "p", RunQuery(states=frozenset({"running", "failed"}), search="group 0"), 100)
        assert {run.path.run_id for run in found} == {"r0", "r2", "r6", "r8"}

    @pytest.mark.parametrize("order", ["", "-", "config", "sought", "tags", "notes", "config."])
    def test_a_wrong_order_is_told(self, runs: Timelines, order: str) -> None:
        with pytest.raises(UsageError):
            runs.runs("ada", "p", RunQuery(order=order), 10)

    @pytest.mark.parametrize("cursor", ["", "?", "e30", "WzFd"])
    def test_a_wrong_cursor_is_told(self, runs: Timelines, cursor: str) -> None:
        with pytest.raises(UsageError):
            runs.runs("ada", "p", RunQuery(), 10, cursor)

    def test_silent_runs(self, runs: Timelines) -> None:
        states = [RunState.RUNNING, RunState.FINISHED, RunState.PREEMPTING, RunState.RUNNING, RunState.CRASHED]
        for number, state in enumerate(states):
            path = RunPath("ada", "p", f"r{number}")
            add(runs, a_run(path, state=state, heartbeat_at=number), a_segment(path), a_stream(path))
        assert [path.run_id for path in runs.silent(3)] == ["r0", "r2"]
        assert [path.run_id for path in runs.silent(4)] == ["r0", "r2", "r3"]

    # delete ---------------------------------------------------------------------------------------------------------

    def test_delete_forgets_all_of_it(self, runs: Timelines) -> None:
        other = RunPath("ada", "p", "other")
        for path in (PATH, other):
            add(runs, a_run(path), a_segment(path), a_stream(path))
        add(runs, a_run(), a_segment(number=2), a_stream(number=2, segment=2))
        ids = {a_segment().id, a_segment(number=2).id, a_stream().id, a_stream(number=2).id}
        assert set(runs.delete(PATH)) == ids
        with pytest.raises(NotFoundError):
            runs.run(PATH)
        with pytest.raises(NotFoundError):
            runs.stream(a_stream().id)
        assert runs.run(other).path == other
        run, segment, stream = add(runs, a_run(), a_segment(), a_stream())
        assert (run.head, segment, stream) == (a_segment().id, a_segment(), a_stream())
        assert runs.records(PATH, "config") == []
