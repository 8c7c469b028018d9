"""Images, alone and in lists."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from playhead.domain.errors import UsageError
from playhead.sdk.media import overlay
from playhead.sdk.media.pixels import KNOWN, Pixels, from_array, from_picture, pillow
from playhead.sdk.media.value import Media, Shelf, Value, captioned

FORMATS = ("png", "jpg", "jpeg", "webp", "bmp", "gif")


class Image(Media):
    """An image to log: a NumPy or torch array (height × width, or with 1, 3 or 4 channels last or, in torch's way, first), a PIL image, a
    matplotlib figure, or the path of an image file. Floats are taken as 0 to 1, or as 0 to 255 if any is above 1; NaN is black.

    An array is copied, and encoded behind the training: as PNG, or as `file_type` says (`png`, `jpg`, `webp`, `bmp`, `gif`). `mode` is one
    of PIL's. `masks`: name -> {"mask_data": class ids (height × width), "class_labels": id -> name}. `boxes`: name -> {"box_data": [{"position":
    {"minX", "maxX", "minY", "maxY"} (from 0 to 1; "domain": "pixel") or {"middle": [x, y], "width", "height"}, "class_id", "box_caption",
    "scores": name -> number}], "class_labels"}. `classes`: [{"id": 1, "name": "cat"}], for what has no class_labels of its own.

    UsageError for what is no image, mask or box, or has no pixel.
    """

    many: ClassVar[str] = "images/separated"

    def __init__(
        self, data_or_path: Any, mode: str | None = None, caption: str | None = None, grouping: int | None = None,
        classes: Any = None, boxes: Mapping[str, Any] | None = None, masks: Mapping[str, Any] | None = None,
        file_type: str | None = None,
    ) -> None:  # fmt: skip
        self.caption = None if caption is None else str(caption)
        self.grouping = grouping
        self._mode = _checked_mode(mode)
        self._pixels: Pixels | None = None
        self._path: Path | None = None
        self._encoded: bytes | None = None
        self.width: int
        self.height: int
        self.format = "png" if file_type is None else _checked_format(file_type)
        self._take(data_or_path)
        labels = overlay.labels_of(classes)
        self._masks = overlay.masks(masks, self.width, self.height, labels)
        self._boxes = overlay.boxes(boxes, labels)

    def _take(self, data: Any) -> None:
        if isinstance(data, Image):
            self._pixels, self._path, self._encoded, self.format = data._pixels, data._path, data._encoded, data.format  # noqa: SLF001 one of us
            self.width, self.height = data.width, data.height
            return
        if isinstance(data, (str, Path)):
            self._path = Path(data)
            self.width, self.height = _size(self._path)
            self.format = re.sub(r"[^a-z0-9]", "", self._path.suffix.lower())[:10] or "png"
            return
        if hasattr(data, "savefig"):
            out = io.BytesIO()
            data.savefig(out, format="png")
            self._encoded, self.format = out.getvalue(), "png"
            with pillow().open(out) as picture:
                self.width, self.height = picture.size
            return
        self._pixels = from_picture(data) if hasattr(data, "getbands") else from_array(data)
        self.width, self.height = self._pixels.width, self._pixels.height

    @property
    def image(self) -> Any:
        """It as PIL's, if it is no file."""
        if self._pixels is not None:
            mode, width, height, data = self._pixels
            return pillow().frombytes(mode, (width, height), data)
        return None if self._encoded is None else pillow().open(io.BytesIO(self._encoded))

    def record(self, shelf: Shelf) -> Value:
        """Keep the content; answers the value for the row."""
        value: Value = {"_type": "image-file", "format": self.format, "width": self.width, "height": self.height}
        if self._pixels is not None:
            mode, width, height, data = self._pixels
            make = {"as": "image", "format": self.format, "mode": mode, "size": [width, height]}
            value |= shelf.later("images", self.format, make | ({"convert": self._mode} if self._mode else {}), [data])
        elif self._path is not None:
            value |= shelf.copy("images", self.format, self._path)
        else:
            value |= shelf.content("images", self.format, [self._encoded or b""])
        if self._masks:
            value["masks"] = {name: mask.record(shelf) for name, mask in self._masks.items()}
        if self._boxes:
            value["boxes"] = {name: boxes.record(shelf) for name, boxes in self._boxes.items()}
        if self.grouping is not None:
            value["grouping"] = self.grouping
        return captioned(value, self.caption)

    @classmethod
    def gather(cls, members: Sequence[Image], values: Sequence[Value]) -> Value:
        """One value for all: W&B's, and `sizes` where they differ."""
        first = members[0]
        value: Value = {
            "_type": cls.many, "count": len(values), "width": first.width, "height": first.height, "format": first.format,
            "filenames": [one["path"] for one in values],
        }  # fmt: skip
        if any(one.caption is not None for one in members):
            value["captions"] = [one.caption for one in members]
        if any((one.width, one.height) != (first.width, first.height) for one in members):
            value["sizes"] = [[one.width, one.height] for one in members]
        for name in ("masks", "boxes"):
            if any(name in one for one in values):
                value[f"all_{name}"] = [one.get(name) for one in values]
        return value


def _checked_mode(mode: str | None) -> str | None:
    if mode is not None and mode not in KNOWN:
        raise UsageError(f"mode={mode!r} is none of PIL's: {', '.join(sorted(KNOWN))}.")
    return mode


def _checked_format(file_type: str) -> str:
    if file_type not in FORMATS:
        raise UsageError(f"file_type={file_type!r}: an image is written as {', '.join(FORMATS)}.")
    return file_type


def _size(path: Path) -> tuple[int, int]:
    try:
        with pillow().open(path) as picture:
            width, height = picture.size
    except (OSError, ValueError, SyntaxError, pillow().DecompressionBombError) as error:
        why = getattr(error, "strerror", None)
        raise UsageError(
            f"The image {path} cannot be read: {why}." if why else f"{path} is not an image that can be read: {error}."
        ) from error
    return width, height
