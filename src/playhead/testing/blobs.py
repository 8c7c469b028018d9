"""What every `playhead.ports.blobs.Blobs` must do."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from playhead.domain.errors import ConflictError, NotFoundError
from playhead.ports.blobs import Blobs


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class BlobsContract:
    """Subclass it with a fixture `blobs`: an empty store."""

    @pytest.mark.parametrize("size", [0, 1, 1_000, 3 << 20, (6 << 20) + 1])
    def test_content_comes_back(self, blobs: Blobs, size: int) -> None:
        data = os.urandom(size)
        blobs.put(_digest(data), data)
        assert blobs.has(_digest(data))
        pieces = list(blobs.get(_digest(data)))
        assert all(isinstance(piece, bytes) for piece in pieces)
        assert b"".join(pieces) == data

    def test_what_is_not_there(self, blobs: Blobs) -> None:
        for digest in (_digest(b"x"), "", "x", "../" * 20, _digest(b"x").upper()):
            assert not blobs.has(digest)
            with pytest.raises(NotFoundError):
                blobs.get(digest)
            blobs.delete(digest)

    def test_content_is_verified(self, blobs: Blobs) -> None:
        for digest in (_digest(b"x"), _digest(b"y").upper(), "", "../x"):
            with pytest.raises(ConflictError):
                blobs.put(digest, b"y")
        assert not blobs.has(_digest(b"x"))
        assert not blobs.has(_digest(b"y"))

    def test_twice_is_once(self, blobs: Blobs) -> None:
        for _ in range(2):
            blobs.put(_digest(b"x"), b"x")
        assert b"".join(blobs.get(_digest(b"x"))) == b"x"

    def test_delete_and_put_again(self, blobs: Blobs) -> None:
        for _ in range(2):
            blobs.put(_digest(b"x"), b"x")
            blobs.delete(_digest(b"x"))
            assert not blobs.has(_digest(b"x"))
            blobs.delete(_digest(b"x"))

    def test_many_at_once(self, blobs: Blobs) -> None:
        contents = [os.urandom(10_000) for _ in range(4)] * 8
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda data: blobs.put(_digest(data), data), contents))
        assert all(b"".join(blobs.get(_digest(data))) == data for data in contents)
