"""What every `playhead.ports.blobs.Stock` must do."""

from __future__ import annotations

import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from playhead.domain.errors import ConflictError, NotFoundError, OffsetError
from playhead.ports.blobs import Blobs, Stock, Upload


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _upload(data: bytes, owner: str = "ada") -> Upload:
    return Upload(_digest(data), owner)


def _send(blobs: Blobs, upload: Upload, offset: int, data: bytes) -> None:
    piece = blobs.receive(upload, offset)
    for at in range(0, len(data), 1 << 20):
        piece.write(data[at : at + (1 << 20)])
    piece.close()
    piece.close()


def _content(blobs: Blobs, data: bytes) -> bytes:
    return b"".join(blobs.get(_digest(data)))


SIZES = [0, 1, 1_000, 3 << 20, (18 << 20) + 1]
NO_DIGESTS = ["", "x", "../" * 20, _digest(b"x").upper()]


class BlobsContract:
    """Subclass it with a fixture `blobs`: an empty store."""

    @pytest.mark.parametrize("size", SIZES)
    def test_content_comes_back(self, blobs: Stock, size: int) -> None:
        data = os.urandom(size)
        blobs.put({_digest(data): data})
        assert blobs.has(_digest(data))
        assert blobs.size(_digest(data)) == size
        pieces = list(blobs.get(_digest(data)))
        assert all(isinstance(piece, bytes) for piece in pieces)
        assert b"".join(pieces) == data

    def test_a_part_of_it_comes_back(self, blobs: Stock) -> None:
        data = os.urandom((2 << 20) + 5)
        blobs.put({_digest(data): data})
        for start, stop in [(0, 1), (5, 5), (7, 3), (1000, 2 << 20), (2 << 20, None), (len(data), None), (1, 9 << 20)]:
            assert b"".join(blobs.get(_digest(data), start, stop)) == data[start:stop]

    def test_what_is_not_there(self, blobs: Stock) -> None:
        for digest in [_digest(b"x"), *NO_DIGESTS]:
            assert not blobs.has(digest)
            for ask in (blobs.get, blobs.size):
                with pytest.raises(NotFoundError):
                    ask(digest)
            blobs.delete(digest)

    def test_which_of_many_are_missing(self, blobs: Stock) -> None:
        blobs.put({_digest(b"x"): b"x"})
        asked = [_digest(b"z"), _digest(b"x"), _digest(b"y"), *NO_DIGESTS]
        assert blobs.missing(asked) == [asked[0], *asked[2:]]
        assert blobs.missing([]) == []

    def test_content_is_verified(self, blobs: Stock) -> None:
        for digest in (_digest(b"x"), _digest(b"y").upper(), "", "../x"):
            with pytest.raises(ConflictError):
                blobs.put({_digest(b"z"): b"z", digest: b"y"})
        assert blobs.missing([_digest(data) for data in (b"x", b"y", b"z")]) == [
            _digest(b"x"),
            _digest(b"y"),
            _digest(b"z"),
        ]

    def test_twice_is_once(self, blobs: Stock) -> None:
        for turn in range(2):
            there = blobs.put({_digest(b"x"): b"x", _digest(b"y"): b"y"})
            assert there == ({_digest(b"x"), _digest(b"y")} if turn else set())
            _send(blobs, _upload(b"x"), 0, b"x")
            assert blobs.finish(_upload(b"x"), 1)
            assert not blobs.finish(_upload(b"x"), 1)
        assert _content(blobs, b"x") == b"x"

    def test_delete_and_put_again(self, blobs: Stock) -> None:
        for _ in range(2):
            blobs.put({_digest(b"x"): b"x"})
            blobs.delete(_digest(b"x"))
            assert not blobs.has(_digest(b"x"))
            blobs.delete(_digest(b"x"))

    def test_what_is_stored_is_listed(self, blobs: Stock) -> None:
        begun = time.time()
        contents = [b"%d" % number for number in range(300)]
        blobs.put({_digest(data): data for data in contents})
        _send(blobs, _upload(b"on its way"), 0, b"on")
        assert blobs.belongs_to("a catalog")
        shelves = [f"{number:02x}" for number in range(256)]
        found = [(shelf, one) for shelf in shelves for one in blobs.stored(shelf)]
        assert {one.sha256: one.size for _, one in found} == {_digest(data): len(data) for data in contents}
        assert len(found) == len(contents)
        assert all(one.sha256.startswith(shelf) for shelf, one in found)
        assert all(begun - 60 < one.changed < begun + 60 for _, one in found)
        blobs.delete(found[0][1].sha256)
        assert found[0][1].sha256 not in {one.sha256 for one in blobs.stored(found[0][0])}

    def test_it_belongs_to_the_first_catalog_that_asks(self, blobs: Stock) -> None:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(blobs.belongs_to, "abcdabcd"))
        assert answers.count(True) in {1, 2}
        owner = "abcdabcd"[answers.index(True)]
        assert [blobs.belongs_to(one) for one in "abcd"] == [one == owner for one in "abcd"]
        blobs.put({_digest(b"x"): b"x"})
        assert _content(blobs, b"x") == b"x"

    def test_many_at_once(self, blobs: Stock) -> None:
        contents = [os.urandom(10_000) for _ in range(4)] * 8
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda data: blobs.put({_digest(data): data}), contents))
        assert all(_content(blobs, data) == data for data in contents)

    @pytest.mark.parametrize("size", SIZES)
    def test_an_upload_in_pieces(self, blobs: Stock, size: int) -> None:
        data = os.urandom(size)
        upload = _upload(data)
        at = 0
        for end in (size // 7, size // 2, size // 2, size):
            assert blobs.arrived(upload) == at
            _send(blobs, upload, at, data[at:end])
            at = end
        assert not blobs.has(upload.sha256)
        blobs.finish(upload, size)
        assert _content(blobs, data) == data
        assert blobs.arrived(upload) == 0
        blobs.finish(upload, size)

    def test_an_upload_goes_on_where_it_stands_and_nowhere_else(self, blobs: Stock) -> None:
        upload = _upload(b"abcdef")
        _send(blobs, upload, 0, b"abc")
        for offset in (0, 2, 4):
            with pytest.raises(OffsetError) as told:
                blobs.receive(upload, offset)
            assert told.value.expected == 3
        with pytest.raises(OffsetError) as told:
            blobs.finish(upload, 6)
        assert told.value.expected == 3
        _send(blobs, upload, 3, b"def")
        blobs.finish(upload, 6)
        assert _content(blobs, b"abcdef") == b"abcdef"

    def test_wrong_bytes_are_thrown_away(self, blobs: Stock) -> None:
        upload = _upload(b"right")
        _send(blobs, upload, 0, b"wrong")
        with pytest.raises(ConflictError, match="thrown away") as told:
            blobs.finish(upload, 5)
        assert not isinstance(told.value, OffsetError)
        assert not blobs.has(upload.sha256)
        assert blobs.arrived(upload) == 0
        _send(blobs, upload, 0, b"right")
        blobs.finish(upload, 5)
        assert _content(blobs, b"right") == b"right"

    def test_what_is_there_is_verified_all_the_same(self, blobs: Stock) -> None:
        """Or who knows a SHA-256 would be taken for somebody who has the content."""
        blobs.put({_digest(b"right"): b"right", _digest(b""): b""})
        for data, total in ((b"wrong", 5), (b"", 0)):
            liar = _upload(b"right", f"liar{total}")
            _send(blobs, liar, 0, data)
            with pytest.raises(ConflictError):
                blobs.finish(liar, total)
        with pytest.raises(ConflictError):
            blobs.put({_digest(b"right"): b"wrong"})
        _send(blobs, _upload(b"right"), 0, b"rig")
        with pytest.raises(OffsetError):
            blobs.finish(_upload(b"right"), 5)
        _send(blobs, _upload(b"right"), 3, b"ht")
        assert blobs.finish(_upload(b"right"), 5)
        _send(blobs, _upload(b""), 0, b"")
        assert blobs.finish(_upload(b""), 0)
        assert _content(blobs, b"right") == b"right"

    def test_more_than_the_length_is_thrown_away(self, blobs: Stock) -> None:
        upload = _upload(b"right")
        _send(blobs, upload, 0, b"rightmost")
        with pytest.raises(OffsetError) as told:
            blobs.finish(upload, 5)
        assert told.value.expected == 0
        assert (blobs.has(upload.sha256), blobs.arrived(upload)) == (False, 0)

    def test_nothing_arrived(self, blobs: Stock) -> None:
        with pytest.raises(OffsetError):
            blobs.finish(_upload(b"x"), 1)
        assert blobs.arrived(_upload(b"x")) == 0

    def test_two_uploaders_of_the_same(self, blobs: Stock) -> None:
        """Of different owners: each has its own. Of one: the second one is told that the first was faster, and goes on behind it."""
        data = b"abcdef"
        ada, liar = _upload(data), _upload(data, "liar")
        _send(blobs, ada, 0, b"abc")
        _send(blobs, liar, 0, b"xyzxyz")
        one, other = blobs.receive(ada, 3), blobs.receive(ada, 3)
        one.write(b"de")
        one.close()
        with pytest.raises(OffsetError):
            self._write(other, b"d?")
        assert blobs.arrived(ada) == 5
        with pytest.raises(ConflictError):
            blobs.finish(liar, 6)
        _send(blobs, ada, 5, b"f")
        blobs.finish(ada, 6)
        assert _content(blobs, data) == data

    def _write(self, piece: object, data: bytes) -> None:
        piece.write(data)  # type: ignore[attr-defined]
        piece.close()  # type: ignore[attr-defined]

    def test_uploaders_of_the_same_at_once(self, blobs: Stock) -> None:
        data = os.urandom(5 << 20)

        def send(owner: str) -> None:
            _send(blobs, _upload(data, owner), 0, data)
            blobs.finish(_upload(data, owner), len(data))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(send, "abcd"))
        assert _content(blobs, data) == data

    def test_uploads_that_nobody_goes_on_with_are_swept(self, blobs: Stock) -> None:
        _send(blobs, _upload(b"abc"), 0, b"ab")
        assert blobs.sweep(3600) == 0
        assert blobs.arrived(_upload(b"abc")) == 2
        time.sleep(0.02)
        assert blobs.sweep(0.01) == 1
        assert blobs.arrived(_upload(b"abc")) == 0
