"""Reads what TensorBoard shows: folders with event files, each a run. Scalars, texts, images, histograms, hyperparameters."""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playhead.domain.errors import UsageError
from playhead.importers import tfrecord
from playhead.importers.protobuf import Message, MessageError, varints
from playhead.importers.source import Event, Notes, Record, Row, Saved, Source, Whole, digest_of, id_of, time_of
from playhead.journal import format as f

_FILES = "*tfevents*"
_SUMMARY = 5
_TAG, _SIMPLE, _IMAGE, _HISTOGRAM, _TENSOR, _METADATA = 1, 2, 4, 5, 8, 9
_HPARAMS = "_hparams_/"
_BINS = 512
_FORMATS = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif"}
_DTYPES = {1: "f", 2: "d", 3: "i", 4: "B", 5: "h", 6: "b", 9: "q", 10: "?"}
"""Types of tensors as `struct` calls them; 7 is text."""
_LISTS = {1: 5, 2: 6, 3: 7, 4: 7, 5: 7, 6: 7, 9: 10, 10: 11}
"""Type of a tensor -> the field that lists its numbers, if they are not packed as bytes."""


def found(folder: Path) -> list[Path]:
    """The folders with event files in `folder`, itself included. UsageError if there is none."""
    folders = sorted({path.parent for path in folder.rglob(_FILES) if path.is_file()})
    if not folders:
        raise UsageError(f"There is no event file ({_FILES}) in {folder}, nor in folders below it.")
    return folders


def read(folder: Path, *, root: Path | None = None, run_id: str | None = None, name: str | None = None) -> Source:
    """The run whose event files are in `folder`; it is called by its place below `root`. UsageError, OSError."""
    files = sorted(path for path in folder.glob(_FILES) if path.is_file())
    place = folder.resolve()
    below = place.relative_to(root.resolve()).as_posix() if root is not None else "."
    called = name or (place.name if below == "." else below)
    config: dict[str, Any] = {}
    began = math.inf
    look = Notes()
    for event in _events(files, look):
        began = min(began, event.number(1) if event.number(1) > 0 else math.inf)
        for value in event.message(_SUMMARY).messages(1) if _SUMMARY in event else ():
            if value.text(_TAG).startswith(_HPARAMS):
                config |= _hyperparameters(value)
    reading = _Reading(files, config)
    return Source(
        run_id=id_of(run_id, called, folder), digest=digest_of(files), start={"name": called}, events=reading.events,
        created_at=time_of(began) or int(files[0].stat().st_mtime * 1e6), notes=reading.notes,
    )  # fmt: skip


def _events(files: list[Path], notes: Notes) -> Iterator[Message]:
    for path in files:
        for data in tfrecord.records(path, notes):
            try:
                event = Message(data)
                event.number(1), event.integer(2), event.message(_SUMMARY).messages(1)
            except MessageError:
                notes.add("a record is left out: it cannot be read")
            else:
                yield event


class _Reading:
    """The event files of one run, told as events."""

    def __init__(self, files: list[Path], config: dict[str, Any]) -> None:
        self._files = files
        self._config = config
        self.notes = Notes()
        self._saved: set[str] = set()

    def events(self) -> Iterator[Event]:
        """What was logged at one step, one after the other, is a row."""
        if self._config:
            yield Record(f.CONFIG, 0, None, {"set": self._config})
        step, time = 0, time_of(0)
        values: dict[str, Any] = {}
        for event in _events(self._files, self.notes):
            for value in event.message(_SUMMARY).messages(1):
                try:
                    logged, content = self._value(value)
                except (MessageError, struct.error, ValueError):
                    self.notes.add("a value is left out: it cannot be read")
                    continue
                tag = value.text(_TAG)
                if logged is None or not tag:
                    continue
                if values and (event.integer(2) != step or tag in values):
                    yield Row(step, time, values)
                    values = {}
                step, time = event.integer(2), time_of(event.number(1))
                if content is not None and logged.value["path"] not in self._saved:
                    self._saved.add(logged.value["path"])
                    yield Saved(logged.value["path"], content, step, media=True)
                values[tag] = logged
        if values:
            yield Row(step, time, values)
        yield Record(f.EXIT, None, None, {"code": 0})

    def _value(self, value: Message) -> tuple[Any, bytes | None]:
        """What was logged, and the content of the file that it is about; None if it is nothing for a row."""
        plugin = value.message(_METADATA).message(1).text(1)
        if value.text(_TAG).startswith(_HPARAMS):
            return None, None
        if _SIMPLE in value:
            return value.number(_SIMPLE), None
        if _IMAGE in value:
            return _picture(value.message(_IMAGE).raw(4))
        if _HISTOGRAM in value:
            told = value.message(_HISTOGRAM)
            return _histogram(_doubles(told, 6), _doubles(told, 7), told.number(1)), None
        if _TENSOR in value:
            return self._tensor(value.message(_TENSOR), plugin)
        self.notes.add(f"a value of {plugin or 'a kind that is not known'} is left out")
        return None, None

    def _tensor(self, tensor: Message, plugin: str) -> tuple[Any, bytes | None]:
        """A tensor by the plugin that shows it."""
        if tensor.integer(1) == 7:
            texts = tensor.all(8)
            if plugin == "images":  # width, height, then pictures
                return _picture(texts[2]) if len(texts) > 2 else (None, None)
            return "\n".join(text.decode("utf-8", "replace") for text in texts), None
        numbers = _numbers(tensor)
        if plugin == "histograms":
            rows = list(zip(numbers[::3], numbers[1::3], numbers[2::3], strict=False))
            return (
                (_histogram([row[1] for row in rows], [row[2] for row in rows], rows[0][0]), None)
                if rows
                else (None, None)
            )
        if len(numbers) == 1:
            return numbers[0], None
        self.notes.add(f"a tensor of {plugin or 'no plugin'} that is no single number is left out")
        return None, None


def _picture(content: bytes) -> tuple[Any, bytes | None]:
    """An image, as a row names it."""
    form = next((form for start, form in _FORMATS.items() if content.startswith(start)), None)
    if form is None:
        raise ValueError("No known picture.")
    sha256 = hashlib.sha256(content).hexdigest()
    told = {
        "_type": "image-file",
        "format": form,
        "path": f"media/images/{sha256[:20]}.{form}",
        "sha256": sha256,
        "size": len(content),
    }
    if form == "png" and len(content) > 24:
        told["width"], told["height"] = struct.unpack(">II", content[16:24])
    return Whole(told), content


def _histogram(edges: list[Any], counts: list[Any], low: float) -> Any:
    """Bins by their right edges, without the empty ones at both ends."""
    pairs = list(zip(edges, counts, strict=False))
    while pairs and not pairs[-1][1]:
        pairs.pop()
    lows = [low, *edges]
    first = next((place for place, (_, count) in enumerate(pairs) if count), len(pairs))
    pairs = pairs[first:]
    if not 0 < len(pairs) <= _BINS:
        raise ValueError("A histogram of no bins, or too many.")
    start = low if first == 0 else max(low, lows[first])
    bins = [min(start, pairs[0][0]), *(edge for edge, _ in pairs)]
    return Whole({"_type": "histogram", "values": [count for _, count in pairs], "bins": bins})


def _doubles(message: Message, number: int) -> list[float]:
    """A field of doubles, packed or not."""
    return [value for data in message.all(number) for value in struct.unpack(f"<{len(data) // 8}d", data)]


def _numbers(tensor: Message) -> list[Any]:
    """The numbers in a tensor. MessageError, struct.error."""
    dtype = tensor.integer(1)
    form = _DTYPES.get(dtype)
    if form is None:
        raise MessageError("A tensor is of a type that is not known.")
    content = tensor.raw(4)
    if content:
        return list(struct.unpack(f"<{len(content) // struct.calcsize(form)}{form}", content))
    if form in "fd":
        size = struct.calcsize(form)
        return [
            value for data in tensor.all(_LISTS[dtype]) for value in struct.unpack(f"<{len(data) // size}{form}", data)
        ]
    listed = [
        number
        for data in tensor.all(_LISTS[dtype])
        for number in (varints(data) if isinstance(data, bytes) else [data])
    ]
    return [bool(one) if form == "?" else one - (1 << 64) if one >= 1 << 63 else one for one in listed]


def _hyperparameters(value: Message) -> dict[str, Any]:
    """Those of `session_start_info`."""
    try:
        session = value.message(_METADATA).message(1).message(2).message(3)
        return {one.text(1): _plain(one.message(2)) for one in session.messages(1)}
    except MessageError:
        return {}


def _plain(value: Message) -> Any:
    """A `google.protobuf.Value`."""
    if 2 in value:
        number = value.number(2)
        return int(number) if number.is_integer() else number
    if 3 in value:
        return value.text(3)
    if 4 in value:
        return bool(value.integer(4))
    if 5 in value:
        return {one.text(1): _plain(one.message(2)) for one in value.message(5).messages(1)}
    if 6 in value:
        return [_plain(one) for one in value.message(6).messages(1)]
    return None
