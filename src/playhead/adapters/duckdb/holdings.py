"""What segments have besides numbers, so that whoever reads many of them whole need not ask each for what it does not have."""

from __future__ import annotations

from collections.abc import Sequence

from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.spans import among, reaches
from playhead.domain.metric import Lineage
from playhead.ports.frames import Holding

_OF = "SELECT '{table}', segment FROM {table}{among} WHERE {segments} GROUP BY segment"
_TABLES = ("objects", "samples", "lines")
_ALL = " UNION ALL ".join(_OF.replace("{table}", table) for table in _TABLES)


def holdings(cursor: Cursor, names: Names, lineages: Sequence[Lineage]) -> list[Holding]:
    """Of each, in one look for all of them."""
    segments = [[span.segment for span in reaches(names, lineage)] for lineage in lineages]
    wanted = {segment for own in segments for segment in own}
    if not wanted:
        return [Holding(False, False, False) for _ in lineages]
    query, tables = among(_ALL, wanted)
    found = set(cursor.rows(query, **tables))
    return [Holding(*(any((table, segment) in found for segment in own) for table in _TABLES)) for own in segments]
