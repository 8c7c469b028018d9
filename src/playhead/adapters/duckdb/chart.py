"""Charts: a key over many runs in buckets.

Each span is read the cheapest way: from tiles, if it has some that fit into a bucket, with the points that no tile covers;
else from its points, by constants where nothing but the segment tells what belongs to a track, by a join where more does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.buckets import Grid, Part, combine, empty, grid
from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.marks import Marks
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.spans import END, Reach, reaches, table, within
from playhead.domain.metric import Axis, Source
from playhead.ports.metrics import Chart, ChartRequest

_AGGREGATES = """
        count(*) AS count, count({f}) AS finite, min({f}) AS low, max({f}) AS high, sum({f}) AS total,
        arg_max_null(value, {order}) AS last, max({at}) AS at"""
_PLAIN = """
    SELECT segment AS owner, (({x} - $lo) // $width)::INTEGER AS bucket,{aggregates} FROM {table}
    WHERE key = $key AND {segments}{range} GROUP BY owner, bucket"""
_RANGE = " AND {x} >= $low AND {x} <= $high"
_JOINED = """
    SELECT track AS owner, (({x} - $lo) // $width)::INTEGER AS bucket,{aggregates} FROM {table} JOIN span USING (segment)
    WHERE key = $key AND step <= up_to AND {x} >= $low AND {x} <= $high GROUP BY owner, bucket"""
_SHADOWED = """
    SELECT track AS owner, (({x} - $lo) // $width)::INTEGER AS bucket,{aggregates} FROM (
        SELECT * FROM logged JOIN span USING (segment) WHERE key = $key AND step <= up_to
        QUALIFY row_number() OVER (PARTITION BY track, step ORDER BY place DESC) = 1
    ) WHERE kind < 8 AND {x} >= $low AND {x} <= $high GROUP BY owner, bucket"""
_TILED = """
    SELECT track AS owner, ((start - $lo) // $width)::INTEGER AS bucket, sum(count)::BIGINT AS count,
        sum(finite)::BIGINT AS finite, min(low) AS low, max(high) AS high, sum(total) AS total,
        arg_max_null(last, last_step) AS last, max(last_step) AS at
    FROM tiles JOIN span USING (segment) WHERE key = $key AND start >= tiled_from AND start < tiled_to
    GROUP BY owner, bucket"""
_UNTILED = """
    SELECT track AS owner, ((step - $lo) // $width)::INTEGER AS bucket,{aggregates} FROM cold JOIN span USING (segment)
    WHERE key = $key AND step <= up_to AND step >= $low AND step <= $high AND (step < tiled_from OR step >= tiled_to)
    GROUP BY owner, bucket"""
_IN_HOT = "SELECT segment, count(*), min(step), max(step) FROM hot WHERE key = $key AND {segments} GROUP BY segment"
_IN_TILES = """
    SELECT segment, sum(count)::BIGINT, min(first_step), max(last_step), max(width)
    FROM tiles WHERE key = $key AND {segments} GROUP BY segment"""
_FIRST_OBJECTS = """
    SELECT segment, min(step) FROM objects WHERE key = $key AND {segments} AND NOT digits GROUP BY segment"""
_TIMES = "SELECT segment, min(time), max(time) FROM {table} WHERE key = $key AND {segments} GROUP BY segment"
_TIMES_OF_CUT = """
    SELECT min({x}), max({x}) FROM {table} JOIN span USING (segment)
    WHERE key = $key AND step <= up_to GROUP BY track"""

_FINITE = "CASE WHEN isfinite(value) THEN value END"


class _Known(NamedTuple):
    """What is known of the key in a segment without reading its points."""

    points: int
    first: int
    last: int
    width: int | None
    """Of its tiles, if it has some."""


@dataclass(frozen=True, slots=True)
class _Way:
    """How the source and axis of a request are read."""

    table: str
    x: str
    order: str
    at: str

    @property
    def by_step(self) -> bool:
        """Whether steps alone tell which bucket a point is in."""
        return self.x == "step"

    @property
    def joins(self) -> bool:
        """Whether a point's bucket depends on the track."""
        return "started" in self.x or self.table == "samples"

    def written(self, query: str, *, table: str, finite: str = "") -> str:
        """`query` for this source and axis."""
        query = query.replace("{aggregates}", _AGGREGATES).replace("{f}", finite).replace("{table}", table)
        return query.replace("{x}", self.x).replace("{order}", self.order).replace("{at}", self.at)


def chart(cursor: Cursor, names: Names, marks: Marks, request: ChartRequest, *, few: int) -> Chart:
    """The chart. Up to `few` points, tiles are not worth the coarser grid."""
    key = names.find(request.key)
    spans = [
        span
        for number, track in enumerate(request.tracks)
        for span in reaches(names, track.lineage, track=number, started=track.start)
    ]
    if key is None or not spans:
        return empty()
    known = {}
    if request.source is Source.HISTORY:
        known = _known(cursor, marks, key, {span.segment for span in spans})
    return _Drawing(cursor, key, spans, known, request).draw(few)


def _known(cursor: Cursor, marks: Marks, key: int, segments: set[int]) -> dict[int, _Known]:
    """What is known of those segments that have the key. Memory knows more than this cursor sees, if somebody is writing."""
    found = {row[0]: _Known(*row[1:]) for row in cursor.rows(within(_IN_TILES, segments), {"key": key})}
    unknown = set()
    for segment in segments:
        extents = marks.extents(segment)
        if extents is None:
            unknown.add(segment)
        elif key in extents:
            width = found[segment].width if segment in found else None
            found[segment] = _Known(*extents[key], width)
    if unknown:
        for segment, points, first, last in cursor.rows(within(_IN_HOT, unknown), {"key": key}):
            tiles = found.get(segment, _Known(0, first, last, None))
            found[segment] = _Known(points + tiles.points, min(first, tiles.first), max(last, tiles.last), tiles.width)
    return found


class _Drawing:
    """One chart on its way."""

    def __init__(
        self, cursor: Cursor, key: int, spans: Sequence[Reach], known: dict[int, _Known], request: ChartRequest
    ) -> None:
        self._cursor = cursor
        self._key = key
        self._request = request
        self._way = _way(request)
        self._known = known
        self._all = spans
        self._spans = [span for span in spans if span.segment in known or self._way.table == "samples"]
        """Those that have points of the key."""

    def draw(self, few: int) -> Chart:
        """Choose the grid, read each span in its way, add up."""
        bounds = self._bounds()
        if bounds is None:
            return empty()
        tile = self._tile(*bounds, few)
        cells = grid(*bounds, self._request.buckets, tile)
        shadowed = self._shadowed()
        parts = []
        tiled: list[Reach] = []
        plain: list[Reach] = []
        for span in self._spans:
            if span.track not in shadowed:
                (tiled if tile > 1 and self._fits(span, tile) else plain).append(span)
        parts += self._read(self._source(plain), plain, cells)
        if tiled:
            parts += self._read("hot", tiled, cells)
            parts += self._read_tiles(tiled, cells)
        over = [span for span in self._all if span.track in shadowed]
        if over:
            parts.append(self._ask(_SHADOWED, "logged", cells, span=table(over)))
        return combine(cells, parts)

    def _source(self, spans: Sequence[Reach]) -> str:
        """Where points of these spans are. Of one table DuckDB knows the extremes, which makes grouping faster."""
        if self._way.table == "points" and all(self._known[span.segment].width is None for span in spans):
            return "hot"
        return self._way.table

    def _bounds(self) -> tuple[int, int] | None:
        """The smallest and largest x, within the request; None if there is nothing."""
        if self._way.by_step:
            ends = [
                (self._known[span.segment].first, min(self._known[span.segment].last, span.up_to))
                for span in self._spans
                if self._known[span.segment].first <= span.up_to
            ]
        else:
            ends = self._times()
        if not ends:
            return None
        low, high = min(end[0] for end in ends), max(end[1] for end in ends)
        if self._request.lo is not None:
            low = max(low, self._request.lo)
        if self._request.hi is not None:
            high = min(high, self._request.hi)
        return (low, high) if low <= high else None

    def _times(self) -> list[tuple[int, int]]:
        """First and last x of spans, where x is a time."""
        ends: list[tuple[int, int]] = []
        whole = [span for span in self._spans if not span.cut]
        cut = [span for span in self._spans if span.cut]
        clock = self._request.axis is not Axis.TIME
        if whole:
            query = self._way.written(within(_TIMES, (span.segment for span in whole)), table=self._source(whole))
            of = {segment: (low, high) for segment, low, high in self._cursor.rows(query, {"key": self._key})}
            for span in whole:
                if span.segment in of:
                    started = span.started if clock else 0
                    ends.append((of[span.segment][0] - started, of[span.segment][1] - started))
        if cut:
            query = self._way.written(_TIMES_OF_CUT, table=self._way.table)
            ends += self._cursor.rows(query, {"key": self._key}, span=table(cut))
        return ends

    def _tile(self, low: int, high: int, few: int) -> int:
        """The widest tile that a bucket can hold; 1 if tiles are of no use."""
        if not self._way.by_step or sum(self._known[span.segment].points for span in self._spans) <= few:
            return 1
        most = -(-(high - low + 1) // self._request.buckets)
        widths = (self._known[span.segment].width for span in self._spans)
        return max((width for width in widths if width is not None and width <= most), default=1)

    def _fits(self, span: Reach, tile: int) -> bool:
        width = self._known[span.segment].width
        return width is not None and width <= tile

    def _shadowed(self) -> set[int]:
        """Tracks in which a later span may replace a point of an earlier one."""
        of_track: dict[int, list[Reach]] = defaultdict(list)
        for span in self._all:
            of_track[span.track].append(span)
        several = {track: own for track, own in of_track.items() if len(own) > 1 and self._known}
        if not several:
            return set()
        query = within(_FIRST_OBJECTS, (span.segment for own in several.values() for span in own))
        objects: dict[int, int] = dict(self._cursor.rows(query, {"key": self._key}))
        return {track for track, own in several.items() if self._overlap(own, objects)}

    def _overlap(self, spans: Sequence[Reach], objects: dict[int, int]) -> bool:
        reached = -1
        for span in spans:
            known = self._known.get(span.segment)
            first = min(known.first if known else END, objects.get(span.segment, END))
            if first <= min(reached, span.up_to):
                return True
            if known:
                reached = max(reached, min(known.last, span.up_to))
        return False

    def _read(self, source: str, spans: Sequence[Reach], cells: Grid) -> list[Part]:
        """Points of these spans: by constants where the segment tells the tracks, by a join elsewhere."""
        joined = [span for span in spans if span.cut or self._way.joins]
        plain = [span for span in spans if not (span.cut or self._way.joins)]
        parts = []
        # What is known of a segment is never less than this cursor sees: without a limit in the request, all points are inside.
        open_ended = self._way.by_step and self._request.lo is self._request.hi is None
        limits = "" if open_ended else _RANGE
        if plain:
            query = within(_PLAIN, (span.segment for span in plain)).replace("{range}", limits)
            parts.append(_given_to_tracks(self._ask(query, source, cells), plain))
        if joined:
            parts.append(self._ask(_JOINED, source, cells, span=table(joined)))
        return parts

    def _read_tiles(self, spans: Sequence[Reach], cells: Grid) -> list[Part]:
        """Tiles of these spans, and the cold points at their ends that tiles reach beyond."""
        covered = [self._covered(span, cells) for span in spans]
        columns = table(spans)
        columns["tiled_from"] = np.array([start for start, _ in covered], np.int64)
        columns["tiled_to"] = np.array([end for _, end in covered], np.int64)
        parts = [self._ask(_TILED, "tiles", cells, span=columns)]
        partly = np.array([cover != (-END, END) for cover in covered])
        if partly.any():
            rest = {name: column[partly] for name, column in columns.items()}
            parts.append(self._ask(_UNTILED, "cold", cells, span=rest))
        return parts

    def _covered(self, span: Reach, cells: Grid) -> tuple[int, int]:
        """From where to where tiles start that have no point outside the chart and the span."""
        known = self._known[span.segment]
        width = known.width or 1
        end = min(span.up_to, cells.high)
        tiled_from = -END if cells.low <= known.first else -(-cells.low // width) * width
        return tiled_from, END if end >= known.last else (end + 1) // width * width

    def _ask(self, query: str, source: str, cells: Grid, **tables: dict[str, NDArray[Any]]) -> Part:
        """Buckets of one query. Infinities are rare: only when one shows is the query asked again without them."""
        parameters = {"key": self._key, "lo": cells.lo, "width": cells.width}
        if "$low" in query:
            parameters |= {"low": cells.low, "high": cells.high}
        part = self._cursor.columns(self._way.written(query, table=source, finite="value"), parameters, **tables)
        if np.isinf(part["low"]).any() or np.isinf(part["high"]).any():
            part = self._cursor.columns(self._way.written(query, table=source, finite=_FINITE), parameters, **tables)
        part["track"] = part.pop("owner")
        return part


def _way(request: ChartRequest) -> _Way:
    if request.source is Source.SYSTEM:
        x = "time" if request.axis is Axis.TIME else "(time - started)"
        return _Way("samples", x, "(time, place)", "time")
    x = {Axis.STEP: "step", Axis.TIME: "time", Axis.RUNTIME: "(time - started)"}[request.axis]
    return _Way("points", x, "step", "step")


def _given_to_tracks(part: Part, spans: Sequence[Reach]) -> Part:
    """`part`, whose tracks are still segments, with each segment's buckets given to every track that reads it."""
    readers: dict[int, list[int]] = defaultdict(list)
    for span in spans:
        readers[span.segment].append(span.track)
    columns = []
    for turn in range(max(len(tracks) for tracks in readers.values())):
        tracks = {segment: tracks[turn] for segment, tracks in sorted(readers.items()) if len(tracks) > turn}
        segments = np.array(list(tracks), np.int32)
        place = np.searchsorted(segments, part["track"]).clip(max=len(segments) - 1)
        own = segments[place] == part["track"]
        track = np.array(list(tracks.values()), np.int32)[place[own]]
        columns.append({name: column[own] for name, column in part.items()} | {"track": track})
    return {name: np.concatenate([column[name] for column in columns]) for name in part}
