"""Runs as chains of segments: the part of the catalog that a run's timeline is turned in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from playhead.domain.ids import RunPath
from playhead.domain.run import Run, Segment, Stream
from playhead.ports.runs import Record, Runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A change of a run's timeline: applied whole, and only if nobody made another one meanwhile."""

    path: RunPath
    epoch: int | None
    """The run's epoch as it was read; None: there must be no run of that id yet, and `run` is made."""
    run: Run | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    """New values of fields of Run, `head` and `epoch` among them. A new head is not archived; the former one is."""
    segment: Segment | None = None
    """To be added. If it is there, it gets more lanes, and is as old as the older of the two."""
    stream: Stream | None = None
    """To be added, unless it is there."""
    fence: Sequence[str] = ()
    """Writers (ids of their own streams) that have lost the run: all their streams are fenced."""
    free: Sequence[str] = ()
    """Segments whose streams are fenced no longer."""
    divert: Mapping[str, str] = field(default_factory=dict)
    """Stream -> the segment that it goes on in."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Writer's own stream -> the label that it has told meanwhile: its streams have it, and its lane."""
    rename: str | None = None
    """Another run id."""


class Timelines(Runs, Protocol):
    """**Contract.** As `Runs`; a turn is a compare-and-set on the run's epoch."""

    def segments(self, path: RunPath) -> list[Segment]:
        """A run's segments, oldest first; before them those of other runs (told by their `run`) that it was forked from."""
        ...

    def chains(self, entity: str, project: str, run_ids: Sequence[str]) -> dict[str, tuple[Run, list[Segment]]]:
        """Of each of these runs that is there, the run (its config, summary and meta may be left empty) and its `segments`."""
        ...

    def segment(self, segment_id: str) -> Segment:
        """NotFoundError if there is none of that id."""
        ...

    def turn(self, turn: Turn) -> Run:
        """Turn a run's timeline; answers the run as it then is.

        ConflictError if its epoch is another one, or the id is taken, or a segment or stream of that id belongs to another run;
        NotFoundError if the project or run is unknown. Nothing is changed then.
        """
        ...

    def told(self, segments: Sequence[str], kinds: Sequence[str], names: Sequence[str] | None = None) -> list[Record]:
        """Records of these kinds in these segments, whichever run's they are, by time, stream and offset.

        With `names`, those whose `data` has one of them as `path`: they are found without reading the others.
        """
        ...

    def count_told(self, segments: Sequence[str], kinds: Sequence[str]) -> int:
        """How many these are. Records are never changed: as long as there are as many, they are the same."""
        ...

    def forks(self, path: RunPath) -> list[RunPath]:
        """Runs with a segment whose parent is one of this run's, the oldest such segment first."""
        ...
