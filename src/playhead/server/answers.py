"""Answers as JSON, or as msgpack for those who ask for it; columns as Arrow."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from playhead.wire import arrow

MSGPACK = "application/msgpack"
BIG_INT = 1
"""Extension type of an integer beyond 64 bits: its decimal digits."""

_PART = 64 << 10
"""Bytes up to which neighbouring buffers are sent as one."""

_encode_json = msgspec.json.encode
_encode_msgpack = msgspec.msgpack.encode


def as_json(view: Any, status: int = 200) -> Response:
    """`view` as JSON. It must hold no NaN: see `exact`."""
    return Response(_encode_json(view), status, media_type="application/json")


def exact(request: Request, view: Any) -> Response:
    """`view`, which holds what people logged, as msgpack for who asks for it: every value is itself. As JSON for everybody else."""
    if MSGPACK in request.headers.get("accept", ""):
        return Response(_encode_msgpack(_each(view, _packable, _KEPT_PACKED)), media_type=MSGPACK)
    return as_json(_each(view, _plain, _KEPT_PLAIN))


def _each(value: Any, convert: Callable[[Any], Any], kept: frozenset[type]) -> Any:
    """`value` with each scalar in it converted, but for those of the types `kept`."""
    if isinstance(value, dict):
        return {key: v if type(v) in kept else _each(v, convert, kept) for key, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [v if type(v) in kept else _each(v, convert, kept) for v in value]
    kind: object = type(value)
    if names := _fields_of(kind):
        told = ((name, getattr(value, name)) for name in names)
        return {name: v if type(v) in kept else _each(v, convert, kept) for name, v in told}
    return convert(value)


_KEPT_PACKED: frozenset[type] = frozenset({str, bool, type(None)})
_KEPT_PLAIN: frozenset[type] = _KEPT_PACKED | {int}


@functools.cache
def _fields_of(kind: Any) -> tuple[str, ...]:
    """Of a dataclass; none of what is no such thing."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()


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


def as_arrow(frames: Iterable[arrow.Frame]) -> Response:
    """Columns as Arrow streams, one behind the other."""
    return _InParts([buffer for frame in frames for buffer in arrow.encode(frame)], arrow.CONTENT_TYPE)


ARROW: dict[int | str, dict[str, Any]] = {
    200: {"content": {arrow.CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}}, "description": "Columns"}
}
"""What the document says of such an answer."""


class _InParts(Response):
    """An answer of many buffers, which are sent as they lie: to copy megabytes into one takes longer than to send them."""

    def __init__(self, buffers: list[arrow.Buffer], media_type: str) -> None:
        super().__init__(media_type=media_type, headers={"Content-Length": str(sum(map(len, buffers)))})
        self._buffers = buffers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all of it."""
        del scope, receive
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for part in _parts(self._buffers):
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


def _parts(buffers: Iterable[arrow.Buffer]) -> Iterator[arrow.Buffer]:
    """Large buffers as they are, small ones joined."""
    small: list[arrow.Buffer] = []
    size = 0
    for buffer in buffers:
        if size and size + len(buffer) > _PART:
            yield b"".join(small)
            small, size = [], 0
        if len(buffer) > _PART:
            yield buffer
        else:
            small.append(buffer)
            size += len(buffer)
    yield b"".join(small)
