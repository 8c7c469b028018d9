"""One value a key."""

import copy

import numpy as np
import pytest


def test_the_last_that_was_logged(run):
    run.log({"loss": 1.0, "name": "a"})
    run.log({"loss": 0.5})
    assert dict(run.summary) == {"loss": 0.5, "name": "a"}
    assert run.summary.loss == run.summary["loss"] == 0.5


def test_a_late_row_is_not_the_last(run):
    run.log({"loss": 1.0}, step=10)
    run.log({"loss": 9.0, "other": 2}, step=5)
    assert dict(run.summary) == {"loss": 1.0, "other": 2}


def test_what_is_set_wins_until_it_is_logged_again(run):
    run.log({"acc": 0.1})
    run.summary["acc"] = 0.9
    run.summary.best = 1
    assert dict(run.summary) == {"acc": 0.9, "best": 1}
    run.log({"acc": 0.2})
    assert run.summary["acc"] == 0.2
    assert list(run.journal().of("summary")) == [{"set": {"acc": 0.9}}, {"set": {"best": 1}}]


def test_deletion(run):
    run.log({"acc": 0.1})
    run.summary.update({"best": 1}, worst=2)
    del run.summary["acc"]
    del run.summary.best
    assert dict(run.summary) == {"worst": 2}
    assert "acc" not in run.summary
    assert len(run.summary) == 1
    with pytest.raises(KeyError):
        del run.summary["acc"]
    with pytest.raises(AttributeError):
        _ = run.summary.acc
    run.log({"acc": 0.3})
    assert run.summary["acc"] == 0.3


def test_values(run):
    run.summary.update({"a": np.float32(0.5), "b": {"c": (1, 2)}, "d": np.array([7])})
    assert run.summary.as_dict() == {"a": 0.5, "b": {"c": [1, 2]}, "d": 7}
    with pytest.raises(TypeError, match=r"'x' is a builtins\.object"):
        run.summary["x"] = object()


def test_it_can_be_read_after_the_end(run):
    run.log({"loss": 1.0})
    run.finish()
    assert run.summary["loss"] == 1.0
    assert copy.deepcopy(run.summary) == {"loss": 1.0}
