"""What a run logged, as W&B's client reads it: samples, pages of all rows, and what the machine did.

Rows become text page by page, so that no answer holds a history as objects.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import msgspec
from ariadne import ObjectType

from playhead.domain.account import Actor
from playhead.domain.errors import LimitError, UsageError
from playhead.domain.ids import RunPath
from playhead.domain.limits import MAX_PAGE, MAX_STEP
from playhead.domain.metric import Kind, Source
from playhead.services.history import RowQuery
from playhead.wandb_protocol.buckets import Bucket
from playhead.wandb_protocol.context import Call, asked
from playhead.wandb_protocol.forms import json_text
from playhead.wandb_protocol.limits import MAX_SPECS, PAGE_CELLS
from playhead.wandb_protocol.scalars import finite_text
from playhead.wandb_protocol.system import theirs
from playhead.wandb_protocol.upsert import read_object

DEFAULT_SAMPLES = 500
_TYPES = {Kind.OBJECT: "string", Kind.BOOL: "boolean"}
_FIRST = 50
"""Rows of the first page: how wide they are tells how long the next may be."""

_SAMPLES = "run.history(samples=...) with a smaller number"
_PAGE = "run.scan_history(page_size=...) with a smaller number"

run = ObjectType("Run")

Row = dict[str, Any]
T = TypeVar("T")


@run.field("history")
def history(of: Bucket, info: Any, samples: int | None = None, minStep: Any = None, maxStep: Any = None) -> list[str]:  # noqa: N803 as it is called on the wire
    """Rows as JSON texts: a sample of them, or all from step `minStep` to before `maxStep`."""
    call = asked(info)
    if minStep is None and maxStep is None:
        query = RowQuery(samples=_count(samples))
        return _texts(call, [call.services.history.rows(call.actor, of.run.path, query)[0]], _SAMPLES)
    last = MAX_STEP if maxStep is None else _step(maxStep) - 1
    return _texts(call, _pages(call, of, (), _step(minStep), last), _PAGE)


@run.field("events")
def events(of: Bucket, info: Any, samples: int | None = None) -> list[str]:
    """A sample of what the machine did, as JSON texts."""
    return [json_text({"_wandb": True, **row}) for row in _system(asked(info), of, _count(samples))]


@run.field("systemMetrics")
def system_metrics(of: Bucket, info: Any) -> str:
    """What the machine did last, as a JSON text."""
    call = asked(info)
    return json_text(_as_theirs(_together(call.samples, of, call, call.services.history.last_samples)))


@run.field("sampledHistory")
def sampled_history(of: Bucket, info: Any, specs: Sequence[str]) -> list[msgspec.Raw]:
    """For each of `specs` the rows that have all of its keys: a sample, or all between its steps."""
    if len(specs) > MAX_SPECS:
        raise LimitError(f"{len(specs):,} samples at once: MAX_SPECS is {MAX_SPECS}.")
    return [_sampled(asked(info), of, _spec(text)) for text in specs]


@run.field("historyKeys")
def history_keys(of: Bucket, info: Any) -> dict[str, Any]:
    """What keys the run logged, and its last step."""
    call = asked(info)
    keys = {
        series.key: {"typeCounts": [{"type": _TYPES.get(series.kind, "number"), "count": series.count}]}
        for series in _together(call.series, of, call, call.services.history.all_series)
    }
    return {"sets": [], "keys": keys, "lastStep": of.run.step - 1}


@run.field("parquetHistory")
def parquet_history(_: Bucket, __: Any, **___: Any) -> dict[str, Any]:
    """There are no exported files: the client reads pages."""
    return {"parquetUrls": [], "liveData": []}


def _together(
    known: dict[RunPath, T], of: Bucket, call: Call, find: Callable[[Actor, str, str, Sequence[str]], list[T]]
) -> T:
    """What `find` finds of a run: of all runs that it is listed with at once."""
    path = of.run.path
    if path not in known:
        ids = of.beside or [path.run_id]
        found = find(call.actor, path.entity, path.project, ids)
        known.clear()
        known.update(zip((path._replace(run_id=one) for one in ids), found, strict=True))
    return known[path]


def _sampled(call: Call, of: Bucket, spec: dict[str, Any]) -> msgspec.Raw:
    """A list of rows, written already: GraphQL would look at each of their values."""
    keys = list(dict.fromkeys(str(key) for key in spec.get("keys") or ()))
    if spec.get("minStep") is None and spec.get("maxStep") is None:
        query = RowQuery(keys=keys, samples=_count(spec.get("samples")), alone=bool(keys))
        return _written(call, [call.services.history.rows(call.actor, of.run.path, query)[0]], _SAMPLES)
    last = MAX_STEP if spec.get("maxStep") is None else _step(spec["maxStep"])
    return _written(call, _pages(call, of, keys, _step(spec.get("minStep")), last), _PAGE)


def _pages(call: Call, of: Bucket, keys: Sequence[str], first: int, last: int) -> Iterator[list[Row]]:
    """Every row of these steps, both inclusive; with `keys`, nothing else of them."""
    limit, step = min(MAX_PAGE, max(1, PAGE_CELLS // len(keys))) if keys else _FIRST, first
    while step <= last:
        query = RowQuery(keys=keys, min_step=step, max_step=last, limit=limit, alone=bool(keys))
        found, after = call.services.history.rows(call.actor, of.run.path, query)
        yield found
        width = max((len(row) for row in found), default=1)
        limit = min(MAX_PAGE, max(1, PAGE_CELLS // width))
        if after is None:
            return
        step = after


def _written(call: Call, pages: Iterable[list[Row]], fewer: str) -> msgspec.Raw:
    """Rows as a JSON list. LimitError if there are more than one answer holds: it tells how to ask for `fewer`."""
    parts = []
    for page in pages:
        text = finite_text(page)
        call.budget.write(len(text), fewer)
        parts += [text[1:-1]] if page else []
    return msgspec.Raw(f"[{','.join(parts)}]".encode("utf-8", "replace"))


def _texts(call: Call, pages: Iterable[list[Row]], fewer: str) -> list[str]:
    """The same as a text each."""
    texts = []
    for row in itertools.chain.from_iterable(pages):
        texts.append(json_text(row))
        call.budget.write(len(texts[-1]), fewer)
    return texts


def _system(call: Call, of: Bucket, samples: int) -> list[Row]:
    """Samples of the machine, with W&B's names."""
    found, _ = call.services.history.rows(call.actor, of.run.path, RowQuery(source=Source.SYSTEM, samples=samples))
    return [_as_theirs(row) for row in found]


def _as_theirs(row: Row) -> Row:
    return {theirs(key): value for key, value in row.items() if key != "_step"}


def _spec(text: str) -> dict[str, Any]:
    told = read_object(text, "sample")
    if not isinstance(told.get("keys", []), list):
        raise UsageError("A sample has a list of keys.")
    return told


def _count(told: Any) -> int:
    return max(1, told) if type(told) is int else DEFAULT_SAMPLES


def _step(told: Any) -> int:
    if told is None:
        return 0
    if type(told) not in {int, float, str}:
        raise UsageError("A step is a number.")
    try:
        return min(max(int(told), 0), MAX_STEP)
    except (ValueError, OverflowError):
        raise UsageError(f"{told!r} is no step.") from None


BINDABLES = (run,)
