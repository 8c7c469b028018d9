"""Ids of nodes as W&B's client hands them back to us: opaque to it, base64 of `Kind:` and what we find the node by."""

from __future__ import annotations

import base64
import binascii
import hashlib

from playhead.domain.errors import NotFoundError
from playhead.domain.ids import RunPath

RUN = "Run"
SESSION = "Session"
"""A run and a session that writes to it, or is about to. Handed out to those who begin, so that what they send next says where it belongs."""
PROJECT = "Project"
ENTITY = "Entity"
USER = "User"
ARTIFACT = "Artifact"
COLLECTION = "ArtifactCollection"


def node_id(kind: str, *parts: str) -> str:
    """The id of a node of that kind; `parts` have no slash, but for the last one."""
    return base64.b64encode(f"{kind}:{'/'.join(parts)}".encode()).decode()


def parts_of(node: str, kind: str, count: int) -> list[str]:
    """What `node_id` was given. NotFoundError if it is no id of that kind."""
    try:
        found, _, rest = base64.b64decode(node, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        found, rest = "", ""
    parts = rest.split("/", count - 1)
    if found != kind or len(parts) != count or not all(parts):
        raise NotFoundError(f"{node[:100]!r} is not the id of a {kind.lower()} of this server.")
    return parts


def run_node(path: RunPath) -> str:
    """The id of a run."""
    return node_id(RUN, *path)


def session_node(path: RunPath, stream: str) -> str:
    """The id of a run for the session that writes to it."""
    return node_id(SESSION, *path, stream)


def writer_of(node: str) -> tuple[RunPath, str]:
    """The run that has this id, and the session that it was handed out to (empty: none). NotFoundError if it is no run's."""
    try:
        *path, stream = parts_of(node, SESSION, 4)
    except NotFoundError:
        path, stream = parts_of(node, RUN, 3), ""
    return RunPath(*path), stream


def run_path(node: str) -> RunPath:
    """The run that has this id. NotFoundError if it is no run's."""
    return writer_of(node)[0]


def artifact_node(found: str, run: RunPath | None = None) -> str:
    """The id of an artifact; of a draft, for the `run` that logs it. The client turns it into hexadecimal digits and back."""
    return node_id(ARTIFACT, found, *(run or ()))


def draft_of(node: str) -> tuple[str, RunPath | None]:
    """The artifact that has this id, and the run that it was handed out to. NotFoundError if it is no artifact's."""
    found, *run = parts_of(node, ARTIFACT, 1)[0].split("/")
    return found, RunPath(*run) if len(run) == 3 else None


def artifact_id(node: str) -> str:
    """The artifact that has this id. NotFoundError if it is no artifact's."""
    return draft_of(node)[0]


def client_artifact(client: str) -> str:
    """Our id of what a client logs under an id of its own: always the same, so that nothing is logged twice."""
    return hashlib.sha256(client.encode("utf-8", "surrogatepass")).hexdigest()[:32]
