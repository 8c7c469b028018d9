"""What a run becomes when a writer begins: pure. Asked for by `begin`, or read from the header of a journal that just came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playhead.domain.ids import RunPath
from playhead.domain.run import Branch, Run, RunState, Segment, Stream, Writer
from playhead.domain.timeline import gone_on
from playhead.journal.format import Header
from playhead.ports.timelines import Turn
from playhead.services.writers import unended


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A writer, where it writes, and from which step on."""

    path: RunPath
    user: str
    now: int
    stream: str
    segment: str
    begun: int
    """By the writer's clock, as all that it writes."""
    step: int = 0
    parent: str | None = None
    parent_step: int | None = None
    inherits: bool = True
    shared: bool = False
    label: str = ""
    host: str = ""
    pid: int = 0
    name: str | None = None
    main: bool = True
    """Whether the stream is the training's own; a sidecar's has its `writer`."""
    writer: str = ""
    branch: Branch | None = None
    """The run that its parent belongs to, if that is another one."""

    @classmethod
    def of(cls, header: Header, path: RunPath, *, user: str, now: int, begun: int) -> Opening:
        """As the header of a journal says."""
        return cls(
            path=path, user=user, now=now, stream=header.stream, segment=header.segment, begun=begun, step=header.step,
            parent=header.parent, parent_step=header.parent_step, inherits=header.inherit_config, shared=header.shared,
            label=header.label[:64], host=header.host[:256], pid=header.pid, main=header.role == "main",
            writer=header.writer or header.stream, branch=_branch(header, path),
        )  # fmt: skip

    def as_stream(self) -> Stream:
        """The stream, new."""
        return Stream(
            id=self.stream, run=self.path, segment=self.segment, role="main" if self.main else "system",
            label=self.label, writer=self.writer or self.stream, shared=self.shared, begun=self.begun,
            begun_step=self.step,
        )  # fmt: skip

    def as_segment(self, *, archived: bool = False) -> Segment:
        """The segment, new; with the writer's lane if it is shared."""
        lanes = ((self.as_stream().place, self.label),) if self.shared else ()
        return Segment(
            id=self.segment, run=self.path, parent=self.parent, parent_step=self.parent_step, archived=archived,
            created_at=self.begun, inherits=self.inherits, lanes=lanes,
        )  # fmt: skip

    def as_writer(self) -> Writer:
        """The training, at work."""
        return Writer(
            stream=self.writer or self.stream, begun=self.begun, label=self.label, host=self.host, pid=self.pid, seen=self.now
        )  # fmt: skip


def _branch(header: Header, path: RunPath) -> Branch | None:
    parts = header.fork_of.split("/")
    if header.parent is None or not all(parts) or len(parts) not in {2, 3}:
        return None
    source = RunPath(*(path.entity, *parts)[-3:])
    return None if source == path else Branch(*source, header.parent, header.parent_step or 0)


def make(opening: Opening, branch: Branch | None = None) -> Turn:
    """A run that was not there."""
    run = Run(
        path=opening.path, name=opening.name or opening.path.run_id, state=RunState.RUNNING, head=opening.segment,
        created_at=opening.begun, updated_at=opening.now, heartbeat_at=opening.now, started_at=opening.begun,
        step=opening.step, user=opening.user, writers=(opening.as_writer(),), shared=opening.shared,
        base=opening.step, head_at=opening.begun, last_at=opening.begun, stale=opening.parent is not None, branch=branch,
    )  # fmt: skip
    return Turn(path=opening.path, epoch=None, run=run, segment=opening.as_segment(), stream=opening.as_stream())


def plan(path: RunPath, *, user: str, now: int, segment: str, name: str) -> Turn:
    """A run that some process is to begin with later."""
    run = Run(
        path=path, name=name, state=RunState.PENDING, head=segment, created_at=now, updated_at=now, heartbeat_at=now,
        started_at=now, head_at=now, last_at=now, user=user,
    )  # fmt: skip
    return Turn(path=path, epoch=None, run=run, segment=Segment(id=segment, run=path, created_at=now))


def take_up(run: Run, opening: Opening) -> Turn:
    """The first writer of a run that was planned: its time counts from now on."""
    fields: dict[str, Any] = {
        **_at_work(run, opening), "writers": (opening.as_writer(),), "started_at": opening.begun, "last_at": opening.begun,
        "name": opening.name or run.name,
    }  # fmt: skip
    segment = opening.as_segment() if opening.shared else None
    return Turn(path=run.path, epoch=run.epoch, fields=fields, stream=opening.as_stream(), segment=segment)


def anew(run: Run, opening: Opening) -> Turn:
    """The run begins anew, in a new segment without a parent; what was there is archived, and keeps what was said of it."""
    fields = {
        "started_at": opening.begun, "name": opening.name or opening.path.run_id, "group": None, "job_type": None,
        "notes": None, "tags": (), "config": {}, "summary": {}, "meta": {}, "step": opening.step, "clock": (),
        "last_at": opening.begun, "stale": False, "branch": None, "damaged": 0, "dropped": 0,
    }  # fmt: skip
    return _new_head(run, opening, fields)


def branch_off(run: Run, opening: Opening, config: dict[str, Any] | None = None) -> Turn:
    """The run goes on from an earlier step, in a new segment. `config`: as of that step, if it is known already."""
    fields: dict[str, Any] = {"step": opening.step, "stale": True}
    if config is not None:
        fields["config"] = config
    return _new_head(run, opening, fields)


def _new_head(run: Run, opening: Opening, fields: dict[str, Any]) -> Turn:
    return Turn(
        path=run.path, epoch=run.epoch, segment=opening.as_segment(), stream=opening.as_stream(), fence=unended(run),
        fields={
            **fields, **_at_work(run, opening), "head": opening.segment, "head_at": opening.begun, "base": opening.step,
            "writers": (opening.as_writer(),),
        },
    )  # fmt: skip


def go_on(run: Run, opening: Opening, *, fence: bool = True) -> Turn:
    """The run's head is gone on with, by another writer than before."""
    clock = gone_on(run.clock, run.started_at, run.last_at, opening.begun)
    fields: dict[str, Any] = {
        **_at_work(run, opening), "writers": (opening.as_writer(),), "clock": clock, "base": opening.step,
        "step": max(run.step, opening.step),
    }  # fmt: skip
    return Turn(
        path=run.path, epoch=run.epoch, fields=fields, stream=opening.as_stream(), fence=unended(run) if fence else (),
        segment=opening.as_segment() if opening.shared else None,
    )  # fmt: skip


def join(run: Run, opening: Opening) -> Turn:
    """One more of several writers at the same time."""
    others = [writer for writer in run.writers if writer.stream != opening.writer]
    fields: dict[str, Any] = {"writers": (*others, opening.as_writer()), "epoch": run.epoch + 1, "deleted_at": None}
    if not run.state.live:
        fields |= {"state": RunState.RUNNING, "finished_at": None, "exit_code": None}
    return Turn(path=run.path, epoch=run.epoch, fields=fields, stream=opening.as_stream(), segment=opening.as_segment())


def _at_work(run: Run, opening: Opening) -> dict[str, Any]:
    return {
        "state": RunState.RUNNING, "finished_at": None, "exit_code": None, "stopping": False, "deleted_at": None,
        "epoch": run.epoch + 1, "heartbeat_at": opening.now, "shared": opening.shared,
    }  # fmt: skip
