"""How the process ends: with which code, and that every open run hears of it.

What cannot be known: the code of a bare `raise SystemExit(n)`, which Python tells nobody. `sys.exit(n)` is known.
"""

from __future__ import annotations

import atexit
import os
import sys
from types import FrameType, TracebackType
from typing import Any, NoReturn

from playhead.sdk import _current, console
from playhead.sdk.finishing import code_of

_installed: list[int] = []
"""The process that is watched."""
_exit_guess: list[int] = []
"""What `sys.exit` was called with last: the code, unless somebody caught the SystemExit."""
_LEAVING = frozenset(("multiprocessing.popen_fork", "multiprocessing.forkserver"))
"""Modules whose functions end a forked child, with its exit code in `code`."""


def install() -> None:
    """Watch `sys.exit`, uncaught exceptions and the interpreter's end. Once a process."""
    if _installed:
        return
    _installed.append(os.getpid())
    atexit.register(_at_exit)
    finalizers = sys.modules.get("multiprocessing.util")
    if finalizers is not None:  # a child of multiprocessing leaves by os._exit, past atexit
        finalizers.Finalize(None, _at_exit, exitpriority=0)
    if not getattr(sys.exit, "playhead", False):  # a forked child has them from its parent
        os.register_at_fork(after_in_child=_after_fork)
        _watch_excepthook()
        _watch_sys_exit()


def _watch_excepthook() -> None:
    before = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> Any:
        _current.set_exit_code(code_of(error))
        return before(kind, error, trace)

    sys.excepthook = hook


def _watch_sys_exit() -> None:
    before = sys.exit

    def leave(status: Any = None, /) -> NoReturn:
        _exit_guess[:] = [code_of(SystemExit(status))]
        before(status)

    leave.playhead = True  # type: ignore[attr-defined]
    sys.exit = leave


def _code_of_child() -> int | None:
    """What a child of multiprocessing leaves with. From Python 3.13 on the exit functions of a forked one run when its exception is printed
    and over; only the function that is about to call `os._exit` knows the code.
    """
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 there is no other way to ask
    while (
        frame is not None and frame.f_globals.get("__name__") != "multiprocessing.process"
    ):  # which is not through yet
        code = frame.f_locals.get("code")
        if frame.f_globals.get("__name__") in _LEAVING and isinstance(code, int):
            return code
        frame = frame.f_back
    return None


def _exit_code() -> int:
    if _current.exit_code is not None:
        return _current.exit_code
    code = _code_of_child()
    if code is not None:
        return code
    # Who replaced sys.excepthook after us hides the exception from us, but the interpreter notes it here.
    last = getattr(sys, "last_value", None)
    if last is not None and not hasattr(sys, "ps1"):
        return code_of(last)
    return _exit_guess[0] if _exit_guess else 0


def _at_exit() -> None:
    if _installed != [os.getpid()]:
        return
    error = sys.exc_info()[1]  # there is one on the way out of a child of multiprocessing, not yet printed
    for run in list(_current.runs):
        if error is not None:
            run._ends_with(error)  # noqa: SLF001 the end of the process is the end of the run
        else:
            run.finish(exit_code=_exit_code())
    if _current.companion is not None:
        _current.companion.close()
        _current.set_companion(None)


def _after_fork() -> None:
    console.release()
    _current.forget_in_child()
    _installed.clear()
    _exit_guess.clear()
