"""How the sidecar and the training talk: small dicts, one at a time, over a pipe (a process) or queues (a thread)."""

from __future__ import annotations

import json
import os
import queue
import select
import threading
from typing import Any, Protocol

Message = dict[str, Any]

_PARENT_EVERY = 0.5
"""Seconds between two looks at whether the parent is still the same: a forked child may keep the pipe open."""


class Link(Protocol):
    """The sidecar's end. `send` is safe to call from any thread."""

    def receive(self, timeout: float) -> Message | None:
        """The next message, or None if none came in time. EOFError when the training is gone."""
        ...

    def send(self, message: Message) -> None:
        """Tell the training something; silently nothing if it is gone."""
        ...


class PipeLink:
    """JSON lines over two file descriptors."""

    def __init__(self, reading: int, writing: int) -> None:
        self._reading = reading
        self._writing = writing
        self._buffer = bytearray()
        self._parent = os.getppid()
        self._lock = threading.Lock()

    def receive(self, timeout: float) -> Message | None:
        """The next message, or None if none came in time. EOFError when the training is gone."""
        while b"\n" not in self._buffer:
            orphaned = os.getppid() != self._parent
            ready, _, _ = select.select([self._reading], [], [], 0.0 if orphaned else min(timeout, _PARENT_EVERY))
            if ready:
                data = os.read(self._reading, 1 << 16)
                if not data:
                    raise EOFError
                self._buffer += data
                continue
            if orphaned:  # and all that it said has been read
                raise EOFError
            timeout -= _PARENT_EVERY
            if timeout <= 0:
                return None
        line, _, rest = self._buffer.partition(b"\n")
        self._buffer = rest
        message = json.loads(line)
        return message if isinstance(message, dict) else {}

    def send(self, message: Message) -> None:
        """Tell the training something; silently nothing if it is gone."""
        line = json.dumps(message).encode() + b"\n"
        with self._lock:
            try:
                while line:
                    line = line[os.write(self._writing, line) :]
            except OSError:
                return


class QueueLink:
    """The same over two queues, for a sidecar that is a thread of the training. None in `inbox` means: gone."""

    def __init__(self) -> None:
        self.inbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self.outbox: queue.SimpleQueue[Message] = queue.SimpleQueue()

    def receive(self, timeout: float) -> Message | None:
        """The next message, or None if none came in time. EOFError when the training is gone."""
        try:
            message = self.inbox.get(timeout=timeout)
        except queue.Empty:
            return None
        if message is None:
            raise EOFError
        return message

    def send(self, message: Message) -> None:
        """Tell the training something."""
        self.outbox.put(message)
