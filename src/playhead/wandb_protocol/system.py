"""Samples of the client's machine, under our names where the page knows the metric; the others keep theirs."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from playhead.domain.errors import LimitError
from playhead.journal.packing import flat
from playhead.wandb_protocol.rows import parsed, time_of
from playhead.wandb_protocol.sessions import Piece

FILE = "wandb-events.jsonl"
_PREFIX = "system."
_KEPT = ("_", _PREFIX, "system/")
_NAMES = {
    "system.cpu": "cpu",
    "system.proc.cpu.usage": "cpu.process",
    "system.memory_percent": "memory",
    "system.proc.memory.rssMB": "memory.process",
    "system.proc.cpu.threads": "threads",
    "system.disk./.usagePercent": "disk.used",
}
_GPU = {"gpu": "util", "memoryAllocated": "memory", "temp": "temperature", "powerWatts": "power"}
_THEIRS = {name: known for known, name in _NAMES.items()}
_GPU_THEIRS = {name: known for known, name in _GPU.items()}
_OF_GPU = re.compile(r"system\.gpu\.(\d+)\.(\w+)", re.ASCII)
_GPU_OF = re.compile(r"gpu\.(\d+)\.(\w+)", re.ASCII)
_LABEL = re.compile(r"/l:([^/]*)$")


def ours(name: str) -> str:
    """Our name of one of the client's metrics. A label of the writer is left out: each has samples of its own."""
    plain = _LABEL.sub("", name)
    gpu = _OF_GPU.fullmatch(plain)
    if gpu is not None and gpu[2] in _GPU:
        return f"gpu.{gpu[1]}.{_GPU[gpu[2]]}"
    return _NAMES.get(plain, plain)


def theirs(name: str) -> str:
    """What the client calls a metric that we call so; what a row says of itself is called the same."""
    gpu = _GPU_OF.fullmatch(name)
    if gpu is not None and gpu[2] in _GPU_THEIRS:
        return f"{_PREFIX}gpu.{gpu[1]}.{_GPU_THEIRS[gpu[2]]}"
    return _THEIRS.get(name, name if name.startswith(_KEPT) else _PREFIX + name)


def label_of(line: Any) -> str:
    """The label of the writer of a sample; empty if it says nothing of it."""
    found = (_LABEL.search(key) for key in parsed(line) or ())
    return next((label[1] for label in found if label), "")


def write(piece: Piece, offset: int, content: Sequence[Any], step_at: Callable[[int], int]) -> None:
    """Append the samples of those lines that the stream does not have; `step_at` tells the run's step at a time."""
    for line in piece.new(FILE, offset, content):
        if not _sample(piece, line, step_at):
            piece.unread += 1


def _sample(piece: Piece, line: Any, step_at: Callable[[int], int]) -> bool:
    data = parsed(line)
    if data is None:
        return False
    told = time_of(data.get("_timestamp"))
    time = piece.now if told is None else told
    values = {
        ours(key): float(value)
        for key, value in flat(data)
        if not key.startswith("_") and type(value) in {int, float} and math.isfinite(value)
    }
    try:
        piece.row(step_at(time), time, values)
    except (LimitError, TypeError, OverflowError):
        return False
    return True
