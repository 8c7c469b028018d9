"""A project as Parquet files, all of it and unsampled: fetched as columns, written by DuckDB, a bounded piece at a time."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from playhead.client.records import records
from playhead.client.runs import Run
from playhead.client.server import Server
from playhead.client.tables import arrays, flagged
from playhead.domain.errors import UsageError
from playhead.wire import arrow
from playhead.wire.arrow import Frame
from playhead.wire.records import Part

TOGETHER = 10
"""Runs that are asked for together,"""
AT_ONCE = 3
"""and how often that is done at the same time."""
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

_FORM = "FORMAT parquet, COMPRESSION snappy"
"""zstd makes numbers a tenth smaller and takes a quarter longer."""

Told = Callable[[str, int], None]
"""Hears of each run: its id, and how many rows it had."""


class Exported(NamedTuple):
    """What was written."""

    runs: int
    rows: int
    points: int
    """Values of the history and of the machine."""


def export(
    server: Server, entity: str, project: str, runs: Iterable[Run], folder: Path, *, files: bool = False,
    told: Told = lambda _id, _rows: None,
) -> Exported:  # fmt: skip
    """Write `runs.parquet`, and for each of these runs of a project its `history`, `system` and `console` below `folder`, and with `files`
    its files.

    A file is complete, or not there under its name. What an earlier export left of these runs is replaced. UsageError without DuckDB
    and NumPy, or if `folder` is no folder.
    """
    writer = _Writer(folder)

    def write(some: Sequence[Run]) -> list[tuple[Run, _Sizes]]:
        sizes = writer.runs([run.id for run in some], records(server, entity, project, [run.id for run in some]))
        for run in some if files else ():
            run.pull(folder / "files" / run.id, lambda _name, _size, _error: None)
        return [(run, sizes[run.id]) for run in some]

    about: list[dict[str, Any]] = []
    rows = points = 0
    for written in _at_once(write, runs):
        for run, size in written:
            about.append(_about(run))
            rows, points = rows + size.rows, points + size.points
            told(run.id, size.rows)
    writer.table("runs.parquet", {name: [one[name] for one in about] for name in about[0]} if about else {"id": []})
    return Exported(len(about), rows, points)


class _Sizes:
    """How much of a run was written."""

    def __init__(self) -> None:
        self.rows = 0
        self.points = 0
        self.pieces: Counter[Part] = Counter()

    def take(self, part: Part, piece: Frame) -> None:
        """One more piece."""
        self.pieces[part] += 1
        self.rows += piece.length * (part is Part.HISTORY)
        if part is not Part.CONSOLE:
            own = (column for column in piece.columns if not column.name.startswith("_"))
            self.points += sum(_present(column.valid, piece.length) for column in own)


def _at_once(
    work: Callable[[Sequence[Run]], list[tuple[Run, _Sizes]]], runs: Iterable[Run]
) -> Iterator[list[tuple[Run, _Sizes]]]:
    """What `work` makes of all runs, in their order; of some of them at the same time, so that server, network and disk are all busy."""
    rest = iter(runs)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        going: deque[Future[list[tuple[Run, _Sizes]]]] = deque()
        try:
            while some := list(islice(rest, TOGETHER)):
                going.append(pool.submit(work, some))
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
        # One thread each: runs are written side by side, and a single one is too small to be shared out.
        self._connection = duckdb.connect(config={"memory_limit": "256MB", "threads": 1})

    def runs(self, run_ids: Sequence[str], pieces: Iterable[Frame]) -> Mapping[str, _Sizes]:
        """All of some runs; how much that was."""
        sizes = {run_id: _Sizes() for run_id in run_ids}
        for piece in pieces:
            if piece.length:
                run_id, part = piece.about["run"], Part(piece.about["part"])
                columns = arrays(self._numpy, [piece])
                table = {name: _storable(self._numpy, column) for name, column in columns.items()}
                nans = _nans(self._numpy, piece, columns)
                self.table(_file(part, run_id, sizes[run_id].pieces[part]), table, run_id, nans)
                sizes[run_id].take(part, piece)
        for run_id, size in sizes.items():
            for part in Part:
                self._forget(part, run_id, size.pieces[part])
        return sizes

    def table(
        self, name: str, columns: Mapping[str, Sequence[Any]], run_id: str | None = None, nans: Mapping[str, Any] | None = None
    ) -> None:  # fmt: skip
        """One file, with the run in front of each row, if it is of one. `nans`: where a NaN was logged; others mean that nothing was."""
        path = self._folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part")
        nans = nans or {}
        told = _distinct([*columns, *nans], {"run"} if run_id else set())
        names, flags = dict(zip(columns, told, strict=False)), dict(zip(nans, told[len(columns) :], strict=True))
        given = {
            names[key]: column if hasattr(column, "dtype") else self._column(column) for key, column in columns.items()
        }
        what = "*" if run_id is None else f"{_text(run_id)} AS run, *"
        if nans:
            replaced = (
                f"CASE WHEN {_name(flags[key])} THEN 'NaN' ELSE {_name(names[key])} END AS {_name(names[key])}"
                for key in nans
            )
            what += f" EXCLUDE ({', '.join(map(_name, flags.values()))}) REPLACE ({', '.join(replaced)})"
            given |= {flags[key]: own for key, own in nans.items()}
        with self._connection.cursor() as cursor:
            cursor.register("given", given)
            cursor.execute(f"COPY (SELECT {what} FROM given) TO {_text(str(part))} ({_FORM})")  # noqa: S608 all of it ours, quoted
        part.replace(path)

    def _column(self, values: Sequence[Any]) -> Any:
        kinds = {type(value) for value in values} - {type(None)}
        if kinds <= {int} or kinds <= {int, float}:
            if kinds and type(None) not in {type(value) for value in values}:
                return self._numpy.array(values)
            return self._numpy.array([float("nan") if value is None else value for value in values], float)
        return self._numpy.array(values, object)

    def _forget(self, part: Part, run_id: str, number: int) -> None:
        """Pieces of an earlier export from that number on."""
        while (path := self._folder / _file(part, run_id, number)).exists():
            path.unlink()
            number += 1


def _file(part: Part, run_id: str, number: int) -> str:
    return f"{part}/{run_id}-{number:04}.parquet"


def _storable(numpy: Any, column: Any) -> Any:
    """Objects as text: what is none, as JSON."""
    if column.dtype != object:
        return column
    texts = [value if value is None or isinstance(value, str) else json.dumps(value) for value in column.tolist()]
    found = numpy.empty(len(texts), object)
    found[:] = texts
    return found


def _nans(numpy: Any, piece: Frame, columns: Mapping[str, Any]) -> dict[str, Any]:
    """Where columns hold a NaN that was logged; only of those that do."""
    found = {}
    for column in piece.columns:
        if column.type == arrow.FLOAT:
            flags = numpy.isnan(columns[column.name])
            if len(column.valid) and flags.any():
                flags &= flagged(numpy, column.valid, piece.length)
            if flags.any():
                found[column.name] = flags
    return found


def _distinct(keys: Iterable[str], taken: set[str]) -> list[str]:
    """A name for each key: that of a column in SQL, which knows no case."""
    found = []
    for key in keys:
        name, number = key or "_", 0
        while name.casefold() in taken:
            number += 1
            name = f"{key}_{number}"
        taken.add(name.casefold())
        found.append(name)
    return found


def _text(text: str) -> str:
    """As SQL says it."""
    return "'" + text.replace("'", "''") + "'"


def _name(name: str) -> str:
    """As SQL says it."""
    return '"' + name.replace('"', '""') + '"'


def _present(valid: Any, length: int) -> int:
    return int.from_bytes(valid, "little").bit_count() if len(valid) else length
