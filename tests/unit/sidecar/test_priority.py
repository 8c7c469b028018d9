"""Who lets whom go first."""

import os
import sys
import threading

import pytest

from playhead.sidecar.priority import NICE, step_back

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the threads of a process apart")


def of_this_thread():
    return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())


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
    assert own == inner == min(before + NICE, 19)
    assert of_this_thread() == before
