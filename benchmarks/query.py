"""Finding runs: the first page of 100,000 runs with 50 config keys each, by filters and orders of any value; beside mlflow's search if it is there.

Target: the first page within 100 ms, whatever is asked.

    python -m benchmarks query        (RUNS=10000 for fewer runs, PEER=0 without mlflow, DATABASE=postgresql+psycopg://… in an empty database there)
"""

from __future__ import annotations

import importlib.util
import os
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.harness import child, scratch, table
from playhead.adapters.clock import SystemClock
from playhead.adapters.sqlalchemy.accounts import SqlAccounts
from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.facts import DOCUMENTS, document, write
from playhead.adapters.sqlalchemy.projects import SqlProjects
from playhead.adapters.sqlalchemy.rows import run_values
from playhead.adapters.sqlalchemy.runs import SqlRuns
from playhead.adapters.sqlalchemy.search import Renewal, SqlSearch
from playhead.adapters.sqlalchemy.tables import facts
from playhead.adapters.sqlalchemy.tables import runs as runs_table
from playhead.domain import filter_text
from playhead.domain.account import Project, User
from playhead.domain.filter import Place
from playhead.domain.ids import RunPath
from playhead.domain.places import place_of
from playhead.domain.run import Run, RunState
from playhead.ports.runs import RunQuery

RUNS = int(os.environ.get("RUNS", "100000"))
KEYS = 50
PAGE = 50
TIMES = 7
ASKED = {
    "all, newest first": ("", "-created_at"),
    "half of them: config.k0 < 0.5": ("config.k0 < 0.5", "-created_at"),
    "few of them: config.k1 < 0.001": ("config.k1 < 0.001", "-created_at"),
    "none: config.k1 < 0": ("config.k1 < 0", "-created_at"),
    'config.k0 < 0.01 and state = "finished"': ('config.k0 < 0.01 and state = "finished"', "-created_at"),
    "one text: config.t0 = name-7": ("config.t0 = name-7", "-created_at"),
    "all, by -summary.acc": ("", "-summary.acc"),
    "all, by config.k3": ("", "config.k3"),
    "half of them, by -summary.acc": ("config.k0 < 0.5", "-summary.acc"),
    "config.k0 < 0.2 and config.k1 > 0.8, by -summary.acc": ("config.k0 < 0.2 and config.k1 > 0.8", "-summary.acc"),
    "two that exclude each other: k0 < 0.4 and twin > 0.6": ("config.k0 < 0.4 and config.twin > 0.6", "-created_at"),
    "the same, by -summary.acc": ("config.k0 < 0.4 and config.twin > 0.6", "-summary.acc"),
    "name ~ '7$'": ("name ~ '7$'", "-created_at"),
    "config.t0 ~ '(e+)+-99999$'": ("config.t0 ~ '(e+)+-99999$'", "-created_at"),
    "not config.k0 < 0.999": ("not config.k0 < 0.999", "-created_at"),
}
"""What it is -> filter and order."""
MLFLOW = """
import json, random, sys, time
import mlflow
from mlflow.entities import Metric, Param
from mlflow.tracking import MlflowClient
count, keys = int(sys.argv[1]), int(sys.argv[2])
client = MlflowClient("sqlite:///mlflow.db")
experiment = client.create_experiment("bench")
random.seed(0)
for number in range(count):
    run = client.create_run(experiment)
    params = [Param(f"k{key}", str(random.random())) for key in range(keys)]
    client.log_batch(run.info.run_id, [Metric("acc", random.random(), 0, 0)], params)
taken = {}
for name, asked in (("metrics.acc > 0.5", {}), ("", {"order_by": ["metrics.acc DESC"]}), ("params.k0 = 'x'", {})):
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        client.search_runs([experiment], name, max_results=50, **asked)
        times.append((time.perf_counter() - begun) * 1e3)
    taken[name or "by metrics.acc"] = sorted(times)[2]
print(json.dumps(taken))
"""


def main() -> None:
    with scratch() as folder:
        database = Database(os.environ.get("DATABASE", f"sqlite:///{folder}/catalog.db"))
        begun = time.perf_counter()
        fill(database, RUNS)
        print(f"  {RUNS:,} runs made in {time.perf_counter() - begun:.0f} s, {size(folder):,.0f} MB")
        runs, search = SqlRuns(database, SystemClock()), SqlSearch(database, Renewal(database))
        rows: list[tuple[Any, ...]] = []
        for name, (text, order) in ASKED.items():
            query = RunQuery(filter=filter_text.parse(text) if text else None, order=order)
            *taken, found = measure(lambda query=query: runs.runs("ada", "bench", query, PAGE)[0])
            rows.append((name, *taken, len(found)))
        table((f"a page of {PAGE} of {RUNS:,} runs", "first ms", "then ms", "of processor", "runs"), rows)
        table(("beside it", "first ms", "then ms", "of processor", "found"), others(search))
        database.close()
        if os.environ.get("PEER") != "0" and importlib.util.find_spec("mlflow"):
            peer(folder)


def others(search: SqlSearch) -> list[tuple[Any, ...]]:
    query = RunQuery(filter=filter_text.parse("config.k0 < 0.5"))
    asked: dict[str, Callable[[], Any]] = {
        "how many: config.k0 < 0.5": lambda: [None] * search.count("ada", "bench", query),
        "columns": lambda: search.columns("ada", "bench"),
        "groups by config.i0 with summary.acc": lambda: search.groups(
            "ada", "bench", RunQuery(), [place_of("config.i0")], [Place(place_of("summary.acc").space, "acc")], 100
        ),
    }
    rows: list[tuple[Any, ...]] = []
    for name, ask in asked.items():
        *taken, found = measure(ask)
        rows.append((name, *taken, len(found)))
    return rows


def measure(ask: Callable[[], Any]) -> tuple[float, float, float, Any]:
    """Milliseconds of the first time, the median of the others, and of the processor in these; what was found."""
    taken, worked, found = [], [], None
    for _ in range(TIMES):
        begun, busy = time.perf_counter(), time.process_time()
        found = ask()
        taken.append((time.perf_counter() - begun) * 1e3)
        worked.append((time.process_time() - busy) * 1e3)
    return taken[0], statistics.median(taken[1:]), statistics.median(worked[1:]), found


def fill(database: Database, count: int) -> None:
    """Runs as trainings leave them behind, written straight into the catalog."""
    SqlAccounts(database).add_user(User(name="ada"))
    SqlProjects(database).ensure(Project(entity="ada", name="bench"))
    chance = random.Random(0)
    [index] = facts.indexes
    with database.write() as connection:
        index.drop(connection)
    for start in range(0, count, 1_000):
        made = [run_values(a_run(number, chance)) for number in range(start, min(start + 1_000, count))]
        rows = [{"id": start + place, "project_id": 1, **values} for place, values in enumerate(made, 1)]
        told = [document(row["id"], 1, name, row[name], trashed=False) for row in rows for name in DOCUMENTS]
        with database.write() as connection:
            connection.execute(runs_table.insert(), rows)
            write(connection, told, fresh=True)
    with database.write() as connection:
        index.create(connection)


def a_run(number: int, chance: random.Random) -> Run:
    config: dict[str, Any] = {f"k{key}": chance.random() for key in range(KEYS - 21)}
    config |= {f"t{key}": f"name-{chance.randrange(10_000)}" for key in range(10)}
    config |= {f"i{key}": chance.randrange(100) for key in range(10)}
    config["twin"] = config["k0"]
    state = chance.choice([RunState.FINISHED, RunState.FINISHED, RunState.CRASHED, RunState.FAILED])
    return Run(
        path=RunPath("ada", "bench", f"r{number}"), name=f"calm-river-{number}", state=state, head=f"h{number}",
        created_at=number, updated_at=number, heartbeat_at=number, started_at=number, config=config, user="ada",
        summary={"acc": chance.random(), "loss": chance.random(), "_step": 1_000, "_runtime": chance.random() * 1e4},
    )  # fmt: skip


def size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.glob("catalog.db*")) / 1e6


def peer(folder: Path) -> None:
    """mlflow, with fewer runs: making one takes it some 30 ms."""
    count = min(RUNS, 2_000)
    taken = child(MLFLOW, folder, str(count), str(KEYS))
    table((f"mlflow search_runs, {count:,} runs", "ms"), list(taken.items()))


if __name__ == "__main__":
    main()
