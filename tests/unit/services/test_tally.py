"""Aggregates counted as points come in are those that all points together have."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playhead.domain.definition import Definitions
from playhead.domain.metric import Kind
from playhead.journal import format as f
from playhead.journal.columns import Record
from playhead.ports.metrics import Points
from playhead.services.points import Last, Logged
from playhead.services.summary import Summary, definitions, shown

KINDS = {"name": "loss", "summary": ["min", "max", "mean", "first", "last"]}


def rows(steps, values, key="loss"):
    at = max(range(len(steps)), key=lambda number: (steps[number], number))
    value = values[at]
    points = Points(
        keys=[key], key=np.zeros(len(steps), np.int32), step=np.array(steps, np.int64), time=np.array(steps, np.int64) + 100,
        kind=np.full(len(steps), Kind.FLOAT, np.uint8), value=np.array(values, np.float64),
    )  # fmt: skip
    last = Last(steps[at], steps[at] + 100, at, value)
    return Logged([points], [], {key: last}, last, min(steps), steps[at] + 100)


def told(*data):
    summary = Summary({})
    for one in data or (KINDS,):
        summary.define(one)
    return summary.stored()


def log(stored, *stretches, place="s"):
    for stretch in stretches:
        summary = Summary(stored)
        summary.log(stretch, abs, place)
        stored = summary.stored()
    return summary


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.lists(st.floats(-1e6, 1e6) | st.sampled_from([math.nan, math.inf, -math.inf]), min_size=1, max_size=9),
    min_size=1, max_size=6)
)  # fmt: skip
def test_stretch_by_stretch(parts):
    stretches, step = [], 0
    for part in parts:
        stretches.append(rows(list(range(step, step + len(part))), part))
        step += len(part)
    summary = log(told(), *stretches)
    values = [value for part in parts for value in part]
    finite = [value for value in values if math.isfinite(value)]
    found = shown(summary.stored())["loss"]
    expected = {
        "min": min(finite, default=math.nan), "max": max(finite, default=math.nan), "first": values[0], "last": values[-1],
        "mean": sum(finite) / len(finite) if finite else math.nan,
    }  # fmt: skip
    assert found == pytest.approx(expected, nan_ok=True, rel=1e-9, abs=1e-6)
    assert not summary.stale


def test_the_last_value_of_a_step_counts():
    assert shown(log(told(), rows([0, 1, 1, 0], [5.0, 9.0, 1.0, 2.0])).stored())["loss"]["max"] == 2.0


def test_numbers_beyond_the_sum_of_floats():
    assert shown(log(told(), rows([0, 1], [1.5e308] * 2), rows([2], [1.5e308])).stored())["loss"]["mean"] == 1.5e308


@pytest.mark.parametrize(("steps", "stale"), [([10], False), ([9], True), ([3, 12], True)])
def test_what_may_replace_a_point_makes_it_stale(steps, stale):
    assert log(told(), rows([5, 9], [1.0, 2.0]), rows(steps, [0.0] * len(steps))).stale is stale


def test_writers_at_the_same_time_replace_nothing_of_each_other():
    stored = log(told(), rows([5, 9], [1.0, 2.0]), place="s.w1").stored()
    second = log(stored, rows([5], [7.0]), place="s.w2")
    assert not second.stale
    assert shown(second.stored())["loss"]["max"] == 7.0
    assert log(second.stored(), rows([9], [0.0]), place="s.w1").stale
    alone = log(told(), rows([5, 9], [1.0, 2.0]), place="s1").stored()
    assert log(alone, rows([9], [0.0]), place="s2").stale  # a segment that goes on from s1


def test_what_is_known_already_is_counted_anew_when_it_is_defined():
    summary = Summary(log(Summary({}).stored(), rows([0], [1.0])).stored())
    summary.define(KINDS)
    assert summary.stale
    again = Summary(told())
    again.define(KINDS)
    assert not again.stale


def test_integers_stay_integers():
    found = shown(log(told(), rows([0, 1], [4, 2])).stored())["loss"]
    assert [type(found[kind]) for kind in ("min", "max", "first", "last", "mean")] == [int, int, int, int, float]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"summary": ["none"]}, None),
        ({"summary": ["copy"]}, 2.0),
        ({"summary": []}, 2.0),
        ({"hidden": True}, 2.0),
        ({"summary": ["best"], "goal": "minimize"}, {"best": 1.0}),
        ({"summary": ["best", "last"], "goal": "maximize"}, {"last": 2.0, "best": 3.0}),
        ({"summary": ["best"]}, {}),
    ],
)
def test_what_the_summary_has(asked, expected):
    assert (
        shown(log(told({"name": "loss", **asked}), rows([0, 1, 2], [3.0, 1.0, 2.0])).stored()).get("loss") == expected
    )


def test_what_is_set_by_hand_holds_until_it_is_logged_again():
    summary = log(told(), rows([0], [1.0]))
    summary.set({"loss": "mine"}, [], 500)
    assert shown(summary.stored())["loss"] == "mine"
    assert shown(log(summary.stored(), rows([1], [5.0])).stored())["loss"] == "mine"  # logged before it was set
    assert shown(log(summary.stored(), rows([900], [5.0])).stored())["loss"]["max"] == 5.0


def test_a_value_that_is_no_number_is_kept_as_it_is():
    last = Last(0, 0, 0, "text")
    assert shown(log(told(), Logged([], [], {"loss": last}, last, 0, 0)).stored())["loss"] == "text"


# -- definitions ---------------------------------------------------------------------------------------------------------


def defined(*data):
    found = Definitions()
    for one in data:
        found.tell(one)
    return found


def test_the_longest_prefix_wins_and_a_name_before_all():
    found = defined({"name": "*", "goal": "minimize"}, {"name": "train/*", "hidden": True}, {"name": "train/loss"})
    assert (found.of("val").goal, found.of("train/acc").hidden, found.of("train/loss").hidden) == (
        "minimize",
        True,
        False,
    )
    assert found.of("_step") is None
    assert defined({"name": "train/*"}).of("val") is None


def test_definitions_add_up():
    found = defined(
        {"name": "a", "summary": ["min"], "hidden": True, "step_metric": "epoch", "step_sync": True},
        {"name": "a", "summary": ["max"], "hidden": False, "step_sync": False},
    ).of("a")
    assert (found.summary, found.hidden, found.step_sync, found.step_metric) == (("min", "max"), True, True, "epoch")
    found = defined({"name": "a", "summary": ["min"]}, {"name": "a", "summary": ["none"]})
    assert found.of("a").omitted
    found.tell({"name": "a", "summary": ["max"]})
    assert found.of("a").summary == ("max",)
    found.tell({"name": "a", "hidden": True, "overwrite": True})
    assert (found.of("a").summary, found.of("a").hidden) == ((), True)


def test_a_step_metric_is_defined_by_the_way():
    found = defined({"name": "*", "step_metric": "epoch"})
    assert found.of("epoch").step_metric is None
    assert found.of("loss").step_metric == "epoch"


@pytest.mark.parametrize(
    "data",
    [{}, {"name": 7}, {"name": ""}, {"name": "x" * 600}, {"name": "a", "summary": "min", "goal": 3, "step_metric": 1}],
)
def test_what_is_no_definition_does_no_harm(data):
    found = defined(data)
    assert found.of("a") is None or found.of("a").as_data() == {}


def test_definitions_are_stored_with_the_summary():
    stored = told(KINDS, {"name": "val/*", "step_metric": "epoch", "hidden": True})
    assert definitions(stored) == {
        "loss": {"summary": ("min", "max", "mean", "first", "last")}, "val/*": {"step_metric": "epoch", "hidden": True},
        "epoch": {},
    }  # fmt: skip
    assert definitions({}) == {}
    assert definitions(Summary(stored).stored()) == definitions(stored)


def test_a_record_of_the_journal_defines(a_draft):
    draft = a_draft([Record(f.METRIC, 0, 0, 5, KINDS)], rows([0, 1], [2.0, 4.0]))
    assert shown(draft.run.summary)["loss"]["mean"] == 3.0
    assert "stale" not in draft.changes
    again = a_draft([], rows([1], [0.0]), run=draft.run)
    assert again.changes["stale"] is True
