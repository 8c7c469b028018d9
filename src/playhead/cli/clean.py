"""`playhead clean`: remove local copies of runs that a server has."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from playhead.cli.age import Age
from playhead.client import credentials, settings
from playhead.client.ingest import Ingest
from playhead.domain.errors import CommError, UsageError
from playhead.domain.size import count_text, size_text
from playhead.sidecar import clean, held, rundirs, sync
from playhead.sidecar.held import Inventory

_CONSENT = "delete"


@click.command(epilog="Examples: `playhead clean --dry-run`, or `playhead clean --min-age 7d`")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]...")
@click.option(
    "--min-age", type=Age(), default="24h", show_default=True, help="Leave runs that were written to since then."
)
@click.option("--include-unsynced", is_flag=True, help="Remove runs that no server has, too; asks once more.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask about what the server has.")
@click.option("--force", is_flag=True, help="Do not ask about anything.")
@click.option("-n", "--dry-run", is_flag=True, help="Tell what would be removed.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON; removes only with --yes or --force.")
def main(
    paths: tuple[Path, ...], *, min_age: float, include_unsynced: bool, yes: bool, force: bool, dry_run: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Remove the local copies of runs in PATH (default: all below ./playhead), as far as the server has them.

    The server is asked about each journal and the content of each file. Runs that are being recorded, or that other runs
    here go on from which no server has yet, stay.
    """
    for path in paths or (_here(),):
        for root in (path, path / "playhead", path.parent):
            clean.recover(root)
    folders = [run for path in paths for run in rundirs.named(path)] if paths else _below()
    address = credentials.find()
    server = Ingest.at(address.url, address.key)
    try:
        found = look(list(dict.fromkeys(folders)), server, min_age=min_age)
    finally:
        server.close()
    ask = Ask(yes=yes or force, unsynced=include_unsynced, force=force, dry_run=dry_run, quiet=as_json)
    removed = run(found, address.url, ask)
    if as_json:
        click.echo(json.dumps(_plain(found, address.url, removed)))
    if found.failed:
        sys.exit(1)


@dataclass(slots=True)
class Findings:
    """What was found in some directories of runs."""

    held: list[Inventory] = field(default_factory=list)
    unsynced: list[Inventory] = field(default_factory=list)
    """Of which something is on no server."""
    kept: dict[Path, str] = field(default_factory=dict)
    """Others, and why they stay."""
    failed: dict[Path, str] = field(default_factory=dict)
    """Those that could not be looked at, or not be removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What to ask before something is removed."""

    yes: bool = False
    unsynced: bool = False
    """Whether what no server has may go."""
    force: bool = False
    dry_run: bool = False
    quiet: bool = False
    """Neither tell nor ask."""


def look(folders: Sequence[Path], server: Ingest, *, min_age: float) -> Findings:
    """Look at each of `folders`, and ask the server about all that is in it."""
    found = Findings()
    for number, folder in enumerate(folders, 1):
        _tell_progress(number, len(folders))
        try:
            if sync.is_live(folder):
                found.kept[folder] = clean.LIVE
            elif time.time() - rundirs.last_written(folder) < min_age:
                found.kept[folder] = "it was written to not long ago (see --min-age)"
            else:
                inventory = held.take(folder, server)
                (found.held if inventory.held else found.unsynced).append(inventory)
        except CommError:
            _tell_progress(0, 0)
            raise
        except OSError as error:
            found.failed[folder] = f"it cannot be read: {error}"
    _tell_progress(0, 0)
    return found


def run(found: Findings, url: str, ask: Ask) -> list[Inventory]:
    """Tell what was found, ask, and remove what may go. Answers what was removed."""
    kin = {root: clean.Kin(root) for root in {one.folder.parent for one in (*found.held, *found.unsynced)}}
    going = [*found.held, *(found.unsynced if ask.unsynced else ())]
    for one_kin in kin.values():
        found.kept |= one_kin.kept({one.folder for one in going})
    found.held = [one for one in found.held if one.folder not in found.kept]
    lost = [one for one in found.unsynced if ask.unsynced and one.folder not in found.kept]
    if not ask.quiet:
        _tell(found, lost, url)
    if ask.dry_run or not (_agreed(found.held, ask) if found.held else lost):
        return []
    removed = _remove(found.held, kin, found)
    if lost and _agreed_to_lose(lost, ask):
        removed += _remove(lost, kin, found)
    if not ask.quiet:
        click.echo(f"{_runs(removed)} removed: {size_text(sum(one.size for one in removed))} are free.")
        for folder, why in found.failed.items():
            click.echo(f"{folder}: {why}", err=True)
    return removed


def _here() -> Path:
    return Path(settings.env("DIR") or ".")


def _below() -> list[Path]:
    found = rundirs.below(_here())
    if not found:
        raise UsageError(f"There are no recorded runs in {_here().absolute()}.")
    return found


def _tell(found: Findings, lost: Sequence[Inventory], url: str) -> None:
    for one in found.held:
        click.echo(f"{one.folder}: {size_text(one.size)}, all of it is on {url}")
    for one in found.unsynced:
        if one not in lost and one.folder not in found.kept:
            elsewhere = f" (it was sent to {one.url})" if one.url and not one.url.startswith(url) else ""
            click.echo(f"{one.folder}: stays, for {url} does not have all of it{elsewhere}: {one.lacking}")
    for folder, why in found.kept.items():
        click.echo(f"{folder}: stays, for {why}")
    for folder, why in found.failed.items():
        click.echo(f"{folder}: stays, for {why}", err=True)
    if not found.held and not lost:
        click.echo("There is nothing to remove.")


def _agreed(going: Sequence[Inventory], ask: Ask) -> bool:
    size = size_text(sum(one.size for one in going))
    return ask.yes or (not ask.quiet and click.confirm(f"Remove {_runs(going)} ({size}) from this disk?"))


def _agreed_to_lose(lost: Sequence[Inventory], ask: Ask) -> bool:
    if ask.force or ask.quiet:
        return ask.force
    click.echo("These are not, or not wholly, on the server. What only this disk has is lost forever:")
    for one in lost:
        click.echo(f"  {one.run or 'a run'} in {one.folder}: {one.lacking}")
    told: str = click.prompt(f"Type `{_CONSENT}` to remove {_runs(lost)}", default="no", show_default=False)
    return told.strip() == _CONSENT


def _remove(going: Iterable[Inventory], kin: dict[Path, clean.Kin], found: Findings) -> list[Inventory]:
    removed = []
    for one in going:
        try:
            why = clean.remove(one, kin[one.folder.parent])
        except OSError as error:
            why = f"it cannot be removed: {error}"
        if why is None:
            removed.append(one)
        else:
            found.failed[one.folder] = why
    return removed


def _runs(some: Sequence[Inventory]) -> str:
    return count_text(len(some), "run")


def _tell_progress(number: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\rAsking about run {number} of {total}\x1b[K" if total else "\r\x1b[K", nl=False, err=True)


def _plain(found: Findings, url: str, removed: Sequence[Inventory]) -> dict[str, Any]:
    return {
        "server": url,
        "removed": [{"path": str(one.folder), "bytes": one.size} for one in removed],
        "held": [{"path": str(one.folder), "bytes": one.size} for one in found.held],
        "unsynced": [
            {
                "path": str(one.folder),
                "bytes": one.size,
                "rows": one.rows,
                "journal_bytes": one.bytes,
                "files": one.files,
                "lacking": one.lacking,
            }
            for one in found.unsynced
        ],
        "kept": {str(folder): why for folder, why in found.kept.items()},
        "failed": {str(folder): why for folder, why in found.failed.items()},
    }
