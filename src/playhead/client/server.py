"""Everything that can be asked of a server, as typed calls over a transport. Every call may raise CommError and what `errors.py` lists."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from playhead.client.artifact_calls import ArtifactCalls
from playhead.client.ingest import MSGPACK, path_of, run_path
from playhead.client.transport import Request
from playhead.domain.errors import CommError, FilterError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_MEDIA, MAX_PAGE
from playhead.wire import arrow, columns, routes
from playhead.wire.files import FilePage, FileView
from playhead.wire.media import HistogramView, MediaKey, MediaPage, TablePage
from playhead.wire.search import ColumnList, GroupList, GroupsAsk, RunsAsk
from playhead.wire.timeline import MarkView, Move, Rewind, RunRef
from playhead.wire.views import (
    ChartQuery,
    LinePage,
    ProjectKeys,
    ProjectPage,
    ProjectView,
    Rows,
    RunPage,
    RunPatch,
    RunView,
    SegmentView,
    SeriesView,
    ServerView,
    ViewerView,
)
from playhead.wire.webhooks import WebhookNew, WebhookView

_SHORT = 2_000
"""Characters of a filter that an address can hold."""


class Server(ArtifactCalls):
    """A server as its clients see it."""

    # Who and what

    def health(self) -> ServerView:
        """Whether it answers, and its version."""
        return self._get(routes.HEALTH, ServerView)

    def viewer(self) -> ViewerView:
        """Who the key belongs to. AuthenticationError if the server does not know it."""
        return self._get(routes.VIEWER, ViewerView)

    # Content

    def blob(self, run: RunPath, sha256: str, path: str | None = None) -> bytes:
        """The content of an image or the like; found at once if the name of a file that has it is given."""
        request = Request(
            "GET", run_path(routes.BLOB, run, sha256=sha256), {"path": path}, accept="*/*", most=MAX_MEDIA
        )
        return self._send(request)

    def media_keys(self, run: RunPath, *, segment: str | None = None, step: int | None = None) -> list[MediaKey]:
        """Keys under which the run logged media."""
        return self._get(run_path(routes.MEDIA_KEYS, run), list[MediaKey], segment=segment, step=step)

    def media(
        self, run: RunPath, key: str, *, min_step: int | None = None, max_step: int | None = None, limit: int | None = None,
        segment: str | None = None, step: int | None = None,
    ) -> MediaPage:  # fmt: skip
        """A page of what was logged under a key, by step."""
        return self._get(
            run_path(routes.MEDIA, run), MediaPage, MSGPACK, key=key, min_step=min_step, max_step=max_step, limit=limit,
            segment=segment, step=step,
        )  # fmt: skip

    def histograms(
        self, run: RunPath, key: str, *, bins: int | None = None, segment: str | None = None, step: int | None = None
    ) -> HistogramView:
        """The histograms of a key over the steps, on common bins."""
        path = run_path(routes.HISTOGRAMS, run)
        return self._get(path, HistogramView, key=key, bins=bins, segment=segment, step=step)

    def table(
        self, run: RunPath, key: str, *, item: int | None = None, offset: int | None = None, limit: int | None = None,
        segment: str | None = None, step: int | None = None,
    ) -> TablePage:  # fmt: skip
        """Rows of the table that a key shows at a place. NotFoundError if there is none."""
        return self._get(
            run_path(routes.TABLE, run), TablePage, MSGPACK, key=key, item=item, offset=offset, limit=limit, segment=segment,
            step=step,
        )  # fmt: skip

    def files(
        self, run: RunPath, *, segment: str | None = None, step: int | None = None, prefix: str | None = None,
        media: bool = False, page_size: int = MAX_PAGE,
    ) -> Iterator[FileView]:  # fmt: skip
        """The run's files as of a step, by name, page by page."""
        query = {"segment": segment, "step": step, "prefix": prefix, "media": 1 if media else None, "limit": page_size}
        for page in self._pages(run_path(routes.FILES, run), FilePage, query):
            yield from page.items

    def file_versions(self, run: RunPath, path: str, *, page_size: int = MAX_PAGE) -> Iterator[FileView]:
        """All versions of a file, the newest first, in archived segments too. NotFoundError, which tells near names, if there is none."""
        query = {"path": path, "limit": page_size}
        for page in self._pages(run_path(routes.FILE_VERSIONS, run), FilePage, query):
            yield from page.items

    # Projects and runs

    def projects(self, entity: str | None = None) -> Iterator[ProjectView]:
        """All projects (of the entity), newest activity first, page by page."""
        for page in self._pages(routes.PROJECTS, ProjectPage, {"entity": entity}):
            yield from page.items

    def project(self, entity: str, project: str) -> ProjectView:
        """NotFoundError if there is none."""
        return self._get(path_of(routes.PROJECT, entity=entity, project=project), ProjectView)

    def project_keys(self, entity: str, project: str) -> ProjectKeys:
        """Keys that the newest runs of the project logged."""
        return self._get(path_of(routes.PROJECT_KEYS, entity=entity, project=project), ProjectKeys)

    def webhooks(self, entity: str, project: str) -> list[WebhookView]:
        """Addresses that hear of the project's alerts."""
        return self._get(path_of(routes.WEBHOOKS, entity=entity, project=project), list[WebhookView])

    def add_webhook(self, entity: str, project: str, new: WebhookNew) -> WebhookView:
        """One more. UsageError for an address that nothing is sent to."""
        path = path_of(routes.WEBHOOKS, entity=entity, project=project)
        return self._ask(Request("POST", path, body=msgspec.json.encode(new)), WebhookView)

    def remove_webhook(self, entity: str, project: str, webhook: str) -> None:
        """NotFoundError if the project has none of that id."""
        self._send(Request("DELETE", path_of(routes.WEBHOOK, entity=entity, project=project, webhook=webhook)))

    def runs(
        self, entity: str, project: str, cursor: str | None = None, *, filters: str | Mapping[str, Any] | None = None,
        search: str | None = None, state: str | None = None, order: str | None = None, limit: int | None = None,
        group: str | None = None, trash: bool | None = None, count: bool = False,
    ) -> RunPage:  # fmt: skip
        """A page of the project's runs. FilterError if `filters` is none, UsageError for an order or state that is none."""
        path = path_of(routes.RUNS, entity=entity, project=project)
        text = filters if isinstance(filters, str) or filters is None else _json(filters)
        if text is None or len(text) <= _SHORT:
            return self._get(
                path, RunPage, MSGPACK, cursor=cursor, filter=text or None, search=search, state=state, order=order,
                limit=limit, group=group, trash=1 if trash else None, count=1 if count else None,
            )  # fmt: skip
        ask = RunsAsk(
            filter=text, cursor=cursor, search=search, state=[state] if state else [], order=order or "-created_at",
            limit=limit or 100, group=group, trash=bool(trash), count=count,
        )  # fmt: skip
        return self._ask(Request("POST", path, body=msgspec.json.encode(ask), accept=MSGPACK), RunPage)

    def columns(self, entity: str, project: str, prefix: str | None = None) -> ColumnList:
        """Values in config and summary of the project's runs, at most MAX_PAGE."""
        return self._get(path_of(routes.COLUMNS, entity=entity, project=project), ColumnList, prefix=prefix)

    def groups(self, entity: str, project: str, ask: GroupsAsk) -> GroupList:
        """The project's runs by their values, the largest groups first."""
        path = path_of(routes.GROUPS, entity=entity, project=project)
        return self._ask(Request("POST", path, body=msgspec.json.encode(ask), accept=MSGPACK), GroupList)

    def run(self, run: RunPath, *, segment: str | None = None, step: int | None = None) -> RunView:
        """The run, as of a step of a segment if they are given. NotFoundError if there is none, UsageError past the end."""
        return self._get(run_path(routes.RUN, run), RunView, MSGPACK, segment=segment, step=step)

    def patch(self, run: RunPath, change: RunPatch) -> RunView:
        """Change what a person may change of a run."""
        body = msgspec.json.encode(change)
        return self._ask(Request("PATCH", run_path(routes.RUN, run), body=body, accept=MSGPACK), RunView)

    def delete(self, run: RunPath, *, forever: bool = False) -> None:
        """Put the run into the trash, or delete it with all that it recorded."""
        self._send(Request("DELETE", run_path(routes.RUN, run), {"forever": 1 if forever else None}))

    # The timeline

    def rewind(self, run: RunPath, *, segment: str | None = None, step: int | None = None) -> RunView:
        """Choose the run's head: a segment, or a step of it."""
        body = msgspec.json.encode(Rewind(segment=segment, step=step))
        return self._ask(Request("POST", run_path(routes.HEAD, run), body=body, accept=MSGPACK), RunView)

    def stop(self, run: RunPath) -> RunView:
        """Ask the run's training to stop. ConflictError if none is at work."""
        return self._ask(Request("POST", run_path(routes.STOP, run), accept=MSGPACK), RunView)

    def move(self, run: RunPath, project: str, entity: str | None = None) -> RunView:
        """Let the run be in another project. ConflictError while it is at work, or if there is one of its id."""
        body = msgspec.json.encode(Move(project=project, entity=entity))
        return self._ask(Request("POST", run_path(routes.MOVE, run), body=body, accept=MSGPACK), RunView)

    def restore(self, run: RunPath) -> RunView:
        """Take the run out of the trash."""
        return self._ask(Request("POST", run_path(routes.RESTORE, run), accept=MSGPACK), RunView)

    def children(self, run: RunPath) -> list[RunRef]:
        """Runs that were forked from it."""
        return self._get(run_path(routes.CHILDREN, run), list[RunRef])

    def marks(self, run: RunPath, segment: str | None = None) -> list[MarkView]:
        """What has a place on its timeline and is no row."""
        return self._get(run_path(routes.MARKS, run), list[MarkView], segment=segment)

    def segments(self, run: RunPath) -> list[SegmentView]:
        """The run's segments, oldest first."""
        return self._get(run_path(routes.SEGMENTS, run), list[SegmentView])

    def keys(
        self, run: RunPath, source: str = "history", *, segment: str | None = None, step: int | None = None
    ) -> list[SeriesView]:
        """The keys of the run's history (or of its `system` metrics)."""
        return self._get(run_path(routes.KEYS, run), list[SeriesView], source=source, segment=segment, step=step)

    def rows(
        self, run: RunPath, *, keys: list[str] | None = None, source: str | None = None, min_step: int | None = None,
        max_step: int | None = None, limit: int | None = None, samples: int | None = None, segment: str | None = None,
        step: int | None = None, label: str | None = None,
    ) -> Rows:  # fmt: skip
        """A page of rows up to and including `max_step`, or at most `samples` of them, evenly spread."""
        return self._get(
            run_path(routes.ROWS, run), Rows, MSGPACK, keys=keys, source=source, min_step=min_step, max_step=max_step,
            limit=limit, samples=samples, segment=segment, step=step, label=label,
        )  # fmt: skip

    def row_columns(
        self, run: RunPath, *, keys: list[str] | None = None, source: str | None = None, some: bool = False, start: int | None = None,
        end: int | None = None, segment: str | None = None, step: int | None = None, label: str | None = None,
    ) -> arrow.Frame:  # fmt: skip
        """Rows from step `start` (of `source="system"`: from that time) up to and including `end`, as columns, so many as travel at once."""
        query = {
            "keys": keys, "source": source, "some": 1 if some else None, "start": start, "end": end, "segment": segment,
            "step": step, "label": label,
        }  # fmt: skip
        return self._frames(run_path(routes.ROW_COLUMNS, run), query)[0]

    def records(
        self, entity: str, project: str, runs: Sequence[str], part: str | None = None, start: int | None = None
    ) -> list[arrow.Frame]:
        """What these runs recorded, from `start` of this part of the first one on, so much as travels at once. See `playhead.wire.records`."""
        path = path_of(routes.RECORDS, entity=entity, project=project)
        return self._frames(path, {"runs": list(runs), "part": part, "start": start})

    def _frames(self, path: str, query: Mapping[str, object]) -> list[arrow.Frame]:
        """At least one."""
        body = self._send(Request("GET", path, query, accept=arrow.CONTENT_TYPE))
        try:
            return list(arrow.decode_all(body))
        except ValueError as error:
            raise CommError(f"{self.url} sent columns that cannot be read: {error}.") from error

    def console(
        self, run: RunPath, *, after: int | None = None, limit: int | None = None, segment: str | None = None,
        step: int | None = None, label: str | None = None,
    ) -> LinePage:  # fmt: skip
        """A page of console lines behind number `after`."""
        path = run_path(routes.CONSOLE, run)
        return self._get(path, LinePage, after=after, limit=limit, segment=segment, step=step, label=label)

    def chart(
        self, entity: str, project: str, query: ChartQuery
    ) -> tuple[dict[str, tuple[str, memoryview]], dict[str, Any]]:
        """A key over runs, in buckets: the columns as (type, buffer), and the meta. See ChartQuery."""
        path = path_of(routes.CHART, entity=entity, project=project)
        body = self._send(Request("POST", path, body=msgspec.json.encode(query), accept=columns.CONTENT_TYPE))
        try:
            return columns.decode(body)
        except (ValueError, KeyError) as error:
            raise CommError(f"{self.url} sent a chart that cannot be read: {error}.") from error


def _json(filters: Mapping[str, Any]) -> str:
    """An object as JSON, NaN included. FilterError."""
    try:
        return json.dumps(filters)
    except (TypeError, ValueError, RecursionError) as error:
        raise FilterError(f"The filter cannot be sent: {error}.") from None
