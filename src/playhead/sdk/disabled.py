"""The run of `mode="disabled"`: takes every call, records nothing, leaves no trace."""

from __future__ import annotations

import atexit
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from playhead.client.settings import temporary_folder
from playhead.domain.ids import generate_id
from playhead.sdk import _current, rundir
from playhead.sdk.about import About, Place
from playhead.sdk.config import Config
from playhead.sdk.metrics import Metric
from playhead.sdk.run import Run
from playhead.sdk.saving import Saved
from playhead.sdk.settings import Settings
from playhead.sdk.summary import Summary


class DisabledRun(Run):
    """Looks like a Run. Nothing raises here, whatever is logged: who switched recording off wants no trouble from it."""

    def __init__(self, settings: Settings, config: Mapping[str, Any]) -> None:
        run_id = settings.run_id or generate_id()
        start = {
            "name": settings.run_name or f"dummy-{run_id}", "group": settings.run_group, "job_type": settings.run_job_type,
            "tags": list(settings.run_tags), "notes": settings.run_notes,
        }  # fmt: skip
        place = Place(Path(), settings.entity or "dummy", settings.project or "dummy", run_id, "", None)
        About.__init__(self, place, settings, start, time.time())
        self._step = 0
        self._ended = None
        self._folder: Path | None = None
        self._last: dict[str, tuple[int, Any]] = {}
        self._config = Config(lambda _: None, allow_val_change=True)
        self._config.update(config)
        self._summary = Summary(lambda _: 1, lambda: self._last)

    @property
    def disabled(self) -> bool:
        """It is."""
        return True

    def define_metric(self, name: str, *told: Any, **options: Any) -> Metric:  # noqa: ARG002 Run's signature
        """Nothing is defined."""
        return Metric(str(name))

    def alert(self, *told: Any, **options: Any) -> None:
        """Nobody is told."""

    def mark_preempting(self) -> None:
        """Nothing."""

    @property
    def dir(self) -> str:
        """A folder for scripts that write into it; gone when the process ends."""
        if self._folder is None:
            self._folder = temporary_folder() / f"playhead-disabled-{generate_id(16)}"
            self._folder.mkdir(mode=0o700)
            atexit.register(rundir.remove, self._folder)
        return str(self._folder)

    def log(self, data: Mapping[str, Any], step: int | None = None, commit: bool | None = None) -> None:  # noqa: FBT001 W&B's signature
        """Count, and forget."""
        if isinstance(data, Mapping):
            self._last.update({str(key): (0, value) for key, value in data.items()})
        if isinstance(step, int):
            self._step = max(self._step, step + bool(commit))
        elif commit is None or commit:
            self._step += 1

    def save(self, *told: Any, **options: Any) -> Saved | bool:
        """Nothing to save."""
        return Saved() if told or options else True

    def log_code(self, *_: Any, **__: Any) -> Saved:
        """As above."""
        return Saved()

    def finish(self, exit_code: int | None = None, quiet: bool | None = None) -> None:  # noqa: ARG002, FBT001 W&B's signature
        """It is no longer the current run."""
        _current.remove(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.finish()

    def _change(self, field: str, value: Any) -> None:
        self._start[field] = value
