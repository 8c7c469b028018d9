"""How far a GraphQL document goes: counted without looking at the schema, before anything else is done with it."""

from __future__ import annotations

from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from playhead.domain.errors import LimitError
from playhead.wandb_protocol.limits import MAX_CALLS, MAX_DEPTH, MAX_FIELDS


class Extent(NamedTuple):
    """Fields in all, at the root, and inside one another."""

    fields: int
    width: int
    depth: int


NOTHING = Extent(0, 0, 0)


def check_extent(document: DocumentNode) -> None:
    """LimitError if an operation of `document` goes too far."""
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    known: dict[str, Extent] = {}
    for one in document.definitions:
        if isinstance(one, OperationDefinitionNode):
            _check(_extent(one.selection_set, fragments, known))


def _check(extent: Extent) -> None:
    for name, found, limit in (
        ("MAX_DEPTH", extent.depth, MAX_DEPTH),
        ("MAX_CALLS", extent.width, MAX_CALLS),
        ("MAX_FIELDS", extent.fields, MAX_FIELDS),
    ):
        if found > limit:
            raise LimitError(f"This document asks for too much at once: {name} is {limit:,}.")


def _extent(
    part: SelectionSetNode | None, fragments: dict[str, FragmentDefinitionNode], known: dict[str, Extent]
) -> Extent:
    """Fragments are counted once each, and a fragment inside itself as nothing: it is refused by validation."""
    fields = width = depth = 0
    for node in part.selections if part is not None else ():
        if isinstance(node, FragmentSpreadNode):
            inner = _fragment(node.name.value, fragments, known)
        elif isinstance(node, FieldNode):
            below = _extent(node.selection_set, fragments, known)
            inner = Extent(below.fields + 1, 1, below.depth + 1)
        else:
            inner = _extent(getattr(node, "selection_set", None), fragments, known)
        fields, width, depth = fields + inner.fields, width + inner.width, max(depth, inner.depth)
    return Extent(fields, width, depth)


def _fragment(name: str, fragments: dict[str, FragmentDefinitionNode], known: dict[str, Extent]) -> Extent:
    if name not in known:
        known[name] = NOTHING
        found = fragments.get(name)
        known[name] = _extent(found.selection_set if found is not None else None, fragments, known)
    return known[name]
