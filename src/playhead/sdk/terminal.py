"""Text written to a terminal, as the lines that a person would see: carriage returns, backspaces, erased lines and cursor moves are
carried out, colours stay, every other control sequence goes. No I/O here.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from playhead.domain.limits import MAX_CONSOLE_LINE

_CSI = r"\x1b\[[0-?]{0,64}[ -/]{0,8}"
_STRING = r"\x1b[\]PX^_][^\x07\x1b]{0,4096}"
"""A window's title, a link's address: everything up to a bell or ESC \\."""
_SPECIAL = re.compile(
    rf"{_CSI}[@-~]|{_STRING}(?:\x07|\x1b\\)|\x1b[ -/]{{1,8}}[0-~]|\x1b[0-~]|[\x00-\x08\x0a-\x1f\x7f-\x9f]"
)
_INCOMPLETE = re.compile(rf"(?:{_CSI}|{_STRING}\x1b?|\x1b[ -/]{{0,8}})\Z")
"""May become one of these with the next piece. The bounds are those of _SPECIAL: where a text is cut makes no difference."""
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")
_CELL = re.compile(r"(?:\x1b\[[0-9;:]*m)*[^\x1b]")
_TAIL = re.compile(r"(?:\x1b\[[0-9;:]*m)+\Z")
_REACH = 40
"""Lines above the last that cursor-up can still rewrite (nested progress bars)."""


def _split(text: str) -> tuple[list[str], str]:
    """Characters with the colours before them, and the colours behind the last."""
    tail = _TAIL.search(text) if text.endswith("m") else None
    end = tail.start() if tail else len(text)
    return _CELL.findall(text, 0, end) if "\x1b" in text else list(text), text[end:]


class _Line:
    """One line. `text` holds its colours too."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.text = ""
        self.cut = False

    def width(self) -> int:
        """Characters that are seen."""
        return len(self.text) if "\x1b" not in self.text else len(_COLOUR.sub("", self.text))

    def overwrite(self, column: int, text: str, colour: str) -> int:
        """Put `text` at `column`, its first character in `colour`; answers the column behind it."""
        cells, tail = _split(self.text)
        end = column + len(text)
        cells += " " * (column - len(cells))
        if end >= len(cells):
            tail = ""
        cells[column:end] = [colour + text[0], *text[1:]]
        self.set("".join(cells) + tail)
        return end

    def erase(self, start: int, end: int | None) -> None:
        """Take the characters from `start` on away, or blank those before `end`."""
        cells, _ = _split(self.text)
        if end is not None and end < len(cells):
            cells[start:end] = " " * (end - start)
        else:
            del cells[start:]
        self.text = "".join(cells)

    def colour(self, column: int, code: str) -> None:
        """Let `code` stand before `column`."""
        cells, tail = _split(self.text)
        if column >= len(cells):
            self.set(self.text + code)
        else:
            cells[column] = code + cells[column]
            self.set("".join(cells) + tail)

    def set(self, text: str) -> None:
        """Take `text`, as much of it as is kept."""
        if len(text) > MAX_CONSOLE_LINE:
            text = re.sub(r"\x1b[^m]*\Z", "", text[:MAX_CONSOLE_LINE])
            self.cut = True
        self.text = text


class Terminal:
    """Lines of one channel. `next_number` numbers a line when it begins, so that channels share one numbering; `told_cut` is called for each
    line that is longer than what is kept.
    """

    def __init__(self, next_number: Callable[[], int], told_cut: Callable[[], object] = lambda: None) -> None:
        self._next_number = next_number
        self._told_cut = told_cut
        self._lines: list[_Line] = []
        """The last lines that can be rewritten; the cursor is in one of them, or below the last."""
        self._row = 0
        self._column: int | None = None
        """None: at the end of the line."""
        self._colour = ""
        """Written where the cursor is not at the end, and waiting for a character."""
        self._rest = ""

    def feed(self, text: str) -> dict[int, str]:
        """Write `text`; answers the lines that changed: number -> text."""
        changed: dict[int, str] = {}
        text = self._rest + text
        self._rest = ""
        if "\x1b" in text and (broken := _INCOMPLETE.search(text)):
            text, self._rest = text[: broken.start()], text[broken.start() :]
        at = 0
        for match in _SPECIAL.finditer(text):
            if match.start() > at:
                self._put(text[at : match.start()], changed)
            self._control(match[0], changed)
            at = match.end()
        if at < len(text):
            self._put(text[at:], changed)
        return changed

    def _control(self, code: str, changed: dict[int, str]) -> None:
        if code[0] == "\x1b" and _COLOUR.fullmatch(code):
            self._paint(code, changed)
            return
        if self._colour:
            self._settle(changed)
        if code == "\n":
            line = self._here()
            changed[line.number] = line.text
            self._row += 1
            self._column = 0 if self._row < len(self._lines) else None
        elif code == "\r":
            self._column = 0
        elif code == "\b":
            self._column = max(0, self._at() - 1)
        elif code.startswith("\x1b["):
            self._move(code[-1], code[2:-1], changed)

    def _move(self, action: str, argument: str, changed: dict[int, str]) -> None:
        count = min(max(int(argument), 1), MAX_CONSOLE_LINE) if argument.isdecimal() else 1
        if action in "ABEF":
            self._column = 0 if action in "EF" else self._at()
            self._row = max(0, self._row - count) if action in "AF" else min(len(self._lines), self._row + count)
        elif action == "C":
            self._column = self._at() + count
        elif action == "D":
            self._column = max(0, self._at() - count)
        elif action == "G":
            self._column = count - 1
        elif action in "JK" and argument in {"", "0", "1", "2"}:
            self._erase(action, argument or "0", changed)

    def _erase(self, action: str, how: str, changed: dict[int, str]) -> None:
        """What programs erase to write it anew. Erasing the whole screen, or what is above, is not carried out: it is history."""
        if action == "J" and how != "0":
            return
        at = self._at()
        if self._row < len(self._lines):
            line = self._lines[self._row]
            line.erase(0 if how in "12" else at, at + 1 if how == "1" else None)
            changed[line.number] = line.text
        self._column = at
        for line in self._lines[self._row + 1 :] if action == "J" else ():
            line.text = ""
            changed[line.number] = ""

    def _at(self) -> int:
        if self._column is not None:
            return self._column
        return self._lines[self._row].width() if self._row < len(self._lines) else 0

    def _here(self) -> _Line:
        """The line of the cursor, made if there is none."""
        if self._row >= len(self._lines):
            self._lines.append(_Line(self._next_number()))
            del self._lines[:-_REACH]
            self._row = len(self._lines) - 1
        return self._lines[self._row]

    def _put(self, text: str, changed: dict[int, str]) -> None:
        line = self._here()
        was_cut = line.cut
        if self._column is None or (self._column == 0 and not line.text):
            line.set(line.text + self._colour + text)
            self._column = None
        else:
            self._column = line.overwrite(self._column, text, self._colour)
            if self._column == line.width():
                self._column = None
        self._colour = ""
        changed[line.number] = line.text
        if line.cut and not was_cut:
            self._told_cut()

    def _paint(self, code: str, changed: dict[int, str]) -> None:
        if self._column is None:
            line = self._here()
            line.set(line.text + code)
            changed[line.number] = line.text
        else:
            self._colour = (self._colour + code)[-100:]

    def _settle(self, changed: dict[int, str]) -> None:
        """The cursor leaves: a colour that no character took stays where it was set."""
        code, self._colour = self._colour, ""
        if self._row < len(self._lines):
            line = self._lines[self._row]
            line.colour(self._at(), code)
            changed[line.number] = line.text
