"""Console lines over lineage."""

from __future__ import annotations

from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.spans import reaches, table, within
from playhead.domain.metric import Lineage
from playhead.domain.run import ConsoleLine

_SOME = "SELECT 1 FROM lines WHERE {segments} LIMIT 1"
_COUNT = "SELECT count(*) FROM lines JOIN span USING (segment) WHERE step <= up_to"
_READ = """
    SELECT text, channel, step, time, lane FROM lines JOIN span USING (segment) JOIN names ON names.id = lines.stream
    WHERE step <= up_to ORDER BY stem, time, name, number, place LIMIT $limit OFFSET $start"""


def console(
    cursor: Cursor, names: Names, lineage: Lineage, *, after: int, limit: int, tail: bool
) -> tuple[list[ConsoleLine], int]:
    """Lines from ordinal `after` + 1 on, or the last ones; and how many there are."""
    reached = reaches(names, lineage)
    if not reached or not cursor.rows(within(_SOME, (span.segment for span in reached))):
        return [], 0
    spans = table(reached)
    ((total,),) = cursor.rows(_COUNT, span=spans)
    start = max(total - limit, 0) if tail else after + 1
    rows = cursor.rows(_READ, {"limit": limit, "start": start}, span=spans) if start < total else []
    lines = [ConsoleLine(start + number, *row) for number, row in enumerate(rows)]
    return lines, total
