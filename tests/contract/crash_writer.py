"""Writes until it is killed, and says after each call that returned how far it got. Started by test_crash.py."""

import sys
from pathlib import Path

from playhead.adapters.clock import SystemClock
from playhead.adapters.duckdb.metrics import DuckMetrics
from playhead.adapters.sqlalchemy.accounts import SqlAccounts
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.projects import SqlProjects
from playhead.adapters.sqlalchemy.runs import SqlRuns
from playhead.domain.account import Project, User
from playhead.ports.metrics import Batch
from playhead.ports.runs import Commit, Record
from playhead.testing.made import a_run, a_segment, a_stream, add
from playhead.testing.points import floats

ROWS = 2_000


def write_metrics(folder):
    metrics = DuckMetrics(folder / "metrics.duckdb", few=0)
    turn = 0
    while True:
        values = [float(step) for step in range(turn * ROWS, (turn + 1) * ROWS)]
        keys = [floats(key, values, turn * ROWS) for key in ("a", "b")]
        metrics.append([Batch(segment="s", stream="t", history=keys), Batch(segment="o", stream="t", history=keys)])
        turn += 1
        yield turn
        if turn % 7 == 0:
            metrics.settle(["s"])


def write_catalog(folder):
    database = Database(f"sqlite:///{folder}/catalog.db")
    runs = SqlRuns(database, SystemClock())
    SqlAccounts(database).add_user(User(name="ada"))
    SqlProjects(database).ensure(Project(entity="ada", name="p"))
    add(runs, a_run(), a_segment(), a_stream())
    turn = 0
    while True:
        record = Record(kind="config", offset=turn, step=turn, time=turn, data={})
        runs.commit([Commit(stream=a_stream().id, start=turn, end=turn + 1, records=[record])])
        turn += 1
        yield turn


if __name__ == "__main__":
    for done in {"metrics": write_metrics, "catalog": write_catalog}[sys.argv[1]](Path(sys.argv[2])):
        sys.stdout.write(f"{done}\n")
        sys.stdout.flush()
