"""Makes the fixtures in this folder with the real package: `pip install mlflow==3.17.2`, then `python make.py`.

`write(uri)` fills any store; tests do where the package is installed.
"""

import os
import shutil
import sqlite3
import tempfile
from pathlib import Path

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"

import mlflow
from mlflow.entities import Metric, Param, RunTag

START = 1_767_225_600_000
"""2026-01-01T00:00:00Z, in milliseconds."""
TABLES = ("experiments", "runs", "metrics", "params", "tags")
HOME = "/home/ada"


def write(uri):
    """A run that ended, its parent, which failed, one that was deleted, and one of another experiment that did not end."""
    mlflow.set_tracking_uri(uri)
    client = mlflow.MlflowClient(uri)
    experiment = client.create_experiment("/Users/ada/digits")
    note = {"mlflow.note.content": "# a *grid*"}
    parent = client.create_run(experiment, START, run_name="grid", tags=note).info.run_id
    whose = {"mlflow.parentRunId": parent, "mlflow.source.name": "train.py", "mlflow.source.git.commit": "c0ffee"}
    run = client.create_run(experiment, START, run_name="first try", tags=whose).info.run_id
    odd = [float("nan"), float("inf"), float("-inf")]
    metrics = [
        *(Metric("train/loss", 1 / (step + 1), START + 1_000 * step, step) for step in range(20)),
        *(Metric("acc", step / 20, START + 1_000 * step + 5, step) for step in range(0, 20, 5)),
        *(Metric("odd", value, START + 19_000, step) for step, value in enumerate(odd)),
        *(Metric("system/cpu", 50.0 + number, START + 10_000 * number, number) for number in range(2)),
        *(Metric("again", 1.0 + number, START + number, 3) for number in range(2)),
        Metric("early", 5.0, START, -1),
    ]
    params = {"lr": "0.1", "layers": "[1, 2]", "opt": "adam", "deep": "{'a': None}", "zip": "007", "bias": "True"}
    client.log_batch(run, metrics, [Param(*each) for each in params.items()], [RunTag("team", "vision")])
    client.log_text(run, "hello", "notes/hello.txt")
    client.log_dict(run, {"a": 1}, "config.json")
    client.set_terminated(run, "FINISHED", START + 100_000)
    client.set_terminated(parent, "FAILED", START + 200_000)
    client.delete_run(client.create_run(experiment, START, run_name="gone").info.run_id)
    other = client.create_run(client.create_experiment("other"), START, run_name="still going").info.run_id
    client.log_metric(other, "loss", 0.5, START, 0)


def dump(database):
    """The tables that matter, as SQL."""
    with sqlite3.connect(database) as connection:
        lines = [
            line for line in connection.iterdump() if line.startswith(tuple(f'INSERT INTO "{name}"' for name in TABLES))
        ]
        made = [
            connection.execute("SELECT sql FROM sqlite_master WHERE name = ?", [name]).fetchone()[0] for name in TABLES
        ]
    return "".join(f"{line.rstrip(';')};\n" for line in (*made, *lines))


if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    shutil.rmtree(here / "mlruns", ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write("mlruns")
        write("sqlite:///mlflow.db")
        (here / "mlflow.sql").write_text(dump("mlflow.db").replace(folder, HOME))
        for path in Path("mlruns").rglob("meta.yaml"):
            path.write_text(path.read_text().replace(folder, HOME))
        shutil.copytree("mlruns", here / "mlruns", ignore=shutil.ignore_patterns(".trash"))
