"""A run's journals, copied so that they belong to another run: for `playhead sync --entity --project --id`.

The ids of the copy follow from those of the original and the target: sending it again sends nothing.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playhead.domain.errors import JournalError
from playhead.domain.ids import check_name, check_run_id
from playhead.domain.limits import SHIP_BATCH
from playhead.journal import format as f
from playhead.journal import reader
from playhead.sidecar import own_journal


@dataclass(frozen=True, slots=True)
class Target:
    """Where a run is to go; None: where it says itself. UsageError for what cannot be a name."""

    entity: str | None = None
    project: str | None = None
    run_id: str | None = None

    def __post_init__(self) -> None:
        if self.entity is not None:
            check_name(self.entity, "an entity")
        if self.project is not None:
            check_name(self.project, "a project")
        if self.run_id is not None:
            check_run_id(self.run_id)

    def of(self, header: f.Header, moved: AbstractSet[str] = frozenset()) -> f.Header:
        """`header` with this target, and ids of its own. `moved`: segments of other runs that get the same project and entity."""
        entity, project = self.entity or header.entity, self.project or header.project
        run_id = self.run_id or header.run_id
        place = f"{entity}/{project}/{run_id}"
        fresh = header._replace(
            entity=entity,
            project=project,
            run_id=run_id,
            stream=_derived(header.stream, place),
            segment=_derived(header.segment, place),
            writer=_derived(header.writer, place) if header.writer else "",
        )
        if header.parent is None:
            return fresh
        if not header.fork_of:
            return fresh._replace(parent=_derived(header.parent, place))
        if header.parent not in moved or self.run_id is not None:
            return fresh
        *source, parent_project, parent_id = header.fork_of.split("/")
        owner, parent_project = self.entity or (source[0] if source else None), self.project or parent_project
        parent_place = f"{owner}/{parent_project}/{parent_id}"
        return fresh._replace(
            parent=_derived(header.parent, parent_place),
            fork_of="/".join(part for part in (owner, parent_project, parent_id) if part),
        )


@contextmanager
def readdress(folder: Path, target: Target) -> Iterator[Path]:
    """A copy of the run in `folder` for `target`; it is gone when the context ends. JournalError, OSError."""
    with tempfile.TemporaryDirectory(prefix="playhead-sync-", ignore_cleanup_errors=True) as made:
        copy = Path(made)
        for name in ("files", "blobs"):
            (copy / name).symlink_to((folder / name).resolve())
        for path in own_journal.journals(folder):
            try:
                _copy(path, copy / path.name, target)
            except JournalError:
                if path.name == own_journal.MAIN:
                    raise
                shutil.copyfile(path, copy / path.name)  # it will be reported as what it is
        yield copy


def _offline_beside(folder: Path) -> set[str]:
    """Segments that were recorded offline in the same place: they are sent where this one is sent."""
    found = set()
    for path in folder.parent.glob(f"offline-run-*/{own_journal.MAIN}"):
        try:
            found.add(reader.open_header(path)[0].segment)
        except (OSError, JournalError):
            continue
    return found


def _copy(source: Path, to: Path, target: Target) -> None:
    header, at = reader.open_header(source)
    fresh = target.of(header, _offline_beside(source.parent) if header.fork_of else frozenset())
    with source.open("rb") as old, to.open("wb") as new:
        new.write(f.header_bytes(fresh))
        rest = b""
        old.seek(at)
        while True:
            piece = old.read(SHIP_BATCH)
            data = memoryview(rest + piece)
            walk = reader.frames(data, at, header.seed, final=not piece)
            new.writelines(
                f.frame(bytes(data[item.offset - at + f.FRAME_HEAD.size : item.end - at]), fresh.seed)
                for item in walk
                if isinstance(item, reader.Frame)
            )
            rest = bytes(data[walk.at :])
            at += walk.at
            if not piece:
                return


def _derived(text: str, place: str) -> str:
    return hashlib.sha256(f"{text} as {place}".encode()).hexdigest()[:16]
