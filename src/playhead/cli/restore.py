"""`playhead restore`: bring the code and the config of a run back."""

from __future__ import annotations

import shlex
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import click
import yaml

from playhead.cli.naming import find_source
from playhead.cli.pull import fetch
from playhead.client.checkout import Wish, restore
from playhead.client.code import RunCode
from playhead.client.downloads import inside
from playhead.client.runs import Run
from playhead.domain.errors import UsageError
from playhead.domain.text import printable
from playhead.sdk.diskrun import DiskRun


@click.command(
    epilog="Examples: `playhead restore 3k9x0c2a`, `playhead restore me/digits/3k9x0c2a --step 500 --worktree ../then`"
)
@click.argument("run")
@click.option("--git/--no-git", default=True, help="Bring the code; without it the run's files and config only.")
@click.option("--branch/--no-branch", default=True, help="On a branch playhead/RUN; without it on a detached HEAD.")
@click.option(
    "--worktree", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
    help="Into this new folder, beside your working tree (with --no-git: the files).",
)  # fmt: skip
@click.option("--step", type=click.IntRange(min=0), help="As of this step.")
@click.option("-p", "--project", help="The run's project, if RUN does not say it.")
@click.option("-e", "--entity", help="Who owns it, if RUN does not say it.")
def main(
    *, run: str, git: bool, branch: bool, worktree: Path | None, step: int | None, project: str | None, entity: str | None
) -> None:  # fmt: skip
    """Bring the code of RUN (id, project/id or entity/project/id) into this git repository: its commit, what was changed, and new files.

    Your working tree must be clean, or give --worktree. Either all of it is brought or nothing is changed.
    """
    found = find_source(run, entity=entity, project=project)
    if step is not None:
        found = found.at(step)
    folder = None if worktree is None else worktree.resolve()
    if git:
        _bring_code(found, branch=branch, worktree=folder)
    else:
        failed = fetch(found, folder or Path(found.id))
        _write_config(found, "config.yaml", folder or Path(found.id))
        _tell_command(found)
        if failed:
            sys.exit(1)


def _bring_code(run: Run | DiskRun, *, branch: bool, worktree: Path | None) -> None:
    name = f"playhead/{run.id}" if branch else None
    with tempfile.TemporaryDirectory(prefix="playhead-code-") as folder:
        code = RunCode(run, Path(folder))
        config = partial(_write_config, run, "playhead/config.yaml")
        done = restore(Path.cwd(), code, Wish(branch=name, worktree=worktree), and_then=config)
    for note in done.notes:
        click.echo(printable(note), err=True)
    where = f"branch {name}" if name else "detached HEAD"
    at = f"at {done.commit[:12]}" if done.commit else "without commits"
    changed = {0: "as it was committed", 1: "and 1 file besides"}.get(done.changed, f"and {done.changed} files besides")
    click.echo(f"{done.root}: {where}, {at}, {changed}.")
    click.echo(f"Config: {done.root / 'playhead/config.yaml'}")
    click.echo(f"Files:  playhead pull {'/'.join(run.path)}")
    if worktree is None:
        away = "git stash push --quiet -u -- :/ ':(top,exclude,glob)**/playhead/**' && " if done.changed else ""
        click.echo(f"Back:   {away}git checkout {shlex.quote(done.before)}")
    else:
        click.echo(f"Away:   git worktree remove --force {shlex.quote(str(worktree))}")
    _tell_command(run)


def _write_config(run: Run | DiskRun, name: str, root: Path) -> None:
    """As W&B writes it; a file that the run itself has saved under this name stays."""
    target = inside(root, name)
    if target.is_symlink() or (target.exists() and target.parent == root):
        return
    values = {key: {"desc": None, "value": value} for key, value in run.config.items() if not key.startswith("_")}
    text = "wandb_version: 1\n\n" + (yaml.safe_dump(values, allow_unicode=True) if values else "")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror or error}.") from error


def _tell_command(run: Run | DiskRun) -> None:
    command = command_of(run.metadata)
    if command:
        click.echo(f"It was started with: {command}")


def command_of(about: dict[str, Any]) -> str | None:
    """The command that started a run, for a person to read; None if nothing is known."""
    program, args = about.get("program"), about.get("args")
    if not isinstance(program, str) or not program or (program.startswith("-") and not program.startswith("-m ")):
        return None
    git = about.get("git")
    root, cwd = Path(str(git.get("root") or "/") if isinstance(git, dict) else "/"), Path(str(about.get("cwd") or "/"))
    words = ["python"] if program.endswith(".py") or program.startswith("-m ") else []
    if Path(program).is_absolute() and Path(program).is_relative_to(cwd):
        program = str(Path(program).relative_to(cwd))
    words += ["-m", program.removeprefix("-m ")] if program.startswith("-m ") else [program]
    words += [str(arg) for arg in args if arg is not None] if isinstance(args, list) else []
    below = cwd.relative_to(root) if root != Path("/") and cwd.is_relative_to(root) else Path()
    text = (f"cd {shlex.quote(str(below))} && " if below != Path() else "") + shlex.join(words)
    return printable(text)
