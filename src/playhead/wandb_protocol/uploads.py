"""Files of the client's runs on their way in: addresses to put them at, and the contents that come there.

A file is recorded when its content is stored, at the last step that is known by then. Once the client says that it was sent, all of its
rows up to that moment are here: it is then placed at the step that was the last one, if that is another.
"""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Sequence
from typing import IO, Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from playhead.domain.account import Actor
from playhead.domain.errors import BusyError, LimitError
from playhead.domain.file import wrong_with
from playhead.domain.ids import RunPath
from playhead.domain.limits import FILE_PIECE, MAX_FILE, SMALL_FILE
from playhead.domain.run import Stream
from playhead.journal import format as f
from playhead.services.edits import Said
from playhead.wandb_protocol.context import Call, Services
from playhead.wandb_protocol.rows import Rows
from playhead.wandb_protocol.sessions import Piece, Sessions

STALLED = 60.0
"""Seconds without a byte after which a sender is given up."""
_MEDIA = "media/"


def address(call: Call, path: RunPath, name: str) -> str | None:
    """Where this file of the run can be put for a while; None if a run cannot have a file of that name."""
    if wrong_with(name) is not None:
        return None
    parts = "/".join(quote(part, safe="") for part in path)
    token = call.services.signer.mint(call.actor.user or "", path, name, call.client)
    return f"{call.address}/files/{parts}/content/{quote(name)}?token={token}"


class Uploads:
    """Takes what comes to these addresses."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def answer(self, request: Request) -> Response:
        """Store one content, and record the file. What is sent again is stored and recorded once."""
        services = self._services
        grant = services.signer.read(request.query_params.get("token", ""))
        actor = await run_in_threadpool(services.accounts.by_name, grant.user)
        stream = await run_in_threadpool(self._session, grant.run, grant.client)
        with tempfile.SpooledTemporaryFile(max_size=FILE_PIECE) as held:
            digest = hashlib.sha256()
            size = await receive(request, held, digest)
            sha256 = digest.hexdigest()
            await run_in_threadpool(keep, services, actor, grant.run, held, sha256, size)
        data: dict[str, Any] = {"path": grant.name, "sha256": sha256, "size": size}
        await run_in_threadpool(self._record, actor, grant.run, stream, data)
        return Response(status_code=200)

    def _session(self, path: RunPath, client: str) -> Stream | None:
        sessions = self._services.sessions
        return sessions.last(sessions.run(path), client)

    def _record(self, actor: Actor, path: RunPath, stream: Stream | None, data: dict[str, Any]) -> None:
        """In the run's session; of a run that has none, among what people say of it."""
        sessions = self._services.sessions
        media = data["path"].startswith(_MEDIA)
        kind = f.MEDIA if media else f.FILE
        told = {**data, "media": True} if media else data

        def is_new(segment: str) -> bool:
            newest = sessions.files(segment, [data["path"]])[-1:]
            return not newest or newest[0].data.get("sha256") != data["sha256"]

        def make(piece: Piece) -> None:
            if is_new(piece.stream.segment):
                piece.record(kind, told)

        if stream is not None:
            sessions.append(actor, stream, make)
        else:
            self._services.runs.say(actor, path, lambda run: [Said(kind, told)] if is_new(run.head) else [])


def keep(services: Services, actor: Actor, path: RunPath, held: IO[bytes], sha256: str, size: int) -> None:
    """Store a content that has come whole, for the run's project."""
    held.seek(0)
    uploads = services.uploads
    if size <= SMALL_FILE:
        uploads.put(actor, path, {sha256: held.read()})
        return
    arrival = uploads.receive(actor, path, sha256, None, None, size)
    failed = True
    try:
        while not arrival.needless and (data := held.read(FILE_PIECE)):
            arrival.write(data)
        failed = False
    finally:
        arrival.close(failed=failed)
    arrival.end()


async def receive(request: Request, held: IO[bytes], *digests: Any) -> int:
    """Let the content come into `held`, and into these digests; its length."""
    size = 0
    waiting: list[bytes] = []
    unwritten = 0
    try:
        async with asyncio.timeout(STALLED) as patience:
            async for data in request.stream():
                patience.reschedule(asyncio.get_running_loop().time() + STALLED)
                waiting.append(data)
                size, unwritten = size + len(data), unwritten + len(data)
                if size > MAX_FILE:
                    raise LimitError(f"MAX_FILE is {MAX_FILE:,} bytes.")
                if unwritten >= FILE_PIECE:
                    await run_in_threadpool(_write, held, digests, waiting)
                    waiting, unwritten = [], 0
    except TimeoutError:
        raise BusyError("Nothing came for a minute. Send it again.") from None
    await run_in_threadpool(_write, held, digests, waiting)
    return size


def _write(held: IO[bytes], digests: Sequence[Any], waiting: Sequence[bytes]) -> None:
    data = b"".join(waiting)
    for digest in digests:
        digest.update(data)
    held.write(data)


def placed(sessions: Sessions, piece: Piece, names: Sequence[str], rows: Rows) -> None:
    """The client says that it has sent these files, and with it its rows up to now: place them where they belong."""
    if not rows.steps:
        return
    ahead = max(
        0, rows.latest - piece.now
    )  # the client's clock, at least: a file must not be seen from before it was made
    for record in sessions.files(piece.stream.segment, names):
        step = max(rows.before(record.time + ahead) - 1, 0)
        if record.stream == piece.stream.id and "instead" not in record.data and step > record.step:
            kind = f.MEDIA if record.kind == f.KIND_NAMES[f.MEDIA] else f.FILE
            piece.record(kind, {**record.data, "instead": record.offset}, step=step, time=record.time)
