"""Whatever may be logged comes back: the same values, of the same types, in the order of the file."""

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playhead.domain.limits import MAX_KEY
from playhead.journal import format as f

INT64 = st.integers(-(1 << 63), (1 << 63) - 1)
FLOATS = st.floats() | st.integers(0, (1 << 64) - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", bits))[0])
INTS = INT64 | st.integers(-(1 << 200), 1 << 200) | st.sampled_from([10**4299, (1 << 63), -(1 << 63) - 1])
TEXTS = st.text(st.characters(exclude_categories=()), max_size=12) | st.sampled_from(
    ["\ud83d\ude00", "😀", "\ud800", "\0", "\x7f\x1b[1m", "\u2028", '"\\', "PLAYHEAD\1\0\0\0"]
)
KEYS = TEXTS.filter(lambda key: len(key) <= 12)


class Tensor:
    """A scalar of another library: it has `item`, and nothing else is known of it."""

    def __init__(self, value):
        self.value = value

    def item(self):
        return self.value


def numpy_scalars():
    widths = [np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64, np.longlong]
    ints = st.sampled_from(widths).flatmap(
        lambda kind: st.integers(int(np.iinfo(kind).min), int(np.iinfo(kind).max)).map(kind)
    )
    floats = st.sampled_from([(np.float16, 16), (np.float32, 32), (np.float64, 64)]).flatmap(
        lambda pair: st.floats(width=pair[1]).map(pair[0])
    )
    return ints | floats | st.booleans().map(np.bool_) | TEXTS.filter(lambda text: not text.endswith("\0")).map(np.str_)


PLAIN = st.none() | st.booleans() | INTS | FLOATS | TEXTS
SCALARS = PLAIN | numpy_scalars()
WRAPPED = (
    SCALARS.filter(lambda value: not isinstance(value, str)).map(np.array) | (st.booleans() | INTS | FLOATS).map(Tensor)
).filter(lambda value: not isinstance(value, np.ndarray) or value.dtype != object)
LISTS = st.lists(
    st.recursive(
        PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=6
    ),
    max_size=4,
)
VALUES = st.recursive(SCALARS | WRAPPED | LISTS, lambda inner: st.dictionaries(KEYS, inner, max_size=3), max_leaves=5)
ROWS = st.tuples(INT64 | st.integers(0, 20), st.dictionaries(KEYS, VALUES, max_size=6))
PLAIN_ROWS = st.tuples(st.integers(0, 1000), st.fixed_dictionaries({"loss": FLOATS, "n": INT64, "ok": st.booleans()}))
JSON = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)
KINDS = st.sampled_from(sorted(set(f.KIND_NAMES) - {f.HEADER, f.ROW, f.SCHEMA}))
RECORDS = st.tuples(KINDS, INT64, st.dictionaries(TEXTS, JSON, max_size=4))


def convert(key, value):
    if isinstance(value, (np.generic, np.ndarray, Tensor)):
        return value.item()
    if isinstance(value, list):
        return value
    raise TypeError(key)


def in_json(value):
    """What JSON makes of `value`: one NaN is like another."""
    if isinstance(value, float) and value != value:
        return float("nan")
    if isinstance(value, list):
        return [in_json(item) for item in value]
    if isinstance(value, dict):
        return {key: in_json(item) for key, item in value.items()}
    return value


def clean(key):
    return "".join("?" if 0xD800 <= ord(c) < 0xE000 else "\ufffd" if c == "\0" else c for c in key)


def flat(data, prefix=""):
    """The row that a reader must find, by the words of the document."""
    found = {}
    for key, value in data.items():
        if isinstance(value, dict):
            found.update(flat(value, f"{prefix}{key}."))
        elif isinstance(value, (np.generic, np.ndarray, Tensor)):
            found[clean(prefix + key)] = value.item()
        else:
            found[clean(prefix + key)] = in_json(value) if isinstance(value, list) else value
    return found


def model(kit, entry):
    return kit.row(entry[0], flat(entry[1])) if len(entry) == 2 else kit.record(*entry[:2], in_json(entry[2]))


@settings(max_examples=250, deadline=None)
@given(entries=st.lists(ROWS | PLAIN_ROWS | RECORDS, max_size=12))
def test_what_is_written_comes_back(kit, entries):
    found, damaged, end = kit.decode(data := kit.written(entries, convert=convert))
    assert found == [model(kit, entry) for entry in entries]
    assert (damaged, end) == (0, len(data))


@settings(max_examples=60, deadline=None)
@given(entries=st.lists(ROWS | PLAIN_ROWS | RECORDS, max_size=8), draw=st.data())
def test_pieces_are_as_good_as_the_whole(kit, entries, draw):
    data = kit.written(entries, convert=convert)
    cuts = draw.draw(st.lists(st.integers(0, len(data)), max_size=6).map(sorted))
    assert kit.decode_pieces(data, cuts) == kit.decode(data)


def test_cut_at_every_byte(kit, sample):
    whole = kit.decode(sample.data)
    assert whole[0] == sample.expected
    for cut in range(len(sample.data) + 1):
        assert kit.decode_pieces(sample.data, [cut]) == whole


def test_fed_byte_by_byte(kit, sample):
    assert kit.decode_pieces(sample.data, range(len(sample.data))) == (sample.expected, 0, len(sample.data))


def test_many_rows_of_one_schema_amid_others(kit):
    entries = [(step, {"a": step / 7} if step % 1000 else {"b": step}) for step in range(5000)]
    entries[2500:2500] = [(f.CONSOLE, 5, {"n": 0, "c": "err", "t": "x"})]
    assert kit.decode(kit.written(entries))[0] == [model(kit, entry) for entry in entries]


def test_integers_that_no_longer_fit_move_to_json(kit):
    entries = [(0, {"n": 1}), (1, {"n": 1 << 63}), (2, {"n": -(1 << 63)}), (3, {"n": np.uint64((1 << 64) - 1)})]
    found, _, _ = kit.decode(kit.written(entries, convert=convert))
    assert found == [model(kit, entry) for entry in entries]


def test_two_surrogates_do_not_become_one_character(kit):
    found, _, _ = kit.decode(kit.written([(0, {"t": "\ud83d\ude00"}), (f.META, 0, {"notes": "\ud83d\ude00"})]))
    assert found == [kit.row(0, {"t": "\ud83d\ude00"}), kit.record(f.META, 0, {"notes": "\ud83d\ude00"})]


def test_nested_keys_take_their_place(kit):
    given_row = {"a": {"b": 1, "c": {}}, "a.b": 2, "z": {"": {"": 0.5}}, "k" * MAX_KEY: True}
    found, _, _ = kit.decode(kit.written([(0, given_row)]))
    assert found == [kit.row(0, {"a.b": 2, "z..": 0.5, "k" * MAX_KEY: True})]


@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64, np.int8, np.uint8, np.uint32, np.int64, np.bool_])
def test_numpy_scalars_are_packed_beside_text(kit, kind):
    found, _, _ = kit.decode(kit.written([(0, {"x": kind(1), "text": "t"}), (np.int64(1), {"x": kind(1)})]))
    assert found == [kit.row(0, {"x": kind(1).item(), "text": "t"}), kit.row(1, {"x": kind(1).item()})]
