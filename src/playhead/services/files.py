"""Files of runs: what there was at which step, and content, stored and read through a run.

Whoever may read a run may read what that run refers to, if its project was given that content, and nothing else.
"""

from __future__ import annotations

import difflib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from uuid import uuid4

from playhead.domain.account import Actor
from playhead.domain.errors import ConflictError, LimitError, NotFoundError, UsageError
from playhead.domain.file import SHA256, FileVersion, as_of, numbered, version
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_FILE, MAX_LINKS, MAX_PAGE
from playhead.domain.run import Segment
from playhead.domain.timeline import chain
from playhead.ports.blobs import Blobs, Piece, Upload
from playhead.ports.contents import Contents, ProjectName
from playhead.ports.timelines import Timelines
from playhead.services.access import Access, member
from playhead.services.history import NOW, Place
from playhead.services.recent import Recent
from playhead.wire.files import FilePage, FileView, UploadView

PARTIAL_FOR = 3 * 24 * 3600.0
"""Seconds that an upload is kept which nobody goes on with."""
SWEEP_EVERY = 3600.0
_NEAR = 2_000
"""Names among which near ones are looked for."""
_KINDS = ("file", "media")
"""Records of saved files, and of images and the like."""


@dataclass(frozen=True, slots=True)
class Content:
    """A blob, and the name that the run has for it."""

    path: str
    sha256: str
    size: int
    read: Callable[[int, int], Iterator[bytes]]
    """Its bytes from the first number to before the second."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What the records of a run say about files."""

    versions: Sequence[FileVersion]
    counts: Mapping[str, int]
    """Path -> number of its versions."""
    left_out: int
    owners: Mapping[str, ProjectName]
    """Segment -> the project of the run that it belongs to."""
    lost: Mapping[str, str]
    """Path -> why its content will never be there."""


class FileService:
    """Listing files, and storing and reading content."""

    def __init__(
        self, *, access: Access, runs: Timelines, blobs: Blobs, contents: Contents, direct: bool = False
    ) -> None:
        """`direct`: give links to the store, where it can make some."""
        self._direct = direct
        self._access = access
        self._runs = runs
        self._blobs = blobs
        self._contents = contents
        self._told: Recent[tuple[RunPath, int, frozenset[object]], _Told] = Recent(16, 600.0)
        """(Run, number of records, what of which segments is seen) -> what these say."""
        self._lock = threading.Lock()
        self._swept = -SWEEP_EVERY

    # What there is ----------------------------------------------------------------------------------------------------

    def files(
        self, actor: Actor, path: RunPath, place: Place = NOW, *, prefix: str = "", media: bool = False,
        limit: int = MAX_PAGE, after: str | None = None,
    ) -> FilePage:  # fmt: skip
        """A page of the files as of a place, by path, behind the path `after`."""
        told, seen = self._seen(actor, path, place, media=media)
        found = [
            one
            for name, one in seen.items()
            if name.startswith(prefix) and (media or not one.media) and (after is None or name > after)
        ]
        items = [_view(one, told) for one in found[:limit]]
        return FilePage(items=items, next=items[-1].path if len(found) > limit else None, left_out=told.left_out)

    def versions(
        self, actor: Actor, path: RunPath, name: str, *, limit: int = MAX_PAGE, before: int | None = None
    ) -> FilePage:
        """A page of all versions of a file, the newest first, in archived segments too. NotFoundError if there is none."""
        told = self._named(actor, path, [name])
        found = [one for one in told.versions if not one.deleted]
        if not found:
            raise self._unknown(path, name, self._visible(actor, path).counts)
        shown = [one for one in reversed(found) if before is None or one.number < before]
        items = [_view(one, told) for one in shown[:limit]]
        return FilePage(
            items=items, next=str(items[-1].version) if len(shown) > limit else None, left_out=told.left_out
        )

    def file(self, actor: Actor, path: RunPath, name: str, place: Place = NOW, number: int | None = None) -> Content:
        """The content of a file as of a place, or of one of its versions. NotFoundError."""
        told = self._named(actor, path, [name])
        if number is not None:
            for one in told.versions:
                if (one.number, one.deleted) == (number, False):
                    return self._content(path, one, told)
            if told.counts.get(name):
                raise NotFoundError(f"{name} has no version {number} in {path}: it has {told.counts[name]}, from 0.")
            raise self._unknown(path, name, self._visible(actor, path).counts)
        seen = as_of(self._line(path, place), told.versions)
        if name not in seen:
            # What a row of an archived segment shows is of its own name, and may be looked at from everywhere.
            for one in told.versions:
                if one.media:
                    return self._content(path, one, told)
            raise self._unknown(path, name, self._seen(actor, path, place)[1])
        return self._content(path, seen[name], told)

    def get(self, actor: Actor, path: RunPath, sha256: str, name: str | None = None) -> Content:
        """Content by its digest. NotFoundError if the run does not refer to it. With the `name` of the file it is found at once."""
        _check(sha256)
        told = self._visible(actor, path, media=True) if name is None else self._named(actor, path, [name])
        for one in told.versions:
            if one.sha256 == sha256:
                return self._content(path, one, told)
        raise NotFoundError(f"{path} refers to no file with the SHA-256 {sha256}.")

    def named(self, actor: Actor, path: RunPath, names: Sequence[str]) -> tuple[dict[str, FileVersion], dict[str, str]]:
        """Files of these names, wherever in the run they were logged, and why there are others that never will be."""
        told = self._named(actor, path, names)
        return {one.path: one for one in told.versions if not one.deleted}, dict(told.lost)

    def _line(self, path: RunPath, place: Place) -> list[tuple[str, int | None]]:
        head = place.segment or self._runs.run(path).head
        return [(segment.id, limit) for segment, limit in chain(self._runs.segments(path), head, place.step)]

    def _seen(
        self, actor: Actor, path: RunPath, place: Place, *, media: bool = False
    ) -> tuple[_Told, dict[str, FileVersion]]:
        told = self._visible(actor, path, media=media)
        return told, as_of(self._line(path, place), told.versions)

    def _named(self, actor: Actor, path: RunPath, names: Sequence[str]) -> _Told:
        self._access.run(actor, path)
        reach, owners = self._reach(path)
        return _shown_to(actor, path, self._tell(reach, owners, _KINDS, names))

    def _visible(self, actor: Actor, path: RunPath, *, media: bool = False) -> _Told:
        self._access.run(actor, path)
        kinds = _KINDS if media else _KINDS[:1]
        reach, owners = self._reach(path)
        count = self._runs.count_told(list(reach), kinds)
        key = (path, count, frozenset((*reach.items(), *owners.items(), kinds)))
        return _shown_to(actor, path, self._told.ask(key, lambda: self._tell(reach, owners, kinds)))

    def _reach(self, path: RunPath) -> tuple[dict[str, int | None], dict[str, ProjectName]]:
        """What of which segments is seen, and whose they are."""
        segments = self._runs.segments(path)
        return _reach(segments, path), {one.id: _project(one.run) for one in segments}

    def _tell(
        self, reach: Mapping[str, int | None], owners: Mapping[str, ProjectName], kinds: Sequence[str],
        names: Sequence[str] | None = None,
    ) -> _Told:  # fmt: skip
        found: list[FileVersion] = []
        lost: dict[str, str] = {}
        left_out = 0
        for record in self._runs.told(list(reach), kinds, names):
            limit = reach[record.segment]
            if limit is not None and record.step > limit:
                continue
            one = version(record.data, step=record.step, time=record.time, segment=record.segment)
            if record.data.get("lost"):
                lost[str(record.data.get("path"))] = str(record.data["lost"])
            elif one is None:
                left_out += 1
            else:
                found.append(one)
        versions = numbered(found)
        counts: dict[str, int] = {}
        for one in versions:
            counts[one.path] = max(counts.get(one.path, 0), one.number + (not one.deleted))
        return _Told(versions, counts, left_out, owners, lost)

    def _content(self, path: RunPath, one: FileVersion, told: _Told) -> Content:
        absent = NotFoundError(
            f"The content of {one.path} of {path} has not arrived: the machine that recorded it has not sent it yet."
        )
        if not self._contents.given([_project(path), told.owners[one.segment]], [one.sha256]):
            raise absent
        try:
            size = self._blobs.size(one.sha256)
        except NotFoundError:
            raise absent from None
        return Content(one.path, one.sha256, size, lambda start, stop: self._blobs.get(one.sha256, start, stop))

    def _unknown(self, path: RunPath, name: str, known: Mapping[str, object]) -> NotFoundError:
        near = difflib.get_close_matches(name, list(known)[:_NEAR], n=5)
        hint = f" Near: {', '.join(near)}." if near else ""
        return NotFoundError(f"{path} has no file {name!r} there.{hint}")

    # Content on its way -----------------------------------------------------------------------------------------------

    def missing(self, actor: Actor, path: RunPath, digests: Sequence[str]) -> list[str]:
        """Those of the contents that must be sent."""
        self._access.run_to_change(actor, path)
        if len(digests) > MAX_PAGE:
            raise LimitError(f"{len(digests):,} digests: MAX_PAGE is {MAX_PAGE:,}.")
        for sha256 in digests:
            _check(sha256)
        given = self._contents.given([_project(path)], digests)
        stored = given.difference(self._blobs.missing([sha256 for sha256 in digests if sha256 in given]))
        return [sha256 for sha256 in digests if sha256 not in stored]

    def put(self, actor: Actor, path: RunPath, contents: Mapping[str, bytes | memoryview]) -> None:
        """Store small contents. ConflictError if one is not what its digest says."""
        self._access.run_to_change(actor, path)
        if len(contents) > MAX_PAGE:
            raise LimitError(f"{len(contents):,} contents: MAX_PAGE is {MAX_PAGE:,}.")
        for sha256 in contents:
            _check(sha256)
        self._blobs.put(contents)
        self._contents.give(_project(path), contents)

    def arrived(self, actor: Actor, path: RunPath, sha256: str) -> UploadView:
        """How far the content is."""
        self._access.run_to_change(actor, path)
        _check(sha256)
        return self._arrived(_upload(path, sha256), _project(path))

    def receive(
        self, actor: Actor, path: RunPath, sha256: str, offset: int | None, total: int | None, size: int
    ) -> Arrival:
        """Take `size` bytes (0: nobody knows) from `offset` on, of `total`; with None as offset the whole, which none goes on with.

        OffsetError if the upload stands elsewhere; LimitError, UsageError for a wrong length.
        """
        self._access.run_to_change(actor, path)
        _check(sha256)
        at = offset or 0
        if max(total or 0, at + size) > MAX_FILE:
            raise LimitError(f"MAX_FILE is {MAX_FILE:,} bytes.")
        if total is not None and at + size > total:
            raise UsageError(f"{size:,} bytes from {at:,} on are more than the {total:,} of the upload.")
        self._sweep()
        upload = _upload(path, sha256) if offset is not None else Upload(sha256, uuid4().hex)
        project = _project(path)
        if self._has(project, sha256):
            return Arrival(self._blobs, upload, None, at, total, whole=offset is None, verified=lambda: None)
        if total is not None and self._blobs.arrived(upload) > total:
            self._blobs.finish(upload, total)  # throws it away, and says so
        piece = self._blobs.receive(upload, at)
        verified = partial(self._contents.give, project, [sha256])
        return Arrival(self._blobs, upload, piece, at, total, whole=offset is None, verified=verified)

    def link(self, actor: Actor, path: RunPath, sha256: str) -> str | None:
        """Where the content can be fetched for a while; None: only here. NotFoundError if the run does not refer to it."""
        found = self.get(actor, path, sha256)
        return self._blobs.link(found.sha256) if self._direct else None

    def piece_links(self, actor: Actor, path: RunPath, sha256: str, offsets: Sequence[int]) -> list[str]:
        """Where pieces of an upload that begin there can be put for a while; none: only here."""
        self._access.run_to_change(actor, path)
        _check(sha256)
        if len(offsets) > MAX_LINKS:
            raise LimitError(f"{len(offsets):,} links: MAX_LINKS is {MAX_LINKS:,}.")
        if any(not 0 <= offset <= MAX_FILE for offset in offsets):
            raise UsageError(f"An offset is from 0 to {MAX_FILE:,}, which is MAX_FILE.")
        return self._blobs.piece_links(_upload(path, sha256), offsets) if self._direct else []

    def hand_on(self, path: RunPath) -> None:
        """The run is to be deleted: what runs of other projects were forked from becomes theirs, with its content."""
        own = _project(path)
        others = {_project(fork) for fork in self._runs.forks(path)} - {own}
        if others:
            told = self._tell(*self._reach(path), _KINDS)
            given = self._contents.given([own], {one.sha256 for one in told.versions})
            for other in others:
                self._contents.give(other, given)

    def _has(self, project: ProjectName, sha256: str) -> bool:
        return bool(self._contents.given([project], [sha256])) and self._blobs.has(sha256)

    def _arrived(self, upload: Upload, project: ProjectName) -> UploadView:
        if self._has(project, upload.sha256):
            return UploadView(offset=self._blobs.size(upload.sha256), complete=True)
        return UploadView(offset=self._blobs.arrived(upload), complete=False)

    def _sweep(self) -> None:
        """At the first upload, and then once an hour."""
        with self._lock:
            if time.monotonic() - self._swept < SWEEP_EVERY:
                return
            self._swept = time.monotonic()
        self._blobs.sweep(PARTIAL_FOR)


class Arrival:
    """Bytes of an upload as they come in. What was written stays, however it ends, unless it is to be the whole."""

    def __init__(
        self, blobs: Blobs, upload: Upload, piece: Piece | None, offset: int, total: int | None, *, whole: bool,
        verified: Callable[[], None],
    ) -> None:  # fmt: skip
        self._blobs = blobs
        self._upload = upload
        self._piece = piece
        self._at = offset
        self._total = total
        self._whole = whole
        self._verified = verified

    @property
    def needless(self) -> bool:
        """Whether the content is stored already."""
        return self._piece is None

    def write(self, data: bytes) -> None:
        """UsageError if that is more than the upload's length; nothing of it is kept then."""
        assert self._piece is not None
        most = MAX_FILE if self._total is None else self._total
        if self._at + len(data) > most:
            raise UsageError(f"This is longer than the {most:,} bytes that it can have.")
        self._piece.write(data)
        self._at += len(data)

    def close(self, *, failed: bool) -> None:
        """Nothing more comes."""
        if self._piece is not None:
            self._piece.close()
        if failed and self._whole:
            with suppress(ConflictError):
                self._blobs.finish(self._upload, 0)

    def end(self) -> UploadView:
        """All came. If that was the end of the content, it is verified and stored: ConflictError if it is something else."""
        if self._piece is None:
            return UploadView(offset=self._blobs.size(self._upload.sha256), complete=True)
        if self._whole or self._at == self._total:
            verified = self._blobs.finish(self._upload, self._at)
            if verified:
                self._verified()
            return UploadView(offset=self._at, complete=verified)
        return UploadView(offset=self._at, complete=False)


def _shown_to(actor: Actor, path: RunPath, told: _Told) -> _Told:
    """What of it `actor` may see."""
    if member(actor, path.entity):
        return told
    shown = [one for one in told.versions if not one.code]
    names = {one.path for one in shown}
    return replace(told, versions=shown, counts={name: count for name, count in told.counts.items() if name in names})


def _reach(segments: Sequence[Segment], path: RunPath) -> dict[str, int | None]:
    """A run's own segments, and those of the runs it was forked from as far as they are seen through it: segment -> last step of it."""
    reach: dict[str, int | None] = {segment.id: None for segment in segments if segment.run == path}
    firsts = [one for one in segments if one.id in reach and one.parent is not None and one.parent not in reach]
    for first in firsts:
        for segment, limit in chain(segments, first.id)[:-1]:
            known = reach.get(segment.id, -1)
            if known is not None:
                reach[segment.id] = None if limit is None else max(known, limit)
    return reach


def _view(one: FileVersion, told: _Told) -> FileView:
    return FileView(
        path=one.path, sha256=one.sha256, size=one.size, step=one.step, time=one.time, segment=one.segment,
        version=one.number, versions=told.counts[one.path], media=one.media,
    )  # fmt: skip


def _project(path: RunPath) -> ProjectName:
    return ProjectName(path.entity, path.project)


def _upload(path: RunPath, sha256: str) -> Upload:
    """Each run has its own: nobody can spoil what another one sends."""
    return Upload(sha256, hashlib.sha256("/".join(path).encode()).hexdigest()[:16])


def _check(sha256: str) -> None:
    if not SHA256.fullmatch(sha256):
        raise UsageError("A SHA-256 is 64 hexadecimal digits in small letters.")
