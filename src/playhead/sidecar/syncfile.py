"""`sync.json` of a run's directory: how far which server has it. A hint for the next one who ships; the server knows better."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

NAME = "sync.json"


@dataclass(slots=True)
class SyncState:
    """What is known about a run on a server."""

    server: str = ""
    run_url: str = ""
    streams: dict[str, int] = field(default_factory=dict)
    """Stream id -> bytes that the server acknowledged."""
    complete: bool = False
    """Whether the run has ended and the server has all of it."""
    error: str | None = None
    unsent: dict[str, str] = field(default_factory=dict)
    """SHA-256 -> name of files whose content could not be sent, though the server knows of them."""


def read(folder: Path) -> SyncState:
    """The state of the run in `folder`; an empty one if nothing readable is there."""
    try:
        raw = json.loads((folder / NAME).read_text(encoding="utf-8"))
        state = SyncState(**{name: raw[name] for name in SyncState.__slots__ if name in raw})
        state.streams = {str(stream): int(offset) for stream, offset in state.streams.items()}
        state.unsent = {str(sha256): str(name) for sha256, name in state.unsent.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return SyncState()
    return state


def write(folder: Path, state: SyncState) -> None:
    """Replace the state at once. A folder that is gone, or a full disk, costs only this hint."""
    fresh = folder / f".{NAME}.{os.getpid()}"
    with contextlib.suppress(OSError):
        fresh.write_text(json.dumps(asdict(state)), encoding="utf-8")
        fresh.replace(folder / NAME)
