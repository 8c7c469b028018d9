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
        self._fresh: list[Recording] = []
        """They begin when everything has been heard that was said so far: a short training has ended by then."""
        self._terminated = False

    def serve(self) -> None:
        """Returns when there is nothing more to do."""
        while not self._terminated:
            try:
                message = self._link.receive(0.0 if self._fresh else TICK)
            except EOFError:
                break
            if message is None:
                self._start()
                self._forget_done()
            elif message.get("op") == "bye":
                break
            else:
                self._hear(message)
        self._start()
        self._leave()

    def terminate(self) -> None:
        """Flush and leave; may be called from a signal handler."""
        self._terminated = True

    def begin(self, message: Message) -> None:
        """Begin a run at once, from any thread."""
        self._hear(message)
        self._start()

    def _hear(self, message: Message) -> None:
        recording = self._recordings.get(str(message.get("dir")))
        match message.get("op"):
            case "run" if recording is None:
                self._begin(message)
            case "finish" if recording is not None:
                recording.finish()
            case "look" if recording is not None:
                recording.main.scan_all()
            case "drop" if recording is not None:
                recording.drop()

    def _begin(self, message: Message) -> None:
        try:
            order = RunOrder.of(message)
            recording = Recording(order, self._link.send)
        except (OSError, PlayheadError, ValueError, KeyError, TypeError) as error:
            self._refuse(message.get("dir"), error)
            return
        self._recordings[str(order.folder)] = recording
        self._fresh.append(recording)

    def _start(self) -> None:
        fresh, self._fresh = self._fresh, []
        for recording in fresh:
            watch = Watch(recording)
            recording.before_end = watch.end
            recording.keeper.before_final = watch.keep_code
            try:
                recording.start()
            except RuntimeError as error:
                self._refuse(str(recording.folder), error)
            else:
                watch.start()

    def _refuse(self, folder: object, error: Exception) -> None:
        self._link.send({"op": "trouble", "dir": folder, "message": f"This run cannot be shipped: {error}"})

    def _forget_done(self) -> None:
        for name in [name for name, recording in tuple(self._recordings.items()) if recording.done.is_set()]:
            del self._recordings[name]

    def _leave(self) -> None:
        for recording in self._recordings.values():
            recording.leave(training_died=not self._terminated)
        for recording in self._recordings.values():
            recording.done.wait()
