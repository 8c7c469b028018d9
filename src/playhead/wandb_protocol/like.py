"""SQL's LIKE over names. Whatever the pattern, a name is gone over a few times only."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_PARTS = re.compile(r"\\.|%+|.", re.DOTALL)


@dataclass(slots=True)
class _Piece:
    """What stands between two `%`: always as long."""

    text: str = ""
    length: int = 0

    def compiled(self) -> re.Pattern[str]:
        return re.compile(self.text, re.DOTALL | re.IGNORECASE)


def like(pattern: str) -> Callable[[str], bool]:
    r"""Tells whether a name fits, in any case: `%` is any text, `_` one character, `\` makes them themselves."""
    pieces = [_Piece()]
    for part in _PARTS.findall(pattern):
        if part[0] == "%":
            pieces.append(_Piece())
        else:
            pieces[-1].text += "." if part == "_" else re.escape(part[-1])
            pieces[-1].length += 1
    if len(pieces) == 1:
        whole = pieces[0].compiled()
        return lambda name: whole.fullmatch(name) is not None
    first, last = pieces[0].compiled(), pieces[-1].compiled()
    between, tail = [piece.compiled() for piece in pieces[1:-1]], pieces[-1].length

    def fits(name: str) -> bool:
        found = first.match(name)
        for piece in between:
            found = piece.search(name, found.end()) if found is not None else None
        end = len(name) - tail
        return found is not None and found.end() <= end and last.fullmatch(name, end) is not None

    return fits
