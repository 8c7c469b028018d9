"""How far each series goes, so that a point that is new needs no look at the file: most are beyond the last one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from playhead.adapters.duckdb.engine import Cursor

_HELD = 2_000_000
"""Series whose ends are held in memory; beyond it all are forgotten, and read again when needed."""
_READ = {
    "scalars": """
        SELECT segment, key, max(step) FROM (
            SELECT segment, key, step FROM hot UNION ALL SELECT segment, key, last_step FROM tiles
        ) JOIN wanted USING (segment) GROUP BY segment, key""",
    "objects": "SELECT segment, key, max(step) FROM objects JOIN wanted USING (segment) GROUP BY segment, key",
    "samples": "SELECT segment, key, max(time) FROM samples JOIN wanted USING (segment) GROUP BY segment, key",
    "lines": "SELECT segment, stream, max(number) FROM lines JOIN wanted USING (segment) GROUP BY segment, stream",
}
_SETTLED = "SELECT DISTINCT segment FROM tiles JOIN wanted USING (segment)"


@dataclass(slots=True)
class Ends:
    """The last places of a segment's series: step by key; time by key (samples); number by stream (lines)."""

    scalars: dict[int, int] = field(default_factory=dict)
    objects: dict[int, int] = field(default_factory=dict)
    samples: dict[int, int] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    settled: bool = False
    """Whether some of its points are in `cold`."""


class Marks:
    """Ends by segment. The writer's alone."""

    def __init__(self) -> None:
        self._ends: dict[int, Ends] = {}

    def __getitem__(self, segment: int) -> Ends:
        return self._ends[segment]

    def load(self, cursor: Cursor, segments: Iterable[int], *, fresh: Iterable[int] = ()) -> None:
        """Have the ends of these segments at hand. Of the `fresh` ones the file knows nothing."""
        for segment in fresh:
            self._ends[segment] = Ends()
        wanted_segments = set(segments)
        missing = [segment for segment in wanted_segments if segment not in self._ends]
        if not missing:
            return
        if sum(len(ends.scalars) + len(ends.samples) for ends in self._ends.values()) > _HELD:
            self._ends.clear()
            missing = list(wanted_segments)
        for segment in missing:
            self._ends[segment] = Ends()
        wanted = {"segment": np.array(missing, np.int32)}
        for kind, query in _READ.items():
            for segment, key, last in cursor.rows(query, wanted=wanted):
                getattr(self._ends[segment], kind)[key] = last
        for (segment,) in cursor.rows(_SETTLED, wanted=wanted):
            self._ends[segment].settled = True

    def forget(self, segments: Iterable[int]) -> None:
        """What is held of them may be wrong: read it again when needed."""
        for segment in segments:
            self._ends.pop(segment, None)
