"""Reads messages in the wire format of Protocol Buffers, without their descriptions: numbered fields, and what they hold."""

from __future__ import annotations

import struct
from typing import Any

from playhead.domain.errors import PlayheadError

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST = 10
"""Bytes of a varint."""


class MessageError(PlayheadError):
    """These bytes are no message."""


class Message:
    """Fields of a message: number -> values, in their order. A field that is not there has the value that its type has then."""

    __slots__ = ("_fields",)

    def __init__(self, data: bytes) -> None:
        """MessageError if `data` is none."""
        self._fields = _parse(data)

    def all(self, number: int) -> list[Any]:
        """All values of a field: int of a varint, bytes of all others."""
        return self._fields.get(number, [])

    def __contains__(self, number: int) -> bool:
        return number in self._fields

    def integer(self, number: int) -> int:
        """The last value of a field of integers with a sign, an enum or a bool."""
        value = self._last(number, int, 0)
        return int(value - (1 << 64) if value >= 1 << 63 else value)

    def text(self, number: int) -> str:
        """The last value of a field of texts."""
        return self.raw(number).decode("utf-8", "replace")

    def texts(self, number: int) -> list[str]:
        """All values of a field of texts."""
        return [value.decode("utf-8", "replace") for value in self.all(number) if isinstance(value, bytes)]

    def raw(self, number: int) -> bytes:
        """The last value of a field of bytes."""
        return bytes(self._last(number, bytes, b""))

    def number(self, number: int) -> float:
        """The last value of a field of floats or doubles."""
        return unpacked(self.raw(number))[-1] if number in self else 0.0

    def message(self, number: int) -> Message:
        """The last message of a field; an empty one if there is none."""
        return Message(self.raw(number))

    def messages(self, number: int) -> list[Message]:
        """All messages of a field."""
        return [Message(value) for value in self.all(number) if isinstance(value, bytes)]

    def _last(self, number: int, kind: type, missing: Any) -> Any:
        values = self._fields.get(number)
        if not values:
            return missing
        if not isinstance(values[-1], kind):
            raise MessageError(f"The field {number} is of another type.")
        return values[-1]


def unpacked(data: bytes) -> tuple[float, ...]:
    """A float or double, as the length says. MessageError."""
    if len(data) not in {4, 8}:
        raise MessageError("A number is of another type.")
    found: tuple[float, ...] = struct.unpack("<f" if len(data) == 4 else "<d", data)
    return found


def varints(data: bytes) -> list[int]:
    """Packed integers without a sign. MessageError."""
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(value)
    return found


def _parse(data: bytes) -> dict[int, list[Any]]:
    fields: dict[int, list[Any]] = {}
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        number, kind = tag >> 3, tag & 7
        value: int | bytes
        if kind == _VARINT:
            value, at = _varint(data, at)
        else:
            if kind == _BYTES:
                size, at = _varint(data, at)
            elif kind in {_FIXED64, _FIXED32}:
                size = 8 if kind == _FIXED64 else 4
            else:
                raise MessageError(f"There is no type {kind} of fields.")
            if size > end - at or not number:
                raise MessageError("A field is longer than its message.")
            value = data[at : at + size]
            at += size
        fields.setdefault(number, []).append(value)
    return fields


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
    value = 0
    for place, byte in enumerate(data[at : at + _LONGEST]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value & 0xFFFF_FFFF_FFFF_FFFF, at + place + 1
    raise MessageError("A number does not end.")
