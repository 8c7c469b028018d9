"""References: what an address leads to now, as far as it can be told without fetching it. fsspec is loaded only for what is not on this disk."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from playhead.client.artifacts import digests
from playhead.client.artifacts.draft import Part, checked
from playhead.domain.errors import CommError, NotFoundError, UsageError
from playhead.domain.limits import MAX_ENTRIES, MAX_REFERENCE

_EXTRAS = {"http": "http", "https": "http", "s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"}
"""Scheme -> the extra of Playhead that has what is needed for it."""
_TAGS = ("ETag", "etag", "e_tag")
_VERSIONS = {"VersionId": "versionID", "version_id": "versionID", "generation": "versionID"}


def parts_of(uri: str, name: str | None, *, checksum: bool = True, most: int | None = None) -> list[Part]:
    """What is to be added for `uri`: one part, or one for each object below it.

    UsageError if it is no address, or has too many objects, or fsspec is missing; NotFoundError if nothing is there; CommError.
    """
    scheme = urlsplit(uri).scheme
    if not scheme or len(uri) > MAX_REFERENCE:
        raise UsageError(f"{uri[:200]!r} is no address: write s3://bucket/key, https://… or file:///absolute/path.")
    if not checksum:
        return [Part(checked(name or _base(uri)), 0, digest=digests.md5_of_text(uri), ref=uri)]
    found: list[Part] = []
    for inner, part in _local(uri) if scheme == "file" else _remote(uri, scheme):
        part.path = checked("/".join(step for step in (name or ("" if inner else _base(uri)), inner) if step))
        found.append(part)
        if len(found) > (MAX_ENTRIES if most is None else most):
            raise UsageError(
                f"{uri} has more than {len(found) - 1:,} objects: give max_objects=, or say checksum=False."
            )
    return found


def open_reference(part_ref: str) -> Any:
    """What the address leads to, as a file that is open for reading. UsageError, NotFoundError, CommError."""
    parts = urlsplit(part_ref)
    try:
        if parts.scheme == "file":
            return _path(part_ref).open("rb")
        system, path = _system(part_ref, parts.scheme)
        return system.open(path, "rb")
    except FileNotFoundError:
        raise _nothing(part_ref) from None
    except OSError as error:
        raise CommError(f"{part_ref} cannot be read: {error}.") from error


def digest_of(uri: str) -> tuple[str, int]:
    """Digest and size of what the address leads to now, as `parts_of` tells them."""
    [part] = parts_of(uri, "x")
    return part.digest, part.size


def _local(uri: str) -> Iterator[tuple[str, Part]]:
    top = _path(uri)
    if top.is_dir():
        for parent, folders, files in os.walk(top):
            folders.sort()
            for file in sorted(files):
                path = Path(parent, file)
                if path.is_file():
                    yield path.relative_to(top).as_posix(), _local_part(path.as_uri(), path)
    elif top.is_file():
        yield "", _local_part(uri, top)
    else:
        raise _nothing(uri)


def _local_part(uri: str, path: Path) -> Part:
    try:
        with path.open("rb", buffering=0) as file:
            found = digests.digests(file.fileno())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    return Part("", found.size, digest=found.md5, ref=uri)


def _path(uri: str) -> Path:
    parts = urlsplit(uri)
    if parts.netloc not in {"", "localhost"}:
        raise UsageError(f"{uri} is on another machine: write file:///absolute/path.")
    return Path(unquote(parts.path))


def _remote(uri: str, scheme: str) -> Iterator[tuple[str, Part]]:
    system, path = _system(uri, scheme)
    try:
        system.invalidate_cache()  # what was there a moment ago is not what is asked for
        info = system.info(path)
        if info.get("type") != "directory":
            yield "", _remote_part(uri, info)
            return
        base = uri.rstrip("/")
        root = str(info["name"]).rstrip("/")
        for name, each in sorted(system.find(path, detail=True).items()):
            inner = str(name)[len(root) :].lstrip("/")
            if inner and each.get("type") == "file":
                yield inner, _remote_part(f"{base}/{inner}", each)
    except FileNotFoundError:
        raise _nothing(uri) from None
    except OSError as error:
        raise CommError(f"{uri} cannot be asked for: {error}.") from error


def _remote_part(uri: str, info: Mapping[str, Any]) -> Part:
    size, extra = info.get("size"), {}
    tag = next((str(info[name]).strip('"') for name in _TAGS if info.get(name)), "")
    if tag:
        extra["etag"] = tag
    for name, ours in _VERSIONS.items():
        if info.get(name) and str(info[name]) != "null":
            extra[ours] = str(info[name])
    told = tag or (hashlib.md5(f"{uri} {size}".encode(), usedforsecurity=False).hexdigest() if size else "")
    return Part("", int(size or 0), digest=told or digests.md5_of_text(uri), ref=uri, extra=extra)


def _system(uri: str, scheme: str) -> tuple[Any, str]:
    """The file system as fsspec has it, and the path in it. UsageError if it cannot be had."""
    try:
        system, path = import_module("fsspec.core").url_to_fs(uri)
    except ImportError:
        wanted = f"'playhead[{_EXTRAS[scheme]}]'" if scheme in _EXTRAS else f"fsspec, and what it needs for {scheme}://"
        raise UsageError(
            f"References to {scheme}:// are looked at with fsspec: pip install {wanted}. checksum=False does without."
        ) from None
    except ValueError as error:
        raise UsageError(
            f"{uri} cannot be looked at ({error}): say checksum=False to take the address for what it is."
        ) from None
    return system, str(path)


def _base(uri: str) -> str:
    parts = urlsplit(uri)
    return unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.netloc


def _nothing(uri: str) -> NotFoundError:
    return NotFoundError(f"There is nothing at {uri}.")
