"""PyTorch Lightning: a logger that records a training with Playhead, and saves its checkpoints.

>>> from playhead.integrations.lightning import PlayheadLogger
>>> logger = PlayheadLogger(project="digits", mode="disabled")  # for Trainer(logger=logger)
>>> logger.experiment.finish()
"""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

try:
    from lightning.pytorch.loggers.logger import Logger, rank_zero_experiment
    from lightning.pytorch.utilities import rank_zero_only
except ImportError as error:
    raise ImportError("playhead.integrations.lightning needs Lightning: pip install lightning.") from error

import playhead

__all__ = ["PlayheadLogger"]


class PlayheadLogger(Logger):  # type: ignore[misc]  # what mypy says must not depend on Lightning
    """Logs what Lightning measures, at Lightning's `global_step`, and saves each checkpoint that its ModelCheckpoint writes.

    `options` are those of `playhead.init`, which is called by the first process when it is needed, unless a run is open already, or `run`
    is one. Names of metrics begin with `prefix`. The run is not finished by it: `fit` may be followed by `test`.
    """

    def __init__(
        self, project: str | None = None, *, run: playhead.Run | None = None, prefix: str = "", save_checkpoints: bool = True, **options: Any
    ) -> None:  # fmt: skip
        super().__init__()
        self._run = run
        self._prefix = prefix
        self._saves = save_checkpoints
        self._options = {"project": project, **options}
        self._saved: dict[str, tuple[int, int]] = {}

    @property
    @rank_zero_experiment  # type: ignore[untyped-decorator]  # as above
    def experiment(self) -> playhead.Run:
        """The run; in other processes than the first something that takes every call."""
        if self._run is None:
            self._run = playhead.run or playhead.init(**self._options)
        return self._run

    @property
    def name(self) -> str | None:
        """The project."""
        return self._options["project"] if self._run is None else self._run.project

    @property
    def version(self) -> str | None:
        """The run's id, once it is known."""
        return self._options.get("id") if self._run is None else self._run.id

    @property
    def save_dir(self) -> str | None:
        """The folder that holds `playhead/`; Lightning keeps checkpoints in `<save_dir>/<project>/<run id>/checkpoints`."""
        told = self._options.get("dir")
        return None if told is None else os.fspath(told)

    @rank_zero_only  # type: ignore[untyped-decorator]  # as above
    def log_metrics(self, metrics: Mapping[str, Any], step: int | None = None) -> None:
        """A row, or more of the row of that step."""
        self.experiment.log({f"{self._prefix}{name}": value for name, value in metrics.items()}, step=step)

    @rank_zero_only  # type: ignore[untyped-decorator]  # as above
    def log_hyperparams(self, params: Mapping[str, Any] | Namespace, *_: Any, **__: Any) -> None:
        """More of the config."""
        told = vars(params) if isinstance(params, Namespace) else params
        self.experiment.config.update(dict(told), allow_val_change=True)

    @rank_zero_only  # type: ignore[untyped-decorator]  # as above
    def after_save_checkpoint(self, checkpoint_callback: Any) -> None:
        """Save with the run what is new among the checkpoints: as `checkpoints/…`, or by the name of the folder that they are in."""
        if not self._saves:
            return
        one = checkpoint_callback
        for path in sorted({one.best_model_path, one.last_model_path, *one.best_k_models} - {"", None}):
            mark = _mark(Path(path))
            if mark is not None and self._saved.get(path) != mark:
                self._saved[path] = mark
                files = f"{path}/**" if Path(path).is_dir() else path
                self.experiment.save(files, base_path=Path(path).parent.parent, policy="now")


def _mark(path: Path) -> tuple[int, int] | None:
    """What changes with its content; None if it is gone."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
