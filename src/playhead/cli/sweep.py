"""Sweeps the stores of a server that does not run. Loads the catalog's side of the server: only when there is need."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from playhead.client import local
from playhead.composition import sweep_of
from playhead.domain.errors import ServerRunningError
from playhead.server import settings as server_settings
from playhead.wire.sweep import SweepAsk, SweepView


@contextlib.contextmanager
def opened(folder: Path, database: str | None, files: str | None) -> Iterator[Callable[[SweepAsk], SweepView]]:
    """Goes on with a sweep. ServerRunningError if a server was started in the meantime."""
    lock = local.take_lock(folder)
    if lock is None:
        raise ServerRunningError("A server was started on this data folder just now. Try again.")
    try:
        sweep, close = sweep_of(server_settings.read(folder, {"database": database, "files": files}))
        try:
            yield sweep.go_on
        finally:
            close()
    finally:
        os.close(lock)
