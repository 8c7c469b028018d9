"""Who writes to a run, and what the run's state is because of that: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from playhead.domain.run import Run, RunState, Stream, Writer

LEASE = 30_000_000
"""Microseconds without a word after which a writer does not hold the run any more."""
_WORST_FIRST = (RunState.KILLED, RunState.CRASHED, RunState.PREEMPTED, RunState.FAILED, RunState.FINISHED)


def find(run: Run, stream: str) -> Writer | None:
    """The writer with that stream, if it is one of the run's present ones."""
    return next((writer for writer in run.writers if writer.stream == stream), None)


def writer_of(run: Run, stream: Stream) -> str:
    """The training's stream that `stream` belongs to. A sidecar of old does not say: then it is that of the only writer."""
    told = stream.writer or stream.id
    if stream.role == "system" and told == stream.id and len(run.writers) == 1:
        return run.writers[0].stream
    return told


def holders(run: Run, now: int, evicted: str | None = None) -> list[Writer]:
    """Writers that hold the run at `now`: at work, and heard of lately."""
    return [w for w in run.writers if w.state.live and now - w.seen < LEASE and w.stream != evicted]


def unended(run: Run) -> list[str]:
    """Streams of writers that have not said goodbye: something of them may still come."""
    return [w.stream for w in run.writers if w.exit_code is None and w.state is not RunState.CRASHED]


def with_writer(writers: Sequence[Writer], changed: Writer) -> tuple[Writer, ...]:
    """`writers` with this one changed."""
    return tuple(changed if writer.stream == changed.stream else writer for writer in writers)


def crashed(writer: Writer) -> Writer:
    """The writer's process is gone without having said goodbye: as it had announced, or not."""
    gone = RunState.PREEMPTED if writer.state is RunState.PREEMPTING else RunState.CRASHED
    return replace(writer, state=gone)


def _counting(writers: Sequence[Writer]) -> list[Writer]:
    """Without those that were started again: gone without a goodbye, and a later one has the same label."""
    newest: dict[str, int] = {}
    for writer in writers:
        newest[writer.label] = max(writer.begun, newest.get(writer.label, 0))
    lost = {RunState.CRASHED, RunState.PREEMPTED}
    return [w for w in writers if not w.label or w.state not in lost or w.begun == newest[w.label]]


def state_of(writers: Sequence[Writer], *, stopping: bool) -> RunState:
    """A run's state: running while one of its writers is; then how the one that ended worst ended."""
    states = {writer.state for writer in _counting(writers)}
    live = [state for state in states if state.live]
    if live:
        return RunState.PREEMPTING if live == [RunState.PREEMPTING] else RunState.RUNNING
    worst = next((state for state in _WORST_FIRST if state in states), RunState.CRASHED)
    return RunState.KILLED if stopping and worst is not RunState.FINISHED else worst


def exit_code_of(writers: Sequence[Writer]) -> int | None:
    """A run's exit code: that of a writer that failed, else 0; None while one is missing."""
    codes = [writer.exit_code for writer in _counting(writers)]
    failed = [code for code in codes if code]
    return None if None in codes or not codes else (failed[0] if failed else 0)
