"""What can be asked of a server about artifacts, as typed calls. Every call may raise CommError and what `errors.py` lists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, TypeVar

import msgspec

from playhead.client.ingest import MSGPACK, SPAN_ANSWER, path_of, run_path
from playhead.client.opener import Opener
from playhead.client.transport import Request
from playhead.domain.errors import CommError, ConflictError, NotFoundError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_MANIFEST, MAX_PAGE, MAX_PAGES
from playhead.wire import routes
from playhead.wire.artifacts import (
    AliasPatch,
    ArtifactPage,
    ArtifactPatch,
    ArtifactView,
    CollectionPage,
    CollectionPatch,
    CollectionView,
    LineageView,
    LinkNew,
    Paths,
    RunArtifact,
    RunArtifactPage,
    TypeView,
)
from playhead.wire.files import LinkView

P = TypeVar("P")

Where = tuple[str, str, str, str]
"""Entity, project, collection, and version or alias."""


class ArtifactCalls(Opener):
    """A server, asked about artifacts."""

    def artifact(self, where: Where) -> ArtifactView:
        """A version. NotFoundError if there is none."""
        return self._get(_path(routes.ARTIFACT, where), ArtifactView, MSGPACK)

    def artifact_by_id(self, artifact_id: str) -> ArtifactView:
        """The one of that id, whatever its state. NotFoundError if it is not told of yet, or may not be seen."""
        return self._get(path_of(routes.ARTIFACT_BY_ID, artifact_id=artifact_id), ArtifactView, MSGPACK)

    def artifact_versions(self, entity: str, project: str, name: str) -> Iterator[ArtifactView]:
        """Versions in a collection, the newest first."""
        path = path_of(routes.VERSIONS, entity=entity, project=project, name=name)
        for page in self._pages(path, ArtifactPage, {"limit": MAX_PAGE}, MSGPACK):
            yield from page.items

    def manifest(self, where: Where) -> bytes:
        """What is in a version, as `domain.manifest` reads it."""
        return self._send(Request("GET", _path(routes.ARTIFACT_MANIFEST, where), accept="*/*", most=MAX_MANIFEST))

    def artifact_piece(self, where: Where, path: str, start: int, stop: int) -> bytes:
        """Bytes of a file from `start` to before `stop`. ConflictError if it has not so many."""
        request = Request(
            "GET", _path(routes.ARTIFACT_FILE, where), {"path": path}, accept="*/*", span=(start, stop), most=SPAN_ANSWER
        )  # fmt: skip
        data = self._send(request)
        if len(data) != stop - start:
            raise ConflictError(f"{self.url} sent {len(data):,} bytes where {stop - start:,} were asked for.")
        return data

    def artifact_contents(self, where: Where, paths: Sequence[str]) -> dict[str, bytes]:
        """Small files by path, at most MAX_PAGE; some may be left out. An older server knows of none."""
        body = msgspec.json.encode(Paths(paths=list(paths)))
        try:
            return self._ask(
                Request("POST", _path(routes.ARTIFACT_CONTENTS, where), body=body, accept=MSGPACK), dict[str, bytes]
            )
        except NotFoundError:
            return {}

    def artifact_link(self, where: Where, path: str) -> str | None:
        """Where a file's content can be fetched; None if it comes from the server."""
        return self._ask(Request("GET", _path(routes.ARTIFACT_FILE_LINK, where), {"path": path}), LinkView).url

    def patch_artifact(self, where: Where, change: ArtifactPatch) -> ArtifactView:
        """Change what a person may change."""
        return self._tell("PATCH", _path(routes.ARTIFACT, where), change, ArtifactView)

    def patch_aliases(self, where: Where, change: AliasPatch) -> ArtifactView:
        """Give aliases to a version, and take some from it."""
        return self._tell("POST", _path(routes.ARTIFACT_ALIASES, where), change, ArtifactView)

    def delete_artifact(self, where: Where, *, aliases: bool = False) -> None:
        """Its content is not to be had any more. ConflictError if it has aliases, unless they go too."""
        self._send(Request("DELETE", _path(routes.ARTIFACT, where), {"aliases": 1 if aliases else None}))

    def link_artifact(self, where: Where, link: LinkNew) -> ArtifactView:
        """Show a version in another collection too; answers it as it stands there."""
        return self._tell("POST", _path(routes.ARTIFACT_LINKS, where), link, ArtifactView)

    def lineage(self, where: Where, depth: int | None = None) -> LineageView:
        """What led to a version, and what was made of it."""
        return self._get(_path(routes.ARTIFACT_LINEAGE, where), LineageView, depth=depth)

    def run_artifacts(
        self, run: RunPath, *, segment: str | None = None, step: int | None = None, role: str | None = None
    ) -> Iterator[RunArtifact]:
        """What the run logged and used, as of a place on its timeline."""
        query = {"segment": segment, "step": step, "role": role, "limit": MAX_PAGE}
        for page in self._pages(run_path(routes.RUN_ARTIFACTS, run), RunArtifactPage, query, MSGPACK):
            yield from page.items

    def artifact_types(self, entity: str, project: str) -> list[TypeView]:
        """Types of the project's artifacts."""
        return self._get(path_of(routes.ARTIFACT_TYPES, entity=entity, project=project), list[TypeView])

    def collections(self, entity: str, project: str, type_name: str | None = None) -> Iterator[CollectionView]:
        """Collections of a project (of that type), by type and name."""
        path = path_of(routes.COLLECTIONS, entity=entity, project=project)
        for page in self._pages(path, CollectionPage, {"type": type_name, "limit": MAX_PAGE}):
            yield from page.items

    def collection(self, entity: str, project: str, name: str) -> CollectionView:
        """NotFoundError if there is none."""
        return self._get(path_of(routes.COLLECTION, entity=entity, project=project, name=name), CollectionView)

    def patch_collection(self, entity: str, project: str, name: str, change: CollectionPatch) -> CollectionView:
        """Change what a person may change."""
        path = path_of(routes.COLLECTION, entity=entity, project=project, name=name)
        return self._tell("PATCH", path, change, CollectionView)

    def delete_collection(self, entity: str, project: str, name: str) -> None:
        """With all its versions."""
        self._send(Request("DELETE", path_of(routes.COLLECTION, entity=entity, project=project, name=name)))

    def _tell(self, method: str, path: str, told: Any, kind: type[P]) -> P:
        body = json.dumps(asdict(told)).encode()  # in Python's dialect: NaN stays what it is
        return self._ask(Request(method, path, body=body, accept=MSGPACK), kind)

    def _pages(
        self, path: str, kind: type[P], query: Mapping[str, object], accept: str = "application/json"
    ) -> Iterator[P]:
        """The pages of a list, each asked for when it is wanted. CommError if there is no end to them."""
        seen: set[str] = set()
        cursor: str | None = None
        while len(seen) < MAX_PAGES:
            page: Any = self._ask(Request("GET", path, {**query, "cursor": cursor}, accept=accept), kind)
            yield page
            cursor = page.next
            if cursor is None:
                return
            if cursor in seen:
                break
            seen.add(cursor)
        raise CommError(f"{self.url} does not come to an end with the list {path}.")


class OfArtifact:
    """One file of a version, as `direct.Source`."""

    def __init__(self, server: ArtifactCalls, where: Where, path: str) -> None:
        self.url = server.url
        self._server = server
        self._where = where
        self._path = path

    def link(self, sha256: str) -> str | None:  # noqa: ARG002 a path has one content
        """See Source."""
        try:
            return self._server.artifact_link(self._where, self._path)
        except NotFoundError:
            return None

    def piece(self, sha256: str, start: int, stop: int) -> bytes:  # noqa: ARG002 as above
        """See Source."""
        return self._server.artifact_piece(self._where, self._path, start, stop)


def _path(route: str, where: Where) -> str:
    entity, project, name, version = where
    return path_of(route, entity=entity, project=project, name=name, version=version)
