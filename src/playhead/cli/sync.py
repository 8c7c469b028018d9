"""`playhead sync`: send runs that were recorded offline, or left over from a crash."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from playhead.cli import clean
from playhead.client import credentials, settings
from playhead.client.ingest import Ingest
from playhead.domain.errors import AuthenticationError, PlayheadError, UsageError
from playhead.domain.size import count_text, progress_text, size_text
from playhead.sidecar import held, rundirs, sync
from playhead.sidecar.readdress import Target

_NOTHING = "There is nothing to send: all runs here are on a server."


@click.command(
    epilog="Examples: `playhead sync playhead/offline-run-20261121_093000-3k9x0c2a`, or `playhead sync --all`"
)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]...")
@click.option("--all", "everything", is_flag=True, help="All runs below ./playhead that a server does not have yet.")
@click.option(
    "-j", "--jobs", type=click.IntRange(1, 64), default=4, show_default=True, help="Runs that are sent at once."
)
@click.option("--entity", help="Send to this entity instead.")
@click.option("--project", help="Send to this project instead.")
@click.option("--id", "run_id", help="Send as a run of this id instead (one PATH only).")
@click.option(
    "--clean", "cleans", is_flag=True, help="Then remove the local copies of what the server has; asks before it does."
)
@click.option("-y", "--yes", is_flag=True, help="With --clean: do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(
    paths: tuple[Path, ...],
    *,
    everything: bool,
    jobs: int,
    entity: str | None,
    project: str | None,
    run_id: str | None,
    cleans: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Send what a server does not have of the runs in PATH: directories of runs, or folders of several.

    Sent again, nothing is sent. A run that is still recorded is sent up to its present end.
    """
    if cleans and (entity or project or run_id):
        raise click.UsageError(
            "--clean is for runs that are sent as what they are: leave out --entity, --project, --id."
        )
    if cleans and as_json and not yes:
        raise click.UsageError("--json asks nothing: with --clean say --yes.")
    folders = _chosen(paths, everything=everything or (cleans and not paths))
    if run_id and len(folders) != 1:
        raise click.UsageError(f"--id is for one run, and here are {len(folders)}.")
    target = Target(entity, project, run_id) if entity or project or run_id else None
    if not folders and not cleans:
        click.echo(json.dumps({"runs": []}) if as_json else _NOTHING)
        return
    begun = time.monotonic()
    address = credentials.find()
    server = Ingest.at(address.url, address.key)
    show = Show(quiet=as_json or not sys.stderr.isatty())
    try:
        outcomes = _all(folders, server, target, jobs, show, talk=not as_json) if folders else []
        show.clear()
        if not as_json:
            click.echo(_summary(outcomes, time.monotonic() - begun) if folders else _NOTHING)
        removed = _clean(outcomes, server, clean.Ask(yes=yes, quiet=as_json), everything=not paths) if cleans else []
    finally:
        show.clear()
        server.close()
    if as_json:
        told = {"server": address.url, "runs": [_plain(outcome) for outcome in outcomes]}
        click.echo(json.dumps({**told, "removed": [str(one.folder) for one in removed]} if cleans else told))
    if any(map(_failed, outcomes)):
        sys.exit(1)


def _clean(
    outcomes: Sequence[sync.Outcome], server: Ingest, ask: clean.Ask, *, everything: bool
) -> list[held.Inventory]:
    """Remove the local copies of what was sent well; with `everything`, of what was sent before too."""
    failed = {outcome.folder for outcome in outcomes if _failed(outcome)}
    folders = [outcome.folder for outcome in outcomes]
    if everything:
        folders += rundirs.below(Path(settings.env("DIR") or "."))
    whole = [folder for folder in dict.fromkeys(folders) if folder not in failed]
    return clean.run(clean.look(whole, server, min_age=0), server.url, ask)


def _failed(outcome: sync.Outcome) -> bool:
    return bool(outcome.error or outcome.notes)


class Show:
    """One line on the terminal that says how far it is."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._lock = threading.Lock()
        self._runs: dict[Path, sync.Moved] = {}
        self._told = 0.0

    def progress(self, folder: Path, moved: sync.Moved) -> None:
        """A run has come so far."""
        if self._quiet:
            return
        with self._lock:
            self._runs[folder] = moved
            now = time.monotonic()
            if now - self._told > 0.1:
                self._told = now
                done, whole, files, all_files = (sum(numbers) for numbers in zip(*self._runs.values(), strict=True))
                counted = f", {files:,} of {count_text(all_files, 'file')}" if all_files else ""
                click.echo(f"\r{progress_text(done, whole)}{counted}\x1b[K", nl=False, err=True)

    @contextmanager
    def pause(self) -> Iterator[None]:
        """Something else is told meanwhile."""
        with self._lock:
            self.clear()
            yield

    def clear(self) -> None:
        """Leave no trace."""
        if not self._quiet:
            click.echo("\r\x1b[K", nl=False, err=True)


def _chosen(paths: Sequence[Path], *, everything: bool) -> list[Path]:
    """Directories of runs, each once."""
    found = [run for path in paths for run in rundirs.named(path)]
    if not paths:
        left = [path for path in rundirs.below(Path(settings.env("DIR") or ".")) if not rundirs.look(path).complete]
        if left and not everything:
            names = "\n".join(f"  {path}" for path in left)
            raise UsageError(f"Not on a server yet:\n{names}\nSay which, or send them with: playhead sync --all")
        found = left
    return list(dict.fromkeys(found))


def _all(
    folders: list[Path], server: Ingest, target: Target | None, jobs: int, show: Show, *, talk: bool
) -> list[sync.Outcome]:
    """Send all, the pieces of one run in their order; what becomes of each is told as soon as it is known. What no run can get past ends it."""
    outcomes: dict[Path, sync.Outcome] = {}

    def told(outcome: sync.Outcome) -> None:
        outcomes[outcome.folder] = outcome
        if talk:
            with show.pause():
                _tell(outcome)

    def send(pieces: Sequence[Path]) -> None:
        for folder in pieces:
            try:
                told(sync.sync_run(folder, server, target=target, progress=partial(show.progress, folder)))
            except AuthenticationError:
                raise
            except PlayheadError as error:
                told(sync.Outcome(folder, state="failed", error=error.message))

    with ThreadPoolExecutor(min(jobs, len(folders))) as pool:
        for future in as_completed([pool.submit(send, pieces) for pieces in rundirs.by_run(folders)]):
            try:
                future.result()
            except AuthenticationError:  # so it will be for every other
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    return [outcomes[folder] for folder in folders]


def _tell(outcome: sync.Outcome) -> None:
    for note in outcome.notes:
        click.echo(f"{outcome.folder.name}: {note}", err=True)
    for loss in outcome.losses:
        reason = f": {loss.reason}" if loss.reason else ""
        places = "1 place" if loss.places == 1 else f"{loss.places} places"
        click.echo(
            f"{outcome.folder.name}: {loss.bytes:,} bytes of {loss.file} could not be read ({places}){reason}", err=True
        )
    if outcome.crashed:
        click.echo(f"{outcome.folder.name}: its training ended without a word: the run is marked as crashed", err=True)
    if outcome.error:
        click.echo(f"{outcome.folder.name}: {outcome.error}", err=True)
    elif not (outcome.sent or outcome.files):
        click.echo(f"{outcome.run}: already there, nothing was sent {outcome.url}".rstrip())
    else:
        more = ", and is still being recorded" if outcome.state == "running" else ""
        click.echo(f"{outcome.run}: {_sent([outcome])} sent{more} {outcome.url}".rstrip())


def _summary(outcomes: list[sync.Outcome], seconds: float) -> str:
    failed = sum(outcome.error is not None for outcome in outcomes)
    trouble = f", {failed} failed" if failed else ""
    return f"{count_text(len(outcomes), 'run')}{trouble}: {_sent(outcomes)} sent in {seconds:.1f} s"


def _sent(outcomes: Sequence[sync.Outcome]) -> str:
    files, size = sum(outcome.files for outcome in outcomes), sum(outcome.file_bytes for outcome in outcomes)
    counted = f" and {count_text(files, 'file')} of {size_text(size)}" if files else ""
    return size_text(sum(outcome.sent for outcome in outcomes)) + counted


def _plain(outcome: sync.Outcome) -> dict[str, Any]:
    return {
        "path": str(outcome.folder),
        "run": outcome.run,
        "url": outcome.url,
        "state": outcome.state,
        "sent_bytes": outcome.sent,
        "total_bytes": outcome.total,
        "sent_files": outcome.files,
        "sent_file_bytes": outcome.file_bytes,
        "marked_crashed": outcome.crashed,
        "losses": [
            {"file": loss.file, "bytes": loss.bytes, "places": loss.places, "reason": loss.reason}
            for loss in outcome.losses
        ],
        "notes": outcome.notes,
        "error": outcome.error,
    }
