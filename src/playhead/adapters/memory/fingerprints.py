"""Fingerprints of contents in a dict."""

from __future__ import annotations

from collections.abc import Collection

from playhead.ports.contents import ProjectName
from playhead.ports.fingerprints import Print


class MemoryFingerprints:
    """`playhead.ports.fingerprints.Fingerprints` in memory."""

    def __init__(self) -> None:
        self._known: dict[tuple[ProjectName, str], Print] = {}

    def tell(self, project: ProjectName, md5: str, content: Print) -> None:
        self._known[project, md5] = content

    def known(self, project: ProjectName, md5s: Collection[str]) -> dict[str, Print]:
        return {md5: self._known[project, md5] for md5 in md5s if (project, md5) in self._known}
