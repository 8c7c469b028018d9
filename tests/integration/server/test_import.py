"""Runs of other tools on a real server: what they recorded is there, a repeated import adds nothing, damage is told."""

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from playhead.cli import main
from playhead.client.api import Api

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
