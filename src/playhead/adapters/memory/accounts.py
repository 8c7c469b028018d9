"""Users, keys and entities on dicts."""

from __future__ import annotations

from playhead.adapters.memory.catalog import Catalog
from playhead.domain.account import Actor, ApiKey, User
from playhead.domain.account import key_id as id_of
from playhead.domain.errors import ConflictError, NotFoundError


class MemoryAccounts:
    """`playhead.ports.accounts.Accounts` in memory."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def add_user(self, user: User) -> None:
        with self._catalog.lock:
            if user.name in self._catalog.users or user.name in self._catalog.entities:
                raise ConflictError(f"The name {user.name!r} is taken. Choose another.")
            self._catalog.users[user.name] = user
            self._catalog.entities[user.name] = {user.name}

    def user(self, name: str) -> User:
        with self._catalog.lock:
            if name not in self._catalog.users:
                raise NotFoundError(f"There is no user {name!r}.")
            return self._catalog.users[name]

    def users(self) -> list[User]:
        with self._catalog.lock:
            return [self._catalog.users[name] for name in sorted(self._catalog.users)]

    def add_key(self, user: str, key_hash: str, created_at: int, name: str = "") -> None:
        with self._catalog.lock:
            self.user(user)
            if self._catalog.keys.setdefault(key_hash, (user, created_at, name))[0] != user:
                raise ConflictError("This key belongs to another user. Make a new one.")

    def keys(self, user: str) -> list[ApiKey]:
        with self._catalog.lock:
            found = [
                ApiKey(id=id_of(digest), name=name, created_at=created_at)
                for digest, (owner, created_at, name) in self._catalog.keys.items()
                if owner == user
            ]
        return sorted(found, key=lambda key: (key.created_at, key.id))

    def drop_key(self, user: str, key_id: str) -> None:
        with self._catalog.lock:
            found = [key for key, (owner, _, _) in self._catalog.keys.items() if owner == user and id_of(key) == key_id]
            if not found:
                raise NotFoundError("There is no such key. It may be revoked already.")
            for key in found:
                del self._catalog.keys[key]

    def actor(self, key_hash: str) -> Actor | None:
        with self._catalog.lock:
            found = self._catalog.keys.get(key_hash)
            return None if found is None else self.actor_of(found[0])

    def actor_of(self, user: str) -> Actor | None:
        with self._catalog.lock:
            found = self._catalog.users.get(user)
            if found is None:
                return None
            entities = frozenset(name for name, members in self._catalog.entities.items() if user in members)
            return Actor(user=user, admin=found.admin, entities=entities)

    def entity_exists(self, entity: str) -> bool:
        with self._catalog.lock:
            return entity in self._catalog.entities
