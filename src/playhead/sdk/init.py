"""`playhead.init`: from arguments, settings and environment to a run that records. Waits for a server only where its answer matters."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from playhead.domain.errors import UsageError
from playhead.domain.ids import SIGNS, fit_run_id
from playhead.sdk import _current
from playhead.sdk.config import as_mapping, from_file
from playhead.sdk.disabled import DisabledRun
from playhead.sdk.plan import Plan, plan
from playhead.sdk.run import Run
from playhead.sdk.settings import Settings, resolve, writer_label
from playhead.sdk.talk import Talk

_REINIT_NAMES = ("finish_previous", "return_previous", "create_new")


def init(
    entity: str | None = None,
    project: str | None = None,
    dir: str | os.PathLike[str] | None = None,  # noqa: A002 W&B's name
    id: str | None = None,  # noqa: A002 W&B's name
    name: str | None = None,
    notes: str | None = None,
    tags: Sequence[str] | None = None,
    config: Mapping[str, Any] | str | Any | None = None,
    config_exclude_keys: Iterable[str] | None = None,
    config_include_keys: Iterable[str] | None = None,
    allow_val_change: bool | None = None,  # noqa: FBT001 W&B's signature
    group: str | None = None,
    job_type: str | None = None,
    mode: str | None = None,
    force: bool | None = None,  # noqa: FBT001 W&B's signature
    reinit: bool | str | None = None,  # noqa: FBT001 W&B's signature
    resume: bool | str | None = None,  # noqa: FBT001 W&B's signature
    resume_from: str | None = None,
    fork_from: str | None = None,
    step: int | None = None,
    resume_step: int | None = None,
    inherit_config: bool = True,  # noqa: FBT001, FBT002 W&B's signature
    wait: float | None = None,
    save_code: bool | None = None,  # noqa: FBT001 W&B's signature
    sync_tensorboard: bool | None = None,  # noqa: FBT001 W&B's signature
    tensorboard: bool | None = None,  # noqa: FBT001 W&B's signature
    monitor_gym: bool | None = None,  # noqa: FBT001 W&B's signature
    anonymous: str | None = None,  # noqa: ARG001 has no meaning since long, scripts still pass it
    settings: Settings | Mapping[str, Any] | None = None,
) -> Run:
    """Begin to record a run and make it the current one.

    `entity/project` is where it belongs (default: you, and the name of the git repository); `id` is its own (default: made up); `name`, `notes`,
    `tags`, `group`, `job_type` are for people; `config` its inputs, as a dict, a Namespace or a YAML file. `mode` is `online`, `offline` (only
    on this disk, for `playhead sync`) or `disabled`. `reinit`: what to do if a run is open: `return_previous` (default in scripts),
    `finish_previous` (True; default in notebooks) or `create_new` (several at once). `dir` is where the folder `playhead/` is made.

    To go on with a run: `resume=True` (the unfinished one of this folder), `"allow"` (if it is there), `"must"`, `"never"`, or its id;
    with `resume_step=500` from that step on. `resume_from="ID?_step=500"` (or `resume_from="ID", step=500`) rewinds it: what came later
    is archived. `fork_from=` in the same form begins a new run with that history, and its config unless `inherit_config=False`.
    `wait` is how many seconds to wait for another training that writes to the run; `mode="shared"` lets several write to one `id`.

    UsageError for a wrong argument, and as `resume` says; LeaseError if another training writes to the run; AuthenticationError without a valid key for the server that was named; LaunchError if the run may not be
    recorded there; InitStartError if the sidecar cannot be started. A server that does not answer is no error: the run is recorded, and shipped later.
    """
    with _current.starting:
        choice = _choice(reinit)
        open_run = _open_run()
        _refuse({"monitor_gym": monitor_gym, "sync_tensorboard": sync_tensorboard or tensorboard})
        given = {
            "entity": entity, "project": project, "root_dir": None if dir is None else os.fspath(dir), "run_id": id,
            "run_name": name, "run_notes": notes, "run_tags": tags, "allow_val_change": allow_val_change,
            "run_group": group, "run_job_type": job_type, "mode": mode, "resume": resume, "resume_from": resume_from,
            "fork_from": fork_from, "resume_step": resume_step, "save_code": save_code,
        }  # fmt: skip
        explicit = settings if isinstance(settings, Settings) else Settings(**dict(settings or {}))
        if open_run is not None and choice == "return_previous":
            _tell_unused(open_run, {**given, "config": config})
            return open_run
        chosen, warnings = resolve(explicit, given)
        _displace(chosen, given)
        planned = _plan(chosen, step, wait, warnings, inherit_config=inherit_config)
        inputs = _inputs(chosen, config, config_exclude_keys, config_include_keys)
        if open_run is not None and choice == "finish_previous":
            open_run.finish()
        if _is_notebook() and "allow_val_change" not in chosen.given():
            chosen.allow_val_change = True  # a cell is run again and again
        run = _begin(chosen, planned, inputs, warnings, force=bool(force))
        if choice != "create_new":
            _current.set_run(run)
        return run


def _displace(chosen: Settings, given: Mapping[str, Any]) -> None:
    """What the script says of going on with a run takes the place of what the environment says, whichever way it puts it."""
    ways = ("resume", "resume_from", "fork_from")
    if any(given[way] for way in ways):
        for way in ways:
            if given[way] is None:
                setattr(chosen, way, None)


def _plan(
    settings: Settings, step: int | None, wait: float | None, warnings: list[str], *, inherit_config: bool
) -> Plan:
    """What is to be gone on with. The run's id is made to fit, and that is said."""
    shared = settings.mode == "shared"
    planned, run_id = plan(
        resume=settings.resume, run_id=settings.run_id, resume_from=settings.resume_from, fork_from=settings.fork_from,
        step=step, resume_step=settings.resume_step, inherit_config=inherit_config, shared=shared,
        label=settings.label or (writer_label() if shared else ""), wait=wait or 0.0,
    )  # fmt: skip
    if shared and run_id is None and planned.run is None:
        raise UsageError('mode="shared" needs the id that all its writers have: init(id=…), or PLAYHEAD_RUN_ID.')
    if run_id is not None:
        settings.run_id = fit_run_id(run_id)
        if settings.run_id != run_id:
            warnings.append(f"The run id {run_id!r} was made {settings.run_id!r}: an id has none of {SIGNS} in it.")
    return planned


def _begin(settings: Settings, planned: Plan, inputs: dict[str, Any], warnings: list[str], *, force: bool) -> Run:
    talk = Talk(silent=settings.silent, quiet=settings.quiet)
    for warning in warnings:
        talk.warn(warning)
    if settings.mode == "disabled":
        return DisabledRun(settings, inputs)
    from playhead.sdk.launch import Launch  # noqa: PLC0415 sockets and processes: `import playhead` does without

    return Launch(settings, planned, inputs, talk, force=force).run()


def _open_run() -> Run | None:
    """The current run, unless it is that of the process from which this one was forked."""
    run = _current.run
    return None if run is None or run._is_foreign else run  # noqa: SLF001 the run and its beginning are one thing


def _tell_unused(run: Run, given: Mapping[str, Any]) -> None:
    unused = [name for name, value in given.items() if value is not None]
    if unused:
        Talk(silent=run.settings.silent, quiet=run.settings.quiet).warn(
            f"init() goes on with the open run {run.name}; left out: {', '.join(unused)}. For another run, call "
            "run.finish() first, or say reinit=True."
        )


def _is_notebook() -> bool:
    return hasattr(builtins, "get_ipython")


def _choice(reinit: bool | str | None) -> str:  # noqa: FBT001 W&B's type
    if isinstance(reinit, str) and reinit in _REINIT_NAMES:
        return reinit
    if isinstance(reinit, bool):
        return "finish_previous" if reinit else "return_previous"
    if reinit not in (None, "default"):  # it may be unhashable
        raise UsageError(f"reinit={reinit!r}: say True, False or one of {', '.join(_REINIT_NAMES)}.")
    return "finish_previous" if _is_notebook() else "return_previous"


def _refuse(later: Mapping[str, Any]) -> None:
    for name, value in later.items():
        if value:
            raise UsageError(f"{name}={value!r} is not yet possible in this version of Playhead. Leave it out.")


def _inputs(
    settings: Settings, config: Any, exclude: Iterable[str] | None, include: Iterable[str] | None
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in settings.config_paths:
        found.update(from_file(Path(path)))
    given = as_mapping(config)
    if include is not None and exclude is not None:
        raise UsageError("Give config_include_keys or config_exclude_keys, not both.")
    keep = set(include) if include is not None else set(given) - set(exclude or ())
    return {**found, **{key: value for key, value in given.items() if key in keep}}
