"""The scripts of the guide to frameworks, each as a process of its own: they run twice, the second time to go on."""

import importlib.util
import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[3] / "docs/guides/frameworks.md"
SLOW = 250
"""Seconds for a training: importing a framework takes its time on a machine that is busy."""
pytestmark = pytest.mark.timeout(600)
LIGHT = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "OMP_NUM_THREADS": "1"}


def script(heading):
    [found] = re.findall(rf"^## {heading}\n.*?^```python\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    return found


def need(*packages):
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} missing: the example in {GUIDE.name} was not tried")


def test_keras(online, server):
    need("keras", "jax")
    code = script("Keras")
    cut = code.replace("run.finish()", "import os; os.kill(os.getpid(), 9)").replace("epochs=20", "epochs=8")
    assert cut != code
    assert online.train(cut, env=LIGHT, patience=SLOW)[0] == -9
    online.train_well(code, env=LIGHT, patience=SLOW)
    [run] = server.wait(
        lambda: [run for run in server.api.runs(f"{server.entity}/frameworks") if run.state == "finished"]
    )
    assert [row["epoch"] for row in run.scan_history()] == list(range(20))
