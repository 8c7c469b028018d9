"""Point clouds and models in three dimensions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_POINTS
from playhead.sdk.media.pixels import plain_array
from playhead.sdk.media.value import Media, Shelf, Value, captioned

FORMATS = ("glb", "gltf", "obj", "stl", "babylon", "pts.json")
_SCENES = ("lidar/beta",)


class Object3D(Media):
    """A point cloud or a model: an array of N points × 3 (x, y, z), × 4 (and a category from 1 to 14) or × 6 (and r, g, b from 0 to 255); the path of a
    file (`glb`, `gltf`, `obj`, `stl`, `pts.json`), or an open file with its `file_type`; or a scene: {"type": "lidar/beta", "points": array, "boxes":
    [{"corners": 8 points, "label", "color"}], "vectors": [{"start", "end"}]}. Points that are not finite are left out.

    UsageError for what is none of these, or has more than MAX_POINTS points.
    """

    many: ClassVar[str] = "object3D"

    def __init__(self, data_or_path: Any, caption: str | None = None, *, file_type: str | None = None) -> None:
        self.caption = None if caption is None else str(caption)
        self.format = "pts.json"
        self._path: Path | None = None
        self._content: bytes | None = None
        self._points: NDArray[np.float32] | None = None
        if isinstance(data_or_path, (str, Path)):
            self._path = Path(data_or_path)
            self.format = _known(file_type or _suffix(self._path.name))
            if not self._path.is_file():
                raise UsageError(f"There is no file {self._path}.")
        elif hasattr(data_or_path, "read"):
            self.format = _known(file_type or "")
            told = data_or_path.read()
            self._content = told.encode() if isinstance(told, str) else told
        elif isinstance(data_or_path, Mapping):
            self._content = _scene(data_or_path)
        else:
            self._points = _points(plain_array(data_or_path))

    @classmethod
    def from_numpy(cls, data: Any, caption: str | None = None) -> Object3D:
        """A point cloud."""
        return cls(data, caption)

    @classmethod
    def from_file(cls, data_or_path: Any, file_type: str | None = None, caption: str | None = None) -> Object3D:
        """A model in a file."""
        return cls(data_or_path, caption, file_type=file_type)

    @classmethod
    def from_point_cloud(
        cls, points: Any, boxes: Sequence[Any] = (), vectors: Sequence[Any] | None = None, point_cloud_type: str = "lidar/beta"
    ) -> Object3D:  # fmt: skip
        """A scene."""
        return cls({"type": point_cloud_type, "points": points, "boxes": boxes, "vectors": vectors or ()})

    def record(self, shelf: Shelf) -> Value:
        """Keep the content; answers the value for the row."""
        if self._path is not None:
            kept = shelf.copy("object3D", self.format, self._path)
        elif self._points is not None:
            make = {"as": "points", "shape": list(self._points.shape)}
            kept = shelf.later("object3D", self.format, make, [self._points.data])
        else:
            kept = shelf.content("object3D", self.format, [self._content or b""])
        return captioned({"_type": "object3D-file", **kept}, self.caption)

    @classmethod
    def gather(cls, members: Sequence[Object3D], values: Sequence[Value]) -> Value:
        """One value for all."""
        value: Value = {
            "_type": cls.many, "count": len(values), "objects": list(values),
            "filenames": [one["path"].rpartition("/")[2] for one in values],
        }  # fmt: skip
        if any(one.caption is not None for one in members):
            value["captions"] = [one.caption for one in members]
        return value


def _suffix(name: str) -> str:
    lower = name.lower()
    return "pts.json" if lower.endswith(".pts.json") else lower.rpartition(".")[2]


def _known(name: str) -> str:
    name = name.lower()
    if name not in FORMATS:
        raise UsageError(f"{name!r} is no format of a model: {', '.join(FORMATS)}.")
    return name


def _points(array: NDArray[Any]) -> NDArray[np.float32]:
    """Finite points, of their own."""
    if array.ndim != 2 or array.shape[1] not in {3, 4, 6} or not len(array) or array.dtype.kind not in "biuf":
        raise UsageError(
            f"A point cloud is an array of N × 3, N × 4 or N × 6 numbers with at least one point, not {array.dtype} of shape {array.shape}."
        )
    if len(array) > MAX_POINTS:
        raise UsageError(f"{len(array):,} points: MAX_POINTS is {MAX_POINTS:,}. Log fewer of them, or save the file.")
    points = np.array(array, np.float32, order="C")
    finite = np.isfinite(points).all(axis=1)
    return points if finite.all() else points[finite]


def _scene(given: Mapping[str, Any]) -> bytes:
    if given.get("type") not in _SCENES:
        raise UsageError(f'A scene has the "type" {_SCENES[0]!r}, not {given.get("type")!r}.')
    scene = {"type": given["type"], **{name: _plain(given.get(name)) for name in ("points", "boxes", "vectors")}}
    points = given.get("points")
    if points is not None and len(points):
        scene["points"] = _points(plain_array(points)).tolist()
    try:
        return json.dumps(scene, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise UsageError(f"This scene cannot be kept: {error}.") from error


def _plain(part: Any) -> Any:
    """Arrays, and arrays of dicts, as lists."""
    if hasattr(part, "tolist"):
        part = part.tolist()
    if isinstance(part, Mapping):
        return {str(name): _plain(value) for name, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_plain(value) for value in part]
    return [] if part is None else part
