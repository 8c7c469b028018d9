"""Who may do what, in projects of each visibility."""

import pytest

from playhead.adapters.memory.accounts import MemoryAccounts
from playhead.adapters.memory.catalog import Catalog
from playhead.adapters.memory.clock import MemoryClock
from playhead.adapters.memory.projects import MemoryProjects
from playhead.adapters.memory.runs import MemoryRuns
from playhead.domain.account import ANONYMOUS, Actor, Project, User, Visibility
from playhead.domain.errors import AuthenticationError, NotFoundError, PermissionDeniedError
from playhead.domain.ids import RunPath
from playhead.domain.run import Run, RunState, Segment, Stream
from playhead.services.access import Access, check_run_is_free
from playhead.services.runs import view
from playhead.testing.made import add

OWNER = Actor(user="ada", entities=frozenset({"ada"}))
GUEST = Actor(user="bob", entities=frozenset({"bob"}))
ADMIN = Actor(user="root", admin=True, entities=frozenset({"root"}))


def run_of(user, visibility):
    path = RunPath("ada", str(visibility), f"of-{user}")
    return Run(
        path=path, name="x", state=RunState.RUNNING, head="g" + user + visibility, created_at=1, updated_at=1,
        heartbeat_at=1, started_at=1, user=user, meta={"host": "h"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def access():
    catalog, clock = Catalog(), MemoryClock()
    accounts, projects, runs = MemoryAccounts(catalog), MemoryProjects(catalog), MemoryRuns(catalog, clock)
    for name in ("ada", "bob", "root"):
        accounts.add_user(User(name=name))
    for visibility in Visibility:
        projects.ensure(Project(entity="ada", name=str(visibility), visibility=visibility))
        for user in ("ada", "bob"):
            run = run_of(user, visibility)
            stream = Stream(id="s" + run.head, run=run.path, segment=run.head, role="main")
            add(runs, run, Segment(id=run.head, run=run.path), stream)
    return Access(projects=projects, runs=runs)


@pytest.mark.parametrize("visibility", Visibility)
def test_reading(access, visibility):
    for actor in (OWNER, ADMIN):
        assert access.project(actor, "ada", visibility).visibility is visibility
    seen = visibility in {Visibility.PUBLIC, Visibility.OPEN}
    for actor, error in ((GUEST, NotFoundError), (ANONYMOUS, AuthenticationError)):
        if seen:
            assert access.project(actor, "ada", visibility).name == visibility
        else:
            with pytest.raises(error):
                access.project(actor, "ada", visibility)


@pytest.mark.parametrize("visibility", Visibility)
def test_recording(access, visibility):
    for actor in (OWNER, ADMIN):
        assert access.check_recording(actor, "ada", visibility)
    if visibility is Visibility.OPEN:
        assert access.check_recording(GUEST, "ada", visibility)
    else:
        with pytest.raises(PermissionDeniedError):
            access.check_recording(GUEST, "ada", visibility)
    with pytest.raises(AuthenticationError):
        access.check_recording(ANONYMOUS, "ada", visibility)


def test_new_projects_are_made_by_members_only(access):
    assert not access.check_recording(OWNER, "ada", "new")
    assert not access.check_recording(ADMIN, "ada", "new")
    with pytest.raises(PermissionDeniedError):
        access.check_recording(GUEST, "ada", "new")


def test_in_an_open_project_everybody_changes_only_what_is_theirs(access):
    own, other = run_of("bob", Visibility.OPEN), run_of("ada", Visibility.OPEN)
    assert access.run_to_change(GUEST, own.path).user == "bob"
    check_run_is_free(GUEST, own)
    with pytest.raises(PermissionDeniedError):
        access.run_to_change(GUEST, other.path)
    with pytest.raises(PermissionDeniedError):
        check_run_is_free(GUEST, other)
    for run in (own, other):
        assert access.run_to_change(OWNER, run.path) == access.run_to_change(ADMIN, run.path)


def test_readers_from_outside_do_not_see_the_machine():
    other = run_of("ada", Visibility.PUBLIC)
    for actor in (GUEST, ANONYMOUS):
        shown = view(other, actor, "", 5)
        assert (shown.meta, shown.may_write) == ({}, False)
    for actor in (OWNER, ADMIN):
        shown = view(other, actor, "", 5)
        assert (shown.meta, shown.may_write) == ({"host": "h"}, True)
