"""What comes from outside, made fit to keep: text without what no store can hold, JSON of bounded depth, console lines without control codes."""

from __future__ import annotations

import json
import re
from typing import Any

from playhead.domain.limits import MAX_CONSOLE_LINE

MAX_DEPTH = 32
"""Lists and dicts inside one another that are kept as such; what is deeper is kept as its JSON text."""

_UNFIT = re.compile("[\0\ud800-\udfff]")
_COLOUR = re.compile(r"(\x1b\[[0-9;:]*m)")
_CONTROL = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]?|[\x00-\x08\x0a-\x1f\x7f-\x9f]"
)


def fit(text: str) -> str:
    """`text` with NUL and lone surrogates replaced."""
    return text if text.isascii() and "\0" not in text else _UNFIT.sub("\ufffd", text)


def fit_json(value: Any, depth: int = MAX_DEPTH) -> Any:
    """`value`, as json.loads made it, with all texts and keys fit and of bounded depth."""
    if isinstance(value, str):
        return fit(value)
    if isinstance(value, (dict, list)) and depth == 0:
        return fit(json.dumps(value))
    if isinstance(value, dict):
        return {fit(key): fit_json(inner, depth - 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [fit_json(inner, depth - 1) for inner in value]
    return value


def fit_line(text: str) -> str:
    """A console line: colours stay, every other control code goes, and what is beyond the limit."""
    text = fit(text[:MAX_CONSOLE_LINE])
    if text.isprintable():
        return text
    parts = _COLOUR.split(text)
    return "".join(part if i % 2 else _CONTROL.sub("", part) for i, part in enumerate(parts))
