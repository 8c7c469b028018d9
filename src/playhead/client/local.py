"""The local server of this user: found, or started, without waiting for it.

Whoever starts it binds the port, listens, and hands the socket to the new process: a link works from the first moment on,
connections queue until the server takes them. An exclusive `flock` on `server.lock`, handed over in the same way, says that a server is
alive; the system lets go of it when the process dies, however it dies. So there is no stale lock and never a second server on a folder.
Whoever gets the lock blanks `server.json` in the same turn: what is read there while the lock is held is never of an earlier server.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pwd
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from playhead.domain.errors import CommError

PREFERRED_PORT = 8237
LOOPBACK = "127.0.0.1"
_KEY_PREFIX = "local-"
_PATIENCE = 5.0
"""Seconds that whoever has the lock may take to write `server.json`."""
_REST = 0.01


class LocalServer(NamedTuple):
    """Where the local server answers and whom its key belongs to. `pid` is None while it is being started."""

    url: str
    key: str
    entity: str
    pid: int | None = None


def user_name() -> str:
    """The name of this machine's user as an entity's name."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = "me"
    return re.sub(r"[^\w.-]", "-", name) or "me"


def write_private(path: Path, text: str) -> None:
    """Write `text` so that only this user can read it, and nobody ever sees half of it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w") as file:
        file.write(text)
    fresh.replace(path)


def local_key(folder: Path) -> str:
    """The API key of this user on the local server, made on first use, in a file of mode 0600."""
    path = folder / "local.key"
    try:
        key = path.read_text().strip()
    except FileNotFoundError:
        key = ""
    if not key:
        key = _KEY_PREFIX + os.urandom(20).hex()
        write_private(path, key + "\n")
    return key


def read_state(folder: Path) -> dict[str, object]:
    """What the last server wrote of itself in `server.json`; empty if it cannot be read."""
    try:
        state = json.loads((folder / "server.json").read_text())
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def write_state(folder: Path, server: LocalServer) -> None:
    """Say in `server.json` where the server of this folder is."""
    write_private(folder / "server.json", json.dumps({"url": server.url, "entity": server.entity, "pid": server.pid}))


def take_lock(folder: Path) -> int | None:
    """The folder's lock as a file descriptor, or None if a live server has it. With it, `server.json` says nothing but the last address."""
    with _turn(folder):
        fd = _try_lock(folder)
        if fd is not None:
            try:
                last = _last_url(folder)
                write_private(folder / "server.json", json.dumps({"last_url": last} if last else {}))
            except BaseException:
                _let_go(fd)
                raise
    return fd


def is_taken(folder: Path) -> bool:
    """Whether a live server has the folder's lock."""
    if not folder.is_dir():
        return False
    with _turn(folder):
        fd = _try_lock(folder)
        if fd is not None:
            _let_go(fd)
    return fd is None


def running(folder: Path) -> LocalServer | None:
    """The live server of this folder, or None. Never starts one. CommError if the one that has the lock does not say where it is."""
    end = time.monotonic() + _PATIENCE
    while is_taken(folder):
        found = _told(folder)
        if found is not None:
            return found
        _rest(folder, end)
    return None


def find_or_start(folder: Path) -> LocalServer:
    """The live server of this folder; if there is none, one is started, and not waited for. CommError, OSError if that fails."""
    end = time.monotonic() + _PATIENCE
    while (lock := take_lock(folder)) is None:
        found = _told(folder)
        if found is not None:
            return found
        _rest(folder, end)
    try:
        server = _start(folder, lock)
    except BaseException:
        _let_go(lock)
        raise
    os.close(lock)
    return server


@contextlib.contextmanager
def _turn(folder: Path) -> Iterator[None]:
    """One process at a time looks at the lock: two who only look must not take each other for a server. CommError, OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fd = os.open(folder / "server.turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    end = time.monotonic() + _PATIENCE
    try:
        while not _flock(fd):
            if time.monotonic() > end:
                raise CommError(f"Another process has held {folder / 'server.turn'} for {_PATIENCE:.0f} seconds.")
            time.sleep(_REST / 10)
        yield
    finally:
        _let_go(fd)


def _try_lock(folder: Path) -> int | None:
    fd = os.open(folder / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    if _flock(fd):
        return fd
    os.close(fd)
    return None


def _flock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _let_go(fd: int) -> None:
    """Unlock, also what a child that was forked meanwhile holds of it."""
    fcntl.flock(fd, fcntl.LOCK_UN)
    os.close(fd)


def _told(folder: Path) -> LocalServer | None:
    """What the holder of the lock has written of itself, if it has."""
    state = read_state(folder)
    pid = state.get("pid")
    if not state.get("url"):
        return None
    entity = str(state.get("entity") or user_name())
    return LocalServer(str(state["url"]), local_key(folder), entity, pid if isinstance(pid, int) and pid > 0 else None)


def _rest(folder: Path, end: float) -> None:
    if time.monotonic() > end:
        raise CommError(
            f"A process holds {folder / 'server.lock'}, but does not say in server.json where its server is. "
            "Stop it, or choose another folder with PLAYHEAD_DATA_DIR."
        )
    time.sleep(_REST)


def _last_url(folder: Path) -> str:
    state = read_state(folder)
    return str(state.get("url") or state.get("last_url") or "")


def _listen(folder: Path) -> socket.socket:
    """A listening socket, on the port of last time if it is free, so that old links go on working."""
    last = re.search(r":(\d+)$", _last_url(folder))
    for port in (int(last[1]) if last else PREFERRED_PORT, 0):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
            listener.listen(128)
        except OSError:
            listener.close()
            if port == 0:
                raise
        else:
            return listener
    raise CommError("No port is free on the loopback interface.")


def _start(folder: Path, lock: int) -> LocalServer:
    key, entity = local_key(folder), user_name()
    with _listen(folder) as listener:
        server = LocalServer(f"http://{LOOPBACK}:{listener.getsockname()[1]}", key, entity)
        write_state(folder, server)
        command = [sys.executable, "-m", "playhead.cli", "server", "--local", "--data-dir", str(folder)]
        command += ["--listen-fd", str(listener.fileno()), "--lock-fd", str(lock)]
        with (folder / "server.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 our own interpreter and module
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,
                pass_fds=(listener.fileno(), lock),
            )
        process.returncode = 0  # it outlives us: not ours to wait for
    return server
