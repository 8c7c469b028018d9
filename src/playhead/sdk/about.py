"""What a run is called and where it is: the part of a run that can be read without recording anything."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from playhead.domain.ids import check_tags
from playhead.sdk.settings import Settings, display_name


class Place(NamedTuple):
    """Where a run is recorded. `server` is None offline; `entity` None until the server said it."""

    folder: Path
    entity: str | None
    project: str
    run_id: str
    segment: str
    server: str | None
    link: Callable[[], str] | None = None
    """Makes the address that is printed: it logs in to the local server, for some hours."""
    resumed: bool = False
    """Whether it goes on with something that was there."""
    starting_step: int = 0
    """Where it begins to write."""


def run_url(server: str, entity: str, project: str, run_id: str) -> str:
    """The address of a run's page."""
    return f"{server}/{quote(entity)}/{quote(project)}/runs/{quote(run_id)}"


class About(ABC):
    """Names and addresses of a run. `start` is what was told when it began, at `began` (seconds since 1970)."""

    def __init__(self, place: Place, settings: Settings, start: dict[str, Any], began: float) -> None:
        self._place = place
        self._settings = settings
        self._start = start
        self._began = began
        self._entity = place.entity

    @property
    def id(self) -> str:
        """Unique in its project; stays the same through resume and rewind."""
        return self._place.run_id

    @property
    def segment_id(self) -> str:
        """The immutable id of the piece of history that is being written."""
        return self._place.segment

    @property
    def name(self) -> str:
        """For people; may be set."""
        return str(self._start["name"])

    @name.setter
    def name(self, name: str) -> None:
        self._change("name", display_name(name))

    @property
    def notes(self) -> str | None:
        """Markdown; may be set."""
        return self._start.get("notes")

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._change("notes", None if notes is None else str(notes))

    @property
    def tags(self) -> tuple[str, ...]:
        """May be set, or added to with `+=`."""
        return tuple(self._start.get("tags") or ())

    @tags.setter
    def tags(self, tags: tuple[str, ...]) -> None:
        self._change("tags", list(check_tags(tuple(tags))))

    @property
    def project(self) -> str:
        """The project's name."""
        return self._place.project

    @property
    def entity(self) -> str | None:
        """Who owns the project; None as long as no server said it."""
        return self._entity

    @property
    def path(self) -> str:
        """`entity/project/id`."""
        return "/".join(part for part in (self._entity, self.project, self.id) if part)

    @property
    def url(self) -> str | None:
        """The run's page; None offline, or before the server was reached."""
        if self._place.server is None or self._entity is None:
            return None
        return run_url(self._place.server, self._entity, self.project, self.id)

    @property
    def dir(self) -> str:
        """Folder for this run's files."""
        return str(self._place.folder / "files")

    @property
    def group(self) -> str | None:
        """Runs of one training share it."""
        return self._start.get("group")

    @property
    def job_type(self) -> str | None:
        """Such as `train` or `eval`."""
        return self._start.get("job_type")

    @property
    def resumed(self) -> bool:
        """Whether it goes on with an earlier run: resumed, rewound or forked."""
        return self._place.resumed

    @property
    def starting_step(self) -> int:
        """The first step that this process was to log: 0, unless it goes on with an earlier run."""
        return self._place.starting_step

    @property
    def offline(self) -> bool:
        """Whether it is only recorded on this disk."""
        return self._place.server is None

    @property
    def disabled(self) -> bool:
        """Whether nothing is recorded."""
        return False

    @property
    def settings(self) -> Settings:
        """What it was started with."""
        return self._settings

    @property
    def start_time(self) -> float:
        """Seconds since 1970."""
        return self._began

    @abstractmethod
    def _change(self, field: str, value: Any) -> None:
        """It is called, noted or tagged otherwise from now on."""

    def _where(self) -> str | None:
        """The address for whoever sits at the terminal."""
        return self._place.link() if self._place.link is not None else self.url

    def __repr__(self) -> str:
        return f"<playhead run {self.path} ({self._start['name']})>"
