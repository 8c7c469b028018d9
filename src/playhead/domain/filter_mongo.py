"""The filter language of W&B's clients, which is MongoDB's: `{"config.lr": {"$lt": 0.01}, "state": "finished"}`. Errors tell the path."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from playhead.domain import pattern, places
from playhead.domain.errors import FilterError
from playhead.domain.facts import Fact
from playhead.domain.filter import (
    NULL,
    Compare,
    Contains,
    Exists,
    Filter,
    Matches,
    Not,
    Op,
    Place,
    Space,
    among,
    checked,
    equals,
    every,
    some,
)
from playhead.domain.filter_values import WrongValueError, value_of
from playhead.domain.limits import MAX_CHOICES, MAX_CONDITIONS, MAX_NESTING

_NAMES = {"name": Place(Space.RUN, "id")}
"""What W&B calls otherwise: a run's `name` is its id there, and `display_name` its name."""
_ABSENT = frozenset({"sweep", "sweep_name", "sweepName"})
"""What W&B's runs may have, and ours never."""


def parse(filters: Mapping[str, Any], *, now: float | None = None) -> Filter:
    """The filter that `filters` says; an empty one means all runs. FilterError."""
    return checked(_Reader(time.time() if now is None else now).document(filters, "", 0))


class _Reader:
    """`where` is the path of what is read, for errors."""

    def __init__(self, now: float) -> None:
        self.now = now
        self.count = 0

    def document(self, told: Any, where: str, depth: int) -> Filter:
        if not isinstance(told, Mapping):
            self.fail(where, 'a filter is an object, such as {"state": "finished"}')
        if depth > MAX_NESTING:
            self.fail(where, f"more than {MAX_NESTING} conditions are inside one another")
        return every([self.entry(str(key), value, _join(where, str(key)), depth + 1) for key, value in told.items()])

    def entry(self, key: str, value: Any, where: str, depth: int) -> Filter:
        self.count += 1
        if self.count > MAX_CONDITIONS:
            self.fail(where, f"a filter has at most {MAX_CONDITIONS} conditions")
        if key in {"$and", "$or", "$nor"}:
            parts = tuple(
                self.document(part, f"{where}[{number}]", depth)
                for number, part in enumerate(self.items(value, where, "filters"))
            )
            if key == "$and":
                return every(parts)
            return some(parts) if key == "$or" else Not(some(parts))
        if key == "$not":
            return Not(self.document(value, where, depth))
        if key.startswith("$"):
            self.fail(where, f"{key} is no operator that stands here; these are $and, $or, $nor, $not")
        place = _NAMES.get(key) or places.place(key.split("."))
        if place is None and key in _ABSENT:
            place = Place(Space.SUMMARY, "")
        if place is None:
            self.fail(where, places.unknown(key))
        return self.field(place, value, where, depth)

    def field(self, place: Place, told: Any, where: str, depth: int) -> Filter:
        """Conditions on one value."""
        if depth > MAX_NESTING:
            self.fail(where, f"more than {MAX_NESTING} conditions are inside one another")
        if not isinstance(told, Mapping):
            return self.equal(place, told, where)
        if not told or not all(str(key).startswith("$") for key in told):
            self.fail(where, "an object here has operators, such as $lt; a nested key is written with dots")
        parts: list[Filter] = []
        for name, value in told.items():
            self.count += 1
            if name == "$options":
                if "$regex" not in told:
                    self.fail(where, "$options belongs to $regex")
                continue
            at = _join(where, name)
            if name == "$not":
                parts.append(Not(self.field(place, value, at, depth + 1)))
            elif name == "$regex":
                parts.append(self.regex(place, value, told.get("$options", ""), at))
            elif name in _OPERATORS:
                parts.append(_OPERATORS[name](self, place, value, at))
            else:
                known = ", ".join(sorted([*_OPERATORS, "$not", "$regex"]))
                self.fail(at, f"{name} is no operator; these are {known}")
        return every(parts)

    def equal(self, place: Place, value: Any, where: str) -> Filter:
        return equals(place, self.value(place, value, where))

    def unequal(self, place: Place, value: Any, where: str) -> Filter:
        return Not(self.equal(place, value, where))

    def among(self, place: Place, value: Any, where: str) -> Filter:
        values = [self.value(place, one, where) for one in self.items(value, where, "values")]
        return among(place, tuple(dict.fromkeys(values)))

    def none_of(self, place: Place, value: Any, where: str) -> Filter:
        return Not(self.among(place, value, where))

    def all_of(self, place: Place, value: Any, where: str) -> Filter:
        return every([self.equal(place, one, where) for one in self.items(value, where, "values")])

    def exists(self, place: Place, value: Any, where: str) -> Filter:
        if value not in {True, False} if isinstance(value, (bool, int)) else True:
            self.fail(where, "$exists is true or false")
        return Exists(place) if value else Not(Exists(place))

    def contains(self, place: Place, value: Any, where: str) -> Filter:
        part = self.value(place, value, where)
        if part == NULL:
            self.fail(where, "$contains takes a text or an element of a list")
        return Contains(place, part)

    def regex(self, place: Place, value: Any, options: Any, where: str) -> Filter:
        if not isinstance(value, str):
            self.fail(where, "$regex is a text")
        if options not in {"", "i"}:
            self.fail(where, '$options can be "i" (any case)')
        if place.name in places.TIMES | places.NUMBERS and place.space is Space.RUN:
            self.fail(where, f"{place} is no text")
        try:
            return Matches(place, pattern.parse(value, any_case=options == "i"))
        except FilterError as error:
            self.fail(where, error.message)

    def compare(self, op: Op, place: Place, value: Any, where: str) -> Filter:
        return Compare(place, op, self.value(place, value, where))

    def value(self, place: Place, value: Any, where: str) -> Fact:
        if isinstance(value, (Mapping, list, tuple)):
            self.fail(where, "a single value is wanted; for several there is $in")
        try:
            return value_of(place, value, self.now)
        except WrongValueError as error:
            self.fail(where, str(error))

    def items(self, value: Any, where: str, what: str) -> Sequence[Any]:
        if not isinstance(value, (list, tuple)):
            self.fail(where, f"a list of {what} is wanted")
        if len(value) > MAX_CHOICES:
            self.fail(where, f"at most {MAX_CHOICES:,} {what}")
        return value

    @staticmethod
    def fail(where: str, message: str) -> NoReturn:
        raise FilterError(f"Filter{f' at {where}' if where else ''}: {message.removesuffix('.')}.")


def _comparing(op: Op) -> Callable[[_Reader, Place, Any, str], Filter]:
    return lambda reader, place, value, where: reader.compare(op, place, value, where)


_OPERATORS: Mapping[str, Callable[[_Reader, Place, Any, str], Filter]] = {
    "$eq": _Reader.equal,
    "$ne": _Reader.unequal,
    "$gt": _comparing(Op.GT),
    "$gte": _comparing(Op.GE),
    "$lt": _comparing(Op.LT),
    "$lte": _comparing(Op.LE),
    "$in": _Reader.among,
    "$nin": _Reader.none_of,
    "$all": _Reader.all_of,
    "$exists": _Reader.exists,
    "$contains": _Reader.contains,
}


def _join(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key
