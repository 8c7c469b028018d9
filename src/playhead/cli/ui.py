"""`playhead ui`: open the page."""

from __future__ import annotations

import json
import time

import click

from playhead.client import credentials
from playhead.wire.tokens import LINK_LIFETIME, mint


@click.command(epilog="Example: `playhead ui --no-browser`")
@click.option("--no-browser", is_flag=True, help="Only print the link.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, and open no browser.")
def main(*, no_browser: bool, as_json: bool) -> None:
    """Open the page of the server that runs are recorded to; this machine's own is started if need be."""
    address = credentials.find()
    token = mint(address.key, int(time.time()) + LINK_LIFETIME) if address.local and address.key else None
    link = f"{address.url}/?token={token}" if token else address.url
    if as_json:
        click.echo(json.dumps({"url": address.url, "link": link, "local": address.local is not None}))
        return
    click.echo(f"Page: {link}")
    if not no_browser:
        click.launch(link)
