"""What there is to find in runs on dicts. The meaning of filters, orders and groups: other catalogs must say the same."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import fsum, inf

from playhead.adapters.memory.catalog import Catalog
from playhead.domain.errors import UsageError
from playhead.domain.facts import ELEMENTS, MISSING, Fact, Kind
from playhead.domain.filter import Place, Space, holds, rank, told
from playhead.domain.ids import RunPath
from playhead.domain.places import order as order_of
from playhead.domain.run import Run
from playhead.ports.runs import RunQuery
from playhead.ports.search import TINY, Column, Group, Spread


class MemorySearch:
    """`playhead.ports.search.Search` in memory."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def count(self, entity: str, project: str, query: RunQuery) -> int:
        with self._catalog.lock:
            return len(meant(self._catalog, entity, project, query))

    def stale(self, entity: str, project: str, limit: int) -> list[RunPath]:
        with self._catalog.lock:
            return [run.path for run in meant(self._catalog, entity, project, RunQuery()) if run.stale][:limit]

    def columns(self, entity: str, project: str) -> list[Column]:
        with self._catalog.lock:
            found: dict[Place, set[Kind]] = {}
            for run in meant(self._catalog, entity, project, RunQuery()):
                for place, own in told(run).items():
                    if place.space is not Space.RUN and not place.name.endswith(ELEMENTS):
                        found.setdefault(place, set()).update(one.kind for one in own)
        return [Column(place=place, kinds=frozenset(kinds)) for place, kinds in sorted(found.items())]

    def groups(
        self, entity: str, project: str, query: RunQuery, by: Sequence[Place], of: Sequence[Place], limit: int
    ) -> list[Group]:
        with self._catalog.lock:
            found: dict[tuple[Fact | None, ...], list[list[float]]] = {}
            counts: dict[tuple[Fact | None, ...], int] = {}
            for run in meant(self._catalog, entity, project, query):
                known = told(run)
                for values in product(*(_values(known.get(_own(place), ())) for place in by)):
                    counts[values] = counts.get(values, 0) + 1
                    numbers = found.setdefault(values, [[] for _ in of])
                    for place, mine in zip(of, numbers, strict=True):
                        mine += [one.number for one in known.get(place, ()) if one.kind is Kind.NUMBER]
        groups = [
            Group(values=values, count=counts[values], spreads=tuple(map(_spread, numbers)))
            for values, numbers in found.items()
        ]
        groups.sort(key=lambda group: (-group.count, [_sorting(value) for value in group.values]))
        return groups[:limit]


def _own(place: Place) -> Place:
    return Place(place.space, place.name + ELEMENTS) if place == Place(Space.RUN, "tags") else place


def _values(own: tuple[Fact, ...]) -> tuple[Fact | None, ...]:
    return own or (None,)


def _sorting(value: Fact | None) -> tuple[bool, Fact]:
    return (value is not None, value or Fact(Kind.NULL))


def _spread(numbers: list[float]) -> Spread:
    if not numbers:
        return Spread()
    scaled = [number * TINY for number in numbers]
    total = fsum(scaled) if inf not in numbers and -inf not in numbers else sum(scaled)
    return Spread(count=len(numbers), mean=total / len(numbers) / TINY, min=min(numbers), max=max(numbers))


def meant(catalog: Catalog, entity: str, project: str, query: RunQuery) -> list[Run]:
    """The runs that a query means, as they were made."""
    own = [run for path, run in catalog.runs.items() if path[:2] == (entity, project)]
    return [run for run in own if _matches(run, query)]


def ordered(runs: list[Run], order: str) -> list[Run]:
    """In that order. UsageError."""
    place, descending = order_of(order)
    if place == Place(Space.RUN, "notes"):
        raise UsageError("Runs cannot be ordered by 'notes'.")
    known = [(rank(place, told(run)), run, number) for number, run in enumerate(runs)]
    if place.space is Space.RUN:
        known.sort(key=lambda one: (one[0][1:], one[1].path.run_id), reverse=descending)
        known.sort(key=lambda one: one[0][0] == MISSING)
    else:
        known.sort(key=lambda one: (one[0][1:], one[2]), reverse=descending)
        known.sort(key=lambda one: one[0][0])
    return [run for _, run, _ in known]


def _matches(run: Run, query: RunQuery) -> bool:
    if (run.deleted_at is not None) is not query.trash or query.group not in {None, run.group}:
        return False
    if query.states and run.state not in query.states:
        return False
    if query.filter is not None and not holds(query.filter, told(run)):
        return False
    if not query.search:
        return True
    texts = (run.name, run.path.run_id, run.group or "", *run.tags)
    return any(query.search.casefold() in text.casefold() for text in texts)
