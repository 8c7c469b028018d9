"""What all tables have that can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import Any

from playhead.domain.errors import UsageError


class Rows:
    """Columns, and rows with a value for each."""

    columns: list[str]
    data: list[list[Any]]

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.data):,} × {len(self.columns)}>"

    def iterrows(self) -> Iterator[tuple[int, list[Any]]]:
        """Number and values of each row."""
        yield from enumerate(self._each())

    def get_column(self, name: str, convert_to: str | None = None) -> Any:
        """The values of a column; as an array with convert_to="numpy". UsageError if there is none."""
        if name not in self.columns:
            raise UsageError(f"The table has no column {name!r}: {', '.join(self.columns)}.")
        at = self.columns.index(name)
        values = [row[at] for row in self._each()]
        return import_module("numpy").array(values) if convert_to == "numpy" else values

    def get_dataframe(self) -> Any:
        """It as a DataFrame of pandas. UsageError if pandas is not there."""
        try:
            pandas = import_module("pandas")
        except ImportError as error:
            raise UsageError("get_dataframe() needs pandas: pip install pandas.") from error
        return pandas.DataFrame(list(self._each()), columns=self.columns)

    def _each(self) -> Iterable[list[Any]]:
        return self.data
