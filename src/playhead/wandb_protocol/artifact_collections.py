"""Types and collections of artifacts as W&B's client reads and changes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from ariadne import InterfaceType, MutationType, ObjectType, QueryType

from playhead.domain.account import Project
from playhead.domain.artifact import Artifact, Collection, CollectionName, Member
from playhead.domain.errors import LimitError, NotFoundError
from playhead.domain.limits import MAX_PAGE
from playhead.ports.collections import CollectionQuery
from playhead.wandb_protocol.artifact_wishes import Wish, about_collection, about_version
from playhead.wandb_protocol.artifacts import Named, alias_node, tag_node
from playhead.wandb_protocol.context import Call, asked
from playhead.wandb_protocol.forms import connection, moment, there
from playhead.wandb_protocol.ids import COLLECTION, node_id, parts_of
from playhead.wire.artifacts import CollectionPatch

MAX_ARRANGED = 10_000
"""Versions of a collection, or collections of a project, that are filtered or put in an order."""
MAX_NUMBER = (1 << 63) - 1

query = QueryType()
mutation = MutationType()
project = ObjectType("Project")
kind = ObjectType("ArtifactType")
collection = InterfaceType(
    "ArtifactCollection", lambda found, *_: "ArtifactPortfolio" if found.portfolio else "ArtifactSequence"
)
own = ObjectType("ArtifactSequence")
linked = ObjectType("ArtifactPortfolio")

Place = Named | Collection
T = TypeVar("T")


def of_id(call: Call, node: str) -> Collection:
    """The collection of this id, whatever it is called by now. NotFoundError."""
    [number] = parts_of(node, COLLECTION, 1)
    if not number.isdecimal() or int(number) > MAX_NUMBER:
        raise NotFoundError(f"{node[:100]!r} is not the id of a collection of this server.")
    return call.services.artifacts.numbered(call.actor, int(number))


def _whole(of: Place, info: Any) -> Collection:
    call = asked(info)
    return of if isinstance(of, Collection) else call.services.artifacts.collection(call.actor, of.path)


@query.field("artifactCollection")
def by_id(_: Any, info: Any, id: str) -> Collection | None:  # noqa: A002 as it is called on the wire
    """A collection that the caller may see."""
    call = asked(info)
    return there(lambda: of_id(call, id))


@project.field("artifactType")
def one_type(of: Project, info: Any, name: str) -> dict[str, Any] | None:
    """A type, if the project has artifacts of it."""
    call = asked(info)
    known = call.services.artifacts.types(call.actor, of.entity, of.name)
    return {"name": name, "project": (of.entity, of.name)} if name in known else None


@project.field("artifactTypes")
def types(of: Project, info: Any, **_: Any) -> dict[str, Any]:
    """All types."""
    call = asked(info)
    known = call.services.artifacts.types(call.actor, of.entity, of.name)
    return connection([{"name": name, "project": (of.entity, of.name)} for name in known], None)


@project.field("artifactCollection")
def one_collection(of: Project, info: Any, name: str) -> Collection | None:
    """A collection by its name."""
    call = asked(info)
    return there(lambda: call.services.artifacts.collection(call.actor, CollectionName(of.entity, of.name, name)))


def _in(of: Mapping[str, Any], name: str) -> CollectionName:
    entity, project_name = of["project"]
    return CollectionName(entity, project_name, name)


@kind.field("artifactCollection")
def collection_of_type(of: Mapping[str, Any], info: Any, name: str) -> Collection | None:
    """The same, if it is of this type."""
    call = asked(info)
    found = there(lambda: call.services.artifacts.collection(call.actor, _in(of, name)))
    return found if found is not None and found.type == of["name"] else None


def _collections(
    call: Call, where: Sequence[str], query: CollectionQuery, after: str | None, first: int, wish: Wish
) -> dict[str, Any]:
    entity, name = where

    def page(limit: int, cursor: str | None) -> tuple[list[Collection], str | None]:
        return call.services.artifacts.collections(call.actor, entity, name, query, limit, cursor)

    if wish:
        found, following, total = wish.page(_all(page), about_collection, after, _limit(first))
    else:
        found, following = page(_limit(first), after)
        known = call.services.artifacts.types(call.actor, entity, name)
        total = known.get(query.type, 0) if query.type is not None else sum(known.values())
    return {**connection(found, following), "totalCount": total}


@project.field("artifactCollections")
def all_collections(
    of: Project, info: Any, after: str | None = None, first: int = 50, filters: str | None = None,
    order: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A page of a project's collections: by name, if no other order is asked for."""
    return _collections(asked(info), (of.entity, of.name), CollectionQuery(), after, first, Wish(filters, order))


@kind.field("artifactCollections")
def collections_of_type(
    of: Mapping[str, Any], info: Any, after: str | None = None, first: int = 50, filters: str | None = None,
    order: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The same of one type."""
    query = CollectionQuery(type=of["name"])
    return _collections(asked(info), of["project"], query, after, first, Wish(filters, order))


def _project(of: Place, info: Any) -> Project | None:
    call = asked(info)
    return there(lambda: call.services.projects.project(call.actor, of.path.entity, of.path.project))


def _tags(of: Place, info: Any) -> dict[str, Any]:
    return {"edges": [{"node": tag_node(name)} for name in _whole(of, info).tags]}


def _aliases(of: Place, info: Any, **_: Any) -> dict[str, Any]:
    found = _whole(of, info)
    return connection([alias_node(found.path, name, portfolio=found.portfolio) for name in found.aliases], None)


def _membership(of: Place, info: Any, aliasName: str) -> Member | None:  # noqa: N803 as it is called on the wire
    call = asked(info)
    return there(lambda: call.services.artifacts.member(call.actor, of.path, aliasName))


def _type(of: Place, info: Any) -> dict[str, Any]:
    found = _whole(of, info)
    return {"name": found.type, "project": found.path[:2]}


def _artifacts(
    of: Place, info: Any, after: str | None = None, first: int = 50, filters: str | None = None,
    order: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    call, wish = asked(info), Wish(filters, order)

    def page(limit: int, cursor: str | None) -> tuple[list[Member], str | None]:
        return call.services.artifacts.members(call.actor, of.path, limit, cursor)

    if wish:
        found, following, total = wish.page(_all(page), about_version, after, _limit(first))
    else:
        found, following = page(_limit(first), after)
        total = _whole(of, info).count
    told = connection([one.artifact for one in found], following)
    for edge, one in zip(told["edges"], found, strict=True):
        edge["version"] = f"v{one.version}"
    return {**told, "totalCount": total}


def _limit(first: int) -> int:
    return min(max(first, 1), MAX_PAGE)


def _all(page: Callable[[int, str | None], tuple[list[T], str | None]]) -> list[T]:
    """LimitError if there are too many."""
    found, after = page(MAX_PAGE, None)
    while after is not None:
        if len(found) >= MAX_ARRANGED:
            raise LimitError(
                f"There are more than {MAX_ARRANGED:,} to look through (MAX_ARRANGED): ask without filter and order."
            )
        more, after = page(MAX_PAGE, after)
        found += more
    return found


@own.field("latestArtifact")
def latest(of: Place, info: Any) -> Artifact | None:
    """The newest version."""
    call = asked(info)
    found = there(lambda: call.services.artifacts.members(call.actor, of.path, 1))
    return found[0][0].artifact if found else None


def _changed(info: Any, node: str, told: Mapping[str, Any]) -> dict[str, Any]:
    call = asked(info)
    change = CollectionPatch(name=told.get("name"), description=told.get("description"))
    path = of_id(call, node).path
    return {"artifactCollection": call.services.artifacts.patch_collection(call.actor, path, change)}


@mutation.field("updateArtifactSequence")
def update_sequence(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as it is called on the wire
    """Change what is said of a collection."""
    return _changed(info, input["artifactSequenceID"], input)


@mutation.field("updateArtifactPortfolio")
def update_portfolio(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as above
    """The same of one that has links."""
    return _changed(info, input["artifactPortfolioID"], input)


def _deleted(info: Any, node: str) -> dict[str, Any]:
    call = asked(info)
    call.services.artifacts.delete_collection(call.actor, of_id(call, node).path)
    return {"artifactCollection": {"state": "DELETED"}}


@mutation.field("deleteArtifactSequence")
def delete_sequence(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as above
    """Delete all its versions."""
    return _deleted(info, input["artifactSequenceID"])


@mutation.field("deleteArtifactPortfolio")
def delete_portfolio(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as above
    """Take all its links away."""
    return _deleted(info, input["artifactPortfolioID"])


def _tagged(info: Any, told: Mapping[str, Any], *, add: bool) -> None:
    call = asked(info)
    path = CollectionName(told["entityName"], told["projectName"], told["artifactCollectionName"])
    names = [tag["tagName"] for tag in told["tags"]]
    known = call.services.artifacts.collection(call.actor, path).tags
    tags = [*known, *names] if add else [name for name in known if name not in names]
    call.services.artifacts.patch_collection(call.actor, path, CollectionPatch(tags=list(dict.fromkeys(tags))))


@mutation.field("createArtifactCollectionTagAssignments")
def add_tags(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as above
    """Give a collection tags."""
    _tagged(info, input, add=True)
    return {"tags": [tag_node(tag["tagName"]) for tag in input["tags"]]}


@mutation.field("deleteArtifactCollectionTagAssignments")
def remove_tags(_: Any, info: Any, input: dict[str, Any]) -> dict[str, Any]:  # noqa: A002 as above
    """Take tags from a collection."""
    _tagged(info, input, add=False)
    return {"success": True}


for each in (own, linked):
    each.set_field("id", lambda of, info: node_id(COLLECTION, str(_whole(of, info).number)))
    each.set_field("name", lambda of, _: of.path.name)
    each.set_field("description", lambda of, info: _whole(of, info).description)
    each.set_field("createdAt", lambda of, info: moment(_whole(of, info).created_at))
    each.set_field("updatedAt", lambda of, info: moment(_whole(of, info).updated_at))
    each.set_field("state", lambda *_: "READY")
    each.set_field("project", _project)
    each.set_field("defaultArtifactType", _type)
    each.set_field("tags", _tags)
    each.set_field("aliases", _aliases)
    each.set_field("artifactMembership", _membership)
    each.set_field("artifacts", _artifacts)
own.set_field("digestAlgorithm", lambda *_: "MANIFEST_MD5")
kind.set_field("id", lambda of, _: node_id("ArtifactType", *of["project"], of["name"]))
kind.set_field("createdAt", lambda *_: moment(0))

BINDABLES = (query, mutation, project, kind, collection, own, linked)
