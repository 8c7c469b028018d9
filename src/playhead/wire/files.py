"""Files of runs, and their content on its way. Times are microseconds since 1970 (UTC)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A version of a file: the one that is seen from some place, or one of all."""

    path: str
    """Relative, with `/` between its parts. Whoever writes it to a disk checks that again."""
    sha256: str
    size: int
    step: int
    time: int
    segment: str
    version: int
    """Its number among the versions of this path, from 0, by time."""
    versions: int
    """How many versions of this path there are in all segments."""
    media: bool = False
    """An image of a chart or the like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePage:
    """Files by path, or versions of one file, newest first."""

    items: list[FileView]
    next: str | None
    """`cursor` of the next page."""
    left_out: int = 0
    """Records of files that cannot be shown: their name or digest is no good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadView:
    """How far the content is."""

    offset: int
    """Bytes that are there: send from here."""
    complete: bool
    """It is stored and verified: nothing needs to be sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digests:
    """SHA-256 of contents."""

    digests: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """Those of the asked contents that must be sent."""

    missing: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """Where the content can be fetched without the server, for a while."""

    url: str | None
    """None: only from the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offsets:
    """Where pieces of an upload begin."""

    offsets: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where these pieces can be put without the server, for a while, in their order; none: only through the server."""

    urls: list[str]
