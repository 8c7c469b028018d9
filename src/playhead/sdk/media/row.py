"""From a logged value to what the row holds, for media and for what is taken as such."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_MEDIA_LIST
from playhead.sdk.media.value import Media, Shelf, Value


def describe(value: Any, shelf: Shelf) -> Value | None:
    """The row's value; None if `value` is no media. What goes wrong with it is raised: UsageError, TypeError, OSError."""
    if isinstance(value, Media):
        return value.record(shelf)
    if isinstance(value, (list, tuple)):
        return _several(value, shelf) if any(isinstance(each, Media) for each in value) else None
    media = as_media(value)
    return None if media is None else media.record(shelf)


def as_media(value: Any) -> Media | None:
    """Figures of matplotlib and plotly, PIL's pictures and data frames, as the media that they are."""
    if hasattr(value, "savefig") or (hasattr(value, "getbands") and hasattr(value, "size")):
        return _make("image", "Image", value)
    if hasattr(value, "to_plotly_json"):
        return _make("plotly", "Plotly", value)
    if hasattr(value, "columns") and (hasattr(value, "itertuples") or hasattr(value, "iter_rows")):
        return _make("table", "Table", dataframe=value)
    return None


def _make(module: str, name: str, *given: Any, **named: Any) -> Media:
    made: Media = getattr(import_module(f"playhead.sdk.media.{module}"), name)(*given, **named)
    return made


def _several(members: Sequence[Any], shelf: Shelf) -> Value:
    kind = type(members[0])
    if any(type(each) is not kind for each in members) or not getattr(kind, "many", ""):
        names = ", ".join(sorted({type(each).__name__ for each in members}))
        raise UsageError(
            f"A list of {names} cannot be logged: lists are of one kind, images or audio say. Use a key for each."
        )
    if len(members) > MAX_MEDIA_LIST:
        shelf.tell(
            f"A list of {len(members):,} {kind.__name__}: only the first {MAX_MEDIA_LIST:,} (MAX_MEDIA_LIST) are kept."
        )
        members = members[:MAX_MEDIA_LIST]
    gathered: Value = kind.gather(members, [each.record(shelf) for each in members])
    return gathered
