"""`playhead pull`: fetch the files of a run, as of any step."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from playhead.cli.naming import find_source
from playhead.client.runs import Run
from playhead.domain.errors import PlayheadError
from playhead.domain.size import count_text, size_text
from playhead.sdk.diskrun import DiskRun


@click.command(epilog="Example: `playhead pull digits/3k9x0c2a --step 500 --root checkpoint`")
@click.argument("run")
@click.option("--step", type=click.IntRange(min=0), help="As of this step.")
@click.option(
    "--root", type=click.Path(file_okay=False, path_type=Path), help="Into this folder; without it, the run's id."
)
@click.option("-p", "--project", help="The run's project, if RUN does not say it.")
@click.option("-e", "--entity", help="Who owns it, if RUN does not say it.")
def main(*, run: str, step: int | None, root: Path | None, project: str | None, entity: str | None) -> None:
    """Fetch all files of RUN (id, project/id or entity/project/id). What is there already is not fetched again."""
    found = find_source(run, entity=entity, project=project)
    if step is not None:
        found = found.at(step)
    if fetch(found, root or Path(found.id)):
        sys.exit(1)


def fetch(run: Run | DiskRun, folder: Path) -> int:
    """Fetch the files of `run` into `folder`, and tell of each; how many failed."""
    failed, count, size = 0, 0, 0

    def told(name: str, bytes_: int, error: PlayheadError | None) -> None:
        nonlocal failed, count, size
        if error is not None:
            failed += 1
            click.echo(f"{name!r}: {error.message}", err=True)
        else:
            count, size = count + 1, size + bytes_
            click.echo(name)

    folder.mkdir(parents=True, exist_ok=True)
    run.pull(folder, told)
    click.echo(f"{count_text(count, 'file')}, {size_text(size)} in {folder}", err=True)
    return failed
