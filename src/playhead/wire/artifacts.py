"""Artifacts, as client and server tell each other of them. Times are microseconds since 1970 (UTC)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlace:
    """Where on a run's timeline something was done."""

    entity: str
    project: str
    run_id: str
    name: str
    segment: str
    step: int
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactView:
    """A version of an artifact, as it stands in a collection."""

    id: str
    entity: str
    project: str
    name: str
    """Of the collection that it was asked for in."""
    version: int | None
    """In that collection; None while it is pending."""
    type: str
    state: str
    """`pending` (not all of it has arrived), `committed`, `deleted` or `failed`."""
    digest: str
    """32 hexadecimal digits: equal ones have equal content."""
    manifest: str
    """The SHA-256 of its manifest."""
    size: int
    count: int
    """Files and references in it."""
    aliases: list[str]
    """In that collection."""
    tags: list[str]
    description: str | None
    metadata: dict[str, Any]
    """Values in JSON and msgpack as in `Rows`."""
    ttl: int | None
    """Seconds after its commit when it is deleted, unless it is linked somewhere; None: never."""
    created_at: int
    updated_at: int
    committed_at: int | None
    user: str
    source: str = ""
    """Of a link: `entity/project/name:v3`, the version that it leads to."""
    logged_by: RunPlace | None = None
    """None: its run was deleted, or may not be seen."""
    problem: str = ""
    """Of a failed one: why."""
    may_write: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactPage:
    """Versions, the newest first."""

    items: list[ArtifactView]
    next: str | None = None
    """`cursor` of the next page; None on the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactPatch:
    """What a person may change of a version; what is left out stays."""

    description: str | None = None
    metadata: dict[str, Any] | None = None
    tags: list[str] | None = None
    ttl: int | None = None
    """Seconds; 0: keep it for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasPatch:
    """Aliases to give to a version, which lose the one that they had in this collection, and aliases to take from it."""

    add: list[str] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkNew:
    """Show a version in another collection too, which is made if it is missing."""

    project: str
    name: str
    entity: str | None = None
    """None: the entity of the version."""
    aliases: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """A file of an artifact, or a reference."""

    path: str
    size: int
    digest: str
    """Of a file, the base64 of its MD5."""
    sha256: str = ""
    """Of a file."""
    ref: str = ""
    """Of a reference: its address."""
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Paths of small files in an artifact."""

    paths: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """Entries by path."""

    items: list[EntryView]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeView:
    """A type of a project's artifacts."""

    name: str
    collections: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionView:
    """Versions under one name."""

    entity: str
    project: str
    name: str
    type: str
    portfolio: bool
    """Whether it holds links to versions of other collections."""
    description: str | None
    tags: list[str]
    created_at: int
    updated_at: int
    versions: int
    aliases: dict[str, int] = field(default_factory=dict)
    """Alias -> version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPage:
    """Collections by type and name."""

    items: list[CollectionView]
    next: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPatch:
    """What a person may change of a collection; what is None stays."""

    name: str | None = None
    description: str | None = None
    tags: list[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageNode:
    """An artifact or a run in a lineage."""

    id: str
    """Unique in the lineage."""
    kind: str
    """`artifact` or `run`."""
    name: str
    """`name:v3`, or the run's name."""
    entity: str
    project: str
    path: str
    """`entity/project/name:v3`, or `entity/project/run_id`."""
    type: str = ""
    """Of an artifact; of a run its job type."""
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageEdge:
    """From a run to what it logged, or from an artifact to a run that used it."""

    source: str
    target: str
    step: int
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageView:
    """What led to an artifact, and what was made of it."""

    nodes: list[LineageNode]
    edges: list[LineageEdge]
    more: bool = False
    """Whether there is more than is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunArtifact:
    """A version that a run logged or used, and where."""

    artifact: ArtifactView
    role: str
    """`logged` or `used`."""
    step: int
    time: int
    segment: str
    used_as: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunArtifactPage:
    """What a run logged and used, in that order of time."""

    items: list[RunArtifact]
    next: str | None = None
