"""Users, their keys and entities in tables."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.tables import entities, keys, members, users
from playhead.domain.account import Actor, ApiKey, User
from playhead.domain.account import key_id as id_of
from playhead.domain.errors import ConflictError, NotFoundError


class SqlAccounts:
    """`playhead.ports.accounts.Accounts` in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_user(self, user: User) -> None:
        try:
            with self._database.write() as connection:
                connection.execute(insert(entities).values(name=user.name))
                connection.execute(insert(users).values(name=user.name, admin=user.admin, created_at=user.created_at))
                connection.execute(insert(members).values(user=user.name, entity=user.name))
        except IntegrityError as error:
            raise ConflictError(f"The name {user.name!r} is taken. Choose another.") from error

    def user(self, name: str) -> User:
        with self._database.read() as connection:
            return _user(connection, name)

    def users(self) -> list[User]:
        with self._database.read() as connection:
            rows = connection.execute(select(users).order_by(users.c.name))
            return [User(name=row.name, admin=row.admin, created_at=row.created_at) for row in rows]

    def add_key(self, user: str, key_hash: str, created_at: int, name: str = "") -> None:
        def work(connection: Connection) -> None:
            _user(connection, user)
            owner = connection.scalar(select(keys.c.user).where(keys.c.hash == key_hash))
            if owner is None:
                connection.execute(insert(keys).values(hash=key_hash, user=user, created_at=created_at, name=name))
            elif owner != user:
                raise ConflictError("This key belongs to another user. Make a new one.")

        self._database.settled(work)

    def keys(self, user: str) -> list[ApiKey]:
        with self._database.read() as connection:
            rows = connection.execute(select(keys).where(keys.c.user == user).order_by(keys.c.created_at, keys.c.hash))
            return [ApiKey(id=id_of(row.hash), name=row.name, created_at=row.created_at) for row in rows]

    def drop_key(self, user: str, key_id: str) -> None:
        with self._database.write() as connection:
            mine = connection.scalars(select(keys.c.hash).where(keys.c.user == user))
            found = [digest for digest in mine if id_of(digest) == key_id]
            if not found:
                raise NotFoundError("There is no such key. It may be revoked already.")
            connection.execute(delete(keys).where(keys.c.hash.in_(found)))

    def actor(self, key_hash: str) -> Actor | None:
        with self._database.read() as connection:
            user = connection.scalar(select(keys.c.user).where(keys.c.hash == key_hash))
            return None if user is None else _actor(connection, user)

    def actor_of(self, user: str) -> Actor | None:
        with self._database.read() as connection:
            return _actor(connection, user)

    def entity_exists(self, entity: str) -> bool:
        with self._database.read() as connection:
            return connection.scalar(select(entities.c.name).where(entities.c.name == entity)) is not None


def _user(connection: Connection, name: str) -> User:
    row = connection.execute(select(users).where(users.c.name == name)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no user {name!r}.")
    return User(name=row.name, admin=row.admin, created_at=row.created_at)


def _actor(connection: Connection, user: str) -> Actor | None:
    admin = connection.scalar(select(users.c.admin).where(users.c.name == user))
    if admin is None:
        return None
    of = connection.scalars(select(members.c.entity).where(members.c.user == user))
    return Actor(user=user, admin=admin, entities=frozenset(of))
