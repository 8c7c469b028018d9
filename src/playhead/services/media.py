"""Media of runs: under which keys, at which steps, and where their content is. Read from rows; files of the run have the content."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playhead.domain import media
from playhead.domain.account import Actor
from playhead.domain.errors import NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_BINS, MAX_PAGE
from playhead.domain.metric import Kind, Source
from playhead.services.files import Content, FileService
from playhead.services.history import NOW, HistoryService, Place, RowQuery
from playhead.wire.media import HistogramView, MediaKey, MediaPage, MediaStep

MAX_HISTOGRAMS = 500
"""Steps of one picture of histograms; more are left out evenly."""


class MediaService:
    """Reading logged media."""

    def __init__(self, *, history: HistoryService, files: FileService) -> None:
        self._history = history
        self._files = files

    def keys(self, actor: Actor, path: RunPath, place: Place = NOW) -> list[MediaKey]:
        """Keys that have media, by name."""
        firsts = self._history.first_objects(actor, path, place)
        kinds = {key: media.kind_of(_parsed(text)) for key, text in firsts.items()}
        return [
            MediaKey(
                key=one.key,
                type=kinds[one.key] or "",
                count=one.count,
                first_step=one.first_step,
                last_step=one.last_step,
            )
            for one in self._history.series(actor, path, Source.HISTORY, place)
            if one.kind is Kind.OBJECT and kinds.get(one.key)
        ]

    def page(
        self, actor: Actor, path: RunPath, key: str, place: Place = NOW, *, min_step: int = 0, max_step: int | None = None,
        limit: int = MAX_PAGE,
    ) -> MediaPage:  # fmt: skip
        """A page of what was logged under `key`, by step; steps whose value is no media are left out."""
        query = RowQuery([key], min_step=min_step, max_step=max_step, limit=limit, place=place)
        rows, after = self._history.rows(actor, path, query)
        return MediaPage(items=self._steps(actor, path, key, rows), next=after)

    def latest(self, actor: Actor, path: RunPath, key: str, place: Place = NOW) -> MediaStep:
        """What `key` shows at a place: the newest up to there. NotFoundError if there is nothing."""
        for one in self._history.series(actor, path, Source.HISTORY, place):
            if one.key == key and one.count:
                query = RowQuery([key], min_step=one.last_step, max_step=one.last_step, place=place)
                rows, _ = self._history.rows(actor, path, query)
                found = self._steps(actor, path, key, rows)
                if found:
                    return found[-1]
        raise NotFoundError(f"{path} has logged no media under {key!r} there.")

    def histograms(self, actor: Actor, path: RunPath, key: str, place: Place = NOW, *, bins: int = 64) -> HistogramView:
        """All histograms of `key` (MAX_HISTOGRAMS, evenly spread) on `bins` common bins."""
        if not 1 <= bins <= MAX_BINS:
            raise UsageError(f"A histogram has 1 to {MAX_BINS} bins.")
        rows, _ = self._history.rows(actor, path, RowQuery([key], samples=MAX_HISTOGRAMS, place=place))
        found = [(row["_step"], media.histogram_of(row[key])) for row in rows if media.kind_of(row[key]) == "histogram"]
        good = [(step, np.array(one[0], float), np.array(one[1], float)) for step, one in found if one is not None]
        if not good:
            return HistogramView(steps=[], edges=[], counts=[])
        low, high = min(edges[0] for _, _, edges in good), max(edges[-1] for _, _, edges in good)
        common = np.linspace(low, high, bins + 1) if high > low else np.array([low, np.nextafter(high, np.inf)])
        counts = [_rebinned(values, edges, common).round(6).tolist() for _, values, edges in good]
        return HistogramView(steps=[step for step, _, _ in good], edges=common.tolist(), counts=counts)

    def html(self, actor: Actor, path: RunPath, name: str) -> Content:
        """The content of a logged HTML page. UsageError for another file."""
        if not (name.startswith("media/html/") and name.endswith(".html")):
            raise UsageError(f"{name!r} is no logged HTML.")
        return self._files.file(actor, path, name)

    def fill(self, actor: Actor, path: RunPath, items: Iterable[media.Item]) -> None:
        """Tell of each that has a file where its content is."""
        parts = [part for item in items for part in media.parts_of(item)]
        files, lost = self._files.named(actor, path, list(dict.fromkeys(part["path"] for part in parts)))
        for part in parts:
            name = part["path"]
            if name in files:
                part |= {"state": "there", "sha256": files[name].sha256, "size": files[name].size}
            elif name in lost:
                part |= {"state": "lost", "lost": lost[name]}
            else:
                part["state"] = "waiting"

    def _steps(self, actor: Actor, path: RunPath, key: str, rows: Sequence[dict[str, Any]]) -> list[MediaStep]:
        found = [
            MediaStep(
                step=row["_step"],
                timestamp=row["_timestamp"],
                type=media.kind_of(row[key]) or "",
                items=media.items_of(row[key]),
            )
            for row in rows
            if media.kind_of(row.get(key))
        ]
        self.fill(actor, path, (item for one in found for item in one.items))
        return found


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _rebinned(
    values: NDArray[np.float64], edges: NDArray[np.float64], common: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Counts of `values` on other bins, as if each bin were evenly filled."""
    points = edges[:-1] == edges[1:]
    if points.any():  # a bin without width: give it one that changes nothing else
        edges = edges + np.arange(len(edges)) * np.finfo(float).eps * max(1.0, float(np.abs(edges).max()))
    upto = np.concatenate([[0.0], np.cumsum(values)])
    return np.diff(np.interp(common, edges, upto, left=0.0, right=upto[-1]))
