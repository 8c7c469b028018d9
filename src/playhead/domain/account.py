"""Who may do what: users, entities, API keys, visibility, and the rule that decides. Deny is the default."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from enum import StrEnum

KEY_PREFIX = "local-"
"""W&B's client takes a key of 40 or more characters after the first dash; ours are such."""


class Visibility(StrEnum):
    """Who, beside the entity's members, may see a project."""

    PRIVATE = "private"
    TEAM = "team"
    PUBLIC = "public"
    """All may read."""
    OPEN = "open"
    """All may read, signed-in users may also log."""


class Right(StrEnum):
    """What somebody wants to do in a project."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person or a machine account. Its own entity has the same name."""

    name: str
    admin: bool = False
    created_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """What is known of a key: not the key."""

    id: str
    """The beginning of its hash."""
    name: str
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who makes a request: a user and the entities that it belongs to, or nobody."""

    user: str | None = None
    admin: bool = False
    entities: frozenset[str] = frozenset()

    @property
    def entity(self) -> str | None:
        """The default entity: the user's own."""
        return self.user


ANONYMOUS = Actor()


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A set of runs."""

    entity: str
    name: str
    visibility: Visibility = Visibility.PRIVATE
    created_at: int = 0
    updated_at: int = 0
    runs: int = 0
    running: int = 0


def allowed(actor: Actor, right: Right, entity: str, visibility: Visibility) -> bool:
    """Whether `actor` may do that in a project of `entity`."""
    if actor.admin or entity in actor.entities:
        return True
    if right is Right.READ:
        return visibility in {Visibility.PUBLIC, Visibility.OPEN}
    return right is Right.WRITE and visibility is Visibility.OPEN and actor.user is not None


def new_key() -> str:
    """A fresh API key: 160 random bits."""
    return KEY_PREFIX + secrets.token_hex(20)


def key_id(key_hash: str) -> str:
    """What a key is called where its hash is nobody's business."""
    return key_hash[:12]


def hash_key(key: str) -> str:
    """What is stored of a key. One round of SHA-256 is enough: keys are random, not passwords."""
    return hashlib.sha256(key.encode()).hexdigest()
