"""Clocks of runs that were resumed, as an expression: a join with all pieces of a clock would multiply the points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from playhead.domain.metric import Track


class _Piece(NamedTuple):
    """From `since` on the clock of the track (and of those after it that have no piece) starts from `start`."""

    track: int
    since: int | None
    start: str


def start(tracks: Sequence[Track]) -> str:
    """What a point's clock starts from, by its `track`, its `time`, and the `started` of its track: a search in halves."""
    pieces: list[_Piece] = []
    for number, track in enumerate(tracks):
        if track.later:
            pieces.append(_Piece(number, None, str(track.start)))
            pieces += [_Piece(number, since, str(start)) for since, start in track.later]
        elif not pieces or pieces[-1].start != "started":
            pieces.append(_Piece(number, None, "started"))
    return _choice(pieces) if pieces else "started"


def _choice(pieces: Sequence[_Piece]) -> str:
    if len(pieces) == 1:
        return pieces[0].start
    middle = len(pieces) // 2
    firsts = [place for place in range(1, len(pieces)) if pieces[place].since is None]
    if firsts:
        middle = min(firsts, key=lambda place: abs(place - middle))
    piece = pieces[middle]
    later = f"track >= {piece.track}" if piece.since is None else f"time >= {piece.since}"
    return f"CASE WHEN {later} THEN {_choice(pieces[middle:])} ELSE {_choice(pieces[:middle])} END"
