"""What every `playhead.ports.metrics.Metrics` must do: by example here, by comparison with a model in `generated.py`."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from playhead.domain.metric import Axis, Kind, Latest, Series, Source, Span, Track
from playhead.domain.run import ConsoleLine
from playhead.ports.metrics import Batch, ChartRequest, Metrics
from playhead.testing.generated import GeneratedContract
from playhead.testing.lanes import LanesContract
from playhead.testing.points import (
    START,
    check_chart,
    check_points,
    columns,
    floats,
    lineage,
    logged,
    same,
)

ROW = {
    "float": 0.1,
    "nan": math.nan,
    "infinity": -math.inf,
    "zero": -0.0,
    "int": 2**53,
    "bool": True,
    "big": 2**70 + 1,
    "huge": -(10**400),
    "text": {"json": '"a\\u0000b é \\ud83d\\ude00"'},
    "none": {"json": "null"},
    "list": {"json": "[1, NaN, Infinity, {}]"},
}


class MetricsContract(LanesContract, GeneratedContract):
    """Subclass it with fixtures `metrics` (a store) and `model` (an empty MemoryMetrics)."""

    # values ---------------------------------------------------------------------------------------------------------

    def test_values_come_back_as_they_were(self, metrics: Metrics) -> None:
        metrics.append([logged("s", [(3, ROW)])])
        page = metrics.rows(lineage("s"), None)
        expected = {key: json.loads(value["json"]) if isinstance(value, dict) else value for key, value in ROW.items()}
        assert page.steps == [3]
        assert page.next is None
        assert same(page.rows, [{**expected, "_time": START + 3_000}])
        assert same(metrics.sample(lineage("s"), None, 5).rows, page.rows)

    def test_what_there_is_besides_numbers(self, metrics: Metrics) -> None:
        line = ConsoleLine(number=0, text="hello", channel="stdout", step=0, time=START)
        metrics.append([
            logged("numbers", [(0, {"loss": 1.0, "step": 2})]),
            logged("objects", [(0, {"loss": 1.0, "note": {"json": '"x"'}})]),
            Batch(segment="machine", stream="t", system=[floats("cpu", [1.0])]),
            Batch(segment="console", stream="t", console=[line]),
        ])  # fmt: skip
        asked = ["numbers", "objects", "machine", "console", "nothing"]
        assert [tuple(held) for held in metrics.holdings([lineage(segment) for segment in asked])] == [
            (False, False, False), (True, False, False), (False, True, False), (False, False, True), (False, False, False),
        ]  # fmt: skip
        assert tuple(metrics.holdings([lineage("objects", "machine", "console")])[0]) == (True, True, True)
        assert list(metrics.holdings([])) == []

    def test_points_of_a_key(self, metrics: Metrics) -> None:
        values = [1.0, math.nan, math.inf, -0.0, 5e-324, 1.7976931348623157e308]
        metrics.append([Batch(segment="s", stream="t", history=[floats("loss", values, 7), floats("acc", [1.0])])])
        check_points(metrics.points(lineage("s"), "loss"), floats("loss", values, 7))
        assert len(metrics.points(lineage("s"), "other").step) == 0
        assert len(metrics.points(lineage("other"), "loss").step) == 0
        assert len(metrics.points((), "loss").step) == 0

    def test_nothing_is_known_of_nothing(self, metrics: Metrics) -> None:
        for line in ((), lineage("unknown")):
            assert metrics.series(line) == []
            assert metrics.series(line, Source.SYSTEM) == []
            assert metrics.rows(line, None).steps == []
            assert metrics.rows(line, ["a"]).next is None
            assert metrics.sample(line, None, 5).rows == []
            assert list(metrics.samples(line)) == []
            assert metrics.console(line) == ([], 0)
            chart = metrics.chart(ChartRequest(tracks=[Track(line)], key="loss"))
            assert (chart.lo, chart.width, len(chart.count)) == (0, 1, 0)
        metrics.append([])
        metrics.append([Batch(segment="s", stream="t")])
        metrics.settle(["unknown", "s"])
        metrics.drop(["unknown"])

    def test_series(self, metrics: Metrics) -> None:
        metrics.append([logged("s", [(5, {"a": 1.5, "b": 1, "c": 2**70}), (9, {"a": True, "c": {"json": "1"}})])])
        metrics.append([logged("s", [(2, {"a": 7})])])
        assert metrics.series(lineage("s")) == [
            Series("a", Kind.BOOL, 3, 2, 9),
            Series("b", Kind.INT, 1, 5, 5),
            Series("c", Kind.OBJECT, 2, 5, 9),
        ]
        assert metrics.series(lineage(("s", 5)))[0] == Series("a", Kind.FLOAT, 2, 2, 5)
        assert metrics.series(lineage(("s", 1))) == []

    def test_keys_of_many(self, metrics: Metrics) -> None:
        image, text = {"json": '{"_type":"image-file"}'}, {"json": '"x"'}
        metrics.append([logged("a", [(0, {"x": 1, "y": image, "z": 2}), (5, {"x": 2**70, "y": text, "z": text})])])
        metrics.append([logged("b", [(2, {"x": text}), (4, {"x": 1.5})])])
        metrics.append([Batch(segment="b", stream="t", system=[floats("gpu", [1.0]), floats("cpu", [1.0])])])
        for _ in range(2):
            lines = [lineage("a"), lineage(("a", 3)), lineage(("a", 3), "b"), ()]
            assert metrics.all_series(lines) == [metrics.series(line) for line in lines]
            whole, cut, forked, none = metrics.keys(lines)
            assert (list(whole.scalars), list(whole.system)) == (["x"], [])
            assert whole.objects == {"y": image["json"], "z": text["json"]}
            assert (list(cut.scalars), cut.objects) == (["x", "z"], {"y": image["json"]})
            assert (list(forked.scalars), forked.objects) == (["x", "z"], {"y": image["json"]})
            assert list(forked.system) == ["cpu", "gpu"]
            assert (list(none.scalars), none.objects, list(none.system)) == ([], {}, [])
            metrics.settle(["a", "b"])

    # identity -------------------------------------------------------------------------------------------------------

    def test_the_same_batch_twice_is_once(self, metrics: Metrics) -> None:
        batch = logged("s", [(step, ROW) for step in range(5)])
        for _ in range(2):
            metrics.append([batch])
            metrics.append([batch, batch])
            metrics.settle(["s"])
        assert metrics.rows(lineage("s"), None).steps == [0, 1, 2, 3, 4]
        assert {series.count for series in metrics.series(lineage("s"))} == {5}

    def test_the_last_value_wins(self, metrics: Metrics) -> None:
        values: list[object] = [1.0, 2, {"json": '"x"'}, 2**80, {"json": "[]"}, True, 2**90, -(2**80), 0.5]
        for number, value in enumerate(values):
            metrics.append([logged("s", [(4, {"a": value})], late=number)])
            if number % 2:
                metrics.settle(["s"])
            expected = json.loads(value["json"]) if isinstance(value, dict) else value
            row = metrics.rows(lineage("s"), None).rows
            assert same(row, [{"a": expected, "_time": START + 4_000 + number}])
            assert metrics.series(lineage("s"))[0].count == 1

    @pytest.mark.parametrize("together", [False, True])
    @pytest.mark.parametrize("settled", [False, True])
    def test_what_was_logged_last_stays_in_whichever_order_it_comes(
        self, metrics: Metrics, *, settled: bool, together: bool
    ) -> None:
        values: list[object] = [1.0, 2, {"json": '"x"'}, 2**80, {"json": "[]"}, True, 2**90, -(2**80), 0.5]
        for number, value in enumerate(values):
            segment = f"s{number}"
            others = [(late, other) for late, other in enumerate(values) if late < number]
            told = [logged(segment, [(4, {"a": value}), (5, {"a": 5})], late=number)]
            told += [logged(segment, [(3, {"a": other}), (4, {"a": other})], late=late) for late, other in others[::-1]]
            for batches in [told] if together else [[batch] for batch in told]:
                metrics.append(batches)
                if settled:
                    metrics.settle([segment])
            expected = json.loads(value["json"]) if isinstance(value, dict) else value
            row = metrics.rows(lineage(segment), None, min_step=4).rows[0]
            assert same(row, {"a": expected, "_time": START + 4_000 + number})
            [series] = metrics.series(lineage(segment))
            assert series.count == (2 if number == 0 else 3)

    def test_of_the_same_time_what_comes_last_stays(self, metrics: Metrics) -> None:
        for value in (1, 2, {"json": '"x"'}, 3.5):
            metrics.append([logged("s", [(4, {"a": value})])])
        assert metrics.rows(lineage("s"), None).rows[0]["a"] == 3.5

    def test_the_last_value_of_one_batch_wins(self, metrics: Metrics) -> None:
        told = [("a", 1, 5, Kind.FLOAT, 1.0), ("b", 1, 5, Kind.FLOAT, 2.0), ("a", 1, 6, Kind.INT, 3.0)]
        late = columns([("a", 0, 9, Kind.FLOAT, 0.0), ("b", 1, 9, Kind.BOOL, 1.0)])
        metrics.append([Batch(segment="s", stream="t", history=[columns(told), late])])
        assert same(metrics.rows(lineage("s"), None).rows, [{"a": 0.0, "_time": 9}, {"a": 3, "b": True, "_time": 9}])

    def test_rows_out_of_order(self, metrics: Metrics) -> None:
        for step in (5, 3, 9, 1, 4):
            metrics.append([logged("s", [(step, {"a": float(step)})])])
        metrics.settle(["s"])
        metrics.append([logged("s", [(step, {"a": float(step)}) for step in (8, 2, 2, 7)])])
        assert metrics.points(lineage("s"), "a").value.tolist() == [1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 8.0, 9.0]

    # lineage --------------------------------------------------------------------------------------------------------

    def test_a_rewound_run_shows_its_own_past(self, metrics: Metrics) -> None:
        metrics.append([logged("s1", [(step, {"a": step, "s1": 1}) for step in range(10)])])
        metrics.append([logged("s2", [(step, {"a": -step}) for step in range(5, 8)])])
        line = lineage(("s1", 4), "s2")
        for _ in range(2):
            assert metrics.points(line, "a").value.tolist() == [0, 1, 2, 3, 4, -5, -6, -7]
            assert metrics.series(line) == [Series("a", Kind.INT, 8, 0, 7), Series("s1", Kind.INT, 5, 0, 4)]
            assert metrics.rows(line, None, min_step=4).rows[0].keys() == {"a", "s1", "_time"}
            assert metrics.rows(line, ["s1"]).steps == [0, 1, 2, 3, 4]
            metrics.settle(["s1", "s2"])

    def test_a_later_span_replaces_steps_of_an_earlier_one(self, metrics: Metrics, model: Metrics) -> None:
        for store in (metrics, model):
            store.append([logged("s1", [(step, {"a": step, "b": step}) for step in range(10)])])
            store.append([logged("s2", [(3, {"a": 0.5}), (4, {"a": {"json": '"x"'}}), (6, {"a": True, "c": 2})])])
        line = lineage(("s1", 5), "s2")
        assert same(metrics.rows(line, None, min_step=3, max_step=4).rows[0]["b"], 3)
        assert metrics.rows(line, ["a"]).rows[4]["a"] == "x"
        assert metrics.series(line) == model.series(line)
        check_points(metrics.points(line, "a"), model.points(line, "a"))
        request = ChartRequest(tracks=[Track(line), Track(lineage("s1"))], key="a", buckets=3)
        check_chart(metrics.chart(request), request, model)

    # totals ---------------------------------------------------------------------------------------------------------

    def test_totals(self, metrics: Metrics) -> None:
        rows: list[tuple[int, dict[str, Any]]] = [
            (2, {"a": 5, "b": math.nan}),
            (3, {"a": math.inf, "text": {"json": '"x"'}}),
            (4, {"a": 1}),
            (9, {"a": 3}),
        ]
        metrics.append([logged("s1", rows)])
        metrics.append([logged("s2", [(5, {"a": 10.0})])])
        for _ in range(2):
            found = metrics.totals(lineage(("s1", 4), "s2"), ["a", "b", "text", "unknown"])
            assert found.keys() == {"a", "b"}
            whole = found["a"]
            assert (whole.count, whole.low, whole.high, whole.reach) == (3, 1.0, 10.0, {"s1": 4, "s2": 5})
            assert whole.mean == pytest.approx(16 / 3)
            assert whole.first == Latest(2, START + 2_000, 5.0)
            nothing = found["b"]
            assert nothing.count == 0
            assert same([nothing.low, nothing.high, nothing.mean, nothing.first.value], [math.nan] * 4)
            metrics.settle(["s1", "s2"])

    def test_totals_count_what_shows(self, metrics: Metrics) -> None:
        metrics.append([logged("s1", [(step, {"a": step, "b": step}) for step in range(10)])])
        metrics.append([logged("s2", [(0, {"a": 0.5}), (9, {"b": {"json": '"x"'}})])])
        found = metrics.totals(lineage("s1", "s2"), ["a", "b"])
        assert (found["a"].count, found["a"].low, found["a"].first.value) == (10, 0.5, 0.5)
        assert (found["b"].count, found["b"].high) == (9, 8.0)
        assert metrics.totals((), ["a"]) == metrics.totals(lineage("other"), ["a"]) == {}

    # rows -----------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("limit", [1, 2, 7, 100])
    @pytest.mark.parametrize("keys", [None, ["a"], ["b", "a"], ["x"], ["a", "none"], [], ["a", "a"]])
    def test_pages_are_all_rows(self, metrics: Metrics, limit: int, keys: list[str] | None) -> None:
        rows = {
            step: {"a": step} | ({"b": 0.5} if step % 3 == 0 else {}) | ({"x": {"json": "[]"}} if step % 5 == 0 else {})
            for step in [*range(0, 40, 2), 1_000, 100_000, 2**40]
        }
        metrics.append([logged("s", rows.items())])
        wanted = [step for step, row in rows.items() if keys is None or (keys and row.keys() >= set(keys))]
        found, start = [], 0
        while True:
            page = metrics.rows(lineage("s"), keys, min_step=start, limit=limit)
            assert len(page.steps) == len(page.rows) <= limit
            found += page.steps
            for row in page.rows:
                assert keys is None or row.keys() == {*keys, "_time"}
            if page.next is None:
                break
            start = page.next
        assert found == wanted

    def test_a_range_of_rows(self, metrics: Metrics) -> None:
        metrics.append([logged("s", [(step, {"a": step}) for step in range(10)])])
        page = metrics.rows(lineage("s"), None, min_step=3, max_step=6)
        assert (page.steps, page.next) == ([3, 4, 5, 6], None)
        page = metrics.rows(lineage("s"), None, min_step=3, max_step=6, limit=3)
        assert (page.steps, page.next) == ([3, 4, 5], 6)
        assert metrics.rows(lineage("s"), None, min_step=10).steps == []
        assert metrics.rows(lineage("s"), None, min_step=6, max_step=3).steps == []

    @pytest.mark.parametrize("samples", [1, 2, 3, 10, 33, 34, 100])
    def test_a_sample_is_evenly_spread(self, metrics: Metrics, samples: int) -> None:
        metrics.append(
            [logged("s", [(3 * step, {"a": step, **({"b": 1} if step < 34 else {})}) for step in range(99)])]
        )
        found = metrics.sample(lineage("s"), ["a", "b"], samples)
        assert found.next is None
        assert len(found.steps) == len(found.rows) == min(samples, 34)
        assert [row["a"] for row in found.rows] == [step // 3 for step in found.steps]
        assert found.steps[0] == 0
        assert found.steps[-1] == 99 or samples == 1
        gaps = np.diff([row["a"] for row in found.rows])
        assert not len(gaps) or gaps.max() - gaps.min() <= 1

    # charts ---------------------------------------------------------------------------------------------------------

    def test_a_bucket(self, metrics: Metrics) -> None:
        values = [1.0, math.nan, 3.0, math.inf, -math.inf, 2.0, math.nan]
        metrics.append([Batch(segment="s", stream="t", history=[floats("a", values)])])
        chart = metrics.chart(ChartRequest(tracks=[Track(lineage("s"))], key="a", buckets=1))
        assert (chart.lo, chart.width) == (0, 7)
        assert [chart.track.tolist(), chart.bucket.tolist(), chart.count.tolist()] == [[0], [0], [7]]
        assert [chart.min[0], chart.max[0], chart.mean[0]] == [1.0, 3.0, 2.0]
        assert math.isnan(chart.last[0])
        chart = metrics.chart(ChartRequest(tracks=[Track(lineage("s"))], key="a", lo=3, hi=4, buckets=10))
        assert chart.count.tolist() == [1, 1]
        assert np.isnan([chart.min, chart.max, chart.mean]).all()
        assert chart.last.tolist() == [math.inf, -math.inf]

    def test_few_points_keep_their_places(self, metrics: Metrics) -> None:
        metrics.append([logged("s", [(step, {"a": float(step)}) for step in (2, 3, 7)])])
        chart = metrics.chart(ChartRequest(tracks=[Track(lineage("s"))], key="a", buckets=500))
        assert (chart.lo, chart.width) == (2, 1)
        assert chart.bucket.tolist() == [0, 1, 5]
        assert chart.mean.tolist() == [2.0, 3.0, 7.0]

    def test_totals_beyond_all_floats(self, metrics: Metrics) -> None:
        metrics.append([Batch(segment="s", stream="t", history=[floats("a", [1.5e308] * 200)])])
        for _ in range(2):
            chart = metrics.chart(ChartRequest(tracks=[Track(lineage("s"))], key="a", buckets=1))
            assert chart.mean.tolist() == pytest.approx([1.5e308])
            metrics.settle(["s"])

    @pytest.mark.parametrize("axis", list(Axis))
    @pytest.mark.parametrize("settled", [0, 1, 2])
    def test_many_runs_on_one_grid(self, metrics: Metrics, model: Metrics, axis: Axis, settled: int) -> None:
        generator = np.random.default_rng(7)
        for number in range(4):
            values = generator.standard_normal(3_000).tolist()
            batch = Batch(segment=f"s{number}", stream="t", history=[floats("a", values, 100 * number)])
            for store in (metrics, model):
                store.append([batch])
        metrics.settle([f"s{number}" for number in range(2 * settled)])
        tracks = [Track(lineage(f"s{number}"), START + 50_000 * number) for number in range(3)]
        tracks.append(Track(lineage(("s0", 777), "s3"), START))
        tracks.append(Track(lineage(("s0", 1_023)), START))
        tracks.append(Track(lineage("s1", "s0"), START))
        for lo, hi in ((None, None), (None, 2_000), (1_111, None), (640, 2_047), (64, 128)):
            offset = START if axis is Axis.TIME else 0
            scale = 1 if axis is Axis.STEP else 1_000
            request = ChartRequest(
                tracks=tracks,
                key="a",
                axis=axis,
                lo=None if lo is None else lo * scale + offset,
                hi=None if hi is None else hi * scale + offset,
                buckets=13,
            )
            check_chart(metrics.chart(request), request, model)

    @pytest.mark.parametrize("replaced", [1, 999])
    @pytest.mark.parametrize("settles", [False, True])
    def test_the_grid_holds_no_place_of_a_point_that_was_replaced(
        self, metrics: Metrics, model: Metrics, replaced: int, *, settles: bool
    ) -> None:
        """An object took the place of the first or last one."""
        points = [(step, {"a": float(step)}) for step in (replaced, *range(215, 300))]
        for store in (metrics, model):
            store.append([logged("s", points)])
            if settles:
                store.settle(["s"])
            store.append([logged("s", [(replaced, {"a": {"json": "[1]"}})], late=1)])
        request = ChartRequest(tracks=[Track((Span("s", None, 2),))], key="a", buckets=7)
        check_chart(metrics.chart(request), request, model)

    # system, console, drop ------------------------------------------------------------------------------------------

    def test_system_samples(self, metrics: Metrics) -> None:
        told = [("cpu", 0, START + n, Kind.FLOAT, float(n)) for n in range(10)]
        told += [("gpu", 1, START + n, Kind.INT, float(n)) for n in range(5, 10)]
        batch = Batch(segment="s", stream="t", system=[columns(told)])
        for _ in range(2):
            metrics.append([batch])
        assert metrics.series(lineage("s")) == []
        assert metrics.series(lineage("s"), Source.SYSTEM) == [
            Series("cpu", Kind.FLOAT, 10, 0, 0),
            Series("gpu", Kind.INT, 5, 1, 1),
        ]
        rows = list(metrics.samples(lineage("s")))
        assert same(rows[5], {"_step": 1, "_time": START + 5, "cpu": 5.0, "gpu": 5})
        assert [row["_time"] for row in rows] == [START + n for n in range(10)]
        assert [row["cpu"] for row in metrics.samples(lineage("s"), 4)] == [0.0, 3.0, 6.0, 9.0]
        last, cut, none, gone = metrics.last_samples([lineage("s"), lineage(("s", 0)), lineage("other"), ()])
        assert same(last, rows[-1])
        assert (cut["_time"], none, gone) == (START + 9, {}, {})
        assert all("gpu" not in row for row in metrics.samples(lineage(("s", 0))))
        assert metrics.points(lineage("s"), "gpu", Source.SYSTEM).value.tolist() == [5, 6, 7, 8, 9]
        request = ChartRequest(tracks=[Track(lineage("s"), START)], key="cpu", source=Source.SYSTEM, buckets=5)
        chart = metrics.chart(request)
        assert (chart.lo, chart.width, chart.last.tolist()) == (0, 2, [1.0, 3.0, 5.0, 7.0, 9.0])

    def test_console(self, metrics: Metrics) -> None:
        def lines(numbers: range, at: int, channel: str = "stdout") -> list[ConsoleLine]:
            return [ConsoleLine(n, f"line {n} é\x00", channel, n, at + 10 * n) for n in numbers]

        metrics.append([Batch(segment="s", stream="t1", console=lines(range(4), START))])
        metrics.append([Batch(segment="s", stream="t2", console=lines(range(3), START + 5, "stderr"))])
        metrics.append([Batch(segment="s2", stream="t3", console=lines(range(2), START - 100))])
        line = lineage(("s", 2), "s2")
        found, total = metrics.console(line)
        assert total == 8
        assert [one.number for one in found] == list(range(8))
        assert [one.channel for one in found[:6]] == ["stdout", "stderr"] * 3
        assert found[0] == ConsoleLine(0, "line 0 é\x00", "stdout", 0, START)
        assert [one.time for one in found[6:]] == [START - 100, START - 90]
        assert metrics.console(line, after=3, limit=2) == (found[4:6], 8)
        assert metrics.console(line, tail=True, limit=3) == (found[5:], 8)
        assert metrics.console(line, after=7) == ([], 8)

    def test_a_line_written_again_is_replaced(self, metrics: Metrics) -> None:
        for text in ("10 %", "50 %", "100 %"):
            metrics.append([Batch(segment="s", stream="t", console=[ConsoleLine(3, text, "stderr", 1, START)] * 2)])
        assert metrics.console(lineage("s")) == ([ConsoleLine(0, "100 %", "stderr", 1, START)], 1)

    def test_drop(self, metrics: Metrics) -> None:
        line = ConsoleLine(0, "x", "stdout", 0, START)
        for segment in ("s", "other"):
            metrics.append([logged(segment, [(step, ROW) for step in range(3)])])
            metrics.append([Batch(segment=segment, stream="t", console=[line], system=[floats("cpu", [1.0])])])
        metrics.settle(["s"])
        metrics.append([logged("s", [(9, ROW)])])
        metrics.drop(["s"])
        assert metrics.series(lineage("s")) == metrics.series(lineage("s"), Source.SYSTEM) == []
        assert metrics.rows(lineage("s"), None).rows == []
        assert metrics.console(lineage("s"))[1] == 0
        assert metrics.chart(ChartRequest(tracks=[Track(lineage("s"))], key="float")).count.tolist() == []
        assert len(metrics.rows(lineage("other"), None).rows) == 3
        assert metrics.console(lineage("other"))[1] == 1
        metrics.append([logged("s", [(0, {"a": 1})])])
        assert len(metrics.rows(lineage("s"), None).rows) == 1

    # many -----------------------------------------------------------------------------------------------------------

    def test_many_at_once(self, metrics: Metrics) -> None:
        def append(number: int) -> None:
            for step in range(10):
                metrics.append([logged(f"s{number % 3}", [(step, {f"k{number}": step, "all": number})])])

        def read(_: int) -> None:
            for page in (metrics.rows(lineage("s0"), None), metrics.sample(lineage("s1"), None, 5)):
                assert all("all" in row for row in page.rows)

        with ThreadPoolExecutor(8) as pool:
            for done in [pool.submit(append, n) for n in range(12)] + [pool.submit(read, n) for n in range(20)]:
                done.result()
        for number in range(12):
            assert metrics.points(lineage(f"s{number % 3}"), f"k{number}").value.tolist() == list(range(10))
        assert metrics.series(lineage("s0"))[0] == Series("all", Kind.INT, 10, 0, 9)
