"""Users and their keys."""

from __future__ import annotations

import re
from dataclasses import replace

from playhead.domain.account import ANONYMOUS, KEY_PREFIX, Actor, ApiKey, User, hash_key, key_id, new_key
from playhead.domain.errors import (
    AuthenticationError,
    ConflictError,
    LimitError,
    NotFoundError,
    PermissionDeniedError,
    UsageError,
)
from playhead.domain.ids import check_name
from playhead.domain.limits import MAX_NAME
from playhead.ports.accounts import Accounts
from playhead.ports.clock import Clock
from playhead.services.access import signed_in

_KEY = re.compile(rf"{KEY_PREFIX}[!-~]{{32,128}}|[0-9a-zA-Z_-]{{32,128}}")
_RESERVED = {
    "api",
    "assets",
    "health",
    "ready",
    "login",
    "settings",
    "graphql",
    "files",
    "artifacts",
    "artifactsV2",
    "sdk",
}
"""First parts of the page's and the server's own addresses."""
MAX_KEYS = 100
"""API keys of one user."""
OWN_KEY = "This machine's own"
"""Name of the key that the local server is found by."""


class AccountService:
    """Who is asking, and how somebody new gets a key."""

    def __init__(self, *, accounts: Accounts, clock: Clock) -> None:
        self._accounts = accounts
        self._clock = clock
        self._own = ""

    def by_key(self, key: str) -> Actor:
        """Whom the key belongs to. AuthenticationError if the server does not know it."""
        actor = self._accounts.actor(hash_key(key))
        if actor is None:
            raise AuthenticationError
        return actor

    def by_name(self, user: str) -> Actor:
        """The user of a session that began earlier; nobody if the user is gone."""
        return self._accounts.actor_of(user) or ANONYMOUS

    def add_user(self, actor: Actor, name: str, *, admin: bool = False, key: str | None = None) -> tuple[User, str]:
        """Make a user, its entity and a key, which nobody can read again. UsageError, PermissionDeniedError, ConflictError."""
        signed_in(actor)
        if not actor.admin:
            raise PermissionDeniedError("Only administrators may add users.")
        check_name(name, "a user")
        if name in _RESERVED:
            raise UsageError(f"{name!r} cannot be the name of a user: the page needs it.")
        if key is not None and not _KEY.fullmatch(key):
            raise UsageError(
                "An API key has 32 to 128 letters, digits, dashes and underscores. Leave it out to get one."
            )
        key = key or new_key()
        if self._accounts.actor(hash_key(key)) is not None:
            raise ConflictError("This key belongs to another user. Make a new one.")
        user = User(name=name, admin=admin, created_at=self._clock.now())
        self._accounts.add_user(user)
        self._accounts.add_key(name, hash_key(key), user.created_at)
        return user, key

    def users(self, actor: Actor, part: str = "") -> list[User]:
        """Users in whose names `part` is, by name: all for administrators, for others only themselves."""
        user = signed_in(actor)
        known = self._accounts.users() if actor.admin else [self._accounts.user(user)]
        return [one for one in known if part.casefold() in one.name.casefold()]

    def entity_exists(self, actor: Actor, entity: str) -> bool:
        """Whether there is such a user or team, as far as `actor` may know: administrators all, others those that they belong to."""
        signed_in(actor)
        return self._accounts.entity_exists(entity) if actor.admin else entity in actor.entities

    def keys(self, actor: Actor) -> list[ApiKey]:
        """The actor's own keys, oldest first."""
        found = self._accounts.keys(signed_in(actor))
        return [replace(key, name=OWN_KEY) if key.id == self._own else key for key in found]

    def add_key(self, actor: Actor, name: str) -> tuple[ApiKey, str]:
        """Make one more key for the actor; nobody can read it again. UsageError, LimitError."""
        user, name = signed_in(actor), " ".join(name.split())
        if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
            raise UsageError(f"A key needs a name of at most {MAX_NAME} characters that tells where it is used.")
        if len(self._accounts.keys(user)) >= MAX_KEYS:
            raise LimitError(f"MAX_KEYS is {MAX_KEYS}. Revoke keys that nobody uses.")
        key, now = new_key(), self._clock.now()
        self._accounts.add_key(user, hash_key(key), now, name)
        return ApiKey(id=key_id(hash_key(key)), name=name, created_at=now), key

    def revoke_key(self, actor: Actor, key: str) -> None:
        """Take one of the actor's keys back. NotFoundError; ConflictError for the one that a local server is found by."""
        user = signed_in(actor)
        if key == self._own:
            raise ConflictError("Programs of this machine find its server by this key. It stays.")
        self._accounts.drop_key(user, key)

    def ensure(self, name: str, key: str) -> Actor:
        """The administrator of this machine's own server, made on its first start."""
        try:
            self._accounts.user(name)
        except NotFoundError:
            self._accounts.add_user(User(name=name, admin=True, created_at=self._clock.now()))
        if self._accounts.actor(hash_key(key)) is None:
            self._accounts.add_key(name, hash_key(key), self._clock.now(), OWN_KEY)
        self._own = key_id(hash_key(key))
        return self.by_key(key)
