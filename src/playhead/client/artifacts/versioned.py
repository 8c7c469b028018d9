"""What is said of an artifact beside its files: names, aliases, tags, metadata; who logged it, and who used it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

from playhead.client.artifacts.draft import Draft
from playhead.client.artifacts.stored import Stored
from playhead.domain.artifact import check_aliases, check_artifact_tags, check_ttl
from playhead.domain.errors import NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_DESCRIPTION, MAX_METADATA
from playhead.journal.format import dumps
from playhead.wire.artifacts import AliasPatch, ArtifactPatch, ArtifactView, LineageView, LinkNew, RunPlace

if TYPE_CHECKING:
    from playhead.client.runs import Run

Pending = Callable[[float | None], Stored]
"""Waits, at most so many seconds, until a server has what was logged."""
_NEVER = 0
"""Seconds that say: keep it for ever."""


class Versioned:
    """It is a draft first; once it is logged it cannot be added to, and `wait` finds the version that it has become."""

    def __init__(self, name: str, type_name: str, draft: Draft | None = None, stored: Stored | None = None) -> None:
        self._base = name
        self._type = type_name
        self._draft = draft
        self._stored = stored
        self._origin: Stored | None = None
        self._pending: Pending | None = None
        self._nowhere = False
        """Whether it was logged where nothing is recorded."""
        self._said: dict[str, Any] = {}
        """What was set here."""
        self._aliases: list[str] | None = None
        self._tags: list[str] | None = None

    def __repr__(self) -> str:
        return f"<Artifact {self.name} of type {self.type}>"

    def wait(self, timeout: float | None = None) -> Self:
        """Wait until the server has it, at most `timeout` seconds; answers itself.

        UsageError if it is a draft, or was logged offline; ConflictError, which says why, if it cannot become a version; CommError
        if the time is over.
        """
        if not self._nowhere:
            self._read(timeout)
        return self

    @property
    def is_draft(self) -> bool:
        """Whether it can still be added to."""
        return self._draft is not None

    # For whoever logs it ----------------------------------------------------------------------------------------------

    @property
    def draft(self) -> Draft:
        """What is to be logged. UsageError once it is."""
        return self._writable()

    @property
    def origin(self) -> Stored | None:
        """The version of a server that has some of the draft's content."""
        return self._origin

    def came_from(self, version: Versioned) -> None:
        """That has some of its content."""
        self._origin = version._read()

    def is_logged(self, pending: Pending) -> None:
        """It cannot be added to any more; `pending` waits for the version."""
        self._draft, self._pending = None, pending

    def is_nowhere(self) -> None:
        """The same where nothing is recorded."""
        self._draft, self._nowhere = None, True

    # Its name ---------------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """`name:v3`; the name alone as long as nobody has waited for its version."""
        return self._base if self._stored is None else f"{self._stored.view.name}:{self.version}"

    @property
    def type(self) -> str:
        """`model`, `dataset` and the like."""
        return self._type

    @property
    def id(self) -> str:
        """Of the version, on the server."""
        return self.view.id

    @property
    def entity(self) -> str:
        """Whose it is."""
        return self.view.entity

    @property
    def project(self) -> str:
        """Which project it is in."""
        return self.view.project

    @property
    def version(self) -> str:
        """`v3`."""
        return f"v{self.view.version}"

    @property
    def qualified_name(self) -> str:
        """`entity/project/name:v3`."""
        return self._read().path

    @property
    def source_qualified_name(self) -> str:
        """The same of the version that a link leads to."""
        return self.view.source or self.qualified_name

    @property
    def source_name(self) -> str:
        """`name:v3` of that."""
        return self.source_qualified_name.rpartition("/")[2]

    @property
    def is_link(self) -> bool:
        """Whether it was found through another collection than its own."""
        return bool(self.view.source)

    @property
    def state(self) -> str:
        """`DRAFT`, `PENDING`, `COMMITTED` or `DELETED`."""
        if self._stored is None:
            return "DRAFT" if self._pending is None else "PENDING"
        return self._stored.view.state.upper()

    @property
    def created_at(self) -> float:
        """Seconds since 1970 (UTC)."""
        return self.view.created_at / 1e6

    @property
    def updated_at(self) -> float:
        """The same of its last change."""
        return self.view.updated_at / 1e6

    @property
    def view(self) -> ArtifactView:
        """All that the server says of it."""
        return self._read().view

    # What may be changed ----------------------------------------------------------------------------------------------

    @property
    def description(self) -> str | None:
        """Markdown; may be set."""
        text: str | None = self._value("description")
        return text

    @description.setter
    def description(self, text: str | None) -> None:
        if text is not None and len(text) > MAX_DESCRIPTION:
            raise UsageError(f"The description has {len(text):,} characters: MAX_DESCRIPTION is {MAX_DESCRIPTION:,}.")
        self._said["description"] = text

    @property
    def metadata(self) -> dict[str, Any]:
        """Values by name; may be set, and changed in place."""
        if "metadata" not in self._said:
            self._said["metadata"] = dict(self.view.metadata)
        known: dict[str, Any] = self._said["metadata"]
        return known

    @metadata.setter
    def metadata(self, values: Mapping[str, Any] | None) -> None:
        self._said["metadata"] = checked_metadata(values or {})

    @property
    def ttl(self) -> timedelta | None:
        """How long after its commit it is kept, unless it is linked somewhere; None: for ever. May be set."""
        seconds = self._value("ttl")
        return timedelta(seconds=seconds) if seconds else None

    @ttl.setter
    def ttl(self, kept: timedelta | None) -> None:
        seconds = None if kept is None else math.ceil(kept.total_seconds())
        self._said["ttl"] = check_ttl(seconds) or _NEVER

    @property
    def aliases(self) -> list[str]:
        """In its collection; may be set, and changed in place. `save` sends what was changed."""
        if self._aliases is None:
            self._aliases = list(self.view.aliases)
        return self._aliases

    @aliases.setter
    def aliases(self, aliases: Iterable[str]) -> None:
        self._aliases = list(check_aliases(aliases))

    @property
    def tags(self) -> list[str]:
        """May be set, and changed in place."""
        if self._tags is None:
            self._tags = list(self.view.tags) if self._stored or self._pending else []
        return self._tags

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self._tags = list(check_artifact_tags(tags))

    def save(self) -> None:
        """Send what was changed of what is said of it. UsageError as long as it is a draft: a run logs it."""
        stored = self._read()
        view, said = stored.view, dict(self._said)
        if "metadata" in said:
            said["metadata"] = checked_metadata(said["metadata"])
        tags = None if self._tags is None else list(check_artifact_tags(self._tags))
        change = {name: value for name, value in said.items() if value != getattr(view, name)}
        if "description" in change:
            change["description"] = change["description"] or ""
        if tags is not None and tags != view.tags:
            change["tags"] = tags
        if change:
            stored.view = stored.server.patch_artifact(stored.where, ArtifactPatch(**change))
        if self._aliases is not None:
            wanted, there = check_aliases(self._aliases), stored.view.aliases
            patch = AliasPatch(
                add=[one for one in wanted if one not in there], remove=[one for one in there if one not in wanted]
            )
            if patch.add or patch.remove:
                stored.view = stored.server.patch_aliases(stored.where, patch)
        self._forget()

    def delete(self, delete_aliases: bool = False) -> None:  # noqa: FBT001, FBT002 W&B's signature
        """Delete this version: its name and lineage stay. ConflictError if it has aliases, unless they are to go too."""
        stored = self._read()
        stored.server.delete_artifact(stored.where, aliases=delete_aliases)

    def link(self, target_path: str, aliases: Iterable[str] | None = None) -> None:
        """Show this version in another collection too: `name`, `project/name` or `entity/project/name`, which is made if it is missing."""
        stored = self._read()
        stored.server.link_artifact(stored.where, target_of(target_path, self.entity, self.project, aliases or ()))

    # Where it came from -----------------------------------------------------------------------------------------------

    def lineage(self, depth: int | None = None) -> LineageView:
        """What led to it, and what was made of it: `nodes` and `edges`."""
        stored = self._read()
        return stored.server.lineage(stored.where, depth)

    def logged_by(self) -> Run | None:
        """The run that logged it; None if it is gone, or may not be seen."""
        made = self.logged_at
        return None if made is None else self._run(made.entity, made.project, made.run_id)

    @property
    def logged_at(self) -> RunPlace | None:
        """Where on that run's timeline: `run_id`, `segment`, `step`, `time`."""
        return self.view.logged_by

    def used_by(self) -> list[Run]:
        """The runs that used it, as far as the viewer may see them."""
        view = self.lineage()
        own = f"{self.source_qualified_name}"
        here = {node.id for node in view.nodes if node.kind == "artifact" and node.path == own}
        users = {edge.target for edge in view.edges if edge.source in here}
        found = [self._run(*node.path.split("/", 2)) for node in view.nodes if node.id in users and node.kind == "run"]
        return [run for run in found if run is not None]

    def _run(self, entity: str, project: str, run_id: str) -> Run | None:
        """Runs know artifacts: here they are loaded when somebody asks."""
        server = self._read().server
        try:
            run: Run = import_module("playhead.client.runs").Run(server, server.run(RunPath(entity, project, run_id)))
        except NotFoundError:
            return None
        return run

    # Inside -----------------------------------------------------------------------------------------------------------

    def _read(self, timeout: float | None = None) -> Stored:
        """The version on the server."""
        if self._stored is None:
            if self._nowhere:
                raise UsageError(f"{self._base} was logged by a run that records nothing: there is no version of it.")
            if self._pending is None:
                raise UsageError(f"{self._base} is a draft: log it first, with run.log_artifact(artifact).")
            self._stored = self._pending(timeout)
            self._forget()
        return self._stored

    def _forget(self) -> None:
        """What was set is what the server has."""
        self._said, self._aliases, self._tags = {}, None, None

    def _value(self, name: str) -> Any:
        """What was set, else what the server says."""
        if name in self._said or (self._stored is None and self._pending is None):
            return self._said.get(name)
        return getattr(self.view, name)

    def _writable(self) -> Draft:
        """UsageError once it is logged."""
        if self._draft is None:
            raise UsageError(
                f"{self.name} is logged, and cannot be changed: new_draft() makes what its next version can be."
            )
        return self._draft


def checked_metadata(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values`, with numbers of NumPy and the like as Python's. UsageError if they are no JSON, or too much."""
    try:
        plain: dict[str, Any] = {str(name): _plain(value) for name, value in values.items()}
        size = len(dumps(plain))
    except (TypeError, AttributeError) as error:
        raise UsageError(f"metadata is a dict of what JSON can hold: {error}") from None
    if size > MAX_METADATA:
        raise UsageError(f"metadata has {size:,} bytes as JSON: MAX_METADATA is {MAX_METADATA:,}.")
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(each) for each in value]
    return value.tolist() if hasattr(value, "tolist") else value


def target_of(path: str, entity: str, project: str, aliases: Iterable[str]) -> LinkNew:
    """A link to `name`, `project/name` or `entity/project/name`. UsageError."""
    parts = path.strip("/").split("/")
    if not 1 <= len(parts) <= 3 or not all(parts) or ":" in path:
        raise UsageError(f"{path!r} is no collection to link to: write name, project/name or entity/project/name.")
    *owner, where, name = [*[entity, project][: 3 - len(parts)], *parts]
    return LinkNew(entity=owner[0], project=where, name=name, aliases=list(check_aliases(aliases)))
