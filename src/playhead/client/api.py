"""The read API: `playhead.Api()`. Projects, runs and what they recorded, as plain Python values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from playhead.client import credentials
from playhead.client.artifacts.reading import ArtifactReading
from playhead.client.export import Exported, Told, export
from playhead.client.listing import Runs
from playhead.client.runs import Run
from playhead.client.server import Server
from playhead.domain.errors import UsageError
from playhead.domain.ids import RunPath, parse_run_path
from playhead.wire.views import ProjectView, ViewerView
from playhead.wire.webhooks import WebhookNew, WebhookView


class Api(ArtifactReading):
    """Reads from a server: the one at `base_url`, else the one that this user has chosen, else this machine's own."""

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float = 60.0,
        *,
        server: Server | None = None,
    ) -> None:
        """With `server`, that one is asked, and the other arguments mean nothing."""
        if server is None:
            address = credentials.find(base_url, api_key)
            server = Server.at(address.url, address.key, timeout)
        self._server = server
        self._viewer: ViewerView | None = None

    @property
    def base_url(self) -> str:
        """Where the server is."""
        return self._server.url

    @property
    def viewer(self) -> ViewerView:
        """Who the key belongs to: `username`, `entity`. AuthenticationError if the server does not know it."""
        if self._viewer is None:
            self._viewer = self._server.viewer()
        return self._viewer

    @property
    def default_entity(self) -> str:
        """The entity of paths that name none."""
        return self.viewer.entity

    def run(self, path: str) -> Run:
        """The run `entity/project/id`, or `project/id` of the default entity. NotFoundError if there is none."""
        return Run(self._server, self._server.run(self._where(path)))

    def restore_deleted(self, path: str) -> Run:
        """Take the run `entity/project/id` out of the trash."""
        return Run(self._server, self._server.restore(self._where(path)))

    restore = restore_deleted

    def runs(
        self, path: str, filters: str | Mapping[str, Any] | None = None, order: str = "-created_at", per_page: int = 100, *,
        search: str | None = None, state: str | None = None, group: str | None = None, trash: bool = False,
    ) -> Runs:  # fmt: skip
        """The runs of `entity/project` (or of `project` of the default entity), a sequence that is fetched page by page.

        `filters` is text, `'config.lr < 0.01 and state = "finished"'`, or an object as in W&B and MongoDB,
        `{"config.lr": {"$lt": 0.01}, "state": "finished"}`; FilterError points at what is wrong when the first page is fetched.
        `order` names any value, with `-` in front for the largest first: `-summary.acc`, `config.lr`, `created_at`.
        With `trash`, those that were thrown away: `restore_deleted` brings one back.
        """
        entity, project = self._project(path)
        more = {"search": search, "state": state, "group": group, "trash": trash}
        return Runs(self._server, entity, project, filters=filters, order=order, limit=per_page, **more)

    def projects(self, entity: str | None = None) -> Iterator[ProjectView]:
        """The projects of `entity` (None: all that the viewer may see), newest activity first."""
        return self._server.projects(entity)

    def webhooks(self, project: str) -> list[WebhookView]:
        """Addresses that hear of the alerts of `entity/project`; shortened for who may not change the project."""
        return self._server.webhooks(*self._project(project))

    def add_webhook(self, project: str, url: str, format: str | None = None) -> WebhookView:  # noqa: A002 what it is
        """Let `url` hear of them, as `json` or `slack` (None: by its host). UsageError, PermissionDeniedError."""
        return self._server.add_webhook(*self._project(project), WebhookNew(url=url, format=format))

    def remove_webhook(self, project: str, webhook: str) -> None:
        """Forget the webhook of that id. NotFoundError, PermissionDeniedError."""
        self._server.remove_webhook(*self._project(project), webhook)

    def export(
        self, path: str, to: str | Path, *, format: str = "parquet", files: bool = False,  # noqa: A002 what it is
        told: Told = lambda _id, _rows: None,
    ) -> Exported:  # fmt: skip
        """Write a project (`entity/project`) below the folder `to`: `runs.parquet`, and in `history`, `system` and `console` files of each
        run, unsampled; with `files` what the runs saved too. `told` hears of each run: its id and its rows.
        """
        if format != "parquet":
            raise UsageError(f"format={format!r}: there is only parquet.")
        entity, project = self._project(path)
        self._server.project(entity, project)
        return export(self._server, entity, project, self.runs(path), Path(to), files=files, told=told)

    def close(self) -> None:
        """Let go of connections."""
        self._server.close()

    def _where(self, path: str) -> RunPath:
        parts = [part for part in path.strip("/").split("/") if part != "runs"]
        return parse_run_path(path, self.default_entity if len(parts) == 2 else None)

    def _project(self, path: str) -> tuple[str, str]:
        parts = path.strip("/").split("/")
        if len(parts) == 1 and parts[0]:
            return self.default_entity, parts[0]
        if len(parts) == 2 and all(parts):
            return parts[0], parts[1]
        raise UsageError(f"{path!r} is not the path of a project: write entity/project.")
