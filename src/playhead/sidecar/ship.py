"""Sends the journals of one run to a server, from the offsets that it acknowledged. One call, one request: no waiting, no threads."""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from playhead.client.ingest import Ingest
from playhead.client.transfer import Tries
from playhead.client.uploads import Outcome, Outgoing, upload_all
from playhead.domain.errors import CommError, ConflictError, JournalError, LimitError, OffsetError, UsageError
from playhead.domain.file import wrong_with
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_BLOB
from playhead.sidecar import syncfile
from playhead.sidecar.tail import BLOBS, Media, Tail
from playhead.wire.ingest import Appended

_PATIENCE = 8
"""Times in a row that the server may want another offset before it is taken for confused."""
_FILE_PATIENCE = 5.0
"""Seconds that sending a file goes on without progress; then the journal's own patience counts."""
_SAVE_EVERY = 1.0
"""Seconds between two writings of sync.json."""


class Shipment:
    """One run on its way to `server`. `main` is the training's journal, `others` go behind it.

    Calls raise what `Ingest` raises, and JournalError for a file that cannot be what the server has.
    """

    def __init__(
        self, folder: Path, main: Tail, others: list[Tail], server: Ingest, told: Callable[[str], None], *,
        frees: bool = False, moved: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """`told` hears what cannot be sent, `moved` that the content of a file goes on. `frees`: content that waited here goes when it is there."""
        self.folder = folder
        self.main = main
        self.others = others
        self.server = server
        self.answer: Appended | None = None
        """What the server said last."""
        self.damaged = 0
        """Places that the server could not read."""
        self.requests = 0
        self.last_contact = 0.0
        """Monotonic time of the last answer."""
        self.state = syncfile.read(folder)
        self.files = 0
        """Files whose turn has come,"""
        self.file_bytes = 0
        """and their bytes,"""
        self.files_sent = 0
        """and those whose content the server did not have,"""
        self.file_bytes_sent = 0
        """and what was sent of it."""
        self._told = told
        self._moved = moved
        self._frees = frees
        self._moving: dict[str, int] = {}
        """SHA-256 -> bytes of a content that is being sent."""
        self._saved = 0.0
        self._main_sent = False
        """Whether it was the training's journal that was sent last."""
        self._wrong_offsets = 0
        self._present: set[str] = set()
        """Contents that the server has, or that can go nowhere."""
        if self.state.server == server.url:
            for tail in self.tails:
                known = self.state.streams.get(tail.header.stream, 0)
                if 0 < known <= tail.size():
                    tail.restart(known)
        else:
            self.state = syncfile.SyncState(server=server.url)
        self._nowhere = dict(self.state.unsent)
        """SHA-256 -> name of those that can go nowhere."""

    @property
    def tails(self) -> list[Tail]:
        """All journals, the training's first."""
        return [self.main, *self.others]

    @property
    def sent(self) -> int:
        """Bytes that the server has."""
        return sum(tail.acked for tail in self.tails)

    @property
    def total(self) -> int:
        """Bytes that there are."""
        return sum(tail.size() for tail in self.tails)

    @property
    def file_bytes_done(self) -> int:
        """Bytes of files that the server has, also of those that are on their way."""
        return self.file_bytes + sum(self._moving.values())

    @property
    def left(self) -> list[Media]:
        """Files whose turn has not come, as far as the journals have been looked at."""
        return [media for tail in self.tails for media in tail.media]

    @property
    def complete(self) -> bool:
        """Whether the run has ended and the server has all of it and knows that."""
        return all(tail.told_final for tail in self.tails)

    def move_to(self, server: Ingest) -> None:
        """The same server answers at another address now."""
        self.server = server
        self.state.server = server.url

    def step(self) -> bool:
        """Send the next bytes of a journal that has any. The training's opens the run; from then on it takes turns with the others, as
        it may always have more. Whether something was sent.
        """
        others = self.others if self.main.acked else []
        for tail in [*others, self.main] if self._main_sent else [self.main, *others]:
            if self._send(tail):
                self._main_sent = tail is self.main
                return True
        return False

    def put(self, files: Sequence[Media]) -> None:
        """Send the content of `files`, of which the server knows already."""
        for one in files:
            if not one.kept:
                self._put(one)
        self._put_kept([one for one in files if one.kept])

    def beat(self) -> None:
        """Say that the writer lives; once it has ended, see whether the server answers."""
        if self.main.told_final:
            self.server.stream_offset(self.main.header.stream)
            self.last_contact = time.monotonic()
        elif self.main.acked:
            self._append(self.main, b"", final=False)

    def save(self, *, error: str | None = None, now: bool = True) -> None:
        """Write sync.json; without `now` only if the last time was a while ago."""
        if not now and time.monotonic() - self._saved < _SAVE_EVERY:
            return
        self._saved = time.monotonic()
        self.state.streams = {tail.header.stream: tail.acked for tail in self.tails}
        self.state.complete = self.complete
        self.state.unsent = dict(self._nowhere)
        self.state.error = error
        syncfile.write(self.folder, self.state)

    def _send(self, tail: Tail) -> bool:
        data = tail.batch()
        last = tail.closed and tail.acked + len(data) == tail.scanned == tail.size()
        if not data and (not last or tail.told_final):
            return False
        due = [media for media in list(tail.media) if media.offset < tail.acked + len(data)]
        if due and self.answer is None:
            # The run must exist before its files: the header goes first, or nothing but a sign of life.
            data, last, due = data[: max(0, tail.header_end - tail.acked)], False, []
        self.put(due)
        self._append(tail, data, final=last)
        if self._frees:
            self._free([media for media in due if media.kept and media.offset < tail.acked])
        return True

    def _append(self, tail: Tail, data: bytes, *, final: bool) -> None:
        try:
            answer = self.server.append(tail.header.stream, tail.acked, data, final=final)
        except OffsetError as error:
            self._wrong_offsets += 1
            if self._wrong_offsets > _PATIENCE:
                raise JournalError(
                    f"{self.server.url} wants {tail.path} from byte {error.expected}, again and again."
                ) from error
            tail.restart(error.expected)
            return
        self._wrong_offsets = 0
        self.requests += 1
        self.answer = answer
        self.damaged += answer.damaged
        self.last_contact = time.monotonic()
        self.state.run_url = answer.url
        if data:
            tail.acknowledge(answer.offset)
        if final and answer.offset >= tail.scanned:
            tail.told_final = True
        self.save(now=self.complete)

    def _put(self, media: Media) -> None:
        """Send a file's content, unless it went already or can go nowhere: a picture that is lost does not hold up the numbers."""
        if media.sha256 in self._present or self.answer is None:
            return
        run = RunPath(self.answer.entity, self.answer.project, self.answer.run_id)
        try:
            self.server.put_blob(run, media.sha256, _content(self.folder / "files", media))
        except OSError as error:
            self._refused(media, f"it could not be read: {error}.")
        except (LimitError, UsageError, ConflictError) as error:
            self._refused(media, error.message)
        else:
            self._settled(media, media.size)

    def _settled(self, file: Media, sent: int) -> None:
        """The server has its content; `sent` bytes of it had to be sent."""
        self._moving.pop(file.sha256, None)
        self._present.add(file.sha256)
        self._nowhere.pop(file.sha256, None)
        self.files += 1
        self.file_bytes += file.size
        self.files_sent += sent > 0
        self.file_bytes_sent += sent
        self._moved()

    def _refused(self, file: Media, reason: str) -> None:
        """It can go nowhere."""
        self._settled(file, 0)
        self._nowhere[file.sha256] = file.path
        self._told(f"{file.path} is not sent: {reason}")

    def _put_kept(self, files: Sequence[Media]) -> None:
        """Send saved files whose content waits here. CommError; what else goes wrong costs that file's content only."""
        left = {one.sha256: one for one in files if one.sha256 not in self._present}
        if not left or self.answer is None:
            return
        run = RunPath(self.answer.entity, self.answer.project, self.answer.run_id)
        errors: list[CommError] = []

        def told(outcome: Outcome) -> None:
            file = left[outcome.file.sha256]
            if isinstance(outcome.error, CommError):
                errors.append(outcome.error)
            elif outcome.error is not None:
                self._refused(file, str(outcome.error))
            else:
                self._settled(file, outcome.sent)

        def progress(file: Outgoing, done: int) -> None:
            self._moving[file.sha256] = done
            self._moved()

        outgoing = [Outgoing(one.sha256, _kept(self.folder, one), one.size) for one in left.values()]
        upload_all(self.server, run, outgoing, told, progress=progress, tries=lambda: Tries(_FILE_PATIENCE))
        if errors:
            raise errors[0]

    def _free(self, files: Sequence[Media]) -> None:
        """The server has these, and knows of them: what waited here for that can go, unless another name of it is still to come."""
        coming = {media.sha256 for media in self.left}
        for sha256 in {one.sha256 for one in files} & self._present - self._nowhere.keys() - coming:
            with contextlib.suppress(OSError):
                (self.folder / BLOBS / Path(sha256).name).unlink()


def _kept(folder: Path, file: Media) -> Path:
    """Where the content of a saved file waits."""
    own = folder / BLOBS / Path(file.sha256).name
    if own.exists() or not file.source:
        return own
    source = folder / file.source
    if not Path(file.source).is_absolute() and wrong_with(file.path) is not None:
        return own  # no such name is ours
    return source


def _content(files: Path, media: Media) -> bytes:
    path = files / media.path
    if not path.resolve().is_relative_to(files.resolve()):
        raise UsageError(f"{media.path!r} is outside the run's files.")
    if path.stat().st_size > MAX_BLOB:
        raise LimitError(f"{media.path} is larger than MAX_BLOB ({MAX_BLOB:,} bytes).")
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != media.sha256:
        raise ConflictError(f"{media.path} is not what was logged: it was changed since.")
    return data
