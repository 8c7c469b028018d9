"""Runs as those see them that write to them: UpsertBucket, RewindRun, and what a process asks before it resumes a run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ariadne import MutationType, ObjectType, QueryType

from playhead.domain.account import Project
from playhead.domain.errors import NotFoundError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.run import Run
from playhead.domain.timeline import runtime
from playhead.services.access import may_change
from playhead.services.summary import shown
from playhead.wandb_protocol.beginning import find, first, named, place_of, rewind
from playhead.wandb_protocol.changes import is_plan, plan
from playhead.wandb_protocol.context import Call, asked
from playhead.wandb_protocol.forms import there
from playhead.wandb_protocol.ids import ENTITY, PROJECT, node_id, run_node, session_node, writer_of
from playhead.wandb_protocol.machine import notes_of
from playhead.wandb_protocol.replays import is_sync
from playhead.wandb_protocol.sessions import is_session, session_id
from playhead.wandb_protocol.telling import tell
from playhead.wandb_protocol.upsert import OWN, Config, config_of, config_text, read_object
from playhead.wire.views import RunPatch


@dataclass(frozen=True, slots=True)
class Bucket:
    """A run as a node; `stream` is the session that it is handed out to, if there is one."""

    run: Run
    stream: str = ""
    beside: Sequence[str] = ()
    """Ids of the runs of its project that it is listed with, and its own: what costs less for several is asked for at once."""


query = QueryType()
mutation = MutationType()
project = ObjectType("Project")
bucket = ObjectType("Run")


@mutation.field("upsertBucket")
def upsert_bucket(_: Any, info: Any, input: Mapping[str, Any]) -> dict[str, Any]:  # noqa: A002 so it is called in the schema
    """A process begins to write to a run, or changes what is said of it."""
    call, told = asked(info), {name: value for name, value in input.items() if value is not None}
    config = config_of(told.get("config"))
    path, stream = writer_of(told["id"]) if told.get("id") else (None, "")
    if path is not None and not stream:
        return {"bucket": Bucket(_edit(call, path, told, config)), "inserted": False}
    if is_plan(told):
        made, inserted = plan(call, told)
        return {"bucket": Bucket(made), "inserted": inserted}
    config = config or Config()
    begun = first(call, told, config) if path is None else named(call, path, stream, told, config)
    if is_sync(told):  # the program that sends a file is not the one that wrote it
        del told["jobProgram"]
    call.services.sessions.append(
        call.actor, begun.stream, lambda piece: tell(piece, begun.run, told, config, resumed=path is not None)
    )
    run = call.services.runs.run(call.actor, begun.run.path)
    return {"bucket": Bucket(run, begun.stream.id), "inserted": begun.inserted}


def _edit(call: Call, path: RunPath, told: Mapping[str, Any], config: Config | None) -> Run:
    """Somebody who reads runs changes one: its config and summary are sent whole."""
    change = RunPatch(
        name=told.get("displayName"), notes=told.get("notes"), tags=told.get("tags"), group=told.get("groupName"),
        job_type=told.get("jobType"),
    )  # fmt: skip
    values = None if config is None else config.values
    return call.services.runs.patch(call.actor, path, change, config=values, summary=_summary_in(told))


def _summary_in(told: Mapping[str, Any]) -> dict[str, Any] | None:
    """A whole summary, without what the client keeps in it for itself."""
    if "summaryMetrics" not in told:
        return None
    values = read_object(told["summaryMetrics"], "summary")
    return {key: value for key, value in values.items() if key != OWN}


@mutation.field("rewindRun")
def rewind_run(_: Any, info: Any, input: Mapping[str, Any]) -> dict[str, Any]:  # noqa: A002 so it is called in the schema
    """A process is about to go on from an earlier step."""
    if input.get("metricName") != "_step":
        raise UsageError("A run is rewound to a `_step`.")
    call, value = asked(info), input.get("metricValue")
    if not isinstance(value, (int, float)) or not abs(value) < 1 << 53:
        raise UsageError(f"{value!r} is no step.")
    path = place_of(call, input.get("entityName"), input.get("projectName"), input.get("runName"))
    begun = rewind(call, path, int(value // 1))
    return {"rewoundRun": Bucket(begun.run, begun.stream.id)}


@query.field("model")
def model(_: Any, info: Any, name: str | None = None, entityName: str | None = None) -> Project | None:  # noqa: N803 as above
    """A project, if the caller may see it."""
    call = asked(info)
    path = place_of(call, entityName, name, None)
    return there(lambda: call.services.projects.project(call.actor, path.entity, path.project))


@project.field("bucket")
def resumable(of: Project, info: Any, name: str | None = None, missingOk: bool | None = None) -> Bucket | None:  # noqa: N803, FBT001 as above
    """The run of this id, for a process that is about to resume it; none if nothing was ever said of it."""
    call = asked(info)
    path = RunPath(of.entity, of.name, name or "")
    run = find(call, path)
    if run is None and not missingOk:
        raise NotFoundError(f"There is no run {path}.")
    if run is None or not _has_begun(run):
        return None
    return Bucket(call.services.timeline.fresh(run), session_id(path))


def _has_begun(run: Run) -> bool:
    """Whether a training wrote to it: a run that somebody has only made does not count."""
    return run.step > 0 or "t" in notes_of(run.meta) or not all(is_session(one.stream) for one in run.writers)


@project.field("id")
def project_id(of: Project, _: Any) -> str:
    """The node's id."""
    return node_id(PROJECT, of.entity, of.name)


@project.field("entity")
def project_entity(of: Project, _: Any) -> dict[str, str]:
    """Who owns it."""
    return {"id": node_id(ENTITY, of.entity), "name": of.entity}


@bucket.field("id")
def bucket_id(of: Bucket, _: Any) -> str:
    """The node's id: the session's own, if it is handed out to one."""
    return session_node(of.run.path, of.stream) if of.stream else run_node(of.run.path)


@bucket.field("project")
def bucket_project(of: Bucket, info: Any) -> Project:
    """Where it is."""
    call, path = asked(info), of.run.path
    return call.services.projects.project(call.actor, path.entity, path.project)


@bucket.field("config")
def bucket_config(of: Bucket, info: Any) -> str:
    """Its config, with the client's own notes: these are not for readers from outside."""
    inside = may_change(asked(info).actor, of.run)
    return config_text(of.run.config, _notes(of.run) if inside else {})


@bucket.field("wandbConfig")
def wandb_config(of: Bucket, _: Any, keys: list[str] | None = None) -> str:
    """Some of the client's own notes."""
    notes = _notes(of.run)
    return json.dumps({key: notes[key] for key in notes if keys is None or key in keys})


@bucket.field("summaryMetrics")
def summary_metrics(of: Bucket, _: Any) -> str:
    """Its summary."""
    return json.dumps({**shown(of.run.summary), "_wandb": {"runtime": int(_runtime(of.run))}})


@bucket.field("historyTail")
def history_tail(of: Bucket, _: Any) -> str:
    """The last row, as far as the client wants it: it goes on behind its step."""
    run = of.run
    if not run.step:
        return "[]"
    return json.dumps([json.dumps({"_step": run.step - 1, "_runtime": _runtime(run), "_timestamp": run.last_at / 1e6})])


def _notes(run: Run) -> dict[str, Any]:
    """What the client noted for itself. Without `t` it would take the run for one that never began."""
    notes = {"t": {"4": str(run.meta.get("python", ""))}, **notes_of(run.meta)}
    if run.branch is not None:
        notes["branch_point"] = {"run_id": run.branch.run_id, "step": run.branch.step}
    return notes


def _runtime(run: Run) -> float:
    return runtime(run.clock, run.started_at, run.last_at) / 1e6


bucket.set_field("name", lambda of, _: of.run.path.run_id)
bucket.set_field("displayName", lambda of, _: of.run.name)
bucket.set_field("notes", lambda of, _: of.run.notes)
bucket.set_field("tags", lambda of, _: list(of.run.tags))
bucket.set_field("eventsTail", lambda *_: "[]")
for field in ("description", "sweepName"):
    bucket.set_field(field, lambda *_: None)
# A session counts its lines from 0, whatever was there before it; a reader hears how many steps there are.
bucket.set_field("historyLineCount", lambda of, _: 0 if of.stream else of.run.step)
bucket.set_field("eventsLineCount", lambda of, _: 0 if of.stream else None)

BINDABLES = (query, mutation, project, bucket)
