"""Every error that Playhead raises, as one tree. A class's docstring is its default message and says what to do next.

PlayheadError
├── UsageError                a wrong argument or call
│   └── FilterError           a filter that is none, or takes too long
├── CommError                 the server could not be reached, or its answer was not understood
│   └── BusyError             it asks to be asked again later
├── AuthenticationError       no API key, or one that the server does not know
├── LaunchError               the run may not be recorded there
│   └── PermissionDeniedError
├── InitStartError            the sidecar could not be started
├── NotFoundError             no such run, project, user or file
├── ConflictError             it exists already, or changed in between
│   ├── LeaseError            another training writes to the run
│   └── OffsetError           journal bytes came from another offset than the next one
├── LimitError                larger than a named limit
├── StorageError              the server cannot read a content that it has
├── JournalError              not a journal, or of a version that this Playhead cannot read
└── ServerRunningError        the data folder is in use by another server
"""

from __future__ import annotations


class PlayheadError(Exception):
    """Something went wrong in Playhead."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or " ".join((type(self).__doc__ or "").split()))

    @property
    def message(self) -> str:
        """The text for a person."""
        return str(self.args[0])


class UsageError(PlayheadError):
    """An argument or a call is wrong."""


class FilterError(UsageError):
    """This is no filter of runs."""

    def __init__(self, message: str | None = None, *, text: str = "", position: int | None = None) -> None:
        """`position` is the character of `text` at fault, from 0; the message then shows the place."""
        self.position = position
        if message is not None and position is not None:
            message = f"{message}\n{_pointed(text, position)}"
        super().__init__(message)


def _pointed(text: str, position: int) -> str:
    """The line of `text` that `position` is in, and below it a caret."""
    begin = text.rfind("\n", 0, position) + 1
    line = text[begin:].split("\n", 1)[0]
    first = max(0, position - begin - 60)
    return f"  {line[first : first + 120]}\n  {' ' * (position - begin - first)}^"


class CommError(PlayheadError):
    """The server could not be reached. Check its address with `playhead status`, or record with PLAYHEAD_MODE=offline."""


class BusyError(CommError):
    """The server is busy. Try again in a moment."""

    retry_after: float | None = None
    """Seconds to wait, if the server said."""


class AuthenticationError(PlayheadError):
    """The server does not know this API key. Run `playhead login` with the key that `playhead user add` printed for you."""


class LaunchError(PlayheadError):
    """The run may not be recorded there."""


class PermissionDeniedError(LaunchError):
    """Permission denied."""


class InitStartError(PlayheadError):
    """The sidecar process could not be started. Try playhead.init(settings=playhead.Settings(start_method="thread"))."""


class NotFoundError(PlayheadError):
    """There is nothing of that name."""


class ConflictError(PlayheadError):
    """It exists already, or was changed in between. Read it again."""


class LeaseError(ConflictError):
    """Another training writes to this run. Wait for its end, stop it, or let both write with mode="shared"."""

    def __init__(self, message: str | None = None, *, stream: str = "", host: str = "", pid: int = 0) -> None:
        """`stream` is that of its journal, `pid` its process on `host`."""
        super().__init__(message)
        self.stream = stream
        self.host = host
        self.pid = pid


class OffsetError(ConflictError):
    """Journal bytes must be sent from the offset that the server acknowledged last."""

    def __init__(self, expected: int, message: str | None = None) -> None:
        super().__init__(message or f"The next byte of this stream is {expected}. Send from there.")
        self.expected = expected


class LimitError(PlayheadError):
    """This is larger than the limit for it."""


class StorageError(PlayheadError):
    """The server has this content, but cannot read it. Whoever runs the server should look at its disk; its log says more."""


class JournalError(PlayheadError):
    """This file is not a journal that this version of Playhead can read."""


class ServerRunningError(PlayheadError):
    """Another server uses this data folder. Stop it with `playhead server stop`, or choose another folder."""
