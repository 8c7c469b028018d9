"""Images that may be logged. A media object writes its content into the run's files; the row keeps where it is."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_BLOB

Keep = Callable[[str, bytes, str], Mapping[str, Any]]
"""Stores content under a path below `files/`, given its SHA-256; answers {"path", "sha256", "size"}."""


class Image:
    """An image to log: a NumPy or torch array (height × width, or with 1, 3 or 4 channels last or, in torch's way, first), a PIL image, a matplotlib
    figure, or the path of an image file. Floats are taken as 0 to 1, or as 0 to 255 if any is above 1; NaN is black.

    UsageError if `data` is no image, or has no pixel.
    """

    def __init__(self, data: Any, mode: str | None = None, caption: str | None = None) -> None:
        self.caption = None if caption is None else str(caption)
        if isinstance(data, (str, Path)):
            self._content, self.format = _from_path(Path(data))
            self.width, self.height = _size(self._content)
        else:
            picture = _as_picture(data, mode)
            self.width, self.height = picture.size
            self._content, self.format = _as_png(picture), "png"
        if len(self._content) > MAX_BLOB:
            raise UsageError(f"The image has {len(self._content):,} bytes: MAX_BLOB is {MAX_BLOB:,}.")

    def record(self, key: str, step: int, keep: Keep) -> dict[str, Any]:
        """Store the content with `keep`; answers the value for the row."""
        digest = hashlib.sha256(self._content).hexdigest()
        parts = re.sub(r"[^A-Za-z0-9_./-]", "_", key)[:100].split("/")
        name = "/".join(part for part in parts if part.strip("."))
        path = f"media/images/{name}_{step}_{digest[:12]}.{self.format}"
        value = {
            "_type": "image-file",
            "format": self.format,
            "width": self.width,
            "height": self.height,
            **keep(path, self._content, digest),
        }
        return {**value, "caption": self.caption} if self.caption is not None else value


def _pillow() -> Any:
    import PIL.Image  # noqa: PLC0415 only a run that logs images pays for it

    return PIL.Image


def _from_path(path: Path) -> tuple[bytes, str]:
    try:
        return path.read_bytes(), re.sub(r"[^a-z0-9]", "", path.suffix.lower())[:10] or "png"
    except OSError as error:
        raise UsageError(f"The image {path} cannot be read: {error.strerror}.") from error


def _size(content: bytes) -> tuple[int, int]:
    try:
        with _pillow().open(io.BytesIO(content)) as picture:
            width, height = picture.size
    except (OSError, ValueError, SyntaxError, _pillow().DecompressionBombError) as error:
        raise UsageError(f"This file is not an image that can be read: {error}.") from error
    return width, height


def _as_png(picture: Any) -> bytes:
    out = io.BytesIO()
    try:
        picture.save(out, format="PNG", compress_level=1)
    except (OSError, ValueError, SyntaxError) as error:
        raise UsageError(f"This image cannot be kept: {error}.") from error
    return out.getvalue()


def _as_picture(data: Any, mode: str | None) -> Any:
    if hasattr(data, "savefig"):
        out = io.BytesIO()
        data.savefig(out, format="png")
        return _pillow().open(out)
    if hasattr(data, "getbands"):
        picture = data.convert(mode) if mode else data
        return picture if picture.mode in {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"} else picture.convert("RGB")
    return _from_array(data, mode)


def _from_array(data: Any, mode: str | None) -> Any:
    import numpy as np  # noqa: PLC0415 whoever logs an array has it loaded

    if hasattr(data, "detach"):
        data = data.detach().cpu()
        data = (data.float() if "bfloat16" in str(data.dtype) else data).numpy()
        if data.ndim == 3 and data.shape[0] in {1, 3, 4}:
            data = np.moveaxis(data, 0, -1)
    array = np.asarray(data)
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    if array.size == 0 or channels not in {1, 2, 3, 4} or array.dtype.kind not in "biuf":
        raise UsageError(
            f"An image is an array of height × width, or with 1, 3 or 4 channels, not {array.dtype} of shape {array.shape}."
        )
    if array.dtype != np.uint8:
        values = array.astype(np.float64)
        if array.dtype.kind in "fb" and np.max(values, initial=0.0, where=np.isfinite(values)) <= 1.0:
            values *= 255.0
        array = np.nan_to_num(values, nan=0.0, posinf=255.0, neginf=0.0).clip(0, 255).round().astype(np.uint8)
    picture = _pillow().fromarray(np.ascontiguousarray(array))
    return picture.convert(mode) if mode else picture


def describe(key: str, value: Any, step: int, keep: Keep) -> dict[str, Any] | None:
    """The row's value for an Image, a list of them, or a figure; None if `value` is none of these."""
    if isinstance(value, Image):
        return value.record(key, step, keep)
    if hasattr(value, "savefig") or (hasattr(value, "getbands") and hasattr(value, "size")):
        return Image(value).record(key, step, keep)
    if isinstance(value, (list, tuple)) and value and all(isinstance(each, Image) for each in value):
        return {
            "_type": "images",
            "count": len(value),
            "items": [each.record(f"{key}_{i}", step, keep) for i, each in enumerate(value)],
        }
    return None


Describe = Callable[[str, Any, int, Keep], dict[str, Any] | None]
"""The type of `describe`."""
