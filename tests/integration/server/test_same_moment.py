"""What several streams of one run say at the same moment is committed together, and none of it is lost."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from playhead.client.local import user_name
from playhead.domain.ids import RunPath
from playhead.journal import format as f


@pytest.mark.parametrize("number", range(4))
def test_a_writer_ends_while_another_stream_comes(server, journal, number):
    run = RunPath(user_name(), "p", f"moment-{number}-{os.getpid()}")
    begun = time.time_ns() // 1000
    common = {"project": "p", "run_id": run.run_id, "segment": f"s-{run.run_id}", "shared": True}
    writers = [journal(**common, label=f"rank-{rank}", created_at=begun).start() for rank in range(3)]
    system = journal(**common, role="system", writer=writers[0].stream, created_at=begun)
    for one in writers:
        server.client().append(one.stream, 0, one.data)
    sent = [len(one.data) for one in writers]
    for one in writers:
        one.record(f.EXIT, 0, code=0)
    bodies = [(one.stream, at, one.data[at:]) for one, at in zip(writers, sent, strict=True)]
    bodies.insert(1 + number % 3, (system.stream, 0, system.data))
    with ThreadPoolExecutor() as pool:
        for answer in [pool.submit(server.client().append, *body, final=True) for body in bodies]:
            answer.result()
    view = server.client().run(run)
    assert (view.state, view.exit_code) == ("finished", 0)
    assert [writer.state for writer in view.writers] == ["finished"] * 3


def test_a_writer_that_was_started_again_has_not_crashed_the_run(server, journal):
    run = RunPath(user_name(), "p", f"again-{os.getpid()}")
    begun = time.time_ns() // 1000
    common = {"project": "p", "run_id": run.run_id, "segment": f"s-{run.run_id}", "shared": True}

    def ends(label, at, code=None):
        one = journal(**common, label=label, created_at=begun + at).start()
        if code is not None:
            one.record(f.EXIT, 0, code=code)
        server.client().append(one.stream, 0, one.data, final=True)
        return server.client().run(run)

    assert ends("rank-0", 0).state == "crashed"
    assert ends("rank-1", 1, code=0).state == "crashed"
    view = ends("rank-0", 2, code=0)
    assert (view.state, view.exit_code) == ("finished", 0)
    assert ends("rank-2", 3, code=5).state == "failed"
