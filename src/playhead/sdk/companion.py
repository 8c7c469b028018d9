"""The sidecar, seen from the training: started once a process, told of each run, asked how far it is, started again if it dies.

Messages are JSON lines, described in `playhead.sidecar`. Nothing here waits, unless `wait` is called. Safe to use from several threads.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any, Protocol

from playhead.domain.errors import InitStartError
from playhead.sdk import stopping

_LONGEST_REST = 60.0
"""Seconds between two starts of a sidecar that dies each time, at most."""
_TOO_OFTEN = 3
"""Deaths in a row after which nothing is to be hoped for."""
_SLICE = 0.25
"""Seconds that one thread listens before another may."""
_LONG_SLICE = 1.0
"""Seconds that the listener waits for messages, before it looks whether the sidecar lives."""
_MAX_UNREAD = 200
"""Messages about one run that nobody has asked for; the oldest go first."""


THREAD_INSTEAD = 'Try playhead.init(settings=playhead.Settings(start_method="thread")).'


class Link(Protocol):
    """A way to a sidecar."""

    def send(self, message: dict[str, Any]) -> None:
        """Hand over a message. OSError if the sidecar is gone."""
        ...

    def receive(self, timeout: float) -> list[dict[str, Any]]:
        """Messages that have come, waiting at most `timeout` seconds for the first."""
        ...

    def alive(self) -> bool:
        """Whether it runs."""
        ...

    def close(self) -> None:
        """Let it go: it finishes what it has to do and ends."""
        ...

    def disown(self) -> None:
        """In a forked child: forget the parent's sidecar without a word to it."""
        ...


class ProcessLink:
    """A sidecar process, with a pipe each way. InitStartError if it cannot be started."""

    def __init__(self, log: Path) -> None:
        command = [sys.executable, "-P", "-m", "playhead.sidecar"]
        try:
            with log.open("ab") as errors:
                self._process = subprocess.Popen(  # noqa: S603 our own interpreter and module
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    start_new_session=True,
                    bufsize=0,
                )
        except (OSError, ValueError, TypeError) as error:
            raise InitStartError(
                f"The sidecar process could not be started ({' '.join(map(str, command))}: {error}). {THREAD_INSTEAD}"
            ) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in = self._process.stdin.fileno()
        self._out = self._process.stdout.fileno()
        os.set_blocking(self._out, False)
        self._poll = select.poll()  # `select` cannot have file descriptors above 1023, trainings with many workers do
        self._poll.register(self._out, select.POLLIN)
        self._rest = b""

    def send(self, message: dict[str, Any]) -> None:
        data = json.dumps(message).encode() + b"\n"
        while data:
            data = data[os.write(self._in, data) :]

    def receive(self, timeout: float) -> list[dict[str, Any]]:
        if self._out < 0:
            return []
        try:
            if timeout > 0:
                self._poll.poll(timeout * 1000)
            while piece := os.read(self._out, 65536):
                self._rest += piece
        except BlockingIOError:
            pass
        except OSError:
            return []
        *lines, self._rest = self._rest.split(b"\n")
        return [message for message in map(_parse, lines) if message]

    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self.disown()

    def disown(self) -> None:
        self._in = self._out = -1  # these numbers will soon be somebody else's files
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.returncode = 0  # it may outlive us, shipping what is left: not ours to wait for


def _parse(line: bytes) -> dict[str, Any]:
    """A message, empty if it is none: something in the sidecar printed."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


class Companion:
    """This process's sidecar. `log` takes what it prints when it fails."""

    def __init__(self, method: str, log: Path) -> None:
        self._method = method
        self._log = log
        self._link = self._open()
        self._runs: dict[str, list[dict[str, Any]]] = {}
        """Folder -> what was said about the run: a new sidecar is told it again."""
        self._inbox: dict[str, deque[dict[str, Any]]] = {}
        self._deaths = 0
        self._began = self._seen = time.monotonic()
        """When this one was started, and seen alive last."""
        self._rest_until = 0.0
        # A signal handler may end the run in the middle of either.
        self._sending = threading.RLock()
        self._listening = threading.RLock()
        self._news = threading.Condition()
        self._listener: threading.Thread | None = None
        self._closed = False
        self._stopped: set[str] = set()
        """Runs whose training was interrupted."""

    def _open(self) -> Link:
        if self._method == "process":
            return ProcessLink(self._log)
        from playhead.sidecar.thread import ThreadLink  # noqa: PLC0415 the HTTP library is loaded into the training only on demand

        try:
            return ThreadLink()
        except RuntimeError as error:
            raise InitStartError(f"The sidecar could not be started as a thread: {error}.") from error

    def listen(self) -> None:
        """Hear at once what it says, with a thread of its own: somebody may want to stop a training that calls nothing of ours."""
        stopping.prepare()
        if self._listener is None:
            self._listener = threading.Thread(target=self._keep_listening, name="playhead-listen", daemon=True)
            self._listener.start()

    def add_run(self, message: dict[str, Any]) -> None:
        """Tell it of a run: {"op": "run", "dir": …, …}."""
        self._inbox[message["dir"]] = deque(maxlen=_MAX_UNREAD)
        self._runs[message["dir"]] = []
        self._say(message)

    def finish_run(self, folder: str) -> None:
        """The run's journal is complete."""
        self._say({"op": "finish", "dir": folder})

    def forget_run(self, folder: str) -> None:
        """Nothing more will be asked of this run."""
        self._runs.pop(folder, None)
        self._inbox.pop(folder, None)

    def nudge(self, folder: str) -> None:
        """There is something in the run's journal that should be seen at once. It will be seen anyway."""
        with self._sending, contextlib.suppress(OSError):
            self._link.send({"op": "look", "dir": folder})

    def drop_run(self, folder: str) -> None:
        """The run was refused and is taken back: nothing of it is to be shipped."""
        self._say({"op": "drop", "dir": folder})
        self.forget_run(folder)

    def wait(self, folder: str, ops: frozenset[str], timeout: float) -> dict[str, Any] | None:
        """The next message about the run in `folder` of one of these kinds, others are passed over; None after `timeout` seconds.

        A sidecar that dies again and again says nothing: then the answer is {"op": "dead", "message": why}.
        """
        end = time.monotonic() + timeout
        inbox = self._inbox.setdefault(folder, deque(maxlen=_MAX_UNREAD))
        while True:
            while inbox:
                message = inbox.popleft()
                if message.get("op") in ops:
                    return message
            if self._deaths >= _TOO_OFTEN and self._seen - self._began < _LONGEST_REST:
                return {"op": "dead", "message": f"the sidecar ends whenever it is started{self._last_words()}"}
            left = end - time.monotonic()
            if left <= 0:
                return None
            if self._listener is None:
                self._listen(min(left, _SLICE))
                continue
            with self._news:
                if not inbox:
                    self._news.wait(min(left, _SLICE))

    def take(self, folder: str) -> list[dict[str, Any]]:
        """Everything that has come about this run. Never waits."""
        if self._listener is None:
            self._listen(0.0)
        inbox = self._inbox.get(folder)
        taken: list[dict[str, Any]] = []
        while inbox:
            taken.append(inbox.popleft())
        return taken

    def close(self) -> None:
        """The process ends: say goodbye."""
        self._closed = True
        try:
            self._link.send({"op": "bye"})
        except OSError:
            return
        finally:
            self._link.close()

    def let_go(self) -> None:
        """In a forked child."""
        self._closed = True
        self._link.disown()

    def _last_words(self) -> str:
        try:
            lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return ""
        return next((f": {line[:300]}" for line in reversed(lines) if line.strip()), "")

    def _say(self, message: dict[str, Any]) -> None:
        if message["dir"] in self._runs:
            self._runs[message["dir"]].append(message)
        with self._sending:
            try:
                self._link.send(message)
            except OSError:
                self._revive()

    def _keep_listening(self) -> None:
        """The listener's thread: it ends with the process, or when the sidecar was let go."""
        while not self._closed:
            self._listen(_LONG_SLICE)

    def _stop(self, folder: str) -> None:
        """Somebody wants the training to stop. It is interrupted once: what it makes of that is its own affair."""
        if folder in self._runs and folder not in self._stopped:
            self._stopped.add(folder)
            stopping.interrupt()

    def _listen(self, timeout: float) -> None:
        """Put what has come into the runs' inboxes, after making sure that the sidecar lives. One thread at a time does."""
        if not self._listening.acquire(timeout=timeout) if timeout else not self._listening.acquire(blocking=False):
            return
        try:
            for message in self._link.receive(timeout):
                folder = str(message.get("dir"))
                inbox = self._inbox.get(folder)
                if message.get("op") == "stop":
                    self._stop(folder)
                elif inbox is not None:
                    inbox.append(message)
            with self._news:
                self._news.notify_all()
            if self._link.alive():
                self._seen = time.monotonic()
            else:
                with self._sending:
                    self._revive()
                time.sleep(min(timeout, 0.05))
        finally:
            self._listening.release()

    def _revive(self) -> None:
        """It died: start another, and tell it everything. It goes on from what the server acknowledged.

        A sidecar that dies each time is started more and more rarely: what kills it should not be fought.
        """
        now = time.monotonic()
        if now < self._rest_until:
            return
        self._deaths = 1 if self._seen - self._began > _LONGEST_REST else self._deaths + 1
        self._rest_until = now + min(_LONGEST_REST, 0.1 * 4**self._deaths)
        self._link.disown()
        self._link = self._open()
        self._began = self._seen = time.monotonic()
        try:
            for messages in list(self._runs.values()):
                for message in messages:
                    self._link.send(message)
        except OSError:
            return  # this one is dead too; the next look at it will tell
