"""kill -9 at any time: what a call returned for is there, and nothing is there by half."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from playhead.adapters.clock import SystemClock
from playhead.adapters.duckdb.metrics import DuckMetrics
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.runs import SqlRuns
from playhead.domain.errors import ServerRunningError
from playhead.domain.metric import Span, Track
from playhead.ports.metrics import Batch, ChartRequest
from playhead.testing.made import PATH, a_stream
from playhead.testing.points import floats

WRITER = Path(__file__).with_name("crash_writer.py")
ROWS = 2_000


def killed_after(what, folder, turns):
    """Let the writer say so many turns, then kill it in the middle of what comes next; how many it said."""
    with subprocess.Popen([sys.executable, str(WRITER), what, str(folder)], stdout=subprocess.PIPE) as writer:
        said = [int(writer.stdout.readline()) for _ in range(turns)]
        writer.kill()
        said += [int(line) for line in writer.stdout.read().split(b"\n")[:-1]]
    return said[-1]


@pytest.mark.parametrize("turns", [1, 7, 20, 45])
@pytest.mark.thorough
def test_metrics_survive(tmp_path, turns):
    said = killed_after("metrics", tmp_path, turns)
    metrics = DuckMetrics(tmp_path / "metrics.duckdb", few=0)
    written = {len(metrics.points((Span(segment),), key).step) for segment in "so" for key in "ab"}
    assert len(written) == 1
    (points,) = written
    assert points % ROWS == 0
    assert said * ROWS <= points <= (said + 1) * ROWS
    for segment in "so":
        values = metrics.points((Span(segment),), "a").value
        np.testing.assert_array_equal(values, np.arange(points, dtype=float))
        chart = metrics.chart(ChartRequest(tracks=[Track((Span(segment),))], key="b", buckets=10))
        assert chart.count.sum() == points
        assert chart.mean @ chart.count == pytest.approx(points * (points - 1) / 2)
    metrics.append([Batch(segment="s", stream="t", history=[floats("a", [1.0] * ROWS, points - ROWS)])])
    metrics.settle(["s", "o"])
    assert metrics.series((Span("s"),))[0].count == points
    metrics.close()


@pytest.mark.parametrize("turns", [1, 40])
def test_the_catalog_survives(tmp_path, turns):
    said = killed_after("catalog", tmp_path, turns)
    database = Database(f"sqlite:///{tmp_path}/catalog.db")
    runs = SqlRuns(database, SystemClock())
    offset = runs.stream(a_stream().id).offset
    assert said <= offset <= said + 1
    assert [record.offset for record in runs.records(PATH, "config")] == list(range(offset))
    database.close()


def test_a_second_process_is_refused(tmp_path):
    with subprocess.Popen([sys.executable, str(WRITER), "metrics", str(tmp_path)], stdout=subprocess.PIPE) as writer:
        writer.stdout.readline()
        with pytest.raises(ServerRunningError):
            DuckMetrics(tmp_path / "metrics.duckdb")
        writer.kill()
