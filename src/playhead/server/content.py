"""Content of files as answers: a part of it, what a browser may do with it, and how it comes in."""

from __future__ import annotations

import asyncio
import mimetypes
import re
from collections.abc import Mapping
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from playhead.domain.errors import BusyError, PlayheadError
from playhead.server import errors
from playhead.services.files import Content
from playhead.services.uploads import Arrival
from playhead.wire.ingest import Problem

_GATHER = 512 << 10
"""Bytes that are written at once."""
STALLED = 60.0
"""Seconds without a byte after which a sender is given up."""
_SHOWN = re.compile(
    r"image/(png|jpeg|gif|webp|bmp|avif)|video/(mp4|webm|ogg)|audio/(mpeg|wav|x-wav|ogg|flac|x-flac|mp4|webm)"
)
"""What a browser may show as what it is. Text is shown as plain text; the rest, HTML and SVG among it, is for download only."""
_RUN = re.compile(r"text/html|application/xhtml\+xml|image/svg\+xml|(text|application)/xml|application/pdf")
_TEXT = frozenset(
    "bash cfg conf csv diff env gitignore go h ini ipynb java jl js json jsonl lock log lua md ndjson patch py r rs rst sh sql tex toml "
    "tsv txt yaml yml zsh".split()
)
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)


async def take(request: Request, arrival: Arrival) -> None:
    """Hand over the body as it comes in; the next bytes come in while some are written. What came is kept if the connection is cut."""
    writing: asyncio.Future[None] | None = None
    held: list[bytes] = []
    size, failed = 0, True
    try:
        async with asyncio.timeout(STALLED) as patience:
            async for data in request.stream():
                patience.reschedule(asyncio.get_running_loop().time() + STALLED)
                held.append(data)
                size += len(data)
                if size >= _GATHER:
                    if writing is not None:
                        await writing
                    writing = asyncio.ensure_future(run_in_threadpool(arrival.write, b"".join(held)))
                    held, size = [], 0
        failed = False
    except TimeoutError:
        raise BusyError("Nothing came for a minute. What came is kept: go on from there.") from None
    finally:
        try:
            if writing is not None:
                await writing
            if held:
                await run_in_threadpool(arrival.write, b"".join(held))
        except PlayheadError:
            failed = True
            raise
        finally:
            await run_in_threadpool(arrival.close, failed=failed)


def answer(request: Request, content: Content, caching: str) -> Response:
    """The content, or the part of it that is asked for."""
    tag = f'"{content.sha256}"'
    headers = {
        "ETag": tag,
        "Cache-Control": caching,
        "Accept-Ranges": "bytes",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if tag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    kind, shown = _kind(content.path)
    headers["Content-Disposition"] = _disposition(content.path, "inline" if shown else "attachment")
    asked = _asked(request.headers, tag)
    start, stop = _span(asked, content.size) if asked else (0, content.size)
    if asked and start >= stop:
        message = f"{content.path} has {content.size:,} bytes: there is nothing in this range."
        told = {"Content-Range": f"bytes */{content.size}"}
        return errors.answer(416, Problem(code="usage", message=message), told)
    if asked:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{content.size}"
    headers["Content-Length"] = str(stop - start)
    return StreamingResponse(content.read(start, stop), 206 if asked else 200, media_type=kind, headers=headers)


SANDBOX = (
    "sandbox allow-scripts allow-popups; default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "style-src 'unsafe-inline' data:; img-src data: blob:; font-src data:; media-src data: blob:; worker-src blob:; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""What logged HTML may do, framed or opened by itself: run its own scripts, as a document of no origin and without network."""


def sandboxed(request: Request, content: Content) -> Response:
    """HTML that somebody logged."""
    tag = f'"{content.sha256}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Content-Security-Policy": SANDBOX}
    if tag in _tags(request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(content.size)
    return StreamingResponse(content.read(0, content.size), media_type="text/html; charset=utf-8", headers=headers)


def _asked(headers: Mapping[str, str], tag: str) -> tuple[int | None, int | None] | None:
    """The first and last byte of the one range that is asked for; None if it is all, or several, or no range."""
    found = _RANGE.fullmatch(headers.get("range", "").strip())
    if found is None or headers.get("if-range", tag) != tag:
        return None
    first, last = (int(number[:20]) if number else None for number in found.groups())
    if first is None and last is None:
        return None
    return None if first is not None and last is not None and last < first else (first, last)


def _span(asked: tuple[int | None, int | None], size: int) -> tuple[int, int]:
    """From where to before where; nothing if it is outside."""
    first, last = asked
    if first is None:
        return max(size - (last or 0), 0), size
    return first, size if last is None else min(last + 1, size)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


def _kind(path: str) -> tuple[str, bool]:
    """The content type that is told, and whether a browser may show it."""
    guessed = mimetypes.guess_type(path)[0] or ""
    if _SHOWN.fullmatch(guessed):
        return guessed, True
    name = path.rpartition("/")[2].lower()
    if _RUN.fullmatch(guessed):
        return "application/octet-stream", False
    if guessed.startswith("text/") or name.rpartition(".")[2] in _TEXT:
        return "text/plain; charset=utf-8", True
    return "application/octet-stream", False


def _disposition(path: str, how: str) -> str:
    """The name without its folders; for old programs without whatever could end it early."""
    name = path.rpartition("/")[2]
    plain = re.sub(r"[^\w. -]", "_", name, flags=re.ASCII)
    return f"{how}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
