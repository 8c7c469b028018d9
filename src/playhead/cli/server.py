"""`playhead server`: run one in the foreground or as this user's local server, stop it, ask how it is."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import click

from playhead.cli.parts import part
from playhead.client import local
from playhead.client.settings import data_dir as default_data_dir
from playhead.domain.errors import ServerRunningError, UsageError
from playhead.server import settings as server_settings
from playhead.wire import tokens

STOP_WITHIN = 15.0
"""Seconds that `playhead server stop` waits for the server to end."""

DATA_DIR = click.option(
    "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Folder that the server keeps its data in."
)


@click.group(
    invoke_without_command=True,
    epilog="Examples: `playhead server --port 8300`, `playhead server --host 0.0.0.0 --data-dir /srv/playhead`, or `playhead server stop`",
)
@DATA_DIR
@click.option("--host", help="Address to listen on; default 127.0.0.1: only this machine can reach it.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on; default 8237, 0 for any that is free.")
@click.option("--database", help="URL of the catalog: sqlite:///PATH. Default: in the data folder.")
@click.option("--metrics", help="URL of the metric store: duckdb:///PATH. Default: in the data folder.")
@click.option("--files", help="URL of the file store: file:///PATH. Default: in the data folder.")
@click.option(
    "--files-direct/--no-files-direct",
    default=None,
    help="Let clients send files to an object store, and fetch them, by signed links; default: yes.",
)
@click.option(
    "--webhooks-private/--no-webhooks-private",
    default=None,
    help="Send alerts to addresses of private networks; default: if only this machine can reach the server.",
)
@click.option("--url", help="Address that people reach the server by, if it stands behind a proxy.")
@click.option(
    "--idle", type=float, help="Minutes without requests and live runs after which it ends; 0: never, the default."
)
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), help="Lines for people, the default, or a JSON object a line."
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
    part("serving").run(folder, options, as_local=as_local, listen_fd=listen_fd, lock_fd=lock_fd)


@main.command(epilog="Example: `playhead server stop`")
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


@main.command(epilog="Example: `playhead server status --json`")
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
