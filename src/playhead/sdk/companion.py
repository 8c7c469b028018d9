"""The sidecar, seen from the training: started once a process, told of each run, asked how far it is, started again if it dies.

Messages are JSON lines, described in `playhead.sidecar`. Nothing here waits, unless `wait` is called.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Protocol

from playhead.domain.errors import InitStartError

_MAX_RESTARTS = 5
"""Times that a dead sidecar is started again; a machine that kills it each time should not be fought."""


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
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, start_new_session=True, bufsize=0
                )
        except (OSError, ValueError, TypeError) as error:
            raise InitStartError(
                f"The sidecar process could not be started ({' '.join(map(str, command))}: {error}). "
                'Try playhead.init(settings=playhead.Settings(start_method="thread")).'
            ) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in = self._process.stdin.fileno()
        self._out = self._process.stdout.fileno()
        os.set_blocking(self._out, False)
        self._rest = b""

    def send(self, message: dict[str, Any]) -> None:
        os.write(self._in, json.dumps(message).encode() + b"\n")

    def receive(self, timeout: float) -> list[dict[str, Any]]:
        if timeout > 0:
            select.select([self._out], [], [], timeout)
        try:
            while piece := os.read(self._out, 65536):
                self._rest += piece
        except BlockingIOError:
            pass
        except OSError:
            return []
        *lines, self._rest = self._rest.split(b"\n")
        return [json.loads(line) for line in lines if line]

    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        self.disown()
        self._process.returncode = 0  # it may outlive us, shipping what is left: not ours to wait for

    def disown(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.returncode = 0


class Companion:
    """This process's sidecar. `log` takes what it prints when it fails."""

    def __init__(self, method: str, log: Path) -> None:
        self._method = method
        self._log = log
        self._link = self._open()
        self._runs: dict[str, dict[str, Any]] = {}
        self._inbox: list[dict[str, Any]] = []
        self._restarts = 0

    def _open(self) -> Link:
        if self._method == "process":
            return ProcessLink(self._log)
        from playhead.sidecar.thread import ThreadLink  # noqa: PLC0415 the HTTP library is loaded into the training only on demand

        return ThreadLink()

    def add_run(self, message: dict[str, Any]) -> None:
        """Tell it of a run: {"op": "run", "dir": …, …}."""
        self._runs[message["dir"]] = message
        self._send(message)

    def finish_run(self, folder: str) -> None:
        """The run's journal is complete."""
        message = {"op": "finish", "dir": folder}
        self._runs[folder + "/finish"] = message
        self._send(message)

    def forget_run(self, folder: str) -> None:
        """Nothing more will be asked of this run."""
        self._runs.pop(folder, None)
        self._runs.pop(folder + "/finish", None)

    def drop_run(self, folder: str) -> None:
        """The run was refused and is taken back: nothing of it is to be shipped."""
        self._send({"op": "drop", "dir": folder})
        self.forget_run(folder)

    def poll(self, timeout: float = 0.0) -> list[dict[str, Any]]:
        """What it said since, after making sure that it lives."""
        messages = self._link.receive(timeout)
        if not self._link.alive():
            self._revive()
        return messages

    def wait(self, folder: str, ops: frozenset[str], timeout: float) -> dict[str, Any] | None:
        """The next message about the run in `folder` of one of these kinds; None after `timeout` seconds."""
        end = time.monotonic() + timeout
        while True:
            for index, message in enumerate(self._inbox):
                if message.get("dir") == folder and message.get("op") in ops:
                    return self._inbox.pop(index)
            left = end - time.monotonic()
            if left <= 0:
                return None
            self._inbox.extend(self.poll(min(left, 0.5)))

    def take(self) -> list[dict[str, Any]]:
        """Everything that has come and was not waited for."""
        self._inbox.extend(self.poll())
        inbox, self._inbox = self._inbox, []
        return inbox

    def close(self) -> None:
        """The process ends: say goodbye."""
        try:
            self._link.send({"op": "bye"})
        except OSError:
            return
        finally:
            self._link.close()

    def let_go(self) -> None:
        """In a forked child."""
        self._link.disown()

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._link.send(message)
        except OSError:
            self._revive()

    def _revive(self) -> None:
        """It died: start another, and tell it everything. It goes on from what the server acknowledged."""
        if self._restarts >= _MAX_RESTARTS:
            return
        self._restarts += 1
        self._link.disown()
        self._link = self._open()
        for message in list(self._runs.values()):
            self._link.send(message)
