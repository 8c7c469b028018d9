"""The example with torch.distributed: two ranks, as one run and as a group of runs."""

import collections
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[3] / "examples/distributed.py"
pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(
        importlib.util.find_spec("torch") is None,
        reason="torch is missing, the example with torch.distributed was not tried: pip install torch==2.13.0",
    ),
]


def train(place, *arguments):
    command = [sys.executable, str(EXAMPLE), *arguments]
    done = subprocess.run(
        command, cwd=place.folder, env=place.env | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    weights = {line.rpartition(" ")[2] for line in done.stdout.splitlines() if line.startswith("rank")}
    assert len(weights) == 1, "the ranks did not train together"


def test_one_run(online, server):
    name = f"one-{os.getpid()}"
    train(online, "--name", name)
    run = server.wait(lambda: finished(server, name))
    assert sorted(run.labels) == ["rank-0", "rank-1"]
    steps = collections.Counter(row["_step"] for row in run.scan_history(keys=["loss"]))
    assert steps == dict.fromkeys(range(200), 2)
    for label in run.labels:
        assert any(line.text.startswith(label.replace("-", " ")) for line in run.console(label=label))


def finished(server, name):
    run = server.api.run(f"{server.entity}/distributed/{name}")
    return run if run.state == "finished" else None


def test_a_group(online, server):
    name = f"group-{os.getpid()}"
    train(online, "--name", name, "--group")
    runs = server.api.runs(f"{server.entity}/distributed", group=name)
    server.wait(lambda: all(run.reload().state == "finished" for run in runs))
    assert sorted(run.name for run in runs) == ["rank-0", "rank-1"]
    for run in runs:
        assert [row["_step"] for row in run.scan_history(keys=["loss"])] == list(range(200))
