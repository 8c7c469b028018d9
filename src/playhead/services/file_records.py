"""What the records of runs say about files, and which of it who may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from playhead.domain.account import Actor
from playhead.domain.file import FileVersion, numbered, version
from playhead.domain.ids import RunPath
from playhead.domain.run import Segment
from playhead.domain.timeline import chain
from playhead.ports.contents import ProjectName
from playhead.ports.runs import Record
from playhead.ports.timelines import Timelines
from playhead.services.access import Access, member
from playhead.services.history import Place
from playhead.services.recent import Recent

KINDS = ("file", "media")
"""Records of saved files, and of images and the like."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the records of a run say about files."""

    versions: Sequence[FileVersion]
    counts: Mapping[str, int]
    """Path -> number of its versions."""
    left_out: int
    owners: Mapping[str, ProjectName]
    """Segment -> the project of the run that it belongs to."""
    lost: Mapping[str, str]
    """Path -> why its content will never be there."""


class FileRecords:
    """Reads what was recorded about files of runs."""

    def __init__(self, *, access: Access, runs: Timelines) -> None:
        self._access = access
        self._runs = runs
        self._told: Recent[tuple[RunPath, int, frozenset[object]], Told] = Recent(16, 600.0)
        """(Run, number of records, what of which segments is seen) -> what these say."""

    def visible(self, actor: Actor, path: RunPath, *, media: bool = False) -> Told:
        """What `actor` may see of the files of a run, and of what it was forked from."""
        self._access.run(actor, path)
        kinds = KINDS if media else KINDS[:1]
        reach, owners = self._reach(path)
        count = self._runs.count_told(list(reach), kinds)
        key = (path, count, frozenset((*reach.items(), *owners.items(), kinds)))
        return _shown_to(actor, path, self._told.ask(key, lambda: self._tell(reach, owners, kinds)))

    def named(self, actor: Actor, path: RunPath, names: Sequence[str]) -> Told:
        """The same of files and media of these names: the others are not read."""
        self._access.run(actor, path)
        reach, owners = self._reach(path)
        return _shown_to(actor, path, self._tell(reach, owners, KINDS, names))

    def all(self, path: RunPath) -> Told:
        """All that there is, for the server itself."""
        return self._tell(*self._reach(path), KINDS)

    def line(self, path: RunPath, place: Place) -> list[tuple[str, int | None]]:
        """The segments that are seen from a place, and up to where."""
        head = place.segment or self._runs.run(path).head
        return [(segment.id, limit) for segment, limit in chain(self._runs.segments(path), head, place.step)]

    def _reach(self, path: RunPath) -> tuple[dict[str, int | None], dict[str, ProjectName]]:
        """What of which segments is seen, and whose they are."""
        segments = self._runs.segments(path)
        return _reach(segments, path), {one.id: project_of(one.run) for one in segments}

    def _tell(
        self, reach: Mapping[str, int | None], owners: Mapping[str, ProjectName], kinds: Sequence[str],
        names: Sequence[str] | None = None,
    ) -> Told:  # fmt: skip
        found: list[FileVersion] = []
        lost: dict[str, str] = {}
        left_out = 0
        for record in newest(self._runs.told(list(reach), kinds, names)):
            limit = reach[record.segment]
            if limit is not None and record.step > limit:
                continue
            one = version(record.data, step=record.step, time=record.time, segment=record.segment)
            if record.data.get("lost"):
                lost[str(record.data.get("path"))] = str(record.data["lost"])
            elif one is None:
                left_out += 1
            else:
                found.append(one)
        versions = numbered(found)
        counts: dict[str, int] = {}
        for one in versions:
            counts[one.path] = max(counts.get(one.path, 0), one.number + (not one.deleted))
        return Told(versions, counts, left_out, owners, lost)


def newest(told: Sequence[Record]) -> list[Record]:
    """`told` without what a later record of the same stream stands `instead` of: it tells the same of another step."""
    replaced = {(one.stream, one.data["instead"]) for one in told if type(one.data.get("instead")) is int}
    return [one for one in told if (one.stream, one.offset) not in replaced] if replaced else list(told)


def _shown_to(actor: Actor, path: RunPath, told: Told) -> Told:
    """What of it `actor` may see."""
    if member(actor, path.entity):
        return told
    shown = [one for one in told.versions if not one.code]
    names = {one.path for one in shown}
    return replace(told, versions=shown, counts={name: count for name, count in told.counts.items() if name in names})


def _reach(segments: Sequence[Segment], path: RunPath) -> dict[str, int | None]:
    """A run's own segments, and those of the runs it was forked from as far as they are seen through it: segment -> last step of it."""
    reach: dict[str, int | None] = {segment.id: None for segment in segments if segment.run == path}
    firsts = [one for one in segments if one.id in reach and one.parent is not None and one.parent not in reach]
    for first in firsts:
        for segment, limit in chain(segments, first.id)[:-1]:
            known = reach.get(segment.id, -1)
            if known is not None:
                reach[segment.id] = None if limit is None else max(known, limit)
    return reach


def project_of(path: RunPath) -> ProjectName:
    """The project that the run is in."""
    return ProjectName(path.entity, path.project)
