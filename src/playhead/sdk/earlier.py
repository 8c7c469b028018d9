"""What this disk knows of a run: its journals, read, so that it can be gone on with where no server can be asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from playhead.domain.definition import Definitions
from playhead.domain.errors import JournalError, NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import SHIP_BATCH
from playhead.domain.run import Segment
from playhead.domain.timeline import branch_point, chain, last_step
from playhead.journal import format as f
from playhead.journal import reader
from playhead.journal.last import LastValues
from playhead.sdk import rundir

MAIN = "main.journal"


@dataclass(slots=True)
class Piece:
    """One journal of a run: what it says, record by record, and how far it goes."""

    folder: Path
    header: f.Header
    first_step: int | None = None
    last_step: int | None = None
    ended: int | None = None
    """Exit code."""
    records: list[tuple[int, int, dict[str, Any]]] = field(default_factory=list)
    """(kind, step, data) of all that is no row and no console line, in order."""

    @classmethod
    def read(cls, folder: Path) -> Piece:
        """JournalError, OSError."""
        header, _ = reader.open_header(folder / MAIN)
        piece = cls(folder, header)
        for item in piece.frames():
            piece._take(item)
        return piece

    def frames(self) -> Iterator[reader.Frame]:
        """All that can be read. JournalError, OSError."""
        return _frames(self.folder / MAIN, *reader.open_header(self.folder / MAIN))

    def _take(self, item: reader.Frame) -> None:
        if item.kind == f.ROW:
            step = int.from_bytes(item.body[4:12], "little", signed=True)
            self.first_step = step if self.first_step is None else min(self.first_step, step)
            self.last_step = step if self.last_step is None else max(self.last_step, step)
        elif item.kind in {f.START, f.CONFIG, f.SUMMARY, f.META, f.METRIC, f.EXIT}:
            step, _, data = reader.record(item.body)
            self.records.append((item.kind, step, data))
            if item.kind == f.EXIT:
                self.ended = int(data.get("code", 1))


def _frames(path: Path, header: f.Header, at: int) -> Iterator[reader.Frame]:
    rest = b""
    with path.open("rb") as file:
        file.seek(at)
        while True:
            piece = file.read(SHIP_BATCH)
            data = memoryview(rest + piece)
            walk = reader.frames(data, at, header.seed, final=not piece)
            yield from (item for item in walk if isinstance(item, reader.Frame))
            rest = bytes(data[walk.at :])
            at += walk.at
            if not piece:
                return


@dataclass(frozen=True, slots=True)
class Found:
    """A run on this disk, as of a step of it."""

    segment: str
    parent: str | None
    parent_step: int | None
    step: int
    """The next step."""
    config: dict[str, Any]
    about: dict[str, Any]
    """Name, notes, tags, group and job type."""
    origin: RunPath | None = None
    """The run that `parent` is a segment of, if it is here."""
    inherits: bool = True
    """Whether the config of `parent` holds too."""
    metrics: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What its metrics are defined as, see `Definitions.as_data`."""
    summary: dict[str, Any] = field(default_factory=dict)
    """What was set of it; what rows say is not read."""
    axes: dict[str, Any] = field(default_factory=dict)
    """What its step metrics were last."""


class History(NamedTuple):
    """What of a run is on this disk."""

    run_id: str
    pieces: list[Piece]
    """Of the run, and of those that it was forked from."""
    segments: list[Segment]
    head: str
    """The segment that it shows."""

    def line(self, step: int | None = None) -> list[tuple[str, int | None]]:
        """The segments that lead to `step` of the head, the oldest first, each with the last step that is seen of it (None: all).

        UsageError past the end.
        """
        _check_step(self.run_id, self.segments, self.head, step)
        return [(one.id, limit) for one, limit in chain(self.segments, self.head, step)]


class Earlier:
    """The pieces of a run below a folder. Reading them costs what they weigh; nothing is read before it is asked for."""

    def __init__(self, root: Path, project: str) -> None:
        self._root = root
        self._project = project

    def pieces(self, run_id: str) -> list[Piece]:
        """The run's journals, by time. One that cannot be read is left out."""
        found = []
        for folder in rundir.folders_of(self._root, run_id):
            try:
                header, _ = reader.open_header(folder / MAIN)
                if header.run_id == run_id and header.project == self._project:
                    found.append(Piece.read(folder))
            except (OSError, JournalError):
                continue
        return sorted(found, key=lambda piece: piece.header.created_at)

    def resume(self, run_id: str) -> Found | None:
        """The run at its end; None if nothing of it is here."""
        pieces = self.pieces(run_id)
        return _at(pieces, self._ancestors(pieces), None) if pieces else None

    def branch(self, told: str, step: int | None) -> tuple[str, Found]:
        """The run of that id (or name) as of `step`, and its id. NotFoundError, UsageError past the end."""
        if "/" in told:
            *_, project, told = told.split("/")
            return Earlier(self._root, project).branch(told, step)
        pieces = self._known(told)
        return pieces[0].header.run_id, _at(pieces, self._ancestors(pieces), step, branch=True)

    def history(self, told: str, segment: str | None = None) -> History:
        """The run of that id, name or path, showing `segment` (None: the newest). NotFoundError."""
        if "/" in told:
            *_, project, told = told.split("/")
            return Earlier(self._root, project).history(told, segment)
        own = self._known(told)
        pieces = [*self._ancestors(own), *own]
        head = segment or max(own, key=lambda piece: piece.header.created_at).header.segment
        return History(own[0].header.run_id, pieces, list(_segments(pieces).values()), head)

    def _known(self, told: str) -> list[Piece]:
        """The pieces of the run of that id, or name. NotFoundError."""
        pieces = self.pieces(told) or self._named(told)
        if not pieces:
            raise NotFoundError(
                f"There is no run {told!r} of {self._project} in {self._root}, and no server was asked."
            )
        return pieces

    def _ancestors(self, pieces: list[Piece]) -> list[Piece]:
        """Journals of other runs that these were forked from, as far as they are here."""
        known = {piece.header.segment for piece in pieces}
        wanted = {piece.header.parent or "" for piece in pieces} - known - {""}
        found: list[Piece] = []
        if not wanted:
            return found
        others = self._segments_here()
        while wanted:
            parent = wanted.pop()
            known.add(parent)
            for folder in others.get(parent, ()):
                try:
                    piece = Piece.read(folder)
                except (OSError, JournalError):
                    continue
                found.append(piece)
                wanted |= {piece.header.parent or ""} - known - {""}
        return sorted(found, key=lambda piece: piece.header.created_at)

    def _segments_here(self) -> dict[str, list[Path]]:
        """Segment -> folders with a piece of it."""
        found: dict[str, list[Path]] = {}
        for folder in self._root.glob("*run-*"):
            try:
                header, _ = reader.open_header(folder / MAIN)
            except (OSError, JournalError):
                continue
            found.setdefault(header.segment, []).append(folder)
        return found

    def _named(self, name: str) -> list[Piece]:
        """Pieces of the one run that has this name."""
        ids = set()
        for folder in self._root.glob("*run-*"):
            try:
                piece = Piece.read(folder)
            except (OSError, JournalError):
                continue
            told = [data.get("name") for kind, _, data in piece.records if kind in {f.START, f.META}]
            if piece.header.project == self._project and name in told:
                ids.add(piece.header.run_id)
        if len(ids) > 1:
            raise UsageError(f"Several runs have the name {name!r}: give one of the ids {', '.join(sorted(ids))}.")
        return self.pieces(ids.pop()) if ids else []


def _at(pieces: list[Piece], ancestors: list[Piece], step: int | None, *, branch: bool = False) -> Found:
    """The run as of `step`; with `branch`, where a new segment is to begin."""
    segments = _segments([*ancestors, *pieces])
    newest = max(pieces, key=lambda piece: piece.header.created_at)  # a server may have chosen an older segment again
    head = newest.header.segment
    line = list(segments.values())
    last = last_step(line, head)
    if branch and step is None:
        step = -1 if last is None else last
    _check_step(newest.header.run_id, line, head, step)
    config, about = _config([*ancestors, *pieces], line, head, step), _about(pieces)
    metrics = _metrics([*ancestors, *pieces], line, head, step)
    axes = _last([*ancestors, *pieces], line, head, step, metrics.axes)
    summary = _summary([*ancestors, *pieces], line, head, step)
    if not branch:
        begin = max((piece.header.step for piece in pieces if piece.header.segment == head), default=0)
        own = segments[head]
        origin = segments[own.parent].run if own.parent in segments else None
        goes_on = max(begin, -1 if last is None else last + 1, 0)
        return Found(
            head,
            own.parent,
            own.parent_step,
            goes_on,
            config,
            about,
            origin,
            own.inherits,
            metrics.as_data(),
            summary,
            axes,
        )
    assert step is not None
    parent = branch_point(line, head, step)
    return Found(
        "",
        parent,
        step,
        step + 1,
        config,
        about,
        segments[parent].run,
        metrics=metrics.as_data(),
        summary=summary,
        axes=axes,
    )


def _check_step(run_id: str, segments: list[Segment], head: str, step: int | None) -> None:
    last = last_step(segments, head)
    if step is not None and step > (-1 if last is None else last):
        end = "has no rows yet" if last is None else f"ends at step {last}"
        raise UsageError(f"The run {run_id} {end} on this disk: it cannot be seen as of step {step}.")


def _segments(pieces: list[Piece]) -> dict[str, Segment]:
    found: dict[str, Segment] = {}
    for piece in pieces:
        header = piece.header
        path = RunPath(header.entity or "", header.project, header.run_id)
        known = found.get(header.segment) or Segment(
            id=header.segment, run=path, parent=header.parent, parent_step=header.parent_step,
            created_at=header.created_at, inherits=header.inherit_config,
        )  # fmt: skip
        steps = [s for s in (known.first_step, known.last_step, piece.first_step, piece.last_step) if s is not None]
        found[header.segment] = Segment(
            id=known.id, run=path, parent=known.parent, parent_step=known.parent_step, created_at=known.created_at,
            inherits=known.inherits, first_step=min(steps, default=None), last_step=max(steps, default=None),
        )  # fmt: skip
    return found


def _config(pieces: list[Piece], segments: list[Segment], head: str, step: int | None) -> dict[str, Any]:
    """As of `step`."""
    config: dict[str, Any] = {}
    for segment, limit in chain(segments, head, step):
        if not segment.inherits:
            config = {}
        for kind, at, data in _records(pieces, segment):
            if limit is None or at <= limit:
                _configure(config, kind, data)
    return config


def _metrics(pieces: list[Piece], segments: list[Segment], head: str, step: int | None) -> Definitions:
    """As of `step`."""
    found = Definitions()
    for segment, limit in chain(segments, head, step):
        for kind, at, data in _records(pieces, segment):
            if kind == f.METRIC and (limit is None or at <= limit):
                found.tell(data)
    return found


def _last(
    pieces: list[Piece], segments: list[Segment], head: str, step: int | None, keys: Collection[str]
) -> dict[str, Any]:
    """What rows said last of these keys, as of `step`."""
    found = LastValues(keys)
    for segment, limit in chain(segments, head, step) if keys else ():
        for piece in pieces:
            if piece.header.segment == segment.id:
                found.take(piece.frames(), limit)
    return found.values()


def _summary(pieces: list[Piece], segments: list[Segment], head: str, step: int | None) -> dict[str, Any]:
    """As of `step`."""
    summary: dict[str, Any] = {}
    for segment, limit in chain(segments, head, step):
        for kind, at, data in _records(pieces, segment):
            if kind == f.SUMMARY and (limit is None or at <= limit):
                _change(summary, data)
    return summary


def _about(pieces: list[Piece]) -> dict[str, Any]:
    """What is said of the run last, whichever step it is seen as of."""
    about: dict[str, Any] = {}
    begun: set[str] = set()
    for piece in pieces:
        if piece.header.parent is None and piece.header.segment not in begun:
            about = {}  # it began anew
        begun.add(piece.header.segment)
        for kind, _, data in piece.records:
            if kind in {f.START, f.META}:
                about.update({name: data[name] for name in _ABOUT if data.get(name) is not None})
    return about


def _records(pieces: list[Piece], segment: Segment) -> Iterator[tuple[int, int, dict[str, Any]]]:
    for piece in pieces:
        if piece.header.segment == segment.id:
            yield from piece.records


_ABOUT = ("name", "notes", "tags", "group", "job_type")


def _configure(config: dict[str, Any], kind: int, data: dict[str, Any]) -> None:
    if kind == f.CONFIG:
        _change(config, data)
    elif kind == f.START and isinstance(given := data.get("config"), dict):
        config.update(given)


def _change(values: dict[str, Any], data: dict[str, Any]) -> None:
    given = data.get("set")
    if isinstance(given, dict):
        values.update(given)
    for key in data.get("delete") or ():
        values.pop(key, None)
