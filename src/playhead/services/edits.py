"""What people change of a run: kept in a stream of its own, so that what is overwritten later stays in the run's records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from playhead.domain.account import Actor
from playhead.domain.errors import NotFoundError
from playhead.domain.ids import RunPath
from playhead.domain.run import PAGE, Run, Stream
from playhead.journal import columns
from playhead.journal import format as f
from playhead.ports import runs as ports
from playhead.ports.clock import Clock
from playhead.ports.timelines import Timelines, Turn
from playhead.services.alone import Alone
from playhead.services.artifact_records import KINDS
from playhead.services.draft import Draft
from playhead.services.moment import Moments


class Said(NamedTuple):
    """What somebody says of a run: a kind of the journal's frames, and its data."""

    kind: int
    data: dict[str, Any]


class Edits:
    """Writes down what people change. Whether they may is decided before."""

    def __init__(
        self, *, runs: Timelines, moments: Moments, clock: Clock, alone: Alone, shelve: Callable[..., None]
    ) -> None:
        """`shelve` hears of records of artifacts, as that of `Ingest`."""
        self._shelve = shelve
        self._runs = runs
        self._moments = moments
        self._clock = clock
        self._alone = alone

    def edit(self, actor: Actor, path: RunPath, change: Callable[[Run], Sequence[Said]]) -> Run:
        """Apply what `change` makes of the run as it is now, all of it or nothing; nothing else is applied meanwhile."""
        return self._alone(lambda: self._edit(actor, path, change), path)

    def _edit(self, actor: Actor, path: RunPath, change: Callable[[Run], Sequence[Said]]) -> Run:
        run = self._moments.renewed(self._runs.run(path))
        said = change(run)
        if not said:
            return run
        stream = self._stream(run)
        offset = stream.offset
        now, step = self._clock.now(), max(run.step - 1, 0)
        records = [columns.Record(kind, offset + place, step, now, data) for place, (kind, data) in enumerate(said)]
        draft = Draft(run)
        draft.edit(records)
        kept = [
            ports.Record(kind=f.KIND_NAMES[one.kind], offset=one.offset, step=step, time=now, data=one.data)
            for one in records
        ]
        shelved = [one for one in kept if one.kind in KINDS]
        if shelved:
            self._shelve(actor, run, stream, shelved)
        end = offset + len(kept)
        self._runs.commit([ports.Commit(stream=stream.id, start=offset, end=end, run=draft.changes, records=kept)])
        return self._runs.run(path)

    def _stream(self, run: Run) -> Stream:
        """The stream that holds what people changed of the run's head."""
        name = f"page-{run.head}"[:64]
        try:
            return self._runs.stream(name)
        except NotFoundError:
            stream = Stream(id=name, run=run.path, segment=run.head, role=PAGE, writer=name)
            self._runs.turn(Turn(path=run.path, epoch=run.epoch, stream=stream))
            return stream
