"""What `playhead offline` and `playhead online` do: say in this folder's settings how runs are recorded."""

from __future__ import annotations

from pathlib import Path

import click

from playhead.client.settings import env, write_setting


def set_mode(mode: str, meaning: str) -> None:
    """Note `mode` in ./playhead/settings and tell what it means."""
    path = Path(env("DIR") or ".") / "playhead" / "settings"
    try:
        write_setting(path, "mode", mode)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror or error}.") from error
    click.echo(meaning)
    told = env("MODE")
    if told and told != mode:
        click.echo(f"PLAYHEAD_MODE={told} is set in the environment and counts more.", err=True)
