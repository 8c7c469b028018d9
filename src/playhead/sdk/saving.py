"""`save()`: says in the journal which files are to be saved. Reading and sending them is the sidecar's work."""

from __future__ import annotations

import contextlib
import glob
import os
import stat
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from playhead.domain.errors import UsageError
from playhead.domain.file import matches, wrong_with
from playhead.journal import format as kinds
from playhead.sdk import rundir
from playhead.sdk.pinning import Pin, pin

if TYPE_CHECKING:
    from playhead.sdk.run import Run

POLICIES = ("live", "now", "end")
_CLOUD = ("s3://", "gs://")
_AT_ONCE = 1_000
"""Files in one record."""
_TOLD = 5
"""Names in a warning."""
_SLICE = 0.5


class Saved(list[str]):
    """Paths in `run.dir` of all files that will be uploaded, as far as they are there now."""

    def __init__(self, paths: Sequence[str] = (), run: Run | None = None, numbers: Sequence[int] = ()) -> None:
        super().__init__(paths)
        self._run = run
        self._numbers = set(numbers)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the server has their content, at most `timeout` seconds. Whether it has; offline it never does."""
        end = None if timeout is None else time.monotonic() + timeout
        while self._run is not None and not self._run._are_saved(self._numbers):  # noqa: SLF001 the handle belongs to the run
            left = _SLICE if end is None else min(_SLICE, end - time.monotonic())
            if left <= 0 or self._run.offline or not self._run._hear_next(left):  # noqa: SLF001 as above
                return False
        return True


class _Look(NamedTuple):
    """Where to look, for what: names are relative to `base`."""

    base: str
    pattern: str


def save(run: Run, told: Any, base_path: Any, policy: str, *, watch: bool, wait: bool) -> Saved:
    """Have files saved; see Run.save."""
    pattern = _text(told, "glob_str")
    warn = run._guard.talk.warn  # noqa: SLF001 this is the run's own call
    if pattern.startswith(_CLOUD):
        warn(
            f"{pattern} is a cloud storage url, can't save file to Playhead. "
            f"Keep it where it is, and log a reference to it: run.log_artifact({pattern!r}, type='dataset')."
        )
        return Saved()
    if policy not in POLICIES:
        raise UsageError(f"policy={policy!r}: say one of {', '.join(POLICIES)}.")
    if wait and policy == "end":
        raise UsageError('wait=True does not go with policy="end": the files are sent when the run ends.')
    look, others = _where(run, pattern, None if base_path is None else _text(base_path, "base_path"))
    found, wrong = _find(run, look, *others)
    if not found and not wrong:
        warn(f"save({pattern!r}) has found no file in {Path(look.base, os.path.dirname(look.pattern))}.")  # noqa: PTH120 it may be a glob
    # `end` needs no watching in run.dir: all of it is saved then.
    watched = [*([look] if watch else []), *(one for one in (look, *others) if one.base == run.dir and policy != "end")]
    saved = keep(
        run, found, wrong, policy, f"save({pattern!r})", list(dict.fromkeys(watched)), pinned=not wait or run.offline
    )
    if wait:
        saved.wait()
    return saved


def keep(
    run: Run, found: dict[str, str], wrong: Sequence[str], policy: str, call: str, watched: Sequence[_Look] = (), *, pinned: bool = True
) -> Saved:  # fmt: skip
    """Have these files (name in the run -> path) saved; tell what `call` leaves out, with reasons."""
    if wrong:
        run._guard.talk.warn(f"{call} leaves out {_some(wrong)}.")  # noqa: SLF001 this is the run's own call
    pins = pin(run._place.folder / "blobs", found) if pinned and policy != "end" else {}  # noqa: SLF001 as above
    numbers = _record(run, found, watched, policy, pins)
    saved = Saved(sorted(os.path.join(run.dir, name) for name in found), run, numbers)  # noqa: PTH118 as it was given
    if numbers:
        run._companion.nudge(os.fspath(run._place.folder))  # noqa: SLF001 as above
    for name, path in found.items():
        _link(run.dir, name, path)
    return saved


def _text(told: Any, name: str) -> str:
    try:
        return os.fsdecode(told)
    except TypeError:
        raise UsageError(f"{name} is a path or a glob, not a {type(told).__name__}.") from None


def _where(run: Run, pattern: str, base_path: str | None) -> tuple[_Look, list[_Look]]:
    """Where to look, and where else: a relative glob means files in run.dir too. UsageError if it leads out of `base_path`."""
    if not pattern:
        raise UsageError("save() wants the path of a file, or a glob.")
    here = os.fspath(rundir.working_folder().absolute())
    path = os.path.normpath(os.path.join(here, pattern))  # noqa: PTH118 a glob is no path
    others = []
    if base_path is not None:
        base = os.path.normpath(os.path.join(here, base_path))  # noqa: PTH118 as above
    elif _is_below(path, run.dir):
        base = run.dir
    elif not os.path.isabs(pattern) and _is_below(path, here):  # noqa: PTH117 as above
        base = here
        others.append(_Look(run.dir, os.path.relpath(path, here)))
    else:  # one folder is kept in the name
        base = os.path.dirname(_fixed(path))  # noqa: PTH120 as above
    inner = os.path.relpath(path, base)
    if inner == "." or (inner + os.sep).startswith(".." + os.sep):
        raise UsageError(f"{pattern!r} is not below {base}: give a base_path that holds it.")
    return _Look(base, inner), others


def _is_below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)


def _fixed(path: str) -> str:
    """The folder of `path`, as far as it has no wildcard."""
    folder = os.path.dirname(path)  # noqa: PTH120 as above
    while glob.has_magic(folder):
        folder = os.path.dirname(folder)  # noqa: PTH120 as above
    return folder


def _find(run: Run, *looks: _Look) -> tuple[dict[str, str], list[str]]:
    """Name in the run -> path of the file; and what was left out, with reasons."""
    found: dict[str, str] = {}
    wrong: list[str] = []
    own = os.fspath(run._place.folder.parent)  # noqa: SLF001 as above
    for look in looks:
        for inner in _matches(look):
            path = os.path.join(look.base, inner)  # noqa: PTH118 quick
            name = inner.replace(os.sep, "/")
            if name in found or matches(name, run.settings.ignore_globs):
                continue
            if _is_below(path, own) and not _is_below(path, run.dir) and rundir.is_of_a_run(path[len(own) :]):
                continue  # journals and the like
            reason = wrong_with(name) or unfit(path)
            if reason == _FOLDER and glob.has_magic(look.pattern):
                continue
            if reason:
                wrong.append(f"{name!r} ({reason})")
            else:
                found[name] = path
    return found, wrong


def _matches(look: _Look) -> Iterator[str]:
    if os.path.lexists(os.path.join(look.base, look.pattern)):  # noqa: PTH118 a file may be called like a glob
        yield look.pattern
    elif glob.has_magic(look.pattern):
        yield from sorted(glob.iglob(look.pattern, root_dir=look.base, recursive=True))  # noqa: PTH207 names are relative


_FOLDER = "it is a folder: write folder/**"


def unfit(path: str | Path) -> str | None:
    """Why it is no file that can be saved."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 quick
    except OSError as error:
        return "it is a link that leads nowhere" if os.path.islink(path) else f"{error.strerror}"  # noqa: PTH114 as above
    if stat.S_ISDIR(mode):
        return _FOLDER
    if not stat.S_ISREG(mode):
        return "it is no file"
    return None if os.access(path, os.R_OK) else "it may not be read"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return ", ".join(names[:_TOLD]) + more


def _record(
    run: Run, found: dict[str, str], watched: Sequence[_Look], policy: str, pins: Mapping[str, Pin]
) -> list[int]:
    files = list(found.items())
    numbers = []
    for at in range(0, max(len(files), bool(watched)), _AT_ONCE):
        data: dict[str, Any] = {"policy": policy, "files": files[at : at + _AT_ONCE]}
        if watched and at == 0:
            data["watch"] = [tuple(look) for look in watched]
        pinned = {name: pins[name] for name, _ in data["files"] if name in pins}
        if pinned:
            data["pins"] = pinned
        if run.settings.ignore_globs:
            data["ignore"] = list(run.settings.ignore_globs)
        numbers.append(run._ask_to_save(kinds.SAVE, data))  # noqa: SLF001 as above
    return numbers


def _link(folder: str, name: str, path: str) -> None:
    """Let the run's folder show the file, where that can be: nothing depends on it."""
    link = os.path.join(folder, name)  # noqa: PTH118 quick
    if path == link:
        return
    with contextlib.suppress(OSError):
        try:
            os.symlink(path, link)  # noqa: PTH211 quick
        except FileNotFoundError:
            os.makedirs(os.path.dirname(link), exist_ok=True)  # noqa: PTH103, PTH120 quick
            os.symlink(path, link)  # noqa: PTH211 quick
        except FileExistsError:
            if os.path.islink(link) and os.readlink(link) != path:  # noqa: PTH114, PTH115 quick
                os.unlink(link)  # noqa: PTH108 quick
                os.symlink(path, link)  # noqa: PTH211 quick
