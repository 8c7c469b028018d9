"""Ages, as options have them."""

from __future__ import annotations

import re
from typing import Any

import click

_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class Age(click.ParamType[float]):
    """Such as `24h`, in seconds."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """A number and its unit."""
        if isinstance(value, float):
            return value
        told = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw]?)", str(value).strip())
        if told is None:
            self.fail(f"{value!r} is no age: write something like 90m, 24h, 7d, or 0.", param, ctx)
        return float(told[1]) * _SECONDS[told[2]]
