"""Addresses that are a right in themselves: whoever was given one may fetch one content from this server, for a while."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode

from playhead.domain.errors import PermissionDeniedError
from playhead.ports.blobs import Blobs
from playhead.services.files import Content

LIFETIME = 24 * 3600
"""Seconds that an address can be used: a large artifact takes long."""


class SignedContents:
    """Makes and reads the tokens in these addresses. Whether somebody may have one is decided before."""

    def __init__(self, *, blobs: Blobs, secret: bytes) -> None:
        self._blobs = blobs
        self._secret = secret

    def mint(self, sha256: str, name: str) -> str:
        """A token for a content, which is to be called `name`."""
        told = json.dumps([sha256, name, int(time.time()) + LIFETIME], separators=(",", ":")).encode()
        return f"{urlsafe_b64encode(told).decode().rstrip('=')}.{self._mac(told)}"

    def content(self, token: str) -> Content:
        """What the token grants. PermissionDeniedError if that is nothing, or nothing any more; NotFoundError."""
        sha256, name = self._read(token)
        size = self._blobs.size(sha256)
        return Content(name, sha256, size, lambda start, stop: self._blobs.get(sha256, start, stop))

    def _read(self, token: str) -> tuple[str, str]:
        head, _, mac = token.rpartition(".")
        try:
            told = urlsafe_b64decode(head + "=" * (-len(head) % 4))
            if hmac.compare_digest(mac.encode(), self._mac(told).encode()):
                sha256, name, expires = json.loads(told)
                if expires > time.time():
                    return sha256, name
        except ValueError:
            pass
        raise PermissionDeniedError("This address is not one of this server's, or has expired. Ask for another one.")

    def _mac(self, told: bytes) -> str:
        return hmac.new(self._secret, b"playhead-content." + told, hashlib.sha256).hexdigest()
