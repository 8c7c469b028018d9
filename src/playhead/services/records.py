"""All that runs recorded, as columns: history, system metrics and console of many runs, in answers of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from playhead.domain.account import Actor
from playhead.domain.errors import NotFoundError
from playhead.domain.limits import MAX_CELLS
from playhead.domain.metric import Source
from playhead.ports.frames import FrameQuery, Holding
from playhead.ports.metrics import Metrics
from playhead.services.columns import lines_as_arrow
from playhead.services.history import HistoryService, Line
from playhead.wire import arrow
from playhead.wire.records import Part

_LINES = 5_000
"""Console lines of one piece: at most 80 MB of text."""
_ENOUGH = MAX_CELLS // 2
"""Values after which an answer takes no further piece."""


class RecordService:
    """Reading runs whole."""

    def __init__(self, *, history: HistoryService, metrics: Metrics) -> None:
        self._history = history
        self._metrics = metrics

    def records(
        self, actor: Actor, entity: str, project: str, run_ids: Sequence[str], part: Part, start: int
    ) -> Iterator[arrow.Frame]:
        """Pieces of these runs, one behind the other, from `start` of this part of the first run on: as many as fit into one answer, at
        least one. System metrics and console of a run without any are left out, unless it is the last run. NotFoundError for a run that
        is gone.
        """
        cells = 0
        for run_id, line, held in self._held(actor, entity, project, run_ids):
            for own in list(Part)[list(Part).index(part) :]:
                following: int | None = start if _has(held, own) or run_id == run_ids[-1] else None
                while following is not None:
                    if cells > _ENOUGH:
                        return
                    piece = self._piece(line, held, own, following)
                    following, cells = piece.about["next"], cells + piece.length * len(piece.columns)
                    yield piece._replace(about={**piece.about, "run": run_id, "part": own})
                start = 0
            part = Part.HISTORY

    def _held(
        self, actor: Actor, entity: str, project: str, run_ids: Sequence[str]
    ) -> Iterator[tuple[str, Line, Holding]]:
        """Each run, where its history is, and what it has."""
        lines = []
        for run_id, line in zip(run_ids, self._history.lines(actor, entity, project, run_ids), strict=True):
            if line is None:
                raise NotFoundError(f"There is no run {entity}/{project}/{run_id}.")
            lines.append(line)
        return zip(run_ids, lines, self._metrics.holdings([line.spans for line in lines]), strict=True)

    def _piece(self, line: Line, held: Holding, part: Part, start: int) -> arrow.Frame:
        if part is not Part.CONSOLE:
            query = FrameQuery(keys=None, source=Source(part), some=True, start=start, objects=held.objects)
            return self._history.framed(line, query)
        lines, total = self._metrics.console(line.spans, after=start - 1, limit=_LINES)
        after = start + len(lines)
        return lines_as_arrow(lines, line.labels)._replace(about={"next": after if lines and after < total else None})


def _has(held: Holding, part: Part) -> bool:
    return {Part.HISTORY: True, Part.SYSTEM: held.samples, Part.CONSOLE: held.lines}[part]
