"""The MD5 of contents that projects have: W&B's client knows content by it. Only what the server itself has read is told here."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple, Protocol

from playhead.ports.contents import ProjectName


class Print(NamedTuple):
    """A content."""

    sha256: str
    size: int


class Fingerprints(Protocol):
    """**Contract.** Safe to call from any thread and any number of server processes. A call that returned is durable."""

    def tell(self, project: ProjectName, md5: str, content: Print) -> None:
        """A content of the project has this MD5 (base64). Told again, the later word holds."""
        ...

    def known(self, project: ProjectName, md5s: Collection[str]) -> dict[str, Print]:
        """Those of these that were told of. Whether the project still has the content is another question."""
        ...
