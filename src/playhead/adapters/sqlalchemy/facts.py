"""Facts of runs: what filters, orders and groups look at, beside the documents that they are taken from.

Config and tags are written down with the run. The summary of a live run changes with every stretch of its journal, so that only
`behind` is set then; its facts are renewed when somebody asks for them, and when the run ends.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import Connection, bindparam, delete, insert, select, text, update

from playhead.adapters.sqlalchemy.tables import facts, fields, runs
from playhead.domain import facts as told
from playhead.domain.facts import ELEMENTS, Fact
from playhead.domain.filter import Space
from playhead.domain.run import RunState

DOCUMENTS = {"config": Space.CONFIG, "summary": Space.SUMMARY, "tags": Space.RUN}
"""Column of a run -> where its values are looked up."""
RENEWED = 2_000
"""Runs whose facts are renewed at once."""
_AT_ONCE = 500
"""Items in one IN (…): SQLite's oldest limit on parameters is 999."""
_FILLED = 1_000
_LIVE = frozenset(state.value for state in RunState if state.live)

_Place: TypeAlias = tuple[int, int, int]
"""run_pk, field_id, position"""
Item = TypeVar("Item")
Paths: TypeAlias = Mapping[str, tuple[Fact, ...]]


class Document(NamedTuple):
    """A document of a run, to be written down."""

    run_pk: int
    project_id: int
    space: Space
    paths: Paths
    trashed: bool


def document(run_pk: int, project_id: int, name: str, value: Any, *, trashed: bool) -> Document:
    """What the column `name` of a run says."""
    if name == "tags":
        tags = told.elements_of(value)
        paths: Paths = {"tags" + ELEMENTS: tags} if tags else {}
    else:
        paths = told.facts(value).values
    return Document(run_pk, project_id, DOCUMENTS[name], paths, trashed)


def follow(connection: Connection, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Columns of runs (by their numbers) have changed to these: let the facts follow."""
    wanted = [pk for pk, values in changes.items() if values.keys() & {*DOCUMENTS, "state", "deleted_at"}]
    ready: list[Document] = []
    late: list[int] = []
    columns = (runs.c.id, runs.c.project_id, runs.c.state, runs.c.behind, runs.c.deleted_at)
    for some in pieces(wanted):
        for pk, project_id, state, behind, deleted_at in connection.execute(
            select(*columns).where(runs.c.id.in_(some))
        ):
            values, trashed = changes[pk], deleted_at is not None
            if "deleted_at" in values:
                connection.execute(update(facts).where(facts.c.run_pk == pk).values(trashed=trashed))
            now = values.keys() & {"config", "tags"}
            if state not in _LIVE and "summary" in values:
                now |= {"summary"}
            elif "summary" in values and not behind:
                late.append(pk)
            elif state not in _LIVE and behind:
                summary = connection.execute(select(runs.c.summary).where(runs.c.id == pk)).scalar_one()
                ready.append(document(pk, project_id, "summary", summary, trashed=trashed))
            ready += [document(pk, project_id, name, values[name], trashed=trashed) for name in sorted(now)]
    _mark(connection, late, behind=True)
    write(connection, ready)
    _mark(connection, [one.run_pk for one in ready if one.space is Space.SUMMARY], behind=False)


def begin(connection: Connection, run_pk: int, project_id: int, values: Mapping[str, Any]) -> None:
    """A run was made with these columns."""
    trashed = values["deleted_at"] is not None
    write(
        connection,
        [document(run_pk, project_id, name, values[name], trashed=trashed) for name in DOCUMENTS],
        fresh=True,
    )


def renew(connection: Connection, project_id: int) -> int:
    """Renew what is behind in the project, the oldest runs first; how many runs that was."""
    query = (
        select(runs.c.id, runs.c.summary, runs.c.deleted_at)
        .where(runs.c.project_id == project_id, runs.c.behind)
        .order_by(runs.c.id)
        .limit(RENEWED)
        .with_for_update(key_share=True, skip_locked=True)
    )
    found = connection.execute(query).all()
    write(
        connection, [document(pk, project_id, "summary", summary, trashed=at is not None) for pk, summary, at in found]
    )
    _mark(connection, [row[0] for row in found], behind=False)
    return len(found)


def fill(connection: Connection) -> None:
    """Write down the facts of all runs; there are none yet."""
    last = 0
    columns = (runs.c.id, runs.c.project_id, runs.c.deleted_at, *(runs.c[name] for name in DOCUMENTS))
    while True:
        found = connection.execute(select(*columns).where(runs.c.id > last).order_by(runs.c.id).limit(_FILLED)).all()
        if not found:
            return
        documents = [
            document(pk, project_id, name, value, trashed=at is not None)
            for pk, project_id, at, *values in found
            for name, value in zip(DOCUMENTS, values, strict=True)
        ]
        write(connection, documents, fresh=True)
        last = found[-1][0]


def write(connection: Connection, documents: Sequence[Document], *, fresh: bool = False) -> None:
    """Let the facts be what these documents say; `fresh`: there are none of them yet."""
    by_space: dict[tuple[int, Space], list[Document]] = {}
    for one in documents:
        by_space.setdefault((one.project_id, one.space), []).append(one)
    for (project_id, space), own in sorted(by_space.items()):
        names = _field_ids(connection, project_id, space, {name for one in own for name in one.paths})
        trashed = {one.run_pk: one.trashed for one in own}
        wanted = {
            (one.run_pk, names[name], position): fact
            for one in own
            for name, found in one.paths.items()
            for position, fact in enumerate(found)
        }
        known = {} if fresh else _known(connection, project_id, space, sorted(trashed))
        _bring(connection, known, wanted, trashed)


def _bring(
    connection: Connection, known: dict[_Place, Fact], wanted: dict[_Place, Fact], trashed: Mapping[int, bool]
) -> None:
    """Change only what has changed."""
    gone = known.keys() - wanted.keys()
    place = (facts.c.run_pk == bindparam("pk"), facts.c.field_id == bindparam("f"), facts.c.position == bindparam("p"))
    if gone:
        connection.execute(delete(facts).where(*place), [{"pk": pk, "f": f, "p": p} for pk, f, p in sorted(gone)])
    changed = [
        {"pk": pk, "f": f, "p": p, "k": int(fact.kind), "n": fact.number, "t": fact.text, "r": fact.rest}
        for (pk, f, p), fact in wanted.items()
        if (pk, f, p) in known and known[pk, f, p] != fact
    ]
    if changed:
        values: dict[str, Any] = {
            "kind": bindparam("k"),
            "number": bindparam("n"),
            "text": bindparam("t"),
            "rest": bindparam("r"),
        }
        connection.execute(update(facts).where(*place).values(values), changed)
    new = [
        {
            "run_pk": pk, "field_id": f, "position": p, "kind": int(fact.kind), "number": fact.number, "text": fact.text,
            "rest": fact.rest, "trashed": trashed[pk],
        }
        for (pk, f, p), fact in wanted.items()
        if (pk, f, p) not in known
    ]  # fmt: skip
    if new:
        connection.execute(insert(facts), new)


def _known(connection: Connection, project_id: int, space: Space, run_pks: Sequence[int]) -> dict[_Place, Fact]:
    own = select(fields.c.id).where(fields.c.project_id == project_id, fields.c.space == space.value)
    names = ("run_pk", "field_id", "position", "kind", "number", "text", "rest")
    found = {}
    for some in pieces(run_pks):
        query = select(*(facts.c[name] for name in names)).where(facts.c.run_pk.in_(some), facts.c.field_id.in_(own))
        for pk, field, position, *values in connection.execute(query):
            found[pk, field, position] = Fact(*values)
    return found


def _field_ids(connection: Connection, project_id: int, space: Space, names: Collection[str]) -> dict[str, int]:
    """The numbers of these fields; those that are missing are made."""
    known = field_ids(connection, project_id, [(space, name) for name in names])
    missing = sorted(name for name in names if (space, name) not in known)
    if missing:
        # Another process may make them at the same time.
        add = text(
            "INSERT INTO fields (project_id, space, name) VALUES (:project, :space, :name) ON CONFLICT DO NOTHING"
        )
        connection.execute(add, [{"project": project_id, "space": space.value, "name": name} for name in missing])
        known |= field_ids(connection, project_id, [(space, name) for name in missing])
    return {name: known[space, name] for name in names}


def field_ids(
    connection: Connection, project_id: int, names: Iterable[tuple[Space, str]]
) -> dict[tuple[Space, str], int]:
    """The numbers of those of these fields that some run has, or had."""
    found: dict[tuple[Space, str], int] = {}
    by_space: dict[Space, list[str]] = {}
    for space, name in names:
        by_space.setdefault(space, []).append(name)
    for space, own in by_space.items():
        for some in pieces(sorted(own)):
            query = select(fields.c.name, fields.c.id).where(
                fields.c.project_id == project_id, fields.c.space == space.value, fields.c.name.in_(some)
            )
            found |= {(space, name): number for name, number in connection.execute(query)}
    return found


def _mark(connection: Connection, run_pks: Sequence[int], *, behind: bool) -> None:
    for some in pieces(run_pks):
        connection.execute(update(runs).where(runs.c.id.in_(some), runs.c.behind != behind).values(behind=behind))


def pieces(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """`items`, as many at once as one statement takes."""
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
