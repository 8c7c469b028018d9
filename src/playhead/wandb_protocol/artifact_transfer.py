"""Content of artifacts on its way in and out: addresses to put files and manifests at, and where single files and manifests are found."""

from __future__ import annotations

import base64
import hashlib
import tempfile
from typing import IO, Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from playhead.domain.account import Actor
from playhead.domain.artifact import Artifact, Entry
from playhead.domain.errors import ConflictError, LimitError, NotFoundError
from playhead.domain.ids import RunPath
from playhead.domain.limits import FILE_PIECE, MAX_MANIFEST
from playhead.wandb_protocol import artifact_forms
from playhead.wandb_protocol.context import Call, Services
from playhead.wandb_protocol.ids import artifact_id, artifact_node
from playhead.wandb_protocol.signing import Grant
from playhead.wandb_protocol.uploads import keep, receive
from playhead.wire import routes

UPLOAD = "/artifacts/upload/{token}"
MANIFEST = "/artifacts/manifest/{token}"
SINGLE = "/artifactsV2/{region}/{entity}/{project}/{collection}/{birth}/{digest}/{name:path}"
_FILE, _FULL, _MORE = "artifact-file:", "artifact-manifest:", "artifact-increment:"
"""What a token is for."""


def file_address(call: Call, run: RunPath, md5: str) -> str:
    """Where a content of this MD5 can be put for a while."""
    return _upload(call, run, _FILE + md5)


def manifest_address(call: Call, run: RunPath, artifact: str, base: str = "") -> str:
    """Where the manifest of a draft can be put for a while; with `base`, what it adds to that version."""
    return _upload(call, run, f"{_MORE}{artifact}:{base}" if base else _FULL + artifact)


def _upload(call: Call, run: RunPath, what: str) -> str:
    token = call.services.signer.mint(call.actor.user or "", run, what, call.client)
    return call.address + UPLOAD.format(token=quote(token, safe=""))


def content_address(call: Call, entry: Entry) -> str:
    """Where a file of an artifact can be fetched for a while."""
    token = call.services.signed.mint(entry.sha256, entry.path)
    return call.address + routes.SIGNED.format(token=quote(token, safe=""))


def manifest_url(call: Call, artifact: Artifact) -> str:
    """Where the manifest of a version can be fetched for a while."""
    place = RunPath(artifact.collection.entity, artifact.collection.project, artifact.id)
    token = call.services.signer.mint(call.actor.user or "", place, _FULL + artifact.id)
    return call.address + MANIFEST.format(token=quote(token, safe=""))


class Transfer:
    """Takes and gives what is at these addresses."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def take(self, request: Request) -> Response:
        """A file, or the manifest of a draft. ConflictError if it is another file than was announced."""
        services = self._services
        grant = services.signer.read(request.path_params["token"])
        actor = await run_in_threadpool(services.accounts.by_name, grant.user)
        sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        with tempfile.SpooledTemporaryFile(max_size=FILE_PIECE) as held:
            size = await receive(request, held, sha256, md5)
            told = base64.b64encode(md5.digest()).decode()
            if grant.name.startswith(_FILE):
                await run_in_threadpool(self._file, actor, grant, held, sha256.hexdigest(), told, size)
            else:
                await run_in_threadpool(self._manifest, actor, grant, held, size)
        return Response(status_code=200, headers={"ETag": f'"{md5.hexdigest()}"'})

    def _file(self, actor: Actor, grant: Grant, held: IO[bytes], sha256: str, md5: str, size: int) -> None:
        if md5 != grant.name.removeprefix(_FILE):
            raise ConflictError("What arrived has another MD5 than was announced: it is thrown away.")
        keep(self._services, actor, grant.run, held, sha256, size)
        self._services.drafts.tell(grant.run, md5, sha256, size)

    def _manifest(self, actor: Actor, grant: Grant, held: IO[bytes], size: int) -> None:
        if size > MAX_MANIFEST:
            raise LimitError(f"The manifest has {size:,} bytes: MAX_MANIFEST is {MAX_MANIFEST:,}.")
        held.seek(0)
        kind, _, rest = grant.name.partition(":")
        draft, _, base = rest.partition(":")
        services = self._services
        entries = {entry.path: entry for entry in artifact_forms.entries_of(held.read())}
        if f"{kind}:" == _MORE and base:
            before = services.artifacts.entries(services.artifacts.artifact(actor, base))
            entries = {**before, **entries}
        services.drafts.fill(actor, grant.run, services.artifacts.artifact(actor, draft), list(entries.values()))

    async def manifest(self, request: Request) -> Response:
        """The manifest of a version, in the client's form."""
        grant = self._services.signer.read(request.path_params["token"])
        text = await run_in_threadpool(self._manifest_text, grant)
        return Response(text, media_type="application/json")

    def _manifest_text(self, grant: Grant) -> bytes:
        services = self._services
        found = services.artifacts.artifact(services.accounts.by_name(grant.user), grant.run.run_id)
        return artifact_forms.manifest_text(services.artifacts.entries(found).values(), artifact_node(found.id))

    async def single(self, request: Request) -> Response:
        """A file of a version by its MD5: leads to where its content is."""
        actor = await self._services.actor(request)
        address = self._services.url or f"{request.url.scheme}://{request.url.netloc}"
        token = await run_in_threadpool(self._single, actor, request.path_params)
        return RedirectResponse(address + routes.SIGNED.format(token=quote(token, safe="")), 302)

    def _single(self, actor: Actor, names: dict[str, Any]) -> str:
        services = self._services
        found = services.artifacts.artifact(actor, artifact_id(names["birth"]))
        md5 = artifact_forms.md5_of_hex(names["digest"])
        for entry in services.artifacts.entries(found).values():
            if entry.digest == md5 and entry.sha256:
                return services.signed.mint(entry.sha256, entry.path)
        raise NotFoundError(f"The artifact {found.name} has no file with the MD5 {names['digest'][:64]!r}.")
