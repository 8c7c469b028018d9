"""Content of what runs saved and logged, under its SHA-256. Whoever may read a run may read what that run refers to, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from playhead.domain.account import Actor
from playhead.domain.errors import LimitError, NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_BLOB
from playhead.ports.blobs import Blobs
from playhead.ports.timelines import Timelines
from playhead.services.access import Access
from playhead.services.recent import Recent

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Content:
    """A blob, and the name that the run has for it."""

    path: str
    pieces: Iterator[bytes]


class FileService:
    """Storing and reading blobs through a run."""

    def __init__(self, *, access: Access, runs: Timelines, blobs: Blobs) -> None:
        self._access = access
        self._runs = runs
        self._blobs = blobs
        self._paths: Recent[RunPath, dict[str, str]] = Recent(64, 60.0)
        """Run -> digest -> path."""

    def put(self, actor: Actor, path: RunPath, sha256: str, data: bytes) -> None:
        """Store `data`. UsageError for something that is no digest, ConflictError for one that is not that of `data`."""
        self._access.run_to_change(actor, path)
        _check(sha256)
        if len(data) > MAX_BLOB:
            raise LimitError(f"{len(data):,} bytes: MAX_BLOB is {MAX_BLOB:,}.")
        self._blobs.put(sha256, data)

    def get(self, actor: Actor, path: RunPath, sha256: str) -> Content:
        """The content. NotFoundError if the run does not refer to it."""
        self._access.run(actor, path)
        _check(sha256)
        name = self._name(path, sha256)
        if name is None:
            raise NotFoundError(f"{path} refers to no file with the SHA-256 {sha256}.")
        return Content(name, self._blobs.get(sha256))

    def _name(self, path: RunPath, sha256: str) -> str | None:
        known = self._paths.get(path)
        if known is None or sha256 not in known:
            records = self._runs.told([segment.id for segment in self._runs.segments(path)], ["file"])
            known = {str(record.data.get("sha256")): str(record.data.get("path", "")) for record in records}
            self._paths.put(path, known)
        return known.get(sha256)


def _check(sha256: str) -> None:
    if not _SHA256.fullmatch(sha256):
        raise UsageError("A SHA-256 is 64 hexadecimal digits in small letters.")
