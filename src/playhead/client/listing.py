"""Many runs of a project: a sequence whose pages are fetched as they are reached."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, overload

from playhead.client.runs import Run
from playhead.client.server import Server
from playhead.domain.errors import CommError, UsageError
from playhead.domain.limits import MAX_PAGE


class Runs(Sequence[Run]):
    """The runs of a project that were asked for. `len` asks the server how many there are; it fetches none of them."""

    def __init__(self, server: Server, entity: str, project: str, *, limit: int = 100, **which: Any) -> None:
        """`which`: arguments of `Server.runs`; `limit`: runs of a page."""
        if limit < 1:
            raise UsageError("per_page is 1 or more.")
        self._server = server
        self._where = (entity, project)
        self._which = {**which, "limit": min(limit, MAX_PAGE)}
        self._runs: list[Run] = []
        self._cursor: str | None = None
        self._complete = False
        self._total: int | None = None

    def __repr__(self) -> str:
        return f"<Runs {'/'.join(self._where)}>"

    def __len__(self) -> int:
        if self._complete:
            return len(self._runs)
        if self._total is None:
            page = self._server.runs(*self._where, **{**self._which, "limit": 1}, count=True)
            self._total = page.total or 0
        return self._total

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
        page = self._server.runs(*self._where, self._cursor, **self._which)
        if page.next is not None and page.next == self._cursor:
            raise CommError(f"{self._server.url} does not come to an end with the runs of {'/'.join(self._where)}.")
        self._runs += [Run(self._server, view, listed=True) for view in page.items]
        self._cursor = page.next
        self._complete = page.next is None
        return True
