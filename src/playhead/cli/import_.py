"""`playhead import`: runs that other tools recorded."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import click

from playhead.client import credentials, settings
from playhead.client.api import Api
from playhead.client.ingest import Ingest
from playhead.domain.errors import PlayheadError, UsageError
from playhead.domain.ids import check_name
from playhead.domain.size import count_text
from playhead.importers import mlflow, table, tensorboard, wandb, writing
from playhead.importers.source import Source
from playhead.sdk.rundir import default_project, root_of, working_folder
from playhead.sidecar import sync

Read = Callable[[], Source]


def _where(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that all of them have."""
    for option in (
        click.option("--offline", is_flag=True, help="Write to ./playhead only, for `playhead sync`."),
        click.option("--project", help="Into this project."),
        click.option("--entity", help="Of this entity."),
    ):
        command = option(command)
    return command


@click.group(epilog="Example: `playhead import csv metrics.csv --project digits`")
def main() -> None:
    """Take over runs that other tools recorded. Their files are read without those tools; a repeated import adds nothing."""


@main.command("csv", epilog="Example: `playhead import csv metrics.csv --project digits`")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--id", "run_id", help="The run's id (one FILE only); else made of the file's name and place.")
@click.option("--name", help="The run's name; else that of the file.")
@click.option("--step", help=f"The column of steps; else one of {', '.join(table.STEPS)}, else lines are counted.")
@click.option("--time", help=f"The column of times; else one of {', '.join(table.TIMES)}.")
@click.option("--delimiter", help="What stands between cells; else a comma, or a tab in a .tsv file.")
@_where
def csv_(
    *, files: tuple[Path, ...], run_id: str | None, name: str | None, step: str | None, time: str | None,
    delimiter: str | None, **where: Any,
) -> None:  # fmt: skip
    """Take over each FILE as a run: its first line names the metrics, every other is a row."""
    _alone(run_id, files)
    if delimiter is not None and len(delimiter) != 1:
        raise click.UsageError("--delimiter is one character.")
    columns = table.Columns(step, time, delimiter)
    _take((_bind(table.read, path, columns, run_id=run_id, name=name) for path in files), **where)


@main.command("wandb", epilog="Example: `playhead import wandb wandb/offline-run-20260101_093000-3k9x0c2a`")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--id", "run_id", help="The run's id (one PATH only); else that of W&B.")
@_where
def wandb_(*, paths: tuple[Path, ...], run_id: str | None, **where: Any) -> None:
    """Take over runs that W&B recorded offline. PATH: a .wandb file, the folder of a run, or a folder of several (./wandb)."""
    files = [file for path in paths for file in wandb.found(path)]
    _alone(run_id, files)
    _take((_bind(wandb.read, file, run_id=run_id) for file in files), **where)


@main.command("tensorboard", epilog="Example: `playhead import tensorboard runs --project digits`")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="DIR")
@click.option("--id", "run_id", help="The run's id (if DIR has one only); else made of its name and place.")
@_where
def tensorboard_(*, folder: Path, run_id: str | None, **where: Any) -> None:
    """Take over what TensorBoard shows of DIR: each folder with event files, at any depth, is a run."""
    folders = tensorboard.found(folder)
    _alone(run_id, folders)
    _take((_bind(tensorboard.read, one, root=folder, run_id=run_id) for one in folders), **where)


@main.command("mlflow", epilog="Example: `playhead import mlflow sqlite:///mlflow.db --project digits`")
@click.argument("uri")
@click.option("--experiment", "experiments", multiple=True, help="Runs of this experiment only; can be repeated.")
@click.option("--id", "run_id", help="The run's id (if there is one only); else that of MLflow.")
@_where
def mlflow_(*, uri: str, experiments: tuple[str, ...], run_id: str | None, **where: Any) -> None:
    """Take over the runs at the tracking URI of MLflow: a folder (mlruns), or sqlite:///mlflow.db."""
    runs = mlflow.found(uri, experiments)
    _alone(run_id, runs)
    _take(((run.run_id, partial(mlflow.read, run, run_id=run_id)) for run in runs), **where)


def _alone(run_id: str | None, found: Sequence[Any]) -> None:
    if run_id and len(found) != 1:
        raise click.UsageError(f"--id is for one run, and here are {len(found)}.")


def _bind(read: Callable[..., Source], path: Path, *arguments: Any, **options: Any) -> tuple[Path, Read]:
    return path, lambda: read(path, *arguments, **options)


def _take(found: Iterable[tuple[object, Read]], *, entity: str | None, project: str | None, offline: bool) -> None:
    """Write each run and send it; what goes wrong with one is told, and the others go on."""
    failed = taken = 0
    with ExitStack() as stack:
        server = None
        entity = entity or settings.entity()
        if offline:
            root = root_of(settings.env("DIR"))
        else:
            address = credentials.find()
            entity = entity or Api().default_entity
            server = Ingest.at(address.url, address.key)
            stack.callback(server.close)
            root = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="playhead-import-")))
        for path, read in found:
            try:
                _one(read(), root, server, entity, project)
                taken += 1
            except (PlayheadError, OSError) as error:
                failed += 1
                click.echo(f"{path}: {error.message if isinstance(error, PlayheadError) else error}", err=True)
    if failed:
        click.echo(f"{count_text(taken, 'run')} taken over, {failed} failed", err=True)
        sys.exit(1)


def _one(source: Source, root: Path, server: Ingest | None, entity: str | None, project: str | None) -> None:
    """Write a run, and send it. PlayheadError, OSError."""
    chosen = project or source.project or settings.project() or default_project(working_folder())
    written = writing.write(source, root, entity=entity, project=check_name(chosen, "a project"))
    for note in source.notes:
        click.echo(f"{source.start['name']}: {note}", err=True)
    if server is None:
        click.echo(f"{written.folder}: {'already there' if written.known else 'written'}")
        return
    outcome = sync.sync_run(written.folder, server)
    for note in outcome.notes:
        click.echo(f"{source.start['name']}: {note}", err=True)
    if outcome.error or outcome.notes:
        raise UsageError(outcome.error or "not all of it was taken")
    state = "taken over" if outcome.sent or outcome.files else "already there"
    click.echo(f"{outcome.run}: {state} {outcome.url}".rstrip())
