"""Files of runs: what there was at which step, and content, read through a run.

Whoever may read a run may read what that run refers to, if its project was given that content, and nothing else.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from playhead.domain.account import Actor
from playhead.domain.errors import LimitError, NotFoundError
from playhead.domain.file import FileVersion, as_of, check_digest
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_PAGE
from playhead.journal import format as f
from playhead.ports.blobs import Blobs
from playhead.ports.contents import Contents, ProjectName
from playhead.ports.timelines import Timelines
from playhead.services.access import Access
from playhead.services.edits import Edits, Said
from playhead.services.file_records import FileRecords, Told, project_of
from playhead.services.history import NOW, Place
from playhead.wire.files import FilePage, FileView

_NEAR = 2_000
"""Names among which near ones are looked for."""


@dataclass(frozen=True, slots=True)
class Content:
    """A blob, and the name that the run has for it."""

    path: str
    sha256: str
    size: int
    read: Callable[[int, int], Iterator[bytes]]
    """Its bytes from the first number to before the second."""


class FileService:
    """Listing files and reading their content."""

    def __init__(
        self, *, access: Access, records: FileRecords, runs: Timelines, blobs: Blobs, contents: Contents, edits: Edits,
        direct: bool = False,
    ) -> None:  # fmt: skip
        """`direct`: give links to the store, where it can make some."""
        self._access = access
        self._edits = edits
        self._direct = direct
        self._records = records
        self._runs = runs
        self._blobs = blobs
        self._contents = contents

    def files(
        self, actor: Actor, path: RunPath, place: Place = NOW, *, prefix: str = "", media: bool = False,
        wanted: Callable[[str], bool] | None = None, limit: int = MAX_PAGE, after: str | None = None,
    ) -> FilePage:  # fmt: skip
        """A page of the files as of a place, by path, behind the path `after`; of all, or those whose names are `wanted`."""
        told, seen = self._seen(actor, path, place, media=media)
        found = [
            one
            for name, one in seen.items()
            if name.startswith(prefix)
            and (media or not one.media)
            and (after is None or name > after)
            and (wanted is None or wanted(name))
        ]
        items = [_view(one, told) for one in found[:limit]]
        return FilePage(items=items, next=items[-1].path if len(found) > limit else None, left_out=told.left_out)

    def count(self, actor: Actor, path: RunPath) -> int:
        """How many files there are now, media among them."""
        return len(self._seen(actor, path, NOW, media=True)[1])

    def remove(self, actor: Actor, path: RunPath, names: Collection[str]) -> None:
        """Let these files end here: from now on the run has them no more, but as of earlier steps. NotFoundError if it has not one of them."""
        self._access.run_to_change(actor, path)
        if len(names) > MAX_PAGE:
            raise LimitError(f"{len(names):,} files at once: MAX_PAGE is {MAX_PAGE:,}.")
        seen = self._seen(actor, path, NOW, media=True)[1]
        for name in names:
            if name not in seen:
                raise self._unknown(path, name, seen)
        self._edits.edit(actor, path, lambda _: [Said(f.FILE, {"path": name, "deleted": True}) for name in names])

    def versions(
        self, actor: Actor, path: RunPath, name: str, *, limit: int = MAX_PAGE, before: int | None = None
    ) -> FilePage:
        """A page of all versions of a file, the newest first, in archived segments too. NotFoundError if there is none."""
        told = self._records.named(actor, path, [name])
        found = [one for one in told.versions if not one.deleted]
        if not found:
            raise self._unknown(path, name, self._records.visible(actor, path).counts)
        shown = [one for one in reversed(found) if before is None or one.number < before]
        items = [_view(one, told) for one in shown[:limit]]
        return FilePage(
            items=items, next=str(items[-1].version) if len(shown) > limit else None, left_out=told.left_out
        )

    def file(self, actor: Actor, path: RunPath, name: str, place: Place = NOW, number: int | None = None) -> Content:
        """The content of a file as of a place, or of one of its versions. NotFoundError."""
        told = self._records.named(actor, path, [name])
        if number is not None:
            for one in told.versions:
                if (one.number, one.deleted) == (number, False):
                    return self._content(path, one, told)
            if told.counts.get(name):
                raise NotFoundError(f"{name} has no version {number} in {path}: it has {told.counts[name]}, from 0.")
            raise self._unknown(path, name, self._records.visible(actor, path).counts)
        seen = as_of(self._records.line(path, place), told.versions)
        if name not in seen:
            # What a row of an archived segment shows is of its own name, and may be looked at from everywhere.
            for one in told.versions:
                if one.media:
                    return self._content(path, one, told)
            raise self._unknown(path, name, self._seen(actor, path, place)[1])
        return self._content(path, seen[name], told)

    def get(self, actor: Actor, path: RunPath, sha256: str, name: str | None = None) -> Content:
        """Content by its digest. NotFoundError if the run does not refer to it. With the `name` of the file it is found at once."""
        check_digest(sha256)
        told = (
            self._records.visible(actor, path, media=True) if name is None else self._records.named(actor, path, [name])
        )
        for one in told.versions:
            if one.sha256 == sha256:
                return self._content(path, one, told)
        raise NotFoundError(f"{path} refers to no file with the SHA-256 {sha256}.")

    def named(self, actor: Actor, path: RunPath, names: Sequence[str]) -> tuple[dict[str, FileVersion], dict[str, str]]:
        """Files of these names, wherever in the run they were logged, and why there are others that never will be."""
        told = self._records.named(actor, path, names)
        return {one.path: one for one in told.versions if not one.deleted}, dict(told.lost)

    def link(self, actor: Actor, path: RunPath, sha256: str) -> str | None:
        """Where the content can be fetched for a while; None: only here. NotFoundError if the run does not refer to it."""
        found = self.get(actor, path, sha256)
        return self._blobs.link(found.sha256) if self._direct else None

    def hand_on(self, path: RunPath) -> None:
        """The run is to be deleted: what runs of other projects were forked from becomes theirs, with its content."""
        self._give(path, {project_of(fork) for fork in self._runs.forks(path)} - {project_of(path)})

    def hand_over(self, path: RunPath, to: RunPath) -> None:
        """The run is to be moved: what its project has of its content becomes the other one's, too."""
        self._give(path, {project_of(to)})

    def _give(self, path: RunPath, others: Collection[ProjectName]) -> None:
        """Let other projects have what the run's project has of its content."""
        if others:
            told = self._records.all(path)
            given = self._contents.given([project_of(path)], {one.sha256 for one in told.versions})
            for other in others:
                self._contents.give(other, given)

    def _seen(
        self, actor: Actor, path: RunPath, place: Place, *, media: bool = False
    ) -> tuple[Told, dict[str, FileVersion]]:
        told = self._records.visible(actor, path, media=media)
        return told, as_of(self._records.line(path, place), told.versions)

    def _content(self, path: RunPath, one: FileVersion, told: Told) -> Content:
        absent = NotFoundError(
            f"The content of {one.path} of {path} has not arrived: the machine that recorded it has not sent it yet."
        )
        if not self._contents.given([project_of(path), told.owners[one.segment]], [one.sha256]):
            raise absent
        try:
            size = self._blobs.size(one.sha256)
        except NotFoundError:
            raise absent from None
        return Content(one.path, one.sha256, size, lambda start, stop: self._blobs.get(one.sha256, start, stop))

    def _unknown(self, path: RunPath, name: str, known: Mapping[str, object]) -> NotFoundError:
        near = difflib.get_close_matches(name, list(known)[:_NEAR], n=5)
        hint = f" Near: {', '.join(near)}." if near else ""
        return NotFoundError(f"{path} has no file {name!r} there.{hint}")


def _view(one: FileVersion, told: Told) -> FileView:
    return FileView(
        path=one.path, sha256=one.sha256, size=one.size, step=one.step, time=one.time, segment=one.segment,
        version=one.number, versions=told.counts[one.path], media=one.media,
    )  # fmt: skip
