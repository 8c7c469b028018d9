"""Tiles that a span ends within: a query reads their points instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from playhead.adapters.duckdb.cuts import Cuts
from playhead.adapters.duckdb.engine import Columns, Cursor
from playhead.adapters.duckdb.spans import Reach, table, within

TORN = """
    SELECT DISTINCT number, segment, key, start, up_to FROM tiles JOIN span USING (segment)
    WHERE first_step <= up_to AND last_step > up_to"""
_NOT_TORN = " ANTI JOIN torn USING (number, key, start)"


class Written(NamedTuple):
    """A query, and what it is asked with."""

    query: str
    limits: dict[str, int]
    tables: dict[str, Columns]


def written(
    cursor: Cursor, query: str, in_torn: str, spans: Sequence[Reach], cuts: Cuts, *, torn: str = TORN, **tables: Columns
) -> Written:
    """`query` with its `{not_torn}` and `{in_torn}` written out: it reads tiles of numbered spans, but of those that `torn` finds the
    points, by `in_torn`. Such are told to `cuts`.
    """
    span = table(spans) | {"number": np.arange(len(spans), dtype=np.int32)}
    cut = np.array([one.cut for one in spans])
    if cut.any():
        some = {name: column[cut] for name, column in span.items()}
        found = cursor.columns(torn, span=some, **tables)
        if len(found["start"]):
            cuts.add(zip(found["segment"].tolist(), found["up_to"].tolist(), strict=True))
            query = query.replace("{in_torn}", within(in_torn, found["segment"].tolist())).replace(
                "{not_torn}", _NOT_TORN
            )
            limits = {"low": int(found["start"].min()), "high": int(found["up_to"].max())}
            return Written(query, limits, {"span": span, "torn": found, **tables})
    return Written(query.replace("{in_torn}", "").replace("{not_torn}", ""), {}, {"span": span, **tables})
