"""Keras: callbacks that record a training with the current run, and save its models. Called as W&B calls them.

>>> import playhead
>>> from playhead.integrations.keras import WandbCallback
>>> run = playhead.init(mode="disabled")
>>> callback = WandbCallback(save_model=True, monitor="loss")  # for model.fit(…, callbacks=[callback])
>>> run.finish()
"""

from __future__ import annotations

import contextlib
import glob
import json
import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

try:
    import h5py
    import keras
except ImportError as error:
    raise ImportError(
        "playhead.integrations.keras needs Keras: pip install keras, and one of its backends, such as jax."
    ) from error

import playhead

Logs = Mapping[str, Any] | None
__all__ = ["WandbCallback", "WandbMetricsLogger", "WandbModelCheckpoint"]

_log = logging.getLogger("playhead.keras")
_BETTER_IF_MORE = re.compile(r"acc|auc|precision|recall|f1|fmeasure", re.IGNORECASE)
_MODES = ("auto", "min", "max")
_FORMATS = ("h5", "keras")
_LEFT_OUT = frozenset(
    "log_weights log_gradients log_evaluation compute_flops generator validation_data input_type data_type".split()
)
"""Asked for, it is said that they are not done."""
_WITHOUT_MEANING = frozenset(
    """training_data labels predictions output_type validation_steps class_colors save_graph validation_indexes
    validation_row_processor prediction_row_processor infer_missing_processors log_evaluation_frequency
    save_model_as_artifact""".split()
)


def _run_for(name: str) -> playhead.Run:
    if playhead.run is None:
        raise playhead.errors.UsageError(f"There is no run yet: call playhead.init() before {name}().")
    return playhead.run


class WandbCallback(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """Logs each epoch, and saves the best model by `monitor` as `model-best.h5`: to `run.dir`, and with the run, at the epoch's step.

    A run that was gone on with goes on with its best value too. `mode`: `min`, `max`, or `auto`, by the name of `monitor`. A row holds
    `epoch` and what Keras measured; with `log_batch_frequency=N` there is one every N batches as well. The summary has `best_<monitor>`
    and `best_epoch` (`log_best_prefix=None`: it has not). `save_format="keras"` saves `model-best.keras`, with the optimizer's state;
    `save_weights_only` saves `model-best.weights.h5`.

    UsageError without a run, and for a wrong argument. A model that cannot be saved is told once, and stops no training.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        verbose: int = 0,
        mode: str = "auto",
        save_weights_only: bool = False,  # noqa: FBT001, FBT002 W&B's signature
        save_model: bool = True,  # noqa: FBT001, FBT002 as above
        log_batch_frequency: int | None = None,
        log_best_prefix: str | None = "best_",
        save_format: str = "h5",
        **others: Any,
    ) -> None:
        super().__init__()
        self.run = _run_for(type(self).__name__)
        if mode not in _MODES or save_format not in _FORMATS:
            raise playhead.errors.UsageError(
                f"mode={mode!r}, save_format={save_format!r}: say one of {', '.join(_MODES)}, and one of {', '.join(_FORMATS)}."
            )
        self._refuse(others)
        self.monitor = monitor
        self._verbose = verbose
        self._more_is_better = mode == "max" or (mode == "auto" and _BETTER_IF_MORE.search(monitor) is not None)
        self._saves, self._weights_only = save_model, save_weights_only
        self._every = log_batch_frequency
        self._prefix = log_best_prefix
        self._format = save_format
        self.best: float | None = self._best_before()
        self._missed = False

    def _refuse(self, others: Mapping[str, Any]) -> None:
        unknown = others.keys() - _LEFT_OUT - _WITHOUT_MEANING
        if unknown:
            raise TypeError(f"{type(self).__name__}() has no argument {', '.join(sorted(unknown))}.")
        asked = sorted(
            name for name in _LEFT_OUT & others.keys() if others[name] is not None and others[name] is not False
        )
        if asked:
            _log.warning("%s does not do this, it is left out: %s", type(self).__name__, ", ".join(asked))

    def _best_before(self) -> float | None:
        if not self.run.resumed or self._prefix is None:
            return None
        found = self.run.summary.get(f"{self._prefix}{self.monitor}")
        return float(found) if isinstance(found, (int, float)) else None

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Log it, if it is its turn."""
        if self._every and batch % self._every == 0:
            self.run.log(dict(logs or {}))

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Log the epoch; save the model if it is the best so far."""
        self.run.log({"epoch": epoch, **(logs or {})})
        value = (logs or {}).get(self.monitor)
        if value is None:
            self._tell_missing(logs or {})
            return
        value = float(value)
        if not self._improves(value):
            return
        self.best = value
        if self._saves and not self.run.disabled:
            self._save(epoch)
        if self._prefix is not None:  # after the model: whoever goes on must find one that is as good
            self.run.summary.update({f"{self._prefix}{self.monitor}": value, f"{self._prefix}epoch": epoch})

    def _improves(self, value: float) -> bool:
        if self.best is None:
            return value == value  # noqa: PLR0124 not NaN
        return value > self.best if self._more_is_better else value < self.best

    def _tell_missing(self, logs: Mapping[str, Any]) -> None:
        if self._saves and not self._missed:
            self._missed = True
            _log.warning(
                "monitor=%r is not measured, so no model is saved as the best. There is: %s",
                self.monitor,
                ", ".join(sorted(logs)),
            )

    def _save(self, epoch: int) -> None:
        name = f"model-best.{'weights.h5' if self._weights_only else self._format}"
        draft = Path(self.run.dir, f".playhead-{name}")
        try:
            self._write(draft)
        except (OSError, ValueError, TypeError, NotImplementedError) as error:
            with contextlib.suppress(OSError):
                draft.unlink()
            self._saves = False
            _log.warning("%s cannot be saved, the training goes on without: %s", name, error)
            return
        self.run.save(draft.replace(draft.with_name(name)), base_path=self.run.dir, policy="now")
        if self._verbose:
            _log.warning("Epoch %d: %s is %g, %s is saved.", epoch, self.monitor, self.best, name)

    def _write(self, path: Path) -> None:
        if self._weights_only:
            self.model.save_weights(path)
        elif self._format == "keras":
            self.model.save(path)
        else:
            self._write_h5(path)

    def _write_h5(self, path: Path) -> None:
        level = logging.getLogger("absl").level
        logging.getLogger("absl").setLevel(logging.ERROR)  # that HDF5 is old need not be said at each epoch
        try:
            self.model.save(path)
        finally:
            logging.getLogger("absl").setLevel(level)
        _make_readable(path)


def _make_readable(path: Path) -> None:
    """Let Keras 3 read the HDF5 file that it has written.

    Losses are named in full, for it does not find `mse` and its like again. The optimizer's state is left out, for it gives it to
    an optimizer that then fits no model.
    """
    with h5py.File(path, "r+") as file:
        if "training_config" in file.attrs:
            config = json.loads(file.attrs["training_config"])
            file.attrs["training_config"] = json.dumps({**config, "loss": _spelled_out(config.get("loss"))}).encode()
        if "optimizer_weights" in file and keras.__version__.startswith("3."):
            del file["optimizer_weights"]


def _spelled_out(loss: Any) -> Any:
    if isinstance(loss, dict) and "class_name" not in loss:
        return {name: _spelled_out(each) for name, each in loss.items()}
    if isinstance(loss, list):
        return [_spelled_out(each) for each in loss]
    if isinstance(loss, str):
        with contextlib.suppress(ValueError):
            return getattr(keras.losses.get(loss), "__name__", loss)
    return loss


class WandbMetricsLogger(keras.callbacks.Callback):  # type: ignore[misc]  # as above
    """Logs `epoch/<metric>` and the learning rate after each epoch; with `log_freq="batch"`, or every so many batches, `batch/<metric>` too.

    They are drawn over `epoch/epoch` and `batch/batch_step`. `initial_global_step` is where the count of batches begins. UsageError without a run, and for a wrong `log_freq`.
    """

    def __init__(self, log_freq: str | int = "epoch", initial_global_step: int = 0) -> None:
        super().__init__()
        self.run = _run_for(type(self).__name__)
        every = {"epoch": 0, "batch": 1}.get(log_freq, log_freq) if isinstance(log_freq, str) else log_freq
        if not isinstance(every, int) or every < 0:
            raise playhead.errors.UsageError(f"log_freq={log_freq!r}: say 'epoch', 'batch' or a number of batches.")
        self._every = every
        self.global_step = initial_global_step
        for group, axis in (("epoch", "epoch"), ("batch", "batch_step")):
            self.run.define_metric(f"{group}/*", step_metric=f"{group}/{axis}")

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Count; log it, if it is its turn."""
        if self._every and batch % self._every == 0:
            self._log("batch", batch_step=self.global_step, **(logs or {}))
        self.global_step += 1

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Log the epoch."""
        self._log("epoch", epoch=epoch, **(logs or {}))

    def _log(self, group: str, **values: Any) -> None:
        rate = getattr(getattr(self.model, "optimizer", None), "learning_rate", None)
        if rate is not None:
            values["learning_rate"] = float(keras.ops.convert_to_numpy(rate))
        self.run.log({f"{group}/{name}": value for name, value in values.items()})


class WandbModelCheckpoint(keras.callbacks.ModelCheckpoint):  # type: ignore[misc]  # as above
    """Keras' ModelCheckpoint, with the same arguments; each file that it writes is saved with the run. UsageError without a run."""

    def __init__(self, filepath: str | os.PathLike[str], *arguments: Any, **options: Any) -> None:
        super().__init__(os.fspath(filepath), *arguments, **options)
        self.run = _run_for(type(self).__name__)
        self._pattern = re.sub(r"\{[^{}]*\}", "*", glob.escape(os.fspath(filepath)))
        self._known = self._look()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """What Keras does; what is new is saved."""
        super().on_train_batch_end(batch, logs)
        if self.save_freq != "epoch":
            self._save_new()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """As above."""
        super().on_epoch_end(epoch, logs)
        self._save_new()

    def _save_new(self) -> None:
        now = self._look()
        for path in sorted(path for path, mark in now.items() if self._known.get(path) != mark):
            self.run.save(path, policy="now")
        self._known = now

    def _look(self) -> dict[str, tuple[int, int]]:
        """Path -> what changes with its content."""
        found = {}
        for path in glob.iglob(self._pattern):  # noqa: PTH207 Keras takes it as text
            with contextlib.suppress(OSError):
                status = Path(path).stat()
                found[path] = (status.st_mtime_ns, status.st_size)
        return found
