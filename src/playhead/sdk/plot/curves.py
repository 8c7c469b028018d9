"""Curves that tell how good a classifier is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from playhead.domain.errors import UsageError
from playhead.sdk.media.table import Table
from playhead.sdk.plot.charts import CustomChart

_POINTS = 1_000
"""Points of one curve, at most."""


def roc_curve(
    y_true: Any = None, y_probas: Any = None, labels: Sequence[str] | None = None, classes_to_plot: Sequence[Any] | None = None,
    title: str = "ROC Curve", split_table: bool = False,  # noqa: ARG001, FBT001, FBT002 W&B's signature
) -> CustomChart:  # fmt: skip
    """True positives against false positives, class by class. `y_true` has the class of each sample, `y_probas` the scores of each class (a single
    column: of the second of two). UsageError for what does not fit.
    """
    table = Table(["class", "fpr", "tpr"])
    for name, found, missed in _classes(y_true, y_probas, labels, classes_to_plot):
        hits, alarms = found / max(found[-1], 1), missed / max(missed[-1], 1)
        for at in _spread(len(hits)):
            table.add_data(name, round(float(alarms[at]), 4), round(float(hits[at]), 4))
    fields = {"x": "fpr", "y": "tpr", "class": "class"}
    strings = {"title": title, "x-axis-title": "False positive rate", "y-axis-title": "True positive rate"}
    return CustomChart("wandb/area-under-curve/v0", table, fields, strings)


def pr_curve(
    y_true: Any = None, y_probas: Any = None, labels: Sequence[str] | None = None, classes_to_plot: Sequence[Any] | None = None,
    interp_size: int = 21, title: str = "Precision-Recall Curve", split_table: bool = False,  # noqa: ARG001, FBT001, FBT002 W&B's signature
) -> CustomChart:  # fmt: skip
    """Precision at `interp_size` places of recall, class by class; arguments as for `roc_curve`."""
    if interp_size < 2:
        raise UsageError("interp_size is 2 or more.")
    table = Table(["class", "recall", "precision"])
    places = np.linspace(0.0, 1.0, interp_size)
    for name, found, missed in _classes(y_true, y_probas, labels, classes_to_plot):
        recall, precision = found[1:] / max(found[-1], 1), found[1:] / np.maximum(found[1:] + missed[1:], 1)
        best = np.maximum.accumulate(precision[::-1])[::-1]
        at = np.minimum(np.searchsorted(recall, places), len(best) - 1)
        for place, value in zip(places, best[at], strict=True):
            table.add_data(name, round(float(place), 4), round(float(value), 4))
    fields = {"x": "recall", "y": "precision", "class": "class"}
    strings = {"title": title, "x-axis-title": "Recall", "y-axis-title": "Precision"}
    return CustomChart("wandb/area-under-curve/v0", table, fields, strings)


def confusion_matrix(
    probs: Any = None, y_true: Any = None, preds: Any = None, class_names: Sequence[str] | None = None,
    title: str = "Confusion Matrix Curve", split_table: bool = False,  # noqa: ARG001, FBT001, FBT002 W&B's signature
) -> CustomChart:  # fmt: skip
    """How often a class was taken for which. Classes are numbers from 0, or whatever there is in `y_true` and `preds`. UsageError for lengths that do
    not fit.
    """
    if y_true is None or (probs is None) == (preds is None):
        raise UsageError("confusion_matrix(y_true=…) with either preds=… or probs=….")
    told = np.argmax(np.asarray(probs), axis=-1) if probs is not None else np.asarray(preds).ravel()
    truth = np.asarray(y_true).ravel()
    if truth.shape != told.shape:
        raise UsageError(f"{len(truth):,} true classes and {len(told):,} predictions: they go together.")
    kinds = np.unique(np.concatenate([truth, told]))
    names = [str(one) for one in kinds] if class_names is None else [str(one) for one in class_names]
    if class_names is not None and kinds.dtype.kind in "iu" and len(kinds) and kinds[0] >= 0 and kinds[-1] < len(names):
        kinds = np.arange(len(names))
    if len(names) != len(kinds):
        raise UsageError(f"{len(names)} class names, and {len(kinds)} classes.")
    size = len(kinds)
    cells = np.searchsorted(kinds, truth) * size + np.searchsorted(kinds, told)
    counts = np.bincount(cells, minlength=size * size)
    table = Table(["Actual", "Predicted", "nPredictions"])
    for at, count in enumerate(counts.tolist()):
        table.add_data(names[at // size], names[at % size], count)
    fields = {"Actual": "Actual", "Predicted": "Predicted", "nPredictions": "nPredictions"}
    return CustomChart("wandb/confusion_matrix/v1", table, fields, {"title": title})


def _classes(
    y_true: Any, y_probas: Any, labels: Sequence[str] | None, wanted: Sequence[Any] | None
) -> Iterator[tuple[str, NDArray[np.int64], NDArray[np.int64]]]:
    """Of each class its name, and how many samples of it and of others lie above each threshold, from the highest on."""
    if y_true is None or y_probas is None:
        raise UsageError("The true classes and their scores are needed: y_true and y_probas.")
    truth, scores = np.asarray(y_true).ravel(), np.asarray(y_probas, dtype=np.float64)
    if scores.ndim == 1:
        scores = np.stack([1.0 - scores, scores], axis=1)
    kinds = np.unique(truth)
    if kinds.dtype.kind in "iub" and len(kinds) and kinds[0] >= 0 and int(kinds[-1]) < scores.shape[-1]:
        kinds = np.arange(scores.shape[-1])
    if scores.ndim != 2 or len(scores) != len(truth) or not len(truth) or len(kinds) != scores.shape[1]:
        raise UsageError(
            f"{len(truth):,} samples of {len(kinds)} classes, and scores of shape {scores.shape}: a row a sample, a column a class."
        )
    if not np.isfinite(scores).all():
        raise UsageError("A score is not finite.")
    if labels is not None and len(labels) != len(kinds):
        raise UsageError(f"{len(labels)} labels, and {len(kinds)} classes.")
    for at, kind in enumerate(kinds):
        if wanted is None or kind in wanted:
            order = np.argsort(-scores[:, at], kind="stable")
            right = truth[order] == kind
            last = np.append(np.flatnonzero(np.diff(scores[order, at])), len(order) - 1)
            found, missed = np.cumsum(right)[last], np.cumsum(~right)[last]
            name = str(kind) if labels is None else str(labels[at])
            yield name, np.insert(found, 0, 0), np.insert(missed, 0, 0)


def _spread(count: int) -> Iterable[int]:
    """At most _POINTS places, first and last among them."""
    if count <= _POINTS:
        return range(count)
    places: list[int] = np.unique(np.linspace(0, count - 1, _POINTS).round().astype(int)).tolist()
    return places
