"""Makes the content of logged media from what the training has left in the run's folder: encodes, hashes, hands over."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from playhead.client.disk import is_full
from playhead.domain.errors import PlayheadError, UsageError
from playhead.domain.file import SHA256, wrong_with
from playhead.domain.limits import MAX_MEDIA
from playhead.sidecar.encode import encode
from playhead.sidecar.line import Line
from playhead.sidecar.log import Log, why


class Made(NamedTuple):
    """A file of the run that is whole, below its `files/`."""

    path: str
    sha256: str
    size: int
    step: int


class Maker:
    """Makes one after the other in the journal's order, in a thread of its own."""

    def __init__(
        self, folder: Path, log: Log, *, known: Iterable[str], made: Callable[[Made], None],
        lost: Callable[[str, int, str], None],
    ) -> None:  # fmt: skip
        """`known`: files that were told of before. `made` hears of each file, `lost` of each that cannot be made: its path, step, and why."""
        self._folder = folder
        self._log = log
        self._known = set(known)
        self._made = made
        self._lost = lost
        self._latest = 0
        self._line: Line[tuple[int, dict[str, Any]]] = Line("playhead-media", lambda one: self._make(*one))
        self._left = False

    def take(self, step: int, asked: dict[str, Any], *, now: bool = False) -> None:
        """Have this made; `now`: in this thread. What comes a second time is passed over."""
        number = asked.get("media")
        if not isinstance(number, int) or number <= self._latest:
            return
        self._latest = number
        if now:
            self._make(step, asked)
        else:
            self._line.put((step, asked))

    def finish(self) -> None:
        """Wait until all is made; nothing more is asked for."""
        self._line.finish()
        if not self._left:
            self._tidy()

    def stop(self) -> None:
        """No more: what is not made is made by `playhead sync`."""
        self._left = True
        self._line.stop()

    def _make(self, step: int, asked: dict[str, Any]) -> None:
        path = str(asked.get("path"))
        if path in self._known:
            self._known.discard(path)
            return
        try:
            made = self._file(path, step, asked)
        except (OSError, PlayheadError) as error:
            self._log.note(f"{path!r} cannot be made: {why(error)}")
            if is_full(error):
                self._left = True  # what it is made of stays here: `playhead sync` tries again
            else:
                self._lost(path, step, why(error))
            return
        self._made(made)

    def _file(self, path: str, step: int, asked: dict[str, Any]) -> Made:
        target = self._below("files", path)
        raw = None if asked.get("raw") is None else self._below("", str(asked["raw"]))
        # A sidecar that was killed may have come as far as the file, but not told of it.
        if raw is not None and (raw.exists() or not target.exists()):
            target.parent.mkdir(parents=True, exist_ok=True)
            encode(raw, target, asked.get("make") or {})
            raw.unlink()
        sha256, size = asked.get("sha256"), asked.get("size")
        if not (isinstance(sha256, str) and SHA256.fullmatch(sha256) and size == target.stat().st_size):
            sha256, size = _digest(target)
        if size > MAX_MEDIA:
            raise UsageError(f"it has {size:,} bytes: MAX_MEDIA is {MAX_MEDIA:,}")
        return Made(path, sha256, size, step)

    def _below(self, part: str, name: str) -> Path:
        wrong = wrong_with(name)
        if wrong is not None:
            raise UsageError(f"{name!r} is no name of a file: {wrong}")
        return self._folder / part / name

    def _tidy(self) -> None:
        """Raw data that no journal names was written by a training that was killed at that moment."""
        raw = self._folder / "raw"
        try:
            for left in raw.iterdir():
                left.unlink()
            raw.rmdir()
        except OSError:
            return


def _digest(path: Path) -> tuple[str, int]:
    made, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while data := file.read(1 << 20):
            made.update(data)
            size += len(data)
    return made.hexdigest(), size
