"""`playhead status`: what is set, which server is used, what it does not have yet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from playhead.client import credentials, local, settings
from playhead.client.server import Server
from playhead.domain.errors import AuthenticationError, PlayheadError
from playhead.sidecar import rundirs

_SHOWN = 10
"""Runs that are listed by name."""


@click.command(epilog="Example: `playhead status`")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(*, as_json: bool) -> None:
    """Tell which server is used and as whom, the mode of this folder, and which runs here are not on a server yet."""
    server, mode, unsynced = _server(), _mode(), _unsynced()
    if as_json:
        click.echo(json.dumps({"server": server, "mode": mode, "unsynced": unsynced}))
        return
    click.echo(f"Server: {_sentence(server)}")
    click.echo(f"Mode:   {mode}")
    _list(unsynced)


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


def _unsynced() -> list[dict[str, Any]]:
    found = [rundirs.look(path) for path in rundirs.below(Path(settings.env("DIR") or "."))]
    return [
        {"path": str(run.path), "bytes": run.size, "recording": run.live, "error": run.error}
        for run in found
        if not run.complete
    ]


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
        click.echo(f"        {run['path']} ({run['bytes'] / 1e6:.1f} MB{note})")
    if len(runs) > _SHOWN:
        click.echo(f"        and {len(runs) - _SHOWN} more")
    if any(not run["recording"] for run in runs):
        click.echo("        Send them with: playhead sync --all")
