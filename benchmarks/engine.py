"""How fast the metrics engine takes points and draws charts, as ratios to plain DuckDB in the same run.

    python benchmarks/engine.py [--runs 100] [--rows 100000] [--keys 10]

The chart is of one key over all runs: runs * rows points.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from playhead.adapters.duckdb.metrics import DuckMetrics
from playhead.domain.metric import Axis, Lineage, Span, Track
from playhead.ports.metrics import Batch, ChartRequest, Metrics, Points

ROWS = 40_000
"""Rows of one batch."""


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def best(work: Callable[[], Any], times: int = 5) -> float:
    return min(timed(work) for _ in range(times))


def made(rows: int, keys: int, first: int = 0, *, by_key: bool = True) -> Points:
    """Random values, a row about each millisecond."""
    generator = np.random.default_rng(first)
    step = np.arange(first, first + rows, dtype=np.int64)
    at = 1_700_000_000_000_000 + 1_000 * step + generator.integers(-300, 300, rows)
    number = np.arange(keys, dtype=np.int32)
    return Points(
        keys=[f"key{n}" for n in range(keys)],
        key=np.repeat(number, rows) if by_key else np.tile(number, rows),
        step=np.tile(step, keys) if by_key else np.repeat(step, keys),
        time=np.tile(at, keys) if by_key else np.repeat(at, keys),
        kind=np.zeros(rows * keys, np.uint8),
        value=generator.standard_normal(rows * keys),
    )


def plain_insert(folder: Path, batches: list[Points]) -> float:
    """Points a second of DuckDB alone, for the same columns, a commit a batch."""
    with duckdb.connect(str(folder / "plain.duckdb"), config={"memory_limit": "1GB"}) as connection:
        connection.execute(
            "CREATE TABLE t (segment INTEGER, key INTEGER, step BIGINT, time BIGINT, kind UTINYINT, value DOUBLE)"
        )

        def insert(points: Points) -> None:
            segment = np.zeros(len(points.key), np.int32)
            columns = {"segment": segment, "key": points.key, "step": points.step, "time": points.time}
            connection.register("batch", columns | {"kind": points.kind, "value": points.value})
            connection.execute("INSERT INTO t SELECT * FROM batch")

        return rate(batches, insert)


def rate(batches: list[Points], insert: Callable[[Points], None]) -> float:
    """Points a second, by the median batch."""
    return len(batches[0].key) / statistics.median(timed(lambda points=points: insert(points)) for points in batches)


def bench_append(folder: Path, keys: int) -> None:
    batches = [made(ROWS, keys, ROWS * number) for number in range(12)]
    plain = plain_insert(folder, batches)
    for name, by_key in (("key by key", True), ("row by row", False)):
        metrics = DuckMetrics(folder / f"{by_key}.duckdb")
        told = [made(ROWS, keys, ROWS * number, by_key=by_key) for number in range(12)]
        ours = rate(told, lambda points, m=metrics: m.append([Batch(segment="s", stream="t", history=[points])]))
        print(
            f"append, {ROWS:,} rows of {keys}, {name}: {ours / 1e6:.1f} M points/s, {ours / plain:.0%} of plain DuckDB"
        )
        metrics.append([Batch(segment="s", stream="t", history=told[3:4])])
        again = timed(lambda m=metrics, p=told[5]: m.append([Batch(segment="s", stream="t", history=[p])]))
        print(f"    the same batch again: {len(told[5].key) / again / 1e6:.1f} M points/s")
        metrics.close()


def bench_tiny(folder: Path) -> None:
    metrics = DuckMetrics(folder / "tiny.duckdb")
    for turn in range(4):
        batches = [Batch(segment=f"s{number}", stream="t", history=[made(2, 10, 2 * turn)]) for number in range(1_000)]
        print(f"1,000 batches of 20 points in one call: {1_000 * timed(lambda b=batches: metrics.append(b)):.0f} ms")
    one = [Batch(segment="s1", stream="t", history=[made(2, 10, 1_000 + 2 * turn)]) for turn in range(100)]
    took = timed(lambda: [metrics.append([batch]) for batch in one])
    print(f"one batch of 20 points a call: {10 * took:.1f} ms")
    took = timed(lambda: metrics.settle([f"s{number}" for number in range(1_000)]))
    print(f"settling these 1,000 segments: {took:.2f} s")
    metrics.close()


def fill(metrics: Metrics, runs: int, rows: int, keys: int) -> None:
    for run in range(runs):
        for first in range(0, rows, ROWS):
            points = made(min(ROWS, rows - first), keys, first)
            metrics.append([Batch(segment=f"s{run}", stream="t", history=[points])])


def bench_chart(folder: Path, runs: int, rows: int, keys: int) -> None:
    path = folder / "chart.duckdb"
    metrics = DuckMetrics(path)
    took = timed(lambda: fill(metrics, runs, rows, keys))
    points = runs * rows * keys
    print(f"{runs} runs of {rows:,} rows of {keys}: filled at {points / took / 1e6:.1f} M points/s with making them")
    tracks = [Track((Span(f"s{run}"),), 1_700_000_000_000_000) for run in range(runs)]
    charts = {
        "steps": ChartRequest(tracks=tracks, key="key3", buckets=1_000),
        "time": ChartRequest(tracks=tracks, key="key3", axis=Axis.TIME, buckets=1_000),
        "runtime": ChartRequest(tracks=tracks, key="key3", axis=Axis.RUNTIME, buckets=1_000),
        "a tenth of the steps": ChartRequest(tracks=tracks, key="key3", lo=rows // 2, hi=rows * 6 // 10, buckets=1_000),
        "one run": ChartRequest(tracks=tracks[:1], key="key3", buckets=1_000),
    }
    print(f"chart of {runs * rows:,} points in 1,000 buckets, before settling:")
    ask(metrics, charts)
    took = timed(lambda: metrics.settle([f"s{run}" for run in range(runs)]))
    metrics.close()
    print(f"settled at {points / took / 1e6:.1f} M points/s; {path.stat().st_size / points:.1f} bytes a point")
    metrics = DuckMetrics(path)
    print("the same, settled:")
    ask(metrics, charts)
    bench_reads(metrics, tracks)
    metrics.close()
    bench_plain_chart(path, rows)


def ask(metrics: Metrics, charts: dict[str, ChartRequest]) -> None:
    for name, request in charts.items():
        buckets = len(metrics.chart(request).count)
        print(f"    {name}: {1_000 * best(lambda r=request: metrics.chart(r)):.1f} ms, {buckets:,} buckets")


def bench_plain_chart(path: Path, rows: int) -> None:
    """The least that DuckDB can do for such a chart: count, min, max and mean by segment and bucket."""
    query = """
        SELECT segment, step // $width AS bucket, count(*), min(value), max(value), avg(value) FROM cold
        WHERE key = (SELECT id FROM names WHERE name = 'key3') GROUP BY 1, 2"""
    with duckdb.connect(str(path), config={"memory_limit": "1GB"}) as connection:
        width = {"width": max(rows // 1_000, 1)}
        took = best(lambda: connection.execute(query, width).fetchnumpy())
        print(f"plain DuckDB, count, min, max and mean of the same points: {1_000 * took:.1f} ms")


def bench_reads(metrics: Metrics, tracks: list[Track]) -> None:
    line = tracks[0].lineage
    for name, work in (
        ("keys of one run", lambda: metrics.series(line)),
        ("a page of 1,000 rows", lambda: metrics.rows(line, None, min_step=5_000)),
        ("a sample of 500 rows of one key", lambda: metrics.sample(line, ["key3"], 500)),
        ("all points of one key", lambda: metrics.points(line, "key3")),
    ):
        print(f"{name}: {1_000 * best(work):.1f} ms")


def bench_chain(folder: Path, keys: int, spans: int = 100, rows: int = 10_000, more: int = 2_000) -> None:
    """A run that was rewound again and again, against one segment with the same rows; each rewind hides `more` rows."""
    metrics = DuckMetrics(folder / "chain.duckdb")
    for number in range(spans):
        points = made(rows + more * (number < spans - 1), keys, rows * number)
        metrics.append([Batch(segment=f"c{number}", stream="t", history=[points])])
        metrics.append([Batch(segment="one", stream="t", history=[made(rows, keys, rows * number)])])
    cut = [Span(f"c{number}", rows * (number + 1) - 1) for number in range(spans - 1)]
    chain = (*cut, Span(f"c{spans - 1}"))
    compare(metrics, chain, f"a chain of {spans} spans of {rows:,} rows, before settling", rows * spans // 2)
    metrics.settle(["one", *(span.segment for span in chain)])
    first = timed(lambda: metrics.chart(ChartRequest(tracks=[Track(chain)], key="key5", buckets=1_000)))
    print(f"settled; the first chart, which splits tiles: {1_000 * first:.1f} ms")
    compare(metrics, chain, "the same, settled", rows * spans // 2)
    metrics.close()


def compare(metrics: Metrics, chain: Lineage, title: str, middle: int) -> None:
    print(f"{title}:")
    start = 1_700_000_000_000_000
    for name, work in (
        ("1,000 buckets", lambda line: metrics.chart(ChartRequest(tracks=[Track(line)], key="key3", buckets=1_000))),
        (
            "1,000 buckets by runtime",
            lambda line: metrics.chart(
                ChartRequest(tracks=[Track(line, start)], key="key3", axis=Axis.RUNTIME, buckets=1_000)
            ),
        ),
        ("keys", metrics.series),
        ("a page of 1,000 rows", lambda line: metrics.rows(line, None, min_step=middle)),
        ("a sample of 500 rows of one key", lambda line: metrics.sample(line, ["key3"], 500)),
        ("all points of one key", lambda line: metrics.points(line, "key3")),
        ("the latest of each key", metrics.latest),
    ):
        one, many = (1_000 * best(lambda line=line, w=work: w(line), 9) for line in ((Span("one"),), chain))
        print(f"    {name}: {many:.1f} ms, of one segment {one:.1f} ms: {many / one:.2f} times as long")


def bench_latest(folder: Path) -> None:
    metrics = DuckMetrics(folder / "latest.duckdb")
    sizes = {
        "1,000 rows of 10": (1_000, 10),
        "1,000 rows of 1,000": (1_000, 1_000),
        "3,000,000 rows of 10": (3_000_000, 10),
    }
    for name, (rows, keys) in sizes.items():
        for first in range(0, rows, ROWS * 10 // keys):
            points = made(min(ROWS * 10 // keys, rows - first), keys, first)
            metrics.append([Batch(segment=name, stream="t", history=[points])])
    for settled in (False, True):
        if settled:
            metrics.settle(list(sizes))
        for name, (rows, _) in sizes.items():
            lines = [(Span(name),), (Span(name, rows // 2),)]
            last, middle = (best(lambda line=line: metrics.latest(line)) for line in lines)
            print(
                f"the latest of each key, {name}, {'settled' if settled else 'unsettled'}: "
                f"{1_000 * last:.1f} ms, in the middle {1_000 * middle:.1f} ms"
            )
    metrics.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--keys", type=int, default=10)
    parser.add_argument("--only", choices=["append", "tiny", "chart", "chain", "latest"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.only in {None, "append"}:
            bench_append(folder, options.keys)
        if options.only in {None, "tiny"}:
            bench_tiny(folder)
        if options.only in {None, "chart"}:
            bench_chart(folder, options.runs, options.rows, options.keys)
        if options.only in {None, "chain"}:
            bench_chain(folder, options.keys)
        if options.only in {None, "latest"}:
            bench_latest(folder)


if __name__ == "__main__":
    main()
