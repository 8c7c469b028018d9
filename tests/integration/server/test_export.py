"""A project as Parquet, read again by others."""

import json

import duckdb
import pytest
from click.testing import CliRunner

from playhead.cli import main
from playhead.client.api import Api
from playhead.client.records import records as records_of
from playhead.domain.errors import CommError, NotFoundError, UsageError
from playhead.journal import format as f


@pytest.fixture
def project(server, journal):
    """Two runs of a project of their own; answers its path."""
    name = f"export-{journal().header.run_id}"
    for number in range(2):
        one = journal(project=name, run_id=f"run{number}").start(config={"lr": number, "deep": {"a": [1]}})
        for step in range(100):
            row = {"loss": step / 2, "n": step} | ({"note": "x", "mixed": [step]} if step % 2 else {"mixed": "y"})
            one.writer.row(step, row)
        one.record(f.CONSOLE, n=0, c="out", t="hello 'you'").record(f.EXIT, 99, code=0)
        machine = journal(project=name, run_id=one.header.run_id, segment=one.header.segment, role="system")
        for step in range(3):
            machine.writer.row(step, {"cpu": float(step)})
        for each in (one, machine):
            assert server.send(each.stream, 0, each.data).status == 200
    return f"{one.run.entity}/{name}"


def test_everything_is_there(server, project, tmp_path):
    api = Api(server=server.client())
    for _ in range(2):
        found = api.export(project, tmp_path / "it's out")
        assert (found.runs, found.rows, found.points) == (2, 200, 2 * (100 * 3 + 50 + 3))
    folder = str(tmp_path / "it's out").replace("'", "''")
    ask = duckdb.connect().execute
    rows = ask(
        f"SELECT run, count(*), sum(loss), sum(n), count(note), min(_step), max(_step) FROM '{folder}/history/*.parquet' GROUP BY run ORDER BY run"
    )
    assert rows.fetchall() == [(f"run{number}", 100, 2475.0, 4950, 50, 0, 99) for number in range(2)]
    assert json.loads(ask(f"SELECT mixed FROM '{folder}/history/run0-*.parquet' WHERE _step = 3").fetchone()[0]) == [3]
    assert ask(f"SELECT text, number FROM '{folder}/console/run1-*.parquet'").fetchall() == [("hello 'you'", 0)]
    assert ask(f"SELECT sum(cpu) FROM '{folder}/system/*.parquet'").fetchone() == (6.0,)
    told = ask(f"SELECT id, config, state FROM '{folder}/runs.parquet' ORDER BY id").fetchall()
    assert [(name, json.loads(config)["lr"], state) for name, config, state in told] == [
        ("run0", 0, "finished"),
        ("run1", 1, "finished"),
    ]
    assert not list(tmp_path.rglob("*.part"))


def test_it_comes_in_several_answers(server, journal, tmp_path):
    """The first run's history has more cells than an answer begins another piece behind, its console more lines than a piece."""
    name = f"export-{journal().header.run_id}"
    for run_id, rows in (("a", 1_001), ("a-0000", 5), ("empty", 0)):
        one = journal(project=name, run_id=run_id).start()
        for step in range(rows):
            one.writer.row(step, {f"k{step}": float("nan") if step == 3 else step, "run": "mine", "Run": True})
        for number in range(5 * rows):
            one.record(f.CONSOLE, n=number, c="out", t=f"line {number}")
        assert server.send(one.stream, 0, one.data).status == 200
    client = server.client()
    entity = one.run.entity
    told = [(frame.about["run"], frame.about["part"]) for frame in client.records(entity, name, ["a", "a-0000"])]
    assert told == [("a", "history")]
    [frame] = client.records(entity, name, ["a"], "console", 5_000)
    assert (frame.length, frame.about["next"]) == (5, None)
    for _ in range(2):
        assert Api(server=client).export(f"{entity}/{name}", tmp_path) == (3, 1_006, 3 * 1_006)
        ask = f"SELECT run, _step, k0, k3, run_2, Run_1 FROM '{tmp_path}/history/a-0000-*.parquet'"
        nan = float("nan")
        rows = [("a-0000", n, None if n else 0.0, nan if n == 3 else None, "mine", True) for n in range(5)]
        assert str(duckdb.sql(ask).fetchall()) == str(rows)
        ask = f"SELECT run, number, text FROM '{tmp_path}/console/*.parquet' ORDER BY ALL"
        lines = [(run_id, n, f"line {n}") for run_id, n in (("a", 5_005), ("a-0000", 25)) for n in range(n)]
        assert duckdb.sql(ask).fetchall() == lines
    assert {path.name for path in (tmp_path / "history").iterdir()} == {"a-0000.parquet", "a-0000-0000.parquet"}


def test_what_a_rewind_left_behind_is_left_out(server, journal, tmp_path):
    one = journal(project=f"export-{journal().header.run_id}").start()
    for step in (0, 1, 2, 9, 8, 2):
        one.writer.row(step, {"loss": float(step)})
    assert server.send(one.stream, 0, one.data).status == 200
    api = Api(server=server.client())
    api.run("/".join(one.run)).rewind(step=8)
    assert api.export("/".join(one.run[:2]), tmp_path).rows == 4
    assert duckdb.sql(f"SELECT _step, loss FROM '{tmp_path}/history/*.parquet'").fetchall() == [
        (step, float(step)) for step in (0, 1, 2, 8)
    ]


def test_a_server_that_never_ends(server, project, tmp_path):
    client = server.client()
    api = Api(server=client)
    entity, name = project.split("/")
    [first, *_] = list(records_of(client, entity, name, ["run0"]))
    client.records = lambda *_: [first._replace(about={**first.about, "next": 0})]
    with pytest.raises(CommError, match="come to an end"):
        api.export(project, tmp_path)


def test_polars_reads_it(server, project, tmp_path):
    polars = pytest.importorskip("polars")
    Api(server=server.client()).export(project, tmp_path)
    assert polars.read_parquet(tmp_path / "history/run0-0000.parquet")["loss"].sum() == 2475.0


def test_the_command(server, project, tmp_path, monkeypatch):
    monkeypatch.setenv("PLAYHEAD_BASE_URL", server.url)
    monkeypatch.setenv("PLAYHEAD_API_KEY", server.key)
    done = CliRunner().invoke(main, ["export", project, "--to", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "2 runs, 706 points" in done.output
    assert (tmp_path / "out/runs.parquet").exists()


def test_what_cannot_be_exported(server, project, bob, tmp_path):
    with pytest.raises(NotFoundError):
        Api(server=server.client(bob)).export(project, tmp_path / "x")
    assert not (tmp_path / "x").exists()
    with pytest.raises(UsageError, match="parquet"):
        Api(server=server.client()).export(project, tmp_path, format="xlsx")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        Api(server=server.client()).export(project, tmp_path / "file")
