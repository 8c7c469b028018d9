"""Frames that the server writes itself are read as those of every journal."""

import math
import random

import pytest

from playhead.domain.errors import LimitError
from playhead.domain.limits import MAX_KEY, MAX_KEYS_PER_ROW
from playhead.journal import columns
from playhead.journal import format as f
from playhead.journal.packing import Packing, Schemas, flat
from playhead.services.points import collect


def _rows(packings):
    """(step, key) -> value of all that was packed, one piece after the other."""
    known, found, at = {}, {}, 0
    for packing in packings:
        body = packing.body()
        stretch = columns.decode(body, at, f.seed_of("s"), known, final=True)
        assert stretch.damaged == 0
        known |= stretch.schemas
        at += len(body)
        for table in stretch.rows:
            for place, step in enumerate(table.step.tolist()):
                for key, column in zip(table.keys, table.columns, strict=True):
                    value = column[place].item()
                    found[step, key] = bool(value) if column.dtype.char == "B" else value
                for key, value in zip(table.object_keys, table.objects[place] if table.objects else (), strict=True):
                    found[step, key] = value
    return found, known


def test_every_value_comes_back():
    row = {
        "f": 0.5, "i": 3, "b": True, "s": "text", "none": None, "list": [1, "a"], "big": 1 << 60, "huge": 1 << 70,
        "nan": math.nan, "inf": -math.inf, "media": {"_type": "image-file", "path": "x.png"},
    }  # fmt: skip
    packing = Packing("s", Schemas({}))
    packing.row(7, 1_000, row)
    found, _ = _rows([packing])
    assert math.isnan(found.pop((7, "nan")))
    assert found == {(7, key): value for key, value in row.items() if key != "nan"}
    assert type(found[7, "i"]) is int
    assert type(found[7, "b"]) is bool


def test_keys_in_any_order_share_a_schema():
    schemas = Schemas({})
    packing = Packing("s", schemas)
    keys = [f"k{number}" for number in range(20)]
    for step in range(50):
        random.shuffle(keys)
        packing.row(step, step, dict.fromkeys(keys, step + 0.5))
    found, known = _rows([packing])
    assert len(known) == 1
    assert len(found) == 1_000


def test_a_float_stays_one_when_it_is_whole():
    first = Packing("s", Schemas({}))
    first.row(0, 0, {"loss": 1, "n": 1})
    first.row(1, 0, {"loss": 0.5, "n": 2})
    first.row(2, 0, {"loss": 2, "n": 3})
    _, known = _rows([first])
    second = Packing("s", Schemas(known))
    second.row(3, 0, {"loss": 3, "n": 4})
    assert len(second.body()) < 100  # nothing is announced again
    found, known = _rows([first, second])
    assert [type(found[step, "loss"]) for step in range(4)] == [int, float, float, float]
    assert {type(found[step, "n"]) for step in range(4)} == {int}
    assert len(known) == 2


def test_an_integer_too_large_now_and_then():
    packing = Packing("s", Schemas({}))
    for step, value in enumerate((1, 1 << 70, 2, 1 << 64, -(1 << 80))):
        packing.row(step, 0, {"n": value})
    found, _ = _rows([packing])
    assert [found[step, "n"] for step in range(5)] == [1, 1 << 70, 2, 1 << 64, -(1 << 80)]


def test_a_key_that_cannot_be_kept_costs_itself_only():
    packing = Packing("s", Schemas({}))
    packing.row(0, 0, {"k" * (MAX_KEY + 1): 1, "": 2, "a\0b": 3, "good": 4})
    packing.row(1, 0, {})
    found, _ = _rows([packing])
    assert found == {(0, "a\ufffdb"): 3, (0, "good"): 4}
    assert packing.left_out == 2
    with pytest.raises(LimitError):
        packing.row(2, 0, {str(number): 1 for number in range(MAX_KEYS_PER_ROW + 1)})


def test_what_is_read_is_collected():
    packing = Packing("s", Schemas({}))
    for step in range(3):
        packing.row(step, 10 + step, {"a": step * 0.5, "t": "x"})
    stretch = columns.decode(packing.body(), 0, f.seed_of("s"), {}, final=True)
    logged = collect(stretch.rows)
    assert (logged.first_step, logged.row.step, logged.last["a"].value) == (0, 2, 1.0)


def test_nested_values_are_dotted():
    tree = {"a": {"b": {"c": 1}, "d": 2}, "e": {}, "image": {"_type": "image-file", "path": "p"}, "x.y": 3}
    assert dict(flat(tree)) == {"a.b.c": 1, "a.d": 2, "image": {"_type": "image-file", "path": "p"}, "x.y": 3}
