"""`playhead user`: add users, through the running server or straight in its data folder."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click
import msgspec

from playhead.cli.parts import part
from playhead.client import local
from playhead.client.errors import check
from playhead.client.settings import data_dir as default_data_dir
from playhead.client.transport import HttpTransport, Request
from playhead.wire import routes
from playhead.wire.views import UserMade, UserNew


@click.group(epilog="Example: `playhead user add alice`")
def main() -> None:
    """Add users to the server of this machine."""


@main.command(epilog="Example: `playhead user add alice --admin`")
@click.argument("name")
@click.option("--admin", is_flag=True, help="May add users, and see and change everything.")
@click.option("--api-key", help="A key to use instead of a fresh one.")
@click.option("--database", help="URL of the catalog, if it is not in the data folder.")
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="The server's data folder.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def add(
    name: str, *, admin: bool, api_key: str | None, database: str | None, data_dir: Path | None, as_json: bool
) -> None:
    """Add the user NAME and print its API key, which is shown this once."""
    folder = (data_dir or default_data_dir()).absolute()
    new = UserNew(name=name, admin=admin, api_key=api_key)
    running = local.running(folder)
    made = _through(running, new) if running else part("accounts").add(folder, new, database)
    if as_json:
        click.echo(msgspec.json.encode(made))
        return
    click.echo(f"Added {made.name}. Its API key, which is not shown again:")
    click.echo(made.api_key)


def _through(server: local.LocalServer, new: UserNew) -> UserMade:
    transport = HttpTransport(server.url, server.key)
    with contextlib.closing(transport):
        answer = transport.send(Request("POST", routes.USERS, body=msgspec.json.encode(new)))
        return msgspec.json.decode(check(answer, server.url).body, type=UserMade)
