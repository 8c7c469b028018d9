"""The commands, and the modules that hold them, loaded when they are asked for."""

from __future__ import annotations

import importlib
import keyword
from typing import Any

COMMANDS = {
    "artifact": "Log, fetch and list artifacts.",
    "clean": "Remove local copies of runs that a server has.",
    "export": "Write a whole project as Parquet files.",
    "import": "Take over runs that other tools recorded.",
    "login": "Log in to a server with an API key.",
    "offline": "Record runs of this folder on this disk only.",
    "online": "Take back `playhead offline`.",
    "projects": "Set what holds for all runs of a project.",
    "pull": "Fetch the files of a run, as of any step.",
    "restore": "Bring the code and the config of a run back.",
    "rewind": "Let a run show an earlier step, or an archived segment.",
    "run": "Start a training script; `import wandb` gives it Playhead.",
    "runs": "List runs, look at one as of any step, the trash.",
    "server": "Run a server, stop it, or ask how it is.",
    "status": "Tell what is set, and which server is used.",
    "stop": "Stop a training.",
    "sync": "Send runs that were recorded offline.",
    "ui": "Open the page in a browser.",
    "user": "Add users to a server.",
}
"""Command -> what the list of commands says. Each is `main` of the module of its name; Python's own words have a `_` behind them."""


def part(name: str) -> Any:
    """The module `playhead.cli.<name>`."""
    return importlib.import_module(f"playhead.cli.{name}{'_' * keyword.iskeyword(name)}")
