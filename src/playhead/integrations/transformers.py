"""Hugging Face transformers: a callback that records what a Trainer does with Playhead, and saves its checkpoints.

>>> from playhead.integrations.transformers import PlayheadCallback
>>> callback = PlayheadCallback(project="digits")  # for Trainer(…, callbacks=[callback])
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

try:
    from transformers import TrainerCallback
except ImportError as error:
    raise ImportError("playhead.integrations.transformers needs it: pip install transformers accelerate.") from error

import playhead

__all__ = ["PlayheadCallback", "last_checkpoint"]

_GROUPS = ("eval", "test")
_CHECKPOINT = re.compile(r"checkpoint-(\d+)/.+")


class PlayheadCallback(TrainerCallback):  # type: ignore[misc]  # what mypy says must not depend on transformers
    """Logs what the Trainer logs, at its `global_step`, as `train/…`, `eval/…` and `test/…`; its arguments and the model's are the config.

    Each checkpoint is saved with the run, as `checkpoint-<step>/…`, unless `save_checkpoints=False`. `options` are those of `playhead.init`,
    which is called by the first process when the training begins, unless a run is open already.
    """

    def __init__(self, *, save_checkpoints: bool = True, **options: Any) -> None:
        super().__init__()
        self.run: playhead.Run | None = None
        self._saves = save_checkpoints
        self._options = options

    def on_train_begin(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:  # noqa: ARG002 the Trainer's signature
        """Begin the run, and say what it was started with."""
        if not state.is_world_process_zero:
            return
        name = args.run_name if args.run_name != args.output_dir else None
        self.run = playhead.run or playhead.init(**{"name": name, **self._options})
        described = getattr(model, "config", None)
        told = {} if described is None else described.to_dict()
        self.run.config.update({**told, **args.to_dict()}, allow_val_change=True)

    def on_log(self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any) -> None:  # noqa: ARG002 as above
        """A row, or more of the row of that step."""
        if self.run is not None:
            self.run.log({_grouped(name): value for name, value in (logs or {}).items()}, step=state.global_step)

    def on_predict(self, args: Any, state: Any, control: Any, metrics: Mapping[str, Any], **_: Any) -> None:
        """The same for a test."""
        self.on_log(args, state, control, logs=metrics)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002 as above
        """Save the checkpoint with the run."""
        folder = Path(args.output_dir, f"checkpoint-{state.global_step}")
        if self.run is not None and self._saves and folder.is_dir():
            self.run.save(f"{folder}/**", base_path=args.output_dir, policy="now")


def _grouped(name: str) -> str:
    """`eval_loss` is `eval/loss`, `loss` is `train/loss`."""
    group, _, rest = name.partition("_")
    return f"{group}/{rest}" if group in _GROUPS and rest else f"train/{name}"


def last_checkpoint(run: playhead.Run, folder: str | Path) -> str | None:
    """The newest whole checkpoint of a run that is gone on with: for `Trainer.train(resume_from_checkpoint=…)`. None if it has none.

    What is not in `folder`, the Trainer's `output_dir`, is fetched from the server. PlayheadError if that cannot be.
    """
    if not run.resumed or run.disabled:
        return None
    api = playhead.Api(run.settings.base_url, run.settings.api_key)
    try:
        checkpoints: dict[int, list[Any]] = {}
        for file in api.run(run.path).files():
            found = _CHECKPOINT.fullmatch(file.name)
            if found is not None:
                checkpoints.setdefault(int(found[1]), []).append(file)
        whole = max((len(files) for files in checkpoints.values()), default=0)  # of the newest one some may be missing
        step = max((step for step, files in checkpoints.items() if len(files) == whole), default=None)
        if step is None:
            return None
        for file in checkpoints[step]:
            file.download(folder).close()
    finally:
        api.close()
    return str(Path(folder, f"checkpoint-{step}"))
