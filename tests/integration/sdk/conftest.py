"""Trainings as real processes, and what they left on the disk."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from playhead.journal import format as f
from playhead.journal import reader
from playhead.journal.columns import decode


@dataclass
class Journal:
    header: f.Header
    rows: list = field(default_factory=list)
    """(step, {key: value}), in the order of the file."""
    records: list = field(default_factory=list)
    """(kind's name, data)."""
    times: list = field(default_factory=list)
    damaged: int = 0

    def of(self, kind):
        return [data for name, data in self.records if name == kind]

    @property
    def exit_code(self):
        """None: the run never said goodbye."""
        codes = [data["code"] for data in self.of("exit")]
        assert len(codes) <= 1
        return codes[0] if codes else None

    @property
    def console(self):
        lines = {data["n"]: data["t"] for data in self.of("console")}
        return [lines[number] for number in sorted(lines)]

    @property
    def config(self):
        config = {}
        for change in self.of("config"):
            config |= change.get("set", {})
        return config

    @property
    def start(self):
        return self.of("start")[0]


def read_journal(folder, name="main"):
    data = (Path(folder) / f"{name}.journal").read_bytes()
    header, start = reader.read_header(data)
    stretch = decode(data[start:], start, header.seed, {}, final=True)
    rows = []
    for table in stretch.rows:
        for i, offset in enumerate(table.offset):
            values = {key: column[i].item() for key, column in zip(table.keys, table.columns, strict=True)}
            if table.objects:
                values |= dict(zip(table.object_keys, table.objects[i], strict=True))
            rows.append((int(offset), int(table.step[i]), int(table.time[i]), values))
    rows.sort(key=lambda row: row[0])
    return Journal(
        header,
        [(step, values) for _, step, _, values in rows],
        [(f.KIND_NAMES[record.kind], record.data) for record in stretch.records],
        [time for _, _, time, _ in rows],
        stretch.damaged,
    )


class Place:
    """A folder to train in."""

    def __init__(self, folder):
        self.folder = folder
        self.env = {
            **os.environ,
            "PLAYHEAD_MODE": "offline",
            "PLAYHEAD_DATA_DIR": str(folder / "data"),
            "TMPDIR": str(folder),
        }
        self._started = []

    def start(self, code, *arguments, env=None, python=sys.executable, **options):
        """Run `code` in a process."""
        script = self.folder / f"train{len(self._started)}.py"
        script.write_text(code)
        process = subprocess.Popen(
            [python, str(script), *arguments], cwd=self.folder, env={**self.env, **(env or {})}, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options,
        )  # fmt: skip
        self._started.append(process)
        return process

    def train(self, code, *arguments, **options):
        """The same to its end: (exit status, what it wrote to stdout, to stderr)."""
        process = self.start(code, *arguments, **options)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def train_well(self, code, *arguments, **options):
        """The same; it must not fail. Answers what it wrote to stdout."""
        status, out, err = self.train(code, *arguments, **options)
        assert status == 0, err
        assert "Traceback" not in err
        return out

    @property
    def runs(self):
        return sorted(path for path in (self.folder / "playhead").glob("*run-*") if not path.is_symlink())

    def journal(self):
        [folder] = self.runs
        return read_journal(folder)

    def journals(self):
        return [read_journal(folder) for folder in self.runs]

    def close(self):
        for process in self._started:
            process.kill()
            process.communicate()


@pytest.fixture
def place(tmp_path):
    place = Place(tmp_path)
    yield place
    place.close()


@pytest.fixture
def journal_of():
    return read_journal


@pytest.fixture
def until():
    def wait(what, timeout=10.0):
        end = time.monotonic() + timeout
        while not (found := what()):
            assert time.monotonic() < end, "it does not happen"
            time.sleep(0.02)
        return found

    return wait
