"""What W&B's client says of the machine and the code, in our own words for it: pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

NOTES = "_wandb"
"""Where a run's `meta` keeps what only W&B's client understands."""
_SAME = ("os", "host", "program", "executable", "args", "docker", "colab", "slurm", "email", "username")
_FIELDS = {"host": "host", "jobProgram": "program"}
_NAMES = {"username": "user", "codePath": "code_path"}
_NOT_KEPT = {"e", "m"}
"""Of the client's notes: the machine, which is kept in our words, and the definitions of metrics, which are frames."""


def info_of(own: Mapping[str, Any], told: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The `info` of a META frame: what is new of the client's notes and of an upsert's other fields. `known`: the run's meta."""
    info: dict[str, Any] = {name: told[field] for field, name in _FIELDS.items() if told.get(field)}
    writer = _newest(own.get("e"))
    info |= dict(_machine(writer))
    git = {**_dict(known.get("git")), **dict(_git(writer, told))}
    if git:
        info["git"] = git
    version = own.get("cli_version")
    if isinstance(version, str):
        info["wandb"] = version
    notes = {key: value for key, value in own.items() if key not in _NOT_KEPT}
    if notes:
        info[NOTES] = {**_dict(known.get(NOTES)), **notes}
    return {name: value for name, value in info.items() if known.get(name) != value}


def notes_of(meta: Mapping[str, Any]) -> dict[str, Any]:
    """What W&B's client noted for itself."""
    return dict(_dict(meta.get(NOTES)))


def _newest(told: Any) -> dict[str, Any]:
    """Of the writers that described their machine, the one that began last."""
    writers = [one for one in _dict(told).values() if isinstance(one, dict)]
    return max(writers, key=lambda one: str(one.get("startedAt", "")), default={})


def _machine(writer: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in _SAME:
        if writer.get(name):
            yield _NAMES.get(name, name), writer[name]
    if isinstance(writer.get("python"), str):
        yield "python", writer["python"].removeprefix("CPython ")
    cores = writer.get("cpu_count_logical") or writer.get("cpu_count")
    if cores:
        yield "cpu_count", cores
    model = _dict(writer.get("cpu")).get("model")
    if model:
        yield "cpu", model
    memory = str(_dict(writer.get("memory")).get("total", ""))
    if memory.isdecimal():
        yield "memory", int(memory)
    gpus = _gpus(writer)
    if gpus:
        yield "gpus", gpus


def _gpus(writer: Mapping[str, Any]) -> list[str]:
    listed = writer.get("gpu_nvidia") or writer.get("gpu_amd")
    if isinstance(listed, list):
        return [str(_dict(one).get("name", "GPU")) for one in listed]
    count = writer.get("gpu_count")
    return (
        [str(writer["gpu"])] * (count if type(count) is int and 0 < count <= 1_000 else 1) if writer.get("gpu") else []
    )


def _git(writer: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    git = _dict(writer.get("git"))
    commit = told.get("commit") or git.get("commit")
    remote = told.get("jobRepo") or git.get("remote") or git.get("remoteUrl") or git.get("remote_url")
    if isinstance(commit, str):
        yield "commit", commit
    if isinstance(remote, str):
        yield "remote", re.sub(r"(?<=://)[^/@]*@", "", remote)


def _dict(told: Any) -> dict[str, Any]:
    return told if isinstance(told, dict) else {}
