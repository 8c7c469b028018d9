"""Runs as the read API gives them, each with what it recorded, fetched when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, overload

from playhead.client.server import Server
from playhead.domain.errors import UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_PAGE
from playhead.wire.views import RunPatch, RunView, SegmentView, SeriesView

Row = dict[str, Any]


class Line(NamedTuple):
    """A line of a run's console."""

    number: int
    text: str
    """May hold ANSI colour sequences, nothing else that is not printable."""
    stream: str
    """`stdout` or `stderr`."""
    step: int
    time: float
    """Seconds since 1970 (UTC)."""


class Run:
    """A run as it was when it was read; `reload` reads it again. What it recorded is fetched by the methods."""

    def __init__(self, server: Server, view: RunView) -> None:
        self._server = server
        self._view = view
        self._path = RunPath(view.entity, view.project, view.id)

    def __repr__(self) -> str:
        return f"<Run {self._path} ({self.state})>"

    @property
    def id(self) -> str:
        """Its id, unique in the project."""
        return self._view.id

    @property
    def name(self) -> str:
        """Its name for people."""
        return self._view.name

    @property
    def entity(self) -> str:
        """Whose it is."""
        return self._view.entity

    @property
    def project(self) -> str:
        """Which project it is in."""
        return self._view.project

    @property
    def path(self) -> list[str]:
        """Entity, project and id."""
        return list(self._path)

    @property
    def state(self) -> str:
        """`running`, `finished`, `failed`, `crashed`, `killed`, `preempting` or `preempted`."""
        return self._view.state

    @property
    def config(self) -> dict[str, Any]:
        """Its inputs."""
        return self._view.config

    @property
    def summary(self) -> dict[str, Any]:
        """One value a key: the last one, or what the training set."""
        return self._view.summary

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        return list(self._view.tags)

    @property
    def notes(self) -> str | None:
        """What somebody wrote about it."""
        return self._view.notes

    @property
    def group(self) -> str | None:
        """The group that it belongs to."""
        return self._view.group

    @property
    def job_type(self) -> str | None:
        """Which part of a group it is."""
        return self._view.job_type

    @property
    def user(self) -> str:
        """Who recorded it."""
        return self._view.user

    @property
    def url(self) -> str:
        """Its page."""
        return self._view.url

    @property
    def metadata(self) -> dict[str, Any]:
        """Host, program, git state and the like; empty for readers from outside."""
        return self._view.meta

    @property
    def created_at(self) -> float:
        """Seconds since 1970 (UTC)."""
        return self._view.created_at / 1e6

    @property
    def runtime(self) -> float:
        """Seconds from its start to its end, or until now."""
        return self._view.runtime

    @property
    def exit_code(self) -> int | None:
        """What the training ended with; None while it runs, and if nobody knows."""
        return self._view.exit_code

    @property
    def step(self) -> int:
        """The next step."""
        return self._view.step

    @property
    def damaged(self) -> int:
        """Places in its journals that could not be read."""
        return self._view.damaged

    @property
    def dropped(self) -> int:
        """Values that the training could not record."""
        return self._view.dropped

    @property
    def segments(self) -> list[SegmentView]:
        """The pieces of its history, oldest first."""
        return self._server.segments(self._path)

    def reload(self) -> Run:
        """Read it again; answers itself."""
        self._view = self._server.run(self._path)
        return self

    def update(self, *, name: str | None = None, notes: str | None = None, tags: Sequence[str] | None = None) -> Run:
        """Change what is given; answers itself."""
        change = RunPatch(name=name, notes=notes, tags=None if tags is None else list(tags))
        self._view = self._server.patch(self._path, change)
        return self

    def delete(self) -> None:
        """Delete it, with all that it recorded."""
        self._server.delete(self._path)

    def keys(self) -> list[SeriesView]:
        """The keys of its history, with their kind, count and range of steps."""
        return self._server.keys(self._path)

    def history(self, samples: int = 500, keys: Sequence[str] | None = None) -> list[Row]:
        """At most `samples` rows, evenly spread, as dicts with `_step`, `_timestamp` and `_runtime` (seconds).

        With `keys`, rows that have all of them. The values are those that were logged.
        """
        if samples < 1:
            raise UsageError("history() gives at least one sample: for all rows there is scan_history().")
        return self._server.rows(self._path, keys=_keys(keys), samples=min(samples, MAX_PAGE)).items

    def scan_history(
        self,
        keys: Sequence[str] | None = None,
        page_size: int = MAX_PAGE,
        min_step: int = 0,
        max_step: int | None = None,
    ) -> Iterator[Row]:
        """All rows from `min_step` up to, not including, `max_step`, page by page; otherwise as `history`."""
        if page_size < 1:
            raise UsageError("page_size is 1 or more.")
        last = None if max_step is None else max_step - 1
        if last is not None and last < min_step:
            return
        start: int | None = min_step
        while start is not None:
            limit = min(page_size, MAX_PAGE)
            page = self._server.rows(self._path, keys=_keys(keys), min_step=start, max_step=last, limit=limit)
            yield from page.items
            start = page.next

    def system_metrics(self, samples: int = MAX_PAGE) -> list[Row]:
        """Samples of the machine, in order of time, as dicts like those of `history`."""
        return self._server.rows(self._path, source="system", samples=min(samples, MAX_PAGE)).items

    def console(self, page_size: int = MAX_PAGE) -> Iterator[Line]:
        """Console lines in their order, page by page, each with `text`, `step`, `time`, `stream` and `number`."""
        after: int | None = None
        while True:
            page = self._server.console(self._path, after=after, limit=min(page_size, MAX_PAGE))
            for line in page.items:
                yield Line(line.number, line.text, line.stream, line.step, line.time / 1e6)
            after = page.next
            if after is None:
                return

    def file(self, sha256: str) -> bytes:
        """Content of an image or another file that the run logged."""
        return self._server.blob(self._path, sha256)


class Runs(Sequence[Run]):
    """The runs of a project. Pages are fetched as they are reached; `len` fetches them all."""

    def __init__(
        self, server: Server, entity: str, project: str, *, search: str | None, state: str | None, order: str
    ) -> None:
        self._server = server
        self._where = (entity, project)
        self._search, self._state, self._order = search, state, order
        self._runs: list[Run] = []
        self._cursor: str | None = None
        self._complete = False

    def __repr__(self) -> str:
        return f"<Runs {'/'.join(self._where)}>"

    def __len__(self) -> int:
        while self._more():
            pass
        return len(self._runs)

    def __iter__(self) -> Iterator[Run]:
        at = 0
        while at < len(self._runs) or self._more():
            if at < len(self._runs):
                yield self._runs[at]
                at += 1

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> list[Run]: ...
    def __getitem__(self, index: int | slice) -> Run | list[Run]:
        last = index.stop if isinstance(index, slice) else index + 1
        known = last is not None and last > 0 and (not isinstance(index, slice) or (index.start or 0) >= 0)
        while (not known or len(self._runs) < last) and self._more():
            pass
        return self._runs[index]

    def _more(self) -> bool:
        """Fetch another page. Whether there was one."""
        if self._complete:
            return False
        page = self._server.runs(*self._where, self._cursor, search=self._search, state=self._state, order=self._order)
        self._runs += [Run(self._server, view) for view in page.items]
        self._cursor = page.next
        self._complete = page.next is None
        return True


def _keys(keys: Sequence[str] | None) -> list[str] | None:
    """Keys for a query."""
    if isinstance(keys, str):
        raise UsageError(f"keys is a list of names: write keys=[{keys!r}].")
    return list(keys) if keys else None
