"""Asking a server to let a training write: apart from the rest, because a training that goes on with a run waits for it."""

from __future__ import annotations

import msgspec

from playhead.client.ingest import MSGPACK, Ingest
from playhead.client.transport import Request
from playhead.wire import routes
from playhead.wire.timeline import Begin, Begun


class Opener(Ingest):
    """A server as a training sees it that begins."""

    def begin(self, ask: Begin) -> Begun:
        """Begin to write to a run. LeaseError if somebody else does; NotFoundError, ConflictError, UsageError as `resume` says."""
        return self._ask(Request("POST", routes.BEGIN, body=msgspec.json.encode(ask), accept=MSGPACK), Begun)
