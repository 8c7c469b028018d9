"""Makes runs of what MLflow tracked, without MLflow: names, parameters, metrics with steps and times, tags, notes, and artifacts on this disk."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from playhead.domain.errors import UsageError
from playhead.domain.ids import check_tags
from playhead.domain.limits import MAX_NAME, MAX_TAG
from playhead.importers.mlflow_stores import FINISHED, Found, Point, Tracked, in_database, in_folder
from playhead.importers.source import Event, Record, Row, Sample, Saved, Source, digest_of, kept_id
from playhead.journal import format as f

_SYSTEM = "system/"
"""What the names of metrics of the machine begin with."""
_OWN = "mlflow."
"""What the names of tags begin with that MLflow sets itself."""
_WORDS = {"True": True, "False": False, "true": True, "false": False, "None": None}
_INT = re.compile(r"0|-?[1-9][0-9]{0,30}")
_FLOAT = re.compile(r"-?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][+-]?[0-9]+)?|nan|-?inf")
_UNFIT = re.compile(r"[/\\#?%:\x00-\x1f]+")


def found(uri: str, experiments: Collection[str] = ()) -> list[Found]:
    """The runs at a tracking URI (a folder, `file:` or `sqlite:`) that were not deleted, of these experiments or of all. UsageError."""
    path = _path(uri)
    if not path.exists():
        raise UsageError(f"{path} is not there.")
    runs = in_folder(path) if path.is_dir() else in_database(path)
    names = sorted({run.experiment for run in runs})
    for name in experiments:
        if name not in names:
            raise UsageError(
                f"No experiment {name!r} has runs in {path}. Those that have some: {', '.join(names) or 'none'}."
            )
    return [run for run in runs if not experiments or run.experiment in experiments]


def _path(uri: str) -> Path:
    scheme, _, rest = uri.partition(":")
    if scheme == "sqlite" and rest.startswith("///"):
        return Path(unquote(rest[3:]))
    if scheme == "file":
        return Path(unquote(urlsplit(uri).path))
    if rest.startswith("//"):
        raise UsageError(
            f"{scheme}://… cannot be read: give a folder (mlruns) or sqlite:///mlflow.db. A server's runs are there if it was started with "
            "such a --backend-store-uri; it is not asked itself, and other databases are not read."
        )
    return Path(uri)


def read(run: Found, *, run_id: str | None = None) -> Source:
    """One of them. UsageError, OSError."""
    told = run.load()
    folder = _folder(told)
    if folder is None and told.artifacts:
        told.notes.add(f"its artifacts are left out: {told.artifacts} is not on this disk")
    files = (
        {}
        if folder is None
        else {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    )
    start = {
        "name": told.name or told.tags.get("mlflow.runName") or run.run_id, "notes": told.tags.get("mlflow.note.content"),
        "group": told.tags.get("mlflow.parentRunId"), "tags": _tags(told.tags),
    }  # fmt: skip
    return Source(
        run_id=kept_id(run_id, run.run_id), digest=digest_of(files.values(), list(files), told), created_at=told.start,
        project=_UNFIT.sub("-", run.experiment).strip("- ")[:MAX_NAME] or None, notes=told.notes,
        start={key: value for key, value in start.items() if value}, events=lambda: _events(told, files),
    )  # fmt: skip


def _folder(told: Tracked) -> Path | None:
    """Where its artifacts are, if that is on this disk."""
    scheme, colon, rest = told.artifacts.partition("://")
    path = Path(unquote(rest) if colon else scheme)
    return path if told.artifacts and (not colon or scheme == "file") and path.is_dir() else None


def _events(told: Tracked, files: Mapping[str, Path]) -> Iterator[Event]:
    own = {key: value for key, value in told.tags.items() if not key.startswith(_OWN)}
    config = {key: plain(text) for key, text in told.params.items()} | ({"mlflow_tags": own} if own else {})
    if config:
        yield Record(f.CONFIG, 0, None, {"set": config})
    info = _info(told)
    if info:
        yield Record(f.META, 0, None, {"info": info})
    yield from _rows(sorted(told.points, key=lambda point: (point.time, point.step)))
    for name, path in files.items():
        yield Saved(name, path)
    yield Record(f.EXIT, None, told.end, {"code": 0 if told.status == FINISHED else 1})


def _rows(points: list[Point]) -> Iterator[Event]:
    """What was logged at one time at one step is a row, or a sample of the machine."""
    values: dict[str, Any] = {}
    last = (0, 0, False)
    for point in points:
        place = (point.time, point.step, point.key.startswith(_SYSTEM))
        if values and (place != last or point.key in values):
            yield _row(last, values)
            values = {}
        last = place
        values[point.key] = point.value
    if values:
        yield _row(last, values)


def _row(place: tuple[int, int, bool], values: dict[str, Any]) -> Event:
    time, step, of_machine = place
    return (
        Sample(time, {key.removeprefix(_SYSTEM): value for key, value in values.items()})
        if of_machine
        else Row(step, time, values)
    )


def _tags(told: Mapping[str, str]) -> list[str]:
    """As tags of ours: `key=value`, or the key if that is too long. The whole ones are in the config."""
    texts = (f"{key}={value}" if value else key for key, value in told.items() if not key.startswith(_OWN))
    return list(check_tags(text if len(text) <= MAX_TAG else text.partition("=")[0][:MAX_TAG] for text in texts))


def _info(told: Tracked) -> dict[str, Any]:
    """Who ran what."""
    git = {"commit": told.tags.get("mlflow.source.git.commit"), "remote": told.tags.get("mlflow.source.git.repoURL")}
    info = {
        "user": told.tags.get("mlflow.user") or told.user, "program": told.tags.get("mlflow.source.name"),
        "git": {name: value for name, value in git.items() if value},
    }  # fmt: skip
    return {name: value for name, value in info.items() if value}


def plain(text: str) -> Any:
    """A parameter, which MLflow keeps as text, as what it most likely was: a number, True, None, a list; else text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    if text[:1] in {"[", "{"}:
        try:
            return _jsonable(ast.literal_eval(text))
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            return text
    return text


def _jsonable(value: Any) -> Any:
    """ValueError if it cannot be a value of a config."""
    if isinstance(value, (list, tuple)):
        return [_jsonable(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _jsonable(one) for key, one in value.items()}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise ValueError("No value of a config.")
