"""Reads what MLflow keeps of its runs: in folders of text files, or in an SQLite database. Neither is written to."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import yaml

from playhead.domain.errors import UsageError
from playhead.importers.source import Notes

FINISHED = "FINISHED"
_STATES = {1: "RUNNING", 2: "SCHEDULED", 3: FINISHED, 4: "FAILED", 5: "KILLED"}
_LARGEST = 1.7976931348623157e308
"""What the database has instead of an infinity."""


class Point(NamedTuple):
    """A value of a metric; `time` in microseconds since 1970."""

    time: int
    step: int
    key: str
    value: float


@dataclass(slots=True, kw_only=True)
class Tracked:
    """A run as MLflow has it. Times in microseconds since 1970."""

    name: str
    status: str
    user: str
    start: int
    end: int | None
    params: Mapping[str, str]
    tags: Mapping[str, str]
    points: list[Point]
    artifacts: str
    """Where its artifacts are: a path or an address."""
    notes: Notes = field(default_factory=Notes)


class Found(NamedTuple):
    """A run, and how to read it: UsageError, OSError."""

    run_id: str
    experiment: str
    load: Callable[[], Tracked]


# Folders -----------------------------------------------------------------------------------------------------------------


def in_folder(folder: Path) -> list[Found]:
    """The runs in `folder`, or in `mlruns` in it. UsageError if it has no experiments."""
    for root in (folder, folder / "mlruns"):
        experiments = sorted(path.parent for path in root.glob("*/meta.yaml"))
        if experiments:
            break
    else:
        raise UsageError(f"{folder} holds no runs of MLflow: there is neither ID/meta.yaml in it, nor in mlruns.")
    found = []
    for experiment in experiments:
        about = _about(experiment, broken={})
        name = str(about.get("name") or experiment.name)
        if about.get("lifecycle_stage") == "deleted":
            continue
        for path in sorted(one.parent for one in experiment.glob("*/meta.yaml")):
            run = _about(path, broken={"run_id": path.name})
            if ("run_id" in run or "run_uuid" in run) and run.get("lifecycle_stage") != "deleted":
                found.append(Found(path.name, name, partial(_of_folder, path)))
    return found


def _about(folder: Path, broken: dict[str, Any] | None = None) -> dict[str, Any]:
    """What `meta.yaml` says; UsageError, unless there is something to say if it is `broken`."""
    path = folder / "meta.yaml"
    try:
        told = yaml.safe_load(path.read_text(encoding="utf-8", errors="replace"))
    except (yaml.YAMLError, RecursionError):
        told = None
    if isinstance(told, dict):
        return told
    if broken is None:
        raise UsageError(f"{path} cannot be read: it is damaged.")
    return broken


def _of_folder(folder: Path) -> Tracked:
    about, notes = _about(folder), Notes()
    status = about.get("status")
    own = folder / "artifacts"
    return Tracked(
        name=str(about.get("run_name") or about.get("name") or ""),
        status=_STATES.get(status, "") if isinstance(status, int) else str(status), user=str(about.get("user_id") or ""),
        start=_micros(about.get("start_time")) or 0, end=_micros(about.get("end_time")), params=dict(_texts(folder / "params")),
        tags=dict(_texts(folder / "tags")), points=list(_lines(folder / "metrics", notes)),
        artifacts=str(own) if own.is_dir() else str(about.get("artifact_uri") or ""), notes=notes,
    )  # fmt: skip


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for name, path in _files(folder):
        yield name, path.read_text(encoding="utf-8", errors="replace")


def _lines(folder: Path, notes: Notes) -> Iterator[Point]:
    """Of each metric a file, of each value a line: time, value, and step (before MLflow 1.0 there was none)."""
    for name, path in _files(folder):
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    time, value, *step = line.split()
                    yield Point(int(time) * 1_000, int(step[0]) if step else 0, name, float(value))
                except ValueError:
                    notes.add(f"a line of the metric {name[:80]!r} is left out: it cannot be read")


# A database --------------------------------------------------------------------------------------------------------------

_RUNS = """
    SELECT run_uuid, experiments.name FROM runs JOIN experiments USING (experiment_id)
    WHERE runs.lifecycle_stage = 'active' AND experiments.lifecycle_stage = 'active' ORDER BY start_time, run_uuid"""
_RUN = "SELECT name, status, user_id, start_time, end_time, artifact_uri FROM runs WHERE run_uuid = ?"
_POINTS = (
    "SELECT timestamp, step, key, value, is_nan FROM metrics WHERE run_uuid = ? ORDER BY timestamp, step, key, value"
)
_PARAMS = "SELECT key, value FROM params WHERE run_uuid = ? ORDER BY key"
_TAGS = "SELECT key, value FROM tags WHERE run_uuid = ? ORDER BY key"


def in_database(path: Path) -> list[Found]:
    """The runs in the SQLite database at `path`. UsageError if it is none of MLflow's."""
    with _opened(path) as database:
        rows = database.execute(_RUNS).fetchall()
    return [Found(str(run), str(name), partial(_of_database, path, str(run))) for run, name in rows]


def _of_database(path: Path, run_id: str) -> Tracked:
    with _opened(path) as database:

        def ask(query: str) -> list[tuple[Any, ...]]:
            return database.execute(query, [run_id]).fetchall()

        row = ask(_RUN)
        if not row:
            raise UsageError(f"The run {run_id} is no longer in {path}.")
        name, status, user, start, end, artifacts = row[0]
        points = [
            Point(int(time) * 1_000, int(step), str(key), math.nan if is_nan else _number(value))
            for time, step, key, value, is_nan in ask(_POINTS)
        ]
        params, tags = ({str(key): str(value) for key, value in ask(query)} for query in (_PARAMS, _TAGS))
    return Tracked(
        name=name or "", status=status or "", user=user or "", start=_micros(start) or 0, end=_micros(end), params=params,
        tags=tags, points=points, artifacts=artifacts or "",
    )  # fmt: skip


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """To be read only. UsageError for whatever is wrong with it."""
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as database:
            yield database
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise UsageError(f"{path} cannot be read as a database of MLflow: {error}.") from error


def _number(value: float) -> float:
    return math.copysign(math.inf, value) if abs(value) >= _LARGEST else float(value)


def _micros(milliseconds: Any) -> int | None:
    return milliseconds * 1_000 if isinstance(milliseconds, int) else None
