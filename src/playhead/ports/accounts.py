"""Users, their API keys (hashed) and the entities that they belong to."""

from __future__ import annotations

from typing import Protocol

from playhead.domain.account import Actor, ApiKey, User


class Accounts(Protocol):
    """**Contract.** Safe to call from any thread. A call that returned is durable. Names are compared exactly.

    Keys arrive hashed (`playhead.domain.account.hash_key`); no adapter ever sees one in the clear.
    """

    def add_user(self, user: User) -> None:
        """Add a user and the entity of the same name, of which it is a member. ConflictError if either exists."""
        ...

    def user(self, name: str) -> User:
        """NotFoundError if there is none."""
        ...

    def users(self) -> list[User]:
        """All users, by name."""
        ...

    def add_key(self, user: str, key_hash: str, created_at: int, name: str = "") -> None:
        """Give `user` one more key, called `name`. Adding the same hash for the same user again changes nothing; for another user it is a ConflictError."""
        ...

    def keys(self, user: str) -> list[ApiKey]:
        """The keys of a user, oldest first; none for an unknown user."""
        ...

    def drop_key(self, user: str, key_id: str) -> None:
        """Take a key back: from now on it is unknown. NotFoundError if the user has none of that id."""
        ...

    def actor(self, key_hash: str) -> Actor | None:
        """Whom a key belongs to, with every entity it is a member of; None for an unknown key."""
        ...

    def actor_of(self, user: str) -> Actor | None:
        """The same by the user's name; None for an unknown user."""
        ...

    def entity_exists(self, entity: str) -> bool:
        """Whether there is such a user or team."""
        ...
