"""What scripts find under the name of W&B's client when `playhead run` starts them."""

RUN = ["-m", "playhead.cli", "run"]

NAMES = """
import importlib.metadata
import pickle

import playhead
import wandb
import wandb.apis.public, wandb.data_types, wandb.errors, wandb.sdk.lib.config_util, wandb.sdk.wandb_run, wandb.util
from wandb import Settings, errors, util
from wandb.sdk.lib import RunDisabled
from wandb.wandb_run import Run

assert wandb.init is playhead.init and wandb.Api is wandb.apis.public.Api is playhead.Api
assert (wandb.run, wandb.config.__class__) == (None, playhead.config.__class__)
assert wandb.Image is wandb.data_types.Image is playhead.Image
assert len(wandb.util.generate_id()) == 8
assert wandb.__version__ == importlib.metadata.version("wandb")
wandb.setup()
wandb.require("core")
try:
    wandb.log({"a": 1})
except wandb.errors.UsageError as error:
    assert isinstance(error, wandb.Error) and wandb.errors.CommError is wandb.CommError

run = wandb.init(project="p", config={"a": 1}, settings=Settings(console="off"))
assert wandb.run is run and isinstance(run, Run) and isinstance(run, wandb.sdk.wandb_run.Run)
assert not isinstance(run, RunDisabled)
assert wandb.config.a == 1
assert wandb.watch(object()) == wandb.watch(object()) == []
wandb.unwatch()
wandb.termwarn("look")
wandb.termlog("once", repeat=False)
wandb.termlog("once", repeat=False)
wandb.config.update({"a": 2}, allow_val_change=True)
run._label(code="somebody's trainer")
assert pickle.loads(pickle.dumps(wandb.Settings)) is playhead.Settings
wandb.log({"loss": 0.5})
assert wandb.summary["loss"] == 0.5
wandb.join()
assert wandb.run is None
assert not hasattr(wandb, "sweep")
try:
    wandb.sweep
except AttributeError as error:
    say(sweep=str(error))
with wandb.init(mode="disabled") as other:
    assert isinstance(other, RunDisabled)
assert not {name for name in wandb.__all__ if not hasattr(wandb, name)}
"""


def test_names(place):
    told = place.ask(NAMES, command=RUN)
    assert told["sweep"] == "wandb.sweep has no counterpart in Playhead."
    assert told["err"].count("wandb.watch() records nothing") == 1
    assert "playhead: WARNING look" in told["err"]
    assert told["err"].count("playhead: once") == 1
    assert place.journal().config == {"a": 2}


def test_options_and_modules(place):
    """The options stand for variables; `-m` runs a module; a folder `wandb` beside the script is not taken for the client."""
    (place.folder / "wandb/run-20200101_000000-abc").mkdir(parents=True)
    (place.folder / "package").mkdir()
    (place.folder / "package/train.py").write_text("import sys, wandb\nwandb.init().log({'a': len(sys.argv)})")
    options = [
        "--project",
        "q",
        "--name",
        "said",
        "--group",
        "g",
        "--tags",
        "a,b",
        "--notes",
        "n",
        "--job-type",
        "eval",
    ]
    place.train_well("", command=[*RUN, *options, "--mode", "offline", "-m", "package.train", "--lr", "1"])
    journal = place.journal()
    assert journal.header.project == "q"
    said = {name: journal.start[name] for name in ("name", "group", "tags", "notes", "job_type")}
    assert said == {"name": "said", "group": "g", "tags": ["a", "b"], "notes": "n", "job_type": "eval"}
    assert journal.rows == [(0, {"a": 4})]
