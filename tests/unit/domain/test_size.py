"""Numbers of bytes as people read them."""

import pytest

from playhead.domain.size import count_text, progress_text, size_text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (99_940, "99.9 kB"), (99_960, "100 kB"),
        (999_499, "999 kB"), (999_500, "1.0 MB"), (123_456_789, "123 MB"), (5 << 30, "5.4 GB"), (10**13, "10.0 TB"), (10**19, "10000 PB"),
    ],
)  # fmt: skip
def test_bytes(size, text):
    assert size_text(size) == text


def test_progress_is_in_the_unit_of_the_whole():
    assert progress_text(10_000, 2_000_000) == "0.0 of 2.0 MB"
    assert progress_text(1_900_000, 2_000_000) == "1.9 of 2.0 MB"
    assert progress_text(123, 456_000) == "0 of 456 kB"
    assert progress_text(3, 10) == "3 of 10 bytes"


def test_counts():
    assert [count_text(count, "file") for count in (0, 1, 12_345)] == ["0 files", "1 file", "12,345 files"]
