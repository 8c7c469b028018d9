"""The Python of the guide for those who come from W&B, all of it, with its own two variables."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs/how-to/move-from-wandb.md"


def test_the_guide(server, machine, entity):
    code = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    assert len(code) == 4
    machine.train("\n".join(code), PLAYHEAD_START_METHOD=None)
    first, second = server.run("moving", "first"), server.run("moving", "second")
    assert (first["state"], first["step"], first["tags"], first["config"]) == (
        "finished",
        52,
        ["baseline", "kept"],
        {"lr": 0.1},
    )
    assert first["summary"]["loss"] == 0.01
    assert first["summary"]["accuracy"] == {"max": 0.5}
    assert (second["parent"]["id"], second["parent"]["step"], second["config"]) == ("first", 20, {"lr": 0.1})
    assert second["summary"]["loss"] == 0.02
    assert len(server.get(f"/runs/{entity}/moving/first/segments")) == 2


def test_the_variables_are_those_of_the_guide():
    variables = re.findall(r"export (\w+)=", GUIDE.read_text())
    assert variables == ["WANDB_BASE_URL", "WANDB_API_KEY"]
