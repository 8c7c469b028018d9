"""`playhead online`: record to a server again."""

from __future__ import annotations

import click

from playhead.cli.mode import set_mode


@click.command(epilog="Example: `playhead online`")
def main() -> None:
    """Take back `playhead offline`: send runs of this folder to a server while they are recorded."""
    set_mode("online", "Runs started in this folder are sent to a server while they are recorded.")
