"""Charts: a key over many runs in buckets.

Each span is read the cheapest way: from tiles, if it has some that fit into a bucket, with the points of those that it ends within;
else from its points, by constants where nothing but the segment tells what belongs to a track, by a join where more does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.buckets import Grid, Part, combine, empty, grid
from playhead.adapters.duckdb.clocks import start
from playhead.adapters.duckdb.cuts import Cuts
from playhead.adapters.duckdb.engine import Cursor, Engine
from playhead.adapters.duckdb.known import Knowledge
from playhead.adapters.duckdb.marks import Marks
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.spans import END, Reach, laned, reaches, table, within
from playhead.adapters.duckdb.tiled import Held, Known
from playhead.domain.metric import Axis, Source
from playhead.ports.metrics import Chart, ChartRequest

_AGGREGATES = """
        count(*) AS count, count({f}) AS finite, min({f}) AS low, max({f}) AS high, sum({f}) AS total,
        arg_max_null(value, {order}) AS last, max({at}) AS at{moment}"""
_PLAIN = """
    SELECT segment AS owner, (({x} - $lo) // $width)::INTEGER AS bucket,{aggregates} FROM {table}
    WHERE key = $key AND {segments}{range} GROUP BY owner, bucket"""
_RANGE = " AND {x} >= $low AND {x} <= $high"
_JOINED = """
    SELECT owner, (({x} - $lo) // $width)::INTEGER AS bucket,{aggregates} FROM {table} JOIN span USING (segment)
    WHERE key = $key AND step <= up_to AND {x} >= $low AND {x} <= $high GROUP BY owner, bucket"""
_HIDDEN = """
    SELECT owner, (({x} - $lo) // $width)::INTEGER AS bucket,{aggregates} FROM (
        SELECT * FROM logged JOIN span USING (segment) WHERE key = $key AND step <= up_to
        QUALIFY row_number() OVER (PARTITION BY owner, step ORDER BY place DESC) = 1
    ) WHERE kind < 8 AND {x} >= $low AND {x} <= $high GROUP BY owner, bucket"""
_TILED = """
    SELECT owner, ((start - $lo) // $width)::INTEGER AS bucket, sum(count)::BIGINT AS count,
        sum(finite)::BIGINT AS finite, min(low) AS low, max(high) AS high, sum(total) AS total,
        arg_max_null(last, last_step) AS last, max(last_step) AS at{moment}
    FROM tiles JOIN span USING (segment){not_torn} WHERE key = $key{whole} GROUP BY owner, bucket"""
_WHOLE = " AND first_step >= from_step AND last_step <= to_step"
_NOT_TORN = " ANTI JOIN torn USING (owner, segment, start)"
_TORN = """
    SELECT owner, segment, start, greatest(start, any_value(from_step)) AS first,
        least(start + any_value(width) - 1, any_value(to_step)) AS last, bool_or(last_step > to_step) AS at_end
    FROM tiles JOIN span USING (segment) WHERE key = $key AND first_step <= to_step AND last_step >= from_step
        AND (first_step < from_step OR last_step > to_step)
    GROUP BY owner, segment, start"""
_IN_TORN = """
    SELECT owner, ((step - $lo) // $width)::INTEGER AS bucket,{aggregates}
    FROM (SELECT * FROM cold WHERE key = $key AND {segments}) AS cold JOIN torn
    ON cold.segment = torn.segment AND cold.step >= torn.first AND cold.step <= torn.last GROUP BY owner, bucket"""
_TIMES = "SELECT segment, min(time), max(time) FROM {table} WHERE key = $key AND {segments} GROUP BY segment"
_TIMES_OF_CUT = """
    SELECT min({x}), max({x}) FROM {table} JOIN span USING (segment)
    WHERE key = $key AND step <= up_to GROUP BY track"""

_MOMENTS = {
    "points": ", arg_max(time, step) AS moment",
    "tiles": ", coalesce(arg_max(last_time, last_step), 0) AS moment",
}
_FINITE = "CASE WHEN isfinite(value) THEN value END"


@dataclass(frozen=True, slots=True)
class _Way:
    """How the source and axis of a request are read."""

    table: str
    x: str
    order: str
    at: str
    joins: bool = False
    """Whether a point's bucket depends on the track."""
    lanes: bool = False
    """Whether steps alone do not tell which point is the last."""

    @property
    def by_step(self) -> bool:
        """Whether steps alone tell which bucket a point is in."""
        return self.x == "step"

    def written(self, query: str, *, table: str, finite: str = "") -> str:
        """`query` for this source and axis."""
        query = query.replace("{aggregates}", _AGGREGATES).replace("{f}", finite).replace("{table}", table)
        moment = _MOMENTS["tiles" if table == "tiles" else "points"] if self.lanes else ""
        query = query.replace("{moment}", moment)
        return query.replace("{x}", self.x).replace("{order}", self.order).replace("{at}", self.at)


def chart(
    engine: Engine, names: Names, marks: Marks, held: Held, request: ChartRequest, cuts: Cuts, *, few: int
) -> Chart:
    """The chart. Up to `few` points, tiles are not worth the coarser grid. Tiles that a span ends within are told to `cuts`."""
    key = names.find(request.key)
    spans = [
        span
        for number, track in enumerate(request.tracks)
        for span in reaches(names, track.lineage, track=number, started=track.start)
    ]
    if key is None or not spans:
        return empty()
    versions = {span.segment: marks.version(span.segment) for span in spans}
    chain = request.axis is Axis.STEP and len(versions) == len(spans) and any(span.cut for span in spans)
    with engine.read() as cursor:
        knowledge = None
        if request.source is Source.HISTORY and chain:
            knowledge = Knowledge.one_by_one(cursor, marks, key, spans, held, versions)
        elif request.source is Source.HISTORY:
            knowledge = Knowledge.read(cursor, marks, key, spans)
        return _Drawing(cursor, key, spans, knowledge, request, cuts).draw(few)


class _Drawing:
    """One chart on its way."""

    def __init__(
        self,
        cursor: Cursor,
        key: int,
        spans: Sequence[Reach],
        knowledge: Knowledge | None,
        request: ChartRequest,
        cuts: Cuts,
    ) -> None:
        self._cursor = cursor
        self._key = key
        self._request = request
        self._cuts = cuts
        self._knowledge = knowledge
        self._known = knowledge.of if knowledge else {}
        self._all = spans
        self._spans = [_whole(span, self._known[span.segment]) for span in spans if span.segment in self._known]
        """Those that have points of the key, cut only if that cuts something off."""
        if request.source is Source.SYSTEM:
            self._spans = list(spans)
        history = request.source is Source.HISTORY
        self._owners = sorted({(span.track, span.lane if history else 0) for span in spans})
        """Who has a last point of its own in a bucket: each lane of a track."""
        self._way = _way(request, lanes=history and laned(spans))

    def draw(self, few: int) -> Chart:
        """Choose the grid, read each span in its way, add up."""
        bounds = self._bounds()
        if bounds is None:
            return empty()
        tile = self._tile(*bounds, few)
        cells = grid(*bounds, self._request.buckets, tile)
        over = self._knowledge.hidden() if self._knowledge else set()
        parts = []
        tiled: list[Reach] = []
        plain: list[Reach] = []
        for span in self._spans:
            if (span.track, span.lane) not in over:
                (tiled if tile > 1 and self._fits(span, tile) else plain).append(span)
        parts += self._read(self._source(plain), plain, cells)
        if tiled:
            parts += self._read("hot", [span for span in tiled if self._known[span.segment].hot], cells)
            parts += self._read_tiles(tiled, cells)
        overlapping = [span for span in self._all if (span.track, span.lane) in over]
        if overlapping:
            parts.append(self._ask(_HIDDEN, "logged", cells, span=self._table(overlapping)))
        return combine(cells, [self._of_tracks(part) for part in parts])

    def _table(self, spans: Sequence[Reach]) -> dict[str, NDArray[Any]]:
        numbers = {owner: number for number, owner in enumerate(self._owners)}
        history = self._request.source is Source.HISTORY
        owners = [numbers[span.track, span.lane if history else 0] for span in spans]
        return table(spans) | {"owner": np.array(owners, np.int32)}

    def _of_tracks(self, part: Part) -> Part:
        """`part` with the track of each owner, and the lane where that matters."""
        owners = np.array(self._owners, np.int32)[part.pop("owner")]
        return part | {"track": owners[:, 0]} | ({"lane": owners[:, 1]} if self._way.lanes else {})

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
        clock = self._request.axis is not Axis.TIME
        resumed = {number for number, track in enumerate(self._request.tracks) if clock and track.later}
        whole = [span for span in self._spans if not span.cut and span.track not in resumed]
        other = [span for span in self._spans if span.cut or span.track in resumed]
        if whole:
            query = self._way.written(within(_TIMES, (span.segment for span in whole)), table=self._source(whole))
            of = {segment: (low, high) for segment, low, high in self._cursor.rows(query, {"key": self._key})}
            for span in whole:
                if span.segment in of:
                    started = span.started if clock else 0
                    ends.append((of[span.segment][0] - started, of[span.segment][1] - started))
        if other:
            query = self._way.written(_TIMES_OF_CUT, table=self._source(other))
            ends += self._cursor.rows(query, {"key": self._key}, span=self._table(other))
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
            parts.append(_given_to_owners(self._ask(query, source, cells), self._table(plain)))
        if joined:
            parts.append(self._ask(_JOINED, source, cells, span=self._table(joined)))
        return parts

    def _read_tiles(self, spans: Sequence[Reach], cells: Grid) -> list[Part]:
        """Tiles of these spans that have no point outside the span and the chart; the points of the others that have one inside."""
        columns = self._table(spans)
        ends = [(cells.low, min(span.up_to, cells.high)) for span in spans]
        columns["from_step"], columns["to_step"] = (np.array(column, np.int64) for column in zip(*ends, strict=True))
        if self._knowledge and self._knowledge.tiles is not None:
            part, torn = self._knowledge.tiles.part(columns, cells, lanes=self._way.lanes)
            return [part, *self._read_torn(torn, spans, cells)]
        known = [self._known[span.segment] for span in spans]
        partly = [one.first < low or one.last > high for one, (low, high) in zip(known, ends, strict=True)]
        if not any(partly):
            query = _TILED.replace("{whole}", "").replace("{not_torn}", "")
            return [self._ask(query, "tiles", cells, span=columns)]
        some = {name: column[np.array(partly)] for name, column in columns.items()}
        torn = self._cursor.columns(_TORN, {"key": self._key}, span=some)
        if not len(torn["start"]):
            query = _TILED.replace("{whole}", _WHOLE).replace("{not_torn}", "")
            return [self._ask(query, "tiles", cells, span=columns)]
        query = _TILED.replace("{whole}", _WHOLE).replace("{not_torn}", _NOT_TORN)
        whole = self._ask(query, "tiles", cells, span=columns, torn=torn)
        return [whole, *self._read_torn(torn, spans, cells)]

    def _read_torn(self, torn: Part, spans: Sequence[Reach], cells: Grid) -> list[Part]:
        """The points of places with a tile that lies partly within the chart."""
        if not torn:
            return []
        self._cuts.add(_at_ends(torn, spans))
        query = within(_IN_TORN, torn["segment"].tolist())
        return [self._ask(query, "cold", cells, torn=torn)]

    def _ask(self, query: str, source: str, cells: Grid, **tables: dict[str, NDArray[Any]]) -> Part:
        """Buckets of one query. Infinities are rare: only when one shows is the query asked again without them."""
        parameters = {"key": self._key, "lo": cells.lo, "width": cells.width}
        if "$low" in query:
            parameters |= {"low": cells.low, "high": cells.high}
        part = self._cursor.columns(self._way.written(query, table=source, finite="value"), parameters, **tables)
        if np.isinf(part["low"]).any() or np.isinf(part["high"]).any():
            part = self._cursor.columns(self._way.written(query, table=source, finite=_FINITE), parameters, **tables)
        return part


def _whole(span: Reach, of: Known) -> Reach:
    """`span` without an end that has nothing behind it."""
    return span if span.up_to < of.last else replace(span, up_to=END)


def _at_ends(torn: Part, spans: Sequence[Reach]) -> Iterator[tuple[int, int]]:
    """The (segment, step) of spans that end within one of these tiles, as the others do at the ends of the chart."""
    ends = {(span.segment, span.up_to) for span in spans}
    found = zip(torn["segment"].tolist(), torn["last"].tolist(), torn["at_end"].tolist(), strict=True)
    yield from ((segment, step) for segment, step, at_end in found if at_end and (segment, step) in ends)


def _way(request: ChartRequest, *, lanes: bool) -> _Way:
    clock = f"(time - {start(request.tracks)})"
    if request.source is Source.SYSTEM:
        x = "time" if request.axis is Axis.TIME else clock
        return _Way("samples", x, "(time, place)", "time", joins=True)
    x = {Axis.STEP: "step", Axis.TIME: "time", Axis.RUNTIME: clock}[request.axis]
    return _Way("points", x, "step", "step", joins=x == clock, lanes=lanes)


def _given_to_owners(part: Part, spans: dict[str, NDArray[Any]]) -> Part:
    """`part`, whose owners are still segments, with each segment's buckets given to everyone that reads it."""
    readers: dict[int, list[int]] = defaultdict(list)
    for segment, owner in zip(spans["segment"].tolist(), spans["owner"].tolist(), strict=True):
        readers[segment].append(owner)
    columns = []
    for turn in range(max(len(owners) for owners in readers.values())):
        owners = {segment: owners[turn] for segment, owners in sorted(readers.items()) if len(owners) > turn}
        segments = np.array(list(owners), np.int32)
        place = np.searchsorted(segments, part["owner"]).clip(max=len(segments) - 1)
        own = segments[place] == part["owner"]
        owner = np.array(list(owners.values()), np.int32)[place[own]]
        columns.append({name: column[own] for name, column in part.items()} | {"owner": owner})
    return {name: np.concatenate([column[name] for column in columns]) for name in part}
