"""Alerts in the training."""

from datetime import timedelta

import pytest

import playhead
from playhead.domain.errors import UsageError


def test_what_is_written(run):
    run.log({"a": 1})
    run.log({"a": 2})
    run.alert("loss explodes", "it is 7", playhead.AlertLevel.ERROR)
    run.alert("low", level="warn")
    assert run.journal().of("alert") == [
        {"title": "loss explodes", "text": "it is 7", "level": "ERROR", "wait": 60.0},
        {"title": "low", "text": "", "level": "WARN", "wait": 60.0},
    ]  # fmt: skip


def test_the_same_title_is_not_told_too_often(run):
    for wait in (60, None, timedelta(hours=1), 0, 0.0):
        run.alert("again", wait_duration=wait)
    run.alert("another")
    assert [told["title"] for told in run.journal().of("alert")] == ["again", "again", "again", "another"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""}, {"title": " "}, {"title": 3}, {"title": "x" * 65}, {"title": "a", "level": "LOUD"},
        {"title": "a", "wait_duration": -1}, {"title": "a", "wait_duration": "1"}, {"title": "a", "wait_duration": True},
    ],
)  # fmt: skip
def test_wrong_arguments(run, wrong):
    with pytest.raises(UsageError, match="alert"):
        run.alert(**wrong)
    assert run.journal().of("alert") == []


def test_a_long_text_is_cut(run):
    run.alert("a", "x" * 100_000)
    assert len(run.journal().of("alert")[0]["text"]) == 16_384


def test_disabled_and_before_init():
    with pytest.raises(UsageError, match="init"):
        playhead.alert("a")
    with playhead.init(mode="disabled") as run:
        assert run.alert("", level=7) is None
