"""A table that was added to an artifact, read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from playhead.domain.errors import UsageError


class KeptTable:
    """Columns and rows; media in cells are what the artifact has of them: `path` is their path in it."""

    def __init__(self, columns: list[str], data: list[list[Any]]) -> None:
        self.columns = columns
        self.data = data

    @classmethod
    def read(cls, path: Path) -> KeptTable:
        """UsageError if the file is no table."""
        try:
            told = json.loads(path.read_text(encoding="utf-8"))
            return cls([str(name) for name in told["columns"]], [list(row) for row in told["data"]])
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path} is no table: {error!r}.") from None

    def __repr__(self) -> str:
        return f"<KeptTable of {len(self.data):,} × {len(self.columns)}>"

    def __len__(self) -> int:
        return len(self.data)

    def iterrows(self) -> Iterator[tuple[int, list[Any]]]:
        """Number and values of each row."""
        yield from enumerate(self.data)

    def get_column(self, name: str) -> list[Any]:
        """The values of a column. UsageError if there is none."""
        if name not in self.columns:
            raise UsageError(f"The table has no column {name!r}: {', '.join(self.columns)}.")
        at = self.columns.index(name)
        return [row[at] for row in self.data]

    def get_dataframe(self) -> Any:
        """It as a DataFrame of pandas. UsageError if pandas is not there."""
        try:
            pandas = import_module("pandas")
        except ImportError as error:
            raise UsageError("get_dataframe() needs pandas: pip install pandas.") from error
        return pandas.DataFrame(self.data, columns=self.columns)
