"""`playhead login`: choose a server and keep the key to it."""

from __future__ import annotations

import json
import sys

import click

from playhead.client import credentials, settings
from playhead.client.server import Server
from playhead.domain.errors import AuthenticationError, UsageError


@click.command(
    epilog="Examples: `playhead login --host https://playhead.example.org`, or `playhead login --host local` for this machine's own server."
)
@click.argument("key", required=False)
@click.option(
    "--host", metavar="URL", help="The server's address; `local` for this machine's own. Default: the chosen one."
)
@click.option("--relogin", is_flag=True, help="Ask for a key even if there is one.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(key: str | None, *, host: str | None, relogin: bool, as_json: bool) -> None:
    """Log in to a server: check KEY there, keep it in ~/.netrc, and record to that server from now on.

    Without KEY it is asked for, and not shown. `-` reads it from standard input.
    """
    path = settings.config_dir() / "settings"
    if host == "local":
        settings.write_setting(path, "base_url", None)
        _tell(
            as_json, {"url": None, "local": True}, "Runs are recorded to this machine's own server, which needs no key."
        )
        return
    url = credentials.check_url(host) if host else settings.base_url()
    if url is None:
        if key is not None:
            raise UsageError("Say which server the key is for: playhead login --host URL.")
        _tell(
            as_json,
            {"url": None, "local": True},
            "Runs are recorded to this machine's own server, which needs no key. Another: playhead login --host URL",
        )
        return
    chosen = _key(key, url, relogin=relogin)
    server = Server.at(url, chosen)
    try:
        viewer = server.viewer()
    except AuthenticationError as error:
        raise AuthenticationError(
            f"{url} does not know this key. Whoever runs that server makes one with `playhead user add NAME`; it is shown once."
        ) from error
    finally:
        server.close()
    kept = credentials.store_key(url, chosen)
    if host:
        settings.write_setting(path, "base_url", url)
    _tell(
        as_json,
        {"url": url, "local": False, "username": viewer.username},
        f"Logged in to {url} as {viewer.username}. The key is in {kept}.",
    )


def _key(given: str | None, url: str, *, relogin: bool) -> str:
    if given == "-":
        given = sys.stdin.readline().strip()
    known = None if relogin else credentials.stored_key(url)
    key = (
        given
        or known
        or str(click.prompt(f"API key for {url} (from {url}/settings)", hide_input=True, err=True)).strip()
    )
    if not key or any(character.isspace() for character in key):
        raise AuthenticationError("An API key has no spaces and is not empty.")
    return key


def _tell(as_json: bool, data: dict[str, object], sentence: str) -> None:  # noqa: FBT001 private
    click.echo(json.dumps(data) if as_json else sentence)
