"""How far each series goes, so that a point that is new needs no look at the file: most are beyond the last one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from playhead.adapters.duckdb.columns import SeriesId
from playhead.adapters.duckdb.engine import Cursor

_HELD = 2_000_000
"""Series whose ends are held in memory; beyond it all are forgotten, and read again when needed."""
_SEEN = 200_000
"""Series of which it is held what readers saw."""
_BEFORE = -(1 << 63)
_READ = {
    "objects": "SELECT segment, key, max(step) FROM objects JOIN wanted USING (segment) GROUP BY segment, key",
    "samples": "SELECT segment, key, max(time) FROM samples JOIN wanted USING (segment) GROUP BY segment, key",
    "lines": "SELECT segment, stream, max(number) FROM lines JOIN wanted USING (segment) GROUP BY segment, stream",
}
_SCALARS = """
    SELECT segment, key, sum(points)::BIGINT, min(first), max(last) FROM (
        SELECT segment, key, count(*) AS points, min(step) AS first, max(step) AS last
        FROM hot JOIN wanted USING (segment) GROUP BY segment, key
        UNION ALL
        SELECT segment, key, sum(count), min(first_step), max(last_step)
        FROM tiles JOIN wanted USING (segment) GROUP BY segment, key
    ) GROUP BY segment, key"""
_SOME_SCALARS = _SCALARS.replace("USING (segment)", "USING (segment, key)")
_SETTLED = "SELECT DISTINCT segment FROM tiles JOIN wanted USING (segment)"


class Extent(NamedTuple):
    """How many points a series has, at least about, and between which steps they are."""

    points: int
    first: int
    last: int


@dataclass(slots=True)
class Ends:
    """Extents by key; the last places of other series: step by key; time by key (samples); number by stream (lines)."""

    scalars: dict[int, Extent] = field(default_factory=dict)
    objects: dict[int, int] = field(default_factory=dict)
    samples: dict[int, int] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    loaded: bool = False
    settled: bool = False
    """Whether some of its points are in `cold`."""

    def last(self, kind: str, key: int) -> int:
        """The last place of a series; below all places if there is none."""
        if kind == "scalars":
            extent = self.scalars.get(key)
            return _BEFORE if extent is None else extent.last
        last: int = getattr(self, kind).get(key, _BEFORE)
        return last

    def extend(self, key: int, points: int, first: int, last: int) -> None:
        """`key` has more points."""
        known = self.scalars.get(key, Extent(0, first, last))
        self.scalars[key] = Extent(known.points + points, min(known.first, first), max(known.last, last))


Version = tuple[int, int]
"""Of what is known of a segment: differs whenever something may have been written meanwhile."""


class Marks:
    """Ends by segment. Changed by the writer alone; `extents` and `ends` may be asked by anyone, who may `remember` what was read."""

    def __init__(self) -> None:
        self._ends: dict[int, Ends] = {}
        self._turns: dict[int, int] = {}
        self._clearings = 0
        self._seen: dict[int, tuple[Version, Ends]] = {}
        """What readers saw: of no use for the writer, who must know what was settled as well."""
        self._seen_series = 0

    def __getitem__(self, segment: int) -> Ends:
        return self._ends[segment]

    def extents(self, segment: int) -> Mapping[int, Extent] | None:
        """Extents by key, of what is written or about to be; None if that is not at hand."""
        ends = self.ends(segment)
        return None if ends is None else ends.scalars

    def ends(self, segment: int) -> Ends | None:
        """What is written or about to be; None if that is not at hand."""
        ends = self._ends.get(segment)
        return ends if ends is not None and ends.loaded else None

    def version(self, segment: int) -> Version:
        """To be asked before the reading begins whose result is to be remembered."""
        return self._clearings, self._turns.get(segment, 0)

    def remember(self, segment: int, version: Version, ends: Ends) -> None:
        """What a reader saw, if it is still so."""
        self._seen_series += len(ends.scalars) + len(ends.objects)
        if self._seen_series > _SEEN:
            self._seen_series = 0
            self._seen.clear()
        if version == self.version(segment):
            self._seen[segment] = version, ends

    def seen(self, segment: int) -> Ends | None:
        """What a reader saw, if it is still so."""
        version, ends = self._seen.get(segment, (None, None))
        return ends if version == self.version(segment) else None

    def load(self, cursor: Cursor, segments: Iterable[int], *, fresh: Iterable[int] = ()) -> None:
        """Have the ends of these segments at hand. Of the `fresh` ones the file knows nothing."""
        for segment in fresh:
            self._ends[segment] = Ends(loaded=True)
        wanted_segments = set(segments)
        missing = [segment for segment in wanted_segments if segment not in self._ends]
        if not missing:
            self.turn(wanted_segments)
            return
        if sum(len(ends.scalars) + len(ends.samples) for ends in self._ends.values()) > _HELD:
            self._clearings += 1
            self._ends.clear()
            missing = list(wanted_segments)
        for segment in missing:
            self._ends[segment] = Ends()
        wanted = {"segment": np.array(missing, np.int32)}
        for kind, query in _READ.items():
            for segment, key, last in cursor.rows(query, wanted=wanted):
                getattr(self._ends[segment], kind)[key] = last
        for segment, key, *extent in cursor.rows(_SCALARS, wanted=wanted):
            self._ends[segment].scalars[key] = Extent(*extent)
        for (segment,) in cursor.rows(_SETTLED, wanted=wanted):
            self._ends[segment].settled = True
        for segment in missing:
            self._ends[segment].loaded = True
        # Not before: a reader who finds nothing loaded, and remembers what it sees, must have an earlier version.
        self.turn(wanted_segments)

    def measure(self, cursor: Cursor, series: Collection[SeriesId]) -> None:
        """Read the extents of these series again: they may have lost their first or last points."""
        wanted = np.array(list(series), np.int32)
        for segment, key in series:
            self._ends[segment].scalars.pop(key, None)
        for segment, key, *extent in cursor.rows(
            _SOME_SCALARS, wanted={"segment": wanted[:, 0].copy(), "key": wanted[:, 1].copy()}
        ):
            self._ends[segment].scalars[key] = Extent(*extent)

    def forget(self, segments: Iterable[int]) -> None:
        """What is held of them may be wrong: read it again when needed."""
        for segment in segments:
            self.turn([segment])
            self._ends.pop(segment, None)

    def turn(self, segments: Iterable[int]) -> None:
        """What readers saw of them is of an earlier version."""
        for segment in segments:
            self._turns[segment] = self._turns.get(segment, 0) + 1
            self._seen.pop(segment, None)


def read_ends(cursor: Cursor, segments: Sequence[int]) -> dict[int, Ends]:
    """Extents of scalars and ends of objects in these segments, as this cursor sees them."""
    found = {segment: Ends() for segment in segments}
    wanted = {"segment": np.array(segments, np.int32)}
    for segment, key, last in cursor.rows(_READ["objects"], wanted=wanted):
        found[segment].objects[key] = last
    for segment, key, *extent in cursor.rows(_SCALARS, wanted=wanted):
        found[segment].scalars[key] = Extent(*extent)
    return found
