"""Runs for those who may see them: read, change, delete."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from playhead.domain.account import Actor
from playhead.domain.errors import NotFoundError, UsageError
from playhead.domain.ids import RunPath, check_tags
from playhead.domain.limits import MAX_NAME
from playhead.domain.run import Run, Segment, Stream, Writer
from playhead.domain.timeline import runtime
from playhead.journal import format as f
from playhead.ports.clock import Clock
from playhead.ports.metrics import Metrics
from playhead.ports.timelines import Timelines
from playhead.services.access import Access, may_change, member
from playhead.services.alone import Alone
from playhead.services.draft import MAX_NOTES
from playhead.services.edits import Edits, Said
from playhead.services.recent import Recent
from playhead.services.summary import definitions, shown
from playhead.services.text import fit, fit_json
from playhead.wire.timeline import SessionView, WriterView
from playhead.wire.views import MetricView, RunPatch, RunView, SegmentView

MAX_PATCH_TAGS = 100
"""Tags of one run."""


def view(run: Run, actor: Actor, url: str, now: int) -> RunView:
    """`run` as `actor` may see it. `url` is the page's address."""
    inside = member(actor, run.path.entity) or may_change(actor, run)
    end = run.finished_at if run.finished_at is not None else (now if run.state.live else run.last_at)
    return RunView(
        entity=run.path.entity,
        project=run.path.project,
        id=run.path.run_id,
        name=run.name,
        state=str(run.state),
        head=run.head,
        created_at=run.created_at,
        started_at=run.started_at,
        updated_at=run.updated_at,
        heartbeat_at=run.heartbeat_at,
        finished_at=run.finished_at,
        runtime=runtime(run.clock, run.started_at, end) / 1e6,
        exit_code=run.exit_code,
        step=run.step,
        group=run.group,
        job_type=run.job_type,
        notes=run.notes,
        tags=list(run.tags),
        config=run.config,
        summary=shown(run.summary),
        meta={name: told for name, told in run.meta.items() if name[:1] != "_"} if inside else {},
        damaged=run.damaged,
        dropped=run.dropped,
        user=run.user,
        url=url,
        may_write=may_change(actor, run),
        segment=run.head,
        epoch=run.epoch,
        shared=run.shared,
        writers=[_writer_view(writer, inside=inside) for writer in run.writers],
        stopping=run.stopping,
        deleted_at=run.deleted_at,
        metrics=[MetricView(name=name, **told) for name, told in definitions(run.summary).items()],
    )


def _writer_view(writer: Writer, *, inside: bool) -> WriterView:
    return WriterView(
        stream=writer.stream, label=writer.label, host=writer.host if inside else "", pid=writer.pid if inside else 0,
        begun=writer.begun, seen=writer.seen, state=str(writer.state), exit_code=writer.exit_code,
    )  # fmt: skip


class RunService:
    """Reading and changing runs."""

    def __init__(
        self, *, access: Access, runs: Timelines, metrics: Metrics, clock: Clock, alone: Alone, edits: Edits,
        hand_on: Callable[[RunPath], None], removed: Callable[[RunPath], None], deleted: Recent[str, bool],
        forget: Callable[[Sequence[str]], None],
    ) -> None:  # fmt: skip
        """`hand_on` is told of each run before it is deleted, `removed` when it was; `deleted` remembers its streams; `forget`
        is told of the segments that are gone.
        """
        self._hand_on = hand_on
        self._forget = forget
        self._deleted = deleted
        self._access = access
        self._runs = runs
        self._metrics = metrics
        self._clock = clock
        self._alone = alone
        self._edits = edits
        self._removed = removed

    def run(self, actor: Actor, path: RunPath, *, trash: bool = False) -> Run:
        """NotFoundError if there is none that `actor` may see; with `trash` those that were thrown away are seen, too."""
        return self._access.run(actor, path, trash=trash)

    def patch(
        self, actor: Actor, path: RunPath, change: RunPatch, *,
        config: Mapping[str, Any] | None = None, summary: Mapping[str, Any] | None = None,
    ) -> Run:  # fmt: skip
        """Change what is given; `config` and `summary` are the whole of it, what is not in them goes. UsageError for a bad name or tag,
        PermissionDeniedError.
        """
        self._access.run_to_change(actor, path)
        meta = _meta(change)

        def said(run: Run) -> list[Said]:
            told = [Said(f.META, meta)] if meta else []
            if config is not None and (data := _difference(run.config, fit_json(dict(config)))):
                told.append(Said(f.CONFIG, data))
            if summary is not None and (data := _difference(shown(run.summary), fit_json(dict(summary)))):
                told.append(Said(f.SUMMARY, data))
            return told

        return self._edits.edit(actor, path, said)

    def say(self, actor: Actor, path: RunPath, change: Callable[[Run], Sequence[Said]]) -> None:
        """Write down what somebody says of the run who is none of its trainings. PermissionDeniedError."""
        self._access.run_to_change(actor, path)
        self._edits.edit(actor, path, change)

    def delete(self, actor: Actor, path: RunPath) -> None:
        """Delete the run for ever, with its points but for those that forks of it show. Content of files that nobody refers to then is swept
        later; artifacts that it logged stay.
        """
        self._access.run_to_change(actor, path, trash=True)
        for stream in self._runs.streams(path):  # those as well that are kept for forks
            self._deleted.put(stream.id, value=True)
        self._hand_on(path)
        gone = self._alone(lambda: self._runs.delete(path), path)
        self._metrics.drop(gone)
        self._forget(gone)
        self._removed(path)

    def segments(self, actor: Actor, path: RunPath) -> list[Segment]:
        """A run's segments, oldest first."""
        self._access.run(actor, path)
        return self._runs.segments(path)

    def stream(self, actor: Actor, stream_id: str) -> Stream:
        """A stream, and how far it was applied. NotFoundError if there is none that `actor` may write to, or its run is in the trash."""
        stream = self._runs.stream(stream_id)
        run = self._access.run(actor, stream.run)
        if not may_change(actor, run):
            raise NotFoundError(f"Nothing of the stream {stream_id} has arrived.")
        return stream

    def any_live(self) -> bool:
        """Whether some run is at work."""
        return bool(self._runs.silent(self._clock.now() + 1))


def _meta(change: RunPatch) -> dict[str, Any]:
    """Name, notes and the like, as a journal tells them. UsageError."""
    meta: dict[str, Any] = {}
    if change.name is not None:
        meta["name"] = name = fit(change.name).strip()
        if not 1 <= len(name) <= MAX_NAME:
            raise UsageError(f"A run's name has 1 to {MAX_NAME} characters.")
    if change.notes is not None:
        if len(change.notes) > MAX_NOTES:
            raise UsageError(f"A run's notes have at most {MAX_NOTES:,} characters.")
        meta["notes"] = fit(change.notes)
    if change.tags is not None:
        if len(change.tags) > MAX_PATCH_TAGS:
            raise UsageError(f"A run has at most {MAX_PATCH_TAGS} tags.")
        meta["tags"] = list(check_tags(tuple(fit(tag) for tag in change.tags)))
    for field in ("group", "job_type"):
        value = getattr(change, field)
        if value is not None:
            if len(value) > MAX_NAME:
                raise UsageError(f"A run's {field} has at most {MAX_NAME} characters.")
            meta[field] = fit(value)
    return meta


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What to set and to delete, so that the one becomes the other; empty if they are the same."""
    changed = {key: value for key, value in new.items() if key not in old or not _same(old[key], value)}
    gone = [key for key in old if key not in new]
    return {"set": changed, "delete": gone} if changed or gone else {}


def _same(one: Any, other: Any) -> bool:
    """Whether they are the same JSON; NaN is itself."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def segment_view(segment: Segment, streams: Sequence[Stream] = ()) -> SegmentView:
    """`segment`, and those of `streams` that wrote to it, as everybody who sees the run may see it."""
    own = sorted((stream for stream in streams if stream.segment == segment.id), key=lambda stream: stream.begun)
    return SegmentView(
        id=segment.id,
        parent=segment.parent,
        parent_step=segment.parent_step,
        first_step=segment.first_step,
        last_step=segment.last_step,
        archived=segment.archived,
        created_at=segment.created_at,
        run=str(segment.run),
        labels=list(dict.fromkeys(label for _, label in segment.lanes)),
        sessions=[
            SessionView(
                stream=stream.id, label=stream.label, begun=stream.begun, step=stream.begun_step,
                last_step=stream.last_step, last_at=stream.last_at, fenced=stream.fenced,
            )
            for stream in own
        ],
    )  # fmt: skip
