"""What may be logged, and the same value back."""

import datetime as dt
import decimal
import enum
import math
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest


class Tensor:
    """As torch's: `tolist`, `item`, `shape`."""

    def __init__(self, value):
        self._array = np.array(value)
        self.shape = self._array.shape

    def item(self):
        return self._array.item()

    def tolist(self):
        return self._array.tolist()


class EagerTensor:
    """As TensorFlow's: only `numpy`."""

    def __init__(self, value):
        self._array = np.array(value)
        self.shape = self._array.shape

    def numpy(self):
        return self._array[()]


class StrColour(enum.StrEnum):
    RED = "red"


SAME = [
    0.5,
    1,
    True,
    False,
    "text",
    "",
    None,
    -(2**63),
    2**63 - 1,
    2**63,
    -(2**80),
    10**400,
    math.inf,
    -math.inf,
    1e-320,
    "日本\ud800",
]
BECOMES = [
    (np.float64(0.1), 0.1),
    (np.float32(0.5), 0.5),
    (np.float16(0.5), 0.5),
    (np.longdouble(0.5), 0.5),
    (np.int8(-3), -3),
    (np.uint64(2**64 - 1), 2**64 - 1),
    (np.bool_(True), True),
    (np.str_("a"), "a"),
    (np.datetime64("2026-01-02"), "2026-01-02"),
    (np.array(0.5), 0.5),
    (np.array([0.5]), 0.5),
    (np.array([[7]]), 7),
    (np.array([1, 2]), [1, 2]),
    (np.zeros((2, 0)), [[], []]),
    (Tensor(0.5), 0.5),
    (Tensor([0.5]), 0.5),
    (Tensor([1, 2]), [1, 2]),
    (EagerTensor(0.5), 0.5),
    (EagerTensor([1, 2]), [1, 2]),
    ((1, "a"), [1, "a"]),
    ([0.5], [0.5]),
    (StrColour.RED, "red"),
    (Path("/a"), "/a"),
    (b"ab\xff", "ab\ufffd"),
    (dt.date(2026, 1, 2), "2026-01-02"),
    ([OrderedDict(a=1)], [{"a": 1}]),
]


@pytest.mark.parametrize("value", SAME, ids=map(str, range(len(SAME))))
def test_the_same_value(run, value):
    run.log({"x": value})
    [(_, row)] = run.journal().rows
    assert row["x"] == value
    assert run.summary["x"] == value
    assert type(run.summary["x"]) is type(value)


def test_nan(run):
    run.log({"x": math.nan, "y": [math.nan]})
    [(_, row)] = run.journal().rows
    assert math.isnan(row["x"])
    assert math.isnan(row["y"][0])


@pytest.mark.parametrize(("value", "kept"), BECOMES, ids=map(str, range(len(BECOMES))))
def test_a_value_of_another_library(run, value, kept):
    run.log({"x": value})
    [(_, row)] = run.journal().rows
    assert row["x"] == kept
    assert type(run.summary["x"]) is type(kept)


def test_nested_dicts_are_dotted_keys(run):
    run.log({"a": {"b": 1, "c": {"d": 2.0}}, "e": OrderedDict(f=3), "empty": {}})
    assert run.journal().rows == [(0, {"a.b": 1, "a.c.d": 2.0, "e.f": 3})]


@pytest.mark.parametrize(
    "value", [object(), decimal.Decimal(1), 1j, np.complex64(1), print, [object()], np.zeros(10_001), [0] * 10_001]
)
def test_what_cannot_be_logged_names_its_key(run, value):
    with pytest.raises(TypeError, match=r"'bad\.key'"):
        run.log({"good": 1, "bad.key": value})
    assert run.journal().rows == [(0, {"good": 1})]  # the rest is kept
    with pytest.raises(TypeError, match=r"'bad\.key'"):
        run.log({"bad.key": value})
    assert run.step == 1
    run.log({"good": 2})
    assert run.journal().rows == [(0, {"good": 1}), (1, {"good": 2})]


@pytest.mark.parametrize("data", [None, [1], "text", 3, {1, 2}])
def test_what_is_no_dict(run, data):
    with pytest.raises(TypeError, match=f"not a {type(data).__name__}"):
        run.log(data)


def test_keys_are_strings(run):
    with pytest.raises(TypeError, match="Keys are strings"):
        run.log({1: 2})
    run.log({"a\x00\x1b\n": 1})
    assert run.journal().rows[0][1] == {"a\ufffd\x1b\n": 1}


def test_a_list_that_is_too_deep(run):
    deep = []
    for _ in range(200):
        deep = [deep]
    with pytest.raises(TypeError, match="'x'"):
        run.log({"x": deep})
