"""Filters of runs: one tree of conditions, whichever language it was written in. Pure; catalogs compile it, `holds` says what it means.

A condition on a list holds if it holds for one of its elements. What a run does not have fulfils no condition but `Not`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from playhead.domain.errors import FilterError
from playhead.domain.facts import ELEMENTS, MISSING, Fact, Kind, elements_of, fact, facts
from playhead.domain.limits import MAX_CONDITIONS, MAX_NESTING
from playhead.domain.pattern import Pattern, finds
from playhead.domain.run import Run


class Space(StrEnum):
    """Where a value is looked up."""

    RUN = "run"
    """What is known of every run: `state`, `created_at`, `tags` …"""
    CONFIG = "config"
    SUMMARY = "summary"


class Place(NamedTuple):
    """A value of a run."""

    space: Space
    name: str

    def __str__(self) -> str:
        return self.name if self.space is Space.RUN else f"{self.space}.{self.name}"


class Op(StrEnum):
    """How two values of one kind compare."""

    EQ = "="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


@dataclass(frozen=True, slots=True)
class Compare:
    """The value (or one of its elements) is of the kind of `value`, and compares so with it."""

    place: Place
    op: Op
    value: Fact


@dataclass(frozen=True, slots=True)
class Among:
    """The value (or one of its elements) is one of these."""

    place: Place
    values: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """The run has such a value, be it null."""

    place: Place


@dataclass(frozen=True, slots=True)
class Matches:
    """Something in the text (or in one of the elements) matches the pattern."""

    place: Place
    pattern: Pattern


@dataclass(frozen=True, slots=True)
class Contains:
    """The text has this in it; a list has it as an element."""

    place: Place
    value: Fact


@dataclass(frozen=True, slots=True)
class Every:
    """All of these hold; without any, it holds."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One of these holds, at least; without any, it does not."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """This does not hold."""

    part: Filter


Condition: TypeAlias = Compare | Among | Exists | Matches | Contains
Filter: TypeAlias = Condition | Every | Some | Not

NULL = Fact(Kind.NULL)


def every(parts: Sequence[Filter]) -> Filter:
    """All of these."""
    return parts[0] if len(parts) == 1 else Every(tuple(parts))


def some(parts: Sequence[Filter]) -> Filter:
    """One of these."""
    return parts[0] if len(parts) == 1 else Some(tuple(parts))


def equals(place: Place, value: Fact) -> Filter:
    """The value is this one; null is what is missing, too."""
    same = Compare(place, Op.EQ, value)
    return Some((same, Not(Exists(place)))) if value == NULL else same


def among(place: Place, values: tuple[Fact, ...]) -> Filter:
    """The value is one of these; null is what is missing, too."""
    one = Among(place, values)
    return Some((one, Not(Exists(place)))) if NULL in values else one


def conditions(tree: Filter) -> Iterator[Condition]:
    """All conditions of it, from left to right."""
    if isinstance(tree, (Every, Some)):
        for part in tree.parts:
            yield from conditions(part)
    elif isinstance(tree, Not):
        yield from conditions(tree.part)
    else:
        yield tree


def checked(tree: Filter) -> Filter:
    """`tree`, if it is within the limits. FilterError."""
    if _depth(tree) > MAX_NESTING:
        raise FilterError(f"A filter has at most {MAX_NESTING} conditions inside one another.")
    if sum(1 for _ in conditions(tree)) > MAX_CONDITIONS:
        raise FilterError(f'A filter has at most {MAX_CONDITIONS} conditions; "in" takes many values.')
    return tree


def _depth(tree: Filter) -> int:
    if isinstance(tree, (Every, Some)):
        return 1 + max(map(_depth, tree.parts), default=0)
    return 1 + _depth(tree.part) if isinstance(tree, Not) else 1


class Order(NamedTuple):
    """By which value runs are sorted. Runs without it come last in both directions; equal ones as they were made."""

    place: Place
    descending: bool = False


# What it means ----------------------------------------------------------------------------------------------------------

Told: TypeAlias = Mapping[Place, tuple[Fact, ...]]


def told(run: Run) -> Told:
    """All that can be asked of a run."""
    known: dict[Place, tuple[Fact, ...]] = {}
    for space, document in ((Space.CONFIG, run.config), (Space.SUMMARY, run.summary)):
        for name, found in facts(document).values.items():
            known[Place(space, name)] = found
    for name in RUN_PLACES:
        value: Any = run.path.run_id if name == "id" else getattr(run, name)
        if value is not None and name != "tags":
            known[Place(Space.RUN, name)] = (fact(str(value) if name == "state" else value),)
    known[Place(Space.RUN, "tags")] = (Fact(Kind.LIST),)
    known[Place(Space.RUN, "tags" + ELEMENTS)] = elements_of(run.tags)
    return known


RUN_PLACES = (
    "id", "name", "state", "group", "job_type", "user", "notes", "tags", "step", "exit_code",
    "created_at", "updated_at", "heartbeat_at", "started_at", "finished_at",
)  # fmt: skip
"""Fields of a run that can be asked for. Times are microseconds."""


def holds(tree: Filter, run: Told) -> bool:
    """Whether `run` is one that the filter means."""
    if isinstance(tree, Every):
        return all(holds(part, run) for part in tree.parts)
    if isinstance(tree, Some):
        return any(holds(part, run) for part in tree.parts)
    if isinstance(tree, Not):
        return not holds(tree.part, run)
    own = run.get(tree.place, ())
    if isinstance(tree, Exists):
        return bool(own)
    elements = run.get(Place(tree.place.space, tree.place.name + ELEMENTS), ())
    if isinstance(tree, Contains):
        return tree.value in elements or any(_has(one, tree.value) for one in own)
    return any(_fits(tree, one) for one in (*own, *elements))


def _fits(condition: Compare | Among | Matches, one: Fact) -> bool:
    if isinstance(condition, Among):
        return one in condition.values
    if isinstance(condition, Matches):
        text, pattern = one.text + one.rest, condition.pattern
        return one.kind is Kind.STRING and finds(pattern.spelling.rust, text, any_case=pattern.any_case)
    return one.kind is condition.value.kind and _COMPARE[condition.op](one[1:], condition.value[1:])


_COMPARE = {
    Op.EQ: lambda one, other: one == other,
    Op.LT: lambda one, other: one < other,
    Op.LE: lambda one, other: one <= other,
    Op.GT: lambda one, other: one > other,
    Op.GE: lambda one, other: one >= other,
}


def _has(one: Fact, part: Fact) -> bool:
    return one.kind is part.kind is Kind.STRING and part.text + part.rest in one.text + one.rest


def rank(place: Place, run: Told) -> tuple[int, float, str]:
    """By what a run is sorted: the kind of its value first, then the value."""
    own = run.get(place, ())
    return (own[0].kind, own[0].number, own[0].text) if own else (MISSING, 0.0, "")
