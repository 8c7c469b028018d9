"""Manifests of artifacts as W&B's client writes and reads them: pure. Ours know content by its SHA-256 too, its only by MD5."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from playhead.domain.artifact import Entry, is_md5
from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_MANIFEST

_POLICY = {"storagePolicy": "wandb-storage-policy-v1", "storagePolicyConfig": {"storageLayout": "V2"}}


def manifest_text(entries: Iterable[Entry], birth: str) -> bytes:
    """A manifest for the client; `birth` is the id that it asks for single files by."""
    contents: dict[str, Any] = {}
    for entry in entries:
        told: dict[str, Any] = {"digest": entry.digest, "size": entry.size}
        told |= {"ref": entry.ref} if entry.ref else {"birthArtifactID": birth}
        contents[entry.path] = told | ({"extra": dict(entry.extra)} if entry.extra else {})
    return json.dumps({"version": 1, **_POLICY, "contents": contents}, separators=(",", ":")).encode()


def entries_of(text: bytes) -> list[Entry]:
    """What a client's manifest says. UsageError if it is none."""
    if len(text) > MAX_MANIFEST:
        raise UsageError(f"The manifest has {len(text):,} bytes: MAX_MANIFEST is {MAX_MANIFEST:,}.")
    try:
        contents = json.loads(text)["contents"]
        return [_entry(path, told) for path, told in contents.items()]
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError) as error:
        raise UsageError(f"The manifest cannot be read: {error!r}.") from error


def _entry(path: str, told: dict[str, Any]) -> Entry:
    extra, size = told.get("extra") or {}, told.get("size") or 0
    if told.get("ref"):
        return Entry(path, str(told["digest"]), size=int(size), ref=str(told["ref"]), extra=extra)
    if not is_md5(told["digest"]):
        raise UsageError(f"{path!r} in the manifest has no MD5 as its digest.")
    return Entry(path, told["digest"], size=int(size), extra=extra)


def md5_of_hex(digits: str) -> str:
    """The base64 of an MD5 that is written in hexadecimal digits; empty if it is none."""
    try:
        return base64.b64encode(bytes.fromhex(digits)).decode()
    except ValueError:
        return ""


def hex_of_md5(md5: str) -> str:
    """The same the other way round; UsageError if it is none."""
    if not is_md5(md5):
        raise UsageError(f"{md5!r} is not the base64 of an MD5.")
    return base64.b64decode(md5).hex()
