"""The run of `mode="disabled"`: takes every call, records nothing, leaves no trace."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from playhead.client.settings import temporary_folder
from playhead.domain.ids import generate_id
from playhead.sdk import _current
from playhead.sdk.config import Config
from playhead.sdk.settings import Settings
from playhead.sdk.summary import Summary


class DisabledRun:
    """Looks like a Run."""

    def __init__(self, settings: Settings, config: Mapping[str, Any]) -> None:
        self.settings = settings
        self.id = settings.run_id or generate_id()
        self.name: str = settings.run_name or f"dummy-{self.id}"
        self.project = settings.project or "dummy"
        self.entity = settings.entity or "dummy"
        self.group, self.job_type = settings.run_group, settings.run_job_type
        self.notes, self.tags = settings.run_notes, settings.run_tags
        self.path = f"{self.entity}/{self.project}/{self.id}"
        self.url, self.segment_id = None, ""
        self.step = 0
        self.resumed, self.offline, self.disabled = False, True, True
        self._logged: dict[str, tuple[int, Any]] = {}
        self.config = Config(lambda _: None, allow_val_change=True)
        self.config.update(config)
        self.summary = Summary(lambda _: 1, lambda: self._logged)

    @property
    def dir(self) -> str:
        """A folder that exists, for scripts that write into it."""
        folder = temporary_folder() / f"playhead-disabled-{self.id}"
        folder.mkdir(exist_ok=True)
        return str(folder)

    def log(self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:  # noqa: FBT001 W&B's signature
        """Count, and forget."""
        if not isinstance(data, Mapping):
            raise TypeError(f"log() takes a dict of what to record, not a {type(data).__name__}.")
        self._logged.update({str(key): (0, value) for key, value in data.items()})
        if step is not None:
            self.step = max(self.step, int(step) + (1 if commit else 0))
        elif commit is None or commit:
            self.step += 1

    def save(self, *_: Any, **__: Any) -> bool:
        """Nothing to save."""
        return True

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:  # noqa: ARG002, FBT001 W&B's signature
        """It is no longer the current run."""
        if _current.run is self:  # type: ignore[comparison-overlap]
            _current.set_run(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.finish()
