"""One metric over another: what was logged at the same step, in buckets of the other's value."""

import numpy as np
import pytest

from playhead.adapters.memory.metrics import MemoryMetrics
from playhead.domain.metric import Kind, Span, Track
from playhead.ports.metrics import Batch, Points
from playhead.services.over import chart_over


def points(key, values):
    steps = np.array(list(values), np.int64)
    return Points(
        keys=(key,), key=np.zeros(len(steps), np.int32), step=steps, time=steps, kind=np.full(len(steps), Kind.FLOAT, np.uint8),
        value=np.array(list(values.values()), np.float64),
    )  # fmt: skip


@pytest.fixture
def metrics():
    store = MemoryMetrics()
    store.append(
        [
            Batch(segment="a", stream="a", history=[points("loss", {0: 5.0, 1: 4.0, 2: 1.0, 3: 2.0, 7: 9.0}), points("epoch", {0: 0, 1: 0, 2: 1, 3: 1, 9: 2})]),
            Batch(segment="b", stream="b", history=[points("loss", {0: np.nan, 1: 3.0}), points("epoch", {0: 0.0, 1: np.nan})]),
        ]
    )  # fmt: skip
    return store


def drawn(store, segments, bounds=(None, None), buckets=2):
    chart = chart_over(store, [Track((Span(one),)) for one in segments], "loss", "epoch", bounds, buckets)
    cells = zip(chart.track, chart.bucket, chart.count, chart.min, chart.max, chart.mean, chart.last, strict=True)
    return (chart.lo, chart.width), [tuple(map(float, cell)) for cell in cells]


def test_values_of_the_same_step_meet(metrics):
    grid, cells = drawn(metrics, ["a"])
    assert grid == (0, 0.5)
    assert cells == [(0, 0, 2, 4.0, 5.0, 4.5, 4.0), (0, 1, 2, 1.0, 2.0, 1.5, 2.0)]


def test_what_is_no_number_is_a_point_without_a_value_and_has_no_place(metrics):
    _, cells = drawn(metrics, ["b", "nothing"])
    assert len(cells) == 1
    assert cells[0][:3] == (0, 0, 1)
    assert np.isnan(cells[0][3:]).all()


def test_a_range_is_inclusive_and_drawn_in_full(metrics):
    grid, cells = drawn(metrics, ["a"], (1, 1), 100)
    assert grid == (1, 1)
    assert cells == [(0, 0, 2, 1.0, 2.0, 1.5, 2.0)]


def test_without_any_point_the_chart_is_empty(metrics):
    assert drawn(metrics, ["nothing"]) == ((0, 1), [])
