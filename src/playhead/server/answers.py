"""Answers as JSON, or as msgpack for those who ask for it."""

from __future__ import annotations

import math
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

MSGPACK = "application/msgpack"
BIG_INT = 1
"""Extension type of an integer beyond 64 bits: its decimal digits."""

_encode_json = msgspec.json.encode
_encode_msgpack = msgspec.msgpack.encode


def wants_msgpack(request: Request) -> bool:
    """Whether the client asks for msgpack."""
    return MSGPACK in request.headers.get("accept", "")


def as_json(view: Any, status: int = 200) -> Response:
    """`view` as JSON. It must hold no NaN: see `plain`."""
    return Response(_encode_json(view), status, media_type="application/json")


def as_msgpack(view: Any) -> Response:
    """`view` as msgpack, with NaN as itself. Integers must be within 64 bits: see `packable`."""
    return Response(_encode_msgpack(view), media_type=MSGPACK)


def plain(value: Any) -> Any:
    """`value` with NaN and infinities as text, as JSON has no other way to tell them."""
    if isinstance(value, float):
        return value if math.isfinite(value) else _NAMES.get(value, "NaN")
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


_NAMES = {math.inf: "Infinity", -math.inf: "-Infinity"}


def packable(value: Any) -> Any:
    """`value` with integers beyond 64 bits as extension type 1."""
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 63 else msgspec.msgpack.Ext(BIG_INT, str(value).encode())
    if isinstance(value, dict):
        return {key: packable(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [packable(inner) for inner in value]
    return value
