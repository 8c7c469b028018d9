"""A version of an artifact that a server has: what it says of it, what is in it, and its files on this disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import msgspec

from playhead.client import settings
from playhead.client.artifact_calls import ArtifactCalls, OfArtifact, Where
from playhead.client.artifacts.cache import Cache
from playhead.client.artifacts.fetching import Fetcher, write_whole
from playhead.client.server import Server
from playhead.domain import manifest
from playhead.domain.artifact import Entry
from playhead.domain.errors import CommError, ConflictError, NotFoundError
from playhead.wire.artifacts import ArtifactView


class Stored:
    """`view` is what was read of it last. Without a server it is one that this disk knows."""

    def __init__(self, server: Server | None, view: ArtifactView) -> None:
        self.view = view
        self.cache = Cache(settings.cache_dir(), settings.cache_bytes())
        self._server = server
        self._entries: dict[str, Entry] | None = None
        if server is not None:
            _remember(view)

    @property
    def server(self) -> Server:
        """CommError if it was found on this disk only."""
        if self._server is None:
            raise CommError(f"{self.path} is known from this disk only: without a server there is nothing more of it.")
        return self._server

    @property
    def where(self) -> Where:
        """As calls want it."""
        return self.view.entity, self.view.project, self.view.name, f"v{self.view.version}"

    @property
    def path(self) -> str:
        """`entity/project/name:v3`."""
        entity, project, name, version = self.where
        return f"{entity}/{project}/{name}:{version}"

    def reload(self) -> None:
        """Read it again."""
        self.view = self.server.artifact(self.where)

    @property
    def entries(self) -> dict[str, Entry]:
        """What is in it, by path. ConflictError if the server sends another manifest than it says."""
        if self._entries is None:
            self._entries = {entry.path: entry for entry in manifest.parse(self._manifest())}
        return self._entries

    def fetch(self, root: Path, entries: Sequence[Entry], *, missing: bool = False) -> int:
        """Let these be below `root`; how many bytes came from elsewhere. See `Fetcher`."""
        fetcher = Fetcher(root, self.cache, self._source, self._pack, missing=missing)
        fetcher.fetch(entries)
        return fetcher.fetched

    def _source(self, entry: Entry) -> OfArtifact:
        return OfArtifact(self.server, self.where, entry.path)

    def _pack(self, entries: Sequence[Entry]) -> Mapping[str, bytes]:
        return self.server.artifact_contents(self.where, [entry.path for entry in entries])

    def _manifest(self) -> bytes:
        """From the cache, else from the server."""
        kept = self.cache.path_of(self.view.manifest)
        with suppress(OSError):
            data = kept.read_bytes()
            if _is(data, self.view.manifest):
                return data
        data = self.server.manifest(self.where)
        if not _is(data, self.view.manifest):
            raise ConflictError(f"{self.server.url} sent another manifest of {self.path} than it says that it has.")
        with suppress(OSError):
            write_whole(kept, data)
        return data


def known_here(where: Where) -> Stored:
    """A version that was fetched before, as this disk knows it. NotFoundError, which says what to do."""
    entity, project, name, version = where
    try:
        data = _place(where).read_bytes()
        view = msgspec.json.decode(data, type=ArtifactView)
    except (OSError, msgspec.MsgspecError):
        raise NotFoundError(
            f"{entity}/{project}/{name}:{version} is not on this disk, and no server is asked: use it once with a server, by its "
            "version (v3, not latest)."
        ) from None
    return Stored(None, view)


def find(server: ArtifactCalls, where: Where, type_name: str | None = None) -> ArtifactView:
    """The version. NotFoundError; ConflictError if it is of another type."""
    view = server.artifact(where)
    if type_name is not None and view.type != type_name:
        raise ConflictError(f"{'/'.join(where[:3])} is of type {view.type!r}, not {type_name!r}.")
    return view


def _remember(view: ArtifactView) -> None:
    """So that it can be used without a server. A disk that does not take it does no harm."""
    if view.version is None or view.state != "committed":
        return
    where = view.entity, view.project, view.name, f"v{view.version}"
    with suppress(OSError, TypeError, ValueError):
        write_whole(_place(where), json.dumps(asdict(view)).encode())


def _place(where: Where) -> Path:
    entity, project, name, version = (part.replace("/", "_").lstrip(".") or "_" for part in where)
    return settings.cache_dir() / "artifacts" / "versions" / entity / project / name / f"{version}.json"


def _is(data: bytes, sha256: str) -> bool:
    return hashlib.sha256(data).hexdigest() == sha256
