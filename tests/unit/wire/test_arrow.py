"""Columns as Arrow: what is written is read again, by us and by others."""

import contextlib
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playhead.wire import arrow
from playhead.wire.arrow import BOOL, FLOAT, INT, TEXT, Column, Frame


def bits(flags):
    return np.packbits(np.array(flags, bool), bitorder="little").tobytes()


def texts(values):
    data = [value.encode() for value in values]
    return b"".join(data), np.cumsum([0, *map(len, data)]).astype("<i4").tobytes()


def a_frame(rows, about=None):
    """Rows of (int, float or None, bool, text)."""
    ints, floats, bools, words = zip(*rows, strict=True) if rows else ((), (), (), ())
    data, offsets = texts(words)
    return Frame(
        len(rows),
        [
            Column("step", INT, np.array(ints, "<i8").tobytes()),
            Column("loss é", FLOAT, np.array([0.0 if one is None else one for one in floats], "<f8").tobytes(), bits([one is not None for one in floats])),
            Column("ok", BOOL, bits(bools)),
            Column("note", TEXT, data, b"", offsets),
        ],
        about or {},
    )  # fmt: skip


def plain(frame):
    return [(column.name, column.type, *(bytes(part) for part in column[2:])) for column in frame.columns]


ROWS = st.lists(
    st.tuples(st.integers(-(2**63), 2**63 - 1), st.none() | st.floats(), st.booleans(), st.text(max_size=5))
)


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(ROWS, st.dictionaries(st.text(max_size=4), st.integers(), max_size=2))
def test_there_and_back(rows, about):
    frame = a_frame(rows, about)
    found = arrow.decode(b"".join(arrow.encode(frame)))
    assert (found.length, found.about) == (len(rows), about)
    assert plain(found) == plain(frame)


def test_others_read_it():
    polars = pytest.importorskip("polars")
    frame = a_frame([(1, 0.5, True, "é"), (2, None, False, ""), (-3, float("inf"), True, "long text" * 9)], {"next": 7})
    found = polars.read_ipc_stream(b"".join(arrow.encode(frame)))
    assert found.rows() == [(1, 0.5, True, "é"), (2, None, False, ""), (-3, float("inf"), True, "long text" * 9)]
    assert found.columns == ["step", "loss é", "ok", "note"]


def test_what_others_write_is_read():
    polars = pytest.importorskip("polars")
    file = polars.DataFrame({"a": [1, 2], "b": [0.5, None], "c": [True, False]}).write_ipc_stream(None)
    found = arrow.decode(file.getvalue())
    assert [column.type for column in found.columns] == [INT, FLOAT, BOOL]
    assert np.frombuffer(found.columns[0].data, "<i8").tolist() == [1, 2]
    with pytest.raises(ValueError, match="'a' is of another type"):
        arrow.decode(polars.DataFrame({"a": [[1]]}).write_ipc_stream(None).getvalue())


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_bytes_that_were_changed_do_no_harm(data):
    whole = bytearray(b"".join(arrow.encode(a_frame([(1, 0.5, True, "x"), (2, None, False, "y")]))))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(whole)))
    with contextlib.suppress(ValueError):
        assert arrow.decode(bytes(whole[:end])).length >= 0


@pytest.mark.parametrize("wrong", [b"", b"{}", struct.pack("<II", 0xFFFFFFFF, 0), b"\xff" * 64])
def test_what_is_none(wrong):
    with pytest.raises(ValueError, match="Arrow"):
        arrow.decode(wrong)
