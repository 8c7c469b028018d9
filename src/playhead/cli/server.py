"""`playhead server`: run one in the foreground or as this user's local server, stop it, ask how it is, sweep its files."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import click
import msgspec

from playhead.cli.age import Age
from playhead.cli.parts import part
from playhead.client import local
from playhead.client.errors import check
from playhead.client.settings import data_dir as default_data_dir
from playhead.client.transport import HttpTransport, Request
from playhead.domain.errors import ServerRunningError, UsageError
from playhead.domain.size import count_text, size_text
from playhead.server import settings as server_settings
from playhead.wire import routes, tokens
from playhead.wire.sweep import SweepAsk, SweepView

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
    end = time.monotonic() + STOP_WITHIN
    while (server := local.running(folder)) is not None and server.pid is None and time.monotonic() < end:
        time.sleep(0.05)
    if server is None:
        click.echo("No server is running.")
        return
    if server.pid is None:
        raise UsageError("The server is still being started. Try again in a moment.")
    with contextlib.suppress(ProcessLookupError):
        os.kill(server.pid, signal.SIGTERM)
    while time.monotonic() < end:
        if not local.is_taken(folder):
            click.echo("Stopped.")
            return
        time.sleep(0.05)
    raise ServerRunningError(
        f"Process {server.pid} was asked to stop and has not ended within {STOP_WITHIN:.0f} seconds."
    )


@main.command(epilog="Examples: `playhead server sweep --dry-run`, or `playhead server sweep --min-age 1h`")
@click.option(
    "--min-age",
    type=Age(),
    default="30d",
    show_default=True,
    help="Leave what was sent or asked for since then; 1h or more.",
)
@click.option("--unknown", is_flag=True, help="Content too that no project was ever given: what a crash left behind.")
@click.option("--database", help="URL of the catalog, if it is not in the data folder and no server runs.")
@click.option("--files", help="URL of the file store, if it is not in the data folder and no server runs.")
@click.option("-n", "--dry-run", is_flag=True, help="Tell what would be thrown away.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def sweep(
    folder: Path, *, min_age: float, unknown: bool, database: str | None, files: str | None, dry_run: bool, as_json: bool
) -> None:  # fmt: skip
    """Throw away content of files that no run refers to any more: what runs that were deleted for ever leave behind.

    The server does that once a day by itself, for content that nobody touched for 30 days.
    """
    running = local.running(folder)
    way = _asking(running) if running else part("sweep").opened(folder, database, files)
    contents, size, ask = 0, 0, SweepAsk(min_age=min_age, unknown=unknown, dry_run=dry_run)
    with way as go_on:
        while True:
            found = go_on(ask)
            contents, size = contents + found.contents, size + found.size
            if found.next is None:
                break
            ask = replace(ask, after=found.next)
    if as_json:
        click.echo(json.dumps({"contents": contents, "bytes": size, "dry_run": dry_run}))
    else:
        what = "To be thrown away" if dry_run else "Thrown away"
        click.echo(f"{what}: {count_text(contents, 'content')}, {size_text(size)}.")


@contextlib.contextmanager
def _asking(server: local.LocalServer) -> Iterator[Callable[[SweepAsk], SweepView]]:
    """Goes on with a sweep through the running server."""
    transport = HttpTransport(server.url, server.key)

    def go_on(ask: SweepAsk) -> SweepView:
        answer = transport.send(Request("POST", routes.SWEEP, body=msgspec.json.encode(ask)))
        return msgspec.json.decode(check(answer, server.url).body, type=SweepView)

    with contextlib.closing(transport):
        yield go_on


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
