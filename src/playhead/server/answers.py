"""Answers as JSON, or as msgpack for those who ask for it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

MSGPACK = "application/msgpack"
BIG_INT = 1
"""Extension type of an integer beyond 64 bits: its decimal digits."""

_encode_json = msgspec.json.encode
_encode_msgpack = msgspec.msgpack.encode


def as_json(view: Any, status: int = 200) -> Response:
    """`view` as JSON. It must hold no NaN: see `exact`."""
    return Response(_encode_json(view), status, media_type="application/json")


def exact(request: Request, view: Any) -> Response:
    """`view`, which holds what people logged, as msgpack for who asks for it: every value is itself. As JSON for everybody else."""
    if MSGPACK in request.headers.get("accept", ""):
        return Response(_encode_msgpack(_each(view, _packable)), media_type=MSGPACK)
    return as_json(_each(view, _plain))


def _each(value: Any, convert: Callable[[Any], Any]) -> Any:
    """`value` with each scalar in it converted."""
    if isinstance(value, dict):
        return {key: _each(inner, convert) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_each(inner, convert) for inner in value]
    if is_dataclass(value):
        return {field.name: _each(getattr(value, field.name), convert) for field in fields(value)}
    return convert(value)


def _plain(value: Any) -> Any:
    """`value`; NaN and infinities as text, as JSON has no other way to tell them."""
    if isinstance(value, float) and not math.isfinite(value):
        return _NAMES.get(value, "NaN")
    return value


_NAMES = {math.inf: "Infinity", -math.inf: "-Infinity"}


def _packable(value: Any) -> Any:
    """`value`; an integer beyond 64 bits as extension type 1."""
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        return msgspec.msgpack.Ext(BIG_INT, str(value).encode())
    return value


_BINARY = {MSGPACK: {"schema": {"type": "string", "format": "binary"}}}


def or_msgpack(description: str) -> dict[int | str, dict[str, Any]]:
    """What the document says of an answer that can be msgpack as well."""
    return {200: {"content": _BINARY, "description": description}}
