"""Rows of logged tables, a page at a time: a table of a million rows is never held whole."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Any

from playhead.domain import media
from playhead.domain.account import Actor
from playhead.domain.errors import LimitError, NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_TABLE_PAGE
from playhead.services.files import Content, FileService
from playhead.services.history import NOW, Place
from playhead.services.media import MediaService
from playhead.services.recent import Recent
from playhead.services.text import fit, fit_json
from playhead.wire.media import TablePage

MAX_TABLE_JSON = 32 << 20
"""Bytes of a table whose rows do not stand in lines of their own: it has to be read whole. Those of this SDK do."""
_EVERY = 1_000
"""Rows between two places that are remembered of a table."""
_PAGE = 8 << 20
"""Bytes of a page, if it is not of so few rows."""
_HEAD = b',"data":['


@dataclass(frozen=True, slots=True)
class _Index:
    """Where in a table's content its rows are."""

    columns: list[str]
    rows: int
    offsets: Sequence[int]
    """Of every _EVERY-th row; empty if the rows have no lines of their own."""


class TableService:
    """Reading logged tables."""

    def __init__(self, *, media: MediaService, files: FileService) -> None:
        self._media = media
        self._files = files
        self._indexes: Recent[str, _Index] = Recent(256, 3600.0)
        """SHA-256 -> where its rows are."""

    def page(
        self, actor: Actor, path: RunPath, key: str, place: Place = NOW, *, item: int = 0, offset: int = 0, limit: int = MAX_TABLE_PAGE
    ) -> TablePage:  # fmt: skip
        """Rows of the table that `key` shows at a place, its increments together. NotFoundError if there is none, or its content has not come yet;
        LimitError, UsageError for content that is no table.
        """
        found = self._media.latest(actor, path, key, place)
        table = _table_in(found.items, item)
        if table is None:
            raise NotFoundError(f"{path} shows no table under {key!r} there.")
        contents = [self._files.file(actor, path, name) for name in self._parts(actor, path, key, place, table)]
        indexes = [self._index(content) for content in contents]
        ends = list(accumulate(index.rows for index in indexes))
        total = ends[-1] if ends else 0
        rows: list[list[Any]] = []
        at = bisect_right(ends, offset)
        while len(rows) < limit and at < len(contents):
            begin = offset + len(rows) - (ends[at] - indexes[at].rows)
            rows += self._rows(contents[at], indexes[at], begin, limit - len(rows))
            if offset + len(rows) < ends[at]:
                break
            at += 1
        self._media.fill(actor, path, (item for row in rows for cell in row for item in _whole(cell)))
        after = offset + len(rows)
        return TablePage(
            step=found.step, columns=indexes[-1].columns, total=total, rows=rows, next=after if rows and after < total else None
        )  # fmt: skip

    def _parts(self, actor: Actor, path: RunPath, key: str, place: Place, table: media.Item) -> list[str]:
        """Names of the files that make up the table, in order."""
        name = str(table["path"])
        before = table.get("previous_increments_paths")
        if table.get("_type") != "incremental-table-file" or not isinstance(before, list):
            return [name]
        if all(isinstance(one, str) and "://" not in one for one in before):
            return [*before, name]
        return self._increments(actor, path, key, place)

    def _increments(self, actor: Actor, path: RunPath, key: str, place: Place) -> list[str]:
        """W&B's client names increments as artifacts; the rows before have the same content."""
        names: list[str] = []
        start: int | None = 0
        while start is not None:
            page = self._media.page(actor, path, key, place, min_step=start)
            for step in page.items:
                for one in step.items:
                    if one.get("increment_num") == 0:
                        names = []
                    if isinstance(one.get("path"), str):
                        names.append(one["path"])
            start = page.next
        return names

    def _index(self, content: Content) -> _Index:
        return self._indexes.ask(content.sha256, lambda: _indexed(content))

    def _rows(self, content: Content, index: _Index, begin: int, limit: int) -> list[list[Any]]:
        if not index.offsets:
            return _parsed(content)[1][begin : begin + limit] if index.rows else []
        first, last = begin // _EVERY, (min(begin + limit, index.rows) - 1) // _EVERY
        edges = [*index.offsets[first : last + 2], content.size]
        while last > first and edges[last - first + 1] - edges[0] > _PAGE:
            last -= 1
        count = min(limit, index.rows - begin, (last + 1) * _EVERY - begin)
        lines = _lines(content, edges[0], edges[last - first + 1])
        return [_row(line) for line in islice(lines, begin % _EVERY, begin % _EVERY + count)]


def _table_in(items: Sequence[media.Item], number: int) -> media.Item | None:
    if not 0 <= number < len(items):
        return None
    item = items[number]
    table = item.get("table") if item.get("_type") == "custom-chart" else item
    fits = isinstance(table, dict) and table.get("_type") in media.TABLES and isinstance(table.get("path"), str)
    return table if fits else None


def _whole(cell: Any) -> list[media.Item]:
    """The cell itself, if it is media: to be filled in place."""
    return [cell] if media.kind_of(cell) in media.FILES else []


def _indexed(content: Content) -> _Index:
    """Reads it once."""
    lines = _lines(content, 0, content.size)
    first = next(lines, b"")
    if not first.endswith(_HEAD):
        columns, rows = _parsed(content)
        return _Index(columns, len(rows), ())
    try:
        columns = [fit(str(name)) for name in json.loads(first[: -len(_HEAD)] + b"}")["columns"]]
    except (ValueError, KeyError, TypeError) as error:
        raise _no_table(content, error) from error
    offsets, at, count = [], len(first) + 1, 0
    for line in lines:
        if line.startswith(b"]}"):
            break
        if count % _EVERY == 0:
            offsets.append(at)
        count += 1
        at += len(line) + 1
    return _Index(columns, count, offsets)


def _lines(content: Content, start: int, stop: int) -> Iterator[bytes]:
    """Lines between these places, without what ends them."""
    rest = b""
    for piece in content.read(start, stop):
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
        if len(rest) > MAX_TABLE_JSON:
            raise LimitError(f"A row of {content.path} has more than {MAX_TABLE_JSON:,} bytes (MAX_TABLE_JSON).")
    if rest:
        yield rest


def _row(line: bytes) -> list[Any]:
    try:
        row = fit_json(json.loads(line.rstrip(b",")))
    except ValueError:
        return []
    return row if isinstance(row, list) else []


def _parsed(content: Content) -> tuple[list[str], list[list[Any]]]:
    if content.size > MAX_TABLE_JSON:
        raise LimitError(
            f"{content.path} has {content.size:,} bytes in one piece: MAX_TABLE_JSON is {MAX_TABLE_JSON:,}. Download the file instead."
        )
    try:
        told = json.loads(b"".join(content.read(0, content.size)))
        columns, rows = [fit(str(name)) for name in told["columns"]], fit_json(told["data"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _no_table(content, error) from error
    return columns, [row for row in rows if isinstance(row, list)] if isinstance(rows, list) else []


def _no_table(content: Content, error: Exception) -> UsageError:
    return UsageError(f"{content.path} is no table that can be read: {error!r:.200}.")
