"""Lines of numbered files: each once, in whatever pieces they come."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from playhead.domain import lines

PIECES = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20)), max_size=30)


@given(PIECES)
def test_each_line_is_new_once(pieces: list[tuple[int, int]]) -> None:
    taken: lines.Spans = ()
    seen: set[int] = set()
    for start, count in pieces:
        fresh = [number for first, end in lines.new(taken, start, start + count) for number in range(first, end)]
        assert fresh == [number for number in range(start, start + count) if number not in seen]
        taken = lines.taking(taken, start, start + count)
        seen.update(range(start, start + count))
        assert {number for first, end in taken for number in range(first, end)} == seen
        assert all(one[1] < other[0] for one, other in itertools.pairwise(taken))


def test_there_is_a_limit_to_gaps() -> None:
    taken: lines.Spans = ()
    for number in range(lines.MAX_SPANS + 1):
        taken = lines.taking(taken, number * 10, number * 10 + (9 if number == 4 else 1))
    assert len(taken) == lines.MAX_SPANS
    assert (40, 51) in taken
