"""How the process ends: with which code, and that every open run hears of it."""

from __future__ import annotations

import atexit
import os
import sys
from types import TracebackType
from typing import Any, NoReturn

from playhead.sdk import _current, console

_INTERRUPTED = 255
_installed: list[int] = []


def install() -> None:
    """Watch `sys.exit`, uncaught exceptions and the interpreter's end. Once a process."""
    if _installed:
        return
    _installed.append(os.getpid())
    atexit.register(_at_exit)
    os.register_at_fork(after_in_child=_after_fork)
    finalizers = sys.modules.get("multiprocessing.util")
    if finalizers is not None:  # a child of multiprocessing leaves by os._exit, past atexit
        finalizers.Finalize(None, _at_exit, exitpriority=0)
    _watch_excepthook()
    _watch_sys_exit()


def _watch_excepthook() -> None:
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> Any:
        _current.set_exit_code(_INTERRUPTED if issubclass(kind, KeyboardInterrupt) else 1)
        return before(kind, error, trace)

    sys.excepthook = hook


def _watch_sys_exit() -> None:
    before = sys.exit

    def leave(status: Any = None, /) -> NoReturn:
        # only a guess until the process really ends: somebody may catch SystemExit
        _exit_guess[:] = [0 if status is None else status if isinstance(status, int) else 1]
        before(status)

    sys.exit = leave


_exit_guess: list[int] = []


def _at_exit() -> None:
    if _installed != [os.getpid()]:
        return
    code = _current.exit_code if _current.exit_code is not None else _exit_guess[0] if _exit_guess else 0
    for run in list(_current.runs):
        run.finish(exit_code=code)
    if _current.companion is not None:
        _current.companion.close()
        _current.set_companion(None)


def _after_fork() -> None:
    console.release()
    _current.forget_in_child()
    _installed.clear()
