"""Which keys many lineages have, in a handful of queries for all of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from playhead.adapters.duckdb.cuts import Cuts
from playhead.adapters.duckdb.engine import Cursor
from playhead.adapters.duckdb.marks import Marks
from playhead.adapters.duckdb.names import Names
from playhead.adapters.duckdb.series import history, parts
from playhead.adapters.duckdb.spans import Reach, laned, reaches, table
from playhead.domain.metric import Kind, Lineage
from playhead.ports.metrics import Keys

_WHOLE = """
    SELECT track, place, key, max(last) FROM (
        SELECT track, place, key, max(step) AS last FROM hot JOIN span USING (segment) GROUP BY track, place, key
        UNION ALL
        SELECT track, place, key, max(last_step) FROM tiles JOIN span USING (segment) GROUP BY track, place, key
    ) GROUP BY track, place, key"""
_OBJECTS = """
    SELECT track, place, key, max(step), min(step), any_value(segment) FROM objects JOIN span USING (segment)
    WHERE step <= up_to AND NOT digits GROUP BY track, place, key"""
_TEXTS = """
    SELECT track, objects.key, json FROM objects
    JOIN first ON objects.segment = first.segment AND objects.key = first.key AND objects.step = first.step"""
_SAMPLES = "SELECT DISTINCT track, key FROM samples JOIN span USING (segment) WHERE step <= up_to"


class _End(NamedTuple):
    """Where a key ends in a lineage; the largest counts."""

    step: int
    place: int
    is_object: bool


class _First(NamedTuple):
    """Where a key has its first object in a lineage; the smallest counts."""

    step: int
    segment: int


def keys(cursor: Cursor, names: Names, marks: Marks, lineages: Sequence[Lineage], cuts: Cuts) -> list[Keys]:
    """The keys of each lineage. Tiles that a span ends within are told to `cuts`."""
    of_track = [reaches(names, lineage, track=track) for track, lineage in enumerate(lineages)]
    spans = [span for own in of_track for span in own]
    ends: list[dict[int, _End]] = [{} for _ in lineages]
    firsts: list[dict[int, _First]] = [{} for _ in lineages]
    sampled: list[set[str]] = [set() for _ in lineages]
    texts: dict[tuple[int, int], str] = {}
    if spans:
        objects = cursor.rows(_OBJECTS, span=table(spans))
        simple = [span for own in of_track if not laned(own) for span in own]
        for track, key, end in itertools.chain(_ends(cursor, marks, simple, cuts), _ends_of_objects(objects)):
            if not laned(of_track[track]):
                ends[track][key] = max(ends[track].get(key, end), end)
        for track, own in enumerate(of_track):
            for part in history(cursor, own, cuts) if laned(own) else []:
                ends[track][part.key] = _End(part.last, 0, is_object=part.kind == Kind.OBJECT)
        for track, _, key, _, *first in objects:
            firsts[track][key] = min(firsts[track].get(key, _First(*first)), _First(*first))
        for track, key in cursor.rows(_SAMPLES, span=table(spans)):
            sampled[track].add(names.name(key))
        texts = _texts(cursor, ends, firsts)
    return [
        Keys(
            scalars=tuple(sorted(names.name(key) for key, end in own.items() if not end.is_object)),
            objects={names.name(key): texts[track, key] for key, end in own.items() if end.is_object},
            system=tuple(sorted(sampled[track])),
        )
        for track, own in enumerate(ends)
    ]


def _ends(cursor: Cursor, marks: Marks, spans: Sequence[Reach], cuts: Cuts) -> Iterator[tuple[int, int, _End]]:
    """(track, key, end) of the numbers that the spans have. What memory knows needs no look at the file."""
    whole = []
    for span in spans:
        extents = None if span.cut else marks.extents(span.segment)
        if extents is not None:
            for key, extent in list(extents.items()):
                yield span.track, key, _End(extent.last, span.place, is_object=False)
        elif not span.cut:
            whole.append(span)
    for track, place, key, step in cursor.rows(_WHOLE, span=table(whole)) if whole else []:
        yield track, key, _End(step, place, is_object=False)
    some = [span for span in spans if span.cut]
    for span, part in parts(cursor, some, cuts) if some else []:
        yield span.track, part.key, _End(part.last, span.place, is_object=part.kind == Kind.OBJECT)


def _ends_of_objects(objects: Iterable[tuple[int, ...]]) -> Iterator[tuple[int, int, _End]]:
    for track, place, key, step, *_ in objects:
        yield track, key, _End(step, place, is_object=True)


def _texts(
    cursor: Cursor, ends: Sequence[dict[int, _End]], firsts: Sequence[dict[int, _First]]
) -> dict[tuple[int, int], str]:
    """The first object of each key that ends with one, by track and key."""
    wanted = [
        (track, key, *firsts[track][key]) for track, own in enumerate(ends) for key, end in own.items() if end.is_object
    ]
    if not wanted:
        return {}
    columns = np.array(wanted, np.int64)
    first: dict[str, NDArray[Any]] = {
        "track": columns[:, 0].astype(np.int32),
        "key": columns[:, 1].astype(np.int32),
        "step": np.ascontiguousarray(columns[:, 2]),
        "segment": columns[:, 3].astype(np.int32),
    }
    return {(track, key): text for track, key, text in cursor.rows(_TEXTS, first=first)}
