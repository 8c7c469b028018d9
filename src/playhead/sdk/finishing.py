"""The end of a run: the sidecar is told, waited for within bounds, and what it still has to do is said."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from playhead.domain.size import progress_text
from playhead.sdk.talk import Talk

if TYPE_CHECKING:
    from playhead.sdk.run import Run

_TROUBLE_PATIENCE = 2.0
"""Seconds that `finish` goes on waiting once the server was found not to answer."""
_OFFLINE_PATIENCE = 5.0
"""Seconds that it waits for the last system metrics of an offline run."""
_INTERRUPTED = 255


def code_of(error: BaseException | None) -> int:
    """The exit code of a process that ends by `error`."""
    if error is None:
        return 0
    if isinstance(error, SystemExit):
        return 0 if error.code is None else error.code if isinstance(error.code, int) else 1
    return _INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1


def ship(run: Run, talk: Talk) -> None:
    """Have the rest shipped, showing how far it is."""
    companion, settings, name = run._companion, run.settings, run.name  # noqa: SLF001 the end is part of the run
    place, where = run._place, run._where()  # noqa: SLF001 as above
    folder = str(place.folder)
    companion.finish_run(folder)
    if place.server is None:
        _wait(run, talk, min(settings.finish_timeout, _OFFLINE_PATIENCE))
        companion.forget_run(folder)
        _tell_unsaved(run, talk)
        talk.say(f"{name} is recorded in {place.folder}. Send it to a server with: playhead sync {place.folder}")
        return
    problem = _wait(run, talk, settings.finish_timeout)
    _tell_unsaved(run, talk)
    if problem is None:
        run._tell_of_artifacts(talk)  # noqa: SLF001 as above
        talk.say(f"{name} is complete" + (f": {where}" if where else "."))
        companion.forget_run(folder)
    else:
        talk.warn(
            f"{name} is whole on this disk, but not yet on the server ({problem}). "
            f"If it does not get there by itself: playhead sync {folder}"
        )


def _tell_unsaved(run: Run, talk: Talk) -> None:
    """One was told of when it happened."""
    unsaved = len(run._unsaved)  # noqa: SLF001 as above
    if unsaved > 1:
        talk.warn(f"{unsaved:,} files were not saved. Why: {run._place.folder / 'logs' / 'sidecar.log'}")  # noqa: SLF001 as above


def _wait(run: Run, talk: Talk, timeout: float) -> str | None:
    """Wait for `done`; answers what keeps it from being done."""
    companion, folder = run._companion, str(run._place.folder)  # noqa: SLF001 as above
    end = time.monotonic() + timeout
    shown = False
    problem = f"finish_timeout of {timeout:g} s is over"
    while (left := end - time.monotonic()) > 0:
        ops = frozenset({"done", "progress", "refused", "trouble", "unsaved"})
        message = companion.wait(folder, ops, min(left, 1.0)) or {}
        match message.get("op"):
            case "done":
                if shown:
                    talk.progress("")
                return None
            case "progress" if message.get("total", 0) > 0:
                shown = True
                talk.progress(_bar(message))
            case "unsaved":
                run._hear(message)  # noqa: SLF001 as above
            case "refused" | "dead":
                return str(message.get("message"))
            case "trouble":
                problem = str(message.get("message"))
                end = min(end, time.monotonic() + _TROUBLE_PATIENCE)
    return problem


def _bar(message: dict[str, Any]) -> str:
    sent, total = int(message.get("sent", 0)), int(message["total"])
    filled = 20 * sent // total
    return f"Shipping {'█' * filled}{'░' * (20 - filled)} {progress_text(sent, total)}"


def traceback_of(error: BaseException) -> str:
    """For the run's console: the interpreter prints it only after the run has ended."""
    import traceback  # noqa: PLC0415 on the way down there is time

    return "".join(traceback.format_exception(error))
