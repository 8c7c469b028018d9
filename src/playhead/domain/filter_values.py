"""What values mean in filters: dates, durations, and which kind a field wants."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from playhead.domain.facts import Fact, Kind, fact
from playhead.domain.filter import Place, Space
from playhead.domain.places import NUMBERS, TIMES

_UNITS = {"w": 604_800.0, "d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION = re.compile(r"-?(?:\d+(?:\.\d+)?(?:ms|[wdhms]))+")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[wdhms])")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_EARLIEST, _LATEST = -62_135_596_800.0, 253_402_300_800.0


class Ago(NamedTuple):
    """So many seconds before now."""

    seconds: float


class WrongValueError(ValueError):
    """A value of the wrong kind; says which is wanted."""


def seconds(text: str) -> float | None:
    """`2h30m`, `90s`, `7d`; None if it is no duration."""
    if not _DURATION.fullmatch(text):
        return None
    total = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    return -total if text.startswith("-") else total


def moment(text: str) -> float | None:
    """`2026-01-31`, `2026-01-31T10:00`, `2026-01-31T10:00:00+02:00` as seconds since 1970; UTC unless it says otherwise. None if it is no date."""
    if not _DATE.fullmatch(text):
        return None
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def value_of(place: Place, value: Any, now: float) -> Fact:
    """`value`, as somebody wrote it, to be compared with what is at `place`. WrongValueError. `now`: seconds since 1970."""
    if place.space is not Space.RUN or value is None:
        return fact(value.seconds if isinstance(value, Ago) else value)
    name = place.name
    if name in TIMES:
        return fact(round(_seconds_of(name, value, now) * 1e6))
    if isinstance(value, Ago):
        raise WrongValueError(f"{name} is no time")
    if name in NUMBERS:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise WrongValueError(f"{name} is a number")
        return fact(value)
    if not isinstance(value, str):
        raise WrongValueError(f"{name} is text: write quotes around it")
    return fact(value)


def _seconds_of(name: str, value: Any, now: float) -> float:
    found = None
    if isinstance(value, Ago):
        found = now - value.seconds
    elif isinstance(value, str):
        found = moment(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        found = float(value)
    if found is None or not _EARLIEST <= found <= _LATEST:
        raise WrongValueError(f'{name} is a time: write 2026-01-31, "2026-01-31T10:00" (UTC) or 7d ago')
    return found


def is_text(value: Fact) -> bool:
    """Whether it is a string."""
    return value.kind is Kind.STRING
