"""Stopping a training from outside: a KeyboardInterrupt within some seconds, whatever it does, however it was started."""

import pytest

from playhead.domain.errors import ConflictError
from playhead.domain.ids import generate_id

WORK = """
run = playhead.init(project="p", id=sys.argv[1])
run.log({"a": 0})
print("BEGUN", flush=True)
try:
    WORK
except KeyboardInterrupt:
    print("INTERRUPTED", flush=True)
    raise
"""
KINDS = {
    "logs": "while True:\n        run.log({'a': 1})\n        time.sleep(0.01)",
    "computes": "while True:\n        sum(range(10000))",
    "sleeps": "time.sleep(120)",
    "waits for a thread": "import threading\n    threading.Event().wait(120)",
    "waits for a process": "import subprocess\n    subprocess.run(['sleep', '120'])",
}


@pytest.fixture
def training(online, server):
    """A training that does something for a minute; answers its run's id and the process."""

    def begin(kind, command=(), **env):
        run_id = f"s-{generate_id()}"
        code = "import sys, time, playhead\n" + WORK.replace("WORK", KINDS[kind])
        process = online.start(code, run_id, env=env, command=command)
        assert process.stdout.readline() == "BEGUN\n"
        server.run(run_id, "running")
        return run_id, process

    return begin


def check_stopped(server, run_id, process, stop):
    """It ends long before its work would."""
    stop(f"{server.entity}/p/{run_id}")
    out, err = process.communicate(timeout=60)
    assert out == "INTERRUPTED\n"
    assert "KeyboardInterrupt" in err
    run = server.run(run_id, "killed")
    assert run.exit_code == 255


@pytest.mark.parametrize("start_method", ["process", "thread"])
@pytest.mark.parametrize("kind", KINDS)
def test_it_is_interrupted(server, training, kind, start_method):
    run_id, process = training(kind, PLAYHEAD_START_METHOD=start_method)
    check_stopped(server, run_id, process, lambda path: server.api.run(path).stop())
    with pytest.raises(ConflictError):
        server.api.run(f"{server.entity}/p/{run_id}").stop()


def test_by_the_command_line(online, server, training):
    run_id, process = training("sleeps")

    check_stopped(server, run_id, process, lambda path: online.playhead("stop", path))


IGNORED = "import signal, sys, runpy\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nsys.argv.pop(0)\nrunpy.run_path(sys.argv[0], run_name='__main__')"


@pytest.mark.parametrize("kind", ["logs", "computes", "sleeps"])
def test_where_ctrl_c_is_ignored(server, training, tmp_path, kind):
    """As in a background job of a shell script, and with nohup."""
    starter = tmp_path / "starter.py"
    starter.write_text(IGNORED)
    run_id, process = training(kind, command=[str(starter)])
    check_stopped(server, run_id, process, lambda path: server.api.run(path).stop())


def test_a_training_that_goes_on_all_the_same(online, server):
    """It is interrupted once: what it makes of that is its own affair."""
    process = online.start(
        "import playhead, time\nrun = playhead.init(project='p', id='stubborn')\nprint('x', flush=True)\n"
        "try:\n    time.sleep(120)\nexcept KeyboardInterrupt:\n    pass\n"
        "end = time.monotonic() + 6\nwhile time.monotonic() < end:\n    run.log({'a': 1})\n    time.sleep(0.1)"
    )
    process.stdout.readline()
    server.run("stubborn", "running").stop()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert server.run("stubborn", "finished").exit_code == 0


def test_the_next_run_of_the_same_process_is_not_stopped(online, server):
    process = online.start(
        "import playhead, time\nrun = playhead.init(project='p', id='one')\nprint('x', flush=True)\n"
        "try:\n    time.sleep(120)\nexcept KeyboardInterrupt:\n    run.finish(exit_code=255)\n"
        "playhead.init(project='p', id='two').log({'a': 1})\ntime.sleep(5)"
    )
    process.stdout.readline()
    server.run("one", "running").stop()
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    server.run("one", "killed")
    server.run("two", "finished")
