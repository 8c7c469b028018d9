"""What a run can do with artifacts. The work is in the modules beside this one, which are loaded with the first of them."""

from __future__ import annotations

import os
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from playhead.sdk.recorder import Recorder

if TYPE_CHECKING:
    from playhead.client.artifacts.artifact import Artifact
    from playhead.sdk.talk import Talk

    Logged = Artifact | str | os.PathLike[str]


class ArtifactMethods(Recorder):
    """A run that logs artifacts, and uses them."""

    _unsettled: dict[str, str] | None = None
    """Id -> name of what was logged, and nobody has waited for yet."""

    def log_artifact(
        self, artifact_or_path: Logged, name: str | None = None, type: str | None = None, aliases: Iterable[str] | None = None,  # noqa: A002 W&B's word
        tags: Iterable[str] | None = None,
    ) -> Artifact:  # fmt: skip
        """Log an artifact, or a file, folder or address as one: it becomes the next version of its name, unless it is what that has already.

        It returns at once: hashing and sending are the sidecar's. `wait()` on what is answered waits for the version. `aliases`: beside
        `latest`, which the newest version has. UsageError for names that cannot be, files that cannot be read, and what is logged already.
        """
        made: Artifact = _module("logging").log(self, artifact_or_path, name, type, aliases or (), tags)
        return made

    def use_artifact(
        self, artifact_or_name: Artifact | str, type: str | None = None, aliases: Any = None, use_as: str | None = None, *,  # noqa: A002, ARG002 W&B's signature
        later: bool = False,
    ) -> Artifact:  # fmt: skip
        """Say that the run uses an artifact, `name:alias`, `name:v3` or `entity/project/name:alias`, and get it: `download()` brings its files.

        Where the run was rewound or forked, `name:latest` is the newest version that does not come from behind the branch point; `later=True`
        gives the newest of all. Offline it comes from this disk's cache, by its version. NotFoundError, ConflictError for another type.
        """
        made: Artifact = _module("using").use(self, artifact_or_name, type, use_as or "", later=later)
        return made

    def link_artifact(self, artifact: Artifact, target_path: str, aliases: Iterable[str] | None = None) -> Artifact:
        """Show an artifact in another collection too: `name`, `project/name` or `entity/project/name`, which is made if it is missing."""
        made: Artifact = _module("logging").link(self, artifact, target_path, aliases or ())
        return made

    def log_model(
        self, path: str | os.PathLike[str], name: str | None = None, aliases: Iterable[str] | None = None
    ) -> Artifact:
        """Log a file or folder as an artifact of type `model`."""
        return self.log_artifact(path, name or f"run-{self.id}-{_base(path)}", "model", aliases)

    def use_model(self, name: str) -> str:
        """Use an artifact of type `model`; answers the path of its file, or of its folder if it has several."""
        found = self.use_artifact(name, "model")
        root = found.download()
        entries = list(found.manifest.entries)
        return os.path.join(root, entries[0]) if len(entries) == 1 else root  # noqa: PTH118 W&B answers text

    def link_model(
        self, path: str | os.PathLike[str], registered_model_name: str, name: str | None = None,
        aliases: Iterable[str] | None = None,
    ) -> Artifact:  # fmt: skip
        """Log a file or folder as a model, and link it to the collection `registered_model_name`."""
        told = list(aliases or ())
        return self.link_artifact(self.log_model(path, name, told), registered_model_name, told)

    def _tell_of_artifacts(self, talk: Talk) -> None:
        """The run is on its server: say which artifacts became no versions there."""
        if self._unsettled:
            with self._guard.beside():
                _module("logging").tell_failed(self, self._unsettled, talk)


def _module(name: str) -> Any:
    return import_module(f"playhead.sdk.artifacts.{name}")


def _base(path: str | os.PathLike[str]) -> str:
    return os.path.basename(os.path.normpath(path))  # noqa: PTH119 quick
