"""Which run logged and used which artifacts, and where on its timeline."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Sequence
from typing import Protocol

from playhead.domain.artifact import Edge, Role
from playhead.domain.file import Line


class Lineage(Protocol):
    """**Contract.** Safe to call from any thread and any number of server processes. A call that returned is durable."""

    def tell(self, edges: Sequence[Edge]) -> None:
        """Note these. (Stream, offset) is an edge's identity: told again, the later word holds."""
        ...

    def of_segments(
        self, line: Line, limit: int, cursor: str | None = None, *, role: Role | None = None
    ) -> tuple[list[Edge], str | None]:
        """A page of what was logged and used in these segments, each up to its step, by time, and the next cursor. UsageError."""
        ...

    def of_artifacts(self, artifact_ids: Some[str], limit: int) -> list[Edge]:
        """Who logged and used these, the earliest first."""
        ...

    def forget(self, segments: Some[str]) -> None:
        """These segments are gone."""
        ...
