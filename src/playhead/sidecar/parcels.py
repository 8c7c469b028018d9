"""Artifacts on their way: what a draft holds is hashed here, behind the training, and made into a manifest and the contents that it names."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playhead.client.artifacts.draft import Part, read
from playhead.client.artifacts.holding import Held, Mark, copy
from playhead.client.disk import is_full
from playhead.domain import manifest
from playhead.domain.artifact import digest_of
from playhead.domain.errors import PlayheadError
from playhead.journal import format as f
from playhead.sidecar.line import Line
from playhead.sidecar.log import Log
from playhead.sidecar.snapshot import Mark as Seen
from playhead.sidecar.snapshot import Shot
from playhead.sidecar.tail import BLOBS

FOLDER = "artifacts"
"""Folder of a run's directory for drafts and for what they hold, until it is where it belongs."""
_NO_MARK = Seen(0, 0, 0)


@dataclass(slots=True, eq=False)
class Parcel:
    """An artifact of which all is known; `shots` are the contents that a server must have."""

    step: int
    asking: int
    name: str
    record: dict[str, Any]
    shots: list[Shot]
    draft: Path
    left: int = 0
    """Contents that are not settled,"""
    kept: bool = False
    """of which some wait here for `playhead sync`."""
    problem: Exception | None = None
    """Why it never will be there."""

    def keep(self, blobs: Path) -> None:
        """Let all contents wait in `blobs`. OSError."""
        blobs.mkdir(exist_ok=True)
        for shot in self.shots:
            target = blobs / shot.sha256
            if shot.own and shot.path.exists():
                shot.path.replace(target)
            elif not shot.own and not target.exists():
                _link(shot.path, target)

    def tidy(self) -> None:
        """Nothing of it is needed here any more."""
        for path in (*(shot.path for shot in self.shots if shot.own), self.draft):
            with suppress(OSError):
                path.unlink()
        with suppress(OSError):
            self.draft.parent.rmdir()


@dataclass(slots=True)
class _Asked:
    step: int
    number: int
    draft: Path


class Packer:
    """Packs one after the other, in a thread of its own."""

    def __init__(
        self, folder: Path, log: Log, *, packed: Callable[[Parcel], None],
        failed: Callable[[int, str, int, str, Exception], None],
    ) -> None:  # fmt: skip
        """`packed` hears of each; `failed` of what cannot be: its step, name, asking and id, and why."""
        self._folder = folder
        self._log = log
        self._packed = packed
        self._failed = failed
        self._line: Line[_Asked] = Line("playhead-pack", self._pack)

    def take(self, step: int, number: int, draft: str, *, now: bool = False) -> None:
        """Have this packed; `now`: in this thread."""
        asked = _Asked(step, number, self._folder / FOLDER / Path(draft).name)
        if now:
            self._pack(asked)
        else:
            self._line.put(asked)

    def finish(self) -> None:
        """Wait until all is packed; nothing more is asked for."""
        self._line.finish()

    def stop(self) -> None:
        """No more: what is not packed is packed by `playhead sync`."""
        self._line.stop()

    def _pack(self, asked: _Asked) -> None:
        told: dict[str, Any] = {}
        try:
            told = f.loads(asked.draft.read_bytes())
            parcel = self._made(asked, told)
        except (OSError, PlayheadError, KeyError, TypeError, ValueError) as error:
            name = str(told.get("name") or asked.draft.name)
            self._log.note(f"the artifact {name!r} cannot be packed: {error!r}")
            if not is_full(error):
                _forget(asked.draft, told, self._folder)
            self._failed(asked.step, name, asked.number, str(told.get("id") or ""), error)
        else:
            self._packed(parcel)

    def _made(self, asked: _Asked, told: dict[str, Any]) -> Parcel:
        parts = [_part(one, self._folder) for one in told["parts"]]
        hashed = False
        for part in parts:
            if part.held is not None and not part.sha256:
                found = read(part.held)
                part.digest, part.sha256, part.size = found
                hashed = True
        entries = [part.entry() for part in parts]
        text = manifest.to_json(entries)
        if hashed:  # whoever begins anew after a crash need not read it all again, and finds what was moved
            _write(asked.draft, f.dumps({**told, "parts": [_told(part) for part in parts]}))
        sealed = _sealed(asked.draft.with_suffix(".manifest"), text)
        about = {name: value for name, value in told.items() if name != "parts"}
        record = {
            **about, "digest": digest_of(entries), "manifest": sealed.sha256, "size": sum(one.size for one in entries),
            "count": len(entries), "save": asked.number,
        }  # fmt: skip
        shots = {part.sha256: self._shot(part, part.held) for part in parts if part.held is not None}
        return Parcel(asked.step, asked.number, str(told["name"]), record, [*shots.values(), sealed], asked.draft)

    def _shot(self, part: Part, held: Held) -> Shot:
        if held.own and not Path(held.path).exists():  # it was moved there before a crash
            return Shot(part.sha256, part.size, self._folder / BLOBS / part.sha256, own=False, mark=_NO_MARK)
        return Shot(part.sha256, part.size, Path(held.path), own=held.own, mark=_NO_MARK)


def told_part(part: Part, path: str) -> dict[str, Any]:
    """A part as a draft on the disk has it; `path` is where its content is."""
    held = None if part.held is None else part.held._replace(path=path)
    return _told(Part(part.path, part.size, held, part.digest, part.sha256, part.ref, part.extra))


def _told(part: Part) -> dict[str, Any]:
    told: dict[str, Any] = {"path": part.path, "size": part.size}
    for name in ("digest", "sha256", "ref", "extra"):
        if getattr(part, name):
            told[name] = getattr(part, name)
    if part.held is not None:
        path = Path(part.held.path)
        told["held"] = path.name if part.held.own else str(path)
        told["mark"], told["own"] = list(part.held.mark), part.held.own
    return told


def _part(told: dict[str, Any], folder: Path) -> Part:
    held = None
    if "held" in told:
        own = bool(told["own"])
        path = folder / FOLDER / Path(told["held"]).name if own else Path(told["held"])
        held = Held(str(path), Mark(*map(int, told["mark"])), own)
    return Part(
        str(told["path"]), int(told["size"]), held, str(told.get("digest", "")), str(told.get("sha256", "")),
        str(told.get("ref", "")), dict(told.get("extra", {})),
    )  # fmt: skip


def _sealed(path: Path, text: bytes) -> Shot:
    """A manifest, written down to be sent."""
    _write(path, text)
    return Shot(hashlib.sha256(text).hexdigest(), len(text), path, own=True, mark=_NO_MARK)


def _write(path: Path, data: bytes) -> None:
    """Whole, or not at all. OSError."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


def _link(source: Path, target: Path) -> None:
    """Let a file that lies elsewhere be found here too; what it is then is looked at when it is sent. OSError."""
    try:
        os.link(source.resolve(), target)
    except OSError:
        handle = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
        try:
            copy(handle, target, os.fstat(handle).st_size)
        finally:
            os.close(handle)


def _forget(draft: Path, told: dict[str, Any], folder: Path) -> None:
    """It never will be there: what it holds is not needed."""
    for one in told.get("parts") or ():
        if isinstance(one, dict) and one.get("own"):
            with suppress(OSError):
                (folder / FOLDER / Path(str(one.get("held"))).name).unlink()
    with suppress(OSError):
        draft.unlink()
