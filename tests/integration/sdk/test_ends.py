"""However a process ends, its run says the truth about it."""

import signal

import pytest

BEGIN = """
import os, signal, sys, time
import playhead as wandb
run = wandb.init(project="p")
wandb.log({"loss": 0.5})
"""

ENDS = {
    "normal": ("", 0, 0),
    "finish": ("run.finish()", 0, 0),
    "finish with a code": ("run.finish(exit_code=3)", 0, 3),
    "exception": ("raise ValueError('a mistake')", 1, 1),
    "sys.exit()": ("sys.exit()", 0, 0),
    "sys.exit(3)": ("sys.exit(3)", 3, 3),
    "sys.exit(text)": ("sys.exit('text')", 1, 1),
    "interrupted": ("signal.raise_signal(signal.SIGINT)", -signal.SIGINT, 255),
    "exception after a caught exit": ("try:\n    sys.exit(0)\nexcept SystemExit:\n    raise ValueError('a mistake') from None", 1, 1),
    "another excepthook": ("sys.excepthook = lambda *_: None\nraise ValueError('a mistake')", 1, 1),
    "with": ("with run:\n    raise ValueError('a mistake')", 1, 1),
    "with sys.exit(0)": ("with run:\n    sys.exit(0)", 0, 0),
    "with sys.exit(4)": ("with run:\n    sys.exit(4)", 4, 4),
    "with, interrupted": ("with run:\n    signal.raise_signal(signal.SIGINT)", -signal.SIGINT, 255),
    "a thread fails": ("import threading\nthread = threading.Thread(target=lambda: 1 / 0)\nthread.start()\nthread.join()", 0, 0),
    "os._exit": ("os._exit(3)", 3, None),
    "SIGTERM": ("os.kill(os.getpid(), signal.SIGTERM)\ntime.sleep(9)", -signal.SIGTERM, None),
    "SIGKILL": ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL, None),
    "an abort": ("os.abort()", -signal.SIGABRT, None),
}  # fmt: skip


@pytest.mark.parametrize(("end", "status", "code"), ENDS.values(), ids=ENDS.keys())
def test_the_exit_code_is_known(place, end, status, code):
    found, _, err = place.train(BEGIN + end)
    assert found == status, err
    journal = place.journal()
    assert journal.rows == [(0, {"loss": 0.5})]
    assert journal.exit_code == code
    if "ValueError" in end and "excepthook" not in end:
        assert "ValueError: a mistake" in journal.console
        assert "Traceback (most recent call last):" in journal.console
        assert err.count("ValueError: a mistake") == 1


def test_a_ctrl_c_from_outside(place):
    process = place.start(BEGIN + "print('ready', flush=True)\ntime.sleep(60)")
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert place.journal().exit_code == 255
    assert "KeyboardInterrupt" in place.journal().console


def test_every_open_run_ends(place):
    place.train("import playhead\nfor i in range(3):\n    playhead.init(reinit='create_new')\nraise ValueError")
    assert [journal.exit_code for journal in place.journals()] == [1, 1, 1]


def test_a_kill_loses_nothing_that_was_logged(place):
    process = place.start(
        "import playhead\nrun = playhead.init()\ni = 0\nwhile True:\n    run.log({'i': i})\n    print(i, flush=True)\n    i += 1"
    )
    last = [process.stdout.readline() for _ in range(500)][-1]
    process.kill()
    rest, _ = process.communicate()
    logged = int((rest.split("\n")[-2] if rest.count("\n") else last).strip())
    rows = place.journal().rows
    assert [step for step, _ in rows] == list(range(len(rows)))
    assert len(rows) > logged


def test_logging_in_atexit_and_finally(place):
    place.train_well(
        """
import atexit, playhead
run = playhead.init()
atexit.register(lambda: run.log({"last": 1}))
try:
    run.log({"a": 1})
finally:
    run.log({"b": 1})
"""
    )
    assert place.journal().rows == [(0, {"a": 1}), (1, {"b": 1}), (2, {"last": 1})]
    assert place.journal().exit_code == 0
