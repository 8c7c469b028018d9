"""What `playhead server` does when it serves. Loads the whole server side: only when one is to run."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from playhead.client import local
from playhead.composition import Application, compose
from playhead.domain.errors import ServerRunningError, UsageError
from playhead.server import logs
from playhead.server import settings as server_settings
from playhead.server.lean import be_lean, settled
from playhead.server.serve import serve
from playhead.server.settings import ServerSettings
from playhead.wire import tokens


def run(
    folder: Path, options: Mapping[str, object], *, as_local: bool, listen_fd: int | None, lock_fd: int | None
) -> None:
    """Serve the data folder until told to end. ServerRunningError, UsageError."""
    be_lean()
    settings = server_settings.read(folder, options)
    logs.begin(settings.log_format)
    if as_local and settings.idle is None and options.get("idle") is None:
        settings = server_settings.with_idle(settings, server_settings.IDLE_MINUTES)
    with _folder_lock(folder, lock_fd), _listener(settings, listen_fd) as listener:
        _run(settings, listener, quiet=as_local)


def _run(settings: ServerSettings, listener: socket.socket, *, quiet: bool) -> None:
    """Serve; who starts it knows the address from `server.json`, people from what is printed."""
    key, user = local.local_key(settings.data_dir), local.user_name()
    url = _url(settings, listener)
    local.write_state(settings.data_dir, local.LocalServer(url, key, user, os.getpid()))
    application = compose(settings, user=user, key=key, address=url)
    try:
        if not quiet:
            _greet(settings, url, key)
        with settled():
            _serve(application, settings, listener)
    finally:
        application.close()


def _serve(application: Application, settings: ServerSettings, listener: socket.socket) -> None:
    context = application.context
    serve(
        application.app,
        listener,
        idle=settings.idle,
        busy=lambda: context.live.watchers > 0 or context.runs.any_live(),
        stopping=context.live.close,
    )


def _greet(settings: ServerSettings, url: str, key: str) -> None:
    token = tokens.mint(key, int(time.time()) + tokens.LINK_LIFETIME)
    page = settings.url.rstrip("/") or url
    click.echo(f"Playhead serves {settings.data_dir}")
    click.echo(f"Page: {page}/?token={token}" if settings.local else f"Page: {page}")
    if not settings.local:
        click.echo(f"Log in with an API key; {local.user_name()}'s is in {settings.data_dir / 'local.key'}.")
        click.echo("Other users get theirs from `playhead user add NAME`.")
    click.echo("Stop it with Ctrl-C.")
    sys.stdout.flush()


def _url(settings: ServerSettings, listener: socket.socket) -> str:
    """Where this machine reaches the server."""
    host = settings.host
    if host in {"0.0.0.0", "::"}:  # noqa: S104 compared, not bound
        host = local.LOOPBACK
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{listener.getsockname()[1]}"


@contextlib.contextmanager
def _folder_lock(folder: Path, inherited: int | None) -> Iterator[None]:
    """Hold the folder's lock. ServerRunningError if another server does."""
    fd = inherited if inherited is not None else local.take_lock(folder)
    if fd is None:
        state = local.read_state(folder)
        where = f" It is at {state['url']}, process {state.get('pid') or 'unknown'}." if state.get("url") else ""
        raise ServerRunningError(
            f"Another server uses {folder}.{where} Stop it with `playhead server stop`, or choose another folder with --data-dir."
        )
    try:
        os.set_inheritable(fd, False)
        yield
    finally:
        os.close(fd)


@contextlib.contextmanager
def _listener(settings: ServerSettings, inherited: int | None) -> Iterator[socket.socket]:
    """The listening socket. UsageError if the port is taken or the host is not this machine's."""
    if inherited is not None:
        with socket.socket(fileno=inherited) as listener:
            listener.set_inheritable(False)
            yield listener
        return
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind)
    except OSError as error:
        raise UsageError(f"This machine has no address {settings.host!r}: {error}.") from error
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(address)
        except OSError as error:
            raise UsageError(
                f"Port {settings.port} of {settings.host} cannot be used: {error.strerror}. Choose another with --port."
            ) from error
        listener.listen(2048)
        yield listener
