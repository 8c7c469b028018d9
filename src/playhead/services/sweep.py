"""Throws content away that nothing refers to: what deleted runs leave behind, and what was sent for records that never came.

Content that somebody may just be about to refer to stays: it is thrown away only when no project has touched it for long.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable

from playhead.domain.account import Actor
from playhead.domain.errors import ConflictError, NotFoundError, PermissionDeniedError, UsageError
from playhead.ports.blobs import Stock
from playhead.ports.clock import Clock
from playhead.ports.contents import Contents
from playhead.services.access import signed_in
from playhead.services.counters import Counters
from playhead.wire.sweep import SweepAsk, SweepView

KEPT_FOR = 30 * 24 * 3600.0
"""Seconds without being touched after which the server throws away by itself what nothing refers to. Journals that were not sent yet may
still refer to content that was."""
MIN_AGE = 3600.0
"""Seconds that must be waited for in any case: an upload may be under way."""
EVERY = 24 * 3600.0
FIRST = 300.0
"""Seconds from the server's start to its first sweep."""
_LEFT_AFTER = 3600.0
"""Seconds after which whoever was to throw content away has died."""
_SLICE = 5.0
"""Seconds that one request takes, or little more."""
_SHELVES = [f"{number:02x}" for number in range(256)]

_log = logging.getLogger("playhead.server")


class SweepService:
    """Sweeps, a part at a time."""

    def __init__(self, *, blobs: Stock, contents: Contents, clock: Clock, counters: Counters) -> None:
        self._blobs = blobs
        self._contents = contents
        self._clock = clock
        self._counters = counters
        self._due = time.monotonic() + FIRST
        self._after = ""
        self._found = SweepView()

    def sweep(self, actor: Actor, ask: SweepAsk) -> SweepView:
        """Go on behind `ask.after` for some seconds. PermissionDeniedError, UsageError; ConflictError if the content is another catalog's."""
        signed_in(actor)
        if not actor.admin:
            raise PermissionDeniedError("Only administrators may sweep.")
        return self.go_on(ask)

    def go_on(self, ask: SweepAsk, seconds: float = _SLICE) -> SweepView:
        """The same for whoever owns the server."""
        if ask.min_age < MIN_AGE:
            raise UsageError(
                f"Content that was touched within {MIN_AGE / 60:.0f} minutes is not swept: it may be on its way."
            )
        if not ask.after:
            self._begin(dry_run=ask.dry_run)
        begun, after, found = time.monotonic(), ask.after, SweepView()
        while True:
            part, after = self._step(ask, after)
            found = SweepView(contents=found.contents + part.contents, size=found.size + part.size, next=after or None)
            if not after or time.monotonic() - begun > seconds:
                return found

    def tick(self) -> None:
        """Called about once a second by the background work: sweeps once a day, a little each time."""
        if time.monotonic() < self._due:
            return
        try:
            found = self.go_on(SweepAsk(min_age=KEPT_FOR, after=self._after), seconds=0.2)
        except ConflictError as error:
            _log.warning("%s", error.message)
            self._due = time.monotonic() + EVERY
            return
        self._after = found.next or ""
        self._found = SweepView(contents=self._found.contents + found.contents, size=self._found.size + found.size)
        if not self._after:
            if self._found.contents:
                _log.info("%d contents, to which nothing referred, were thrown away", self._found.contents)
            self._found = SweepView()
            self._due = time.monotonic() + EVERY

    def _begin(self, *, dry_run: bool) -> None:
        if not self._blobs.belongs_to(self._contents.identity()):
            raise ConflictError(
                "The server's files belong to another catalog, which may need what this one does not: nothing is swept. "
                "Give each database a place for files of its own."
            )
        if not dry_run:
            self._throw_away(self._contents.condemned(self._clock.now() - int(_LEFT_AFTER * 1e6)))

    def _step(self, ask: SweepAsk, after: str) -> tuple[SweepView, str]:
        """A page of what projects have; then, if it is asked for, of what nobody knows. Where to go on: a digest or a shelf; empty at the end."""
        before = self._clock.now() - int(ask.min_age * 1e6)
        if len(after) != len(_SHELVES[0]):
            idle, next_ = self._contents.idle(before, after)
            return self._free(idle, before, ask), next_ or (_SHELVES[0] if ask.unknown else "")
        strange = [one.sha256 for one in self._blobs.stored(after) if one.changed * 1e6 < before]
        strange = sorted(set(strange) - self._contents.known(strange))
        shelf = int(after, 16) + 1
        return self._free(strange, before, ask), _SHELVES[shelf] if shelf < len(_SHELVES) else ""

    def _free(self, digests: Collection[str], before: int, ask: SweepAsk) -> SweepView:
        if ask.dry_run:
            return self._sizes(digests)
        condemned = self._contents.condemn(digests, before) if digests else set[str]()
        found = self._sizes(condemned)
        self._throw_away(condemned)
        self._counters.add("playhead_swept_contents_total", found.contents)
        self._counters.add("playhead_swept_bytes_total", found.size)
        return found

    def _sizes(self, digests: Iterable[str]) -> SweepView:
        sizes = [size for sha256 in digests if (size := _asked(self._blobs.size, sha256)) is not None]
        return SweepView(contents=len(sizes), size=sum(sizes))

    def _throw_away(self, digests: Collection[str]) -> None:
        for sha256 in digests:
            self._blobs.delete(sha256)
        self._contents.gone(digests)


def _asked(size: Callable[[str], int], sha256: str) -> int | None:
    try:
        return size(sha256)
    except NotFoundError:
        return None
