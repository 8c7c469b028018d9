"""What a reader found: a run, and what happened in it, one event after the other."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from playhead.domain.errors import UsageError
from playhead.domain.ids import check_run_id, fit_run_id, sanitize_id
from playhead.domain.limits import MAX_RUN_ID, MAX_TIME


class Row(NamedTuple):
    """What was logged at one step. `time` in microseconds since 1970; None: that of the event before."""

    step: int
    time: int | None
    values: Mapping[str, Any]


class Sample(NamedTuple):
    """What was measured of the machine."""

    time: int | None
    values: Mapping[str, Any]


class Record(NamedTuple):
    """A frame of another kind, see `journal.format`. `step` None: that of the last row."""

    kind: int
    step: int | None
    time: int | None
    data: dict[str, Any]


class Saved(NamedTuple):
    """A file of the run: its name there, and its content as a path or as bytes. `media`: a row speaks of it."""

    name: str
    content: Path | bytes
    step: int | None = None
    media: bool = False


class Whole(NamedTuple):
    """A dict that is one value of a row, and not several with dotted keys."""

    value: Mapping[str, Any]


Event = Row | Sample | Record | Saved


@dataclass(slots=True)
class Notes:
    """What could not be taken over, each kind of it once, with how often it was found."""

    counts: Counter[str] = field(default_factory=Counter)

    def add(self, text: str) -> None:
        """Once more."""
        self.counts[text] += 1

    def __iter__(self) -> Iterator[str]:
        return (text if count == 1 else f"{text} ({count:,} times)" for text, count in self.counts.items())


@dataclass(slots=True, kw_only=True)
class Source:
    """A run as it was found. Everything in it follows from the files that were read, so it is the same the next time."""

    run_id: str
    digest: str
    """Of all that it was made of."""
    created_at: int
    start: dict[str, Any]
    """As a START frame says it: name, notes, tags, group, job_type."""
    events: Callable[[], Iterable[Event]]
    """Reads them, once. What it stumbles over goes into `notes`."""
    project: str | None = None
    """As the other tool called it."""
    notes: Notes = field(default_factory=Notes)


def digest_of(paths: Iterable[Path], *more: object) -> str:
    """SHA-256 of the content of files, and of whatever else decides what is made of them. OSError."""
    made = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            made.update(hashlib.file_digest(file, "sha256").digest())
    made.update(repr(more).encode())
    return made.hexdigest()


def id_of(told: str | None, name: str, place: Path) -> str:
    """The id of a run whose tool gave it none: as told, else its name with a mark of where it lies. UsageError."""
    if told is not None:
        return check_run_id(told)
    mark = hashlib.sha256(str(place.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    start = re.sub(r"-{2,}", "-", sanitize_id(name)).strip("-")[: MAX_RUN_ID - 9]
    return f"{start}-{mark}" if start else mark


def kept_id(told: str | None, found: str) -> str:
    """The id that the other tool gave, as far as it can be one of ours, unless another is told. UsageError."""
    try:
        return check_run_id(told) if told is not None else fit_run_id(found)
    except UsageError:
        raise UsageError(f"{found!r} cannot be a run id: say one with --id.") from None


def time_of(seconds: float) -> int | None:
    """Microseconds since 1970; None if it is no time before the year 10000."""
    return round(seconds * 1_000_000) if 0 <= seconds * 1_000_000 < MAX_TIME else None
