"""Files on the timeline: what may be a file's name, and which version of it is seen from where. Pure."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from playhead.domain.errors import ConflictError, OffsetError, UsageError
from playhead.domain.limits import MAX_FILE_NAME

SHA256 = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_CODE = re.compile(r"code/.*|(.*/)?diff(_[^/]*)?\.patch|.*\.bundle")

Line = Sequence[tuple[str, int | None]]
"""Segments, the oldest first, each with the last step that is seen of it (None: all)."""


class FileVersion(NamedTuple):
    """A file of a run, as it was saved once."""

    path: str
    """Relative, with `/` between its parts; see `wrong_with`."""
    sha256: str
    size: int
    step: int
    time: int
    segment: str
    number: int = 0
    """Counts the versions of this path, from 0, by time."""
    media: bool = False
    """An image of a chart or the like: there are many, and nobody saved them by name."""
    code: bool = False
    """Part of the code's state: not for readers from outside."""
    deleted: bool = False
    """It is no version, but the end of the one before."""


def wrong_with(path: str) -> str | None:
    """Why `path` cannot be the name of a run's file; None if it can. Whoever writes it to a disk checks it again."""
    if not path or len(path) > MAX_FILE_NAME:
        return f"it has {len(path):,} characters: MAX_FILE_NAME is {MAX_FILE_NAME:,}" if path else "it is empty"
    if _CONTROL.search(path):
        return "it has characters that are no text"
    if path.startswith("/") or path[1:3] in {":\\", ":/"}:
        return "it is absolute"
    if any(part in {"", ".", ".."} for part in path.replace("\\", "/").split("/")):
        return "it has a part that is empty, `.` or `..`"
    return None


@functools.lru_cache(maxsize=256)
def _compiled(glob: str) -> re.Pattern[str]:
    parts, at = [], 0
    while at < len(glob):
        bracket = re.compile(r"\[([!^]?)(\]?[^\]]*)\]").match(glob, at) if glob[at] == "[" else None
        if glob.startswith("**", at):
            parts.append(".*")
            at += 2
        elif bracket is not None:
            inside = bracket[2].replace("\\", r"\\").replace("[", r"\[").replace("]", r"\]")
            parts.append(f"[{'^' if bracket[1] else ''}{inside}]")
            at = bracket.end()
        else:
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(glob[at], re.escape(glob[at])))
            at += 1
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:  # such as [z-a]: it means itself
        return re.compile(re.escape(glob))


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether a file's name in its run is one of `globs`: `*` and `?` stop at a slash, `**` does not."""
    return any(_compiled(glob).fullmatch(path) for glob in globs)


def version(data: Mapping[str, Any], *, step: int, time: int, segment: str) -> FileVersion | None:
    """What a journal's FILE record tells; None if it is no good: records are history, whatever they say."""
    path, sha256, size = data.get("path"), data.get("sha256"), data.get("size")
    if not isinstance(path, str) or wrong_with(path):
        return None
    deleted = data.get("deleted") is True
    good = isinstance(sha256, str) and SHA256.fullmatch(sha256) and type(size) is int and size >= 0
    if not good and not deleted:
        return None
    return FileVersion(
        path=path, sha256=str(sha256) if good else "", size=int(size) if good and size else 0, step=step, time=time,
        segment=segment, media=data.get("media") is True, deleted=deleted,
        code=data.get("code") is True or _CODE.fullmatch(path) is not None,
    )  # fmt: skip


def numbered(told: Iterable[FileVersion]) -> list[FileVersion]:
    """`told`, which is in order of time, with their numbers."""
    counts: dict[str, int] = defaultdict(int)
    found = []
    for one in told:
        number = counts[one.path]
        found.append(one._replace(number=number) if number else one)
        counts[one.path] += not one.deleted
    return found


def as_of(line: Line, told: Iterable[FileVersion]) -> dict[str, FileVersion]:
    """The files at the end of `line`, by path. `told` is in order of time; a later segment's version hides an earlier one's."""
    own: dict[str, list[FileVersion]] = {segment: [] for segment, _ in line}
    for one in told:
        if one.segment in own:
            own[one.segment].append(one)
    seen: dict[str, FileVersion] = {}
    for segment, limit in line:
        for one in own[segment]:
            if limit is None or one.step <= limit:
                seen[one.path] = one
    return {path: one for path, one in sorted(seen.items()) if not one.deleted}


def check_digest(sha256: str) -> None:
    """UsageError unless it is a SHA-256 as content is named by it."""
    if not SHA256.fullmatch(sha256):
        raise UsageError("A SHA-256 is 64 hexadecimal digits in small letters.")


def wrong_bytes(sha256: str) -> ConflictError:
    """What is told of content that is not what its digest says."""
    return ConflictError(
        f"What arrived is not what the SHA-256 {sha256} says, and is thrown away. Was the file changed meanwhile?"
    )


def too_many_bytes() -> OffsetError:
    """What is told of an upload that is longer than its length."""
    return OffsetError(0, "There was more of it than its length says: it is thrown away. Send it again.")
