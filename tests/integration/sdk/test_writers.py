"""Who writes to a run: one training at a time unless it is shared; who loses it is told."""

import os
import time

import psutil
import pytest

from playhead.domain.ids import generate_id

HOLD = """
run = playhead.init(project="p", id=sys.argv[1], **eval(sys.argv[2]))
print("BEGUN", run.step, flush=True)
i = run.step
while not os.path.exists("enough"):
    run.log({"a": i})
    i += 1
    time.sleep(0.02)
print("LAST", i - 1, flush=True)
"""
SECOND = """
began = time.monotonic()
run = playhead.init(project="p", id=sys.argv[1], **eval(sys.argv[2]))
say(step=run.step, took=time.monotonic() - began)
run.log({"a": "second"})
"""


@pytest.fixture
def holder(online):
    """A training that holds a run; answers the run's id and the process."""

    def begin(arguments="{}"):
        run_id = f"h-{generate_id()}"
        process = online.start("import os, sys, time, playhead\n" + HOLD, run_id, arguments)
        assert process.stdout.readline().startswith("BEGUN")
        return run_id, process

    return begin


def enough(online, process):
    (online.folder / "enough").touch()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    return int(out.split()[1]), err


@pytest.mark.parametrize("arguments", ["{}", "{'resume': 'must'}", "{'resume': 'allow'}"])
def test_a_second_writer_is_refused(online, server, holder, arguments):
    run_id, process = holder()
    server.wait(lambda: len(server.history(run_id)) > 3)
    told = online.ask(SECOND, run_id, arguments, status=1)
    for said in (
        "LeaseError",
        f"process {process.pid} on {os.uname().nodename}",
        "heard of",
        "init(wait=60)",
        "playhead stop",
        "shared",
    ):
        assert said in told["err"]
    last, err = enough(online, process)
    assert "WARNING" not in err
    server.run(run_id, "finished")
    assert server.history(run_id) == [(i, i) for i in range(last + 1)]


def test_waiting_for_the_other_writer(online, server, holder):
    run_id, process = holder()
    second = online.start(
        "import json, os, sys, time, playhead\ndef say(**what): print(json.dumps(what), flush=True)\n" + SECOND,
        run_id,
        "{'resume': 'must', 'wait': 30}",
    )
    assert "Waiting for another training" in second.stderr.readline()
    last, _ = enough(online, process)
    out, err = second.communicate(timeout=60)
    assert second.returncode == 0, err
    assert f'"step": {last + 1}' in out
    server.run(run_id, "finished")
    assert server.history(run_id)[-1] == (last + 1, "second")


def test_waiting_has_an_end(online, holder):
    run_id, _ = holder()
    began = time.monotonic()
    told = online.ask(SECOND, run_id, "{'resume': 'must', 'wait': 1.5}", status=1)
    assert "LeaseError" in told["err"]
    assert 1.5 < time.monotonic() - began < 40


def kill(process, *, sidecar):
    others = psutil.Process(process.pid).children() if sidecar else []
    for one in [*others, process]:
        one.kill()
    process.wait()


@pytest.mark.parametrize("sidecar", [False, True])
def test_a_dead_holder_holds_nothing(online, server, holder, sidecar):
    run_id, process = holder()
    server.wait(lambda: len(server.history(run_id)) > 3)
    kill(process, sidecar=sidecar)
    told = online.ask(SECOND, run_id, "{'resume': 'must'}")
    assert told["took"] < 20
    server.run(run_id, "finished")
    assert server.history(run_id) == [*((i, i) for i in range(told["step"])), (told["step"], "second")]


def test_a_dead_holder_elsewhere_on_this_machine(online, server, holder, tmp_path):
    """It recorded into another folder, and its sidecar is dead as well: nothing tells but that its process is gone."""
    run_id, process = holder()
    server.wait(lambda: len(server.history(run_id)) > 3)
    kill(process, sidecar=True)
    told = online.ask(SECOND, run_id, "{'resume': 'must'}", env={"PLAYHEAD_DIR": str(tmp_path / "other")})
    assert told["took"] < 20
    assert told["step"] > 3


def test_a_rewind_takes_the_run_from_a_training_at_work(online, server, holder):
    run_id, process = holder()
    server.wait(lambda: len(server.history(run_id)) > 20)
    origin = server.api.run(f"{server.entity}/p/{run_id}").segment_id
    code = f"run = playhead.init(project='p', resume_from='{run_id}?_step=5')\nfor i in range(3):\n    run.log({{'a': 'new'}})\ntime.sleep(3)"
    online.ask(code)
    last, err = enough(online, process)
    assert err.count("Another training has taken the run") == 1
    run = server.run(run_id, "finished")
    new = [*((i, i) for i in range(6)), (6, "new"), (7, "new"), (8, "new")]
    server.wait(
        lambda: any(segment.last_step == last for segment in server.api.run(f"{server.entity}/p/{run_id}").segments)
    )
    assert server.history(run_id) == new
    lost = next(segment for segment in run.segments if segment.last_step == last)
    assert lost.archived
    assert server.history(run_id, segment=lost.id) == [(i, i) for i in range(last + 1)]
    assert run.segments[0].id == origin


# -- states ------------------------------------------------------------------------------------------------------------------


def test_preempted(online, server):
    code = "run = playhead.init(project='p', id='pre')\nrun.log({'a': 1})\nrun.mark_preempting()\n"
    process = online.start("import playhead, sys\n" + code + "print('x', flush=True)\nsys.stdin.read()", stdin=-1)
    process.stdout.readline()
    server.run("pre", "preempting")
    process.kill()
    server.run("pre", "preempted")
    told = online.ask(
        "run = playhead.init(project='p', id='pre', resume='must')\nsay(step=run.step)\nrun.log({'a': 2})"
    )
    assert told["step"] == 1
    server.run("pre", "finished")
