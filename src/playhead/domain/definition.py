"""What is said of metrics beside their points: the axis they are drawn over, whether they are, and what the summary keeps of them. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from playhead.domain.errors import UsageError
from playhead.domain.limits import MAX_DEFINITIONS, MAX_KEY

KINDS = ("min", "max", "mean", "first", "last", "best", "copy", "none")
"""What a summary may keep of a metric. `copy` is the plain last value, `none` nothing."""
GOALS = ("minimize", "maximize")


class Definition(NamedTuple):
    """What is said of the metric `name`, or of all whose names begin with what stands before a trailing `*`."""

    name: str
    step_metric: str | None = None
    """The metric that it is drawn over."""
    step_sync: bool = False
    """Whether a row without the step metric gets its last value."""
    hidden: bool = False
    summary: tuple[str, ...] = ()
    """Of KINDS, in their order."""
    goal: str | None = None
    """`minimize` or `maximize`."""

    @property
    def aggregates(self) -> tuple[str, ...]:
        """What its value in the summary has; nothing: the value is the plain last one."""
        return tuple(kind for kind in self.summary if kind not in {"copy", "none"})

    @property
    def omitted(self) -> bool:
        """Whether the summary has nothing of it."""
        return "none" in self.summary

    def told(self, data: Mapping[str, Any]) -> Definition:
        """With what a journal's frame adds. What is no definition in it is passed over."""
        base = Definition(self.name) if data.get("overwrite") is True else self
        kinds = data.get("summary")
        asked = {kind for kind in kinds if kind in KINDS} if isinstance(kinds, list) else set()
        summary = base.summary
        if asked:
            kept = set() if "none" in asked else {*summary} - {"none"}
            summary = tuple(kind for kind in KINDS if kind in asked | kept)
        axis, goal = data.get("step_metric"), data.get("goal")
        return base._replace(
            step_metric=axis if isinstance(axis, str) and 0 < len(axis) <= MAX_KEY else base.step_metric,
            step_sync=base.step_sync or data.get("step_sync") is True,
            hidden=base.hidden or data.get("hidden") is True,
            summary=summary,
            goal=goal if goal in GOALS else base.goal,
        )

    def as_data(self) -> dict[str, Any]:
        """What `told` would make it of, but for its name: only what says something."""
        return {name: value for name, value in self._asdict().items() if value and name != "name"}


class Definitions:
    """All definitions of a run. Of several that fit a key its own wins, then that of the longest prefix."""

    def __init__(self, told: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """`told`: as `as_data` gives it."""
        self._by_name: dict[str, Definition] = {}
        self._prefixes: list[tuple[str, Definition]] = []
        self._found: dict[str, Definition | None] = {}
        for name, data in (told or {}).items():
            self._by_name[name] = Definition(name).told({**data, "summary": [*data.get("summary", ())]})
        self._index()

    def __bool__(self) -> bool:
        return bool(self._by_name)

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._by_name.values())

    @property
    def axes(self) -> set[str]:
        """Step metrics that rows are given."""
        return {one.step_metric for one in self if one.step_sync and one.step_metric is not None}

    def tell(self, data: Mapping[str, Any]) -> list[Definition]:
        """Take a frame in; answers the definitions that are new or others now. One too many changes nothing."""
        name = data.get("name")
        if not isinstance(name, str) or not 0 < len(name) <= MAX_KEY:
            return []
        before = self._by_name.get(name) or Definition(name)
        after = before.told(data)
        changed = [after] if after != self._by_name.get(name) else []
        if after.step_metric is not None and after.step_metric not in self._by_name:
            changed.append(Definition(after.step_metric))
        if len(self._by_name) + len(changed) > MAX_DEFINITIONS:
            return []
        if changed:
            self._by_name |= {one.name: one for one in changed}
            self._index()
        return changed

    def named(self, name: str) -> Definition | None:
        """What was said of this very name."""
        return self._by_name.get(name)

    def of(self, key: str) -> Definition | None:
        """What holds for a key. Keys that begin with `_` have no definition but their own."""
        try:
            return self._found[key]
        except KeyError:
            found = self._found[key] = self._by_name.get(key) or self._by_prefix(key)
            return found

    def as_data(self) -> dict[str, dict[str, Any]]:
        """What they can be made of again."""
        return {name: one.as_data() for name, one in self._by_name.items()}

    def _by_prefix(self, key: str) -> Definition | None:
        if key.startswith("_"):
            return None
        return next((one for prefix, one in self._prefixes if key.startswith(prefix)), None)

    def _index(self) -> None:
        globs = [(one.name[:-1], one) for one in self._by_name.values() if one.name.endswith("*")]
        self._prefixes = sorted(globs, key=lambda pair: -len(pair[0]))
        self._found = {}


def covers(name: str, key: str) -> bool:
    """Whether a definition of this name may hold for `key`."""
    return name == key or (name.endswith("*") and key.startswith(name[:-1]) and not key.startswith("_"))


def shaped(definition: Definition, tally: Mapping[str, Any], last: Any) -> Any:
    """The summary's value of a metric: a dict of the kinds that were asked for. `tally` has its min, max, mean and first.

    A value that is no number has none of these: it is kept as it is.
    """
    kinds = definition.aggregates
    if not kinds or not isinstance(last, (int, float)):
        return last
    best = {"minimize": "min", "maximize": "max"}.get(definition.goal or "")
    found = {}
    for kind in kinds:
        source = best if kind == "best" else kind
        if source is None:
            continue
        found[kind] = last if kind == "last" else _as_logged(tally[source], last) if source != "mean" else tally[source]
    return found


def _as_logged(value: float, last: float) -> float:
    """Aggregates are counted in floats: those of integers are integers again."""
    return int(value) if isinstance(last, int) and math.isfinite(value) and value == int(value) else value


def checked_name(name: Any) -> str:
    r"""A name as `define_metric` takes it: a key, with `\.` for a dot, or a prefix and `*`. UsageError."""
    if not isinstance(name, str) or not name:
        raise UsageError(f"define_metric() needs the name of a metric, not {name!r}.")
    if "*" in name[:-1]:
        raise UsageError(f"define_metric({name!r}): a `*` may only stand at the end.")
    if len(name) > MAX_KEY:
        raise UsageError(f"define_metric(): a name has at most {MAX_KEY} characters (MAX_KEY).")
    return name.replace("\\.", ".")


def checked_kinds(summary: Any) -> list[str]:
    """`summary` of `define_metric`: names separated by commas, or a list of them. UsageError."""
    names = summary.split(",") if isinstance(summary, str) else list(summary)
    kinds = [str(name).strip().lower() for name in names]
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise UsageError(f"define_metric(summary={summary!r}): {unknown[0]!r} is none of {', '.join(KINDS)}.")
    return kinds


def checked_goal(goal: Any) -> str:
    """`goal` of `define_metric`: its first three letters count. UsageError."""
    found = [one for one in GOALS if isinstance(goal, str) and len(goal) >= 3 and one[:3] == goal[:3].lower()]
    if not found:
        raise UsageError(f"define_metric(goal={goal!r}): say minimize or maximize.")
    return found[0]
