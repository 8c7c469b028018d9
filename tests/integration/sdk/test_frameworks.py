"""The scripts of the guide to frameworks, each as a process of its own: they run twice, the second time to go on."""

import importlib.util
import re
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[3] / "docs/guides/frameworks.md"
SLOW = 250
"""Seconds for a training: importing a framework takes its time on a machine that is busy."""
pytestmark = pytest.mark.timeout(600)
LIGHT = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}

PINNED = {"torch": "==2.13.0"}


def script(heading):
    [found] = re.findall(rf"^## {heading}\n.*?^```python\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    return found


def need(*packages):
    missing = [package for package in packages if importlib.util.find_spec(package) is None]
    if missing:
        told = " ".join(f"{package}{PINNED.get(package, '')}" for package in packages)
        pytest.skip(f"{', '.join(missing)} missing, the example in {GUIDE.name} was not tried: pip install {told}")


KILL = "__import__('os').kill(__import__('os').getpid(), 9)"


def killed_and_started_again(online, server, code, line, killing):
    """The run of `code`, which was killed the first time: `killing` replaced `line` then."""
    assert line in code
    cut = code.replace(line, killing).replace("run.finish()", KILL)
    assert online.train(cut, env=LIGHT, patience=SLOW)[0] == -9
    online.train_well(code, env=LIGHT, patience=SLOW)
    [run_id] = {journal.header.run_id for journal in online.journals()}
    path = f"{server.entity}/frameworks/{run_id}"
    return server.wait(lambda: (run := server.api.run(path)).state == "finished" and run)


def test_keras(online, server):
    need("keras", "jax")
    run = killed_and_started_again(online, server, script("Keras"), "epochs=20, ", "epochs=8, ")
    assert [row["epoch"] for row in run.scan_history()] == list(range(20))


def test_pytorch(online, server):
    need("torch")
    line = '    run.save("checkpoint.pt", policy="now")\n'
    run = killed_and_started_again(
        online, server, script("PyTorch"), line, f"{line}    if epoch == 8:\n        {KILL}\n"
    )
    rows = list(run.scan_history())
    assert [row["_step"] for row in rows] == list(range(20))
    assert run.file("checkpoint.pt").step == 19


@pytest.mark.thorough
def test_lightning(online, server):
    need("torch", "lightning")
    line = "        self.log("
    run = killed_and_started_again(
        online,
        server,
        script("PyTorch Lightning"),
        line,
        f"        if self.current_epoch == 3:\n            {KILL}\n{line}",
    )
    rows = list(run.scan_history())
    assert [row["_step"] for row in rows if "loss" in row] == list(range(24))
    assert {row["epoch"] for row in rows} == set(range(6))
    assert run.config["lr"] == 0.1
    assert run.file("checkpoints/newest.ckpt").step == 23
    assert len(run.file("checkpoints/newest.ckpt").versions()) >= 4


@pytest.mark.thorough
def test_transformers(online, server):
    need("torch", "transformers", "accelerate")
    line = "trainer = Trainer(model=Line(), args=arguments, train_dataset=data, callbacks=[PlayheadCallback()])"
    kill = f"""
from transformers import TrainerCallback
class Kill(TrainerCallback):
    def on_step_end(self, args, state, control, **_):
        if state.global_step == 13:
            {KILL}
{line.replace("PlayheadCallback()", "PlayheadCallback(), Kill()")}"""
    run = killed_and_started_again(online, server, script("Hugging Face transformers"), line, kill)
    rows = list(run.scan_history())
    assert [row["_step"] for row in rows if "train/loss" in row] == list(range(1, 21))
    assert run.config["max_steps"] == 20
    assert {file.name for file in run.files()} >= {f"checkpoint-{step}/trainer_state.json" for step in (5, 10, 15, 20)}


def by_their_own_logger(place, code):
    """The journal of `code`, which says `import wandb` at most, below `playhead run`."""
    place.train_well(code, command=["-m", "playhead.cli", "run"], env=LIGHT, patience=SLOW)
    return place.journal()


@pytest.mark.thorough
def test_lightnings_own_logger(place):
    need("torch", "lightning")
    code = script("PyTorch Lightning")
    imported = "import playhead\nfrom playhead.integrations.lightning import PlayheadLogger\n"
    assert imported in code
    code = code.replace(imported, "import wandb\nfrom lightning.pytorch.loggers import WandbLogger\n")
    code = code.replace('run = playhead.init(project="frameworks", resume=True)\n', "")
    code = code.replace("PlayheadLogger(run=run)", "WandbLogger(project='theirs', name='theirs')")
    code = code.replace('run.restore("checkpoints/newest.ckpt").name if run.resumed else None', "None").replace(
        "run.", "wandb."
    )
    journal = by_their_own_logger(place, code)
    assert (journal.header.project, journal.start["name"]) == ("theirs", "theirs")
    assert [row["trainer/global_step"] for _, row in journal.rows if "loss" in row] == list(range(24))
    assert journal.config == {"lr": 0.1}


@pytest.mark.thorough
def test_transformers_own_callback(place):
    need("torch", "transformers", "accelerate")
    code = script("Hugging Face transformers")
    imported = "import playhead\nfrom playhead.integrations.transformers import PlayheadCallback, last_checkpoint\n"
    assert imported in code
    code = code.replace(imported, "").replace('run = playhead.init(project="frameworks", resume=True)\n', "")
    code = code.replace('report_to="none"', 'report_to="wandb"').replace(", callbacks=[PlayheadCallback()]", "")
    code = code.replace('resume_from_checkpoint=last_checkpoint(run, "out")', "").replace("run.finish()", "")
    journal = by_their_own_logger(place, code)
    assert journal.header.project == "huggingface"
    assert [row["train/global_step"] for _, row in journal.rows if "train/loss" in row] == list(range(1, 21))
    assert journal.config["max_steps"] == 20


@pytest.mark.parametrize("framework", ["lightning", "transformers"])
def test_without_the_framework(place, framework):
    code = f"import sys\nsys.modules['{framework}'] = None\nimport playhead.integrations.{framework}"
    status, _, err = place.train(code)
    assert status == 1
    assert f"ImportError: playhead.integrations.{framework} needs" in err
    assert f"pip install {framework}" in err
