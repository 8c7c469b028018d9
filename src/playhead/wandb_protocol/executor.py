"""Answers GraphQL: the schema of `schema/`, the resolvers of this package, and limits on what may be asked.

Resolvers are plain functions that run on the thread of their request.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    build_ast_schema,
    execute_sync,
    parse,
    validate,
)
from starlette.responses import Response

from playhead.domain.errors import LimitError
from playhead.services.counters import Counters
from playhead.wandb_protocol import (
    alerts,
    artifact_changes,
    artifact_collections,
    artifact_files,
    artifact_logging,
    artifacts,
    buckets,
    changes,
    files,
    history,
    log_lines,
    people,
    projects,
    run_files,
    runs,
    scalars,
    viewer,
)
from playhead.wandb_protocol.absent import explained
from playhead.wandb_protocol.context import Call, asked
from playhead.wandb_protocol.errors import as_answer, headers_of, message_of, status_of
from playhead.wandb_protocol.extent import check_extent
from playhead.wandb_protocol.limits import MAX_DOCUMENTS, MAX_KEPT, MAX_QUERY, MAX_TOKENS

PARTS = (
    alerts, artifact_changes, artifact_collections, artifact_logging, artifacts, buckets, changes, files, history, log_lines,
    people, projects, run_files, runs, scalars, viewer, artifact_files,
)  # fmt: skip
"""Modules with resolvers; that of artifacts' files comes behind the one of runs' files, whose nodes are of the same type."""
BINDABLES = [one for part in PARTS for one in part.BINDABLES]
"""What the modules of this package know of the schema."""


def _schema() -> GraphQLSchema:
    """It is not validated here, which would take longer than all the rest: a test does that."""
    files = sorted((Path(__file__).parent / "schema").glob("*.graphql"))
    document = parse("\n".join(file.read_text() for file in files), no_location=True)
    schema = build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)
    for one in BINDABLES:
        one.bind_to_schema(schema)
    return schema


SCHEMA = _schema()


def _edges(page: dict[str, Any], info: Any) -> list[Any]:
    """Of any list: each item counts, however the lists stand in one another."""
    found: list[Any] = page["edges"]
    asked(info).budget.listed(len(found))
    return found


for kind in SCHEMA.type_map.values():
    if isinstance(kind, GraphQLObjectType) and "edges" in kind.fields:
        kind.fields["edges"].resolve = _edges

_UNKNOWN = re.compile(
    r'Cannot query field "(?P<field>\w+)" on type "(?P<type>\w+)"'
    r'|Unknown argument "(?P<argument>\w+)" on field "(?P<of>[\w.]+)"'
    r'|Field "(?P<part>\w+)" is not defined by type "(?P<input>\w+)"'
    r'|Unknown type "(?P<missing>\w+)"'
)
_DECISIVE = frozenset({401, 403, 410, 429, 503})
"""Statuses of errors that decide over the whole answer."""
MAX_UNKNOWN = 64
"""Characters of a name that is counted."""


def answer(call: Call, query: str, variables: dict[str, Any], operation: str | None) -> Response:
    """The answer to a document. What is wrong with it is told with status 400, and counted."""
    try:
        document, wrong = (_known if len(query) <= MAX_KEPT else _read)(query)
    except GraphQLError as error:
        document, wrong = None, [error]
    if document is None or wrong:
        _count_unknown(wrong, call.services.counters)
        return as_answer({"errors": [{"message": explained(_quoted(error.message))} for error in wrong]}, 400)
    done = execute_sync(SCHEMA, document, context_value=call, variable_values=variables, operation_name=operation)
    return _told(done)


def _read(query: str) -> tuple[DocumentNode, list[GraphQLError]]:
    """The document and what is wrong with it. GraphQLError if it is none, LimitError if it is too large."""
    if len(query) > MAX_QUERY:
        raise LimitError(f"This document has {len(query):,} characters: MAX_QUERY is {MAX_QUERY:,}.")
    document = parse(query, no_location=True, max_tokens=MAX_TOKENS)
    check_extent(document)
    return document, validate(SCHEMA, document, max_errors=10)


_known = functools.lru_cache(MAX_DOCUMENTS)(_read)


def _told(done: ExecutionResult) -> Response:
    """What came of it. If nothing did, the status is that of the first error: the client shows its text and does not go on. So it is
    with errors that must not be overlooked.
    """
    errors = done.errors or []
    told: dict[str, Any] = {"data": done.data}
    if errors:
        told["errors"] = [_formatted(error) for error in errors]
    causes = [error.original_error for error in errors]
    nothing = all(value is None for value in (done.data or {}).values())
    for cause in causes:
        status = 400 if cause is None or isinstance(cause, GraphQLError) else status_of(cause)
        if nothing or status in _DECISIVE:
            return as_answer(told, status, headers_of(cause))
    return as_answer(told)


def _formatted(error: GraphQLError) -> dict[str, Any]:
    cause = error.original_error
    message = error.message if cause is None or isinstance(cause, GraphQLError) else message_of(cause)
    return {"message": message, "path": error.path or []}


def _quoted(message: str) -> str:
    """Old clients look for names in double quotes."""
    return message.replace("'", '"')


def _count_unknown(errors: list[GraphQLError], counters: Counters) -> None:
    """What clients want that is not there."""
    for error in errors:
        found = _UNKNOWN.search(_quoted(error.message))
        if found is not None:
            parts = [found[name] for name in ("type", "field", "of", "argument", "input", "part", "missing")]
            counters.add("playhead_wandb_unknown_total", what=".".join(filter(None, parts))[:MAX_UNKNOWN])
