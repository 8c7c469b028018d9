"""What the client's lines say: pure."""

import math

import pytest

from playhead.services.summary import PLACES
from playhead.wandb_protocol import console, system
from playhead.wandb_protocol.summaries import changes


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ('{"ts":"2026-05-28T20:26:40.25","content":"a"}', console.Line("a", "stdout", 1_780_000_000_250_000)),
        ('{"level":"error","content":"a","label":"n0"}', console.Line("a", "stderr", None, "n0")),
        ('{"content":5}', console.Line('{"content":5}')),
        ("{no json", console.Line("{no json")),
        ("ERROR 2026-05-28T20:26:40 a b", console.Line("a b", "stderr", 1_780_000_000_000_000)),
        ("2026-05-28T20:26:40.123456 [n0] a", console.Line("[n0] a", "stdout", 1_780_000_000_123_456)),
        ("2026-99-28T20:26:40 a", console.Line("2026-99-28T20:26:40 a")),
        ("", console.Line("")),
    ],
)
def test_console_lines(told, expected):
    assert console.read(told) == expected


def test_labels_of_old():
    assert console.read("2026-05-28T20:26:40 [n 0] a", labelled=True).label == "n 0"
    assert system.label_of('{"system.cpu/l:node/1":1}') == ""
    assert system.label_of('{"_wandb":true,"system.disk./.usageGB/l:a":1}') == "a"
    assert system.label_of("nonsense") == ""


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("system.cpu", "cpu"),
        ("system.gpu.3.gpu", "gpu.3.util"),
        ("system.gpu.3.smClock", "system.gpu.3.smClock"),
        ("system.disk./.usagePercent", "disk.used"),
        ("system.network.sent", "system.network.sent"),
    ],
)
def test_names_of_system_metrics(theirs, ours):
    assert system.ours(theirs) == ours
    assert system.ours(theirs + "/l:label") == ours
    assert system.theirs(ours) == theirs


def test_names_of_ours_that_the_client_has_not():
    assert system.theirs("disk.read") == "system.disk.read"


STORED = {"loss": 0.5, "a.b": 1, "best": 2, "old": 3, PLACES: {"set": {"best": 10, "old": 1}, "metrics": {}}}


@pytest.mark.parametrize(
    ("told", "logged", "new", "gone"),
    [
        ({"loss": 0.5, "best": 2, "_step": 3, "_wandb": {"runtime": 1}}, {}, {}, []),
        ({"loss": 0.25, "best": 2}, {"loss": 0.25}, {}, []),
        ({"loss": 1, "best": 2}, {}, {"loss": 1}, []),
        ({"a": {"b": 1, "c": 2}, "best": 2}, {}, {"a.c": 2}, []),
        ({"deep": {"er": 1}, "best": 2}, {}, {"deep": {"er": 1}}, []),
        ({"deep": {}, "best": 2}, {}, {}, []),
        ({"loss": {"min": 0.1}, "best": 2}, {}, {}, []),
        ({"loss": 0.5}, {}, {}, ["best"]),
        ({"nan": math.nan, "best": 2}, {"nan": math.nan}, {}, []),
        ({"h": {"_type": "histogram", "bins": [1]}, "best": 2}, {"h": {"_type": "histogram", "bins": [1], "x": 1}}, {}, []),
        ({"h": {"_type": "image-file", "path": "b"}, "best": 2}, {"h": {"_type": "image-file", "path": "a"}},
         {"h": {"_type": "image-file", "path": "b"}}, []),
    ],
)  # fmt: skip
def test_a_told_summary(told, logged, new, gone):
    assert changes(told, STORED, logged, begun=5) == (new, gone)


def test_a_metric_with_aggregates_is_the_servers():
    stored = {"acc": {"max": 1}, PLACES: {"metrics": {"acc": {"summary": ["max"]}, "hid*": {"summary": ["none"]}}}}
    assert changes({"acc": {"max": 3}, "hidden": 1}, stored, {}, 0) == ({}, [])


def test_one_of_several_writers_sets_what_nobody_logged():
    told = {"loss": 7, "best": 5, "new": 1}
    assert changes(told, STORED, {}, 0, alone=False) == ({"best": 5, "new": 1}, [])
