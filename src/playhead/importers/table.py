"""Reads a table of comma-separated values: the first line names the metrics, every other is a row."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playhead.domain.errors import UsageError
from playhead.importers.source import Event, Notes, Record, Row, Source, digest_of, id_of, time_of
from playhead.journal import format as f

STEPS = ("_step", "step", "global_step", "iteration")
TIMES = ("_timestamp", "timestamp", "wall_time", "wall time", "time")
_LONGEST_CELL = 1 << 20
_WHOLE = re.compile(r"[+-]?\d{1,4000}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?|nan|inf|infinity)", re.IGNORECASE)
_WORDS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column is what; None: found by its name."""

    step: str | None = None
    time: str | None = None
    delimiter: str | None = None
    """None: a tab in a `.tsv` file, else a comma."""


def read(path: Path, columns: Columns | None = None, *, run_id: str | None = None, name: str | None = None) -> Source:
    """The run in the table at `path`. UsageError if it is no table, or lacks a column that was named; OSError."""
    table = _Table(path, columns or Columns())
    return Source(
        run_id=id_of(run_id, path.stem, path), digest=digest_of([path], columns), created_at=table.begin,
        start={"name": name or path.stem}, events=table.events, notes=table.notes,
    )  # fmt: skip


class _Table:
    """The file, looked through once: what its columns hold, and when it begins."""

    def __init__(self, path: Path, told: Columns) -> None:
        self._path = path
        self._delimiter = told.delimiter or ("\t" if path.suffix.lower() == ".tsv" else ",")
        self.notes = Notes()
        lines = self._lines()
        names = [name.strip() for name in next(lines, [])]
        if not any(names):
            raise UsageError(f"{path} is empty: its first line has to name the columns.")
        twice = {name for name in names if name and names.count(name) > 1}
        if twice:
            raise UsageError(f"{path} has several columns of the name {min(twice)!r}.")
        self._names = names
        self._step = self._place(told.step, STEPS)
        self._time = self._place(told.time, TIMES)
        self._floats: set[int] = set()
        """Columns with a number that is not whole: all their numbers are such."""
        first = math.inf
        for cells in lines:
            for place, cell in enumerate(cells):
                if not _WHOLE.fullmatch(cell) and _NUMBER.fullmatch(cell):
                    self._floats.add(place)
            first = min(first, self._time_of(cells) or math.inf)
        self.begin = int(first) if first < math.inf else int(path.stat().st_mtime * 1e6)
        self.notes.counts.clear()

    def events(self) -> Iterator[Event]:
        """Its rows, and the end."""
        lines = self._lines()
        next(lines)
        at = None
        for number, cells in enumerate(lines):
            if len(cells) != len(self._names):
                more = "more" if len(cells) > len(self._names) else "fewer"
                self.notes.add(f"a line has {more} cells than the first one: what has a column is kept")
            step = number if self._step is None else _step(cells, self._step)
            if step is None:
                self.notes.add("a line is left out: its step is no whole number")
                continue
            at = self._time_of(cells)
            yield Row(step, at, self._values(cells))
        yield Record(f.EXIT, None, None, {"code": 0})

    def _lines(self) -> Iterator[list[str]]:
        """Cells of each line that has some. UsageError for what is no table."""
        csv.field_size_limit(_LONGEST_CELL)
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                lines = csv.reader(file, delimiter=self._delimiter, strict=True)
                try:
                    for cells in lines:
                        if any("\0" in cell for cell in cells):
                            raise UsageError(
                                f"{self._path} is no table of texts: line {lines.line_num} has a zero byte."
                            )
                        if any(cells):
                            yield [cell.strip() for cell in cells]
                except csv.Error as error:
                    if "unexpected end of data" not in str(error) or lines.line_num < 2:
                        raise UsageError(f"{self._path} cannot be read: line {lines.line_num}: {error}.") from error
                    self.notes.add("the last line is left out: it ends within a quoted cell")
        except UnicodeDecodeError as error:
            raise UsageError(f"{self._path} is no table of texts in UTF-8: {error}.") from error

    def _place(self, told: str | None, usual: Sequence[str]) -> int | None:
        if told is not None:
            if told not in self._names:
                some = ", ".join(name for name in self._names[:20] if name)
                raise UsageError(f"{self._path} has no column {told!r}. It has {some}.")
            return self._names.index(told)
        found = [place for name in usual for place, own in enumerate(self._names) if own.lower() == name]
        return found[0] if found else None

    def _time_of(self, cells: list[str]) -> int | None:
        """Microseconds since 1970."""
        if self._time is None or self._time >= len(cells) or not cells[self._time]:
            return None
        told = cells[self._time]
        try:
            found = time_of(float(told) if _NUMBER.fullmatch(told) else _moment(told))
        except ValueError:
            found = None
        if found is None:
            self.notes.add("a time is neither seconds since 1970 nor a date")
        return found

    def _values(self, cells: list[str]) -> dict[str, Any]:
        return {
            name: self._value(place, cell)
            for place, (name, cell) in enumerate(zip(self._names, cells, strict=False))
            if name and cell and place not in {self._step, self._time}
        }

    def _value(self, place: int, cell: str) -> Any:
        if _NUMBER.fullmatch(cell):
            return float(cell) if place in self._floats else int(cell)
        return _WORDS.get(cell.lower(), cell)


def _moment(told: str) -> float:
    """Seconds since 1970 of a date in ISO 8601, in UTC unless it says otherwise. ValueError."""
    moment = datetime.fromisoformat(told)
    return (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)).timestamp()


def _step(cells: list[str], place: int) -> int | None:
    try:
        number = float(cells[place])
        return int(cells[place]) if _WHOLE.fullmatch(cells[place]) else int(number) if number.is_integer() else None
    except (IndexError, ValueError):
        return None
