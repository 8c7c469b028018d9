"""The local server of this user: found, or started, without waiting for it.

Whoever starts it binds the port, listens, and hands the socket to the new process: a link works from the first moment on,
connections queue until the server takes them. An exclusive `flock` on `server.lock`, handed over in the same way, says that a server is
alive; the system lets go of it when the process dies, however it dies. So there is no stale lock and never a second server on a folder.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from playhead.domain.errors import CommError

PREFERRED_PORT = 8237
LOOPBACK = "127.0.0.1"
_KEY_PREFIX = "local-"


class LocalServer(NamedTuple):
    """Where the local server answers and whom its key belongs to. `pid` is 0 while it is being started."""

    url: str
    key: str
    entity: str
    pid: int = 0


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
    """The folder's lock as a file descriptor, or None if a live server has it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fd = os.open(folder / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    return fd


def running(folder: Path) -> LocalServer | None:
    """The live server of this folder, or None. Never starts one."""
    if not folder.is_dir():
        return None
    fd = take_lock(folder)
    if fd is not None:
        os.close(fd)
        return None
    return _await_state(folder)


def find_or_start(folder: Path) -> LocalServer:
    """The live server of this folder; if there is none, one is started, and not waited for. CommError, OSError if that fails."""
    lock = take_lock(folder)
    if lock is None:
        return _await_state(folder)
    try:
        return _start(folder, lock)
    finally:
        os.close(lock)


def _await_state(folder: Path) -> LocalServer:
    """Whoever has the lock writes `server.json` at once."""
    for _ in range(200):
        state = read_state(folder)
        if state.get("url"):
            return LocalServer(
                str(state["url"]), local_key(folder), str(state.get("entity") or user_name()), _int(state.get("pid"))
            )
        time.sleep(0.01)
    raise CommError(
        f"A server holds {folder / 'server.lock'} but says nothing in server.json. Stop it with `playhead server stop`."
    )


def _int(value: object) -> int:
    return value if isinstance(value, int) else 0


def _listen(folder: Path) -> socket.socket:
    """A listening socket, on the port of last time if it is free, so that old links go on working."""
    last = re.search(r":(\d+)$", str(read_state(folder).get("url", "")))
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
