"""What must not run beside the taking in of journals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from playhead.domain.ids import RunPath

T = TypeVar("T")


class Alone(Protocol):
    """Runs a call while nothing is being ingested; what is remembered of the run (None: of all) is forgotten after it."""

    def __call__(self, call: Callable[[], T], about: RunPath | None = None) -> T: ...
