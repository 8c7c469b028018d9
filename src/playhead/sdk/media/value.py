"""What all media have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from playhead.client.artifacts.artifact import Artifact

Value = dict[str, Any]
"""What a row holds for a media object: plain JSON with W&B's `_type` and fields. Where it says `path`, a file of the run has the content."""


class Shelf(Protocol):
    """Takes the content of what is logged under one key at one step. OSError if the disk does not take it, UsageError beyond MAX_MEDIA."""

    def content(self, folder: str, suffix: str, pieces: Iterable[bytes]) -> Value:
        """Keep these bytes in a file of the run; answers {"path", "sha256", "size"}. A `folder` is one below `media/`."""
        ...

    def copy(self, folder: str, suffix: str, source: Path) -> Value:
        """Keep a copy of a file; answers {"path"}: what it holds is looked at later."""
        ...

    def later(self, folder: str, suffix: str, make: Mapping[str, Any], data: Sequence[Any]) -> Value:
        """Keep raw `data` (buffers), of which the sidecar makes the file as `make` says (see `playhead.sidecar.encode`); answers {"path"}."""
        ...

    def tell(self, message: str) -> None:
        """Warn, once for each message."""
        ...


class Media:
    """Something with content that may be logged."""

    many: ClassVar[str] = ""
    """`_type` of a list of these; empty: there are no such lists."""

    def record(self, shelf: Shelf) -> Value:
        """Keep the content; answers the value for the row."""
        raise NotImplementedError

    def keep_in(self, artifact: Artifact, name: str, *, overwrite: bool = False) -> str:
        """Keep the content in an artifact, under `name`; answers the path of what tells of it. See `Artifact.add`."""
        path: str = import_module("playhead.sdk.artifacts.objects").keep(self, artifact, name, overwrite=overwrite)
        return path

    @classmethod
    def gather(cls, members: Sequence[Any], values: Sequence[Value]) -> Value:
        """The value for a list of these, of which each has its own."""
        raise NotImplementedError


def captioned(value: Value, caption: str | None) -> Value:
    """`value`, with a caption if there is one."""
    return value if caption is None else {**value, "caption": caption}
