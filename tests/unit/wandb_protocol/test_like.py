"""SQL's LIKE over names of files."""

import pytest

from playhead.wandb_protocol.like import like


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("%.json", "a.json", True),
        ("%.json", "a.jsonl", False),
        ("a_c", "abc", True),
        ("a_c", "ac", False),
        (r"100\%%", "100% of it", True),
        (r"100\%%", "1000", False),
        ("%A%b%", "xxaxxB", True),
        ("ab%ba", "aba", False),
        ("%", "", True),
        ("", "x", False),
        ("a.c", "abc", False),
        ("%a" * 500 + "b", "a" * 1_000, False),
    ],
)
def test_like(pattern, name, fits):
    assert like(pattern)(name) is fits
