"""What every `playhead.ports.accounts.Accounts` must do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from playhead.domain.account import Actor, ApiKey, User, hash_key, key_id
from playhead.domain.errors import ConflictError, NotFoundError
from playhead.ports.accounts import Accounts


class AccountsContract:
    """Subclass it with a fixture `accounts`: an empty store."""

    def test_a_user_is_found_again(self, accounts: Accounts) -> None:
        ada = User(name="ada", admin=True, created_at=7)
        accounts.add_user(ada)
        assert accounts.user("ada") == ada

    def test_an_unknown_user_is_not_found(self, accounts: Accounts) -> None:
        with pytest.raises(NotFoundError):
            accounts.user("ada")
        assert accounts.actor_of("ada") is None

    def test_a_name_is_taken_once(self, accounts: Accounts) -> None:
        accounts.add_user(User(name="ada", created_at=1))
        with pytest.raises(ConflictError):
            accounts.add_user(User(name="ada", admin=True, created_at=2))
        assert accounts.user("ada").created_at == 1

    def test_names_are_compared_exactly_and_listed_in_order(self, accounts: Accounts) -> None:
        for name in ("b", "a", "B", "é", "a-b", "a_b"):
            accounts.add_user(User(name=name))
        assert [user.name for user in accounts.users()] == ["B", "a", "a-b", "a_b", "b", "é"]

    def test_a_user_has_its_own_entity(self, accounts: Accounts) -> None:
        assert not accounts.entity_exists("ada")
        accounts.add_user(User(name="ada"))
        accounts.add_user(User(name="bob"))
        assert accounts.entity_exists("ada")
        assert accounts.actor_of("ada") == Actor(user="ada", entities=frozenset({"ada"}))

    def test_a_key_tells_its_user(self, accounts: Accounts) -> None:
        accounts.add_user(User(name="ada", admin=True))
        accounts.add_key("ada", hash_key("one"), 1)
        accounts.add_key("ada", hash_key("two"), 2)
        assert accounts.actor(hash_key("one")) == accounts.actor(hash_key("two")) == accounts.actor_of("ada")
        assert accounts.actor(hash_key("three")) is None
        assert accounts.actor("") is None

    def test_a_key_is_added_once(self, accounts: Accounts) -> None:
        accounts.add_user(User(name="ada"))
        accounts.add_user(User(name="bob"))
        accounts.add_key("ada", hash_key("one"), 1)
        accounts.add_key("ada", hash_key("one"), 2)
        with pytest.raises(ConflictError):
            accounts.add_key("bob", hash_key("one"), 3)
        actor = accounts.actor(hash_key("one"))
        assert actor is not None
        assert actor.user == "ada"

    def test_keys_are_listed_by_age_without_themselves(self, accounts: Accounts) -> None:
        accounts.add_user(User(name="ada"))
        accounts.add_user(User(name="bob"))
        accounts.add_key("ada", hash_key("two"), 2, "cluster")
        accounts.add_key("ada", hash_key("one"), 1)
        accounts.add_key("bob", hash_key("his"), 3)
        assert accounts.keys("ada") == [
            ApiKey(id=key_id(hash_key("one")), name="", created_at=1),
            ApiKey(id=key_id(hash_key("two")), name="cluster", created_at=2),
        ]
        assert accounts.keys("nobody") == []

    def test_a_key_that_was_dropped_is_unknown(self, accounts: Accounts) -> None:
        accounts.add_user(User(name="ada"))
        accounts.add_user(User(name="bob"))
        for key in ("one", "two"):
            accounts.add_key("ada", hash_key(key), 1)
        with pytest.raises(NotFoundError):
            accounts.drop_key("bob", key_id(hash_key("one")))
        accounts.drop_key("ada", key_id(hash_key("one")))
        assert accounts.actor(hash_key("one")) is None
        assert accounts.actor(hash_key("two")) is not None
        with pytest.raises(NotFoundError):
            accounts.drop_key("ada", key_id(hash_key("one")))

    def test_a_key_needs_a_user(self, accounts: Accounts) -> None:
        with pytest.raises(NotFoundError):
            accounts.add_key("nobody", hash_key("one"), 1)
        assert accounts.actor(hash_key("one")) is None

    def test_one_of_many_at_once_gets_the_name(self, accounts: Accounts) -> None:
        def add(place: int) -> bool:
            try:
                accounts.add_user(User(name="ada", created_at=place))
            except ConflictError:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            won = list(pool.map(add, range(8)))
        assert won.count(True) == 1
        assert accounts.user("ada").created_at == won.index(True)
