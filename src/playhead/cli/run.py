"""`playhead run`: start a training script, with resuming and the like said on the command line; `import wandb` gives it Playhead."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from playhead.client.settings import environment_of_child
from playhead.domain.errors import UsageError

SHIM = Path(__file__).parents[1] / "integrations" / "as_wandb"


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog="Examples: `playhead run train.py --lr 0.1`, `playhead run --resume must --id my-run train.py`",
)
@click.option("--resume", type=click.Choice(["allow", "must", "never", "auto"]), help="Go on with an earlier run.")
@click.option("--id", "run_id", help="The run's id.")
@click.option("--resume-from", metavar="RUN?_step=N", help="Rewind this run, and go on from there.")
@click.option("--fork-from", metavar="RUN?_step=N", help="Begin as a fork of this run.")
@click.option("--project", help="The project.")
@click.option("--entity", help="Who owns the project.")
@click.option("--name", help="The run's name.")
@click.option("--group", help="Runs of one training share it.")
@click.option("--job-type", help="Such as train or eval.")
@click.option("--tags", help="Separated by commas.")
@click.option("--notes", help="Markdown.")
@click.option("--dir", metavar="FOLDER", help="Where the folder playhead/ is made.")
@click.option("--mode", type=click.Choice(["online", "offline", "disabled", "shared"]), help="Where to record.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="SCRIPT [ARGS]...")
def main(*, command: tuple[str, ...], run_id: str | None, **options: str | None) -> None:
    """Start SCRIPT (a Python file, `-m module`, or any program) so that what it says to W&B goes to Playhead.

    The options are defaults: what the script itself tells `init()` counts more.
    """
    told = {_NAMES.get(name, name.upper()): value for name, value in {"run_id": run_id, **options}.items()}
    env = environment_of_child({name: value for name, value in told.items() if value is not None}, first=SHIM)
    argv = _argv(command)
    sys.stdout.flush()
    try:
        os.execvpe(argv[0], argv, env)  # noqa: S606 the user's own command takes this process's place, and gets its signals
    except OSError as error:
        raise UsageError(f"{argv[0]} cannot be started: {error.strerror}. Give a Python file or a program.") from error


_NAMES = {"group": "RUN_GROUP"}
"""Variables that are not called as the option is."""


def _argv(command: tuple[str, ...]) -> list[str]:
    first = command[0]
    if first in {"-m", "-c"} or first.endswith(".py"):
        return [sys.executable, *command]
    return list(command)
