"""A project as Parquet files, all of it and unsampled: fetched as columns, written by DuckDB, a bounded piece at a time."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from playhead.client.runs import Run
from playhead.client.tables import arrays
from playhead.domain.errors import UsageError
from playhead.wire.arrow import Frame

AT_ONCE = 3
"""Runs that are fetched and written at the same time."""
LINES = 100_000
"""Console lines that are held at once."""
_ABOUT = (
    "id",
    "name",
    "state",
    "group",
    "job_type",
    "notes",
    "user",
    "url",
    "created_at",
    "runtime",
    "exit_code",
    "step",
)

T = TypeVar("T")
Told = Callable[[str, int], None]
"""Hears of each run: its id, and how many rows it had."""


class Exported(NamedTuple):
    """What was written."""

    runs: int
    rows: int
    points: int
    """Values of the history and of the machine."""


def export(runs: Iterable[Run], folder: Path, *, files: bool = False, told: Told = lambda _id, _rows: None) -> Exported:
    """Write `runs.parquet`, and for each run its `history`, `system` and `console` below `folder`, and with `files` its files.

    A file is complete, or not there under its name. What an earlier export left of these runs is replaced. UsageError without DuckDB
    and NumPy, or if `folder` is no folder.
    """
    writer = _Writer(folder)
    about: list[dict[str, Any]] = []
    rows = points = 0
    for run, own_rows, own_points in _at_once(lambda run: (run, *writer.run(run, files=files)), runs):
        about.append(_about(run))
        rows, points = rows + own_rows, points + own_points
        told(run.id, own_rows)
    writer.table("runs.parquet", {name: [one[name] for one in about] for name in about[0]} if about else {"id": []})
    return Exported(len(about), rows, points)


def _at_once(work: Callable[[Run], T], runs: Iterable[Run]) -> Iterator[T]:
    """What `work` makes of each run, in their order; of some of them at the same time, so that server, network and disk are all busy."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        going: deque[Future[T]] = deque()
        try:
            for run in runs:
                going.append(pool.submit(work, run))
                if len(going) > AT_ONCE:
                    yield going.popleft().result()
            while going:
                yield going.popleft().result()
        finally:
            for one in going:
                one.cancel()


def _about(run: Run) -> dict[str, Any]:
    """A run as a row; what is nested as JSON."""
    plain = {name: getattr(run, name) for name in _ABOUT}
    nested = {"tags": run.tags, "config": run.config, "summary": run.summary, "metadata": run.metadata}
    return {**plain, **{name: json.dumps(value) for name, value in nested.items()}}


class _Writer:
    """Parquet files below a folder. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        try:
            self._numpy, duckdb = import_module("numpy"), import_module("duckdb")
        except ImportError as error:
            raise UsageError(f"An export needs {error.name}: pip install {error.name}.") from error
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} cannot be written to: {error.strerror}.") from error
        self._connection = duckdb.connect(config={"memory_limit": "256MB"})

    def run(self, run: Run, *, files: bool) -> tuple[int, int]:
        """All of a run; how many rows it has, and how many values they and the machine's have."""
        rows, points = self.frames("history", run, run.frames())
        _, more = self.frames("system", run, run.frames("system"))
        self.console(run)
        if files:
            run.pull(self._folder / "files" / run.id, lambda _name, _size, _error: None)
        return rows, points + more

    def frames(self, kind: str, run: Run, frames: Iterable[Frame]) -> tuple[int, int]:
        """The rows of a run, one column a key; how many rows and values these are."""
        rows = values = number = 0
        for frame in frames:
            if not frame.length:
                continue
            columns = arrays(self._numpy, [frame])
            table: dict[str, Any] = {"run": self._numpy.full(frame.length, run.id, object)}
            table |= {name: _storable(self._numpy, column) for name, column in columns.items()}
            self.table(f"{kind}/{run.id}-{number:04}.parquet", table)
            own = [column for column in frame.columns if not column.name.startswith("_")]
            values += sum(_present(column.valid, frame.length) for column in own)
            rows, number = rows + frame.length, number + 1
        self._forget(f"{kind}/{run.id}-*.parquet", number)
        return rows, values

    def console(self, run: Run) -> None:
        """The lines of a run."""
        lines: list[tuple[Any, ...]] = []
        number = 0
        names = ("number", "text", "stream", "step", "time", "label")

        def write() -> None:
            nonlocal number
            columns = {name: [line[at] for line in lines] for at, name in enumerate(names)}
            self.table(f"console/{run.id}-{number:04}.parquet", {"run": [run.id] * len(lines), **columns})
            number += 1
            lines.clear()

        for line in run.console():
            lines.append(line)
            if len(lines) >= LINES:
                write()
        if lines:
            write()
        self._forget(f"console/{run.id}-*.parquet", number)

    def table(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """One file."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        given = {name: column if hasattr(column, "dtype") else self._column(column) for name, column in columns.items()}
        quoted = str(part).replace("'", "''")
        with self._connection.cursor() as cursor:
            cursor.register("given", given)
            cursor.execute(f"COPY (SELECT * FROM given) TO '{quoted}' (FORMAT parquet, COMPRESSION zstd)")  # noqa: S608 a path of ours, quoted
        part.replace(path)

    def _column(self, values: Sequence[Any]) -> Any:
        kinds = {type(value) for value in values} - {type(None)}
        if kinds <= {int} or kinds <= {int, float}:
            if kinds and type(None) not in {type(value) for value in values}:
                return self._numpy.array(values)
            return self._numpy.array([float("nan") if value is None else value for value in values], float)
        return self._numpy.array(values, object)

    def _forget(self, pattern: str, kept: int) -> None:
        """Pieces behind the last one, of an earlier export."""
        for path in sorted(self._folder.glob(pattern))[kept:]:
            path.unlink()


def _storable(numpy: Any, column: Any) -> Any:
    """Objects as text: what is none, as JSON."""
    if column.dtype != object:
        return column
    texts = [value if value is None or isinstance(value, str) else json.dumps(value) for value in column.tolist()]
    found = numpy.empty(len(texts), object)
    found[:] = texts
    return found


def _present(valid: Any, length: int) -> int:
    return int.from_bytes(valid, "little").bit_count() if len(valid) else length
