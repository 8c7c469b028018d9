"""Media of a run as the read API gives them: what was logged under a key, by step, with content that is fetched when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from playhead.client.downloads import OfRun, download, inside
from playhead.client.rows import Rows
from playhead.client.server import Server
from playhead.domain.errors import NotFoundError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_PAGE, MAX_TABLE_PAGE
from playhead.wire.files import FileView


class Media:
    """One image, table, sound …: its fields as items (`one["width"]`), and its content."""

    def __init__(self, server: Server, run: RunPath, value: dict[str, Any], step: int) -> None:
        self._server = server
        self._run = run
        self._value = value
        self.step = step
        """Where it was logged."""

    def __repr__(self) -> str:
        return f"<Media {self.type} {self.path or ''} of {self._run}>"

    def __getitem__(self, name: str) -> Any:
        return self._value[name]

    def get(self, name: str, default: Any = None) -> Any:
        """A field, or `default`."""
        return self._value.get(name, default)

    @property
    def type(self) -> str:
        """`image-file`, `histogram`, `table-file` …"""
        return str(self._value.get("_type"))

    @property
    def caption(self) -> str | None:
        """What was written to it."""
        caption = self._value.get("caption")
        return None if caption is None else str(caption)

    @property
    def path(self) -> str | None:
        """Its name among the run's files; None if it has no file."""
        path = self._value.get("path")
        return None if path is None else str(path)

    @property
    def state(self) -> str:
        """`there`, `waiting` (its content has not come yet), or `lost` (`one["lost"]` says why)."""
        return str(self._value.get("state", "there"))

    @property
    def value(self) -> dict[str, Any]:
        """All fields, as W&B has them."""
        return dict(self._value)

    @property
    def masks(self) -> dict[str, Media]:
        """Masks of an image, by name."""
        return self._parts("masks")

    @property
    def boxes(self) -> dict[str, Media]:
        """Boxes of an image, by name; their content is JSON."""
        return self._parts("boxes")

    def read(self) -> bytes:
        """Its content. NotFoundError if it has none, or that has not come yet."""
        return self._server.blob(self._run, self._there(), str(self.path))

    def download(self, root: str | Path = ".") -> Path:
        """Write it to its name below `root`, unless that has this content already; answers the path. UsageError, NotFoundError."""
        view = FileView(
            path=str(self.path), sha256=self._there(), size=int(self._value["size"]), step=self.step, time=0, segment="", version=0,
            versions=1, media=True,
        )  # fmt: skip
        target = inside(Path(root), view.path)
        download(OfRun(self._server, self._run), view, target, root=Path(root))
        return target

    def _there(self) -> str:
        if self.path is None:
            raise NotFoundError(f"A {self.type} has no file: its fields are all that there is of it.")
        if self.state != "there" or not isinstance(self._value.get("sha256"), str):
            why = self._value.get("lost") or "it has not been sent yet"
            raise NotFoundError(f"The content of {self.path} of {self._run} is not there: {why}.")
        return str(self._value["sha256"])

    def _parts(self, name: str) -> dict[str, Media]:
        parts = self._value.get(name)
        if not isinstance(parts, dict):
            return {}
        return {key: Media(self._server, self._run, part, self.step) for key, part in parts.items()}


class Logged(NamedTuple):
    """What was logged under a key at one step."""

    step: int
    time: float
    """Seconds since 1970 (UTC)."""
    type: str
    items: list[Media]
    """One for each image, table …"""


class LoggedTable(Rows):
    """A table that a run logged; rows are fetched page by page."""

    def __init__(self, server: Server, run: RunPath, key: str, item: int, place: dict[str, Any]) -> None:
        self._server = server
        self._run = run
        self._which = {"key": key, "item": item, **place}
        first = server.table(run, **self._which, limit=1)
        self.columns = first.columns
        self.step = first.step
        """Where it was logged."""
        self._total = first.total

    def __len__(self) -> int:
        return self._total

    def __repr__(self) -> str:
        return f"<LoggedTable of {len(self):,} × {len(self.columns)} of {self._run}>"

    def __iter__(self) -> Iterator[list[Any]]:
        """Rows as lists; media in cells are Media."""
        return self.rows()

    def rows(self, start: int = 0, stop: int | None = None) -> Iterator[list[Any]]:
        """The rows from number `start` on, up to and not including `stop`."""
        offset: int | None = start
        while offset is not None and (stop is None or offset < stop):
            limit = MAX_TABLE_PAGE if stop is None else min(MAX_TABLE_PAGE, stop - offset)
            page = self._server.table(self._run, **self._which, offset=offset, limit=limit)
            for row in page.rows:
                yield [self._cell(value) for value in row]
            offset = page.next

    def _each(self) -> Iterator[list[Any]]:
        return self.rows()

    def _cell(self, value: Any) -> Any:
        is_media = isinstance(value, dict) and isinstance(value.get("_type"), str) and "path" in value
        return Media(self._server, self._run, value, self.step) if is_media else value


def logged(
    server: Server, run: RunPath, key: str, min_step: int, max_step: int | None, **place: Any
) -> Iterator[Logged]:
    """What was logged under `key`, by step, page by page."""
    start: int | None = min_step
    while start is not None:
        page = server.media(run, key, min_step=start, max_step=max_step, limit=MAX_PAGE, **place)
        for one in page.items:
            items = [Media(server, run, value, one.step) for value in one.items]
            yield Logged(one.step, one.timestamp, one.type, items)
        start = page.next
