"""Addresses that are a right in themselves: whoever was given one may put one file of one run there, for a while."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import NamedTuple

import msgspec

from playhead.domain.errors import PermissionDeniedError
from playhead.domain.ids import RunPath

LIFETIME = 24 * 3600
"""Seconds that an address can be used: the client tries for long."""


class Grant(NamedTuple):
    """A file of a run that somebody may send."""

    user: str
    path: tuple[str, str, str]
    name: str
    client: str
    """Which writer of a shared run sends it."""
    expires: int

    @property
    def run(self) -> RunPath:
        """The run that it becomes a file of."""
        return RunPath(*self.path)


_grant = msgspec.json.Decoder(Grant)


class Signer:
    """Makes and reads the tokens in these addresses."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def mint(self, user: str, path: RunPath, name: str, client: str = "") -> str:
        """A token for the file `name` of a run."""
        told = json.dumps([user, path, name, client, int(time.time()) + LIFETIME], separators=(",", ":")).encode()
        head = urlsafe_b64encode(told).decode().rstrip("=")
        return f"{head}.{self._mac(head)}"

    def read(self, token: str) -> Grant:
        """What the token grants. PermissionDeniedError if that is nothing, or nothing any more."""
        head, _, mac = token.rpartition(".")
        try:
            if hmac.compare_digest(mac.encode(), self._mac(head).encode()):
                grant = _grant.decode(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
                if grant.expires > time.time():
                    return grant
        except ValueError:
            pass
        raise PermissionDeniedError("This address is not one of this server's, or has expired. Ask for another one.")

    def _mac(self, head: str) -> str:
        return hmac.new(self._secret, f"playhead-upload.{head}".encode(), hashlib.sha256).hexdigest()
