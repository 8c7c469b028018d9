"""Artifacts: named, versioned sets of files. What they are called, what is in them, and when two of them are the same. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from playhead.domain.errors import UsageError
from playhead.domain.ids import check_name, check_tags
from playhead.domain.limits import MAX_ALIASES, MAX_NAME, MAX_TTL

LATEST = "latest"
"""The alias that every new version of a collection takes over."""
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
_NAME = re.compile("[^/:\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_VERSION = re.compile(r"v(\d{1,9})", re.ASCII)
_DIGEST_HEAD = b"wandb-artifact-manifest-v1\n"
"""What the digest begins with in W&B's protocol: the same content has the same digest, whichever client logged it."""


class ArtifactState(StrEnum):
    """Where a version stands."""

    PENDING = "pending"
    """It was logged, but not all of its content has arrived."""
    COMMITTED = "committed"
    DELETED = "deleted"
    """Its name and lineage are kept, its content is not to be had."""
    FAILED = "failed"
    """It never will be a version: its `problem` says why."""


class Entry(NamedTuple):
    """A file of an artifact, or a reference to something that is kept elsewhere."""

    path: str
    """Relative, with `/` between its parts, as `domain.file.wrong_with` wants it."""
    digest: str
    """Of a file, the base64 of its MD5. Of a reference, whatever tells one state of it from another: an ETag, a version, the address."""
    size: int = 0
    """Bytes; of a reference 0 if it is not known."""
    sha256: str = ""
    """Of a file: under which its content is stored."""
    ref: str = ""
    """Of a reference: its address, such as `s3://bucket/key`."""
    extra: Mapping[str, Any] = {}
    """What else the handler of a reference has to know: `etag`, `versionID` …"""


class CollectionName(NamedTuple):
    """`entity/project/name`: what versions, or links to versions, are collected under."""

    entity: str
    project: str
    name: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Where on a run's timeline something was done."""

    stream: str
    offset: int
    """The record's place in its journal: with `stream`, its identity."""
    segment: str
    step: int
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A version of a collection, or what is to become one."""

    id: str
    collection: CollectionName
    type: str
    state: ArtifactState
    version: int | None = None
    """Counts the versions of the collection, from 0. None until it is committed."""
    digest: str = ""
    """Of the manifest's entries, see `digest_of`."""
    manifest: str = ""
    """The SHA-256 of its manifest, a content like others; see `domain.manifest`."""
    size: int = 0
    """Bytes of its entries."""
    count: int = 0
    """Its entries."""
    aliases: tuple[str, ...] = ()
    """In its own collection. Of a pending one: those that it will take over."""
    tags: tuple[str, ...] = ()
    description: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    ttl: int | None = None
    """Seconds after its commit when it is deleted, unless it is linked somewhere; None: never."""
    created_at: int = 0
    updated_at: int = 0
    committed_at: int | None = None
    user: str = ""
    """Who logged it."""
    made: Made | None = None
    """By which run; None: by none, or by one that is not told yet."""
    problem: str = ""
    """Of a failed one: why."""
    links: tuple[tuple[CollectionName, tuple[str, ...]], ...] = ()
    """Collections that it is still to be linked to, with its aliases there."""

    @property
    def name(self) -> str:
        """`name:v3`, or the name alone while it has no version."""
        return self.collection.name if self.version is None else f"{self.collection.name}:v{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A version as it stands in a collection: its own, or one that it is linked to."""

    collection: CollectionName
    version: int
    """In this collection."""
    aliases: tuple[str, ...]
    """In this collection."""
    created_at: int
    artifact: Artifact

    @property
    def is_link(self) -> bool:
        """Whether the collection is another one than its own."""
        return self.collection != self.artifact.collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """Versions under one name."""

    path: CollectionName
    type: str
    portfolio: bool = False
    """Whether it holds links to versions of other collections, and none of its own."""
    description: str | None = None
    tags: tuple[str, ...] = ()
    created_at: int = 0
    updated_at: int = 0
    count: int = 0
    """Versions in it."""
    aliases: Mapping[str, int] = field(default_factory=dict)
    """Alias -> version."""
    number: int = field(default=0, compare=False)
    """The store's own for it, which it keeps whatever it is called."""


class Role(StrEnum):
    """What a run has to do with an artifact."""

    LOGGED = "logged"
    USED = "used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A run logged or used a version."""

    role: Role
    artifact: str
    """Its id."""
    made: Made
    used_as: str = ""
    """What for."""


def check_collection(text: str) -> str:
    """`text`, if it can name a collection; UsageError else."""
    if not _fits(text) or text != text.strip() or text in {".", ".."}:
        raise _unfit(text, "the name of an artifact")
    return text


def check_type(text: str) -> str:
    """`text`, if it can be a type of artifacts; UsageError else."""
    if not _fits(text) or text != text.strip():
        raise _unfit(text, "a type of artifacts")
    return text


def check_aliases(aliases: Iterable[object]) -> tuple[str, ...]:
    """`aliases` without repetitions; UsageError if one cannot be an alias."""
    good: dict[str, None] = {}
    for alias in aliases:
        if not isinstance(alias, str) or not _fits(alias):
            raise _unfit(alias, "an alias")
        if _VERSION.fullmatch(alias):
            raise UsageError(f"{alias!r} cannot be an alias: versions are called so.")
        good[alias] = None
    if len(good) > MAX_ALIASES:
        raise UsageError(f"A version has at most {MAX_ALIASES} aliases.")
    return tuple(good)


def check_artifact_tags(tags: Iterable[object]) -> tuple[str, ...]:
    """`tags` without repetitions; UsageError if one cannot be a tag, or there are too many."""
    good = check_tags(tags)
    if len(good) > MAX_ALIASES:
        raise UsageError(f"An artifact has at most {MAX_ALIASES} tags.")
    return good


def check_ttl(seconds: object) -> int | None:
    """`seconds`, if a version can be kept so long; None means for ever. UsageError else."""
    if seconds is None or (type(seconds) is int and 1 <= seconds <= MAX_TTL):
        return seconds
    raise UsageError(f"A version is kept for 1 to {MAX_TTL:,} seconds, or with None for ever.")


def is_artifact_id(text: str) -> bool:
    """Whether a client may choose `text` as the id of what it logs."""
    return _ID.fullmatch(text) is not None


def version_number(text: str) -> int | None:
    """3 for `v3`; None if it is no version but an alias."""
    found = _VERSION.fullmatch(text)
    return int(found[1]) if found else None


def parse_name(text: str, entity: str | None = None, project: str | None = None) -> tuple[CollectionName, str]:
    """`entity/project/name:alias`, where `name` is enough, as collection and alias or version (`latest` without one).

    What is left out comes from the other arguments. UsageError if that is not enough, or no name.
    """
    head, _, alias = text.partition(":")
    parts = head.split("/")
    if not 1 <= len(parts) <= 3 or not all(parts):
        raise UsageError(f"{text!r} is not the name of an artifact: write entity/project/name:alias.")
    full = [*[entity, project][: 3 - len(parts)], *parts]
    if not all(full):
        raise UsageError(f"{text!r} does not say whose it is: write entity/project/name:alias.")
    owner, where, name = (str(part) for part in full)
    found = CollectionName(check_name(owner, "an entity"), check_name(where, "a project"), check_collection(name))
    if alias and version_number(alias) is None:
        check_aliases([alias])
    return found, alias or LATEST


def digest_of(entries: Iterable[Entry]) -> str:
    """The digest of an artifact with these entries, 32 hexadecimal digits: it is that of what is in it, whatever the order."""
    told = hashlib.md5(_DIGEST_HEAD, usedforsecurity=False)
    for entry in sorted(entries, key=lambda entry: entry.path):
        told.update(f"{entry.path}:{entry.digest}\n".encode("utf-8", "surrogatepass"))
    return told.hexdigest()


def is_md5(text: str) -> bool:
    """Whether `text` is the base64 of an MD5."""
    try:
        return len(base64.b64decode(text, validate=True)) == 16 and len(text) == 24
    except (binascii.Error, ValueError):
        return False


def _fits(text: str) -> bool:
    return _NAME.fullmatch(text) is not None and len(text) <= MAX_NAME


def _unfit(text: object, what: str) -> UsageError:
    return UsageError(f"{text!r} cannot be {what}: use 1 to {MAX_NAME} characters, neither / nor : among them.")
