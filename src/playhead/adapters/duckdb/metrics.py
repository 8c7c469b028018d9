"""`playhead.ports.metrics.Metrics` in one DuckDB file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from playhead.adapters.duckdb.append import Appender
from playhead.adapters.duckdb.chart import chart
from playhead.adapters.duckdb.console import console
from playhead.adapters.duckdb.cuts import Cuts
from playhead.adapters.duckdb.engine import Engine
from playhead.adapters.duckdb.frames import frame
from playhead.adapters.duckdb.holdings import holdings
from playhead.adapters.duckdb.keys import keys
from playhead.adapters.duckdb.latest import latest
from playhead.adapters.duckdb.marks import Marks
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.rows import Rows, last_samples, samples
from playhead.adapters.duckdb.series import all_series, points, series
from playhead.adapters.duckdb.settle import settle
from playhead.adapters.duckdb.tiled import Held
from playhead.adapters.duckdb.totals import totals
from playhead.domain.metric import Latest, Lineage, Series, Source, Total
from playhead.domain.run import ConsoleLine
from playhead.ports.frames import Frame, FrameQuery, Holding
from playhead.ports.metrics import Batch, Chart, ChartRequest, Keys, Points, RowPage

_FEW = 200_000
"""Points of a chart up to which the finest grid is worth more than reading less."""
_TABLES = ("hot", "cold", "tiles", "objects", "samples", "lines")


class _Waiting:
    """Somebody's batches on their way to the next commit."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        self.batches = batches
        self.done = False
        self.error: Exception | None = None


class DuckMetrics:
    """Points in the DuckDB file at `path`, which is this process's alone (ServerRunningError if another has it).

    Callers that append at the same time share one commit. `few`: points of a chart up to which tiles are not used.
    """

    def __init__(self, path: str | Path, *, few: int = _FEW) -> None:
        self._engine = Engine(path)
        with self._engine.read() as cursor:
            self._names = Names(cursor)
        self._marks = Marks()
        self._appender = Appender(self._names, self._marks)
        self._held = Held()
        self._few = few
        self._waiting: list[_Waiting] = []
        self._queue = threading.Lock()
        self._settling = threading.Lock()

    def append(self, batches: Sequence[Batch]) -> None:
        mine = _Waiting(batches)
        with self._queue:
            self._waiting.append(mine)
        with self._engine.turn:
            if not mine.done:
                self._commit_waiting()
        if mine.error is not None:
            raise mine.error

    def series(self, lineage: Lineage, source: Source = Source.HISTORY) -> list[Series]:
        with self._cut() as cuts, self._engine.read() as cursor:
            return series(cursor, self._names, lineage, source, cuts)

    def all_series(self, lineages: Sequence[Lineage]) -> list[list[Series]]:
        with self._cut() as cuts, self._engine.read() as cursor:
            return all_series(cursor, self._names, lineages, cuts)

    def last_samples(self, lineages: Sequence[Lineage]) -> list[dict[str, Any]]:
        with self._engine.read() as cursor:
            return last_samples(cursor, self._names, lineages)

    def keys(self, lineages: Sequence[Lineage]) -> list[Keys]:
        with self._cut() as cuts, self._engine.read() as cursor:
            return keys(cursor, self._names, self._marks, lineages, cuts)

    def chart(self, request: ChartRequest) -> Chart:
        with self._cut() as cuts:
            return chart(self._engine, self._names, self._marks, self._held, request, cuts, few=self._few)

    def points(self, lineage: Lineage, key: str, source: Source = Source.HISTORY) -> Points:
        with self._engine.read() as cursor:
            return points(cursor, self._names, self._marks, lineage, key, source)

    def rows(
        self,
        lineage: Lineage,
        keys: Sequence[str] | None,
        *,
        min_step: int = 0,
        max_step: int | None = None,
        limit: int = 1_000,
    ) -> RowPage:
        with self._engine.read() as cursor:
            return Rows(cursor, self._names, lineage, keys).page(min_step, max_step, limit)

    def sample(self, lineage: Lineage, keys: Sequence[str] | None, samples: int) -> RowPage:
        with self._engine.read() as cursor:
            return Rows(cursor, self._names, lineage, keys).sample(samples)

    def latest(self, lineage: Lineage) -> dict[str, Latest]:
        return latest(self._engine, self._names, self._marks, lineage)

    def totals(self, lineage: Lineage, keys: Sequence[str]) -> dict[str, Total]:
        with self._cut() as cuts, self._engine.read() as cursor:
            return totals(cursor, self._names, lineage, keys, cuts)

    def frame(self, lineage: Lineage, query: FrameQuery) -> Frame:
        with self._engine.read() as cursor:
            return frame(cursor, self._names, lineage, query)

    def holdings(self, lineages: Sequence[Lineage]) -> list[Holding]:
        with self._engine.read() as cursor:
            return holdings(cursor, self._names, lineages)

    def samples(self, lineage: Lineage, limit: int = 10_000) -> Iterator[dict[str, Any]]:
        with self._engine.read() as cursor:
            return iter(samples(cursor, self._names, lineage, limit))

    def console(
        self, lineage: Lineage, *, after: int = -1, limit: int = 1_000, tail: bool = False
    ) -> tuple[list[ConsoleLine], int]:
        with self._engine.read() as cursor:
            return console(cursor, self._names, lineage, after=after, limit=limit, tail=tail)

    def drop(self, segments: Sequence[str]) -> None:
        with self._engine.write() as cursor:
            numbers = self._segments(segments)
            for name in _TABLES:
                query = "DELETE FROM {table} USING gone WHERE {table}.segment = gone.segment"
                cursor.run(query.replace("{table}", name), gone={"segment": np.array(numbers, np.int32)})
            self._marks.forget(numbers)
        self._marks.turn(numbers)

    def settle(self, segments: Sequence[str] | None, *, until: Callable[[], bool] = lambda: False) -> None:
        with self._settling:
            numbers = None if segments is None else self._segments(segments)
            settle(self._engine, self._marks, numbers, until)

    def close(self) -> None:
        """Let the file go. Nothing may be asked any more."""
        self._engine.close()

    @contextmanager
    def _cut(self) -> Iterator[Cuts]:
        """Where reading finds tiles that are to be split, which is done when it is over."""
        cuts = Cuts()
        yield cuts
        cuts.make(self._engine, self._marks)

    def _segments(self, names: Sequence[str]) -> list[int]:
        """The numbers of those that anything was ever written of."""
        found = (self._names.segment(name) for name in dict.fromkeys(names))
        return [number for number in found if number is not None]

    def _commit_waiting(self) -> None:
        """Commit everything that waits, together if it can be. Whoever calls has the turn."""
        with self._queue:
            taken, self._waiting = self._waiting, []
        try:
            if len(taken) > 1 and self._commit(taken):
                return
            for one in taken:  # One of them fails: the others need not.
                self._commit([one])
        finally:
            with self._queue:
                self._waiting = [one for one in taken if not one.done] + self._waiting

    def _commit(self, taken: Sequence[_Waiting]) -> bool:
        """Whether these could be committed."""
        self._appender.begin()
        committed = False
        try:
            with self._engine.write() as cursor:
                self._appender.append(cursor, [batch for one in taken for batch in one.batches])
            committed = True
        except (duckdb.Error, ValueError, OverflowError) as error:
            if len(taken) == 1:
                taken[0].error = error
        finally:
            if not committed:
                self._appender.undone()
        for one in taken:
            one.done = committed or len(taken) == 1
        return committed
