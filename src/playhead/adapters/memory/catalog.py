"""What the memory adapters of accounts, projects and runs share: the dicts and their lock."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from playhead.domain.account import Project, User
from playhead.domain.ids import RunPath
from playhead.domain.run import Run, Segment, Stream
from playhead.ports.runs import Record


@dataclass(slots=True)
class Catalog:
    """Tables of a catalog. Whoever reads or writes them holds `lock`."""

    users: dict[str, User] = field(default_factory=dict)
    entities: dict[str, set[str]] = field(default_factory=dict)
    """Entity -> its members."""
    keys: dict[str, tuple[str, int, str]] = field(default_factory=dict)
    """Hash -> user, when it was made, its name."""
    """Hash of a key -> user."""
    projects: dict[tuple[str, str], Project] = field(default_factory=dict)
    runs: dict[RunPath, Run] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    records: dict[tuple[str, int], Record] = field(default_factory=dict)
    """(Stream, offset) -> record."""
    lock: threading.RLock = field(default_factory=threading.RLock)
