"""Contents of projects in a set."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence

from playhead.ports.contents import ProjectName


class MemoryContents:
    """`playhead.ports.contents.Contents` in memory."""

    def __init__(self) -> None:
        self._given: set[tuple[ProjectName, str]] = set()
        self._lock = threading.Lock()

    def give(self, project: ProjectName, digests: Collection[str]) -> None:
        with self._lock:
            self._given.update((project, sha256) for sha256 in digests)

    def given(self, projects: Sequence[ProjectName], digests: Collection[str]) -> set[str]:
        with self._lock:
            return {sha256 for sha256 in digests for project in projects if (project, sha256) in self._given}
