"""Trainings with Keras, on JAX: killed and gone on with, and each of the callbacks."""

import importlib.util

import pytest

RUN = ["-m", "playhead.cli", "run"]
needs_keras = pytest.mark.skipif(
    not (importlib.util.find_spec("keras") and importlib.util.find_spec("jax")),
    reason="Keras or JAX is missing, the callbacks were not tried: pip install keras jax",
)
SLOW = 250
"""Seconds for a training: importing Keras and JAX, and compiling for them, takes its time on a machine that is busy."""
pytestmark = pytest.mark.timeout(600)
LIGHT = {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu", "TF_CPP_MIN_LOG_LEVEL": "3"}

PREEMPTED = """
import time
import keras
import numpy as np
import wandb
from wandb.keras import WandbCallback

def model_and_data():
    keras.utils.set_random_seed(1)
    a = keras.layers.Input(shape=(32,))
    model = keras.models.Model(inputs=a, outputs=keras.layers.Dense(10)(a))
    model.compile("sgd", loss="mse")
    return model, np.random.rand(100, 32), np.random.rand(100, 10)

class Hold(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 7 and not wandb.run.resumed:
            print("HOLD", flush=True)
            time.sleep(600)

options = {"epochs": 12, "batch_size": 100, "shuffle": False, "verbose": 0}
wandb.init(project="p", resume=True)
model, x, y = model_and_data()
if wandb.run.resumed:
    model = keras.models.load_model(wandb.restore("model-best.h5").name)
    model.compile("sgd", loss="mse")
model.fit(x, y, initial_epoch=wandb.run.step, callbacks=[WandbCallback(save_model=True, monitor="loss"), Hold()], **options)
whole, x, y = model_and_data()
say(id=wandb.run.id, losses=whole.fit(x, y, **options).history["loss"])
"""


@needs_keras
def test_a_killed_training_goes_on_from_its_best_model(online, server):
    first = online.start("def say(**_): pass\n" + PREEMPTED, command=RUN, env=LIGHT)
    assert first.stdout.readline() == "HOLD\n"
    first.kill()
    told = online.ask(PREEMPTED, command=RUN, env=LIGHT, patience=SLOW)
    run = server.run(told["id"], "finished")
    rows = list(run.scan_history())
    assert [(row["_step"], row["epoch"]) for row in rows] == [(i, i) for i in range(12)]
    # The curve is that of a training that nobody killed.
    assert [row["loss"] for row in rows] == pytest.approx(told["losses"], rel=1e-4)
    assert run.summary["best_epoch"] == 11
    assert run.summary["best_loss"] == rows[-1]["loss"]
    steps = [version.step for version in run.file("model-best.h5").versions()]
    assert steps == sorted(set(steps), reverse=True)
    assert steps[0] == 11


CALLBACKS = """
from pathlib import Path
import keras
import numpy as np
from playhead.integrations.keras import WandbCallback, WandbMetricsLogger, WandbModelCheckpoint

x, y = np.random.rand(40, 4), np.random.rand(40, 1)

def train(*callbacks, of=None, epochs=3):
    model = of or keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    model.compile("adam", loss="mse")
    model.fit(x, y, epochs=epochs, batch_size=10, verbose=0, callbacks=list(callbacks))
    return model

def files(run):
    return sorted(path.name for path in Path(run.dir).iterdir())

for callback in (WandbCallback, WandbMetricsLogger, lambda: WandbModelCheckpoint("a.keras")):
    try:
        callback()
    except playhead.errors.UsageError as error:
        assert "playhead.init()" in error.message

with playhead.init(project="p", name="metrics"):
    train(WandbMetricsLogger(), WandbMetricsLogger(log_freq=2, initial_global_step=100))
with playhead.init(project="p", name="checkpoints") as run:
    train(WandbModelCheckpoint("all/{epoch:02d}.keras"), WandbModelCheckpoint("some.weights.h5", save_weights_only=True, save_freq=5))
    say(checkpoints=sorted(path.name for path in Path(run.dir, "all").iterdir()) + files(run))
with playhead.init(project="p", name="best") as run:
    best = WandbCallback(monitor="val_accuracy", log_batch_frequency=2)
    best.set_model(train(WandbCallback(monitor="loss", save_weights_only=True), best, epochs=1))
    for epoch, value in enumerate([0.5, 0.4, float("nan"), 0.6], 1):
        best.on_epoch_end(epoch, {"val_accuracy": value})
    say(best=files(run), by=run.summary["best_val_accuracy"], at=run.summary["best_epoch"])
    again = keras.models.load_model(Path(run.dir, "model-best.h5"))
    assert all(map(np.array_equal, again.get_weights(), best.model.get_weights()))
    again.fit(x, y, verbose=0)

class Own(keras.Model):
    def __init__(self, what_no_file_holds):
        super().__init__()
        self.layer = keras.layers.Dense(1)
    def call(self, x):
        return self.layer(x)

with playhead.init(project="p", name="keras") as run:
    model = train(WandbCallback(monitor="loss", save_format="keras"))
    again = keras.models.load_model(Path(run.dir, "model-best.keras"))
    assert all(map(np.array_equal, again.optimizer.variables, model.optimizer.variables))
with playhead.init(project="p", name="own") as run:
    train(WandbCallback(monitor="loss", verbose=1), of=Own(object()))
    say(own=files(run))
with playhead.init(project="p", name="odd") as run:
    train(WandbCallback(monitor="nothing", log_weights=True, predictions=3))
    for wrong in ({"mode": "sideways"}, {"save_format": "pt"}, {"surprise": 1}):
        try:
            WandbCallback(**wrong)
        except (playhead.errors.UsageError, TypeError) as error:
            continue
        raise AssertionError(wrong)
    say(odd=files(run))
with playhead.init(mode="disabled") as run:
    train(WandbCallback(monitor="loss"), WandbMetricsLogger())
    say(disabled=run.summary["best_loss"] > 0)
"""


@needs_keras
def test_callbacks(place):
    told = place.ask(CALLBACKS, env=LIGHT, patience=SLOW)
    runs = {journal.start["name"]: journal for journal in place.journals()}
    metrics = [row for _, row in runs["metrics"].rows]
    assert [row["epoch/epoch"] for row in metrics if "epoch/epoch" in row] == [0, 0, 1, 1, 2, 2]
    assert [row["batch/batch_step"] for row in metrics if "batch/loss" in row] == [100, 102, 104, 106, 108, 110]
    assert all(
        row.get("epoch/learning_rate", row.get("batch/learning_rate")) == pytest.approx(0.001) for row in metrics
    )
    axes = {data["name"]: data["step_metric"] for data in runs["metrics"].of("metric") if "step_metric" in data}
    assert axes == {"epoch/*": "epoch/epoch", "batch/*": "batch/batch_step"}
    assert told["checkpoints"] == ["01.keras", "02.keras", "03.keras", "all", "some.weights.h5"]
    assert len([save for save in runs["checkpoints"].of("save") if save["files"][0][0] == "some.weights.h5"]) == 2
    assert told["best"] == ["model-best.h5", "model-best.weights.h5"]
    assert (told["by"], told["at"]) == (0.6, 4)
    batches = [row for _, row in runs["best"].rows if "loss" in row and "epoch" not in row]
    assert len(batches) == 2
    assert told["own"] == []
    assert told["err"].count("model-best.h5 cannot be saved, the training goes on without") == 1
    assert told["odd"] == []
    assert "monitor='nothing' is not measured" in told["err"]
    assert "left out: log_weights" in told["err"]
    assert told["disabled"]


def test_without_keras(place):
    code = "import sys\nsys.modules['keras'] = None\nimport playhead.integrations.keras"
    status, _, err = place.train(code)
    assert status == 1
    assert "ImportError: playhead.integrations.keras needs Keras: pip install keras" in err
