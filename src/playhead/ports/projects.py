"""Projects of entities."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Protocol

from playhead.domain.account import Project, Visibility


class Projects(Protocol):
    """**Contract.** Safe to call from any thread. A call that returned is durable."""

    def ensure(self, project: Project) -> Project:
        """The project of that entity and name, made as given if there is none. NotFoundError if the entity is unknown."""
        ...

    def project(self, entity: str, name: str) -> Project:
        """With the numbers of its runs and live runs; `updated_at` is its newest activity. NotFoundError if there is none."""
        ...

    def set_visibility(self, entity: str, name: str, visibility: Visibility) -> Project:
        """Who may see it from now on; answers the project. NotFoundError if there is none."""
        ...

    def projects(
        self, entities: AbstractSet[str] | None, limit: int, cursor: str | None = None
    ) -> tuple[list[Project], str | None]:
        """Projects of these entities (None: of all), newest activity first, and the cursor of the next page (None at the end). UsageError for an unknown cursor."""
        ...
