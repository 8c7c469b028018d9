"""Finding runs for those who may see them: pages, counts, columns and groups."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from playhead.domain import filter_mongo, filter_text, places
from playhead.domain.account import Actor
from playhead.domain.errors import FilterError, NotFoundError, UsageError
from playhead.domain.facts import Fact, Kind, path, values_at
from playhead.domain.filter import Filter, Place, Space, conditions
from playhead.domain.limits import MAX_FILTER, MAX_NESTING, MAX_PAGE
from playhead.domain.run import Run, RunState
from playhead.ports.runs import DOCUMENTS, RunQuery
from playhead.ports.search import Column, Group, Search
from playhead.ports.timelines import Timelines
from playhead.services.access import Access
from playhead.services.text import fit, fit_json
from playhead.wire.search import ColumnView, GroupsAsk, GroupView, RunsAsk, SpreadView

MAX_STALE = 100
"""Runs whose summary is made anew before a search."""
_DEPTH = 2 * MAX_NESTING + 8
MAX_BY = 3
"""Values that runs are grouped by."""
MAX_OF = 20
"""Values whose numbers a group has."""
MAX_VALUES = 200
"""Values of config and summary that a brief list has."""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of runs."""

    runs: list[Run]
    next: str | None
    total: int | None
    """How many runs there are on all pages, if that was asked."""


def filter_of(told: str | Mapping[str, Any] | None) -> Filter | None:
    """A filter in either language; text that begins with a brace is JSON. FilterError."""
    if told is None:
        return None
    if isinstance(told, str) and not told.lstrip().startswith("{"):
        return filter_text.parse(fit(told)) if told.strip() else None
    if isinstance(told, str):
        if len(told) > MAX_FILTER:
            raise FilterError(f"A filter has at most {MAX_FILTER:,} characters.")
        try:
            told = json.loads(told)
        except (ValueError, RecursionError) as error:
            raise FilterError(f"The filter is no JSON: {error}.") from None
    if not isinstance(told, Mapping):
        raise FilterError("A filter is a text or an object.")
    return filter_mongo.parse(fit_json(told, _DEPTH)) if told else None


class _Values:
    """Of runs' documents, the values that somebody looks at."""

    def __init__(self, names: Sequence[str]) -> None:
        """UsageError for what is no name of a value."""
        if len(names) > MAX_VALUES:
            raise UsageError(f"Runs are listed with at most {MAX_VALUES} values.")
        told = [fit(name).partition(".") for name in names]
        unknown = [space for space, _, name in told if not name or space not in places.SPACES]
        if unknown:
            raise UsageError(f"{unknown[0]!r} has no values: write config.KEY or summary.KEY.")
        self._config = [path(name) for space, _, name in told if places.SPACES[space] is Space.CONFIG]
        self._summary = [path(name) for space, _, name in told if places.SPACES[space] is Space.SUMMARY]
        wanted = {"config": self._config, "summary": self._summary}
        self.documents = frozenset(name for name, paths in wanted.items() if paths)

    def alone(self, run: Run) -> Run:
        """The run with nothing else of its documents."""
        return replace(
            run, config=values_at(run.config, self._config), summary=values_at(run.summary, self._summary), meta={}
        )


class SearchService:
    """Reading many runs."""

    def __init__(self, *, access: Access, runs: Timelines, search: Search, fresh: Callable[[Run], Run]) -> None:
        """`fresh` makes anew what is stale about a run, and stores it."""
        self._access = access
        self._runs = runs
        self._search = search
        self._fresh = fresh

    def runs(self, actor: Actor, entity: str, project: str, ask: RunsAsk) -> Found:
        """A page of a project's runs. UsageError for an unknown order, state or cursor; FilterError."""
        self._access.project(actor, entity, project)
        unknown = set(ask.state) - {state.value for state in RunState}
        if unknown:
            raise UsageError(f"{min(unknown)!r} is no state of a run: use {', '.join(RunState)}.")
        values = _Values(ask.values) if ask.brief else None
        query = RunQuery(
            search=fit(ask.search) if ask.search else None, states=frozenset(ask.state), group=ask.group, trash=ask.trash,
            order=fit(ask.order), filter=filter_of(ask.filter),
            documents=DOCUMENTS if values is None else values.documents,
        )  # fmt: skip
        self._freshen(entity, project, query, places.order(query.order).place)
        found, after = self._runs.runs(entity, project, query, min(max(ask.limit, 1), MAX_PAGE), ask.cursor)
        total = None
        if ask.count:
            whole = ask.cursor is None and after is None
            total = len(found) if whole else self._search.count(entity, project, query)
        if "summary" in query.documents:
            found = [self._fresh(run) for run in found]
        return Found(found if values is None else [values.alone(run) for run in found], after, total)

    def columns(self, actor: Actor, entity: str, project: str, prefix: str, limit: int) -> tuple[list[ColumnView], int]:
        """Values of the project's runs whose names begin with `prefix`, by name, and how many these are."""
        self._access.project(actor, entity, project)
        found = [one for one in self._search.columns(entity, project) if str(one.place).startswith(prefix)]
        shown = [one for one in found if not one.place.name.startswith("_")]
        hidden = [one for one in found if one.place.name.startswith("_")]
        return [_column_view(one) for one in (shown + hidden)[: min(limit, MAX_PAGE)]], len(found)

    def groups(self, actor: Actor, entity: str, project: str, ask: GroupsAsk) -> tuple[list[GroupView], bool]:
        """The largest groups first, and whether there are more."""
        self._access.project(actor, entity, project)
        if not 1 <= len(ask.by) <= MAX_BY or len(ask.of) > MAX_OF:
            raise UsageError(f"Runs are grouped by 1 to {MAX_BY} values, with numbers of at most {MAX_OF}.")
        by, of = [places.place_of(fit(name)) for name in ask.by], [places.place_of(fit(name)) for name in ask.of]
        query = RunQuery(search=fit(ask.search) if ask.search else None, filter=filter_of(ask.filter))
        self._freshen(entity, project, query, *by, *of)
        limit = min(max(ask.limit, 1), MAX_PAGE)
        found = self._search.groups(entity, project, query, by, of, limit + 1)
        return [_group_view(group) for group in found[:limit]], len(found) > limit

    def _freshen(self, entity: str, project: str, query: RunQuery, *asked: Place) -> None:
        """Summaries that are looked at must not be of before a rewind."""
        told = [] if query.filter is None else [one.place for one in conditions(query.filter)]
        if not any(place.space is not Space.RUN for place in (*told, *asked)):
            return
        for stale in self._search.stale(entity, project, MAX_STALE):
            with contextlib.suppress(NotFoundError):  # it was deleted meanwhile
                self._fresh(self._runs.run(stale))


def _column_view(column: Column) -> ColumnView:
    return ColumnView(name=str(column.place), kinds=[kind.name.lower() for kind in sorted(column.kinds)])


def _group_view(group: Group) -> GroupView:
    return GroupView(
        values=[None if value is None else _plain(value) for value in group.values],
        kinds=["missing" if value is None else value.kind.name.lower() for value in group.values],
        count=group.count,
        numbers=[SpreadView(count=one.count, mean=one.mean, min=one.min, max=one.max) for one in group.spreads],
    )


def _plain(value: Fact) -> Any:
    """A fact as the value that it was, but for lists and objects."""
    if value.kind is Kind.STRING:
        return value.text + value.rest
    if value.kind is Kind.BOOL:
        return bool(value.number)
    if value.kind is Kind.NAN:
        return math.nan
    if value.kind is not Kind.NUMBER:
        return None
    if value.text and value.text != "~":
        return int(value.number) + int(value.text[3:])
    return int(value.number) if value.number.is_integer() and abs(value.number) <= 1 << 53 else value.number
