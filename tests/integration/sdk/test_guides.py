"""The Python of the guides, all of it, beside a real server: what is offline there when the pages alone are tested."""

import re
from pathlib import Path

import pytest

GUIDES = Path(__file__).parents[3] / "docs/guides"


def code(page):
    return re.findall(r"```python\n(.*?)```", (GUIDES / page).read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def alone(place, server_in, tmp_path):
    """A folder to train in beside a server that has nothing yet."""
    server = server_in(tmp_path / "data")
    place.env |= {"PLAYHEAD_MODE": "online"}
    return place, server


def test_resume_rewind_fork(alone):
    place, server = alone
    place.train_well("\n".join(code("resume-rewind-fork.md")))
    [child] = server.api.run(f"{server.entity}/resuming/my-run").children
    assert child.step == 40


def test_metrics(alone):
    place, server = alone
    place.train_well("\n".join(code("metrics.md")))
    run = server.api.run(f"{server.entity}/metrics/best-of-all")
    assert run.summary["val/accuracy"] == {"last": 0.75, "best": 0.9}


def test_many_processes(alone):
    place, server = alone
    group, training, reading = code("many-processes.md")
    place.train_well(group)
    assert len(server.api.runs(f"{server.entity}/many", group="experiment-1")) == 2
    place.train_well(training)
    place.train_well(f"import playhead\n{reading}")


def test_find_runs(alone):
    place, server = alone
    place.train_well("\n".join(code("find-runs.md")))
    assert [len(server.api.runs(f"{server.entity}/{project}")) for project in ("finding", "kept")] == [1, 1]


def test_artifacts(alone):
    place, server = alone
    prepare, train, change = code("artifacts.md")
    change = change.replace("me/", f"{server.entity}/").replace('draft.add_file("better.pt")', "")
    place.train_well(f"{prepare}\n{train}\n{change}")
    model = server.api.artifact(f"{server.entity}/artifacts-demo/squares-model:production")
    assert model.metadata == {"loss": 0.1, "reviewed": True}
    assert [one.name for one in model.logged_by().used_artifacts()] == ["squares:v0"]
