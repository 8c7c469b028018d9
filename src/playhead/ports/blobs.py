"""File content under its SHA-256."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol


class Upload(NamedTuple):
    """Content on its way, in pieces. Uploads of the same content by different owners do not touch each other."""

    sha256: str
    owner: str
    """Letters and digits."""


class Stored(NamedTuple):
    """Content that is there."""

    sha256: str
    size: int
    changed: float
    """When it was stored: seconds since 1970."""


class Piece(Protocol):
    """Bytes of an upload that arrive. Used by one thread at a time; what was written stays, however it ends."""

    def write(self, data: bytes) -> None:
        """Put `data` behind what is there. OffsetError if somebody else wrote meanwhile, BusyError if there is no space left."""
        ...

    def close(self) -> None:
        """Nothing more comes. May be called again; raises what `write` does."""
        ...


class Blobs(Protocol):
    """**Contract.** Safe to call from any thread and, but for memory, from any number of processes.

    A blob is stored once, verified, durable when the call returned that stored it, and never overwritten. None is held in memory whole,
    except by `put`. Names are 64 hex digits in small letters; one that is not is never there.
    """

    def put(self, contents: Mapping[str, bytes | memoryview]) -> set[str]:
        """Store small contents, each under its digest; answers those that were there already.

        ConflictError if one is not what its digest says; nothing is stored then.
        """
        ...

    def has(self, sha256: str) -> bool:
        """Whether it is there."""
        ...

    def missing(self, digests: Sequence[str]) -> list[str]:
        """Those of `digests` that are not there, in their order."""
        ...

    def size(self, sha256: str) -> int:
        """Its length in bytes. NotFoundError if it is not there."""
        ...

    def get(self, sha256: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Its bytes from `start` to before `stop`, in pieces. NotFoundError (at the call, not at the first piece) if it is not there."""
        ...

    def arrived(self, upload: Upload) -> int:
        """How many bytes of it are there; 0 if it has not begun."""
        ...

    def receive(self, upload: Upload, offset: int) -> Piece:
        """Go on with it. OffsetError if it does not stand at `offset`."""
        ...

    def finish(self, upload: Upload, total: int) -> bool:
        """Verify what arrived, even if that content is there already, and store it, at once and whole.

        Whether it was verified: not if nothing arrived of what is there, or somebody else was faster. ConflictError if these are other bytes than the digest says: they are thrown away. OffsetError if they are not `total` bytes; what is
        more than that is thrown away too. BusyError while it is being verified already.
        """
        ...

    def link(self, sha256: str) -> str | None:
        """Where anybody can fetch it for an hour, with ranges; None if only here. It need not be there."""
        ...

    def piece_links(self, upload: Upload, offsets: Sequence[int]) -> list[str]:
        """Where anybody can PUT pieces that begin there, for an hour; none if they come in here alone. Then `finish` verifies them."""
        ...

    def sweep(self, older_than: float) -> int:
        """Throw away uploads that nobody went on with for that many seconds. How many these were."""
        ...


class Stock(Blobs, Protocol):
    """**Contract.** As `Blobs`, for whoever looks what there is and throws away what nobody needs."""

    def stored(self, prefix: str) -> Iterator[Stored]:
        """What is there under digests that begin with these two hex digits, in any order."""
        ...

    def delete(self, sha256: str) -> None:
        """Remove it, if it is there."""
        ...

    def belongs_to(self, catalog: str) -> bool:
        """Whether it is this catalog's, which it becomes for ever if it was nobody's. Another catalog knows nothing of what is needed here."""
        ...
