"""Text written to a terminal, as the lines that a person would see: carriage returns, erased lines and cursor-up are carried out,
colours stay, every other control sequence goes. No I/O here.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from playhead.domain.limits import MAX_CONSOLE_LINE

_SPECIAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-Z\\-_]|[\x00-\x1f\x7f]")
_INCOMPLETE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07]*)?$")
_SGR = re.compile(r"\x1b\[[0-9;]*m")
_REACH = 40
"""Lines above the present one that cursor-up can still rewrite (nested progress bars)."""


def _overlay(new: str, old: str) -> str:
    """`new` written over the beginning of `old`."""
    width = len(_SGR.sub("", new))
    bare = _SGR.sub("", old)
    return new if width >= len(bare) else new + bare[width:]


class Terminal:
    """Lines of one channel. `next_number` numbers a line when it begins, so that channels share one numbering."""

    def __init__(self, next_number: Callable[[], int]) -> None:
        self._next_number = next_number
        self._lines: list[tuple[int, str]] = []
        """The last lines that can be rewritten; the cursor is in one of them, or below the last."""
        self._row = 0
        self._fresh: str | None = None
        """Text since the last carriage return, which is written over the line; None: no return in this line."""
        self._rest = ""

    def feed(self, text: str) -> dict[int, str]:
        """Write `text`; answers the lines that changed: number -> text."""
        changed: dict[int, str] = {}
        text = self._rest + text
        self._rest = ""
        broken = _INCOMPLETE.search(text)
        if broken and len(text) - broken.start() < 100:
            text, self._rest = text[: broken.start()], text[broken.start() :]
        at = 0
        for match in _SPECIAL.finditer(text):
            self._put(text[at : match.start()], changed)
            self._control(match[0], changed)
            at = match.end()
        self._put(text[at:], changed)
        return changed

    def _control(self, code: str, changed: dict[int, str]) -> None:
        if code == "\n":
            self._put("", changed, touch=True)
            self._row += 1
            self._fresh = "" if self._row < len(self._lines) else None
        elif code == "\r":
            self._fresh = ""
        elif code == "\t":
            self._put("\t", changed)
        elif code == "\b":
            self._backspace(changed)
        elif _SGR.fullmatch(code):
            self._put(code, changed)
        elif code.startswith("\x1b["):
            self._move(code, changed)

    def _move(self, code: str, changed: dict[int, str]) -> None:
        count = int(code[2:-1]) if code[2:-1].isdigit() else 1
        if code[-1] in "AF":
            self._row = max(0, self._row - count)
            self._fresh = ""
        elif code[-1] in "BE":
            self._row = min(len(self._lines), self._row + count)
            self._fresh = ""
        elif code[-1] == "K" and self._row < len(self._lines):
            number, _ = self._lines[self._row]
            kept = self._fresh if self._fresh is not None and code[2:-1] != "2" else ""
            self._lines[self._row] = (number, kept)
            changed[number] = kept

    def _backspace(self, changed: dict[int, str]) -> None:
        if self._row < len(self._lines):
            number, text = self._lines[self._row]
            self._lines[self._row] = (number, text[:-1])
            changed[number] = text[:-1]

    def _put(self, text: str, changed: dict[int, str], *, touch: bool = False) -> None:
        if not text and not touch:
            return
        if self._row >= len(self._lines):
            self._lines.append((self._next_number(), ""))
            self._lines = self._lines[-_REACH:]
            self._row = len(self._lines) - 1
        number, line = self._lines[self._row]
        if self._fresh is not None and text:
            self._fresh = (self._fresh + text)[:MAX_CONSOLE_LINE]
            line = _overlay(self._fresh, line)
        else:
            line = (line + text)[:MAX_CONSOLE_LINE]
        self._lines[self._row] = (number, line)
        changed[number] = line
