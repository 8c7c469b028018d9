"""The SDK never breaks a training: trouble of ours is told once and counted. Only misuse raises. The one place that catches everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playhead.domain.errors import AuthenticationError, InitStartError, LaunchError, NotFoundError, UsageError
from playhead.sdk.talk import Talk

MISUSE = (TypeError, UsageError, AuthenticationError, LaunchError, InitStartError, NotFoundError)
"""What the caller can mend, and must hear of."""
OURS = Exception
"""Anything else: a full disk, a vanished folder, a bug."""


class Guard:
    """Counts what could not be recorded, and tells each kind once."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.dropped = 0
        self._told: set[str] = set()

    def tell_once(self, kind: str, message: str) -> None:
        """Print `message`, unless something of this kind was told before."""
        if kind not in self._told:
            self._told.add(kind)
            self.talk.warn(message)

    def dropped_one(self, error: Exception) -> None:
        """Something was not recorded because of `error`."""
        self.dropped += 1
        self.tell_once(_kind(error), f"Not recorded: {error} (told once; the run counts them). The training goes on.")

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Whatever goes wrong inside is counted as not recorded, and not raised."""
        try:
            yield
        except OURS as error:
            self.dropped_one(error)

    def run(self, work: Callable[..., object], *arguments: object) -> None:
        """The same for one call, quicker."""
        try:
            work(*arguments)
        except OURS as error:
            self.dropped_one(error)

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Whatever goes wrong inside is told once, and not raised: nothing of the run is lost by it."""
        try:
            yield
        except OURS as error:
            self.tell_once("beside:" + _kind(error), f"{error} (told once). The run is recorded on this disk.")


def _kind(error: Exception) -> str:
    return f"{type(error).__name__}:{getattr(error, 'errno', '')}"
