"""`playhead ui`: open the page."""

from __future__ import annotations

import json
import time
from urllib.parse import quote

import click

from playhead.client import credentials
from playhead.client.api import Api
from playhead.domain.errors import UsageError
from playhead.wire.tokens import LINK_LIFETIME, mint


@click.command(epilog="Example: `playhead ui digits`")
@click.argument("path", required=False)
@click.option("--no-browser", is_flag=True, help="Only print the link.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and open no browser.")
def main(*, path: str | None, no_browser: bool, as_json: bool) -> None:
    """Open the page of the server that runs are recorded to; this machine's own is started if need be.

    PATH is what to show: a project (`digits`, `me/digits`), or a run (`me/digits/calm-river`). The home page, if left out.
    """
    address = credentials.find()
    page = address.url + "/" + (_place(path, address) if path else "")
    token = mint(address.key, int(time.time()) + LINK_LIFETIME) if address.local and address.key else None
    link = f"{page}?token={token}" if token else page
    if as_json:
        click.echo(json.dumps({"url": page, "link": link, "local": address.local is not None}))
        return
    click.echo(f"Page: {link}")
    if not no_browser:
        click.launch(link)


def _place(path: str, address: credentials.Address) -> str:
    """Where the page shows `path`: entity/project[/runs/id]."""
    parts = [part for part in path.strip("/").split("/") if part != "runs"]
    if not 1 <= len(parts) <= 3 or not all(parts):
        raise UsageError(
            f"{path!r} is neither a project nor a run: write project, entity/project or entity/project/id."
        )
    if len(parts) == 1:
        parts.insert(0, Api(address.url, address.key).viewer.entity)
    return "/".join(quote(part, safe="") for part in (*parts[:2], *(("runs", parts[2]) if parts[2:] else ())))
