"""All that runs recorded, fetched answer by answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playhead.client.server import Server
from playhead.domain.errors import CommError
from playhead.wire.arrow import Frame
from playhead.wire.records import Part

_PARTS = list(Part)


def records(server: Server, entity: str, project: str, runs: Sequence[str]) -> Iterator[Frame]:
    """Pieces of these runs, one run after the other, in it one part after the other; see `playhead.wire.records`. CommError."""
    place = (0, 0, 0)
    while place[0] < len(runs):
        at, part, start = place
        for frame in server.records(entity, project, runs[at:], _PARTS[part], start):
            before, place = place, _behind(frame, runs)
            if place <= before:
                raise CommError(f"{server.url} does not come to an end with the records of {entity}/{project}.")
            yield frame


def _behind(frame: Frame, runs: Sequence[str]) -> tuple[int, int, int]:
    """Numbers of the run and the part to go on with, and where in that."""
    at, part, start = runs.index(frame.about["run"]), _PARTS.index(frame.about["part"]), frame.about["next"]
    if start is not None:
        return at, part, int(start)
    return (at, part + 1, 0) if part + 1 < len(_PARTS) else (at + 1, 0, 0)
