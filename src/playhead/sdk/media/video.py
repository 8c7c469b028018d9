"""Videos: arrays are encoded behind the training, files are kept as they are."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from playhead.domain.errors import UsageError
from playhead.sdk.media.pixels import plain_array, to_bytes
from playhead.sdk.media.value import Media, Shelf, Value, captioned

FORMATS = ("gif", "mp4", "webm", "ogg")
_ENCODED = ("gif", "mp4", "webm")
_PACKAGES = ("imageio_ffmpeg", "av")


class Video(Media):
    """A video: the path of a file (`gif`, `mp4`, `webm`, `ogg`), an open binary file with its `format`, or an array of time × channel × height ×
    width (1, 3 or 4 channels; with a batch before it, tiles beside each other), `fps` frames a second, as `format` (`gif`). Numbers as in an image.

    UsageError for what is none, and for a format that nothing here can write: `mp4` and `webm` need the package imageio-ffmpeg, or av.
    """

    many: ClassVar[str] = "videos"

    def __init__(
        self, data_or_path: Any, caption: str | None = None, fps: float | None = None, format: str | None = None  # noqa: A002 W&B's name
    ) -> None:  # fmt: skip
        self.caption = None if caption is None else str(caption)
        self.fps = 4 if fps is None else fps
        self.width: int | None = None
        self.height: int | None = None
        self._path: Path | None = None
        self._content: bytes | None = None
        self._frames: NDArray[np.uint8] | None = None
        if isinstance(data_or_path, (str, Path)):
            self._path = Path(data_or_path)
            self.format = _known(format or self._path.suffix.lower().lstrip("."))
            if not self._path.is_file():
                raise UsageError(f"There is no video file {self._path}.")
        elif hasattr(data_or_path, "read"):
            self.format = _known(format or "")
            self._content = data_or_path.read()
            if not isinstance(self._content, bytes):
                raise UsageError("Video takes a file that was opened as binary.")
        else:
            self.format = _writable(format or "gif")
            if not 0 < self.fps <= 240:
                raise UsageError(f"fps={fps!r}: frames a second, more than 0 and at most 240.")
            self._frames = _frames(plain_array(data_or_path))
            self.height, self.width = self._frames.shape[1:3]

    def record(self, shelf: Shelf) -> Value:
        """Keep the content; answers the value for the row."""
        if self._path is not None:
            kept = shelf.copy("videos", self.format, self._path)
        elif self._content is not None:
            kept = shelf.content("videos", self.format, [self._content])
        else:
            assert self._frames is not None
            make = {"as": "video", "format": self.format, "shape": list(self._frames.shape), "fps": self.fps}
            kept = shelf.later("videos", self.format, make, [self._frames.data])
        value = captioned({"_type": "video-file", **kept}, self.caption)
        return value if self.width is None else {**value, "width": self.width, "height": self.height}

    @classmethod
    def gather(cls, members: Sequence[Video], values: Sequence[Value]) -> Value:
        """One value for all."""
        return {
            "_type": cls.many, "count": len(values), "videos": list(values),
            "captions": [one.caption or "" for one in members],
        }  # fmt: skip


def _known(name: str) -> str:
    if name not in FORMATS:
        raise UsageError(f"format={name!r}: a video is of {', '.join(FORMATS)}.")
    return name


def _writable(name: str) -> str:
    if _known(name) not in _ENCODED:
        raise UsageError(f"format={name!r}: an array is written as {', '.join(_ENCODED)}.")
    if name != "gif" and not any(find_spec(package) for package in _PACKAGES):
        raise UsageError(
            f"format={name!r} needs an encoder, and there is none here: pip install imageio-ffmpeg (or av). "
            'format="gif" always works.'
        )
    return name


def _frames(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Time × height × width × 3, of its own."""
    good = array.ndim in {4, 5} and array.size > 0 and array.shape[-3] in {1, 3, 4} and array.dtype.kind in "biuf"
    if not good:
        raise UsageError(
            f"A video is an array of time × channel × height × width with 1, 3 or 4 channels, not {array.dtype} of shape {array.shape}."
        )
    frames = np.moveaxis(to_bytes(array), -3, -1)[..., :3]
    if frames.ndim == 5:
        frames = _tiled(frames)
    if frames.shape[-1] == 1:
        frames = np.repeat(frames, 3, axis=-1)
    return np.array(frames, order="C")


def _tiled(batch: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A batch as one video: rows and columns of about the same number."""
    count, time, height, width, channels = batch.shape
    across = int(np.ceil(np.sqrt(count)))
    down = -(-count // across)
    room = np.zeros((down * across, time, height, width, channels), np.uint8)
    room[:count] = batch
    grid = room.reshape(down, across, time, height, width, channels).transpose(2, 0, 3, 1, 4, 5)
    return grid.reshape(time, down * height, across * width, channels)
