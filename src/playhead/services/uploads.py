"""Content on its way in: small ones whole, large ones in pieces, all of it verified."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from uuid import uuid4

from playhead.domain.account import Actor
from playhead.domain.errors import ConflictError, LimitError, UsageError
from playhead.domain.file import check_digest
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_FILE, MAX_LINKS, MAX_PAGE
from playhead.ports.blobs import Blobs, Piece, Upload
from playhead.ports.contents import Contents, ProjectName
from playhead.services.access import Access
from playhead.services.file_records import project_of
from playhead.wire.files import UploadView

PARTIAL_FOR = 3 * 24 * 3600.0
"""Seconds that an upload is kept which nobody goes on with."""
SWEEP_EVERY = 3600.0


class UploadService:
    """Takes content that is recorded in a run, and gives it to the run's project."""

    def __init__(self, *, access: Access, blobs: Blobs, contents: Contents, direct: bool = False) -> None:
        """`direct`: give links to the store, where it can make some."""
        self._direct = direct
        self._access = access
        self._blobs = blobs
        self._contents = contents
        self._lock = threading.Lock()
        self._swept = -SWEEP_EVERY

    def check(self, actor: Actor, path: RunPath) -> None:
        """What keeps `actor` from sending content to the run is raised."""
        self._access.run_to_change(actor, path)

    def missing(self, actor: Actor, path: RunPath, digests: Sequence[str]) -> list[str]:
        """Those of the contents that must be sent."""
        self._access.run_to_change(actor, path)
        if len(digests) > MAX_PAGE:
            raise LimitError(f"{len(digests):,} digests: MAX_PAGE is {MAX_PAGE:,}.")
        for sha256 in digests:
            check_digest(sha256)
        given = self._contents.touch(project_of(path), digests)
        stored = given.difference(self._blobs.missing([sha256 for sha256 in digests if sha256 in given]))
        return [sha256 for sha256 in digests if sha256 not in stored]

    def put(self, actor: Actor, path: RunPath, contents: Mapping[str, bytes | memoryview]) -> None:
        """Store small contents. ConflictError if one is not what its digest says."""
        self._access.run_to_change(actor, path)
        if len(contents) > MAX_PAGE:
            raise LimitError(f"{len(contents):,} contents: MAX_PAGE is {MAX_PAGE:,}.")
        for sha256 in contents:
            check_digest(sha256)
        there = self._blobs.put(contents)
        self._contents.give(project_of(path), contents)
        if gone := self._blobs.missing(sorted(there)):  # swept before they were given
            self._blobs.put({sha256: contents[sha256] for sha256 in gone})

    def arrived(self, actor: Actor, path: RunPath, sha256: str) -> UploadView:
        """How far the content is."""
        self._access.run_to_change(actor, path)
        check_digest(sha256)
        return self._arrived(_upload(path, sha256), project_of(path))

    def receive(
        self, actor: Actor, path: RunPath, sha256: str, offset: int | None, total: int | None, size: int
    ) -> Arrival:
        """Take `size` bytes (0: nobody knows) from `offset` on, of `total`; with None as offset the whole, which none goes on with.

        OffsetError if the upload stands elsewhere; LimitError, UsageError for a wrong length.
        """
        self._access.run_to_change(actor, path)
        check_digest(sha256)
        at = offset or 0
        if max(total or 0, at + size) > MAX_FILE:
            raise LimitError(f"MAX_FILE is {MAX_FILE:,} bytes.")
        if total is not None and at + size > total:
            raise UsageError(f"{size:,} bytes from {at:,} on are more than the {total:,} of the upload.")
        self._sweep()
        upload = _upload(path, sha256) if offset is not None else Upload(sha256, uuid4().hex)
        project = project_of(path)
        if self._has(project, sha256):
            return Arrival(self._blobs, upload, None, at, total, whole=offset is None, verified=lambda: None)
        if total is not None and self._blobs.arrived(upload) > total:
            self._blobs.finish(upload, total)  # throws it away, and says so
        piece = self._blobs.receive(upload, at)
        verified = partial(self._contents.give, project, [sha256])
        return Arrival(self._blobs, upload, piece, at, total, whole=offset is None, verified=verified)

    def piece_links(self, actor: Actor, path: RunPath, sha256: str, offsets: Sequence[int]) -> list[str]:
        """Where pieces of an upload that begin there can be put for a while; none: only here."""
        self._access.run_to_change(actor, path)
        check_digest(sha256)
        if len(offsets) > MAX_LINKS:
            raise LimitError(f"{len(offsets):,} links: MAX_LINKS is {MAX_LINKS:,}.")
        if any(not 0 <= offset <= MAX_FILE for offset in offsets):
            raise UsageError(f"An offset is from 0 to {MAX_FILE:,}, which is MAX_FILE.")
        return self._blobs.piece_links(_upload(path, sha256), offsets) if self._direct else []

    def _has(self, project: ProjectName, sha256: str) -> bool:
        return bool(self._contents.touch(project, [sha256])) and self._blobs.has(sha256)

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
                if not self._blobs.has(self._upload.sha256):  # it was there before, and swept
                    return UploadView(offset=0, complete=False)
            return UploadView(offset=self._at, complete=verified)
        return UploadView(offset=self._at, complete=False)


def _upload(path: RunPath, sha256: str) -> Upload:
    """Each run has its own: nobody can spoil what another one sends."""
    return Upload(sha256, hashlib.sha256("/".join(path).encode()).hexdigest()[:16])
