"""Runs of other tools on a real server: what they recorded is there, a repeated import adds nothing, damage is told."""

import importlib.util
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from playhead.cli import main
from playhead.client.api import Api

DATA = Path(__file__).parents[2] / "data"
WANDB = DATA / "wandb-offline/offline-run-20260101_000000-wb1"
MLFLOW = DATA / "mlflow"
EVENTS = DATA / "tensorboard/runs"
TABLE = "step,time,loss,acc,note,done\n" + "".join(
    f"{step * 10},2026-01-01T00:00:{step:02},{1 / (step + 1)},{'' if step % 2 else step},n{step},{'true' if step == 9 else 'false'}\n"
    for step in range(10)
)


@pytest.fixture
def imports(server, tmp_path, monkeypatch):
    """Calls `playhead import …`; answers what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLAYHEAD_BASE_URL", server.url)
    monkeypatch.setenv("PLAYHEAD_API_KEY", server.key)

    def call(*arguments, code=0):
        done = CliRunner().invoke(main, ["import", *map(str, arguments)], catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done.output

    return call


@pytest.fixture
def project(tmp_path):
    """Of the test's own."""
    return tmp_path.name.replace("_", "-")


def only(server, project):
    [run] = Api(server=server.client()).runs(project)
    return run


def history(run, **options):
    return list(run.scan_history(**options))


def test_a_table(server, imports, project, tmp_path):
    (tmp_path / "first try.csv").write_text(TABLE)
    assert "taken over" in imports("csv", "first try.csv", "--project", project)
    run = only(server, project)
    assert (run.name, run.state) == ("first try", "finished")
    rows = history(run)
    assert [row["_step"] for row in rows] == list(range(0, 100, 10))
    assert [row["loss"] for row in rows] == [1 / (step + 1) for step in range(10)]
    assert [row.get("acc") for row in rows] == [None if step % 2 else step for step in range(10)]
    assert (rows[3]["note"], rows[3]["done"], rows[9]["done"]) == ("n3", False, True)
    assert rows[9]["_timestamp"] == datetime(2026, 1, 1, 0, 0, 9, tzinfo=UTC).timestamp()
    segment = run.segment_id
    assert "already there" in imports("csv", "first try.csv", "--project", project)
    again = only(server, project)
    assert (again.segment_id, len(history(again))) == (segment, 10)


def test_a_table_that_grew_takes_the_place_of_what_it_was(server, imports, project, tmp_path):
    table = tmp_path / "a.csv"
    table.write_text("loss\n1\n0.5\n")
    imports("csv", table, "--project", project)
    table.write_text("loss\n1\n0.5\n0.25\n")
    assert "taken over" in imports("csv", table, "--project", project)
    assert [row["loss"] for row in history(only(server, project))] == [1.0, 0.5, 0.25]


def test_a_table_offline(server, imports, project, tmp_path):
    table = tmp_path / "a.tsv"
    table.write_text("at\twhen\tloss\n7\t1767225600.5\t1e-3\n8.0\t1767225601\tNaN\n")
    told = imports(
        "csv", table, "--project", project, "--step", "at", "--time", "when", "--id", "mine", "--name", "x", "--offline"
    )
    assert "written" in told
    assert "already there" in imports(
        "csv", table, "--project", project, "--step", "at", "--time", "when", "--id", "mine", "--name", "x", "--offline"
    )
    [folder] = (tmp_path / "playhead").iterdir()
    assert folder.name == "offline-run-20260101_000000-mine"
    done = CliRunner().invoke(main, ["sync", str(folder)])
    assert done.exit_code == 0, done.output
    run = only(server, project)
    assert (run.id, run.name, run.state) == ("mine", "x", "finished")
    rows = history(run)
    assert [row["_step"] for row in rows] == [7, 8]
    assert rows[0]["loss"] == 0.001
    assert rows[1]["loss"] != rows[1]["loss"]


def test_a_table_with_false_lines(server, imports, project, tmp_path):
    (tmp_path / "a.csv").write_text('step,loss\n0,1\n1\n2,3,4\nx,5\n-1,6\n7,"torn')
    told = imports("csv", "a.csv", "--project", project)
    assert "more cells" in told
    assert "fewer cells" in told
    assert "no whole number" in told
    assert "below 0" in told
    assert "quoted" in told
    assert [(row["_step"], row["loss"]) for row in history(only(server, project))] == [(0, 1), (2, 3)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b"\x89PNG\r\n\x1a\n\xff\x00", "UTF-8"),
        (b"a,b\n1,\0\n", "zero byte"),
        (b"a,a\n1,2\n", "several columns"),
        (b"a\n" + b"x" * (2 << 20), "line 2"),
    ],
)
def test_what_is_no_table(imports, tmp_path, content, reason):
    (tmp_path / "a.csv").write_bytes(content)
    assert reason in imports("csv", "a.csv", "--project", "never", code=1)


def test_a_column_that_is_not_there(imports, tmp_path):
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    assert "It has a, b" in imports("csv", "a.csv", "--step", "c", code=1)


def test_a_run_of_wandb(server, imports, project):
    assert "taken over" in imports("wandb", WANDB, "--project", project)
    run = only(server, project)
    assert (run.id, run.name, run.state, run.notes) == ("wb1", "first try", "finished", "from W&B")
    assert (list(run.tags), run.group, run.job_type) == (["a", "b"], "g", "train")
    assert run.config == {"lr": 0.1, "deep": {"layers": [1, 2]}, "name": "mlp", "late": True}
    rows = history(run)
    assert [row["_step"] for row in rows] == list(range(152))
    assert [row["loss"] for row in rows[:150]] == [1 / (step + 1) for step in range(150)]
    assert (rows[7]["nested.a"], rows[7]["note"], rows[7]["big"]) == (7, "row 7", 2**60 + 7)
    assert (rows[151]["val/acc"], rows[151]["inf"]) == (0.5, float("inf"))
    assert run.created_at < rows[0]["_timestamp"] < rows[151]["_timestamp"] < run.created_at + 60
    assert run.summary["best"] == 0.75
    assert run.summary["val/acc"] == {"max": 0.5}
    assert "hello from the training" in [line.text for line in run.console()]
    assert {file.name for file in run.files()} >= {"notes.txt"}
    [picture] = run.media("picture")
    assert picture.items[0].read()[:4] == b"\x89PNG"
    assert [one.name for one in run.metrics] == ["epoch", "val/*"]
    segment = run.segment_id
    assert "already there" in imports("wandb", WANDB, "--project", project)
    again = only(server, project)
    assert (again.segment_id, len(history(again))) == (segment, 152)


def test_a_run_of_wandb_that_is_cut_off(server, imports, project, tmp_path):
    folder = tmp_path / "wandb/offline-run-20260101_000000-wb1"
    shutil.copytree(WANDB, folder)
    [file] = folder.glob("*.wandb")
    file.write_bytes(file.read_bytes()[:40_000])
    told = imports("wandb", tmp_path, "--project", project)
    assert "ends within a record" in told
    assert "did not say that it ended" in told
    run = only(server, project)
    assert run.state != "finished"
    assert [row["_step"] for row in history(run)] == list(range(run.step))
    assert run.step > 50


def test_a_run_of_wandb_with_damage(server, imports, project, tmp_path):
    folder = tmp_path / WANDB.name
    shutil.copytree(WANDB, folder)
    [file] = folder.glob("*.wandb")
    data = bytearray(file.read_bytes())
    data[20_000] ^= 0xFF
    file.write_bytes(data)
    assert "is damaged" in imports("wandb", folder, "--project", project)
    steps = [row["_step"] for row in history(only(server, project))]
    assert 0 in steps
    assert steps[-1] == 151
    assert 60 < len(steps) < 152


def test_what_is_no_run_of_wandb(imports, tmp_path):
    (tmp_path / "a.wandb").write_bytes(b"something else")
    assert "no file of an offline run" in imports("wandb", tmp_path / "a.wandb", code=1)
    (tmp_path / "b").mkdir()
    assert "There is no .wandb file" in CliRunner().invoke(main, ["import", "wandb", str(tmp_path / "b")]).output


def test_event_files_of_tensorboard(server, imports, project):
    assert imports("tensorboard", EVENTS, "--project", project).count("taken over") == 3
    runs = {run.name: run for run in Api(server=server.client()).runs(project)}
    assert set(runs) == {"base", "base/eval", "base/trial"}
    for name in ("base", "base/eval"):
        rows = history(runs[name])
        assert [row["_step"] for row in rows] == list(range(0, 500, 10))
        assert rows[3]["loss/train"] == pytest.approx(1 / 4)
        assert [row["lr"] for row in rows] == [0.5] * 50
        assert rows[3]["_timestamp"] == 1_767_225_603
        assert rows[-1]["note/text_summary"] == "hello"
        [picture] = runs[name].media("picture")
        assert picture.items[0].read()[:4] == b"\x89PNG"
        weights = rows[-1]["weights"]
        assert sum(weights["values"]) == 4
        assert len(weights["bins"]) == len(weights["values"]) + 1
    assert runs["base/trial"].config == {"lr": 0.5, "layers": 2, "name": "mlp", "deep": True}
    assert imports("tensorboard", EVENTS, "--project", project).count("already there") == 3


def test_an_event_file_that_is_cut_off(server, imports, project, tmp_path):
    shutil.copytree(EVENTS / "base/eval", tmp_path / "runs")
    [file] = (tmp_path / "runs").iterdir()
    file.write_bytes(file.read_bytes()[:3_000])
    assert "ends within a record" in imports("tensorboard", "runs", "--project", project)
    steps = [row["_step"] for row in history(only(server, project))]
    assert steps == list(range(0, 10 * len(steps), 10))
    assert 10 < len(steps) < 50


def test_what_is_no_event_file(imports, tmp_path):
    (tmp_path / "events.out.tfevents.1").write_bytes(b"something else that is long enough")
    assert "no event file" in imports("tensorboard", tmp_path, code=1)


def test_a_time_that_is_none(server, imports, project, tmp_path):
    (tmp_path / "a.csv").write_text("time,loss\n1767225600,1\ninf,2\nnoon,3\n-5,4\n")
    assert "neither seconds since 1970 nor a date (3 times)" in imports("csv", "a.csv", "--project", project)
    rows = history(only(server, project))
    assert [(row["loss"], row["_timestamp"]) for row in rows] == [(loss, 1_767_225_600) for loss in range(1, 5)]


def mlflow_database(folder):
    """The fixture's database; its artifacts are where it says."""
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        database.executescript((MLFLOW / "mlflow.sql").read_text().replace("/home/ada", str(MLFLOW)))
    return f"sqlite:///{folder / 'mlflow.db'}"


def made_by_mlflow(uri, folder):
    """What the real package writes now."""
    if importlib.util.find_spec("mlflow") is None:
        pytest.skip("pip install mlflow-skinny")
    code = f"import sys; sys.path.insert(0, {str(MLFLOW)!r}); import make; make.write({uri!r})"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return uri


STORES = {
    "a folder": lambda _: str(MLFLOW / "mlruns"),
    "a folder above": lambda _: MLFLOW.as_uri(),
    "a database": mlflow_database,
    "a folder of today": lambda folder: made_by_mlflow("mlruns", folder),
    "a database of today": lambda folder: made_by_mlflow("sqlite:///mlflow.db", folder),
}


@pytest.mark.parametrize("store", STORES.values(), ids=STORES.keys())
def test_runs_of_mlflow(server, imports, project, tmp_path, store):
    uri = store(tmp_path)
    told = imports("mlflow", uri, "--project", project)
    assert told.count("taken over") == 3
    assert "its step is below 0" in told
    runs = {run.name: run for run in Api(server=server.client()).runs(project)}
    assert {name: run.state for name, run in runs.items()} == {
        "first try": "finished",
        "grid": "failed",
        "still going": "failed",
    }
    run = runs["first try"]
    assert runs["grid"].notes == "# a *grid*"
    assert (run.group, run.tags, run.created_at) == (runs["grid"].id, ["team=vision"], 1_767_225_600.0)
    assert run.config == {
        "lr": 0.1, "layers": [1, 2], "opt": "adam", "deep": {"a": None}, "zip": "007", "bias": True, "mlflow_tags": {"team": "vision"},
    }  # fmt: skip
    assert run.metadata["program"] == "train.py"
    assert run.metadata["git"] == {"commit": "c0ffee"}
    rows = history(run)
    assert [row["_step"] for row in rows] == list(range(20))
    assert [row["train/loss"] for row in rows] == [1 / (step + 1) for step in range(20)]
    assert [row["_timestamp"] for row in rows if row["_step"] > 3] == [
        1_767_225_600 + step + (0 if step % 5 else 0.005) for step in range(4, 20)
    ]
    assert [row.get("acc") for row in rows] == [None if step % 5 else step / 20 for step in range(20)]
    assert (str(rows[0]["odd"]), rows[1]["odd"], rows[2]["odd"]) == ("nan", float("inf"), float("-inf"))
    assert rows[3]["again"] == 2.0
    assert [row["cpu"] for row in run.system_metrics()] == [50.0, 51.0]
    for file in run.files():
        file.download(tmp_path / "got").close()
    assert (tmp_path / "got/notes/hello.txt").read_text() == "hello"
    assert json.loads((tmp_path / "got/config.json").read_text()) == {"a": 1}
    segments = {one.segment_id for one in runs.values()}
    assert imports("mlflow", uri, "--project", project).count("already there") == 3
    assert {one.segment_id for one in Api(server=server.client()).runs(project)} == segments


def test_one_experiment_of_mlflow(server, imports, project):
    imports("mlflow", MLFLOW, "--experiment", "other", "--id", "mine", "--offline")
    assert "other" in imports("mlflow", MLFLOW, "--experiment", "others", code=1)
    assert "--id" in imports("mlflow", MLFLOW, "--id", "mine", code=2)


def test_experiments_of_mlflow_become_projects(server, imports):
    told = imports("mlflow", MLFLOW)
    assert told.count("/Users-ada-digits/runs/") == 2
    assert told.count("/other/runs/") == 1


def test_a_folder_of_mlflow_that_is_damaged(server, imports, project, tmp_path):
    root = tmp_path / "mlruns"
    shutil.copytree(MLFLOW / "mlruns", root)
    [lines] = root.glob("*/*/metrics/train/loss")
    lines.write_bytes(lines.read_bytes()[:-9] + b"\n1767225600000\nx y z\n")
    [lost] = root.glob("*/*/metrics/loss")
    (lost.parents[1] / "meta.yaml").write_text("name: [")
    told = imports("mlflow", root, "--project", project, code=1)
    assert "'train/loss' is left out: it cannot be read (3 times)" in told
    assert "meta.yaml cannot be read: it is damaged" in told
    assert "2 runs taken over, 1 failed" in told
    [run] = (run for run in Api(server=server.client()).runs(project) if run.name == "first try")
    assert sum("train/loss" in row for row in history(run)) == 19


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("mlflow.db", b"SQLite format 3\0" + b"x" * 100, "cannot be read as a database of MLflow"),
        ("mlflow.db", b"", "no such table"),
        ("notes.txt", b"hello", "cannot be read as a database of MLflow"),
        ("sub/x", b"", "holds no runs of MLflow"),
        (None, None, "is not there"),
    ],
)
def test_what_mlflow_did_not_write(imports, tmp_path, name, content, reason):
    path = tmp_path / "given"
    if name is not None:
        path.mkdir()
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_bytes(content)
    told = imports("mlflow", path if name is None or "/" in name else path / name, code=1)
    assert reason in told


@pytest.mark.parametrize(
    "uri", ["http://127.0.0.1:5000", "https://ada:secret@mlflow.org", "postgresql://ada:secret@db/x"]
)
def test_servers_and_other_databases_of_mlflow_are_not_asked(imports, uri):
    told = imports("mlflow", uri, code=1)
    assert "--backend-store-uri" in told
    assert "other databases are not read" in told
    assert "secret" not in told
