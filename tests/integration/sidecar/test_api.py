"""The read API against a real server."""

import math

import pytest

from a_home import recorded
from a_training import new_run
from playhead.client.api import Api
from playhead.domain.errors import AuthenticationError, CommError, FilterError, NotFoundError, UsageError
from playhead.journal import format as f

VALUES = {
    "nan": math.nan,
    "inf": -math.inf,
    "big": 10**30,
    "text": "é",
    "none": None,
    "yes": True,
    "int": 3,
    "float": 1.0,
}


@pytest.fixture(scope="session")
def run(home, tmp_path_factory):
    """A run of 2,500 rows, with something of everything."""
    folder = tmp_path_factory.mktemp("api") / "run-20261121_093000-x"
    writer = new_run(folder, "api-run", pid=1 << 30)
    writer.record(f.CONFIG, 0, {"set": {"lr": 0.1, "deep": {"a": [1, 2]}}})
    writer.record(f.META, 0, {"tags": ["red"], "notes": "note", "group": "g", "job_type": "train"})
    for step in range(2500):
        writer.row(step, {"loss": step / 3, **({"odd": step} if step % 2 else {})})
        if step < 1200:
            writer.record(f.CONSOLE, step, {"n": step, "c": "stdout", "t": f"line {step}"})
    writer.row(2500, {**VALUES, "list": [1, "two"]})
    writer.record(f.SUMMARY, 2500, {"set": {"best": 7}, "delete": []})
    writer.record(f.EXIT, 2501, {"code": 0})
    home.sync(folder)
    return home.api.run(f"{home.entity}/demo/api-run")


def test_viewer_and_projects(home, run):
    assert home.api.viewer.username == home.api.viewer.entity == home.entity
    assert "demo" in [project.name for project in home.api.projects()]
    assert "demo" in [project.name for project in home.api.projects(home.entity)]


def test_fields(run):
    assert (run.id, run.name, run.state, run.exit_code) == ("api-run", "calm-river-1", "finished", 0)
    assert run.config["lr"] == 0.1
    assert (run.tags, run.notes, run.group, run.job_type) == (["red"], "note", "g", "train")
    assert run.summary["best"] == 7
    assert run.summary["big"] == 10**30
    assert run.url.endswith("/demo/runs/api-run")
    assert run.path == [run.entity, "demo", "api-run"]
    assert abs(run.created_at - run.history(samples=1)[0]["_timestamp"]) < 60
    (segment,) = run.segments
    assert (segment.parent, segment.last_step) == (None, 2500)


def test_default_entity(home, run):
    assert home.api.run("demo/api-run").id == run.id
    assert home.api.run(f"{home.entity}/demo/runs/api-run").id == run.id


def test_scan_gives_every_row_as_it_was(run):
    rows = list(run.scan_history())
    assert [row["_step"] for row in rows] == list(range(2501))
    assert [row["loss"] for row in rows[:-1]] == [step / 3 for step in range(2500)]
    assert rows[7]["odd"] == 7
    assert "odd" not in rows[8]
    last = rows[-1]
    assert {key: repr(last[key]) for key in VALUES} == {key: repr(value) for key, value in VALUES.items()}
    assert last["list"] == [1, "two"]
    assert 0 <= rows[0]["_runtime"] <= rows[-1]["_runtime"] < 60


def test_scan_of_keys_ranges_and_pages(run):
    rows = list(run.scan_history(keys=["loss", "odd"], page_size=100))
    assert [row["_step"] for row in rows] == list(range(1, 2500, 2))
    assert set(rows[0]) >= {"loss", "odd"}
    assert [row["_step"] for row in run.scan_history(page_size=7, min_step=5, max_step=31)] == list(range(5, 31))
    assert list(run.scan_history(min_step=10, max_step=10)) == []
    assert list(run.scan_history(keys=["nothing"])) == []
    with pytest.raises(UsageError, match="list"):
        list(run.scan_history(keys="loss"))


def test_history_is_a_sample(run):
    assert len(run.history()) == 500
    rows = run.history(samples=11, keys=["odd"])
    assert len(rows) == 11
    assert all(row["odd"] == row["_step"] for row in rows)


def test_console_page_by_page(run):
    lines = list(run.console(page_size=500))
    assert [line.text for line in lines] == [f"line {number}" for number in range(1200)]
    assert (lines[5].step, lines[5].stream) == (5, "stdout")


def test_keys(run):
    (odd,) = filter(lambda key: key.key == "odd", run.keys())
    assert (odd.kind, odd.count, odd.first_step, odd.last_step) == ("int", 1250, 1, 2499)


def test_runs_of_a_project(home, tmp_path):
    for number in range(5):
        recorded(tmp_path / f"run-20261121_09300{number}-x", f"list-{number}", 1)
    home.sync(tmp_path, "--project", "many")
    runs = home.api.runs(f"{home.entity}/many", order="created_at")
    assert runs[0].id == "list-0"
    assert len(runs) == 5
    assert [run.id for run in runs] == [f"list-{number}" for number in range(5)]
    assert runs[-1].id == "list-4"
    assert [run.id for run in runs[1:3]] == ["list-1", "list-2"]
    with pytest.raises(IndexError):
        runs[5]
    assert len(home.api.runs("many", search="list-3")) == 1
    paged = home.api.runs("many", {"name": {"$in": [f"list-{number}" for number in range(1, 5)]}}, "-id", per_page=2)
    assert len(paged) == 4
    assert [run.id for run in paged] == ["list-4", "list-3", "list-2", "list-1"]
    long = " or ".join(f"id = list-{number}" for number in range(150))
    assert len(home.api.runs("many", long)) == len(list(home.api.runs("many", long))) == 5
    with pytest.raises(FilterError) as caught:
        len(home.api.runs("many", "id ="))
    assert caught.value.position == 4
    with pytest.raises(FilterError):
        len(home.api.runs("many", {"config.lr": {"$lt": object()}}))
    with pytest.raises(NotFoundError):
        len(home.api.runs("nothing"))


def test_change_and_delete(home, tmp_path):
    home.sync(recorded(tmp_path / "run-20261121_093000-x", "doomed", 1))
    run = home.api.run("demo/doomed")
    other = home.api.run("demo/doomed")
    run.update(name="renamed", tags=["a", "b"], notes="new")
    assert other.name != "renamed"
    assert (other.reload().name, other.tags, other.notes) == ("renamed", ["a", "b"], "new")
    run.delete()
    with pytest.raises(NotFoundError, match="doomed"):
        other.reload()
    assert home.api.restore_deleted("demo/doomed").name == "renamed"
    run.delete()
    assert run.restore_deleted().id == "doomed"
    run.purge()
    assert len(home.api.runs("demo", "id = doomed", trash=True)) == len(home.api.runs("demo", "id = doomed")) == 0


@pytest.mark.parametrize("path", ["", "a", "a/b/c/d", "//"])
def test_path_that_is_none(home, path):
    with pytest.raises(UsageError):
        home.api.run(path)


def test_key_or_server_that_is_wrong(home):
    with pytest.raises(AuthenticationError, match="playhead login"):
        Api(home.url, "local-" + "0" * 40).viewer  # noqa: B018 asking is the point
    with pytest.raises(CommError, match="no server"):
        Api("http://127.0.0.1:1", "k").run("a/b/c")
