"""`playhead.init`: from arguments, settings and environment to a run that records. Waits for a server only where its answer matters."""

from __future__ import annotations

import builtins
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from playhead.domain.errors import UsageError
from playhead.sdk import _current
from playhead.sdk.config import as_mapping, from_file
from playhead.sdk.disabled import DisabledRun
from playhead.sdk.run import Run
from playhead.sdk.settings import Settings, resolve
from playhead.sdk.talk import Talk

_REINIT = {None: None, "default": None, True: "finish_previous", False: "return_previous"}
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

    UsageError for a wrong argument; AuthenticationError without a valid key for the server that was named; LaunchError if the run may not be
    recorded there; InitStartError if the sidecar cannot be started. A server that does not answer is no error: the run is recorded, and shipped later.
    """
    choice = _choice(reinit)
    if _current.run is not None and choice == "return_previous":
        return _current.run
    not_yet = {"resume": resume, "resume_from": resume_from, "fork_from": fork_from, "save_code": save_code, "monitor_gym": monitor_gym}
    _refuse({**not_yet, "sync_tensorboard": sync_tensorboard or tensorboard})
    given = {
        "entity": entity, "project": project, "root_dir": None if dir is None else os.fspath(dir), "run_id": id, "run_name": name,
        "run_notes": notes, "run_tags": tags, "allow_val_change": allow_val_change, "run_group": group, "run_job_type": job_type, "mode": mode,
    }  # fmt: skip
    explicit = settings if isinstance(settings, Settings) else Settings(**dict(settings or {}))
    chosen, warnings = resolve(explicit, given)
    _refuse({"resume": chosen.resume, "resume_from": chosen.resume_from, "fork_from": chosen.fork_from})
    if chosen.mode == "shared":
        raise UsageError('mode="shared" is not yet possible in this version of Playhead.')
    inputs = _inputs(chosen, config, config_exclude_keys, config_include_keys)
    if choice == "finish_previous" and _current.run is not None:
        _current.run.finish()
    if chosen.mode == "disabled":
        run: Any = DisabledRun(chosen, inputs)
    else:
        talk = Talk(silent=chosen.silent, quiet=chosen.quiet)
        for warning in warnings:
            talk.warn(warning)
        from playhead.sdk.launch import Launch  # noqa: PLC0415 sockets and processes: `import playhead` does without

        run = Launch(chosen, inputs, talk, force=bool(force)).run()
    if choice != "create_new":
        _current.set_run(run)
    return run


def _choice(reinit: bool | str | None) -> str:  # noqa: FBT001 W&B's type
    if isinstance(reinit, str) and reinit in _REINIT_NAMES:
        return reinit
    if reinit not in _REINIT:
        raise UsageError(f"reinit={reinit!r}: say True, False or one of {', '.join(_REINIT_NAMES)}.")
    told = _REINIT[reinit]  # type: ignore[index]
    return told or ("finish_previous" if hasattr(builtins, "get_ipython") else "return_previous")


def _refuse(later: Mapping[str, Any]) -> None:
    for name, value in later.items():
        if value:
            raise UsageError(f"{name}={value!r} is not yet possible in this version of Playhead. Leave it out.")


def _inputs(settings: Settings, config: Any, exclude: Iterable[str] | None, include: Iterable[str] | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in settings.config_paths:
        found.update(from_file(Path(path)))
    given = as_mapping(config)
    if include is not None and exclude is not None:
        raise UsageError("Give config_include_keys or config_exclude_keys, not both.")
    keep = set(include) if include is not None else set(given) - set(exclude or ())
    return {**found, **{key: value for key, value in given.items() if key in keep}}
