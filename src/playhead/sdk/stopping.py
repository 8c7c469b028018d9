"""Stopping the training from outside: a KeyboardInterrupt in its main thread, as if somebody had pressed Ctrl-C."""

from __future__ import annotations

import signal
import threading


def interrupt() -> None:
    """Interrupt the main thread, even if it sleeps. Where Ctrl-C is ignored (`nohup`, `&`), the exception comes with its next line."""
    main = threading.main_thread()
    if main.ident is None:
        return
    if callable(signal.getsignal(signal.SIGINT)):
        signal.pthread_kill(main.ident, signal.SIGINT)
        return
    import ctypes  # noqa: PLC0415 loaded once in a training's life, if ever

    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(main.ident), ctypes.py_object(KeyboardInterrupt))
