"""The command `playhead`. A command's module is loaded when it is asked for, so that none waits for what another needs."""

from __future__ import annotations

import sys
from typing import Any

import click

from playhead.cli.parts import COMMANDS, part
from playhead.domain.errors import PlayheadError


class Lazy(click.Group):
    """A group that knows its commands by name."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 the names are the same everywhere
        """Names of commands."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 as above
        """The command from its module."""
        command: click.Command | None = part(cmd_name).main if cmd_name in COMMANDS else None
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 as above
        """The list of commands, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command. An error that we know is told in one sentence, and ends with code 1."""
        try:
            return super().main(*args, **kwargs)
        except PlayheadError as error:
            click.echo(f"Error: {error.message}", err=True)
            sys.exit(1)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="playhead", message="playhead %(version)s")
def main() -> None:
    """Record training runs and move through them."""
