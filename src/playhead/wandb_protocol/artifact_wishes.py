"""Filters and orders of versions and collections, as W&B's client asks for them: all are looked at, for there are few. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from playhead.domain import filter_mongo
from playhead.domain.artifact import Collection, Member
from playhead.domain.errors import UsageError
from playhead.domain.facts import Fact, facts
from playhead.domain.filter import Place, Space, holds, rank
from playhead.wandb_protocol.forms import exact_moment

T = TypeVar("T")

_COMMITTED = {"state": "COMMITTED"}
"""Of versions, all are."""
_CAPITAL = re.compile(r"(?<=[a-z])([A-Z])")
_VALUES = Space.CONFIG.value
"""The space of a filter that has values of any name."""


def about_version(one: Member) -> dict[str, Any]:
    """What can be asked of a version."""
    version = one.artifact
    return {
        "version": one.version, "version_index": one.version, "state": version.state.name, "aliases": list(one.aliases),
        "tags": list(version.tags), "digest": version.digest, "size": version.size, "description": version.description,
        "metadata": version.metadata, "created_at": exact_moment(version.created_at),
        "updated_at": exact_moment(version.updated_at), "id": version.id,
    }  # fmt: skip


def about_collection(one: Collection) -> dict[str, Any]:
    """What can be asked of a collection."""
    return {
        "name": one.path.name, "type": one.type, "state": "READY", "aliases": sorted(one.aliases), "tags": list(one.tags),
        "description": one.description, "created_at": exact_moment(one.created_at),
        "updated_at": exact_moment(one.updated_at), "id": one.number,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wish:
    """A filter, in JSON as MongoDB has it, and an order, such as `-created_at`."""

    filters: str | None
    order: str | None

    def __bool__(self) -> bool:
        """Whether anything is asked for that is not so anyway."""
        return bool(self.order) or self._document() not in ({}, _COMMITTED)

    def page(
        self, found: Sequence[T], about: Callable[[T], Mapping[str, Any]], after: str | None, first: int
    ) -> tuple[list[T], str | None, int]:
        """Of those that are meant: the `first` ones behind `after`, where to go on, and how many they are. UsageError."""
        told = [(about(one), one) for one in found]
        if told:
            wanted = filter_mongo.parse(self._named(self._document(), told[0][0]))
            told = [(values, one) for values, one in told if holds(wanted, _facts(values))]
        told = self._ordered(told)
        start = int(after) if after and after.isdecimal() else 0
        stop = start + first
        return [one for _, one in told[start:stop]], str(stop) if stop < len(told) else None, len(told)

    def _document(self) -> dict[str, Any]:
        try:
            told = json.loads(self.filters) if self.filters else {}
        except (ValueError, RecursionError):
            raise UsageError("The filter is no JSON.") from None
        if not isinstance(told, dict):
            raise UsageError("A filter is an object.")
        return told

    def _named(self, told: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
        """The filter, with its names as those of values. UsageError for one that nothing has."""
        found: dict[str, Any] = {}
        for name, value in told.items():
            if name.startswith("$"):
                parts = [self._named(part, known) if isinstance(part, Mapping) else part for part in _listed(value)]
                found[name] = parts if isinstance(value, list) else parts[0]
            else:
                found[f"{_VALUES}.{_field(name, known)}"] = value
        return found

    def _ordered(self, told: list[tuple[Mapping[str, Any], T]]) -> list[tuple[Mapping[str, Any], T]]:
        if not self.order or not told:
            return told
        name = _field(self.order.lstrip("+-"), told[0][0])
        place = Place(Space.CONFIG, name)
        return sorted(told, key=lambda one: rank(place, _facts(one[0])), reverse=self.order.startswith("-"))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _field(name: str, known: Mapping[str, Any]) -> str:
    """A name as ours: `createdAt` is `created_at`."""
    first, dot, rest = name.partition(".")
    own = _CAPITAL.sub(r"_\1", first).lower()
    if own not in known:
        raise UsageError(f"{name!r} cannot be asked for here: {', '.join(sorted(known))} can.")
    return own + dot + rest


def _facts(values: Mapping[str, Any]) -> dict[Place, tuple[Fact, ...]]:
    return {Place(Space.CONFIG, name): own for name, own in facts(values).values.items()}
