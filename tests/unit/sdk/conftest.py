"""A run without a sidecar, and its journal read back."""

import pytest

from a_reader import read_journal
from playhead.journal import format as f
from playhead.sdk import _current, console
from playhead.sdk.about import Place
from playhead.sdk.media.shelf import Shelves
from playhead.sdk.run import Run
from playhead.sdk.settings import Settings
from playhead.sidecar.log import Log
from playhead.sidecar.media import Maker
from playhead.sidecar.tail import Tail


class FakeCompanion:
    """Hears what a sidecar would, and says what the test puts into `says`."""

    def __init__(self):
        self.heard, self.says = [], []

    def finish_run(self, folder):
        self.heard.append("finish")

    def nudge(self, folder):
        self.heard.append("look")

    def forget_run(self, folder):
        self.heard.append("forget")

    def wait(self, folder, ops, timeout):
        return {"op": "done"}

    def take(self, folder):
        said, self.says = self.says, []
        return said


@pytest.fixture
def make_run(tmp_path):
    made = []

    def make(**settings):
        folder = tmp_path / f"run-{len(made)}"
        (folder / "files").mkdir(parents=True)
        place = Place(folder, None, "p", "r", "s", None)
        header = f.Header("stream", "r", "s", "main", "p", None, 1_000_000)
        run = Run(
            place,
            header,
            Settings(**{"console": "off", **settings}),
            {"name": "calm-river-1"},
            FakeCompanion(),
            Shelves,
        )
        run._begin({})
        run.journal = lambda: read_journal(folder / "main.journal")
        made.append(run)
        return run

    yield make
    for run in made:
        run.finish()
    _current.set_run(None)
    console.release()


@pytest.fixture
def run(make_run):
    return make_run()


@pytest.fixture
def make_media(run):
    """Does the sidecar's part: makes what waits, and answers {path: content}; `lost` has what could not be made."""

    def make():
        folder, found = run._place.folder, {}
        tail = Tail(folder / "main.journal")
        tail.scan_all()
        maker = Maker(
            folder, Log(folder / "log"), known=(), lost=lambda path, _, why: make.lost.update({path: why}),
            made=lambda one: found.update({one.path: (folder / "files" / one.path).read_bytes()}),
        )  # fmt: skip
        for save in tail.saves:
            maker.take(save.step, save.data)
        maker.finish()
        tail.close()
        return found

    make.lost = {}
    return make


@pytest.fixture
def no_settings(tmp_path, monkeypatch):
    """An empty working directory, no settings anywhere."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
