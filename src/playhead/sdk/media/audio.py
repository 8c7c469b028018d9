"""Audio: arrays as WAV of 16 bits, files as they are."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from playhead.domain.errors import UsageError
from playhead.sdk.media.pixels import plain_array
from playhead.sdk.media.value import Media, Shelf, Value, captioned


class Audio(Media):
    """Audio: the path of a file, or an array of samples (or samples × channels) with its `sample_rate` in Hz: floats from -1 to 1, or integers of
    8, 16 or 32 bits. NaN is silence. UsageError for what is none.
    """

    many: ClassVar[str] = "audio"

    def __init__(self, data_or_path: Any, sample_rate: int | None = None, caption: str | None = None) -> None:
        self.caption = None if caption is None else str(caption)
        self.sample_rate = sample_rate
        self.duration: float | None = None
        self._path: Path | None = None
        self._wave = b""
        if isinstance(data_or_path, (str, Path)):
            self._path = Path(data_or_path)
            if not self._path.is_file():
                raise UsageError(f"There is no audio file {self._path}.")
            return
        if sample_rate is None or int(sample_rate) != sample_rate or not 0 < sample_rate <= 1 << 22:
            raise UsageError(f"An array of samples needs its sample_rate, in whole Hz, not {sample_rate!r}.")
        samples = _samples(plain_array(data_or_path))
        self.duration = len(samples) / sample_rate
        self._wave = _wave(samples, int(sample_rate))

    def record(self, shelf: Shelf) -> Value:
        """Keep the content; answers the value for the row."""
        if self._path is not None:
            suffix = self._path.suffix.lower().lstrip(".")
            kept = shelf.copy("audio", suffix if suffix.isalnum() and len(suffix) <= 10 else "wav", self._path)
        else:
            kept = shelf.content("audio", "wav", [self._wave])
        value = captioned({"_type": "audio-file", **kept}, self.caption)
        if self.duration is not None:
            value |= {"sample_rate": self.sample_rate, "duration": self.duration}
        return value

    @classmethod
    def gather(cls, members: Sequence[Audio], values: Sequence[Value]) -> Value:
        """One value for all."""
        return {
            "_type": cls.many, "count": len(values), "audio": list(values),
            "sampleRates": [one.sample_rate for one in members], "durations": [one.duration for one in members],
            "captions": [one.caption or "" for one in members],
        }  # fmt: skip


def _samples(array: NDArray[Any]) -> NDArray[np.int16]:
    """Samples × channels."""
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or array.size == 0 or array.dtype.kind not in "iuf" or array.shape[1] > 8:
        raise UsageError(
            f"Audio is an array of samples, or of samples × channels (at most 8), not {array.dtype} of shape {array.shape}."
        )
    if array.dtype.kind == "f":
        return (
            np.nan_to_num(array.astype(np.float32), nan=0.0).clip(-1.0, 1.0).__mul__(32767.0).round().astype(np.int16)
        )
    match array.dtype.itemsize, array.dtype.kind:
        case 1, "u":
            return (array.astype(np.int16) - 128) * np.int16(256)
        case 1, _:
            return array.astype(np.int16) * np.int16(256)
        case 4, "i":
            return (array >> 16).astype(np.int16)
        case _:
            return array.clip(-32768, 32767).astype(np.int16)


def _wave(samples: NDArray[np.int16], rate: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()
