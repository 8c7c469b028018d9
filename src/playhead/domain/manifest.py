"""The manifest of an artifact: what is in it, as JSON that is stored like any other content. Pure.

{"version": 1, "entries": {"data/a.csv": {"digest": base64 of its MD5, "sha256": …, "size": …},
                           "raw": {"ref": "s3://bucket/raw", "digest": …, "size": …, "extra": {…}}}}
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from playhead.domain.artifact import Entry, is_md5
from playhead.domain.errors import LimitError, UsageError
from playhead.domain.file import SHA256, wrong_with
from playhead.domain.limits import MAX_ENTRIES, MAX_FILE, MAX_MANIFEST, MAX_REFERENCE

VERSION = 1
_MAX_DIGEST = MAX_REFERENCE


def to_json(entries: Iterable[Entry]) -> bytes:
    """The manifest of these entries: the same bytes for the same entries. LimitError if there are too many."""
    told = {entry.path: _told(entry) for entry in sorted(entries, key=lambda entry: entry.path)}
    if len(told) > MAX_ENTRIES:
        raise LimitError(f"An artifact has at most {MAX_ENTRIES:,} files (MAX_ENTRIES), not {len(told):,}.")
    text = json.dumps({"version": VERSION, "entries": told}, ensure_ascii=True, separators=(",", ":"))
    if len(text) > MAX_MANIFEST:
        raise LimitError(f"The manifest would have {len(text):,} bytes: MAX_MANIFEST is {MAX_MANIFEST:,}.")
    return text.encode()


def _told(entry: Entry) -> dict[str, Any]:
    if entry.ref:
        found: dict[str, Any] = {"ref": entry.ref, "digest": entry.digest, "size": entry.size}
    else:
        found = {"digest": entry.digest, "sha256": entry.sha256, "size": entry.size}
    return found | ({"extra": dict(sorted(entry.extra.items()))} if entry.extra else {})


def parse(text: bytes) -> list[Entry]:
    """The entries of a manifest, by path. UsageError, which says what is wrong, if it is none."""
    if len(text) > MAX_MANIFEST:
        raise UsageError(f"The manifest has {len(text):,} bytes: MAX_MANIFEST is {MAX_MANIFEST:,}.")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The manifest cannot be read: {error}.") from error
    entries = told.get("entries") if isinstance(told, dict) and told.get("version") == VERSION else None
    if not isinstance(entries, dict):
        raise UsageError(f"The manifest is not of version {VERSION}.")
    if len(entries) > MAX_ENTRIES:
        raise UsageError(f"The manifest has {len(entries):,} entries: MAX_ENTRIES is {MAX_ENTRIES:,}.")
    return [_entry(path, entries[path]) for path in sorted(entries)]


def _entry(path: str, told: Any) -> Entry:
    wrong = wrong_with(path) or _wrong(told)
    if wrong:
        raise UsageError(f"The manifest has {path[:200]!r}, which is no good: {wrong}.")
    return Entry(
        path=path, digest=told["digest"], size=told.get("size", 0), sha256=told.get("sha256", ""), ref=told.get("ref", ""),
        extra=told.get("extra", {}),
    )  # fmt: skip


def _wrong(told: Any) -> str | None:
    """Why this is no entry."""
    if not isinstance(told, dict) or not isinstance(told.get("extra", {}), dict):
        return "it is no object, or its `extra` is none"
    digest, size = told.get("digest"), told.get("size", 0)
    if not isinstance(digest, str) or not 1 <= len(digest) <= _MAX_DIGEST:
        return "it has no digest"
    if type(size) is not int or not 0 <= size <= MAX_FILE:
        return "its size is no number of bytes"
    return _wrong_reference(told) if "ref" in told else _wrong_file(told.get("sha256"), digest)


def _wrong_reference(told: dict[str, Any]) -> str | None:
    good = isinstance(told["ref"], str) and 1 <= len(told["ref"]) <= MAX_REFERENCE and "sha256" not in told
    return None if good else "its reference is none, or it has a SHA-256 too"


def _wrong_file(sha256: Any, digest: str) -> str | None:
    if not isinstance(sha256, str) or not SHA256.fullmatch(sha256):
        return "it has neither a SHA-256 nor a reference"
    return None if is_md5(digest) else "its digest is not the base64 of an MD5"
