"""How W&B's client wants values written: times, pages, JSON inside texts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from playhead.domain.errors import NotFoundError

T = TypeVar("T")

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def moment(time: int) -> str:
    """A time in microseconds as the client reads it."""
    return datetime.fromtimestamp(time // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def exact_moment(time: int) -> str:
    """The same with its microseconds."""
    return datetime.fromtimestamp(time // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{time % 1_000_000:06}Z"


def json_text(value: Any) -> str:
    """`value` as JSON in Python's dialect: NaN and infinities are themselves."""
    return _encode(value)


def connection(nodes: Sequence[Any], after: str | None, *, more: bool | None = None) -> dict[str, Any]:
    """A page. `after` is where the next one begins: the client takes it from the last edge, or from the page."""
    edges = [{"node": node, "cursor": None} for node in nodes]
    if edges:
        edges[-1]["cursor"] = after
    return {
        "edges": edges,
        "pageInfo": {"endCursor": after, "hasNextPage": after is not None if more is None else more},
    }


def there(find: Callable[[], T]) -> T | None:
    """What `find` finds; None if there is nothing that may be seen."""
    try:
        return find()
    except NotFoundError:
        return None
