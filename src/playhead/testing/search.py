"""What every catalog must find: as `domain.filter` says, whatever runs there are and whatever is asked."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from playhead.domain import filter_mongo, filter_text, pattern
from playhead.domain.account import Project, User
from playhead.domain.facts import Kind, fact
from playhead.domain.filter import (
    Among,
    Compare,
    Contains,
    Every,
    Exists,
    Filter,
    Matches,
    Not,
    Op,
    Place,
    Some,
    Space,
)
from playhead.domain.ids import RunPath
from playhead.domain.places import place_of
from playhead.domain.run import Run, RunState
from playhead.ports.accounts import Accounts
from playhead.ports.projects import Projects
from playhead.ports.runs import RunQuery
from playhead.ports.search import Search
from playhead.ports.timelines import Timelines, Turn
from playhead.testing.made import a_run, a_segment, a_stream

_numbers = itertools.count()
_PHASES = set(Phase) - {Phase.explain}
_LONG = "x" * 199

_scalars = st.one_of(
    st.sampled_from([0, 1, -1, 0.5, 2**53, 2**53 + 1, -(2**63) - 1, 2**63 + 1, 2**64, 10**320, -(10**320), 1e308]),
    st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 5e-324, True, False, None]),
    st.sampled_from(
        ["", "a", "ab", "B", "1", "é", "\U0001f600", _LONG + "ab", _LONG + "ac", _LONG + "a", "a\nb", "\0"]
    ),
    st.sampled_from(["\ud800", "a_b", "a%", "a\\", "'"]),
    st.integers(-3, 3),
    st.floats(-2, 2),
)
_keys = st.sampled_from(["a", "b", "a.b", "a.value", "x y", "é"])
_values = st.recursive(
    _scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_keys, inner, max_size=3)),
    max_leaves=4,
)
_documents = st.dictionaries(_keys, _values, max_size=4)
_tags = st.lists(st.sampled_from(["a", "ab", "é"]), unique=True, max_size=2).map(tuple)
_texts = st.sampled_from(["a", "ab", "B", "é", ""])
_runs = st.fixed_dictionaries(
    {
        "config": _documents,
        "summary": _documents.map(lambda told: {**told, "_playhead": {"at": 3}}),
        "tags": _tags,
        "name": st.sampled_from(["a", "ab", "B", "é"]),
        "state": st.sampled_from(list(RunState)),
        "group": st.one_of(st.none(), _texts),
        "notes": st.one_of(st.none(), _texts),
        "exit_code": st.one_of(st.none(), st.integers(-2, 2)),
        "created_at": st.integers(0, 3),
        "step": st.integers(0, 3),
        "user": st.sampled_from(["ada", "bob"]),
    }
)
_documented = [Place(space, name) for space in (Space.CONFIG, Space.SUMMARY) for name in ("a", "b", "a.b", "x y", "é")]
_plain = [
    place_of(name) for name in ("name", "state", "group", "notes", "exit_code", "created_at", "step", "user", "id")
]
_places = st.sampled_from([*_documented, *_documented, *_plain, place_of("tags")])
_facts = _scalars.map(fact)
_patterns = st.sampled_from(["a", "^a", "b$", "^$", "A|é", "(?i)^b", "[^a]", r"a\nb", "x{199}ab$", "."]).map(
    pattern.parse
)
_condition: st.SearchStrategy[Filter] = st.one_of(
    st.builds(Compare, _places, st.sampled_from(list(Op)), _facts),
    st.builds(Compare, _places, st.sampled_from(list(Op)), _facts),
    st.builds(Among, _places, st.lists(_facts, max_size=3).map(tuple)),
    st.builds(Exists, _places),
    st.builds(Matches, _places, _patterns),
    st.builds(Contains, _places, _facts),
)
_filters: st.SearchStrategy[Filter] = st.recursive(
    _condition,
    lambda inner: st.one_of(
        st.builds(Every, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Some, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=4,
)
_orders = st.sampled_from(
    [
        sign + str(place)
        for sign in ("", "-")
        for place in (*_documented, *(place for place in _plain if place.name != "notes"))
    ]
)


class SearchContract:
    """Subclass it with fixtures `accounts`, `projects`, `runs`, `search` (empty stores of one catalog) and `model`, which are those in memory."""

    @pytest.fixture(autouse=True)
    def _ada(self, accounts: Accounts, model: tuple[Accounts, Projects, Timelines, Search]) -> None:
        for known in (accounts, model[0]):
            known.add_user(User(name="ada"))

    @settings(deadline=None, max_examples=20, phases=_PHASES, suppress_health_check=list(HealthCheck))
    @given(
        told=st.lists(_runs, max_size=7),
        asked=st.lists(st.tuples(_filters, _orders), min_size=1, max_size=6),
        limit=st.integers(1, 3),
        by=st.lists(st.sampled_from([*_documented, *_plain, place_of("tags")]), min_size=1, max_size=2, unique=True),
    )
    def test_it_finds_what_the_model_finds(
        self,
        projects: Projects,
        runs: Timelines,
        search: Search,
        model: tuple[Accounts, Projects, Timelines, Search],
        told: list[dict[str, Any]],
        asked: list[tuple[Filter, str]],
        limit: int,
        by: list[Place],
    ) -> None:
        project = f"p{next(_numbers)}"
        for make, store in ((projects, runs), (model[1], model[2])):
            make.ensure(Project(entity="ada", name=project))
            for number, fields in enumerate(told):
                _add(store, project, number, fields)
        for tree, order in asked:
            query = RunQuery(filter=tree, order=order)
            expected = _ids(model[2], project, query, 100)
            assert _ids(runs, project, query, limit) == expected
            assert search.count("ada", project, query) == len(expected)
        query = RunQuery(filter=asked[0][0])
        assert search.columns("ada", project) == model[3].columns("ada", project)
        of = [place for place in _documented if place not in by][:2]
        found = [store.groups("ada", project, query, by, of, 50) for store in (search, model[3])]
        assert [(group.values, group.count) for group in found[0]] == [
            (group.values, group.count) for group in found[1]
        ]
        for one, other in zip(*found, strict=True):
            assert [spread.count for spread in one.spreads] == [spread.count for spread in other.spreads]
            assert [(spread.min, spread.max) for spread in one.spreads] == [
                (spread.min, spread.max) for spread in other.spreads
            ]

    def test_facts_follow_changes(self, projects: Projects, runs: Timelines, search: Search) -> None:
        projects.ensure(Project(entity="ada", name="p"))
        path = _add(runs, "p", 1, {"config": {"a": 1, "gone": [1, 2]}, "tags": ("x",)})

        def found(text: str, **query: Any) -> bool:
            asked = RunQuery(filter=filter_text.parse(text), **query)
            assert search.count("ada", "p", asked) == len(runs.runs("ada", "p", asked, 10)[0])
            return bool(search.count("ada", "p", asked))

        assert found("config.a = 1 and config.gone = 2 and tags = x and summary.b not exists")
        runs.update(path, {"config": {"a": 2, "new": {"b": True}}, "tags": ("y",), "summary": {"b": 1}})
        assert found("config.a = 2 and config.gone not exists and config.new.b = true and not tags = x and tags = y")
        assert found("summary.b = 1")
        runs.update(path, {"summary": {"b": 2}})
        assert found("summary.b = 2")
        assert not found("summary.b = 1")
        runs.update(path, {"summary": {"b": 3}})
        runs.update(path, {"state": RunState.FINISHED})
        assert found("summary.b = 3 and state = finished")
        assert not found("summary.b = 2")
        runs.update(path, {"summary": {"c": 4}})
        assert found("summary.c = 4 and summary.b not exists")
        assert [str(column.place) for column in search.columns("ada", "p")] == [
            "config.a", "config.new", "config.new.b", "summary.c",
        ]  # fmt: skip
        runs.update(path, {"deleted_at": 5})
        assert not found("config.a = 2")
        assert found("config.a = 2 and tags = y", trash=True, order="-config.a")
        assert search.columns("ada", "p") == []
        runs.update(path, {"deleted_at": None})
        assert found("config.a = 2", order="config.a")
        assert not found("config.a = 2", trash=True)
        runs.delete(path)
        assert not found("config.a = 2")
        assert not found("")
        assert search.columns("ada", "p") == []

    def test_stale_runs_are_told(self, projects: Projects, runs: Timelines, search: Search) -> None:
        projects.ensure(Project(entity="ada", name="p"))
        paths = [_add(runs, "p", number, {"stale": number > 0}) for number in range(4)]
        runs.update(paths[3], {"deleted_at": 5})
        assert search.stale("ada", "p", 9) == paths[1:3]
        assert search.stale("ada", "p", 1) == paths[1:2]
        runs.update(paths[1], {"stale": False})
        assert search.stale("ada", "p", 9) == paths[2:3]
        assert search.stale("ada", "none", 9) == []

    def test_other_projects_are_not_searched(self, projects: Projects, runs: Timelines, search: Search) -> None:
        for name in ("p", "q"):
            projects.ensure(Project(entity="ada", name=name))
        _add(runs, "p", 1, {"config": {"a": 1}})
        _add(runs, "q", 1, {"config": {"a": 1, "b": 1}})
        query = RunQuery(filter=filter_text.parse("config.a = 1"), order="-config.a")
        assert [str(run.path) for run in runs.runs("ada", "p", query, 10)[0]] == ["ada/p/r1"]
        assert search.count("ada", "q", query) == search.count("ada", "p", query) == 1
        assert search.count("ada", "none", query) == 0
        assert search.columns("ada", "none") == []
        assert search.groups("ada", "none", query, [place_of("state")], [], 9) == []
        assert [str(column.place) for column in search.columns("ada", "p")] == ["config.a"]

    @pytest.mark.parametrize("regex", ["^(a+)+$", "(a|aa)+$", "(a*)*d", "^(a|b|ab)*c"])
    def test_a_regular_expression_that_others_never_end(
        self, projects: Projects, runs: Timelines, search: Search, regex: str
    ) -> None:
        projects.ensure(Project(entity="ada", name="p"))
        _add(runs, "p", 1, {"config": {"t": "a" * 5_000 + "!"}, "name": "ab" * 40 + "!"})
        _add(runs, "p", 2, {"config": {"t": "aabc"}, "name": "abc"})
        for name in ("config.t", "display_name"):
            text = filter_text.parse(f"{name.replace('display_', '')} ~ '{regex}'")
            mongo = filter_mongo.parse({name: {"$regex": regex}})
            told = [_ids(runs, "p", RunQuery(filter=query), 10) for query in (text, mongo)]
            assert told == [["r2"] if regex.endswith("c") else []] * 2
            assert search.count("ada", "p", RunQuery(filter=text)) == len(told[0])

    def test_groups_have_numbers(self, projects: Projects, runs: Timelines, search: Search) -> None:
        projects.ensure(Project(entity="ada", name="p"))
        for number, lr in enumerate([0.1, 0.1, 0.2, "x", None]):
            _add(runs, "p", number, {"config": {"lr": lr}, "summary": {"acc": float(number)}, "step": number})
        _add(runs, "p", 9, {"summary": {"acc": math.nan}})
        by, of = [place_of("config.lr")], [place_of("summary.acc"), place_of("step")]
        groups = search.groups("ada", "p", RunQuery(), by, of, 10)
        told = {group.values[0]: (group.count, group.spreads[0]) for group in groups}
        first = told[fact(0.1)]
        assert (first[0], first[1].count, first[1].mean, first[1].min, first[1].max) == (2, 2, 0.5, 0.0, 1.0)
        assert told[None][0] == 1
        assert told[None][1].count == 0
        assert told[None][1].mean is None
        assert {value.kind for value in told if value is not None} == {Kind.NUMBER, Kind.STRING, Kind.NULL}
        assert len(search.groups("ada", "p", RunQuery(), by, of, 2)) == 2
        assert search.groups("ada", "p", RunQuery(), [place_of("state")], of, 2)[0].count == 6
        only = RunQuery(filter=filter_text.parse("config.lr = 0.2"))
        assert [group.count for group in search.groups("ada", "p", only, by, of, 9)] == [1]

    def test_the_mean_of_the_largest_and_smallest_numbers(
        self, projects: Projects, runs: Timelines, search: Search
    ) -> None:
        projects.ensure(Project(entity="ada", name="p"))
        for number in range(3):
            _add(runs, "p", number, {"summary": {"large": 1.5e308, "small": 5e-324}})
        of = [place_of("summary.large"), place_of("summary.small")]
        large, small = search.groups("ada", "p", RunQuery(), [place_of("state")], of, 9)[0].spreads
        assert large.mean == pytest.approx(1.5e308)
        assert small.mean == pytest.approx(0, abs=1e-300)


def _add(runs: Timelines, project: str, number: int, fields: dict[str, Any]) -> RunPath:
    path = RunPath("ada", project, f"r{number}")
    made = a_run(path, **fields)
    runs.turn(Turn(path=path, epoch=None, run=made, segment=a_segment(path), stream=a_stream(path)))
    return path


def _ids(runs: Timelines, project: str, query: RunQuery, limit: int) -> list[str]:
    """All pages."""
    found: list[Run] = []
    cursor: str | None = None
    while True:
        page, cursor = runs.runs("ada", project, query, limit, cursor)
        assert len(page) <= limit
        found += page
        if cursor is None:
            return [run.path.run_id for run in found]
