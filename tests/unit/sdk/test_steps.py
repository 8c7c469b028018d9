"""The step rules: a table, and a machine that compares with a plain model."""

import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from a_reader import read_journal
from playhead.domain.errors import UsageError
from playhead.journal import format as f
from playhead.sdk.about import Place
from playhead.sdk.media.shelf import Shelves
from playhead.sdk.run import Run
from playhead.sdk.settings import Settings

TABLE = {
    "plain": ([{}, {}, {}], [0, 1, 2], 3),
    "held back": ([{"commit": False}, {"commit": False}, {}, {}], [0, 0, 0, 1], 2),
    "with step": ([{"step": 5}, {"step": 5}, {"step": 6}], [5, 5, 6], 6),
    "a plain log completes the row": ([{"step": 5}, {}, {}], [5, 5, 6], 7),
    "committed step": ([{"step": 5, "commit": True}, {}], [5, 6], 7),
    "late steps are kept": ([{"step": 10}, {"step": 3}, {"step": 10}, {}], [10, 3, 10, 10], 11),
    "a late step does not move the counter": ([{"step": 10}, {"step": 3, "commit": True}, {}], [10, 3, 10], 11),
    "zero": ([{"step": 0}, {"step": 0}], [0, 0], 0),
    "explicitly committed": ([{"commit": True}, {"commit": True}], [0, 1], 2),
    "whole numbers of any type": ([{"step": np.int32(4)}, {"step": 4.0}, {"step": True}], [4, 4, 1], 4),
}


@pytest.mark.parametrize(("calls", "steps", "after"), TABLE.values(), ids=TABLE.keys())
def test_steps(run, calls, steps, after):
    for call in calls:
        run.log({"x": 1}, **call)
    assert [step for step, _ in run.journal().rows] == steps
    assert run.step == after


def test_an_empty_row_moves_the_counter(run):
    run.log({})
    run.log({}, commit=False)
    assert run.step == 1


@pytest.mark.parametrize("step", [1.5, math.nan, math.inf, "3", [1], 1j])
def test_what_is_no_step(run, step):
    with pytest.raises(TypeError, match="step"):
        run.log({"x": 1}, step=step)
    assert run.journal().rows == []


@pytest.mark.parametrize("step", [-1, 1 << 62])
def test_steps_have_bounds(run, step):
    with pytest.raises(UsageError, match="step"):
        run.log({"x": 1}, step=step)


def test_after_the_end(run):
    run.finish()
    with pytest.raises(UsageError, match="finished"):
        run.log({"x": 1})
    with pytest.raises(UsageError, match="finished"):
        run.config.x = 1
    with pytest.raises(UsageError, match="finished"):
        run.name = "other"
    assert run.name == "calm-river-1"
    run.finish()


class Steps(RuleBasedStateMachine):
    """`run.log` beside a model of a few lines."""

    compared = 0

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        place = Place(Path(self.folder.name), None, "p", "r", "s", None)
        self.run = Run(
            place,
            f.Header("stream", "r", "s", "main", "p", None, 1),
            Settings(console="off"),
            {"name": "n"},
            None,
            Shelves,
        )
        self.rows = {}
        self.step = 0

    @rule(
        data=st.dictionaries(
            st.sampled_from("abc"), st.integers(0, 9) | st.floats(0, 1) | st.text(max_size=3), max_size=3
        ),
        step=st.none() | st.integers(0, 12),
        commit=st.sampled_from([None, True, False]),
    )
    def log(self, data, step, commit):
        self.run.log(data, step=step, commit=commit)
        at = self.step if step is None else step
        self.rows.setdefault(at, {}).update(data)
        if at >= self.step:
            commit = step is None if commit is None else commit
            self.step = at + 1 if commit else at

    @rule()
    def log_what_cannot_be(self):
        with pytest.raises(TypeError, match="'a'"):
            self.run.log({"a": object()}, step=7)

    @invariant()
    def same_counter(self):
        assert self.run.step == self.step

    @invariant()
    def same_rows(self):
        rows = {}
        for step, values in read_journal(self.run._place.folder / "main.journal").rows:
            rows.setdefault(step, {}).update(values)
        assert rows == self.rows
        Steps.compared += 1

    @invariant()
    def same_summary(self):
        last = {}
        for _, row in sorted(self.rows.items()):
            last.update(row)
        assert self.run.summary.as_dict() == last

    def teardown(self):
        self.run._journal.abandon()
        self.folder.cleanup()


def test_any_order_of_calls():
    run_state_machine_as_test(Steps, settings=settings(max_examples=50, stateful_step_count=20, deadline=None))
    assert Steps.compared
