"""System metrics, and what the machine is. Loaded in the background, behind the first batch: psutil takes its time."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import psutil

from playhead.sidecar.about import describe
from playhead.sidecar.gpu import Gpus

__all__ = ["Machine", "describe"]

_SHORTEST = 0.1
"""Seconds between two samples below which a rate says nothing."""


class Machine:
    """This machine, the disk that `folder` is on, and the processes below (and with) `pid`. Rates are since the sample before."""

    def __init__(self, pid: int, folder: Path) -> None:
        self._pid = pid
        self._folder = str(folder)
        self._gpus = Gpus()
        self._processes: dict[int, psutil.Process] = {}
        self._at = time.monotonic()
        self._seconds: dict[int, float] = {}
        self._counters = _counters()
        psutil.cpu_percent()
        self._look_at_processes()

    def sample(self) -> dict[str, float]:
        """Percent, MiB and MB a second; what this machine does not tell is left out."""
        now = time.monotonic()
        elapsed, self._at = now - self._at, now
        before = self._seconds
        memory, threads = self._look_at_processes()
        found = {"memory": psutil.virtual_memory().percent, "memory.process": memory, "threads": float(threads)}
        with contextlib.suppress(OSError):
            found["disk.used"] = psutil.disk_usage(self._folder).percent
        counters, old = _counters(), self._counters
        self._counters = counters
        if elapsed >= _SHORTEST:
            spent = sum(max(0.0, seconds - before.get(pid, 0.0)) for pid, seconds in self._seconds.items())
            found["cpu"] = psutil.cpu_percent()
            found["cpu.process"] = 100.0 * spent / elapsed
            for name in counters.keys() & old.keys():
                found[name] = max(0, counters[name] - old[name]) / elapsed / 1e6
        return {**{name: float(value) for name, value in sorted(found.items())}, **self._gpus.sample()}

    def _look_at_processes(self) -> tuple[float, int]:
        """Resident memory in MiB, and threads, of the training's processes; their CPU seconds go to `_seconds`."""
        memory, threads = 0, 0
        seconds: dict[int, float] = {}
        known: dict[int, psutil.Process] = {}
        for pid in _tree(self._pid):
            try:
                process = self._processes.get(pid) or psutil.Process(pid)
                with process.oneshot():
                    times = process.cpu_times()
                    memory += process.memory_info().rss
                    threads += process.num_threads()
            except psutil.Error:
                continue
            known[pid] = process
            seconds[pid] = times.user + times.system
        self._processes, self._seconds = known, seconds
        return memory / 2**20, threads


def _tree(pid: int) -> list[int]:
    """`pid` and what it started, but not this process."""
    found, todo = [], [pid] if pid else []
    while todo:
        one = todo.pop()
        if one != os.getpid() or one == pid:  # the sidecar may be a thread of the training
            found.append(one)
            todo += _children(one)
    return found


def _children(pid: int) -> list[int]:
    """Linux lists a thread's children; elsewhere all processes must be looked at."""
    try:
        tasks = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 names are all that is needed
    except OSError:
        try:
            return [child.pid for child in psutil.Process(pid).children()]
        except psutil.Error:
            return []
    children: list[int] = []
    for task in tasks:
        with contextlib.suppress(OSError, ValueError):
            children += map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())
    return children


def _counters() -> dict[str, int]:
    found: dict[str, int] = {}
    with contextlib.suppress(OSError, RuntimeError):
        disk = psutil.disk_io_counters()
        if disk is not None:
            found |= {"disk.read": disk.read_bytes, "disk.write": disk.write_bytes}
        network = psutil.net_io_counters()
        if network is not None:
            found |= {"network.sent": network.bytes_sent, "network.recv": network.bytes_recv}
    return found
