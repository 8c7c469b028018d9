"""A file or a reference of an artifact, as `get_entry` and `manifest` give it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from playhead.client.artifacts.draft import Part
from playhead.domain.artifact import Entry
from playhead.domain.errors import UsageError

Bring = Callable[[Entry, str | os.PathLike[str] | None], str]
"""Lets an entry be on this disk, below a folder; answers its path."""


class ArtifactEntry:
    """What stands at one path of an artifact. Of a draft, its file is read when somebody asks for a digest."""

    def __init__(self, told: Part | Entry, bring: Bring | None = None) -> None:
        """`bring`: None as long as it is not logged."""
        self._told = told
        self._bring = bring
        self.local_path = told.held.path if isinstance(told, Part) and told.held else None
        """Where its content is held until it is logged."""

    def __repr__(self) -> str:
        return f"<ArtifactEntry {self.path!r}>"

    @property
    def path(self) -> str:
        """Its path in the artifact, with `/` between folders."""
        return self._told.path

    name = path

    @property
    def size(self) -> int:
        """Bytes; of a reference 0 if nobody knows."""
        return self._told.size

    @property
    def digest(self) -> str:
        """Of a file, the base64 of its MD5; of a reference an ETag or the like."""
        return self._entry.digest

    @property
    def sha256(self) -> str:
        """Of a file."""
        return self._entry.sha256

    @property
    def ref(self) -> str | None:
        """Of a reference: where it leads to."""
        return self._told.ref or None

    @property
    def extra(self) -> dict[str, Any]:
        """What else is known of a reference: `etag`, `versionID`."""
        return dict(self._told.extra)

    def ref_target(self) -> str:
        """Where it leads to. UsageError if it is no reference."""
        if self.ref is None:
            raise UsageError(f"{self.path!r} is a file of the artifact, and no reference.")
        return self.ref

    ref_url = ref_target

    def download(self, root: str | os.PathLike[str] | None = None) -> str:
        """Let it be below `root` (None: where `Artifact.download` puts it); answers its path there."""
        if self._bring is None:
            raise UsageError(f"{self.path!r} is not logged yet: there is nothing to download.")
        return self._bring(self._entry, root)

    @property
    def _entry(self) -> Entry:
        return self._told.entry() if isinstance(self._told, Part) else self._told
