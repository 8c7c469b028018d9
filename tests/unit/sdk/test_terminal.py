"""What a terminal shows in the end, from what was written to it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playhead.domain.limits import MAX_CONSOLE_LINE
from playhead.sdk.terminal import Terminal


def shown(*pieces):
    terminal = Terminal(itertools.count().__next__)
    lines = {}
    for piece in pieces:
        lines.update(terminal.feed(piece))
    return [lines[number] for number in sorted(lines)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        ("one\ntwo\n", ["one", "two"]),
        ("\n\n", ["", ""]),
        ("one\r\ntwo\r\n", ["one", "two"]),
        ("no end", ["no end"]),
        (" 10%\r 20%\r100%\n", ["100%"]),
        ("long text\rok\n", ["okng text"]),
        ("100%|####|\r\x1b[K\rdone\n", ["done"]),
        ("warning:\x1b[K unused\x1b[K\n", ["warning: unused"]),
        ("abc\x1b[2Kd\n", ["   d"]),
        ("abcdef\r\x1b[3C\x1b[1Kx\n", ["   xef"]),
        ("|\b/\b-\b\\\n", ["\\"]),
        ("12%\b\b\b13%\n", ["13%"]),
        ("abc\b\b \n", ["a c"]),
        ("abc\b\b\n", ["abc"]),
        ("\b\b\ba\n", ["a"]),
        ("a\tb\n", ["a\tb"]),
        ("a\0\x07b\x7f\x9bc\n", ["abc"]),
        ("abc\x1b[10Gx\n", ["abc      x"]),
        ("abc\x1b[2Dx\n", ["axc"]),
        ("\x1b]0;a title\x07text\n", ["text"]),
        ("\x1b]8;;http://a/b\x1b\\link\x1b]8;;\x1b\\\n", ["link"]),
        ("\x1b(B\x1b[m\x1b7\x1b8x\n", ["\x1b[mx"]),
        ("\x1bPq#0;2;0\x1b\\x\n", ["x"]),
        ("\x1b[?25lhidden cursor\x1b[?25h\n", ["hidden cursor"]),
        ("\x1b[31mred\x1b[0m\n", ["\x1b[31mred\x1b[0m"]),
        ("\x1b[31mred\x1b[0m\r\x1b[32mgrn\x1b[0m\n", ["\x1b[32mgrn\x1b[0m"]),
        ("abc\r\x1b[31m\nX\n", ["\x1b[31mabc", "X"]),
        ("abc\b\x1b[31m\rX\n", ["Xb\x1b[31mc"]),
        ("\x1b[38:2:1:2:3mx\n", ["\x1b[38:2:1:2:3mx"]),
        ("two\nlines\x1b[1A\x1b[2K\x1b[1GA\n", ["A", "lines"]),
        ("a\nb\nc\x1b[2A\r\x1b[Jx\n", ["x", "", ""]),
        ("a\nb\x1b[5Fx\n", ["x", "b"]),
        ("a\x1b[99By\n", ["a", " y"]),
        ("unfinished\x1b[3", ["unfinished"]),
        ("ends in esc\x1b", ["ends in esc"]),
        ("日本\r語\n", ["語本"]),
    ],
)
def test_shown(text, lines):
    assert shown(text) == lines
    assert shown(*text) == lines


def test_tqdm():
    bars = "".join(f"\r{i:3d}%|{'#' * i:<10}| {i}/10" for i in range(11))
    assert shown(bars + "\n") == [" 10%|##########| 10/10"]


def test_nested_bars():
    def bar(row, text):
        return "\n" * row + "\r" + text + "\x1b[A" * row

    pieces = [bar(0, "outer 0/2")]
    for outer in range(2):
        pieces += [bar(1, f"inner {inner}/3") for inner in range(4)]
        pieces += [bar(1, "\r" + " " * 9 + "\r"), bar(0, f"outer {outer + 1}/2")]
    assert [line.rstrip() for line in shown(*pieces, "\n\nafter\n")] == ["outer 2/2", "", "after"]


def test_rich_live_display_is_written_again():
    frame = "\x1b[32mone\x1b[0m\n\x1b[32mtwo\x1b[0m"
    again = "\r\x1b[2K\x1b[1A\x1b[2K"
    assert shown(frame, again, "uno\ndos\n") == ["uno", "dos"]


def test_two_channels_share_one_numbering():
    numbers = itertools.count()
    out, err = Terminal(numbers.__next__), Terminal(numbers.__next__)
    assert out.feed("a\n") == {0: "a"}
    assert err.feed("b\nc\n") == {1: "b", 2: "c"}
    assert out.feed("d") == {3: "d"}


def test_cursor_up_reaches_back_a_bounded_number_of_lines():
    lines = shown("".join(f"{i}\n" for i in range(200)), "\x1b[500A", "top\n")
    assert len(lines) == 200
    assert lines[160] == "top"
    assert lines[159] == "159"


def test_a_long_line_is_cut_and_told_once():
    told = []
    terminal = Terminal(itertools.count().__next__, lambda: told.append(1))
    for _ in range(3):
        last = terminal.feed("x" * MAX_CONSOLE_LINE)
    assert last == {0: "x" * MAX_CONSOLE_LINE}
    assert told == [1]
    assert terminal.feed("\nnext\n")[1] == "next"


def test_a_cut_leaves_no_half_colour():
    assert shown("x" * (MAX_CONSOLE_LINE - 2) + "\x1b[31mred") == ["x" * (MAX_CONSOLE_LINE - 2) + "re"]


def test_a_progress_bar_of_a_million_updates_stays_one_line():
    assert shown(*(f"\r{i}" for i in range(100_000)), "\n") == ["99999"]


_PIECES = st.sampled_from(
    ["\n", "\r", "\b", "\t", "\x1b[A", "\x1b[2A", "\x1b[B", "\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[J", "\x1b[3C", "\x1b[2D",
     "\x1b[4G", "\x1b[31m", "\x1b[0m", "\x1b]0;t\x07", "\x1b]0;t\x1b\\", "\x1b]", "\x1b[", "\x1b", "\x1b(B", "\x1b[?25l", "ab",
     "xyz", "ü", "日", " ", "\0"]
)  # fmt: skip


@given(st.lists(_PIECES | st.text(max_size=5), max_size=30), st.data())
def test_where_a_text_is_cut_makes_no_difference(parts, data):
    text = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert shown(*pieces) == shown(text)
    assert shown(*text) == shown(text)
