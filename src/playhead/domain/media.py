"""What rows say of images, tables and the like, in one form: whoever wrote it, this SDK or W&B's client. Pure."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from playhead.domain.limits import MAX_MEDIA_LIST

FILES = frozenset(
    {
        "image-file",
        "audio-file",
        "video-file",
        "html-file",
        "object3D-file",
        "plotly-file",
        "molecule-file",
        "bokeh-file",
        "table-file",
        "incremental-table-file",
    }
)
TABLES = frozenset({"table-file", "incremental-table-file"})
_LISTS = {"images": "items", "audio": "audio", "videos": "videos", "html": "html", "object3D": "objects"}
_OTHERS = frozenset({"histogram", "custom-chart", "images/separated"})

Item = dict[str, Any]
"""One image, table, histogram …: W&B's `_type` and fields."""


def kind_of(value: Any) -> str | None:
    """The `_type` of a logged value that is media; None if it is none."""
    kind = value.get("_type") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) and (kind in FILES or kind in _OTHERS or kind in _LISTS) else None


def items_of(value: Any) -> list[Item]:
    """The single media in a logged value, at most MAX_MEDIA_LIST; none if it is none. They may be changed."""
    kind = kind_of(value)
    if kind is None:
        return []
    if kind == "images/separated":
        return list(_separated(value))
    if kind in _LISTS:
        inner = _list(value.get(_LISTS[kind]))
        return [found for each in inner for found in items_of(each)][:MAX_MEDIA_LIST]
    return [copy.deepcopy(value)]


def parts_of(item: Item) -> Iterator[Item]:
    """What in it has a file: itself, its masks, boxes and table."""
    if isinstance(item.get("path"), str):
        yield item
    inner = [*_dict(item.get("masks")).values(), *_dict(item.get("boxes")).values(), item.get("table")]
    for part in inner:
        if isinstance(part, dict) and isinstance(part.get("path"), str):
            yield part


def histogram_of(item: Item) -> tuple[list[float], list[float]] | None:
    """Counts and edges; None if it has none that fit together."""
    counts, edges, packed = item.get("values"), item.get("bins"), item.get("packedBins")
    if edges is None and isinstance(packed, dict):
        low, size, count = packed.get("min"), packed.get("size"), packed.get("count")
        if isinstance(low, (int, float)) and isinstance(size, (int, float)) and isinstance(count, int):
            edges = [low + size * at for at in range(min(count, 1 << 16) + 1)]
    if not (isinstance(counts, list) and isinstance(edges, list) and len(edges) == len(counts) + 1 and counts):
        return None
    good = all(map(_is_number, counts)) and all(map(_is_number, edges))
    return (counts, edges) if good and all(a <= b for a, b in pairwise(edges)) else None


def _separated(value: Mapping[str, Any]) -> Iterator[Item]:
    names, sizes, captions = (_list(value.get(name)) for name in ("filenames", "sizes", "captions"))
    masks, boxes = _list(value.get("all_masks")), _list(value.get("all_boxes"))
    for at, path in enumerate(names[:MAX_MEDIA_LIST]):
        width, height = value.get("width"), value.get("height")
        if at < len(sizes) and isinstance(sizes[at], list) and len(sizes[at]) == 2:
            width, height = sizes[at]
        item: Item = {
            "_type": "image-file",
            "format": value.get("format"),
            "width": width,
            "height": height,
            "path": path,
        }
        for name, told in (("caption", captions), ("masks", masks), ("boxes", boxes)):
            if at < len(told) and told[at]:
                item[name] = copy.deepcopy(told[at])
        if isinstance(path, str):
            yield item


def _list(told: Any) -> Sequence[Any]:
    return told if isinstance(told, list) else ()


def _dict(told: Any) -> Mapping[str, Any]:
    return told if isinstance(told, dict) else {}


def _is_number(told: Any) -> bool:
    return isinstance(told, (int, float)) and not isinstance(told, bool) and told == told and abs(told) < float("inf")  # noqa: PLR0124 NaN
