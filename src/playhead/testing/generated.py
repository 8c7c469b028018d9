"""Histories that Hypothesis makes up, written to a store and to a model: whatever is asked, both must say the same."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from playhead.domain.metric import Axis, Kind, Lineage, Source, Span, Track
from playhead.domain.run import ConsoleLine
from playhead.ports.frames import FrameQuery
from playhead.ports.metrics import Batch, ChartRequest, Metrics, ObjectPoint, Points, RowPage
from playhead.testing.points import START, Told, check_chart, check_frames, check_points, check_totals, columns, same

KEYS = ("a", "b", "c")
SEGMENTS = ("s1", "s2", "s3", "s4")
_numbers = itertools.count()
_PHASES = set(Phase) - {Phase.explain}
"""Explaining a failure traces every line, and takes minutes here."""

_reals = st.one_of(
    st.sampled_from([math.nan, math.inf, -math.inf, 0.0, -0.0, 5e-324, 1e300, -1e300]),
    st.floats(-1e6, 1e6),
)
_scalars = st.one_of(
    st.tuples(st.just(Kind.FLOAT), _reals),
    st.tuples(st.just(Kind.INT), st.integers(-(2**53), 2**53).map(float)),
    st.tuples(st.just(Kind.BOOL), st.sampled_from([0.0, 1.0])),
)
_keys = st.sampled_from(KEYS)
_steps = st.one_of(st.integers(0, 12), st.integers(0, 700), st.sampled_from([2**40, 2**53 - 1]))
_times = st.integers(0, 900).map(lambda offset: START + offset)
_json = st.recursive(
    st.one_of(st.none(), st.text(max_size=5), st.floats(), st.integers()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=4,
)


@st.composite
def _points(draw: st.DrawFn) -> Points:
    """Single points in any order, a stretch of steps, or both."""
    told: list[Told] = [
        (key, step, time, *scalar)
        for key, step, time, scalar in draw(st.lists(st.tuples(_keys, _steps, _times, _scalars), max_size=8))
    ]
    if draw(st.booleans()):
        key, first, every = draw(_keys), draw(st.integers(0, 300)), draw(st.integers(1, 3))
        values = draw(st.lists(_reals, min_size=1, max_size=4))
        stretch = range(first, first + every * draw(st.integers(1, 200)), every)
        told += [(key, step, START + step, Kind.FLOAT, values[step % len(values)]) for step in stretch]
    return columns(told)


@st.composite
def _batches(draw: st.DrawFn) -> Batch:
    history = [draw(_points())]
    objects = [
        ObjectPoint(key=key, step=step, time=time, json=json.dumps(value))
        for key, step, time, value in draw(st.lists(st.tuples(_keys, _steps, _times, _json), max_size=3))
    ]
    for key, step, time, value in draw(st.lists(st.tuples(_keys, _steps, _times, st.integers(2**60)), max_size=2)):
        history.append(columns([(key, step, time, Kind.BIG_INT, float(value))]))
        objects.append(ObjectPoint(key=key, step=step, time=time, json=str(value)))
    console = [
        ConsoleLine(number, text, channel, step, time)
        for number, text, channel, step, time in draw(
            st.lists(
                st.tuples(
                    st.integers(0, 6), st.text(max_size=4), st.sampled_from(["stdout", "stderr"]), _steps, _times
                ),
                max_size=4,
            )
        )
    ]
    return Batch(
        segment=draw(st.sampled_from(SEGMENTS)),
        stream=draw(st.sampled_from(["t1", "t2"])),
        history=history,
        objects=objects,
        system=[draw(_points())] if draw(st.booleans()) else [],
        console=console,
    )


_deeds: st.SearchStrategy[tuple[str, list[Any]]] = st.one_of(
    st.tuples(st.just("append"), st.lists(_batches(), min_size=1, max_size=3)),
    st.tuples(st.just("append"), st.lists(_batches(), min_size=1, max_size=1)),
    st.tuples(st.just("settle"), st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=3)),
    st.tuples(st.just("repeat"), st.just([])),
    st.tuples(st.just("drop"), st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=1)),
)
_spans = st.builds(
    Span, st.sampled_from(SEGMENTS), st.one_of(st.none(), st.integers(0, 600)), st.sampled_from([0, 0, 1, 2])
)
_lineages = st.lists(_spans, min_size=1, max_size=4, unique_by=lambda span: span.segment)
_clocks = st.lists(st.tuples(_times, st.integers(-50, 600).map(lambda offset: START + offset)), max_size=3)
_range = st.one_of(st.none(), st.integers(0, 700))

Asked = dict[str, Any]
_questions = st.fixed_dictionaries(
    {
        "lineages": st.lists(_lineages, min_size=1, max_size=4),
        "clock": _clocks.map(lambda told: tuple(sorted(told))),
        "keys": st.one_of(st.none(), st.lists(_keys, max_size=2)),
        "axis": st.sampled_from(list(Axis)),
        "range": st.tuples(_range, _range),
        "buckets": st.sampled_from([1, 2, 7, 100]),
        "page": st.tuples(_steps, _range, st.sampled_from([1, 3, 1_000])),
        "cells": st.sampled_from([1, 1_000]),
        "samples": st.integers(1, 20),
        "tail": st.booleans(),
    }
)


class GeneratedContract:
    """Part of MetricsContract."""

    @settings(deadline=None, max_examples=12, phases=_PHASES, suppress_health_check=list(HealthCheck))
    @given(deeds=st.lists(_deeds, min_size=1, max_size=7), asked=_questions)
    def test_it_says_what_the_model_says(
        self, metrics: Metrics, model: Metrics, deeds: list[tuple[str, list[Any]]], asked: Asked
    ) -> None:
        world = _World(metrics, model)
        for name, what in deeds:
            world.do(name, what)
        world.compare(asked)


class _World:
    """A store and its model, with segments that no other example knows."""

    def __init__(self, metrics: Metrics, model: Metrics) -> None:
        self._stores = (metrics, model)
        self._prefix = f"{next(_numbers)}-"
        self._last: list[Batch] = []

    def do(self, name: str, what: list[Any]) -> None:
        """Do it to both."""
        if name == "append":
            self._last = [
                Batch(
                    segment=self._prefix + batch.segment,
                    stream=batch.stream,
                    history=batch.history,
                    objects=batch.objects,
                    system=batch.system,
                    console=batch.console,
                )
                for batch in what
            ]
        for store in self._stores:
            if name in {"append", "repeat"}:
                store.append(self._last)
            elif name == "settle":
                store.settle([self._prefix + segment for segment in what])
            else:
                store.drop([self._prefix + segment for segment in what])

    def compare(self, asked: Asked) -> None:
        """Ask both the same."""
        tracks = [
            Track(
                tuple(span._replace(segment=self._prefix + span.segment) for span in spans),
                START - 10 * number,
                asked["clock"] if number % 2 else (),
            )
            for number, spans in enumerate(asked["lineages"])
        ]
        for track in tracks:
            self._compare_lineage(track.lineage, asked)
        lo, hi = asked["range"]
        offset = START if asked["axis"] is Axis.TIME else 0
        for key, source in itertools.product(KEYS, Source):
            request = ChartRequest(
                tracks=tracks,
                key=key,
                source=source,
                axis=asked["axis"],
                lo=None if lo is None else lo + offset,
                hi=None if hi is None else hi + offset,
                buckets=asked["buckets"],
            )
            check_chart(self._stores[0].chart(request), request, self._stores[1])

    def _compare_lineage(self, line: Lineage, asked: Asked) -> None:
        metrics, model = self._stores
        for source in Source:
            assert metrics.series(line, source) == model.series(line, source)
            for key in KEYS:
                check_points(metrics.points(line, key, source), model.points(line, key, source))
        [found], [expected] = metrics.keys([line]), model.keys([line])
        assert (list(found.scalars), list(found.system)) == (list(expected.scalars), list(expected.system))
        assert found.objects.keys() == expected.objects.keys()
        low, high, limit = asked["page"]

        def both(ask: Callable[[Metrics], Any]) -> None:
            found, expected = ask(metrics), ask(model)
            assert same(found, expected), f"{found}\n is not\n{expected}"

        both(lambda store: _plain(store.rows(line, asked["keys"], min_step=low, max_step=high, limit=limit)))
        both(lambda store: _plain(store.sample(line, asked["keys"], asked["samples"])))
        both(lambda store: list(store.samples(line, asked["samples"])))
        both(lambda store: store.last_samples([line, ()]))
        both(lambda store: dict(store.latest(line)))
        for source, some in itertools.product(Source, (False, True)):
            query = FrameQuery(
                keys=asked["keys"] or KEYS, source=source, some=some, start=low, end=high, cells=asked["cells"]
            )
            check_frames(metrics, model, line, query)
            if some:
                check_frames(metrics, model, line, replace(query, keys=None))
        check_totals(metrics.totals(line, KEYS), model.totals(line, KEYS))
        both(lambda store: store.console(line, limit=limit, tail=asked["tail"]))
        both(lambda store: store.console(line, after=asked["samples"] - 2, limit=limit))


def _plain(page: RowPage) -> Any:
    return [page.steps, page.rows, page.next]
