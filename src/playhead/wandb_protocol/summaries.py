"""What of a summary, which the client always tells whole, was set by hand: the rest follows from what was logged. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from playhead.domain.definition import KINDS, Definitions
from playhead.journal.packing import flat
from playhead.services.summary import PLACES, definitions, shown

OWN = frozenset({"_wandb", "_runtime", "_step", "_timestamp"})
"""What every summary says of itself."""
_MISSING = object()


def changes(
    told: Mapping[str, Any], stored: Mapping[str, Any], logged: Mapping[str, Any], begun: int, *, alone: bool = True
) -> tuple[dict[str, Any], list[str]]:
    """What to set and what to delete, so that `stored`, a run's summary, says what the client told.

    `logged`: what has been logged since it was stored. What was set by hand before `begun` is an earlier session's, and stays. Of
    several writers (not `alone`) none knows what the others have logged and set: it only sets what nobody has logged.
    """
    known = {**shown(stored), **logged}
    defined = Definitions(definitions(stored))
    new: dict[str, Any] = {}
    for name, value in told.items():
        if name in OWN or _is_aggregate(name, value, known, defined):
            continue
        if not _same(known.get(name, _MISSING), value):
            new |= _set(name, value, known)
    if alone:
        return new, _gone(told, stored, begun)
    return {key: value for key, value in new.items() if key not in known or key in _by_hand(stored)}, []


def _set(name: str, value: Any, known: Mapping[str, Any]) -> dict[str, Any]:
    """A nested dict is either what was logged as dotted keys, or one value."""
    leaves = dict(flat({name: value}))
    if leaves.keys() & known.keys() - {name}:
        return {key: leaf for key, leaf in leaves.items() if not _same(known.get(key, _MISSING), leaf)}
    return {name: value} if leaves else {}


def _gone(told: Mapping[str, Any], stored: Mapping[str, Any], begun: int) -> list[str]:
    by_hand = _by_hand(stored)
    named = {*told, *(key for key, _ in flat(told))} if by_hand else set()
    return [key for key, time in by_hand.items() if time >= begun and key in stored and key not in named]


def _by_hand(stored: Mapping[str, Any]) -> Mapping[str, int]:
    """Keys that were set, and when."""
    told: Mapping[str, int] = (stored.get(PLACES) or {}).get("set", {})
    return told


def _is_aggregate(name: str, value: Any, known: Mapping[str, Any], defined: Definitions) -> bool:
    """Whether the server tells it itself: the minimum and the like of a metric that is defined so, or soon will be."""
    definition = defined.of(name)
    if definition is not None and (definition.aggregates or definition.omitted):
        return True
    last = known.get(name, _MISSING)
    return isinstance(value, dict) and bool(value) and value.keys() <= {*KINDS} and isinstance(last, (int, float))


def _same(one: Any, other: Any) -> bool:
    if one == other:
        return True
    if isinstance(one, dict) and isinstance(other, dict):
        if isinstance(one.get("_type"), str):  # the summary tells some of what the row did
            return all(_same(one[key], other[key]) for key in one.keys() & other.keys()) and "_type" in other
        return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    return type(one) is float and type(other) is float and one != one and other != other  # noqa: PLR0124 NaN is the same as NaN here
