"""`playhead stop`: stop a training."""

from __future__ import annotations

import click

from playhead.client.api import Api


@click.command(epilog="Example: `playhead stop digits/3k9x0c2a`")
@click.argument("run")
def main(*, run: str) -> None:
    """Ask the training that writes to RUN (entity/project/id) to stop: it gets a KeyboardInterrupt within some seconds."""
    found = Api().run(run).stop()
    click.echo(f"{'/'.join(found.path)} was asked to stop.")
