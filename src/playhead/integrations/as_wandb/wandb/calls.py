"""Calls that W&B's client has and Playhead has not: what a script needs of them to go on."""

from typing import Any

import playhead
from playhead.sdk.talk import Talk

_told: set[str] = set()


def setup(*_: Any, **__: Any) -> None:
    """Nothing to prepare."""


def require(*_: Any, **__: Any) -> None:
    """Nothing to choose."""


def join(exit_code: int | None = None) -> None:
    """The old name of `finish`."""
    playhead.finish(exit_code)


teardown = join


def log_model(*given: Any, **named: Any) -> Any:
    """See `Run.log_model`."""
    return _run().log_model(*given, **named)


def use_model(name: str) -> str:
    """See `Run.use_model`."""
    return _run().use_model(name)


def link_model(*given: Any, **named: Any) -> Any:
    """See `Run.link_model`."""
    return _run().link_model(*given, **named)


def watch(*_: Any, **__: Any) -> list[Any]:
    """Says that weights and gradients are not recorded by themselves."""
    termwarn("wandb.watch() records nothing: log() what you want to see of weights and gradients.", repeat=False)
    return []


def unwatch(*_: Any) -> None:
    """Nothing is watched."""


def termlog(string: str = "", newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:  # noqa: ARG001, FBT001, FBT002 W&B's signature
    """Say something at the terminal; with `repeat=False` once."""
    if repeat or string not in _told:
        _talk().say(string)
    _told.add(string)


def termwarn(string: str, newline: bool = True, repeat: bool = True, prefix: bool = True) -> None:  # noqa: ARG001, FBT001, FBT002 W&B's signature
    """The same, as a warning."""
    if repeat or string not in _told:
        _talk().warn(string)
    _told.add(string)


termerror = termwarn


def _run() -> playhead.Run:
    if playhead.run is None:
        raise playhead.errors.UsageError("There is no run yet: call wandb.init() first.")
    return playhead.run


def _talk() -> Talk:
    settings = playhead.Settings() if playhead.run is None else playhead.run.settings
    return Talk(silent=settings.silent, quiet=settings.quiet)
