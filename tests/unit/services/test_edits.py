"""What people change of a run."""

import math

import pytest

from playhead.adapters.memory.accounts import MemoryAccounts
from playhead.adapters.memory.blobs import MemoryBlobs
from playhead.adapters.memory.catalog import Catalog
from playhead.adapters.memory.clock import MemoryClock
from playhead.adapters.memory.contents import MemoryContents
from playhead.adapters.memory.metrics import MemoryMetrics
from playhead.adapters.memory.projects import MemoryProjects
from playhead.adapters.memory.runs import MemoryRuns
from playhead.adapters.memory.shelf import Shelf
from playhead.domain.account import Actor, Project, User
from playhead.domain.errors import NotFoundError, PermissionDeniedError, UsageError
from playhead.ports.runs import Commit, Record
from playhead.services.access import Access
from playhead.services.edits import Edits
from playhead.services.file_records import FileRecords
from playhead.services.files import FileService
from playhead.services.history import Place
from playhead.services.moment import Moments
from playhead.services.recent import Recent
from playhead.services.runs import RunService
from playhead.services.summary import shown
from playhead.testing.made import PATH, a_run, a_segment, a_stream, add
from playhead.wire.views import RunPatch

ADA = Actor(user="ada", entities=frozenset({"ada"}))
BOB = Actor(user="bob", entities=frozenset({"bob"}))
SHA = "ab" * 32


class World:
    """A run with ten steps, a config and a file of step 4, on stores in memory."""

    def __init__(self):
        catalog, clock = Catalog(), MemoryClock()
        accounts, projects = MemoryAccounts(catalog), MemoryProjects(catalog)
        self.runs, metrics = MemoryRuns(catalog, clock), MemoryMetrics()
        accounts.add_user(User(name="ada"))
        projects.ensure(Project(entity="ada", name="p"))
        add(self.runs, a_run(step=10, config={"lr": 0.1, "deep": {"a": 1}}), a_segment(), a_stream())
        told = [
            Record(kind="config", offset=0, step=0, time=1, data={"set": {"lr": 0.1, "deep": {"a": 1}}}),
            Record(kind="file", offset=1, step=4, time=2, data={"path": "m.pt", "sha256": SHA, "size": 3}),
        ]
        self.runs.commit([Commit(stream=a_stream().id, start=0, end=2, records=told)])
        access = Access(projects=projects, runs=self.runs)
        self.moments = Moments(runs=self.runs, metrics=metrics)
        edits = Edits(
            runs=self.runs, moments=self.moments, clock=clock, alone=lambda call, about=None: call(), shelve=lambda *_: None
        )  # fmt: skip
        self.service = RunService(
            access=access, runs=self.runs, metrics=metrics, clock=clock, alone=lambda call, about=None: call(), edits=edits,
            hand_on=lambda _: None, removed=lambda _: None, deleted=Recent(1, 1.0),
            forget=lambda _: None,
        )  # fmt: skip
        self.files = FileService(
            access=access, records=FileRecords(access=access, runs=self.runs), runs=self.runs, blobs=MemoryBlobs(),
            contents=MemoryContents(catalog, Shelf(), clock), edits=edits,
        )  # fmt: skip

    def made_anew(self):
        """The run as its records tell it."""
        run = self.runs.run(PATH)
        return self.moments.at(run, self.runs.segments(PATH), run.head)


@pytest.fixture
def world():
    return World()


def test_group_and_job_type(world):
    run = world.service.patch(ADA, PATH, RunPatch(group="g", job_type="train", notes="n", tags=["a"], name="x"))
    assert (run.group, run.job_type, run.notes, run.tags, run.name) == ("g", "train", "n", ("a",), "x")
    with pytest.raises(UsageError):
        world.service.patch(ADA, PATH, RunPatch(group="g" * 129))


def test_the_whole_config(world):
    config = {"lr": 0.1, "new": math.nan, "deep": {"a": 2}}
    run = world.service.patch(ADA, PATH, RunPatch(), config=config)
    assert (run.config["deep"], math.isnan(run.config["new"])) == ({"a": 2}, True)
    [_, told] = world.runs.records(PATH, "config")
    assert (sorted(told.data["set"]), told.data["delete"]) == (
        ["deep", "new"],
        [],
    )  # what is the same is not said again
    assert world.service.patch(ADA, PATH, RunPatch(), config={"lr": 1}).config == {"lr": 1}
    assert world.made_anew().config == {"lr": 1}


def test_the_same_again_says_nothing(world):
    run = world.runs.run(PATH)
    again = world.service.patch(ADA, PATH, RunPatch(), config=run.config, summary=run.summary)
    assert again.updated_at == run.updated_at


def test_the_whole_summary(world):
    run = world.service.patch(ADA, PATH, RunPatch(), summary={"best": math.inf, "gone": 1})
    assert shown(run.summary) == {"best": math.inf, "gone": 1}
    assert shown(world.service.patch(ADA, PATH, RunPatch(), summary={"best": 2}).summary) == {"best": 2}
    assert shown(world.made_anew().summary) == {"best": 2}


def test_what_somebody_else_may_not(world):
    for call in (
        lambda: world.service.patch(BOB, PATH, RunPatch(name="x"), config={}),
        lambda: world.files.remove(BOB, PATH, ["m.pt"]),
    ):
        with pytest.raises((PermissionDeniedError, NotFoundError)):
            call()
    assert world.runs.run(PATH).config


def test_a_removed_file_is_there_as_of_before(world):
    assert world.files.count(ADA, PATH) == 1
    with pytest.raises(NotFoundError):
        world.files.remove(ADA, PATH, ["m.pt", "other"])
    world.files.remove(ADA, PATH, ["m.pt"])
    assert world.files.count(ADA, PATH) == 0
    assert [one.path for one in world.files.files(ADA, PATH, Place(step=5)).items] == ["m.pt"]
    assert world.files.files(ADA, PATH, Place(step=5), wanted=lambda name: name != "m.pt").items == []
