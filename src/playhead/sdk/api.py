"""The functions of the module `playhead` that speak to the current run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn

from playhead.domain.errors import UsageError
from playhead.sdk import _current, restoring

if TYPE_CHECKING:
    from datetime import timedelta
    from pathlib import Path
    from typing import IO

    from playhead.client.artifacts.artifact import Artifact
    from playhead.domain.alert import AlertLevel
    from playhead.sdk.metrics import Metric
    from playhead.sdk.saving import Saved


def _no_run(what: str) -> NoReturn:
    raise UsageError(f"There is no run yet: call playhead.init() before {what}.")


def log(data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:  # noqa: FBT001 W&B's signature
    """Record a row of the current run, see Run.log. UsageError before `init`."""
    if _current.run is None:
        _no_run("playhead.log()")
    _current.run.log(data, step, commit)


def save(
    glob_str: Any = None, base_path: Any = None, policy: str = "live", *, watch: bool = False, wait: bool = False, path: Any = None
) -> Saved | bool:  # fmt: skip
    """Save files with the current run, see Run.save. UsageError before `init`."""
    if _current.run is None:
        _no_run("playhead.save()")
    return _current.run.save(glob_str, base_path, policy, watch=watch, wait=wait, path=path)


def alert(
    title: str, text: str = "", level: str | AlertLevel = "INFO", wait_duration: float | timedelta | None = 60
) -> None:
    """Tell people of something about the current run, see Run.alert. UsageError before `init`."""
    if _current.run is None:
        _no_run("playhead.alert()")
    _current.run.alert(title, text, level, wait_duration)


def define_metric(
    name: str, step_metric: str | Metric | None = None, step_sync: bool | None = None, hidden: bool | None = None,  # noqa: FBT001 W&B's signature
    summary: str | None = None, goal: str | None = None, overwrite: bool | None = None,  # noqa: FBT001 as above
) -> Metric:  # fmt: skip
    """Say how a metric of the current run is drawn and summed up, see Run.define_metric. UsageError before `init`."""
    if _current.run is None:
        _no_run("playhead.define_metric()")
    return _current.run.define_metric(name, step_metric, step_sync, hidden, summary, goal, overwrite)


def log_artifact(
    artifact_or_path: Any, name: str | None = None, type: str | None = None, aliases: Any = None, tags: Any = None,  # noqa: A002 W&B's word
) -> Artifact:  # fmt: skip
    """Log an artifact with the current run, see Run.log_artifact. UsageError before `init`."""
    if _current.run is None:
        _no_run("playhead.log_artifact()")
    return _current.run.log_artifact(artifact_or_path, name, type, aliases, tags)


def use_artifact(
    artifact_or_name: Any, type: str | None = None, aliases: Any = None, use_as: str | None = None, *, later: bool = False,  # noqa: A002 as above
) -> Artifact:  # fmt: skip
    """Say that the current run uses an artifact, see Run.use_artifact. UsageError before `init`."""
    if _current.run is None:
        _no_run("playhead.use_artifact()")
    return _current.run.use_artifact(artifact_or_name, type, aliases, use_as, later=later)


def restore(
    name: str, run_path: str | None = None, replace: bool = False, root: str | Path | None = None, *,  # noqa: FBT001, FBT002 W&B's signature
    step: int | None = None, version: int | None = None,
) -> IO[str] | None:  # fmt: skip
    """Bring a file of a run back: to `root`, else to the current run's folder, else to the working directory.

    Answers the open file, whose `name` is its path. Without `run_path` it is that of the current run, which must have been resumed,
    rewound or forked: as of where it goes on. `step`, `version`: as of that step, or that version. A local file of that name
    is used if its content is the wanted one. Another one is replaced in the run's folder, and where the run has saved what it holds;
    else only with `replace`. Offline, and while the server cannot be reached, the file comes from this disk's runs.

    NotFoundError, which tells near names; UsageError if nothing was gone on with, the name leads out of `root`, or a file is in the way.
    """
    return restoring.restore(_current.run, name, run_path, root, step, version, replace=replace)


def finish(exit_code: int | None = None, quiet: bool | None = None) -> None:  # noqa: FBT001 W&B's signature
    """End the current run, if there is one; see Run.finish."""
    if _current.run is not None:
        _current.run.finish(exit_code, quiet)


class BeforeInit:
    """Stands for `playhead.config` and `playhead.summary` as long as there is no run. Any use is a UsageError."""

    def __init__(self, name: str) -> None:
        object.__setattr__(self, "_name", name)

    def __getattr__(self, key: str) -> Any:
        if key.startswith("__"):
            raise AttributeError(key)
        _no_run(f"playhead.{self._name}.{key}")

    def __setattr__(self, key: str, value: Any) -> None:
        _no_run(f"playhead.{self._name}.{key} = …")

    def __getitem__(self, key: str) -> Any:
        _no_run(f"playhead.{self._name}[{key!r}]")

    def __setitem__(self, key: str, value: Any) -> None:
        _no_run(f"playhead.{self._name}[{key!r}] = …")

    def __repr__(self) -> str:
        return f"<playhead.{self._name}: call playhead.init() first>"


def current(name: str) -> Any:
    """`playhead.run`, `playhead.config` or `playhead.summary`."""
    if name == "run":
        return _current.run
    return BeforeInit(name) if _current.run is None else getattr(_current.run, name)
