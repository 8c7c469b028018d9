"""The state of a run's code: what is kept of a git repository, under which names, and what never travels. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import translate

FOLDER = "code/git"
STATE = f"{FOLDER}/state.json"
"""The run's file that tells of all others of its code."""
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")

SECRETS = (
    ".env", ".env.*", "*.env", ".envrc", "*.pem", "*.key", "*.p12", "*.pfx", "*.ppk", "*.jks", "*.keystore", "*.kdbx",
    "id_rsa", "id_dsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", ".netrc", "_netrc", ".pgpass",
    ".npmrc", ".pypirc", ".htpasswd", ".git-credentials", ".dockercfg", ".s3cfg", ".boto", "kubeconfig",
    ".ssh", ".gnupg", ".aws", ".kube", ".docker",
    "credentials", "credentials.json", "credentials.y*ml", "credentials.toml", "credentials.ini", "credentials.csv",
    "client_secret*.json", "service[-_]account*.json",
    "secrets", "secret.*", "secrets.json", "secrets.y*ml", "secrets.toml", "secrets.ini",
)  # fmt: skip
"""Names of files and folders that may hold passwords or keys. Whatever has one on its path is never kept."""

_SECRET = re.compile("|".join(translate(name) for name in SECRETS), re.IGNORECASE)
_RUN = re.compile(r"(offline-)?run-\d{8}_\d{6}-.*", re.DOTALL)


def is_secret(path: str) -> bool:
    """Whether a part of `path` has a name of `SECRETS`."""
    return any(_SECRET.match(part) for part in path.split("/"))


def is_of_a_run(path: str) -> bool:
    """Whether `path` leads into the folder of a recorded run."""
    return any(part == "latest-run" or _RUN.fullmatch(part) for part in path.split("/"))


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of the run that belongs to its code's state."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """What is kept of one repository: the one that the training is in, or a submodule of it."""

    path: str = ""
    """Of a submodule, from the outermost repository's root."""
    commit: str | None = None
    """None: it had none yet."""
    base: str | None = None
    """The upstream's commit, or else the newest one below that a remote has; None if that is `commit` itself, or nothing is known."""
    changes: Kept | None = None
    """A patch from `commit` to what there was,"""
    changes_since_base: Kept | None = None
    """and one from `base`."""
    untracked: Kept | None = None
    """A tar archive of files that git neither knows nor ignores (without commits: of those that it knows, too)."""
    commits: Kept | None = None
    """A bundle of the commits that no remote has."""
    left_out: tuple[str, ...] = ()
    """What was not kept, and why: sentences."""

    @property
    def files(self) -> list[Kept]:
        """All that was kept."""
        kept = (self.changes, self.changes_since_base, self.untracked, self.commits)
        return [one for one in kept if one is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeState:
    """All repositories of a run's code, the outermost first, a submodule after the one that it is in."""

    repositories: tuple[Repository, ...]
    version: int = 1
