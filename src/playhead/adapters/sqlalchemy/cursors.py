"""Cursors of lists: the sort key of a page's last item, as text that tells nothing to whoever carries it."""

from __future__ import annotations

import base64
import binascii
import json

from playhead.domain.errors import UsageError

Key = tuple[int | str, ...]


def pack(key: Key) -> str:
    """`key` as a cursor."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def unpack(cursor: str, like: tuple[type, ...]) -> Key:
    """The key in a cursor, whose parts are of the types `like`. UsageError if it is none of ours."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise UsageError("This is no cursor of this list. Start from the first page.") from error
    if not isinstance(key, list) or [type(part) for part in key] != list(like):
        raise UsageError("This is no cursor of this list. Start from the first page.")
    return tuple(key)
