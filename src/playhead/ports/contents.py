"""Which projects have brought which contents: to know a SHA-256 is not to have what it stands for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol


class ProjectName(NamedTuple):
    """A project, there or not."""

    entity: str
    project: str


class Contents(Protocol):
    """**Contract.** Safe to call from any thread and any number of processes. A call that returned is durable."""

    def give(self, project: ProjectName, digests: Collection[str]) -> None:
        """The project has these contents now: somebody who may record there has sent all of their bytes. Once more changes nothing."""
        ...

    def given(self, projects: Sequence[ProjectName], digests: Collection[str]) -> set[str]:
        """Those of `digests` that one of the projects has."""
        ...
