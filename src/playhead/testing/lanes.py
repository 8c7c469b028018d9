"""What a metrics store must do where a run has a past: writers at the same time, clocks that add up, chains of rewinds."""

from __future__ import annotations

import json
import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from playhead.domain.metric import Axis, Kind, Latest, Lineage, Series, Source, Span, Track
from playhead.domain.run import ConsoleLine
from playhead.ports.metrics import Batch, ChartRequest, Metrics
from playhead.testing.points import START, Told, check_chart, check_points, columns, floats, lineage, logged, same


class LanesContract:
    """Part of MetricsContract."""

    # lanes ----------------------------------------------------------------------------------------------------------

    def test_each_lane_has_its_own_rows(self, metrics: Metrics) -> None:
        line = _three_lanes(metrics)
        for _ in range(2):
            page = metrics.rows(line, None)
            assert page.steps == [0, 0, 0, 1, 1, 1, 2, 2, 3]
            assert [row.get("_lane", 0) for row in page.rows] == [2, 0, 1, 2, 0, 1, 0, 1, 0]
            assert same(page.rows[0], {"a": 200, "_lane": 2, "_time": START - 500})
            assert same(page.rows[1], {"a": 0, "b": 0.5, "_time": START})
            assert same(page.rows[2], {"a": 100, "_lane": 1, "_time": START})
            assert [row["a"] for row in metrics.rows(line, ["a", "b"]).rows] == [0, 1, 2, 3]
            assert metrics.rows(line, None, min_step=1, max_step=2).steps == [1, 1, 1, 2, 2]
            metrics.settle(["s", "l1", "l2"])

    @pytest.mark.parametrize("limit", range(1, 10))
    def test_a_page_ends_at_the_end_of_a_step(self, metrics: Metrics, limit: int) -> None:
        line = _three_lanes(metrics)
        every = metrics.rows(line, None)
        found: list[Any] = []
        start = 0
        while True:
            page = metrics.rows(line, None, min_step=start, limit=limit)
            assert min(limit, 9 - len(found)) <= len(page.rows) <= limit + 2
            assert page.next not in page.steps
            found += page.rows
            if page.next is None:
                break
            start = page.next
        assert same(found, every.rows)

    def test_a_sample_takes_rows_of_all_lanes(self, metrics: Metrics) -> None:
        line = _three_lanes(metrics)
        every = metrics.rows(line, None)
        for samples in (1, 2, 3, 5, 9, 20):
            at = [round(n * 8 / (min(samples, 9) - 1)) if samples > 1 else 0 for n in range(min(samples, 9))]
            found = metrics.sample(line, None, samples)
            assert found.steps == [every.steps[n] for n in at]
            assert same(found.rows, [every.rows[n] for n in at])
        assert metrics.sample(line, ["a"], 3).steps == [0, 1, 3]

    def test_a_lane_hides_nothing_of_another(self, metrics: Metrics, model: Metrics) -> None:
        for store in (metrics, model):
            store.append([logged("s1", [(step, {"a": 1.0, "b": 1.0}) for step in range(100)])])
            store.append([logged("l1", [(step, {"a": 2.0}) for step in range(100)], late=7)])
            store.append([logged("s2", [(step, {"a": 3.0}) for step in range(50, 150)], late=20)])
            store.append([logged("l2", [(step, {"a": 4.0, "c": 2**70}) for step in range(80, 160)], late=10)])
        line = (Span("s1", 89), Span("l1", 89, 1), Span("s2"), Span("l2", None, 1))
        tracks = [Track(line), Track(line[:2]), Track(lineage("s2"))]
        for _ in range(2):
            row = metrics.rows(line, None, min_step=85, max_step=85).rows
            assert [(one["a"], one.get("_lane")) for one in row] == [(4.0, 1), (3.0, None)]
            assert metrics.series(line) == [
                Series("a", Kind.FLOAT, 310, 0, 159),
                Series("b", Kind.FLOAT, 90, 0, 89),
                Series("c", Kind.BIG_INT, 80, 80, 159),
            ]
            check_points(metrics.points(line, "a"), model.points(line, "a"))
            assert metrics.points(line, "a").value.tolist()[-14:-8] == [4.0, 3.0, 4.0, 3.0, 4.0, 4.0]
            for buckets in (1, 3, 160):
                request = ChartRequest(tracks=tracks, key="a", buckets=buckets)
                check_chart(metrics.chart(request), request, model)
            metrics.settle(["s1", "l1", "l2", "s2"])

    def test_the_last_of_several_lanes_is_the_latest(self, metrics: Metrics) -> None:
        """Steps alone do not tell: which lane is late changes from step to step."""
        told: dict[str, list[Told]] = {f"l{lane}": [] for lane in range(3)}
        for step in range(512):
            for lane in range(3):
                at = START + 1_000 * step + (lane + step) % 3
                told[f"l{lane}"].append(("a", step, at, Kind(lane), float(lane == 2)))
        metrics.append([Batch(segment=name, stream="t", history=[columns(own)]) for name, own in told.items()])
        line = (Span("l0"), Span("l1", None, 1), Span("l2", None, 2))
        settled: list[list[str]] = [[], ["l0", "l2"], ["l1"]]
        for segments in settled:
            metrics.settle(segments)
            points = metrics.points(line, "a")
            assert points.kind.tolist() == [(place - step) % 3 for step in range(512) for place in range(3)]
            chart = metrics.chart(ChartRequest(tracks=[Track(line)], key="a", buckets=8))
            assert (chart.width, chart.count.tolist()) == (64, [192] * 8)
            assert chart.last.tolist() == [float((2 - step) % 3 == 2) for step in range(63, 512, 64)]
            assert metrics.series(line) == [Series("a", Kind((2 - 511) % 3), 1_536, 0, 511)]
            assert metrics.latest(line)["a"].time == START + 511_002

    def test_samples_and_lines_tell_their_lane(self, metrics: Metrics) -> None:
        for segment, at in (("s", 0), ("l", 5), ("s2", -100), ("l2", -95)):
            lines = [ConsoleLine(n, f"{segment} {n}", "stdout", n, START + at + 10 * n) for n in range(2)]
            told = [("cpu", n, START + n, Kind.FLOAT, float(at)) for n in range(2)]
            metrics.append([Batch(segment=segment, stream="t", console=lines, system=[columns(told)])])
        line = (Span("s"), Span("l", None, 1), Span("s2", 0), Span("l2", None, 1))
        found, total = metrics.console(line)
        assert total == 7
        assert [one.number for one in found] == list(range(7))
        assert [(one.text, one.lane) for one in found] == [
            ("s 0", 0), ("l 0", 1), ("s 1", 0), ("l 1", 1), ("s2 0", 0), ("l2 0", 1), ("l2 1", 1)
        ]  # fmt: skip
        assert metrics.console(line, tail=True, limit=2)[0] == found[5:]
        assert list(metrics.samples(line[:2])) == [
            {"_time": START, "_step": 0, "cpu": 0.0},
            {"_time": START, "_step": 0, "_lane": 1, "cpu": 5.0},
            {"_time": START + 1, "_step": 1, "cpu": 0.0},
            {"_time": START + 1, "_step": 1, "_lane": 1, "cpu": 5.0},
        ]
        assert [row["cpu"] for row in metrics.samples(line[:2], 2)] == [0.0, 5.0]
        assert metrics.last_samples([line[:2], line]) == [[*metrics.samples(part)][-1] for part in (line[:2], line)]

    # latest ---------------------------------------------------------------------------------------------------------

    def test_the_latest_of_each_key(self, metrics: Metrics) -> None:
        first = {"float": 0.5, "nan": math.nan, "int": 7, "bool": True, "big": 2**70, "once": {"json": '"x"'}}
        second = {"float": -0.0, "nan": -math.inf, "int": {"json": "null"}, "bool": 2, "big": -(10**400)}
        third = {"float": {"json": '{"a":[1]}'}, "int": 2**53, "new": False}
        rows = [(0, first), (100, second), (5_000, third)]
        metrics.append([logged("s", rows)])
        assert metrics.latest(()) == metrics.latest(lineage("other")) == metrics.latest(lineage(("s", -1))) == {}
        for _ in range(2):
            for up_to, last in ((0, 0), (99, 0), (100, 1), (4_999, 1), (5_000, 2), (None, 2)):
                expected: dict[str, Latest] = {}
                for step, row in rows[: last + 1]:
                    for key, value in row.items():
                        told = json.loads(value["json"]) if isinstance(value, dict) else value
                        expected[key] = Latest(step, START + 1_000 * step, told)
                    expected["_step"] = Latest(step, START + 1_000 * step, step)
                assert same(dict(metrics.latest((Span("s", up_to),))), expected)
            metrics.settle(["s"])

    def test_the_latest_is_of_what_shows(self, metrics: Metrics) -> None:
        metrics.append([logged("s1", [(step, {"a": step, "b": step, "c": 1}) for step in range(10)])])
        metrics.append([logged("s2", [(5, {"a": 0.5}), (3, {"c": 2}), (9, {"c": {"json": '"x"'}})], late=1)])
        metrics.append([logged("l", [(9, {"b": True}), (7, {"a": 1})], late=2)])
        for _ in range(2):
            found = metrics.latest(lineage(("s1", 4), "s2"))
            assert (found["a"].value, found["b"].value, found["c"].value) == (0.5, 4, "x")
            assert found["_step"] == Latest(9, START + 9_001, 9)
            assert metrics.latest(lineage("s1", "s2"))["a"].value == 9
            assert metrics.latest(lineage(("s1", 5), ("s2", 5)))["a"].value == 0.5
            assert metrics.latest(lineage(("s1", 5), ("s2", 5)))["c"] == Latest(5, START + 5_000, 1)
            found = metrics.latest((Span("s1"), Span("l", None, 1), Span("s2")))
            assert (found["a"].value, found["b"].value) == (9, True)
            assert found["_step"].time == START + 9_002
            metrics.settle(["s1", "s2", "l"])

    def test_keys_that_are_rare_have_a_latest_too(self, metrics: Metrics) -> None:
        rows = {step: {"often": step} for step in range(3_000)}
        for step in (0, 1, 2, 3, 4, 5, 6, 2_990):
            rows[step]["rare"] = -step
        rows[40]["single"] = 1
        metrics.append([logged("s", list(rows.items())[:2_000])])
        metrics.settle(["s"])
        metrics.append([logged("s", list(rows.items())[2_000:])])
        for up_to, rare in ((2_500, 6), (2_989, 6), (2_990, 2_990), (5, 5), (1_000, 6)):
            found = metrics.latest((Span("s", up_to),))
            assert (found["often"].value, found["rare"].value) == (up_to, -rare)
            assert ("single" in found) is (up_to > 40)

    def test_the_latest_follows_what_is_written(self, metrics: Metrics) -> None:
        def value() -> object:
            return {key: found.value for key, found in metrics.latest(lineage("s")).items() if key != "_step"}

        for turn in range(3):
            metrics.append([logged("s", [(turn, {"a": turn, "b": {"json": "[]"}})])])
            assert value() == {"a": turn, "b": []}
            metrics.settle(["s"])
            assert value() == value() == {"a": turn, "b": []}
        metrics.append([logged("s", [(2, {"a": {"json": '"x"'}, "b": 1})], late=1)])
        assert value() == {"a": "x", "b": 1}
        metrics.drop(["s"])
        assert value() == {}
        metrics.append([logged("s", [(0, {"b": 5})])])
        assert value() == {"b": 5}

    # clocks ---------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize("source", list(Source))
    def test_the_clock_of_a_resumed_run_adds_up(self, metrics: Metrics, model: Metrics, source: Source) -> None:
        for name in ("s1", "s2"):
            told = floats("a", np.random.default_rng(3).standard_normal(600).tolist())
            given = {"history": [told]} if source is Source.HISTORY else {"system": [told]}
            for store in (metrics, model):
                store.append([Batch(segment=name, stream="t", **given)])  # type: ignore[arg-type]  # one of the two
        at = [START + 1_000 * step for step in (0, 200, 300, 301, 550)]
        later = tuple((since, START + 50_000 * number) for number, since in enumerate(at))
        tracks = [
            Track(lineage("s1"), START - 5, later),
            Track(lineage("s1"), START),
            Track(lineage(("s1", 250), "s2"), START, later[2:]),
            Track(lineage("s2"), START, ((START + 600_000, 0),)),
            Track(lineage("s2"), START, ((0, START + 1),)),
        ]
        for settled in range(2):
            for lo, hi in ((None, None), (100_000, 333_333)):
                for axis in Axis:
                    request = ChartRequest(
                        tracks=tracks, key="a", source=source, axis=axis, lo=lo, hi=hi, buckets=40 + settled
                    )
                    check_chart(metrics.chart(request), request, model)
            metrics.settle(["s1"])

    # chains ---------------------------------------------------------------------------------------------------------

    def test_a_chain_of_rewinds(self, metrics: Metrics, model: Metrics) -> None:
        """Each span ends before its segment does; one of them comes back to steps that others have."""
        spans, names = [], [f"c{number}" for number in range(12)]
        for number, name in enumerate(names):
            first = 100 * number if number != 6 else 330
            rows = [(step, {"a": step + number / 16, "b": step % 7 == 0}) for step in range(first, 100 * number + 130)]
            if number == 8:
                rows[5][1]["a"] = {"json": '"x"'}  # type: ignore[assignment]  # no number
            for store in (metrics, model):
                store.append([logged(name, rows, late=number)])
            spans.append(Span(name, 100 * number + 99))
        chain: Lineage = tuple(spans)
        for settled in (names[::2], names, []):
            for line in (chain, chain[:5], chain[3:6]):
                assert same(metrics.series(line), model.series(line))
                assert same(dict(metrics.latest(line)), model.latest(line))
                check_points(metrics.points(line, "a"), model.points(line, "a"))
                for axis in Axis:
                    request = ChartRequest(tracks=[Track(line), Track(lineage("c3"))], key="a", axis=axis, buckets=9)
                    check_chart(metrics.chart(request), request, model)
                for given in (None, ["b"]):
                    for ask in (metrics, model):
                        assert same(
                            ask.rows(line, given, min_step=395).rows, model.rows(line, given, min_step=395).rows
                        )
                    assert same(metrics.sample(line, given, 17).rows, model.sample(line, given, 17).rows)
            metrics.settle(settled)

    def test_what_was_read_while_others_wrote_is_not_held_against_them(self, metrics: Metrics, model: Metrics) -> None:
        line = (Span("s0", 150), Span("s1", 260), Span("s2"))

        def write(number: int) -> None:
            for step in range(100 * number, 100 * number + 200, 5):
                batch = logged(f"s{number}", [(step + n, {"a": step, "b": 0.5}) for n in range(5)])
                for store in (metrics, model):
                    store.append([batch])
                if step % 20 == 0:
                    metrics.settle([f"s{number}"])

        def read(_: int) -> None:
            metrics.chart(ChartRequest(tracks=[Track(line)], key="a", buckets=3))
            metrics.latest(line)

        with ThreadPoolExecutor(6) as pool:
            for done in [pool.submit(write, n) for n in range(3)] + [pool.submit(read, n) for n in range(60)]:
                done.result()
        for _ in range(2):
            request = ChartRequest(tracks=[Track(line)], key="a", buckets=3)
            check_chart(metrics.chart(request), request, model)
            assert same(dict(metrics.latest(line)), model.latest(line))
            metrics.settle(["s0", "s1", "s2"])


def _three_lanes(metrics: Metrics) -> Lineage:
    """Steps 0 to 3 of lane 0, 0 to 2 of lane 1 (at the same times), 0 and 1 of lane 2 (earlier)."""
    metrics.append([logged("s", [(step, {"a": step, "b": 0.5}) for step in range(4)])])
    metrics.append([logged("l1", [(step, {"a": 100 + step}) for step in range(3)])])
    metrics.append([logged("l2", [(step, {"a": 200 + step}) for step in range(2)], late=-500)])
    return Span("s"), Span("l1", None, 1), Span("l2", None, 2)
