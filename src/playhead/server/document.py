"""The OpenAPI document: limits that the plain dataclasses of `wire` cannot express, and the table of routes for the docs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from pydantic import TypeAdapter

from playhead.domain.account import Visibility
from playhead.domain.limits import MAX_BUCKETS, MAX_CHART_RUNS, MAX_KEY, MAX_NAME, MAX_PAGE, MAX_TAG
from playhead.domain.metric import Axis, Source
from playhead.domain.run import RunState
from playhead.services.draft import MAX_NOTES
from playhead.services.runs import MAX_PATCH_TAGS
from playhead.services.search import MAX_BY, MAX_OF
from playhead.wire.ingest import ProblemBody

_NAME = r"^[^/\\#?%:\x00-\x1f\s]+$"

LIMITS: dict[str, dict[str, dict[str, Any]]] = {
    "ChartQuery": {
        "runs": {"maxItems": MAX_CHART_RUNS},
        "key": {"maxLength": MAX_KEY},
        "source": {"enum": [*Source]},
        "axis": {"enum": [*Axis]},
        "buckets": {"minimum": 1, "maximum": MAX_BUCKETS},
    },
    "GroupsAsk": {
        "by": {"minItems": 1, "maxItems": MAX_BY},
        "of": {"maxItems": MAX_OF},
        "limit": {"minimum": 1, "maximum": MAX_PAGE},
        "search": {"maxLength": 256},
    },
    "ProjectPatch": {"visibility": {"enum": [*Visibility]}},
    "ProjectView": {"visibility": {"enum": [*Visibility]}},
    "RunPatch": {
        "name": {"minLength": 1, "maxLength": MAX_NAME, "pattern": r"\S"},
        "notes": {"maxLength": MAX_NOTES},
        "tags": {"maxItems": MAX_PATCH_TAGS, "items": {"type": "string", "minLength": 1, "maxLength": MAX_TAG}},
        "group": {"maxLength": MAX_NAME},
        "job_type": {"maxLength": MAX_NAME},
    },
    "UserNew": {
        "name": {"minLength": 1, "maxLength": MAX_NAME, "pattern": _NAME},
        "api_key": {"pattern": "^[0-9a-zA-Z_-]{32,128}$"},
    },
    "RunsAsk": {
        "limit": {"minimum": 1, "maximum": MAX_PAGE},
        "state": {"items": {"type": "string", "enum": [*RunState]}},
        "search": {"maxLength": 256},
        "cursor": {"maxLength": 1_024},
    },
    "RunView": {"state": {"enum": [*RunState]}},
}
"""Model -> field -> what its schema says beside its type."""


def refine(app: FastAPI) -> None:
    """Let `app` publish a document with these limits."""
    made = app.openapi

    def refined() -> dict[str, Any]:
        if app.openapi_schema is None:
            document = made()
            schemas = document["components"]["schemas"]
            problem = TypeAdapter(ProblemBody).json_schema(
                ref_template="#/components/schemas/{model}", mode="serialization"
            )
            schemas |= {**problem.pop("$defs"), "ProblemBody": problem}
            for model, fields in LIMITS.items():
                properties = schemas[model]["properties"]
                for name, limits in fields.items():
                    _typed(properties[name]).update(limits)
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = refined  # type: ignore[method-assign]  # FastAPI's own way to do it


def _typed(schema: dict[str, Any]) -> dict[str, Any]:
    """The part of a schema that is not `null`."""
    alternatives = schema.get("anyOf")
    return next(part for part in alternatives if part.get("type") != "null") if alternatives else schema


def routes(document: dict[str, Any]) -> Iterator[str]:
    """A row of a Markdown table for each operation."""
    yield "| method | path | what it does |"
    yield "|---|---|---|"
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            text = " ".join(operation.get("description", "").split())
            yield f"| {method.upper()} | `{path}` | {text} |"


def errors(table: Any) -> Iterator[str]:
    """A row of a Markdown table for each error."""
    yield "| status | `code` | when |"
    yield "|---|---|---|"
    for kind, status, code in table:
        text = " ".join((kind.__doc__ or "").split())
        yield f"| {status} | `{code}` | {text} |"
