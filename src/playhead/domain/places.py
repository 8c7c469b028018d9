"""How the values of a run are called in filters, orders and columns."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from playhead.domain.errors import UsageError
from playhead.domain.facts import path
from playhead.domain.filter import RUN_PLACES, Order, Place, Space

SPACES = {
    "config": Space.CONFIG,
    "summary": Space.SUMMARY,
    "summary_metrics": Space.SUMMARY,
    "summaryMetrics": Space.SUMMARY,
}
ALIASES = {
    "createdAt": "created_at", "display_name": "name", "displayName": "name", "heartbeatAt": "heartbeat_at",
    "jobType": "job_type", "run_id": "id", "updatedAt": "updated_at", "username": "user",
}  # fmt: skip
"""Other names of fields, W&B's among them."""
TIMES = frozenset(name for name in RUN_PLACES if name.endswith("_at"))
NUMBERS = frozenset({"step", "exit_code"})
RUNTIME = Place(Space.SUMMARY, "_runtime")
"""`runtime` in a filter: seconds until the last row."""


def place(parts: Sequence[str]) -> Place | None:
    """The value that is called so, `parts` being what stood between dots; None if there is none."""
    first = parts[0]
    if first in SPACES:
        return Place(SPACES[first], path(".".join(parts[1:]))) if len(parts) > 1 and all(parts[1:]) else None
    if len(parts) > 1:
        return None
    if first in {"runtime", "duration"}:
        return RUNTIME
    name = ALIASES.get(first, first)
    return Place(Space.RUN, name) if name in RUN_PLACES else None


def unknown(name: str) -> str:
    """What to say of a name that is none."""
    if name in SPACES:
        return f"A key is missing: write {name}.KEY."
    near = difflib.get_close_matches(name, [*RUN_PLACES, *ALIASES, "runtime", *SPACES], 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"Runs have no {name!r}.{hint} Keys are written config.KEY or summary.KEY."


def place_of(text: str) -> Place:
    """The value that is called so. UsageError."""
    found = place(text.split("."))
    if found is None:
        raise UsageError(unknown(text))
    return found


def order(text: str) -> Order:
    """`-summary.acc`: the largest first; `config.lr` or `+config.lr`: the smallest first. UsageError."""
    name = text.strip().removeprefix("+") if not text.startswith("-") else text[1:]
    if not name:
        raise UsageError('An order is the name of a value, such as "-summary.acc".')
    found = place(name.split("."))
    if found is None or found == Place(Space.RUN, "tags"):
        raise UsageError(f"Runs cannot be ordered by {name!r}. {unknown(name) if found is None else ''}".strip())
    return Order(found, text.startswith("-"))
