"""Tables, with media in their cells if wanted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

from playhead.client.rows import Rows
from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_TABLE_ROWS
from playhead.sdk.media.row import as_media
from playhead.sdk.media.value import Media, Shelf, Value
from playhead.sdk.values import plain

LOG_MODES = ("IMMUTABLE", "MUTABLE", "INCREMENTAL")
_CHUNK = 1_000
"""Rows that are written at once."""
_INCREMENTS = 100
"""Increments behind one another; then all rows are written anew."""

Row = list[Any]


class Table(Rows, Media):
    """A table of `columns` with rows of numbers, texts, booleans, None, lists, media. `data`: rows, a NumPy array or a DataFrame (of pandas or polars);
    `rows` and `dataframe` say the same.

    A column is of one kind: a TypeError tells of another one, unless `allow_mixed_types`. `log_mode`: an `IMMUTABLE` table is what it was when it was
    logged first; a `MUTABLE` one is kept anew, whole, each time; of an `INCREMENTAL` one only the rows that were added since.
    UsageError for rows of a wrong length, and beyond MAX_TABLE_ROWS.
    """

    MAX_ROWS: ClassVar[int] = MAX_TABLE_ROWS

    def __init__(
        self, columns: Sequence[Any] | None = None, data: Any = None, rows: Any = None, dataframe: Any = None,
        dtype: Any = None, optional: bool | Sequence[bool] = True, allow_mixed_types: bool = False,  # noqa: FBT001, FBT002 W&B's signature
        log_mode: str = "IMMUTABLE",
    ) -> None:  # fmt: skip
        del dtype, optional  # W&B's: any column may hold None, and its kind is that of its values
        if log_mode not in LOG_MODES:
            raise UsageError(f"log_mode={log_mode!r}: say one of {', '.join(LOG_MODES)}.")
        self.log_mode = log_mode
        self._mixed = allow_mixed_types
        given = next((each for each in (dataframe, data, rows) if each is not None), ())
        if hasattr(given, "columns"):
            columns, given = columns or list(given.columns), _rows_of(given)
        elif hasattr(given, "tolist"):
            given = given.tolist()
        if isinstance(columns, str) or isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
            raise UsageError("A table has a list of columns, and as data a list of rows, a NumPy array or a DataFrame.")
        self.columns = [str(name) for name in (columns if columns is not None else ("Input", "Output", "Expected"))]
        self.data = []
        self._kinds: list[str | None] = [None] * len(self.columns)
        self._logged: tuple[int, int] | None = None
        """Rows and columns that there were when it was logged last."""
        self._increments: list[str] = []
        self._increment = 0
        for row in given:
            self.add_data(*row)

    def add_data(self, *data: Any) -> None:
        """Add a row: a value a column. UsageError if there are more or fewer; TypeError for a kind that the column does not have."""
        if len(data) != len(self.columns):
            raise UsageError(
                f"A row of {len(data)} values, and the table has {len(self.columns)} columns: {', '.join(self.columns)}."
            )
        if len(self.data) >= MAX_TABLE_ROWS:
            raise UsageError(f"The table has {MAX_TABLE_ROWS:,} rows: that is MAX_TABLE_ROWS. Save more as a file.")
        row = [_cell(name, value) for name, value in zip(self.columns, data, strict=True)]
        kinds = [self._kind(at, value) for at, value in enumerate(row)]
        self._kinds = kinds
        self.data.append(row)

    add_row = add_data

    def add_column(self, name: str, data: Any) -> None:
        """Add a column: a value a row. UsageError for another number of them, or a name that is there."""
        values = data.tolist() if hasattr(data, "tolist") else list(data)
        if name in self.columns:
            raise UsageError(f"The table has a column {name!r} already.")
        if self.data and len(values) != len(self.data):
            raise UsageError(
                f"{len(values):,} values for the column {name!r}, and the table has {len(self.data):,} rows."
            )
        if not self.data and self.columns and values:
            raise UsageError(f"The table has columns, but no rows yet that the values of {name!r} could belong to.")
        cells = [_cell(name, value) for value in values]
        self.columns.append(str(name))
        self._kinds.append(None)
        try:
            for value in cells:
                self._kinds[-1] = self._kind(-1, value)
        except TypeError:
            self.columns.pop()
            self._kinds.pop()
            raise
        self.data = self.data or [[] for _ in cells]
        for row, value in zip(self.data, cells, strict=True):
            row.append(value)

    def add_computed_columns(self, fn: Callable[[int, dict[str, Any]], Mapping[str, Any]]) -> None:
        """Add the columns that `fn` answers for each row: it is given the row's number and its values by column."""
        made = [fn(number, dict(zip(self.columns, row, strict=True))) for number, row in enumerate(self.data)]
        for name in made[0] if made else ():
            self.add_column(name, [one[name] for one in made])

    def record(self, shelf: Shelf) -> Value:
        """Keep the content; answers the value for the row."""
        rows, columns = len(self.data), len(self.columns)
        first, named = 0, {"log_mode": self.log_mode, "ncols": columns, "nrows": rows}
        before = self._logged
        if self.log_mode == "IMMUTABLE" and before is not None and before != (rows, columns):
            shelf.tell(
                "A table that was logged has been changed: it is kept as it was then. "
                'Table(log_mode="MUTABLE") keeps it anew each time, "INCREMENTAL" what was added.'
            )
            rows, columns = before
            named |= {"ncols": columns, "nrows": rows}
        if self.log_mode == "INCREMENTAL":
            if len(self._increments) < _INCREMENTS and before is not None and before[1] == columns:
                first = before[0]
            else:
                self._increments = []
            named |= {
                "increment_num": self._increment, "previous_increments_paths": list(self._increments), "first_row": first,
            }  # fmt: skip
        kept = shelf.content("table", "table.json", self._pieces(shelf, first, rows, columns))
        self._logged = (rows, columns)
        if self.log_mode == "INCREMENTAL":
            self._increments.append(kept["path"])
            self._increment += 1
        kind = "incremental-table-file" if self.log_mode == "INCREMENTAL" else "table-file"
        return {"_type": kind, **kept, **named}

    def _pieces(self, shelf: Shelf, first: int, rows: int, columns: int) -> Iterator[bytes]:
        """JSON with a row a line, so that whoever reads it can begin at any row."""
        head = {"columns": self.columns[:columns], "types": self._kinds[:columns]}
        yield json.dumps(head, separators=(",", ":")).encode()[:-1] + b',"data":['
        between = "\n"
        for at in range(first, rows, _CHUNK):
            chunk = self.data[at : min(at + _CHUNK, rows)]
            lines = [_line(row[:columns] if len(row) > columns else row, shelf) for row in chunk]
            yield (between + ",\n".join(lines)).encode()
            between = ",\n"
        yield b"\n]}\n"

    def _kind(self, at: int, value: Any) -> str | None:
        """The kind of a column that has `value` too."""
        known, kind = self._kinds[at], _kind_of(value)
        if kind is None or kind == known:
            return known
        if known is None:
            return kind
        if not self._mixed:
            raise TypeError(
                f"The column {self.columns[at]!r} is of {known}, and {value!r:.60} is of {kind}: make them one kind, or say "
                "Table(allow_mixed_types=True)."
            )
        return "mixed"


def _cell(column: str, value: Any) -> Any:
    if value is None or type(value) in {int, float, str, bool} or isinstance(value, Media):
        if isinstance(value, Table):
            raise UsageError(f"A table cannot stand in a cell of the column {column!r}.")
        return value
    media = as_media(value)
    if media is not None:
        return _cell(column, media)
    found = plain(column, value)
    shape = getattr(value, "shape", None)
    return found[0] if shape is not None and isinstance(found, list) and len(found) == 1 and shape == () else found


def _kind_of(value: Any) -> str | None:
    for kind, name in (
        (bool, "boolean"),
        (int, "number"),
        (float, "number"),
        (str, "string"),
        (list, "list"),
        (dict, "object"),
    ):
        if isinstance(value, kind):
            return name
    return None if value is None else type(value).__name__


def _line(row: Row, shelf: Shelf) -> str:
    told = [value.record(shelf) if isinstance(value, Media) else value for value in row]
    return json.dumps(told, separators=(",", ":")).encode("utf-8", "replace").decode()


def _rows_of(frame: Any) -> Iterable[Sequence[Any]]:
    """Rows of a DataFrame, without its index."""
    if hasattr(frame, "iter_rows"):
        rows: Iterable[Sequence[Any]] = frame.iter_rows()
        return rows
    return zip(*(_values_of(frame.iloc[:, at]) for at in range(len(frame.columns))), strict=True)


def _values_of(series: Any) -> list[Any]:
    """Of a column of pandas: what is missing among texts, times and the like is None; among floats it is NaN."""
    values: list[Any] = series.tolist()
    if getattr(series.dtype, "kind", "O") in "biuf" or not hasattr(series, "isna"):
        return values
    return [None if missing else value for value, missing in zip(values, series.isna().tolist(), strict=True)]
