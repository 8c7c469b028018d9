"""From segments to lineage: where a run's history is read from."""

from __future__ import annotations

from collections.abc import Sequence

from playhead.domain.errors import NotFoundError
from playhead.domain.metric import Lineage, Span
from playhead.domain.run import Segment


def lineage(segments: Sequence[Segment], head: str) -> Lineage:
    """The spans that make up the history of segment `head`, the oldest first. NotFoundError if it is not among `segments`."""
    by_id = {segment.id: segment for segment in segments}
    if head not in by_id:
        raise NotFoundError(f"This run has no segment {head}.")
    spans: list[Span] = []
    limit: int | None = None
    at: Segment | None = by_id[head]
    while at is not None and len(spans) <= len(by_id):
        spans.append(Span(at.id, limit))
        if at.parent_step is not None:
            limit = at.parent_step if limit is None else min(limit, at.parent_step)
        at = by_id.get(at.parent) if at.parent else None
    return tuple(reversed(spans))
