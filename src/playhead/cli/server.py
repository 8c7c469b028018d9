"""`playhead server`: run one in the foreground or as this user's local server, stop it, ask how it is."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import click

from playhead.client import local
from playhead.client.settings import data_dir as default_data_dir
from playhead.composition import Application, compose
from playhead.domain.errors import ServerRunningError, UsageError
from playhead.server import settings as server_settings
from playhead.server.serve import serve
from playhead.server.settings import ServerSettings
from playhead.wire import tokens

STOP_WITHIN = 15.0
"""Seconds that `playhead server stop` waits for the server to end."""

DATA_DIR = click.option(
    "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder that the server keeps its data in."
)


@click.group(invoke_without_command=True)
@DATA_DIR
@click.option("--host", help="Address to listen on; default 127.0.0.1: only this machine can reach it.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on; default 8237, 0 for any that is free.")
@click.option("--database", help="URL of the catalog: sqlite:///PATH. Default: in the data folder.")
@click.option("--metrics", help="URL of the metric store: duckdb:///PATH. Default: in the data folder.")
@click.option("--files", help="URL of the file store: file:///PATH. Default: in the data folder.")
@click.option("--url", help="Address that people reach the server by, if it stands behind a proxy.")
@click.option(
    "--idle", type=float, help="Minutes without requests and live runs after which it ends; 0: never, the default."
)
@click.option("--local", "as_local", is_flag=True, hidden=True, help="Be this user's local server.")
@click.option("--listen-fd", type=int, hidden=True, help="The listening socket.")
@click.option("--lock-fd", type=int, hidden=True, help="The lock of the data folder.")
@click.pass_context
def main(
    context: click.Context,
    /,
    *,
    data_dir: Path | None,
    as_local: bool,
    listen_fd: int | None,
    lock_fd: int | None,
    **options: object,
) -> None:
    """Run a server in the foreground until Ctrl-C, or stop the one of this user, or ask how it is."""
    folder = (data_dir or default_data_dir()).absolute()
    context.obj = folder
    if context.invoked_subcommand is not None:
        return
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    settings = server_settings.read(folder, options)
    if as_local and settings.idle is None and options.get("idle") is None:
        settings = server_settings.with_idle(settings, server_settings.IDLE_MINUTES)
    with _folder_lock(folder, lock_fd), _listener(settings, listen_fd) as listener:
        _run(settings, listener, quiet=as_local)


def _run(settings: ServerSettings, listener: socket.socket, *, quiet: bool) -> None:
    """Serve; who starts it knows the address from `server.json`, people from what is printed."""
    key, user = local.local_key(settings.data_dir), local.user_name()
    url = _url(settings, listener)
    local.write_state(settings.data_dir, local.LocalServer(url, key, user, os.getpid()))
    application = compose(settings, user=user, key=key)
    try:
        if not quiet:
            _greet(settings, url, key)
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


@main.command()
@click.pass_obj
def stop(folder: Path) -> None:
    """Stop the server of the data folder; what it was sent is kept."""
    server = local.running(folder)
    if server is None:
        click.echo("No server is running.")
        return
    if server.pid is None:
        raise UsageError("The server is still being started. Try again in a moment.")
    with contextlib.suppress(ProcessLookupError):
        os.kill(server.pid, signal.SIGTERM)
    end = time.monotonic() + STOP_WITHIN
    while time.monotonic() < end:
        if not local.is_taken(folder):
            click.echo("Stopped.")
            return
        time.sleep(0.05)
    raise ServerRunningError(
        f"Process {server.pid} was asked to stop and has not ended within {STOP_WITHIN:.0f} seconds."
    )


@main.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def status(folder: Path, *, as_json: bool) -> None:
    """Tell whether the server of the data folder runs, and where. Ends with code 1 if it does not."""
    server = local.running(folder)
    if as_json:
        told = {
            "running": server is not None,
            "data_dir": str(folder),
            "url": server.url if server else None,
            "pid": server.pid if server else None,
        }
        click.echo(json.dumps(told))
    elif server is None:
        click.echo(f"No server is running on {folder}.")
    else:
        token = tokens.mint(server.key, int(time.time()) + tokens.LINK_LIFETIME)
        loopback = (urlsplit(server.url).hostname or "") in server_settings.LOOPBACK
        process = f"process {server.pid}" if server.pid else "it is being started"
        click.echo(f"A server runs on {folder}: {process}.")
        click.echo(f"Page: {server.url}/?token={token}" if loopback else f"Page: {server.url}")
    sys.exit(0 if server else 1)
