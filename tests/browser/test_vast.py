"""A project of more runs than its pages list: what they do not show is said, and found."""

import time

import pytest
from playwright.sync_api import expect

from playhead.adapters.sqlalchemy.engine import Database
from playhead.adapters.sqlalchemy.facts import DOCUMENTS, document, write
from playhead.adapters.sqlalchemy.projects import SqlProjects
from playhead.adapters.sqlalchemy.rows import run_values
from playhead.adapters.sqlalchemy.tables import projects, runs
from playhead.client.local import user_name
from playhead.domain.account import Project
from playhead.domain.ids import RunPath
from playhead.domain.run import Run, RunState

ALL, MOST = 20_030, "20,000"
ME = user_name()


def a_run(number, now):
    at = now - (ALL - number) * 1_000_000
    return Run(
        path=RunPath(ME, "vast", f"r{number}"), name=f"vast-{number}", state=RunState.FINISHED, head=f"vast-h{number}",
        created_at=at, updated_at=at, heartbeat_at=at, started_at=at, finished_at=at, user=ME,
        config={"seed": number}, summary={"loss": float(ALL - number)}, group="rare" if number == 7 else "often",
    )  # fmt: skip


@pytest.fixture(scope="module")
def vast(server):
    """The project's address. Its runs are written straight into the catalog, the oldest is `vast-0`."""
    database = Database(f"sqlite:///{server.folder}/data/playhead.db")
    now = time.time_ns() // 1000
    SqlProjects(database).ensure(Project(entity=ME, name="vast", created_at=now, updated_at=now))
    with database.write() as connection:
        project = connection.execute(
            projects.select().where(projects.c.entity == ME, projects.c.name == "vast")
        ).scalar_one()
        for start in range(0, ALL, 2_000):
            made = [run_values(a_run(number, now)) for number in range(start, min(start + 2_000, ALL))]
            rows = [
                {"id": 10_000_000 + start + place, "project_id": project, **values} for place, values in enumerate(made)
            ]
            connection.execute(runs.insert(), rows)
            told = [document(row["id"], project, name, row[name], trashed=False) for row in rows for name in DOCUMENTS]
            write(connection, told, fresh=True)
    database.close()
    return f"/{ME}/vast"


def names(seen):
    return [name.strip() for name in seen.page.locator("[role=row] .run-name").all_inner_texts()]


def test_runs_that_are_not_listed_are_told_of_and_found(look, vast):
    seen = look(vast + "/table")
    note = seen.page.get_by_role("note")
    expect(note).to_contain_text(f"The newest {MOST} of {ALL:,} runs are listed", timeout=60_000)
    find = seen.page.get_by_label("Find runs")
    first = seen.page.locator("[role=row] .run-name").first
    expect(first).to_have_text(f"vast-{ALL - 1}")

    find.fill("config.seed < 3")
    expect(seen.page.locator("[data-run]")).to_have_count(3, timeout=60_000)
    assert names(seen) == ["vast-2", "vast-1", "vast-0"]
    find.fill("Rare vast")  # words: of a group and a name
    expect(seen.page.locator("[data-run]")).to_have_count(1, timeout=60_000)
    assert names(seen) == ["vast-7"]
    find.fill("config.seed >= 0")
    expect(note).to_contain_text(f"More than {MOST} runs are found", timeout=60_000)
    find.fill("")
    expect(note).to_contain_text("are listed", timeout=60_000)


def test_another_order_and_runs_that_the_address_names_reach_beyond_the_list(look, vast):
    seen = look(vast + "/table?sort=-summary.loss")
    first = seen.page.locator("[role=row] .run-name").first
    expect(first).to_have_text("vast-0", timeout=60_000)
    seen.go(vast + "/compare?ids=r1,r2")
    expect(seen.page.locator(".compare")).to_contain_text("vast-1", timeout=60_000)
    expect(seen.page.locator(".compare")).to_contain_text("vast-2")
