"""Raw data of images, videos and point clouds as the files that they are to be. Runs beside the training, in the sidecar."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from playhead.domain.errors import UsageError

_PIL_FORMATS = {"jpg": "JPEG"}
_OPTIONS: dict[str, dict[str, Any]] = {
    "png": {"compress_level": 1},
    "jpg": {"quality": 90},
    "jpeg": {"quality": 90},
    "webp": {"quality": 90},
}
_FEW_MODES = frozenset({"jpg", "jpeg", "bmp", "webp"})


def encode(raw: Path, target: Path, make: Mapping[str, Any]) -> None:
    """Write to `target`, whole or not at all, what `make` says is in `raw`. OSError, and UsageError for what cannot be."""
    try:
        work = _WORK[str(make["as"])]
    except KeyError:
        raise UsageError(
            f"Nothing is known of how {dict(make)!r:.100} is made: was it recorded by a newer Playhead?"
        ) from None
    part = target.with_name(f".playhead-{os.getpid()}.{target.name.rpartition('.')[2]}")
    try:
        work(raw, part, make)
        part.replace(target)
    except (ValueError, KeyError, TypeError, SyntaxError) as error:
        raise UsageError(f"It cannot be encoded: {error!r}.") from error
    finally:
        part.unlink(missing_ok=True)


def _image(raw: Path, target: Path, make: Mapping[str, Any]) -> None:
    width, height = make["size"]
    name = str(make["format"])
    picture = import_module("PIL.Image").frombytes(str(make["mode"]), (width, height), raw.read_bytes())
    if make.get("convert"):
        picture = picture.convert(str(make["convert"]))
    if picture.mode == "I;16" and name != "png":  # only PNG has so many levels
        picture = picture.convert("I").point(lambda level: level / 256).convert("L")
    opaque = {"RGB", "L"} | ({"RGBA"} if name == "webp" else set())
    if name in _FEW_MODES and picture.mode not in opaque:
        picture = picture.convert("RGB")
    if picture.mode not in {"1", "L", "LA", "P", "RGB", "RGBA", "I;16"}:
        picture = picture.convert("RGB")
    with target.open("wb") as file:
        picture.save(file, format=_PIL_FORMATS.get(name, name.upper()), **_OPTIONS.get(name, {}))


def _video(raw: Path, target: Path, make: Mapping[str, Any]) -> None:
    frames = import_module("numpy").fromfile(raw, "uint8").reshape(make["shape"])
    name, fps = str(make["format"]), float(make["fps"])
    if name == "gif":
        _gif(frames, target, fps)
    elif find_spec("imageio_ffmpeg"):
        _by_ffmpeg(frames, target, name, fps)
    else:
        _by_av(frames, target, name, fps)


def _gif(frames: Any, target: Path, fps: float) -> None:
    pillow = import_module("PIL.Image")
    first, *others = (pillow.fromarray(frame) for frame in frames)
    with target.open("wb") as file:
        first.save(file, format="GIF", save_all=True, append_images=others, duration=max(20, round(1000 / fps)), loop=0)


_CODECS = {"mp4": "libx264", "webm": "libvpx-vp9"}


def _even(frames: Any) -> Any:
    """Codecs want an even number of pixels either way: the last ones are doubled."""
    _, height, width, _ = frames.shape
    return import_module("numpy").pad(frames, ((0, 0), (0, height % 2), (0, width % 2), (0, 0)), mode="edge")


def _by_ffmpeg(frames: Any, target: Path, name: str, fps: float) -> None:
    frames = _even(frames)
    _, height, width, _ = frames.shape
    writer = import_module("imageio_ffmpeg").write_frames(
        str(target), (width, height), fps=fps, codec=_CODECS[name], pix_fmt_out="yuv420p", macro_block_size=1,
        ffmpeg_log_level="error",
    )  # fmt: skip
    writer.send(None)
    for frame in frames:
        writer.send(frame.tobytes())
    writer.close()


def _by_av(frames: Any, target: Path, name: str, fps: float) -> None:
    av, fractions = import_module("av"), import_module("fractions")
    frames = _even(frames)
    with av.open(str(target), "w", format=name) as container:
        stream = container.add_stream(_CODECS[name], rate=fractions.Fraction(fps).limit_denominator(1000))
        _, stream.height, stream.width, _ = frames.shape
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def _points(raw: Path, target: Path, make: Mapping[str, Any]) -> None:
    points = import_module("numpy").fromfile(raw, "float32").reshape(make["shape"])
    # Nine digits are all that such a number has.
    text = "[" + ",".join("[" + ",".join(f"{value:.9g}" for value in point) + "]" for point in points.tolist()) + "]"
    target.write_text(text, encoding="ascii")


_WORK: dict[str, Callable[[Path, Path, Mapping[str, Any]], None]] = {
    "image": _image,
    "video": _video,
    "points": _points,
}
