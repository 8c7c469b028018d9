"""Which projects have brought which contents, and which of these nobody needs any more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol


class ProjectName(NamedTuple):
    """A project, there or not."""

    entity: str
    project: str


class Contents(Protocol):
    """**Contract.** Safe to call from any thread and any number of processes. A call that returned is durable.

    To know a SHA-256 is not to have what it stands for: a project has what somebody who may record there has sent. Content that no record
    refers to may be condemned when no project has touched it for long; until it is `gone` from where it is stored, nobody can have it.
    """

    def give(self, project: ProjectName, digests: Collection[str]) -> None:
        """The project has these contents now: somebody who may record there has sent all of their bytes. It touches them.

        BusyError while one of them is being thrown away. Content that was found stored before this call may be gone: look again.
        """
        ...

    def given(self, projects: Sequence[ProjectName], digests: Collection[str]) -> set[str]:
        """Those of `digests` that one of the projects has."""
        ...

    def touch(self, project: ProjectName, digests: Collection[str]) -> set[str]:
        """Those of `digests` that the project has; it is about to refer to them."""
        ...

    def idle(self, before: int, after: str = "") -> tuple[list[str], str | None]:
        """Of the next contents behind the digest `after`, those that no record refers to and no project touched since `before`.

        The second is where to go on; None at the end.
        """
        ...

    def known(self, digests: Collection[str]) -> set[str]:
        """Those of `digests` that a project has, or a record refers to, or that are condemned."""
        ...

    def condemn(self, digests: Collection[str], before: int) -> set[str]:
        """Those of `digests` that no record refers to and no project touched since `before`, and that are not condemned already.

        From now on no project has them.
        """
        ...

    def gone(self, digests: Collection[str]) -> None:
        """These condemned contents are stored no more: they may be sent anew."""
        ...

    def condemned(self, before: int) -> list[str]:
        """What was condemned before that time and is not gone: who was to throw it away has died."""
        ...

    def identity(self) -> str:
        """By which a place for content knows this catalog; 32 letters and digits, for ever the same."""
        ...
