"""Addresses that a file of a run can be put at by whoever was given one, for a while."""

from __future__ import annotations

from typing import NamedTuple

from playhead.domain.ids import RunPath
from playhead.services.signed import Seal


class Grant(NamedTuple):
    """A file of a run that somebody may send."""

    user: str
    run: RunPath
    name: str
    client: str
    """Which writer of a shared run sends it."""


class Signer:
    """Makes and reads the tokens in these addresses."""

    def __init__(self, secret: bytes) -> None:
        self._seal = Seal(secret, "playhead-upload")

    def mint(self, user: str, path: RunPath, name: str, client: str = "") -> str:
        """A token for the file `name` of a run."""
        return self._seal.mint([user, path, name, client])

    def read(self, token: str) -> Grant:
        """What the token grants. PermissionDeniedError if that is nothing, or nothing any more."""
        user, path, name, client = self._seal.read(token)
        return Grant(user, RunPath(*path), name, client)
