"""Lines, points and bars of a table's columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from playhead.domain.errors import UsageError
from playhead.sdk.media.table import Table
from playhead.sdk.media.value import Media, Shelf, Value


class CustomChart(Media):
    """A table, and how it is drawn: `panel` is a name such as `wandb/line/v0`, `fields` says which of its fields is which column."""

    def __init__(self, panel: str, table: Table, fields: Mapping[str, str | None], strings: Mapping[str, str]) -> None:
        for field, column in fields.items():
            if column is not None and column not in table.columns:
                raise UsageError(f"{field}={column!r} is no column of the table: {', '.join(table.columns)}.")
        self.panel = panel
        self.table = table
        self.fields = {field: column for field, column in fields.items() if column is not None}
        self.strings = {name: text for name, text in strings.items() if text}

    def record(self, shelf: Shelf) -> Value:
        """Keep the table; answers the value for the row."""
        return {
            "_type": "custom-chart", "panel": self.panel, "fields": self.fields, "strings": self.strings,
            "table": self.table.record(shelf),
        }  # fmt: skip


def line(
    table: Table, x: str, y: str, stroke: str | None = None, title: str = "", split_table: bool = False  # noqa: ARG001, FBT001, FBT002 W&B's signature
) -> CustomChart:  # fmt: skip
    """A line through the columns `x` and `y`; one for each value of the column `stroke`. UsageError for a column that is not there."""
    return CustomChart("wandb/line/v0", table, {"x": x, "y": y, "stroke": stroke}, {"title": title})


def scatter(table: Table, x: str, y: str, title: str = "", split_table: bool = False) -> CustomChart:  # noqa: ARG001, FBT001, FBT002 W&B's signature
    """Points at the columns `x` and `y`. UsageError for a column that is not there."""
    return CustomChart("wandb/scatter/v0", table, {"x": x, "y": y}, {"title": title})


def bar(table: Table, label: str, value: str, title: str = "", split_table: bool = False) -> CustomChart:  # noqa: ARG001, FBT001, FBT002 W&B's signature
    """A bar for each row: the columns `label` and `value`. UsageError for a column that is not there."""
    return CustomChart("wandb/bar/v0", table, {"label": label, "value": value}, {"title": title})


def histogram(table: Table, value: str, title: str = "", split_table: bool = False) -> CustomChart:  # noqa: ARG001, FBT001, FBT002 W&B's signature
    """A histogram of the column `value`. UsageError for a column that is not there."""
    return CustomChart("wandb/histogram/v0", table, {"value": value}, {"title": title})


def line_series(
    xs: Iterable[Any], ys: Iterable[Iterable[Any]], keys: Iterable[str] | None = None, title: str = "", xname: str = "x",
    split_table: bool = False,  # noqa: ARG001, FBT001, FBT002 W&B's signature
) -> CustomChart:  # fmt: skip
    """Several lines: `ys` has the values of each, `xs` one series for all or one for each, `keys` their names. UsageError for lengths that do not
    fit.
    """
    lines = [list(series) for series in ys]
    given = list(xs)
    shared = not given or not isinstance(given[0], Iterable) or isinstance(given[0], str)
    places: Sequence[list[Any]] = [given] * len(lines) if shared else [list(series) for series in given]
    names = [f"line_{number}" for number in range(len(lines))] if keys is None else [str(key) for key in keys]
    if len(places) != len(lines) or len(names) != len(lines):
        raise UsageError(f"{len(lines)} series of ys, {len(places)} of xs and {len(names)} keys: they go together.")
    table = Table(["step", "lineKey", "lineVal"])
    for name, series, values in zip(names, places, lines, strict=True):
        for x, y in zip(series, values, strict=False):
            table.add_data(x, name, y)
    fields = {"step": "step", "lineKey": "lineKey", "lineVal": "lineVal"}
    return CustomChart("wandb/lineseries/v0", table, fields, {"title": title, "xname": xname})


def plot_table(
    vega_spec_name: str, data_table: Table, fields: Mapping[str, str], string_fields: Mapping[str, str] | None = None,
    split_table: bool = False,  # noqa: ARG001, FBT001, FBT002 W&B's signature
) -> CustomChart:  # fmt: skip
    """A table with the name of a panel that draws it; one that the page does not know is shown as a table."""
    return CustomChart(vega_spec_name, data_table, fields, string_fields or {})
