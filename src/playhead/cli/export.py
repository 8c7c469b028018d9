"""`playhead export`: a whole project as Parquet files."""

from __future__ import annotations

import time
from pathlib import Path

import click

from playhead.client.api import Api


@click.command(epilog="Example: `playhead export digits --to digits-export`")
@click.argument("project")
@click.option(
    "--to", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="Into this folder."
)
@click.option("--format", "form", type=click.Choice(["parquet"]), default="parquet", help="There is one.")
@click.option("--files", is_flag=True, help="The runs' saved files too.")
def main(*, project: str, folder: Path, form: str, files: bool) -> None:
    """Write PROJECT (entity/project) as Parquet: runs with config and summary, history, system metrics, console; all of it, unsampled."""
    begun = time.monotonic()
    found = Api().export(
        project, folder, format=form, files=files, told=lambda run, rows: click.echo(f"{run}: {rows:,} rows")
    )
    taken = time.monotonic() - begun
    click.echo(f"{found.runs:,} runs, {found.points:,} points in {folder} after {taken:.1f} s", err=True)
