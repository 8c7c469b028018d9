"""Stopping the training from outside: a KeyboardInterrupt in its main thread, as if somebody had pressed Ctrl-C."""

from __future__ import annotations

import signal
import threading
from types import FrameType

_WAKER = signal.SIGURG
"""Nobody sends it, and whoever has no handler for it does not notice it."""
_wanted = threading.Event()


def prepare() -> None:
    """Where Ctrl-C is ignored (`&` in a script), take another signal, so that a training that sleeps can be woken. Nothing else than `interrupt` is heard."""
    ignored = signal.getsignal(signal.SIGINT) in {signal.SIG_IGN, signal.SIG_DFL, None}
    if ignored and threading.current_thread() is threading.main_thread() and signal.getsignal(_WAKER) is signal.SIG_DFL:
        signal.signal(_WAKER, _wake)


def interrupt() -> None:
    """Interrupt the main thread, even if it sleeps. If no signal is to be had, the exception comes with its next line."""
    main = threading.main_thread()
    if main.ident is None:
        return
    if callable(signal.getsignal(signal.SIGINT)):
        signal.pthread_kill(main.ident, signal.SIGINT)
        return
    if signal.getsignal(_WAKER) is _wake:
        _wanted.set()
        signal.pthread_kill(main.ident, _WAKER)
        return
    import ctypes  # noqa: PLC0415 loaded once in a training's life, if ever

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(main.ident), ctypes.py_object(KeyboardInterrupt))


def _wake(_number: int, _frame: FrameType | None) -> None:
    if _wanted.is_set():
        _wanted.clear()
        raise KeyboardInterrupt
