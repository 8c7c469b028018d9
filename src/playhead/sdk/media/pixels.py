"""Arrays, tensors and PIL's pictures as raw pixels."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from playhead.domain.errors import UsageError

_MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
_KEPT = frozenset({"1", "L", "LA", "RGB", "RGBA", "I;16"})
KNOWN = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F"})
"""PIL's modes."""


class Pixels(NamedTuple):
    """Raw pixels in one of PIL's modes, row by row."""

    mode: str
    width: int
    height: int
    data: bytes


def from_array(data: Any) -> Pixels:
    """An array of height × width, or with 1 to 4 channels last; of a torch tensor, 1, 3 or 4 channels first. UsageError."""
    array = _levels(_numpy(data))
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    height, width = array.shape[:2]
    mode = "L" if array.ndim == 2 else _MODES[array.shape[2]]
    return Pixels(mode, width, height, array.tobytes())


def from_picture(picture: Any) -> Pixels:
    """A picture of PIL. UsageError if it cannot be read, or has no pixel."""
    try:
        if picture.mode == "P":
            picture = picture.convert("RGBA" if "transparency" in picture.info else "RGB")
        elif picture.mode not in _KEPT:
            picture = picture.convert("RGB")
        data = picture.tobytes()
    except (OSError, ValueError, SyntaxError) as error:
        raise UsageError(f"This picture cannot be read: {error}.") from error
    if not data:
        raise UsageError(f"This picture has no pixel: it is {picture.width} × {picture.height}.")
    return Pixels(picture.mode, picture.width, picture.height, data)


def pillow() -> Any:
    """PIL.Image, which only few need."""
    return importlib.import_module("PIL.Image")


def to_bytes(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Numbers as levels from 0 to 255: floats (and booleans) from 0 to 1, unless any is above 1. NaN is black."""
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind in "iu":
        levels: NDArray[np.uint8] = np.clip(array, 0, 255).astype(np.uint8)
        return levels
    values = array.astype(np.float32)
    with np.errstate(invalid="ignore"):
        if np.max(values, initial=0.0, where=np.isfinite(values)) <= 1.0:
            values *= np.float32(255.0)
        np.clip(values, 0.0, 255.0, out=values)
    np.rint(values, out=values)
    if np.isnan(values).any():
        np.nan_to_num(values, copy=False, nan=0.0)
    return values.astype(np.uint8)


def plain_array(data: Any) -> NDArray[Any]:
    """A tensor of any library as a NumPy array."""
    if hasattr(data, "detach"):
        data = data.detach().cpu()
        data = (data.float() if "bfloat16" in str(data.dtype) else data).numpy()
    elif not isinstance(data, np.ndarray) and callable(getattr(data, "numpy", None)):
        data = data.numpy()
    try:
        return np.asarray(data)
    except ValueError as error:
        raise UsageError(f"This is no array: {error}.") from error


def _numpy(data: Any) -> NDArray[Any]:
    array = plain_array(data)
    if hasattr(data, "detach") and array.ndim == 3 and array.shape[0] in {1, 3, 4}:
        array = np.moveaxis(array, 0, -1)
    return array


def _levels(array: NDArray[Any]) -> NDArray[np.uint8]:
    channels = 1 if array.ndim == 2 else array.shape[2] if array.ndim == 3 else 0
    if array.size == 0 or channels not in _MODES or array.dtype.kind not in "biuf":
        raise UsageError(
            f"An image is an array of height × width, or with 1, 3 or 4 channels, not {array.dtype} of shape {array.shape}."
            + (" Log a batch as a list of images." if array.ndim == 4 else "")
        )
    return to_bytes(array)
