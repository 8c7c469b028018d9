"""Lines of the client's history as rows of a session, each line once."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from playhead.domain.errors import LimitError
from playhead.domain.limits import MAX_STEP, MAX_TIME
from playhead.journal import format as f
from playhead.journal.packing import flat
from playhead.wandb_protocol.sessions import Piece

FILE = "wandb-history.jsonl"
_decode = msgspec.json.Decoder().decode


@dataclass(slots=True)
class Rows:
    """Where the rows of one request stand, by time, and what they say last of each key."""

    first: int
    """The step of whatever came before them."""
    times: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    data: list[dict[str, Any]] = field(default_factory=list)
    started: int | None = None
    """When the training began, as the first row says."""
    latest: int = 0
    """When the last row was logged."""

    def before(self, time: int) -> int:
        """The step after the last row that was logged up to `time`: the one that was at work then."""
        at = bisect_right(self.times, time)
        return self.steps[at - 1] + 1 if at else self.first

    def last(self) -> dict[str, Any]:
        """The last value of each key."""
        found: dict[str, Any] = {}
        for data in self.data:
            found.update(data)
        return found

    def add(self, step: int, time: int, data: dict[str, Any]) -> None:
        """A row, the last one so far."""
        self.times.append(max(time, self.times[-1]) if self.times else time)
        self.steps.append(step)
        self.data.append(data)
        self.latest = max(time, self.latest)


def parsed(line: Any) -> dict[str, Any] | None:
    """The object in a line; None if it is none. The client writes NaN and infinities as Python does."""
    try:
        told = _decode(line)
    except (msgspec.DecodeError, TypeError, ValueError, RecursionError):
        try:
            told = json.loads(line)
        except (TypeError, ValueError, RecursionError):
            return None
    return told if type(told) is dict else None


def time_of(stamp: Any) -> int | None:
    """Seconds since 1970 as microseconds; None if they are none."""
    if type(stamp) not in {float, int} or not math.isfinite(stamp) or not 0 <= stamp * 1e6 <= MAX_TIME:
        return None
    microseconds: int = round(stamp * 1e6)
    return microseconds


def write(piece: Piece, offset: int, content: Sequence[Any], rows: Rows) -> None:
    """Append the rows of those lines that the session does not have; `content` begins with line `offset`."""
    for line in piece.new(FILE, offset, content):
        if not _row(piece, line, rows):
            piece.unread += 1


def _row(piece: Piece, line: Any, rows: Rows) -> bool:
    data = parsed(line)
    if data is None:
        return False
    step, time = data.pop("_step", None), time_of(data.pop("_timestamp", None))
    runtime = data.pop("_runtime", None)
    data.pop("_wandb", None)
    if type(step) is float and step.is_integer():
        step = int(step)
    if type(step) is not int or not 0 <= step <= MAX_STEP:
        return False
    if dict in set(map(type, data.values())):
        data = dict(flat(data))
    at = piece.now if time is None else time
    if not rows.steps and time is not None and type(runtime) in {int, float}:
        rows.started = time_of(time / 1e6 - runtime)
        _begin(piece, rows.started)
    try:
        piece.row(step, at, data)
    except (LimitError, TypeError, RecursionError):
        return False
    rows.add(step, at, data)
    return True


def _begin(piece: Piece, started: int | None) -> None:
    """The first row tells when the training began: of a run that was recorded offline, long before its session."""
    stream = piece.stream
    if started is not None and stream.last_step is None and not stream.begun_step and started < stream.begun:
        piece.record(f.START, {}, step=0, time=started)
