"""`define_metric` at work in the training: rows get their step metric, and the summary is what the server will make of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from playhead.domain.definition import (
    Definitions,
    checked_goal,
    checked_kinds,
    checked_name,
    shaped,
)
from playhead.domain.errors import UsageError

MAX_PLANS = 1_000
"""Sets of keys of which it is remembered what their rows need."""


class Metric(NamedTuple):
    """What `define_metric` answers: it may be given to it as `step_metric`."""

    name: str
    step_metric: str | None = None
    step_sync: bool | None = None
    hidden: bool | None = None
    summary: tuple[str, ...] | None = None
    goal: str | None = None

    def as_data(self) -> dict[str, Any]:
        """As a journal's frame says it."""
        told = self._asdict()
        told["summary"] = None if self.summary is None else list(self.summary)
        return {name: value for name, value in told.items() if value is not None}


class _Plan(NamedTuple):
    """What rows with some set of keys need."""

    axes: tuple[str, ...]
    """Step metrics among them."""
    missing: tuple[str, ...]
    """Step metrics that are to be added."""
    counted: tuple[str, ...]
    """Keys whose aggregates the summary has."""


class _Count:
    """Numbers of one key, as this process logged them."""

    __slots__ = ("before", "count", "first", "high", "low", "mean", "step")

    def __init__(self) -> None:
        self.count = 0
        self.low = self.high = self.mean = self.first = math.nan
        self.step: int | None = None
        """The highest."""
        self.before: tuple[int, float] = (0, math.nan)
        """Count and mean without the value there."""

    def take(self, step: int, value: float) -> None:
        """One more, or another value for the last step."""
        if self.step is None:
            self.first, self.step = value, step
        elif step == self.step:
            self.count, self.mean = self.before
        if step >= self.step:
            self.step, self.before = step, (self.count, self.mean)
        if -math.inf < value < math.inf:
            count = self.count = self.count + 1
            if count == 1:
                self.mean = value
            else:
                self.mean += (value - self.mean) / count
            # Comparing with NaN is false: the first number takes its place.
            if not value >= self.low:
                self.low = value
            if not value <= self.high:
                self.high = value

    def begin(self, told: Mapping[str, Any], count: int) -> None:
        """There were some before this process: `told` is what the summary said of them."""

        def number(kind: str) -> float:
            value = told.get(kind)
            return float(value) if isinstance(value, (int, float)) else math.nan

        own = (self.low, self.high)
        self.low = min((one for one in (number("min"), own[0]) if not math.isnan(one)), default=math.nan)
        self.high = max((one for one in (number("max"), own[1]) if not math.isnan(one)), default=math.nan)
        self.first = number("first") if "first" in told else self.first
        mean, whole = number("mean"), count + self.count
        if count and not math.isnan(mean):
            self.mean = mean if not self.count else mean + (self.mean - mean) * (self.count / whole)
            self.count = whole

    def kinds(self) -> dict[str, float]:
        """Min, max, mean and first by name."""
        return {"min": self.low, "max": self.high, "mean": self.mean, "first": self.first}


class Metrics:
    """The definitions of a run. `active` says whether rows must be shown to it."""

    def __init__(
        self, told: Mapping[str, Mapping[str, Any]], axes: Mapping[str, Any] | None = None, *, begins: bool = True
    ) -> None:
        """`told`: what was defined before this process, see `Definitions.as_data`; `axes`: what step metrics were last, as far as
        that is known. `begins`: there was nothing before.
        """
        self._definitions = Definitions(told)
        self._plans: dict[tuple[str, ...], _Plan] = {}
        self._seen: dict[str, Any] = dict(axes or {})
        """Step metric -> the last value of it,"""
        self._seen_at: dict[str, int] = {}
        """and the step of that."""
        self._begins = begins
        self._counts: dict[str, _Count] = {}
        self.active = bool(self._definitions)

    def define(
        self, name: Any, step_metric: Any, step_sync: bool | None, hidden: bool | None, summary: Any, goal: Any,  # noqa: FBT001 W&B's order
        overwrite: bool | None,  # noqa: FBT001 as above
    ) -> tuple[Metric, dict[str, Any]]:  # fmt: skip
        """What was asked for, checked, and the frame that says it. UsageError."""
        axis = step_metric.name if isinstance(step_metric, Metric) else step_metric
        if axis is not None:
            axis = checked_name(axis)
            if axis.endswith("*"):
                raise UsageError(f"define_metric(step_metric={axis!r}): a step metric is one metric, without a `*`.")
        metric = Metric(
            checked_name(name), axis, step_sync if step_sync is not None else (True if axis is not None else None), hidden,
            None if summary is None else tuple(checked_kinds(summary)), None if goal is None else checked_goal(goal),
        )  # fmt: skip
        data = metric.as_data() | ({"overwrite": True} if overwrite else {})
        before = Definitions(self._definitions.as_data())
        self._definitions.tell(data)
        found = self._definitions.named(metric.name)
        if found is not None and "best" in found.summary and found.goal is None:
            self._definitions = before
            raise UsageError(f'define_metric({name!r}, summary="best") needs goal="minimize" or goal="maximize".')
        self._plans.clear()
        self.active = True
        return metric, data

    def completed(self, data: Mapping[str, Any], step: int, highest: int | None) -> Mapping[str, Any]:
        """The row with the step metrics that it lacks: what they were last, 0 at the beginning. A late row gets none, nor does one
        of a run that goes on without knowing: what they were at its step is not known here.
        """
        missing = self._plan(data).missing
        if not missing or (highest is not None and step < highest):
            return data
        known = [axis for axis in missing if self._begins or axis in self._seen]
        return {**data, **{axis: self._seen.get(axis, 0) for axis in known}}

    def took(self, data: Mapping[str, Any], step: int) -> None:
        """The row was recorded."""
        plan = self._plan(data)
        for axis in plan.axes:
            if step >= self._seen_at.get(axis, -1):
                self._seen[axis], self._seen_at[axis] = _at(data, axis), step
        counts = self._counts
        for key in plan.counted:
            value = data[key] if key in data else _at(data, key)
            if type(value) is not float:
                if isinstance(value, (str, bytes)):
                    continue
                try:
                    value = float(value)
                except (TypeError, ValueError):
                    continue
            count = counts.get(key)
            if count is None:
                count = counts[key] = _Count()
            count.take(step, value)

    def begin_with(self, summary: Mapping[str, Any], counts: Mapping[str, int]) -> None:
        """What the summary was before this process."""
        for key, told in summary.items():
            definition = self._definitions.of(key)
            if definition is not None and definition.aggregates and isinstance(told, dict):
                self._counts.setdefault(key, _Count()).begin(told, counts.get(key, 0))

    def shown(self, values: Mapping[str, tuple[int, Any]]) -> dict[str, tuple[int, Any]]:
        """(Time, last value) of each key with the value that the summary has instead; without those that it leaves out."""
        found = {}
        for key, (time, last) in values.items():
            definition = self._definitions.of(key)
            if definition is None:
                found[key] = (time, last)
            elif not definition.omitted:
                count = self._counts.get(key)
                found[key] = (time, last if count is None else shaped(definition, count.kinds(), last))
        return found

    def _plan(self, data: Mapping[str, Any]) -> _Plan:
        keys = tuple(data)
        plan = self._plans.get(keys)
        if plan is None or dict in map(type, data.values()):
            plan = self._made([str(key) for key in _flat(data)])
            if len(self._plans) >= MAX_PLANS:
                self._plans.clear()
            self._plans[keys] = plan
        return plan

    def _made(self, keys: list[str]) -> _Plan:
        axes = {one.step_metric for one in self._definitions if one.step_metric is not None}
        missing: dict[str, None] = {}
        counted = []
        for key in keys:
            definition = self._definitions.of(key)
            if definition is None:
                continue
            if definition.step_sync and definition.step_metric is not None and definition.step_metric not in keys:
                missing[definition.step_metric] = None
            if definition.aggregates:
                counted.append(key)
        return _Plan(tuple(key for key in keys if key in axes), tuple(missing), tuple(counted))


def _flat(data: Mapping[str, Any], prefix: str = "", depth: int = 0) -> list[str]:
    """Keys, those in nested dicts with dots."""
    found: list[str] = []
    for key, value in data.items():
        inner = isinstance(value, dict) and depth < 32
        found += _flat(value, f"{prefix}{key}.", depth + 1) if inner else [f"{prefix}{key}"]
    return found


def _at(data: Mapping[str, Any], key: str) -> Any:
    """The value of a key that `_flat` told."""
    if key in data:
        return data[key]
    for name, value in data.items():
        if isinstance(value, dict) and key.startswith(f"{name}."):
            found = _at(value, key[len(str(name)) + 1 :])
            if found is not None:
                return found
    return None
