"""Who lets whom go first."""

import os
import sys
import threading

import psutil
import pytest

from playhead.sidecar.priority import step_back

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the threads of a process apart")


def of_this_thread():
    thread = threading.get_native_id()
    return os.getpriority(os.PRIO_PROCESS, thread), psutil.Process(thread).ionice().value


def in_a_thread(work):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(work()))
    thread.start()
    thread.join()
    return answers[0]


def test_a_thread_steps_back_with_those_that_it_starts_and_no_others():
    before = of_this_thread()

    def work():
        step_back()
        step_back()
        return of_this_thread(), in_a_thread(of_this_thread)

    own, inner = in_a_thread(work)
    assert own == inner
    assert own[0] > before[0]
    assert own[1] > before[1]
    assert of_this_thread() == before
