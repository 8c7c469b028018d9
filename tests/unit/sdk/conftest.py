"""A run without a sidecar, and its journal read back."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from playhead.journal import format as f
from playhead.journal import reader
from playhead.journal.columns import decode
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


@dataclass
class Recorded:
    """What a journal holds, for tests."""

    rows: list = field(default_factory=list)
    """(step, key, value), in the order of the file."""
    records: list = field(default_factory=list)
    """(kind's name, data)."""
    damaged: int = 0

    def of(self, kind):
        return [data for name, data in self.records if name == kind]


def _read(path):
    data = Path(path).read_bytes()
    header, start = reader.read_header(data)
    stretch = decode(data[start:], start, header.seed, {}, final=True)
    found = Recorded(damaged=stretch.damaged)
    rows = []
    for table in stretch.rows:
        for i, offset in enumerate(table.offset):
            values = {
                key: bool(column[i]) if column.dtype == "u1" else column[i].item()
                for key, column in zip(table.keys, table.columns, strict=True)
            }
            if table.objects:
                values |= dict(zip(table.object_keys, table.objects[i], strict=True))
            rows.append((int(offset), int(table.step[i]), values))
    found.rows = [(step, values) for _, step, values in sorted(rows, key=lambda row: row[0])]
    found.records = [(f.KIND_NAMES[record.kind], record.data) for record in stretch.records]
    return found


@pytest.fixture
def read_journal():
    return _read


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
        run.journal = lambda: _read(folder / "main.journal")
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
