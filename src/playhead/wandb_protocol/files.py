"""A run's files, as W&B's client lists, fetches and deletes them. How they come in stands elsewhere."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ariadne import MutationType, ObjectType

from playhead.domain.errors import LimitError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_FILE_NAME, MAX_PAGE
from playhead.wandb_protocol import metadata
from playhead.wandb_protocol.buckets import Bucket
from playhead.wandb_protocol.context import asked
from playhead.wandb_protocol.forms import connection, moment
from playhead.wandb_protocol.ids import node_id, parts_of
from playhead.wandb_protocol.like import like
from playhead.wire import routes
from playhead.wire.files import FileView

FILE = "RunFile"
"""Kind of a file's id."""

mutation = MutationType()
run = ObjectType("Run")
file = ObjectType("File")


@dataclass(frozen=True, slots=True)
class RunFile:
    """A file, and the run that it is of."""

    run: RunPath
    path: str
    view: FileView | None
    """None: somebody asked for a file that the run has not."""


@run.field("fileCount")
def count(of: Bucket, info: Any) -> int:
    """How many files there are."""
    call = asked(info)
    return call.services.files.count(call.actor, of.run.path)


@run.field("files")
def files(
    of: Bucket, info: Any, names: Sequence[str] | None = None, after: str | None = None, first: int = 50,
    pattern: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A page of the files by name: of all, or of those that fit a pattern of SQL's LIKE. Of `names` all at once, those as well that are
    not there: the client finds that out by their MD5.
    """
    call, wanted = asked(info), None if not pattern else like(_short(pattern))
    if not names:
        limit = min(max(first, 1), MAX_PAGE)
        page = call.services.files.files(call.actor, of.run.path, media=True, wanted=wanted, limit=limit, after=after)
        return connection([RunFile(of.run.path, view.path, view) for view in page.items], page.next)
    if len(names) > MAX_PAGE:
        raise LimitError(f"{len(names):,} files at once: MAX_PAGE is {MAX_PAGE:,}.")
    page = call.services.files.files(call.actor, of.run.path, media=True, wanted=frozenset(names).__contains__)
    found = {view.path: view for view in page.items}
    return connection([RunFile(of.run.path, name, found.get(name)) for name in dict.fromkeys(names)], None)


@mutation.field("deleteFiles")
def delete_files(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as it is called on the wire
    """Files end here: the run has them no more, but as of earlier steps. Of files of several runs, those of each at once."""
    by_run: dict[RunPath, list[str]] = {}
    nodes = input["files"]
    if len(nodes) > MAX_PAGE:
        raise LimitError(f"{len(nodes):,} files at once: MAX_PAGE is {MAX_PAGE:,}.")
    for node in nodes:
        *run_path, name = parts_of(node, FILE, 4)
        by_run.setdefault(RunPath(*run_path), []).append(name)
    call = asked(info)
    for path, names in by_run.items():
        call.services.files.remove(call.actor, path, names)
    return {"success": True}


@file.field("url")
def url(one: RunFile, info: Any, **_: Any) -> str:
    """Where it can be fetched with the API key. What the client would have saved of the machine is there for every run."""
    if one.view is None and one.path == metadata.NAME:
        return metadata.url_of(asked(info).address, one.run)
    where = routes.FILE.format(**{name: quote(part, safe="") for name, part in one.run._asdict().items()})
    return f"{asked(info).address}{where}?path={quote(one.path, safe='')}"


@file.field("updatedAt")
def updated_at(one: RunFile, _: Any) -> str | None:
    """When it was saved."""
    return None if one.view is None else moment(one.view.time)


def _short(pattern: str) -> str:
    if len(pattern) > MAX_FILE_NAME:
        raise LimitError(f"A pattern has at most {MAX_FILE_NAME:,} characters.")
    return pattern


file.set_field("id", lambda one, _: node_id(FILE, *one.run, one.path))
file.set_field("name", lambda one, _: one.path)
file.set_field("directUrl", url)
file.set_field("sizeBytes", lambda one, _: one.view.size if one.view else 0)
file.set_field("mimetype", lambda one, _: mimetypes.guess_type(one.path)[0] or "application/octet-stream")
file.set_field("md5", lambda one, _: None if one.view else "0")

BINDABLES = (mutation, run, file)
