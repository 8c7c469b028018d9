"""`define_metric` in the training."""

import math

import numpy as np
import pytest

import playhead
from playhead.domain.errors import UsageError
from playhead.sdk.metrics import Metrics


def rows(run):
    return run.journal().rows


def test_what_is_written(run):
    epoch = run.define_metric("epoch", hidden=True)
    metric = run.define_metric("val/*", step_metric=epoch, summary="min, MAX", goal="maximum", overwrite=True)
    assert (metric.name, metric.step_metric, metric.summary, metric.goal) == (
        "val/*",
        "epoch",
        ("min", "max"),
        "maximize",
    )
    assert run.journal().of("metric") == [
        {"name": "epoch", "hidden": True},
        {"name": "val/*", "step_metric": "epoch", "step_sync": True, "summary": ["min", "max"], "goal": "maximize",
         "overwrite": True},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"name": None}, {"name": "a*b"}, {"name": "*a*"}, {"name": "x" * 600}, {"name": "a", "summary": "median"},
        {"name": "a", "goal": "down"}, {"name": "a", "summary": "best"}, {"name": "a", "step_metric": "b*"}, {"name": "a", "step_metric": 3},
        {"name": "a", "goal": 3},
    ],
)  # fmt: skip
def test_wrong_arguments(run, wrong):
    with pytest.raises(UsageError, match="define_metric"):
        run.define_metric(**wrong)
    assert run.journal().of("metric") == []


def test_a_goal_may_come_before_best(run):
    run.define_metric("acc", goal="maximize")
    run.define_metric("acc", summary="best")
    run.log({"acc": 1})
    run.log({"acc": 0})
    assert run.summary["acc"] == {"best": 1}


def test_a_row_gets_its_step_metric(run):
    run.define_metric("val/*", step_metric="epoch")
    run.log({"val/loss": 1.0})
    run.log({"epoch": 3, "loss": 0.5})
    run.log({"val/loss": 0.5, "loss": 0.25})
    run.log({"val/loss": 0.1, "epoch": 4})
    run.log({"loss": 0.1})
    run.log({"val/loss": 9.0}, step=1)
    run.log({"val": {"acc": 1.0}})
    assert rows(run) == [
        (0, {"val/loss": 1.0, "epoch": 0}), (1, {"epoch": 3, "loss": 0.5}), (2, {"val/loss": 0.5, "loss": 0.25, "epoch": 3}),
        (3, {"val/loss": 0.1, "epoch": 4}), (4, {"loss": 0.1}), (1, {"val/loss": 9.0}), (5, {"val.acc": 1.0}),
    ]  # fmt: skip


def test_nested_keys_are_dots(run):
    run.define_metric("train.*", step_metric="epoch")
    run.define_metric(r"val\.loss", step_metric="epoch")
    run.log({"train": {"loss": 1.0}, "epoch": 7})
    run.log({"train": {"loss": 0.5}})
    run.log({"val": {"loss": 0.5}})
    assert [row[1].get("epoch") for row in rows(run)] == [7, 7, 7]


def test_no_sync_if_it_is_not_wanted(run):
    run.define_metric("val", step_metric="epoch", step_sync=False)
    run.log({"val": 1})
    assert rows(run) == [(0, {"val": 1})]


def test_the_summary_has_what_was_asked_for(run):
    run.define_metric("loss", summary="min,max,mean,first,last")
    run.define_metric("lr", summary="none")
    run.define_metric("epoch", summary="copy")
    for number, value in enumerate([3.0, math.nan, np.float32(1.0), 2.0]):
        run.log({"loss": value, "lr": 0.1, "epoch": number, "other": value})
    assert run.summary.as_dict() == {
        "loss": {"min": 1.0, "max": 3.0, "mean": 2.0, "first": 3.0, "last": 2.0}, "epoch": 3, "other": 2.0,
    }  # fmt: skip
    run.log({"loss": 5.0}, step=3)
    assert run.summary["loss"]["mean"] == 3.0
    run.summary["loss"] = 0.5
    assert run.summary["loss"] == 0.5
    run.log({"loss": 0.0}, commit=True)
    assert run.summary["loss"]["min"] == 0.0


def test_numbers_stay_what_they_are(run):
    run.define_metric("n", summary="min,last")
    run.log({"n": 4})
    run.log({"n": 2})
    assert repr(run.summary["n"]) == "{'min': 2, 'last': 2}"
    run.log({"n": "text"})
    assert run.summary["n"] == "text"


def test_what_was_before_counts_too():
    metrics = Metrics(
        {"loss": {"summary": ["min", "mean", "first"]}, "val": {"step_metric": "epoch", "step_sync": True}},
        {"epoch": 7},
        begins=False,
    )
    assert metrics.completed({"val": 1}, 10, 9) == {"val": 1, "epoch": 7}
    metrics.took({"loss": 4.0}, 10)
    metrics.begin_with({"loss": {"min": 1.0, "mean": 2.0, "first": 3.0}}, {"loss": 3})
    assert metrics.shown({"loss": (0, 4.0)}) == {"loss": (0, {"min": 1.0, "mean": 2.5, "first": 3.0})}
    unknown = Metrics({"val": {"step_metric": "epoch", "step_sync": True}}, begins=False)
    assert unknown.completed({"val": 1}, 10, 9) == {"val": 1}


def test_many_sets_of_keys_need_no_more_memory(run):
    run.define_metric("*", step_metric="epoch")
    for number in range(1_200):
        run.log({f"k{number}": number})
    assert rows(run)[-1][1] == {"k1199": 1199, "epoch": 0}


def test_what_cannot_be_logged_is_told_as_before(run):
    run.define_metric("*", summary="min")
    with pytest.raises(TypeError, match="log\\(\\) takes a dict"):
        run.log([1])
    with pytest.raises(TypeError, match="'x' is a"):
        run.log({"x": object()})
    run.log({"x": 1})
    assert run.summary["x"] == {"min": 1}


def test_disabled_and_before_init():
    with pytest.raises(UsageError, match="init"):
        playhead.define_metric("a")
    with playhead.init(mode="disabled") as run:
        assert run.define_metric("a", summary="nonsense").name == "a"
        assert playhead.define_metric("b", step_metric="a").name == "b"
