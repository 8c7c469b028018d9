"""Masks and boxes that lie over an image, and the names of their classes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from playhead.domain.errors import UsageError
from playhead.sdk.media.pixels import plain_array
from playhead.sdk.media.value import Shelf, Value

_SIDES = {"minX", "maxX", "minY", "maxY"}
_MIDDLE = {"middle", "width", "height"}

Labels = dict[str, str]
"""Class id, as text, -> name."""


class Classes:
    """The classes of masks and boxes: [{"id": 1, "name": "cat"}, …]."""

    def __init__(self, class_set: Iterable[Mapping[str, Any]]) -> None:
        self.class_set = [dict(one) for one in class_set]
        self.labels = labels_of(self.class_set)


class Mask(NamedTuple):
    """A class id for each pixel."""

    data: NDArray[np.uint8]
    labels: Labels

    def record(self, shelf: Shelf) -> Value:
        """Keep it as a grey PNG."""
        height, width = self.data.shape
        make = {"as": "image", "format": "png", "mode": "L", "size": [width, height]}
        kept = shelf.later("images/mask", "mask.png", make, [self.data.tobytes()])
        return {"_type": "mask", **kept, **({"class_labels": self.labels} if self.labels else {})}


class Boxes(NamedTuple):
    """Boxes of one kind, as they are written."""

    text: bytes

    def record(self, shelf: Shelf) -> Value:
        """Keep them as JSON."""
        return {"_type": "boxes2D", **shelf.content("metadata/boxes2D", "boxes2D.json", [self.text])}


def labels_of(classes: Any) -> Labels:
    """Names by id. UsageError for what is no list of {"id", "name"}, nor a dict of them."""
    if classes is None:
        return {}
    if isinstance(classes, Classes):
        return classes.labels
    try:
        pairs = classes.items() if isinstance(classes, Mapping) else ((one["id"], one["name"]) for one in classes)
        return {str(int(number)): str(name) for number, name in pairs}
    except (TypeError, KeyError, ValueError) as error:
        raise UsageError(
            f'Classes are [{{"id": 1, "name": "cat"}}, …], or a dict from id to name: {error!r}.'
        ) from error


def masks(given: Mapping[str, Any] | None, width: int, height: int, labels: Labels) -> dict[str, Mask]:
    """Masks by name. UsageError if one does not fit the image, or has what is no class id."""
    found = {}
    for name, one in (given or {}).items():
        if not isinstance(one, Mapping) or "mask_data" not in one:
            raise UsageError(f'masks[{name!r}] is {{"mask_data": array, "class_labels": {{1: "cat"}}}}.')
        data = plain_array(one["mask_data"])
        if data.shape != (height, width):
            raise UsageError(
                f"masks[{name!r}] has the shape {data.shape}; its image is {height} high and {width} wide."
            )
        if data.dtype.kind not in "biu" or data.min() < 0 or data.max() > 255:
            raise UsageError(f"masks[{name!r}] is of class ids: integers from 0 to 255.")
        found[str(name)] = Mask(data.astype(np.uint8), labels_of(one.get("class_labels")) or labels)
    return found


def boxes(given: Mapping[str, Any] | None, labels: Labels) -> dict[str, Boxes]:
    """Boxes by name. UsageError for what is none."""
    found = {}
    for name, one in (given or {}).items():
        if not isinstance(one, Mapping) or "box_data" not in one:
            raise UsageError(
                f'boxes[{name!r}] is {{"box_data": [{{"position": …, "class_id": 1}}], "class_labels": …}}.'
            )
        told = {"box_data": [_box(f"boxes[{name!r}]", box) for box in one["box_data"]]}
        own = labels_of(one.get("class_labels")) or labels
        found[str(name)] = Boxes(json.dumps(told | ({"class_labels": own} if own else {})).encode())
    return found


def _box(where: str, box: Any) -> dict[str, Any]:
    position = box.get("position") if isinstance(box, Mapping) else None
    if not isinstance(position, Mapping) or set(position) not in (_SIDES, _MIDDLE):
        raise UsageError(f'{where}: a box has a "position" with {sorted(_SIDES)}, or with {sorted(_MIDDLE)}.')
    told: dict[str, Any] = {
        "position": {
            side: [_number(where, each) for each in value] if side == "middle" else _number(where, value)
            for side, value in position.items()
        }
    }
    if box.get("domain") is not None:
        if box["domain"] != "pixel":
            raise UsageError(f'{where}: "domain" is "pixel", or left out: then positions are parts of the image.')
        told["domain"] = "pixel"
    if box.get("class_id") is not None:
        told["class_id"] = int(_number(where, box["class_id"]))
    if box.get("box_caption") is not None:
        told["box_caption"] = str(box["box_caption"])
    if box.get("scores") is not None:
        told["scores"] = {str(name): _number(where, score) for name, score in dict(box["scores"]).items()}
    return told


def _number(where: str, value: Any) -> float | int:
    number = value.item() if getattr(value, "shape", None) == () else value
    if not isinstance(number, (int, float)) or not math.isfinite(number):
        raise UsageError(f"{where}: {value!r} is not a number.")
    return number
