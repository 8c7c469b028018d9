"""An artifact, as scripts hold it: put together here, then logged by a run; or read from a server."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

from playhead.client import settings
from playhead.client.artifacts import fetching, gathering, references
from playhead.client.artifacts.draft import Draft, Part, checked
from playhead.client.artifacts.entries import ArtifactEntry
from playhead.client.artifacts.stored import Stored
from playhead.client.artifacts.tables import KeptTable
from playhead.client.artifacts.versioned import Versioned
from playhead.domain.artifact import Entry, check_collection, check_type, digest_of
from playhead.domain.errors import UsageError


class Manifest(NamedTuple):
    """What is in an artifact."""

    entries: dict[str, ArtifactEntry]
    """By path."""


class Artifact(Versioned):
    """A named, versioned set of files and references. Files are held as they are when they are added.

    UsageError for a name, type or metadata that cannot be.
    """

    def __init__(
        self, name: str, type: str, description: str | None = None, metadata: Mapping[str, Any] | None = None,  # noqa: A002 W&B's word
        incremental: bool = False, use_as: str | None = None, storage_region: str | None = None,  # noqa: ARG002, FBT001, FBT002 W&B's signature
    ) -> None:  # fmt: skip
        """`incremental`: what is added is added to the newest version, when it is logged."""
        super().__init__(check_collection(name), check_type(type), Draft(settings.staging_dir()))
        self.incremental = incremental
        self.use_as = use_as
        self.description = description
        self.metadata = dict(metadata or {})

    @classmethod
    def of(cls, stored: Stored) -> Self:
        """The version that a server has."""
        made = cls.__new__(cls)
        Versioned.__init__(made, stored.view.name, stored.view.type, stored=stored)
        made.incremental, made.use_as = False, None
        return made

    # Putting it together ----------------------------------------------------------------------------------------------

    def add_file(
        self, local_path: str | os.PathLike[str], name: str | None = None, is_tmp: bool | None = False,  # noqa: FBT001, FBT002 W&B's signature
        skip_cache: bool | None = False, policy: str = "mutable", overwrite: bool = False,  # noqa: ARG002, FBT001, FBT002 as above
    ) -> ArtifactEntry:  # fmt: skip
        """Add a file, as it is now, under `name` (None: its own).

        `policy="mutable"` holds a copy, which costs nothing where the file system can share blocks; `immutable` reads the file where it
        lies, when it is sent: if it was changed by then, the artifact fails, and you are told. UsageError if it cannot be read, or
        another file has the name, unless `overwrite`.
        """
        path = os.fspath(local_path)
        told = checked(name or os.path.basename(path))  # noqa: PTH119 quick
        [part] = self._writable().add({told: path}, policy=policy, overwrite=overwrite)
        if is_tmp:
            part = self._named_by_content(part)
        return ArtifactEntry(part)

    def add_dir(
        self, local_path: str | os.PathLike[str], name: str | None = None, skip_cache: bool | None = False,  # noqa: ARG002, FBT001, FBT002 W&B's signature
        policy: str = "mutable", merge: bool = False,  # noqa: FBT001, FBT002 as above
    ) -> None:  # fmt: skip
        """Add all files below a folder, below `name` if that is given; see `add_file`. `merge`: files that have the same names are replaced."""
        prefix = "" if not name else checked(name) + "/"
        files = {prefix + inner: path for inner, path in gathering.files_below(Path(local_path)).items()}
        self._writable().add(files, policy=policy, overwrite=merge)

    def add_reference(
        self, uri: str | ArtifactEntry, name: str | None = None, checksum: bool = True, max_objects: int | None = None,  # noqa: FBT001, FBT002 W&B's signature
    ) -> list[ArtifactEntry]:  # fmt: skip
        """Add what an address leads to (`file://`, `s3://`, `gs://`, `https://` and what else fsspec knows), which stays where it is.

        It is looked at, not fetched: the artifact has its ETag, version or MD5, and size. What is below a folder or a prefix is added
        object by object. `checksum=False` takes the address for what it is. UsageError, NotFoundError, CommError.
        """
        address = uri.ref_target() if isinstance(uri, ArtifactEntry) else str(uri)
        draft = self._writable()
        parts = references.parts_of(address, name, checksum=checksum, most=max_objects)
        draft.put(parts)
        return [ArtifactEntry(part) for part in parts]

    def add(self, obj: Any, name: str, overwrite: bool = False) -> ArtifactEntry:  # noqa: FBT001, FBT002 W&B's signature
        """Add a table, an image or another of Playhead's media: its files, and what tells how to read them."""
        keep = getattr(obj, "keep_in", None)
        if keep is None:
            raise UsageError(
                f"add() takes playhead.Table, Image and the like, not a {type(obj).__name__}: files go with add_file()."
            )
        path: str = keep(self, checked(name), overwrite=overwrite)
        return self.get_entry(path)

    def get(self, name: str) -> KeptTable:
        """The table that was added under that name. UsageError if there is none."""
        path = f"{name}.table.json"
        return KeptTable.read(Path(self.get_entry(path if path in self._read().entries else name).download()))

    @contextmanager
    def new_file(
        self,
        name: str,
        mode: str = "x",
        encoding: str | None = None,
        policy: str = "mutable",  # noqa: ARG002 W&B's signature
    ) -> Iterator[IO[Any]]:
        """Open a file for writing, which is added under `name` when it is closed. `mode` is `x`, or `w` to replace one; with a `b` for bytes."""
        if set(mode) - set("xwbt+") or not set(mode) & set("xw"):
            raise UsageError(f"mode={mode!r}: a new file is written, say x, w, xb or wb.")
        draft, told = self._writable(), checked(name)
        if "x" in mode and told in draft.parts:
            raise UsageError(f'The artifact has {told!r} already: say mode="w" to replace it.')
        path = draft.new_file()
        try:
            with path.open(mode.replace("x", "w"), encoding=None if "b" in mode else encoding or "utf-8") as file:
                yield file
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        draft.take(told, path, overwrite=True)

    def remove(self, item: str | os.PathLike[str] | ArtifactEntry) -> None:
        """Take a file away again, or all that is below a folder. UsageError if there is none."""
        self._writable().remove(checked(item.path if isinstance(item, ArtifactEntry) else os.fspath(item)))

    def new_draft(self) -> Artifact:
        """An artifact of the same name that has all that this version has: add to it, remove from it, log it. Nothing is fetched."""
        stored = self._read()
        view = stored.view
        made = Artifact(self._base, view.type, view.description, view.metadata)
        made.came_from(self)
        made.draft.put(
            Part(one.path, one.size, digest=one.digest, sha256=one.sha256, ref=one.ref, extra=one.extra)
            for one in stored.entries.values()
        )
        return made

    # What is in it ----------------------------------------------------------------------------------------------------

    @property
    def manifest(self) -> Manifest:
        """Its entries by path."""
        if self._draft is not None:
            return Manifest({path: ArtifactEntry(part) for path, part in sorted(self._draft.parts.items())})
        return Manifest({path: self._stored_entry(entry) for path, entry in self._read().entries.items()})

    def get_entry(self, name: str | os.PathLike[str]) -> ArtifactEntry:
        """What stands at a path. UsageError if there is nothing."""
        path = checked(os.fspath(name))
        if self._draft is not None and path in self._draft.parts:
            return ArtifactEntry(self._draft.parts[path])
        if self._draft is None and path in self._read().entries:
            return self._stored_entry(self._read().entries[path])
        raise UsageError(f"{self.name} has no {path!r}.")

    get_path = get_entry

    def files(self, names: Sequence[str] | None = None, per_page: int = 50) -> Iterator[ArtifactEntry]:  # noqa: ARG002 W&B's signature
        """Its entries, or those at `names`."""
        found = self.manifest.entries
        return iter([one for path, one in found.items() if names is None or path in names])

    @property
    def digest(self) -> str:
        """32 hexadecimal digits: artifacts with equal ones have equal content. Of a draft, its files are read for that."""
        if self._draft is not None:
            return digest_of(part.entry() for part in self._draft.parts.values())
        return self._read().view.digest

    @property
    def size(self) -> int:
        """Bytes of all files, and of references as far as it is known."""
        parts = None if self._draft is None else self._draft.parts.values()
        return self._read().view.size if parts is None else sum(part.size for part in parts)

    @property
    def file_count(self) -> int:
        """Files and references in it."""
        return self._read().view.count if self._draft is None else len(self._draft.parts)

    # On this disk -----------------------------------------------------------------------------------------------------

    def download(
        self, root: str | os.PathLike[str] | None = None, allow_missing_references: bool = False,  # noqa: FBT001, FBT002 W&B's signature
        skip_cache: bool | None = None, path_prefix: str | None = None, multipart: bool | None = None,  # noqa: ARG002, FBT001 as above
    ) -> str:  # fmt: skip
        """Let its files be below `root` (None: `artifacts/<name>:<version>`); answers that folder.

        What is there already, or in the cache, is not fetched; everything is verified, and a file is whole under its name or not
        there. A later call goes on where an interrupted one ended. `path_prefix`: only what is below it. UsageError for paths that lead out
        of `root`; ConflictError for bytes that are not what was logged; LimitError without space; CommError.
        """
        stored = self._read()
        folder = self._folder(root)
        chosen = [entry for path, entry in stored.entries.items() if path.startswith(path_prefix or "")]
        stored.fetch(folder, chosen, missing=allow_missing_references)
        return str(folder)

    def checkout(self, root: str | os.PathLike[str] | None = None) -> str:
        """As `download`, and whatever else is below `root` is removed. UsageError if that is the working directory, or around it."""
        stored = self._read()
        folder = self._folder(root)
        if Path.cwd().is_relative_to(folder.resolve()):
            raise UsageError(
                f"checkout() takes a folder of its own, and removes what else is in it: {folder} is not one."
            )
        stored.fetch(folder, list(stored.entries.values()))
        for parent, folders, names in os.walk(folder, topdown=False):
            for name in names + folders:
                path = Path(parent, name)
                if path.is_dir() and not path.is_symlink():
                    if not any(path.iterdir()):
                        path.rmdir()
                elif path.relative_to(folder).as_posix() not in stored.entries:
                    path.unlink()
        return str(folder)

    def verify(self, root: str | os.PathLike[str] | None = None) -> None:
        """UsageError if what is below `root` is not exactly what was logged: it names what differs."""
        folder = self._folder(root)
        entries = self._read().entries
        wrong = [reason for entry in entries.values() if (reason := fetching.differs(folder, entry))]
        wrong += [f"{path!r} is not part of it" for path in gathering.files_below(folder) if path not in entries]
        if wrong:
            more = f", and {len(wrong) - 5:,} more" if len(wrong) > 5 else ""
            raise UsageError(f"{folder} is not {self.name}: {'; '.join(wrong[:5])}{more}.")

    def file(self, root: str | os.PathLike[str] | None = None) -> str:
        """Its one file, downloaded below `root`; answers the path. UsageError if it has several."""
        paths = list(self._read().entries)
        if len(paths) != 1:
            raise UsageError(f"{self.name} has {len(paths):,} files: use download(), or get_entry(path).download().")
        return str(Path(self.download(root), paths[0]))

    # Inside -----------------------------------------------------------------------------------------------------------

    def _stored_entry(self, entry: Entry) -> ArtifactEntry:
        return ArtifactEntry(entry, self._bring)

    def _bring(self, entry: Entry, root: str | os.PathLike[str] | None) -> str:
        folder = self._folder(root)
        self._read().fetch(folder, [entry])
        return str(folder / entry.path)

    def _folder(self, root: str | os.PathLike[str] | None) -> Path:
        return Path(root) if root is not None else settings.artifact_dir() / self.name.replace("/", "_")

    def _named_by_content(self, part: Part) -> Part:
        """Under a name that has its digest, so that no other content has it."""
        draft, entry = self._writable(), part.entry()
        folder, _, base = part.path.rpartition("/")
        stem, dot, rest = base.partition(".")
        path = "/".join(step for step in (folder, f"{entry.sha256[:20] or stem}{dot}{rest}") if step)
        return draft.rename(part, path)
