"""`playhead status`: what is set, which server is used, what it does not have yet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from playhead.client import credentials, local, settings
from playhead.client.server import Server
from playhead.domain.errors import AuthenticationError, PlayheadError
from playhead.domain.size import count_text, size_text
from playhead.sidecar import rundirs

_SHOWN = 10
"""Runs that are listed by name."""


@click.command(epilog="Example: `playhead status`")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(*, as_json: bool) -> None:
    """Tell which server is used and as whom, the mode of this folder, and which runs here are not on a server yet."""
    here = [rundirs.look(path) for path in rundirs.below(Path(settings.env("DIR") or "."))]
    server, mode, unsynced, free = _server(), _mode(), _unsynced(here), _free(here)
    if as_json:
        click.echo(json.dumps({"server": server, "mode": mode, "unsynced": unsynced, "removable": free}))
        return
    click.echo(f"Server: {_sentence(server)}")
    click.echo(f"Mode:   {mode}")
    _list(unsynced)
    if free["runs"]:
        runs = count_text(free["runs"], "run")
        click.echo(f"Disk:   {size_text(free['bytes'])} of {runs} here that a server has: playhead clean")


def _server() -> dict[str, Any]:
    """Asks the server, but starts none."""
    url = settings.base_url()
    if url is None:
        found = local.running(settings.data_dir())
        told: dict[str, Any] = {"url": found.url if found else None, "local": True, "running": found is not None}
        key = found.key if found else None
    else:
        told = {"url": url, "local": False, "running": None}
        try:
            key = settings.api_key(url) or credentials.stored_key(url)
        except AuthenticationError as error:
            return {**told, "error": error.message}
    if told["url"] is None:
        return told
    return {**told, **_ask(str(told["url"]), key)}


def _ask(url: str, key: str | None) -> dict[str, Any]:
    server = Server.at(url, key, 5.0)
    try:
        health = server.health()
        told: dict[str, Any] = {"running": True, "version": health.version}
        if key is None:
            return {**told, "error": settings.no_key(url)}
        viewer = server.viewer()
    except AuthenticationError as error:
        return {"running": True, "error": error.message}
    except PlayheadError as error:
        return {"running": False, "error": error.message}
    finally:
        server.close()
    return {**told, "username": viewer.username, "entity": viewer.entity}


def _mode() -> str:
    here = [settings.read_settings(path).get("mode") for path in reversed(settings.settings_files())]
    return next((mode for mode in (settings.env("MODE"), *here) if mode), "online")


def _unsynced(here: Sequence[rundirs.RunDir]) -> list[dict[str, Any]]:
    return [
        {"path": str(run.path), **rundirs.left(run.path)._asdict(), "recording": run.live, "error": run.error}
        for run in here
        if not run.complete
    ]


def _free(here: Sequence[rundirs.RunDir]) -> dict[str, int]:
    """What `playhead clean` could remove, as far as this disk knows: it asks the server."""
    whole = [rundirs.weight(run.path) for run in here if run.complete and not run.live]
    return {"runs": len(whole), "bytes": sum(whole)}


def _sentence(server: dict[str, Any]) -> str:
    own = "this machine's own"
    if server["url"] is None:
        return f"{own}; it is not running, and starts with the next run or `playhead ui`"
    where = f"{server['url']} ({own})" if server["local"] else str(server["url"])
    if "error" in server:
        return f"{where}\n        {server['error']}"
    return f"{where}, version {server['version']}, as {server['username']}"


def _list(runs: list[dict[str, Any]]) -> None:
    if not runs:
        click.echo("Runs:   all runs recorded here are on a server")
        return
    click.echo(f"Runs:   {len(runs)} recorded here {'is' if len(runs) == 1 else 'are'} not (wholly) on a server yet")
    for run in runs[:_SHOWN]:
        note = ", being recorded" if run["recording"] else ""
        files = f", {count_text(run['files'], 'file')} of {size_text(run['file_bytes'])}" if run["files"] else ""
        rows = count_text(run["rows"], "row")
        click.echo(f"        {run['path']} ({rows}, {size_text(run['bytes'])} of journals{files}{note})")
    if len(runs) > _SHOWN:
        click.echo(f"        and {len(runs) - _SHOWN} more")
    if any(not run["recording"] for run in runs):
        click.echo("        Send them with: playhead sync --all")
