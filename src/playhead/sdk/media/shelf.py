"""Takes the content of what is logged into the run's folder, and asks the sidecar for the rest: encoding, hashing and sending."""

from __future__ import annotations

import hashlib
import os
import re
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from playhead.client import disk
from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_MEDIA, MAX_RAW
from playhead.sdk.media.row import describe
from playhead.sdk.media.value import Value

_REMEMBERED = 10_000
"""Contents of which it is known that they are in the run's folder: they are linked, not written again."""
_PIECE = 64 << 20
_UNFIT = re.compile(r"[^A-Za-z0-9_./-]")

Ask = Callable[[int, dict[str, Any]], object]
"""Writes a SAVE record of a step."""


class Shelves:
    """The media of one run. Not thread-safe: whoever logs holds the run's lock."""

    def __init__(self, folder: Path, ask: Ask, tell: Callable[[str], None]) -> None:
        """`folder` is the run's."""
        self._folder = folder
        self._ask = ask
        self.tell = tell
        self._salt = os.urandom(5).hex()
        self._number = self._asked = 0
        self._known: OrderedDict[str, str] = OrderedDict()
        """SHA-256 -> path of a file that has it."""
        self._waiting: deque[tuple[Path, int]] = deque()
        """Raw data that the sidecar has not taken yet, the oldest first,"""
        self._raw = 0
        """and their bytes."""

    def describe(self, key: str, value: Any, step: int) -> Value | None:
        """The row's value for a media object, a list of them, or a figure, picture or data frame; None if `value` is none of these."""
        return describe(value, Place(self, _name_of(key), step))

    def write(self, place: Place, folder: str, suffix: str, pieces: Iterable[bytes]) -> Value:
        """See Shelf.content."""
        target = self._folder / "files" / "media" / folder
        part = target / f".playhead-{self._salt}.part"
        made, size = hashlib.sha256(), 0
        try:
            with _opened(part) as handle:
                for piece in pieces:
                    made.update(piece)
                    size += len(piece)
                    _check(size)
                    handle.write(piece)
            digest = made.hexdigest()
            path = place.path(folder, digest[:20], suffix)
            self._settle(part, path, digest)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        kept = {"path": path, "sha256": digest, "size": size}
        self._tell(place.step, kept)
        return kept

    def copy(self, place: Place, folder: str, suffix: str, source: Path) -> Value:
        """See Shelf.copy."""
        path = place.path(folder, self._next(), suffix)
        target = self._folder / "files" / path
        try:
            with source.open("rb") as given:
                _check(os.fstat(given.fileno()).st_size)
                try:
                    with _opened(target) as handle:
                        disk.copy(given.fileno(), handle.fileno())
                except BaseException:
                    target.unlink(missing_ok=True)
                    raise
        except FileNotFoundError as error:
            raise UsageError(f"{source} cannot be read: {error.strerror}.") from error
        self._tell(place.step, {"path": path})
        return {"path": path}

    def later(
        self, place: Place, folder: str, suffix: str, make: Mapping[str, Any], data: Sequence[Any]
    ) -> Value:  # fmt: skip
        """See Shelf.later."""
        token = self._next()
        raw, path = self._folder / "raw" / str(self._number), place.path(folder, token, suffix)
        size = sum(memoryview(each).nbytes for each in data)
        _check(size)
        try:
            with _opened(raw) as handle:
                for each in data:
                    handle.write(each)
        except BaseException:
            raw.unlink(missing_ok=True)
            raise
        asked = {"path": path, "raw": f"raw/{raw.name}", "make": make}
        if not self._has_room(size):
            from playhead.sidecar.encode import encode  # noqa: PLC0415 Pillow is loaded only when the sidecar cannot follow

            target = self._folder / "files" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            encode(raw, target, make)
            raw.unlink()
            asked = {"path": path}
        else:
            self._waiting.append((raw, size))
            self._raw += size
        self._tell(place.step, asked)
        return {"path": path}

    def _has_room(self, size: int) -> bool:
        """Whether so much more raw data may wait."""
        while self._raw + size > MAX_RAW and self._waiting and not self._waiting[0][0].exists():
            self._raw -= self._waiting.popleft()[1]
        return self._raw + size <= MAX_RAW

    def _settle(self, part: Path, path: str, digest: str) -> None:
        """Give the file its name; one whose content is there is a link to that."""
        target, known = self._folder / "files" / path, self._known.get(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        if known is not None and known != path:
            try:
                os.link(self._folder / "files" / known, target)
            except OSError:  # it is gone, or the file system has no links
                known = None
        if known is None:
            part.replace(target)
        else:
            part.unlink()
        self._known[digest] = path
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    def _next(self) -> str:
        """A name that no other content of any run has."""
        self._number += 1
        return f"{self._salt}{self._number:010x}"

    def _tell(self, step: int, asked: dict[str, Any]) -> None:
        self._asked += 1
        self._ask(step, {"media": self._asked, **asked})


class Place:
    """The shelf of one key at one step."""

    def __init__(self, shelves: Shelves, name: str, step: int) -> None:
        self._shelves = shelves
        self._name = name
        self.step = step

    def path(self, folder: str, token: str, suffix: str) -> str:
        """Name of a file."""
        return f"media/{folder}/{self._name}_{self.step}_{token}.{suffix}"

    def content(self, folder: str, suffix: str, pieces: Iterable[bytes]) -> Value:
        """See Shelf."""
        return self._shelves.write(self, folder, suffix, pieces)

    def copy(self, folder: str, suffix: str, source: Path) -> Value:
        """See Shelf."""
        return self._shelves.copy(self, folder, suffix, source)

    def later(self, folder: str, suffix: str, make: Mapping[str, Any], data: Sequence[Any]) -> Value:
        """See Shelf."""
        return self._shelves.later(self, folder, suffix, make, data)

    def tell(self, message: str) -> None:
        """See Shelf."""
        self._shelves.tell(message)


def _name_of(key: str) -> str:
    parts = _UNFIT.sub("_", key)[:100].split("/")
    return "/".join(part for part in parts if part.strip("."))


def _opened(path: Path) -> Any:
    try:
        return path.open("wb", buffering=0)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb", buffering=0)


def _check(size: int) -> None:
    if size > MAX_MEDIA:
        raise UsageError(f"This has {size:,} bytes: MAX_MEDIA is {MAX_MEDIA:,}. Save it as a file: run.save(path).")
