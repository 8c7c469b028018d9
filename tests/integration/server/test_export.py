"""A project as Parquet, read again by others."""

import json

import duckdb
import pytest
from click.testing import CliRunner

from playhead.cli import main
from playhead.client.api import Api
from playhead.domain.errors import NotFoundError, UsageError
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
