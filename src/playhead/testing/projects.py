"""What every `playhead.ports.projects.Projects` must do."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from playhead.domain.account import Project, User, Visibility
from playhead.domain.errors import NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.run import RunState
from playhead.ports.accounts import Accounts
from playhead.ports.projects import Projects
from playhead.ports.timelines import Timelines
from playhead.testing.made import a_run, a_segment, a_stream, add


class ProjectsContract:
    """Subclass it with fixtures `accounts`, `projects` and `runs`: empty stores of one catalog."""

    @pytest.fixture(autouse=True)
    def _users(self, accounts: Accounts) -> None:
        for name in ("ada", "bob"):
            accounts.add_user(User(name=name))

    def test_a_project_is_made_once(self, projects: Projects) -> None:
        first = projects.ensure(Project(entity="ada", name="p", visibility=Visibility.OPEN, created_at=5))
        again = projects.ensure(Project(entity="ada", name="p", visibility=Visibility.TEAM, created_at=9))
        expected = Project(entity="ada", name="p", visibility=Visibility.OPEN, created_at=5, updated_at=5)
        assert first == again == projects.project("ada", "p") == expected

    def test_it_needs_an_entity(self, projects: Projects) -> None:
        with pytest.raises(NotFoundError):
            projects.ensure(Project(entity="nobody", name="p"))

    def test_an_unknown_one_is_not_found(self, projects: Projects) -> None:
        projects.ensure(Project(entity="ada", name="p"))
        for entity, name in (("ada", "P"), ("bob", "p"), ("nobody", "p")):
            with pytest.raises(NotFoundError):
                projects.project(entity, name)

    def test_its_visibility_can_be_changed(self, projects: Projects) -> None:
        made = {name: projects.ensure(Project(entity="ada", name=name, created_at=5)) for name in ("p", "q")}
        changed = projects.set_visibility("ada", "p", Visibility.OPEN)
        assert changed == projects.project("ada", "p") == replace(made["p"], visibility=Visibility.OPEN)
        assert projects.project("ada", "q") == made["q"]
        with pytest.raises(NotFoundError):
            projects.set_visibility("ada", "r", Visibility.OPEN)

    def test_many_at_once_make_one(self, projects: Projects) -> None:
        with ThreadPoolExecutor(4) as pool:
            made = list(
                pool.map(lambda at: projects.ensure(Project(entity="ada", name="p", created_at=at)), range(1, 9))
            )
        assert len(set(made)) == 1

    def test_it_counts_its_runs(self, projects: Projects, runs: Timelines) -> None:
        for name in ("p", "q"):
            projects.ensure(Project(entity="ada", name=name))
        for number, state in enumerate((RunState.RUNNING, RunState.PREEMPTING, RunState.FINISHED, RunState.CRASHED)):
            path = RunPath("ada", "p", f"r{number}")
            add(runs, a_run(path, state=state), a_segment(path), a_stream(path))
        found = projects.project("ada", "p")
        assert (found.runs, found.running) == (4, 2)
        other = projects.project("ada", "q")
        assert (other.runs, other.running) == (0, 0)
        runs.delete(RunPath("ada", "p", "r0"))
        found = projects.project("ada", "p")
        assert (found.runs, found.running) == (3, 1)

    def test_the_newest_activity_comes_first(self, projects: Projects, runs: Timelines) -> None:
        for number, name in enumerate(("p", "q", "r")):
            projects.ensure(Project(entity="ada", name=name, created_at=number + 1))
        assert [project.name for project in projects.projects(None, 10)[0]] == ["r", "q", "p"]
        path = RunPath("ada", "q", "x")
        opened, _, _ = add(runs, a_run(path), a_segment(path), a_stream(path))
        listed = projects.projects(None, 10)[0]
        assert [project.name for project in listed] == ["q", "r", "p"]
        assert listed[0].updated_at == opened.updated_at
        assert listed[0] == projects.project("ada", "q")

    def test_only_of_these_entities(self, projects: Projects) -> None:
        for entity in ("ada", "bob"):
            projects.ensure(Project(entity=entity, name="p"))
        assert [project.entity for project in projects.projects({"bob"}, 10)[0]] == ["bob"]
        assert projects.projects(set(), 10) == ([], None)
        assert len(projects.projects({"ada", "bob", "nobody"}, 10)[0]) == 2

    @pytest.mark.parametrize("limit", [1, 2, 3, 7])
    def test_pages_are_the_whole_list(self, projects: Projects, limit: int) -> None:
        for number in range(6):
            projects.ensure(Project(entity=("ada", "bob")[number % 2], name=f"p{number}", created_at=number // 3))
        whole, end = projects.projects(None, 100)
        assert end is None
        assert len(whole) == 6
        pages, cursor = projects.projects(None, limit)
        assert len(pages) == min(limit, 6)
        while cursor is not None:
            page, cursor = projects.projects(None, limit, cursor)
            assert page
            pages += page
        assert pages == whole

    @pytest.mark.parametrize("cursor", ["", "?", "e30", "WzFd"])
    def test_a_wrong_cursor_is_told(self, projects: Projects, cursor: str) -> None:
        with pytest.raises(UsageError):
            projects.projects(None, 10, cursor)
