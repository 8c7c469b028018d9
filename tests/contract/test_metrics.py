"""Points: in memory and in DuckDB."""

import pytest

from playhead.adapters.duckdb.metrics import DuckMetrics
from playhead.adapters.memory.metrics import MemoryMetrics
from playhead.testing.metrics import MetricsContract


@pytest.fixture
def model():
    return MemoryMetrics()


class TestMemory(MetricsContract):
    @pytest.fixture
    def metrics(self):
        return MemoryMetrics()


class TestDuck(MetricsContract):
    @pytest.fixture
    def metrics(self, tmp_path):
        metrics = DuckMetrics(tmp_path / "metrics.duckdb")
        yield metrics
        metrics.close()


class TestDuckWithTiles(MetricsContract):
    """Tiles are used for the smallest chart."""

    @pytest.fixture
    def metrics(self, tmp_path):
        metrics = DuckMetrics(tmp_path / "metrics.duckdb", few=0)
        yield metrics
        metrics.close()
