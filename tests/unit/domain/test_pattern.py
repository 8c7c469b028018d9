"""Regular expressions: what is taken, and what it finds."""

import pytest

from playhead.domain import pattern
from playhead.domain.errors import FilterError

TAKEN = [
    ("abc", "xabcx", "abx"),
    ("^a.c$", "abc", "xabc"),
    ("^a.c$", "a\tc", "a\nc"),
    ("a$", "ba", "a\n"),
    ("^$", "", "\n"),
    ("a|", "", None),
    ("^(?:a|b)+$", "abba", "abc"),
    ("^(a{2,3}){2}$", "aaaaa", "aaa"),
    ("^a{2,}?b??$", "aaa", "a"),
    (r"^\d\D\w\W\s\S$", "1aa- x", "aaa- x"),
    (r"^[\d.]+$", "1.5", "1,5"),
    ("^[^a-c]$", "d", "b"),
    ("^[a-]$", "-", "b"),
    (r"^[\]]$", "]", "["),
    (r"^\.\*\[\$/#~&-$", ".*[$/#~&-", "x"),
    (r"\bend\b", "the end.", "bend"),
    (r"^\t\n$", "\t\n", "tn"),
    ("(?i)^ABC", "abcd", "bcd"),
    ("ß|é|\U0001f600", "\U0001f600", "e"),
]


@pytest.mark.parametrize(("text", "found", "other"), TAKEN)
def test_it_finds(text, found, other):
    told = pattern.parse(text)
    assert pattern.finds(told.spelling.rust, found, any_case=told.any_case)
    assert other is None or not pattern.finds(told.spelling.rust, other, any_case=told.any_case)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("(", 0), (")", 0), ("a)", 1), ("[", 0), ("[]", 0), ("[b-a]", 1), ("*", 0), ("a**", 2), ("^*", 1), (r"\b+", 2),
        ("a{", 1), ("a{x}", 1), ("a{2,1}", 1), ("a{300}", 1), ("(?=a)", 1), ("(?P<n>a)", 1), (r"\1", 0), (r"\q", 0),
        ("\\", 0), ("(a{200}){200}", 8), ("(" * 40 + ")" * 40, 31), ("{", 0),
    ],
)  # fmt: skip
def test_an_error_points_at_the_character(text, position):
    with pytest.raises(FilterError) as caught:
        pattern.parse(text)
    assert caught.value.position == position


def test_a_long_one_is_refused():
    with pytest.raises(FilterError, match="500"):
        pattern.parse("a" * 501)
