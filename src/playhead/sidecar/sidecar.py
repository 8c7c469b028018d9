"""The sidecar: hears the training, looks after its runs, notices when it is gone. The same code as a process and as a thread."""

from __future__ import annotations

from playhead.domain.errors import PlayheadError
from playhead.sidecar.link import Link, Message
from playhead.sidecar.orders import RunOrder
from playhead.sidecar.recording import Recording
from playhead.sidecar.watch import Watch

TICK = 1.0
"""Seconds between two looks at which runs are done."""


class Sidecar:
    """Serves the training at the other end of `link` until it says goodbye or is gone, then ships what is left and returns."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._recordings: dict[str, Recording] = {}
        self._terminated = False

    def serve(self) -> None:
        """Returns when there is nothing more to do."""
        while not self._terminated:
            try:
                message = self._link.receive(TICK)
            except EOFError:
                break
            if message is None:
                self._forget_done()
            elif message.get("op") == "bye":
                break
            else:
                self.hear(message)
        self._leave()

    def terminate(self) -> None:
        """Flush and leave; may be called from a signal handler."""
        self._terminated = True

    def hear(self, message: Message) -> None:
        """Do what the training asks for; a run may begin in the training's own thread."""
        recording = self._recordings.get(str(message.get("dir")))
        match message.get("op"):
            case "run" if recording is None:
                self._begin(message)
            case "finish" if recording is not None:
                recording.finish()
            case "drop" if recording is not None:
                recording.drop()

    def _begin(self, message: Message) -> None:
        try:
            order = RunOrder.of(message)
            recording = Recording(order, self._link.send)
            watch = Watch(recording)
            recording.before_end = watch.end
            recording.start()
        except (OSError, PlayheadError, ValueError, KeyError, TypeError, RuntimeError) as error:
            self._link.send(
                {"op": "trouble", "dir": message.get("dir"), "message": f"This run cannot be shipped: {error}"}
            )
            return
        self._recordings[str(order.folder)] = recording
        watch.start()

    def _forget_done(self) -> None:
        for name in [name for name, recording in tuple(self._recordings.items()) if recording.done.is_set()]:
            del self._recordings[name]

    def _leave(self) -> None:
        for recording in self._recordings.values():
            recording.leave(training_died=not self._terminated)
        for recording in self._recordings.values():
            recording.done.wait()
