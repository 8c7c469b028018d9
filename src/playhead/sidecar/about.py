"""What is said once about the machine and the code of a run. Loaded in the background, behind the first batch."""

from __future__ import annotations

import contextlib
import getpass
import os
import platform
import re
import socket
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from playhead.client.git import ask_git
from playhead.sidecar import gpu

_FROM_PARENT = ("program", "args", "executable", "cwd", "docker", "notebook", "sweep_id")


def describe(known: dict[str, Any], *, git: bool) -> dict[str, Any]:
    """The `info` of a META frame; `known` is what the training told, which counts more than what is found."""
    info = {
        "host": known.get("host") or socket.gethostname(),
        "node": socket.gethostname(),
        "user": _user(),
        "python": known.get("python") or platform.python_version(),
        "os": platform.platform(),
        "executable": sys.executable,
        "cpu_count": os.cpu_count(),
        "cpu": _cpu(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "gpus": gpu.names(),
        "playhead": _playhead(),
        **{name: known[name] for name in _FROM_PARENT if name in known},
    }
    told = known.get("git") or {}
    code = {**(_git(str(known.get("cwd") or ".")) if git else {}), **told}
    if code:
        info["git"] = code
    return {name: value for name, value in info.items() if value not in (None, [], "")}


def _user() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return None


def _playhead() -> str | None:
    try:
        return version("playhead")
    except PackageNotFoundError:
        return None


def _cpu() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _git(folder: str) -> dict[str, Any]:
    """What git says of the code in `folder`; empty without git, or outside of a repository."""
    commit, root = ask_git(folder, "rev-parse", "HEAD"), ask_git(folder, "rev-parse", "--show-toplevel")
    if root is None:
        return {}
    status = ask_git(folder, "status", "--porcelain", "--untracked-files=no")
    remote = ask_git(folder, "config", "--get", "remote.origin.url")
    found = {
        "commit": commit,
        "branch": ask_git(folder, "symbolic-ref", "--short", "HEAD"),
        "remote": re.sub(r"(?<=://)[^/@]*@", "", remote) if remote else None,
        "root": root,
    }
    told: dict[str, Any] = {name: os.fsencode(value).decode(errors="replace") for name, value in found.items() if value}
    return told if status is None else {**told, "dirty": bool(status)}
