"""What an UpsertBucket says, read: pure. The client sends a run's config as one JSON text, with its own notes in it under `_wandb`."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from playhead.domain.errors import UsageError

OWN = "_wandb"
"""The key of the config that W&B's client keeps its own notes under."""
_KINDS = ("min", "max", "mean", "best", "last", "none", "copy", "first")
"""What a summary may keep of a metric, by its number from 1 on."""
_FIRST = ("host", "displayName", "groupName", "jobType", "notes", "tags", "commit")
_OF_ITS_OWN = ("host", "commit")
"""What a process that resumes a run does not repeat of that run."""
_STEP_SYNC, _HIDDEN = 1, 2
_GOALS = {1: "minimize", 2: "maximize"}


class BranchPoint(NamedTuple):
    """What a run goes on from."""

    run_id: str
    step: int


@dataclass(frozen=True, slots=True)
class Config:
    """A config, and what stands beside it."""

    values: dict[str, Any] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)
    """The client's own notes."""

    @property
    def branch(self) -> BranchPoint | None:
        """Where the client says that the run goes on from. UsageError if that is no place."""
        told = self.own.get("branch_point")
        if not isinstance(told, dict):
            return None
        run_id, step = told.get("run_id"), told.get("step")
        if not isinstance(run_id, str) or not isinstance(step, (int, float)) or not math.isfinite(step):
            raise UsageError(f"branch_point={told!r}: it needs a run_id and a step.")
        return BranchPoint(run_id, int(step))

    def definitions(self) -> Iterator[dict[str, Any]]:
        """What is said of metrics, as METRIC frames say it."""
        told = self.own.get("m")
        metrics = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
        names = [_name(one) for one in metrics]
        for one, name in zip(metrics, names, strict=True):
            axis = one.get("5")
            options, kinds = _numbers(one.get("6")), _numbers(one.get("7"))
            if not name:
                continue
            data = {
                "name": name,
                "step_metric": names[axis - 1] if type(axis) is int and 1 <= axis <= len(names) else _name(one, "4"),
                "step_sync": _STEP_SYNC in options,
                "hidden": _HIDDEN in options,
                "summary": [_KINDS[number - 1] for number in kinds if 1 <= number <= len(_KINDS)],
                "goal": _GOALS.get(one.get("8", 0)),
            }
            yield {key: value for key, value in data.items() if value}


def config_of(text: str | None) -> Config | None:
    """What a JSONString says of a config; None if it says nothing. UsageError if it is none."""
    if text is None:
        return None
    values = {key: _value(one) for key, one in read_object(text, "config").items()}
    own = values.pop(OWN, None)
    return Config(values, own if isinstance(own, dict) else {})


def first_words(told: Mapping[str, Any], config: Config) -> dict[str, Any]:
    """What the first upsert of a process says, in short: `first` is the same when its file is sent later; `own` at least, if it resumes
    a run, for then it repeats what the run has by then.
    """
    words = {name: told.get(name) for name in _FIRST}
    return {"first": _short([words, config.values]), "own": _short({name: words[name] for name in _OF_ITS_OWN})}


def _short(words: Any) -> str:
    text = json.dumps(words, sort_keys=True, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def read_object(text: str, what: str) -> dict[str, Any]:
    """The object that a JSONString holds. UsageError if it holds none."""
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"The {what} is no JSON: {error}.") from None
    if not isinstance(told, dict):
        raise UsageError(f"The {what} is no JSON object.")
    return told


def config_text(values: Mapping[str, Any], own: Mapping[str, Any]) -> str:
    """The same the other way round, in Python's dialect of JSON."""
    told = {key: {"value": value} for key, value in values.items()}
    return json.dumps({**told, OWN: {"value": dict(own)}})


def _value(told: Any) -> Any:
    """`{"value": …, "desc": …}` is what it says of the value."""
    return told["value"] if isinstance(told, dict) and "value" in told and told.keys() <= {"value", "desc"} else told


def _name(metric: Mapping[str, Any], *fields: str) -> str:
    r"""The metric's name, or the pattern of several; `\.` is a dot."""
    told = next((metric[one] for one in fields or ("1", "2") if isinstance(metric.get(one), str)), "")
    return str(told).replace("\\.", ".")


def _numbers(told: Any) -> list[int]:
    return [one for one in told if type(one) is int] if isinstance(told, list) else []
