"""`playhead offline`: record on this disk only."""

from __future__ import annotations

import click

from playhead.cli.mode import set_mode


@click.command(epilog="Example: `playhead offline`")
def main() -> None:
    """Record runs of this folder on this disk only, until `playhead online`."""
    set_mode(
        "offline",
        "Runs started in this folder are recorded on this disk only. Send them later with: playhead sync --all",
    )
