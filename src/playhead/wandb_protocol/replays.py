"""What `wandb sync` sends of a training that the server has heard of: the same words again, and those that it missed.

Nothing in a file of the client tells whose session it is. So a session notes what its process said first; a file that begins with the
same goes on with it, each line once; and if its first lines turn out to be another training's, it has a session of its own after all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from playhead.domain.lines import Spans, new
from playhead.domain.metric import Source
from playhead.domain.run import Run, Stream
from playhead.ports.frames import FrameQuery
from playhead.services.history import Place
from playhead.wandb_protocol import rows, system
from playhead.wandb_protocol.context import Call
from playhead.wandb_protocol.sessions import is_session
from playhead.wandb_protocol.upsert import Config, first_words

_SYNC = re.compile(r"(-m wandb\b.*|(.*[/\\])?(wandb|wb)(\.exe)?)")
"""Programs that send files: the client's own command."""
_LOOKED_AT = 20
"""Lines that are compared: a line without values is not stored."""


def is_sync(told: Mapping[str, Any]) -> bool:
    """Whether an upsert is that of a file that is sent."""
    return _SYNC.fullmatch(str(told.get("jobProgram") or "")) is not None


def session(
    call: Call, run: Run, told: Mapping[str, Any], config: Config, *, resumed: bool
) -> tuple[Stream, Mapping[str, Any]] | None:
    """The run's last session and its first words, if a file that begins so may be of the same training, which `resumed` the run or
    began it.
    """
    writer = run.writers[-1] if run.writers else None
    if writer is None or run.shared or not is_session(writer.stream):
        return None
    stream, word = call.services.sessions.named(writer.stream), "own" if resumed else "first"
    words = call.services.sessions.first_words(stream)
    same = stream.segment == run.head and words.get(word) == first_words(told, config)[word]
    return (stream, words) if same else None


def is_other(call: Call, stream: Stream, history: Sequence[Any], samples: Sequence[Any]) -> bool:
    """Whether lines that are said to be a session's first ones, which it has, are none of its own."""
    source, known = Source.HISTORY, _taken(stream.lines.get(rows.FILE, ()), history)
    if not known and samples:
        machine = call.services.sessions.system(stream)
        source, known = Source.SYSTEM, _taken(machine.lines.get(system.FILE, ()), samples)
    return bool(known) and not any(_is_known(call, stream, source, line) for line in known)


def _taken(spans: Spans, lines: Sequence[Any]) -> list[Any]:
    """Those of the first lines that the session has, or says that it has."""
    some = lines[:_LOOKED_AT]
    fresh = {number for first, end in new(spans, 0, len(some)) for number in range(first, end)}
    return [line for number, line in enumerate(some) if number not in fresh]


def _is_known(call: Call, stream: Stream, source: Source, line: Any) -> bool:
    data = rows.parsed(line) or {}
    step, time = data.get("_step"), rows.time_of(data.get("_timestamp"))
    at, least = (step, stream.begun_step) if source is Source.HISTORY else (time, 0)
    if type(at) is not int or time is None or at < least:  # what its segment has of before is an earlier session's
        return False
    query = FrameQuery(keys=None, source=source, start=at, end=at)
    return time in call.services.history.times(call.actor, stream.run, query, Place(segment=stream.segment))
