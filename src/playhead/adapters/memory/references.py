"""Which content the catalog refers to. Whatever else comes to name content by its SHA-256 is added here, or it is thrown away."""

from __future__ import annotations

from playhead.adapters.memory.catalog import Catalog
from playhead.adapters.memory.shelf import Shelf
from playhead.domain.artifact import ArtifactState

_ALIVE = {ArtifactState.PENDING, ArtifactState.COMMITTED}


def referred(catalog: Catalog, shelf: Shelf) -> set[str]:
    """All of it. The catalog's lock is held."""
    with shelf.lock:
        manifests = {
            one.manifest for one in shelf.artifacts.values() if one.state in _ALIVE and one.id not in shelf.same
        }
        held = set[str]().union(*shelf.holdings.values())
    return manifests | held | {str(record.data.get("sha256")) for record in catalog.records.values()}
