"""Runs as the read API gives them, each with what it recorded, fetched when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from playhead.client import run_files, run_media, tables
from playhead.client.artifacts.artifact import Artifact
from playhead.client.artifacts.stored import Stored
from playhead.client.reading import Reading, checked_keys
from playhead.client.run_files import File
from playhead.client.run_media import Logged, LoggedTable
from playhead.client.server import Server
from playhead.client.tables import Series
from playhead.domain.errors import PlayheadError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_PAGE
from playhead.wire.arrow import Frame
from playhead.wire.media import HistogramView, MediaKey
from playhead.wire.timeline import MarkView, RunRef
from playhead.wire.views import MetricView, RunPatch, RunView, SegmentView, SeriesView


class Line(NamedTuple):
    """A line of a run's console."""

    number: int
    text: str
    """May hold ANSI colour sequences, nothing else that is not printable."""
    stream: str
    """`stdout` or `stderr`."""
    step: int
    time: float
    """Seconds since 1970 (UTC)."""
    label: str = ""
    """Of its writer, if there are several."""


class Run:
    """A run as it was when it was read; `reload` reads it again. What it recorded is fetched by the methods."""

    def __init__(
        self,
        server: Server,
        view: RunView,
        *,
        segment: str | None = None,
        step: int | None = None,
        listed: bool = False,
    ) -> None:
        """As of `step` of `segment` (None: the head), as `view` must be too. `listed`: the view is of a list, which does not say all."""
        self._listed = listed
        self._server = server
        self._view = view
        self._path = RunPath(view.entity, view.project, view.id)
        self._place: dict[str, Any] = {"segment": segment, "step": step}
        self._reading = Reading(server, self._path, self._place)

    def __repr__(self) -> str:
        place = "".join(f" {name} {value}" for name, value in self._place.items() if value is not None)
        return f"<Run {self._path}{place} ({self.state})>"

    # The timeline

    def at(self, step: int) -> Run:
        """The run as of `step`: its history, summary, config, console and system metrics end there. UsageError past the end."""
        return self._at(self._place["segment"], step)

    def segment(self, segment_id: str) -> Run:
        """The run as one of its segments shows it, archived or not. NotFoundError if it has none of that id."""
        return self._at(segment_id, None)

    def _whole(self) -> RunView:
        """All that there is to say of the run: read once more, if it was found in a list."""
        if self._listed:
            self.reload()
        return self._view

    def _at(self, segment: str | None, step: int | None) -> Run:
        view = self._server.run(self._path, segment=segment, step=step)
        return Run(self._server, view, segment=segment, step=step)

    @property
    def segments(self) -> list[SegmentView]:
        """The pieces of its history, oldest first, with `id`, `parent`, `parent_step`, `first_step`, `last_step`, `archived`, `created_at`."""
        return self._server.segments(self._path)

    @property
    def segment_id(self) -> str:
        """The immutable id of what is shown: the head, unless it is another segment that was asked for."""
        return self._view.segment

    @property
    def parent(self) -> RunRef | None:
        """The run that it was forked from (`entity`, `project`, `id`, `name`), and at which `step` of which `segment`."""
        return self._whole().parent

    @property
    def children(self) -> list[RunRef]:
        """The runs that were forked from it, as far as the viewer may see them."""
        return self._server.children(self._path)

    @property
    def alerts(self) -> list[MarkView]:
        """What `alert` told, by step: each with `text` (its title), `more` (its text), `level`, `step`, `time`, `segment`."""
        marks = self._server.marks(self._path, self._place["segment"])
        last = self._place["step"]
        return [mark for mark in marks if mark.kind == "alert" and (last is None or mark.step <= last)]

    @property
    def labels(self) -> list[str]:
        """Labels of its writers, if several write to it."""
        return list(self._whole().labels)

    def rewind(self, *, step: int | None = None, segment: str | None = None) -> Run:
        """Choose what the run shows and goes on from: a segment, or a step of one; answers itself.

        Nothing is deleted: the former head is archived, and can be chosen again. A training that writes to the run loses it.
        """
        self._view = self._server.rewind(self._path, segment=segment, step=step)
        return self

    def stop(self) -> Run:
        """Ask the training to stop: it gets a KeyboardInterrupt. ConflictError if none is at work."""
        self._view = self._server.stop(self._path)
        return self

    @property
    def id(self) -> str:
        """Its id, unique in the project."""
        return self._view.id

    @property
    def name(self) -> str:
        """Its name for people."""
        return self._view.name

    @property
    def entity(self) -> str:
        """Whose it is."""
        return self._view.entity

    @property
    def project(self) -> str:
        """Which project it is in."""
        return self._view.project

    @property
    def path(self) -> list[str]:
        """Entity, project and id."""
        return list(self._path)

    @property
    def state(self) -> str:
        """`pending`, `running`, `finished`, `failed`, `crashed`, `killed`, `preempting` or `preempted`."""
        return self._view.state

    @property
    def config(self) -> dict[str, Any]:
        """Its inputs."""
        return self._view.config

    @property
    def summary(self) -> dict[str, Any]:
        """One value a key: the last one, or what the training set."""
        return self._view.summary

    @property
    def metrics(self) -> list[MetricView]:
        """What `define_metric` said, each with `name`, `step_metric`, `step_sync`, `hidden`, `summary`, `goal`."""
        return list(self._view.metrics)

    @property
    def tags(self) -> list[str]:
        """Its tags."""
        return list(self._view.tags)

    @property
    def notes(self) -> str | None:
        """What somebody wrote about it."""
        return self._view.notes

    @property
    def group(self) -> str | None:
        """The group that it belongs to."""
        return self._view.group

    @property
    def job_type(self) -> str | None:
        """Which part of a group it is."""
        return self._view.job_type

    @property
    def user(self) -> str:
        """Who recorded it."""
        return self._view.user

    @property
    def url(self) -> str:
        """Its page."""
        return self._view.url

    @property
    def metadata(self) -> dict[str, Any]:
        """Host, program, git state and the like; empty for readers from outside."""
        return self._view.meta

    @property
    def created_at(self) -> float:
        """Seconds since 1970 (UTC)."""
        return self._view.created_at / 1e6

    @property
    def runtime(self) -> float:
        """Seconds from its start to its end, or until now."""
        return self._view.runtime

    @property
    def exit_code(self) -> int | None:
        """What the training ended with; None while it runs, and if nobody knows."""
        return self._view.exit_code

    @property
    def step(self) -> int:
        """The next step."""
        return self._view.step

    @property
    def damaged(self) -> int:
        """Places in its journals that could not be read."""
        return self._view.damaged

    @property
    def dropped(self) -> int:
        """Values that the training could not record."""
        return self._view.dropped

    # Changing it

    def reload(self) -> Run:
        """Read it again; answers itself."""
        self._view = self._server.run(self._path, **self._place)
        self._listed = False
        return self

    def update(
        self, *, name: str | None = None, notes: str | None = None, tags: Sequence[str] | None = None,
        group: str | None = None, job_type: str | None = None,
    ) -> Run:  # fmt: skip
        """Change what is given; answers itself."""
        listed = None if tags is None else list(tags)
        change = RunPatch(name=name, notes=notes, tags=listed, group=group, job_type=job_type)
        self._view = self._server.patch(self._path, change)
        return self

    def delete(self, *, forever: bool = False) -> None:
        """Put it into the trash, from where `restore_deleted` or `init(resume="allow")` bring it back; `forever` is `purge`."""
        self._server.delete(self._path, forever=forever)

    def purge(self) -> None:
        """Delete it now and for ever, with all that it recorded and that no fork of it shows. Its id is free again."""
        self._server.delete(self._path, forever=True)

    def move_to(self, project: str, *, entity: str | None = None) -> Run:
        """Move it to another project, which is made if there is none; answers itself. Its id, files and forks stay as they are; artifacts
        that it logged stay in their project. ConflictError while it is at work, or if that project has a run of its id.
        """
        self._view = view = self._server.move(self._path, project, entity)
        self._path = RunPath(view.entity, view.project, view.id)
        self._reading = Reading(self._server, self._path, self._place)
        return self

    def restore_deleted(self) -> Run:
        """Take it out of the trash; answers itself."""
        self._view = self._server.restore(self._path)
        return self

    restore = restore_deleted

    # What it recorded

    def keys(self) -> list[SeriesView]:
        """The keys of its history, with their kind, count and range of steps."""
        return self._server.keys(self._path, **self._place)

    def history(
        self,
        samples: int = 500,
        keys: Sequence[str] | None = None,
        x_axis: str = "_step",
        pandas: bool | None = None,  # noqa: FBT001 W&B's signature
        stream: str = "default",
        *,
        format: str | None = None,  # noqa: A002 what it is
        buckets: int | None = None,
    ) -> Any:
        """At most `samples` rows, evenly spread, with `_step`, `_timestamp` and `_runtime` (seconds), in the order of `x_axis`.

        With `keys`, rows that have all of them. `format`: `rows` (dicts with the values that were logged), `numpy` (a dict of arrays),
        `pandas` or `polars` (a DataFrame; `pandas=True` is the same). `stream="system"`: of the machine. `buckets=400` with one key: instead
        of samples buckets of equal width, none of whose extremes is lost, with `count`, `min`, `max`, `mean` and `last`.
        """
        form, names = tables.check_format(format, pandas=pandas), checked_keys(keys)
        if buckets is None:
            return self._reading.history(samples, names, x_axis, stream, form)
        if names is None or len(names) != 1:
            raise UsageError('history(buckets=…) is of one key: history(keys=["loss"], buckets=400).')
        return self._reading.buckets(names[0], buckets, x_axis, form)

    def scan_history(
        self,
        keys: Sequence[str] | None = None,
        page_size: int = MAX_PAGE,
        min_step: int = 0,
        max_step: int | None = None,
        *,
        format: str | None = None,  # noqa: A002 what it is
    ) -> Any:
        """All rows from `min_step` up to, not including, `max_step`; with `keys`, those that have all of them.

        Without `format` it is an iterator of rows, which fetches page by page; with one, see `history`, all at once.
        """
        names = checked_keys(keys)
        if format is None:
            return self._reading.scan(names, page_size, min_step, max_step)
        end = None if max_step is None else max_step - 1
        empty = end is not None and end < min_step
        frames = [] if empty else list(self._reading.frames(names, start=min_step, end=end))
        return tables.shaped(frames, tables.check_format(format))

    def frames(self, stream: str = "default") -> Iterator[Frame]:
        """All rows as Arrow columns, in pieces of bounded size; see `playhead.wire.arrow`."""
        return self._reading.frames(None, "system" if stream == "system" else "history")

    def series(self, key: str, x_axis: str = "_step", *, stream: str = "default") -> Series:
        """One metric, whole, as the arrays `x` and `y`; `x_axis` may be `_timestamp`, `_runtime` or another metric."""
        return self._reading.series(key, x_axis, "system" if stream == "system" else "history")

    def system_metrics(
        self,
        samples: int | None = MAX_PAGE,
        label: str | None = None,
        *,
        format: str | None = None,  # noqa: A002 what it is
    ) -> Any:
        """Samples of the machine (of the writer with `label`), in order of time: at most so many, or all with `samples=None`; see `history`."""
        form = tables.check_format(format)
        if samples is None or samples > MAX_PAGE:
            return tables.shaped(list(self._reading.frames(None, "system", label=label)), form, samples=samples)
        rows = self._server.rows(self._path, source="system", samples=samples, label=label, **self._place).items
        return tables.of_rows(rows, form)

    def console(self, page_size: int = MAX_PAGE, label: str | None = None) -> Iterator[Line]:
        """Console lines (of the writer with `label`) in their order, each with `text`, `step`, `time`, `stream`, `number`, `label`."""
        after: int | None = None
        while True:
            limit = min(page_size, MAX_PAGE)
            page = self._server.console(self._path, after=after, limit=limit, label=label, **self._place)
            for line in page.items:
                yield Line(line.number, line.text, line.stream, line.step, line.time / 1e6, line.label)
            after = page.next
            if after is None:
                return

    def content(self, sha256: str) -> bytes:
        """Content of an image or another file that the run logged."""
        return self._server.blob(self._path, sha256)

    def media_keys(self) -> list[MediaKey]:
        """Keys under which it logged media, with `key`, `type`, `count`, `first_step`, `last_step`."""
        return self._server.media_keys(self._path, **self._place)

    def media(self, key: str, min_step: int = 0, max_step: int | None = None) -> Iterator[Logged]:
        """What was logged under `key`, by step (`max_step` included): `step`, `time`, `type`, and `items`, which have `download()` and `read()`."""
        return run_media.logged(self._server, self._path, key, min_step, max_step, **self._place)

    def table(self, key: str, item: int = 0) -> LoggedTable:
        """The table that `key` shows, as of the step that is shown; `item`: which of several. NotFoundError if there is none."""
        return LoggedTable(self._server, self._path, key, item, self._place)

    def histograms(self, key: str, bins: int = 64) -> HistogramView:
        """The histograms of `key` over the steps (at most 500, evenly spread) on `bins` common bins: `steps`, `edges`, `counts`."""
        return self._server.histograms(self._path, key, bins=bins, **self._place)

    def files(self) -> Iterator[File]:
        """Its saved files by name, as of the step that is shown."""
        return run_files.listed(self._server, self._path, **self._place)

    def file(self, name: str, version: int | None = None) -> File:
        """The file of that name, as of the step that is shown, or one of its versions. NotFoundError, which tells near names."""
        return run_files.find(self._server, self._path, name, version, **self._place)

    def artifacts(self) -> list[Artifact]:
        """What it logged up to the step that is shown, as versions, in order of time."""
        return self._artifacts("logged", self._place)

    def logged_artifacts(self, per_page: int = 100) -> list[Artifact]:  # noqa: ARG002 W&B's signature
        """The same."""
        return self._artifacts("logged", self._place)

    def used_artifacts(self, per_page: int = 100) -> list[Artifact]:  # noqa: ARG002 as above
        """What it used up to the step that is shown."""
        return self._artifacts("used", self._place)

    def _artifacts(self, role: str, place: Mapping[str, Any]) -> list[Artifact]:
        told = self._server.run_artifacts(self._path, role=role, **place)
        found = {one.artifact.id: one.artifact for one in told if one.artifact.state == "committed"}
        return [Artifact.of(Stored(self._server, view)) for view in found.values()]

    def pull(self, root: Path, told: Callable[[str, int, PlayheadError | None], None]) -> None:
        """Fetch all files, as of the step that is shown, to their names below `root`; `told` hears of each: name, bytes, what went wrong."""
        run_files.pull(self._server, self._path, root, told, **self._place)
