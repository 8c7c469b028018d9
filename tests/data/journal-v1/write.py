"""Writes the journals beside it, and what stands in them as JSON. They were written once and stay: every later Playhead reads them.

`python tests/data/journal-v1/write.py FOLDER` writes them anew, elsewhere; a test compares the bytes.
"""

import itertools
import json
import sys
from pathlib import Path
from unittest import mock

from playhead.journal import format as f
from playhead.journal import writer

CREATED = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z"""


def header(**changes):
    return f.Header("s1", "r1", "g1", "main", "demo", None, CREATED)._replace(**changes)


START = {
    "name": "calm-river-7",
    "group": "sweep",
    "job_type": "train",
    "tags": ["a", "b"],
    "notes": "first\nsecond",
    "config": {"lr": 0.001, "layers": [1, 2], "seed": 1 << 70, "nan": float("nan"), "none": None},
    "pid": 4711,
    "mode": "online",
}
FILE = {"path": "media/cat.png", "sha256": "0" * 64, "size": 12, "media": True}

JOURNALS = {
    "tiny": (header(), [(0, {"loss": 0.5, "n": 1, "ok": True}), (f.EXIT, 0, {"code": 0})]),
    "records": (
        header(label="rank-3", entity="team", role="system"),
        [
            (f.START, 0, START),
            (f.CONFIG, 0, {"set": {"batch": 32}, "delete": ["layers"]}),
            (f.SUMMARY, 5, {"set": {"best": float("-inf")}, "delete": ["old"]}),
            (f.META, 5, {"name": "über", "tags": ["😀"], "dropped": 2, "info": {"host": "box"}}),
            (f.CONSOLE, 6, {"n": 1, "c": "err", "t": "\x1b[31m\0\ud800"}),
            (f.FILE, 7, FILE),
            (f.ALERT, 7, {"title": "loss is NaN", "text": "", "level": "warn"}),
            (f.STATE, 8, {"state": "preempting"}),
            (f.EXIT, 9, {"code": 137}),
        ],
    ),
    "rows": (
        header(stream="s2"),
        [
            *[(step, {"train/loss": 1 / (step + 1), "lr": 0.001}) for step in range(300)],
            *[(step, {"a": step, "b": step % 2 == 0} if step % 3 else {"a": float(step)}) for step in range(300, 330)],
            (10, {"late": -0.0, "nan": float("nan"), "inf": float("inf"), "min": -(1 << 63), "big": 1 << 63}),
            (10, {"a": {"b": {"c": 1}}, "text": "😀\ud800\0", "none": None, "huge": -(10**30)}),
            (331, {}),
            (332, {f"k{i}": i for i in range(200)}),
        ],
    ),
}


def clock():
    """A clock that moves on by a millisecond whenever it is looked at."""
    ticks = itertools.count(0, 1_000_000)
    return mock.patch.multiple(writer, _monotonic_ns=lambda: next(ticks))


def write(folder):
    for name, (head, entries) in JOURNALS.items():
        with clock(), mock.patch("time.time_ns", return_value=CREATED * 1000):
            journal = writer.Writer(folder / f"{name}.journal", head)
            for entry in entries:
                (journal.row if len(entry) == 2 else journal.record)(*entry)
            journal.close()


def flat(data, prefix=""):
    found = {}
    for key, value in data.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return found


def expected(name):
    head, entries = JOURNALS[name]
    rows = [["row", *entry] if len(entry) == 2 else [f.KIND_NAMES[entry[0]], *entry[1:]] for entry in entries]
    return {
        "header": head._asdict(),
        "items": [[kind, step, flat(data) if kind == "row" else data] for kind, step, data in rows],
    }


if __name__ == "__main__":
    target = Path(sys.argv[1])
    write(target)
    for each in JOURNALS:
        (target / f"{each}.json").write_text(json.dumps(expected(each), indent=1) + "\n", encoding="utf-8")
