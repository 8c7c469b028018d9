"""The timeline's rules, pure: from segments to lineage, where a rewind branches off, how a run's clock adds up."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from itertools import pairwise

from playhead.domain.errors import NotFoundError
from playhead.domain.metric import Lineage, Span
from playhead.domain.run import Branch, Segment

Clock = tuple[tuple[int, int], ...]
"""(from, start), growing: from the time `from` on, runtime counts from `start`."""


def chain(segments: Sequence[Segment], head: str, up_to: int | None = None) -> list[tuple[Segment, int | None]]:
    """The segments that lead to `head`, the oldest first, each with the last step that is seen of it (None: all).

    A parent that is not among `segments` has not arrived yet, or is gone: the chain begins behind it. NotFoundError without the head.
    """
    by_id = {segment.id: segment for segment in segments}
    if head not in by_id:
        raise NotFoundError(f"This run has no segment {head}.")
    found: list[tuple[Segment, int | None]] = []
    limit, at = up_to, by_id.get(head)
    while at is not None and len(found) < len(by_id):
        found.append((at, limit))
        if at.parent_step is not None:
            limit = at.parent_step if limit is None else min(limit, at.parent_step)
        at = by_id.get(at.parent) if at.parent else None
    found.reverse()
    return found


def lineage(segments: Sequence[Segment], head: str, up_to: int | None = None, label: str | None = None) -> Lineage:
    """Where the history of segment `head` is read from, up to and including step `up_to`.

    With `label`: only what the writers of that label wrote. NotFoundError if `head` is not among `segments`.
    """
    spans: list[Span] = []
    lane = 0
    for segment, limit in chain(segments, head, up_to):
        if label is None:
            spans.append(Span(segment.id, limit))
        for place, own in segment.lanes:
            lane += 1
            if label is None or own == label:
                spans.append(Span(place, limit, lane))
    return tuple(spans)


def labels(segments: Sequence[Segment], head: str) -> dict[int, str]:
    """Lane -> label, for the lanes of `lineage`."""
    found = [label for segment, _ in chain(segments, head) for _, label in segment.lanes]
    return dict(enumerate(found, start=1))


def last_step(segments: Sequence[Segment], head: str) -> int | None:
    """The largest step in the history of `head`; None if it has no rows."""
    seen = [
        segment.last_step if limit is None else min(segment.last_step, limit)
        for segment, limit in chain(segments, head)
        if segment.last_step is not None and (limit is None or (segment.first_step or 0) <= limit)
    ]
    return max(seen, default=None)


def branch_point(segments: Sequence[Segment], head: str, step: int) -> str:
    """The segment to branch off from so that the history of `head` is seen up to `step`: the oldest that will do.

    A segment whose rows all come later has nothing to give, nor would a chain of rewinds end ever to grow. One that does not
    inherit its parent's config says that, even without rows.
    """
    line = chain(segments, head)
    while len(line) > 1:
        segment, _ = line[-1]
        empty = segment.first_step is None or segment.first_step > step
        if (
            not empty
            or segment.lanes
            or not segment.inherits
            or segment.parent_step is None
            or segment.parent_step < step
        ):
            break
        line.pop()
    return line[-1][0].id


def forked_from(segments: Sequence[Segment], head: str, told: Branch | None) -> Branch | None:
    """Where what `head` shows was forked from another run; `told` if that is so, as far as can be seen."""
    line = [segment for segment, _ in chain(segments, head)]
    if told is not None and told.segment in {segment.id for segment in line}:
        return told
    for older, newer in reversed(list(pairwise(line))):
        if older.run != newer.run and newer.parent_step is not None:
            return Branch(*older.run, older.id, newer.parent_step)
    return None


def runtime(clock: Clock, started_at: int, time: int) -> int:
    """Microseconds that a run had been at work at `time`."""
    at = bisect.bisect_right(clock, time, key=lambda entry: entry[0])
    return max(time - (clock[at - 1][1] if at else started_at), 0)


def gone_on(clock: Clock, started_at: int, ended: int, begun: int) -> Clock:
    """The clock of a run that ended at `ended`, and is gone on with at `begun`: the time between does not count."""
    kept = tuple(entry for entry in clock if entry[0] <= ended)
    return (*kept, (begun, begun - runtime(clock, started_at, ended)))


def sessions_clock(sessions: Sequence[tuple[int, int]]) -> tuple[int, Clock]:
    """When a run started, and its clock, from when each of its writers began and wrote last. One that overlaps another adds nothing."""
    ordered = sorted(sessions)
    if not ordered:
        return 0, ()
    started, end = ordered[0]
    clock: Clock = ()
    for begun, last in ordered[1:]:
        if begun > end:
            clock = gone_on(clock, started, end, begun)
        end = max(end, last)
    return started, clock
