"""Addresses that are a right in themselves: whoever was given one may do what it is for, for a while."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from playhead.domain.errors import PermissionDeniedError
from playhead.ports.blobs import Blobs
from playhead.services.files import Content

LIFETIME = 24 * 3600
"""Seconds that an address can be used: clients try for long, and a large artifact takes long."""


class Seal:
    """Makes and reads the tokens in addresses of one kind."""

    def __init__(self, secret: bytes, kind: str) -> None:
        self._secret = secret
        self._kind = kind

    def mint(self, told: Sequence[Any]) -> str:
        """A token that says this."""
        text = json.dumps([*told, int(time.time()) + LIFETIME], separators=(",", ":")).encode()
        head = urlsafe_b64encode(text).decode().rstrip("=")
        return f"{head}.{self._mac(head)}"

    def read(self, token: str) -> list[Any]:
        """What the token says. PermissionDeniedError if that is nothing, or nothing any more."""
        head, _, mac = token.rpartition(".")
        try:
            if hmac.compare_digest(mac.encode(), self._mac(head).encode()):
                told: list[Any] = json.loads(urlsafe_b64decode(head + "=" * (-len(head) % 4)))
                if told.pop() > time.time():
                    return told
        except ValueError:
            pass
        raise PermissionDeniedError("This address is not one of this server's, or has expired. Ask for another one.")

    def _mac(self, head: str) -> str:
        return hmac.new(self._secret, f"{self._kind}.{head}".encode(), hashlib.sha256).hexdigest()


class SignedContents:
    """Content for whoever has a token. Whether somebody may have one is decided before."""

    def __init__(self, *, blobs: Blobs, secret: bytes) -> None:
        self._blobs = blobs
        self._seal = Seal(secret, "playhead-content")

    def mint(self, sha256: str, name: str) -> str:
        """A token for a content, which is to be called `name`."""
        return self._seal.mint([sha256, name])

    def content(self, token: str) -> Content:
        """What the token grants. PermissionDeniedError if that is nothing, or nothing any more; NotFoundError."""
        sha256, name = self._seal.read(token)
        size = self._blobs.size(sha256)
        return Content(name, sha256, size, lambda start, stop: self._blobs.get(sha256, start, stop))
