"""A run is deleted for ever that others were forked from: they lose nothing, and nobody writes to what is left of it."""

import pytest

from playhead.client.local import user_name
from playhead.domain.errors import NotFoundError
from playhead.journal import format as f
from playhead.wire.timeline import Begin


def test_a_fork_outlives_its_parent(server, journal):
    client, parent = server.client(), journal(project="forked").start(config={"lr": 0.1}).rows(10)
    parent.record(f.CONSOLE, 3, n=0, c="stdout", t="hello")
    client.append(parent.stream, 0, parent.data)
    fork = journal(project="forked")
    ask = Begin(
        project="forked", stream=fork.stream, segment=fork.header.segment, created_at=fork.header.created_at,
        run_id=fork.run.run_id, from_run=parent.run.run_id, step=5, fork=True,
    )  # fmt: skip
    begun = client.begin(ask)
    assert (begun.step, begun.fork_of) == (6, str(parent.run))
    client.append(fork.stream, 0, fork.start().rows(2, first=6).data)

    def seen():
        run = client.run(fork.run)
        rows = [(row["_step"], row["loss"]) for row in client.rows(fork.run).items]
        return rows, run.config, run.summary["loss"], client.console(fork.run).total, run.runtime >= 0

    before = seen()
    assert [step for step, _ in before[0]] == list(range(8))
    size = len(parent.data)
    client.append(parent.stream, size, parent.rows(1, first=10).data[size:])
    client.delete(parent.run, forever=True)
    assert seen() == before
    size = len(parent.data)
    with pytest.raises(NotFoundError, match="deleted"):
        client.append(parent.stream, size, parent.rows(1, first=2).data[size:])
    assert seen() == before
    assert [segment.id for segment in client.segments(fork.run)] == [parent.header.segment, begun.segment]
    client.delete(fork.run, forever=True)
    assert client.runs(user_name(), "forked").items == []
