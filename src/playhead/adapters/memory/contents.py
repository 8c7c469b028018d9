"""Contents of projects in a dict."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import uuid4

from playhead.adapters.memory.catalog import Catalog
from playhead.adapters.memory.references import referred
from playhead.adapters.memory.shelf import Shelf
from playhead.domain.errors import BusyError
from playhead.ports.clock import Clock
from playhead.ports.contents import ProjectName

_PAGE = 1_000


class MemoryContents:
    """`playhead.ports.contents.Contents` in memory."""

    def __init__(self, catalog: Catalog, shelf: Shelf, clock: Clock) -> None:
        self._catalog = catalog
        self._shelf = shelf
        self._clock = clock
        self._lock = catalog.lock
        self._given: dict[tuple[ProjectName, str], int] = {}
        """When it was touched."""
        self._condemned: dict[str, int] = {}
        self._identity = uuid4().hex

    def give(self, project: ProjectName, digests: Collection[str]) -> None:
        with self._lock:
            if self._condemned.keys() & set(digests):
                raise BusyError
            self._given |= {(project, sha256): self._clock.now() for sha256 in digests}

    def given(self, projects: Sequence[ProjectName], digests: Collection[str]) -> set[str]:
        with self._lock:
            return {sha256 for sha256 in digests for project in projects if (project, sha256) in self._given}

    def touch(self, project: ProjectName, digests: Collection[str]) -> set[str]:
        with self._lock:
            found = self.given([project], digests)
            self._given |= {(project, sha256): self._clock.now() for sha256 in found}
            return found

    def idle(self, before: int, after: str = "") -> tuple[list[str], str | None]:
        with self._lock:
            page = sorted({sha256 for _, sha256 in self._given if sha256 > after})[:_PAGE]
            return sorted(self._unneeded(page, before)), page[-1] if page else None

    def known(self, digests: Collection[str]) -> set[str]:
        with self._lock:
            given = {sha256 for _, sha256 in self._given}
            return set(digests) & (given | referred(self._catalog, self._shelf) | self._condemned.keys())

    def condemn(self, digests: Collection[str], before: int) -> set[str]:
        with self._lock:
            found = self._unneeded(digests, before) - self._condemned.keys()
            self._condemned |= dict.fromkeys(found, self._clock.now())
            self._given = {key: touched for key, touched in self._given.items() if key[1] not in found}
            return found

    def gone(self, digests: Collection[str]) -> None:
        with self._lock:
            for sha256 in digests:
                self._condemned.pop(sha256, None)

    def condemned(self, before: int) -> list[str]:
        with self._lock:
            return sorted(sha256 for sha256, since in self._condemned.items() if since < before)

    def identity(self) -> str:
        return self._identity

    def _unneeded(self, digests: Collection[str], before: int) -> set[str]:
        touched = {sha256 for (_, sha256), at in self._given.items() if at >= before}
        return set(digests) - touched - referred(self._catalog, self._shelf)
