"""Charts that are made of a table: `run.log({"curve": playhead.plot.line(table, "x", "y")})`. Each is loaded when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playhead.sdk.plot.charts import CustomChart, bar, histogram, line, line_series, plot_table, scatter
    from playhead.sdk.plot.curves import confusion_matrix, pr_curve, roc_curve

__all__ = [
    "CustomChart", "bar", "confusion_matrix", "histogram", "line", "line_series", "plot_table", "pr_curve", "roc_curve", "scatter",
]  # fmt: skip

_CURVES = {"confusion_matrix", "pr_curve", "roc_curve"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'playhead.plot' has no attribute {name!r}")
    value = getattr(import_module(f"playhead.sdk.plot.{'curves' if name in _CURVES else 'charts'}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
