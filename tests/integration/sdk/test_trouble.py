"""What goes wrong around a training: the training goes on, and the run says what it lost."""

import time

import psutil
import pytest

from a_reader import read_journal
from waiting import until

FULL = """
import resource, sys
import playhead
run = playhead.init(settings={"console": "off"})
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
def full(size):
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
full(8000)
for i in range(300):
    run.log({"i": i, "text": "x" * 50})
full(soft)
for i in range(300, 310):
    run.log({"i": i})
print(run.step)
"""


def test_a_full_disk(place):
    status, out, err = place.train(FULL)
    assert (status, out) == (0, "310\n")
    assert err.count("Not recorded") == 1
    assert "File too large" in err
    journal = place.journal()
    kept = [step for step, _ in journal.rows]
    assert journal.damaged == 0
    assert kept[-10:] == list(range(300, 310))
    assert 30 < len(kept) - 10 < 300
    assert kept[:-10] == list(range(len(kept) - 10))
    assert all(step == row["i"] for step, row in journal.rows)
    assert journal.of("meta")[-1]["dropped"] == 310 - len(kept)
    assert journal.exit_code == 0


def test_a_full_disk_until_the_end(place):
    status, _, err = place.train(FULL.replace("full(soft)", ""))
    assert status == 0
    assert "Traceback" not in err
    assert place.journal().damaged == 0


def test_a_full_disk_from_the_beginning(place):
    status, _, err = place.train(
        "import resource, playhead\nresource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\nplayhead.init()"
    )
    assert status == 1
    assert "LaunchError" in err
    assert "File too large" in err
    assert not place.runs


def test_the_folder_vanishes(place):
    out = place.train_well(
        "import shutil, playhead\nrun = playhead.init()\nrun.log({'a': 1})\nshutil.rmtree('playhead')\nrun.log({'a': 2})\nprint('goes on')"
    )
    assert out == "goes on\n"


def test_file_descriptors_run_out(place):
    out = place.train_well(
        """
import os, resource, playhead
run = playhead.init()
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
held = []
try:
    while True:
        held.append(os.dup(0))
except OSError:
    pass
for i in range(10):
    run.log({"i": i})
print("goes on", flush=True)
"""
    )
    assert out == "goes on\n"
    assert len(place.journal().rows) == 10


def test_many_file_descriptors_are_open(place):
    place.train_well(
        """
import os, resource
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
if hard < 2000:
    raise SystemExit
resource.setrlimit(resource.RLIMIT_NOFILE, (2000, hard))
held = [os.dup(0) for _ in range(1100)]
import playhead
run = playhead.init()
run.log({"i": 1})
"""
    )
    assert place.journal().exit_code == 0


# -- the sidecar -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("executable", ["'/none/python'", "''", "None"])
def test_a_sidecar_that_cannot_be_started(place, executable):
    status, _, err = place.train(f"import sys, playhead\nsys.executable = {executable}\nplayhead.init()")
    assert status == 1
    assert "InitStartError: The sidecar process could not be started" in err
    assert 'start_method="thread"' in err
    assert not place.runs


def test_the_way_out_works(place):
    place.train_well(
        "import sys, playhead\nsys.executable = None\nplayhead.init(settings=playhead.Settings(start_method='thread')).log({'a': 1})"
    )
    assert place.journal().rows == [(0, {"a": 1})]
    assert place.journal().exit_code == 0


@pytest.mark.parametrize("method", ["fork", "spawn", "process", "thread"])
def test_start_methods(place, method):
    out = place.train_well(
        f"""
import threading, time, playhead
from playhead.sdk import _current
playhead.init(settings=playhead.Settings(start_method={method!r}))
playhead.log({{"a": 1}})
print(type(_current.companion._link).__name__)
"""
    )
    assert out == ("ThreadLink\n" if method == "thread" else "ProcessLink\n")
    assert place.journal().exit_code == 0
    assert any("info" in data for data in read_journal(place.runs[0] / "system.journal").of("meta"))


PID = "_current.companion._link._process.pid"


def test_a_killed_sidecar_is_started_again(place):
    out = place.train_well(
        f"""
import os, signal, time, playhead
from playhead.sdk import _current
run = playhead.init()
first = {PID}
os.kill(first, signal.SIGKILL)
end = time.monotonic() + 60
while {PID} == first and time.monotonic() < end:
    run.log({{"a": 1}})
    run._check_at = 0
    time.sleep(0.01)
print({PID} != first)
"""
    )
    assert out == "True\n"
    assert place.journal().exit_code == 0


def test_a_sidecar_that_dies_each_time_is_not_fought(place):
    (place.folder / "broken").mkdir()
    broken = place.folder / "broken/python"
    broken.write_text("#!/bin/sh\necho started >> count\nexit 1\n")
    broken.chmod(0o755)
    out = place.train_well(
        f"""
import sys, time, playhead
sys.executable = {str(broken)!r}
run = playhead.init(settings={{"finish_timeout": 1}})
end = time.monotonic() + 3
worst = 0
while time.monotonic() < end:
    run._check_at = 0
    begun = time.perf_counter()
    run.log({{"a": 1}})
    worst = max(worst, time.perf_counter() - begun)
    time.sleep(0.001)
used = time.process_time()
run.finish()
print(worst < 2, time.process_time() - used < 1)
"""
    )
    assert out == "True True\n"
    assert 2 <= (place.folder / "count").read_text().count("started") <= 8
    assert place.journal().exit_code == 0


def test_a_sidecar_that_dies_each_time_is_told(place):
    """Where `init` waits for it anyway, it is an error; where it does not, `finish` says it and does not wait."""
    broken = place.folder / "python"
    broken.write_text("#!/bin/sh\necho no module named playhead >&2\nexit 1\n")
    broken.chmod(0o755)
    named = {"PLAYHEAD_MODE": "online", "PLAYHEAD_BASE_URL": "http://127.0.0.1:1", "PLAYHEAD_API_KEY": "k"}
    begin = f"import sys, time, playhead\nsys.executable = {str(broken)!r}\n"
    begun = time.monotonic()
    status, _, err = place.train(begin + "playhead.init()", env=named)
    assert status == 1
    assert "InitStartError: the sidecar ends whenever it is started: no module named playhead. Try" in err
    assert 'start_method="thread"' in err
    assert not place.runs
    place.train_well(begin + "run = playhead.init()\nrun.log({'a': 1})")
    assert place.journal().exit_code == 0
    assert time.monotonic() - begun < 60


def test_a_sidecar_that_is_stopped_does_not_hold_a_log(place):
    out = place.train_well(
        f"""
import os, signal, time, playhead
from playhead.sdk import _current
run = playhead.init(settings={{"finish_timeout": 0.5}})
os.kill({PID}, signal.SIGSTOP)
worst = 0
for i in range(1000):
    run._check_at = 0
    begun = time.perf_counter()
    run.log({{"a": 1}})
    worst = max(worst, time.perf_counter() - begun)
begun = time.perf_counter()
run.finish()
print(worst < 2, time.perf_counter() - begun < 30)
os.kill({PID}, signal.SIGCONT)
"""
    )
    assert out == "True True\n"


def test_the_sidecar_ends_with_the_training(place):
    out = place.train_well(f"import playhead\nfrom playhead.sdk import _current\nplayhead.init()\nprint({PID})")
    until(lambda: not psutil.pid_exists(int(out)), 5)
    assert place.journal().exit_code == 0


def test_a_terminal_that_is_gone(place):
    process = place.start(
        """
import os, sys, playhead
run = playhead.init()
sys.stderr.close()
os.close(2)
for i in range(10):
    run.log({"k" * 600: 1})
    run.log({"i": i})
"""
    )
    process.communicate(timeout=60)
    assert process.returncode == 0
    assert len(place.journal().rows) == 10
