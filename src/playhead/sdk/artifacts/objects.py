"""Tables, images and other media in an artifact: the files that a run's folder would have had, and JSON that tells how to read them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playhead.domain.errors import UsageError
from playhead.sdk.media.value import Media, Value

if TYPE_CHECKING:
    from playhead.client.artifacts.artifact import Artifact

_TABLE = "table-file"


def keep(media: Media, artifact: Artifact, name: str, *, overwrite: bool) -> str:
    """Add it; answers the path of what tells of it: `<name>.table.json` and the like. UsageError if that is there already."""
    shelf = _Shelf(artifact)
    value = media.record(shelf)
    kind = str(value["_type"])
    path = f"{name}.{kind.removesuffix('-file') if kind == _TABLE else kind}.json"
    if path in artifact.draft.parts and not overwrite:
        raise UsageError(f"The artifact has {path!r} already: remove() it first, or say overwrite=True.")
    if kind == _TABLE:
        artifact.draft.rename(artifact.draft.parts[str(value["path"])], path)
    else:
        with artifact.new_file(path, mode="w") as file:
            json.dump(value, file)
    return path


class _Shelf:
    """The shelf of an artifact: see `media.value.Shelf`."""

    def __init__(self, artifact: Artifact) -> None:
        self._artifact = artifact

    def content(self, folder: str, suffix: str, pieces: Iterable[bytes]) -> Value:
        """See Shelf."""
        target = self._artifact.draft.new_file()
        with target.open("wb") as file:
            file.writelines(pieces)
        return self._take(folder, suffix, target)

    def copy(self, folder: str, suffix: str, source: Path) -> Value:
        """See Shelf."""
        target = self._artifact.draft.new_file()
        try:
            target.write_bytes(source.read_bytes())
        except FileNotFoundError as error:
            raise UsageError(f"{source} cannot be read: {error.strerror}.") from error
        return self._take(folder, suffix, target)

    def later(self, folder: str, suffix: str, make: Mapping[str, Any], data: Sequence[Any]) -> Value:
        """See Shelf: here it is made at once."""
        from playhead.sidecar.encode import encode  # noqa: PLC0415 Pillow is loaded with the first image

        raw, target = self._artifact.draft.new_file(), self._artifact.draft.new_file()
        try:
            with raw.open("wb") as file:
                file.writelines(data)
            encode(raw, target, make)
        finally:
            raw.unlink(missing_ok=True)
        return self._take(folder, suffix, target)

    def tell(self, message: str) -> None:
        """See Shelf: there is nobody to be told."""

    def _take(self, folder: str, suffix: str, target: Path) -> Value:
        """Under a name that its content has."""
        part = self._artifact.draft.take(f"media/{folder}/{target.name}.{suffix}", target)
        entry = part.entry()
        path = f"media/{folder}/{entry.sha256[:20]}.{suffix}"
        known = self._artifact.draft.parts.get(path)
        if known is None:
            self._artifact.draft.rename(part, path)
        else:
            self._artifact.draft.remove(part.path)
        return {"path": path, "sha256": entry.sha256, "size": entry.size}
