"""The built page: its files, and its index for every address that is not a file. A printed link's token becomes a session here."""

from __future__ import annotations

import gzip
import html
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send

from playhead.domain.errors import AuthenticationError
from playhead.server.context import base_url, get_context
from playhead.server.errors import of_status

FOLDER = Path(__file__).parent / "page"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; media-src 'self' blob:; frame-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_MISSING = """<!doctype html><html lang="en"><title>Playhead</title><p>This checkout has no built page: run <code>make page</code>.
The server works: {version}.</p></html>"""
_TEXT = ("text/", "application/javascript", "application/json", "image/svg", "application/manifest")


_HELD = 1 << 20
"""Bytes of a file up to which it is held: viewers are larger, and most servers are never asked for them."""


@dataclass(frozen=True)
class _File:
    """A file of the page, as it is sent."""

    path: Path
    held: bytes | None
    kind: str
    lasting: bool

    @property
    def content(self) -> bytes:
        """OSError if it is not held, and gone."""
        return self.path.read_bytes() if self.held is None else self.held

    @cached_property
    def zipped(self) -> bytes | None:
        """Compressed when it is first asked for."""
        content = self.content
        worth = self.kind.startswith(_TEXT) and len(content) > 1024
        return gzip.compress(content, 9, mtime=0) if worth else None


class Page:
    """ASGI application for everything that the API is not."""

    def __init__(self) -> None:
        self._files = _load(FOLDER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            await (await self._answer(Request(scope, receive)))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        if path == "/api" or path.startswith("/api/"):
            return of_status(404)
        if request.method not in {"GET", "HEAD"}:
            return of_status(405, {"Allow": "GET, HEAD"})
        if "token" in request.query_params:
            return await _exchange(request)
        found = self._files.get(path.lstrip("/"))
        if found is None and (path.startswith("/assets/") or path.rpartition("/")[2] in {"favicon.ico", "robots.txt"}):
            return of_status(404)
        found = found or self._files.get("index.html")
        if found is None:
            version = html.escape(get_context(request).version)
            return Response(
                _MISSING.format(version=version), media_type="text/html", headers={"Content-Security-Policy": CSP}
            )
        return await run_in_threadpool(_sent, found, request.headers)


def _load(folder: Path) -> Mapping[str, _File]:
    """All files."""
    files = {}
    for path in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if path.is_file():
            name = path.relative_to(folder).as_posix()
            held = path.read_bytes() if path.stat().st_size <= _HELD else None
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            files[name] = _File(path, held, kind, name.startswith("assets/"))
    return files


def _sent(file: _File, asked: Mapping[str, str]) -> Response:
    headers = {
        "Content-Security-Policy": CSP,
        "Cache-Control": "public, max-age=31536000, immutable" if file.lasting else "no-cache",
        "Vary": "Accept-Encoding",
    }
    try:
        zipped = file.zipped if "gzip" in asked.get("accept-encoding", "") else None
        if zipped is not None:
            return Response(zipped, media_type=file.kind, headers={**headers, "Content-Encoding": "gzip"})
        return Response(file.content, media_type=file.kind, headers=headers)
    except FileNotFoundError:  # another version has been installed since the start
        return of_status(404)


async def _exchange(request: Request) -> Response:
    """Turn the token in the address into a session, and lead to the address without it. An expired one leads there, too."""
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
    clean = "/" + request.url.path.lstrip("/\\") + (f"?{urlencode(rest)}" if rest else "")
    answer = RedirectResponse(clean, 303)
    auth = get_context(request).auth
    try:
        actor = await auth.by_token(request.query_params["token"])
    except AuthenticationError:
        return RedirectResponse(f"{clean}{'&' if rest else '?'}link=expired", 303)
    auth.begin(answer, actor, secure=base_url(request).startswith("https:"))
    return answer
