"""`playhead runs`: list runs, look at one as of any step, the trash."""

from __future__ import annotations

import itertools
import json
import re
import time
from typing import Any

import click

from playhead.client import settings
from playhead.client.api import Api
from playhead.client.runs import Run
from playhead.domain.errors import UsageError
from playhead.domain.facts import value_at
from playhead.domain.filter import Place, Space
from playhead.domain.places import place_of

_SHOWN = 40
"""Values of a summary that are shown."""
_WIDEST = 40
"""Characters of a value in a column."""
_PATH = re.compile(r"[^\s=<>~!()\"']+")
"""What can be a project's path; everything else is a filter."""


@click.group(epilog="Example: `playhead runs show digits/3k9x0c2a --at 500`")
def main() -> None:
    """List runs, look at one as of any step, throw away and restore."""


@main.command(
    "list",
    epilog="Example: `playhead runs list digits 'config.lr < 0.01 and state = \"finished\"' --order -summary.acc`",
)
@click.argument("project_or_filter", required=False, metavar="[PROJECT]")
@click.argument("filters", required=False, metavar="[FILTER]")
@click.option(
    "--order", default="-created_at", show_default=True, help="A value of runs, - in front for the largest first."
)
@click.option("--columns", help="Values to show, such as config.lr,summary.acc.")
@click.option("--search", help="Part of the name, id, group or a tag.")
@click.option("--group", help="Only runs of this group.")
@click.option("--state", help="Only runs in this state.")
@click.option("--trash", is_flag=True, help="Those that were thrown away.")
@click.option("-n", "--limit", type=click.IntRange(min=1), default=50, show_default=True, help="So many at most.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(
    *, project_or_filter: str | None, filters: str | None, columns: str | None, limit: int, as_json: bool, **which: Any
) -> None:
    """List the runs of PROJECT (or entity/project; else of the project that is set) that FILTER is true of, the newest first."""
    project = project_or_filter
    if filters is None and project is not None and not _PATH.fullmatch(project):
        project, filters = None, project
    project = project or _project()
    if project is None:
        raise UsageError("Say which project: playhead runs list PROJECT, or set PLAYHEAD_PROJECT.")
    names = [name.strip() for name in columns.split(",") if name.strip()] if columns else []
    wanted = {name: place_of(name) for name in names}
    found = list(itertools.islice(Api().runs(project, filters, per_page=min(limit, 100), **which), limit))
    if as_json:
        told = [
            {"id": run.id, "name": run.name, "state": run.state, "step": run.step, "group": run.group}
            | {name: _value(run, place) for name, place in wanted.items()}
            for run in found
        ]
        click.echo(json.dumps(told))
        return
    rows = [[run.id, run.name, run.state, f"step {run.step}"] for run in found]
    for row, run in zip(rows, found, strict=True):
        row += [json.dumps(_value(run, place), default=str)[:_WIDEST] for place in wanted.values()]
    _table(["id", "name", "state", "", *names] if names and found else [], rows)
    if not found:
        click.echo("No runs.")


def _project() -> str | None:
    """The project that is set."""
    entity, project = settings.entity(), settings.project()
    return f"{entity}/{project}" if entity and project else project


def _value(run: Run, place: Place) -> Any:
    """The run's value at a place."""
    if place.space is Space.RUN:
        return getattr(run, place.name, None)
    return value_at(run.config if place.space is Space.CONFIG else run.summary, place.name)


def _table(head: list[str], rows: list[list[str]]) -> None:
    lines = [*([head] if head else []), *rows]
    widths = [max((len(line[at]) for line in lines), default=0) for at in range(len(rows[0]) if rows else 0)]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@main.command(epilog="Example: `playhead runs show digits/3k9x0c2a --at 500`")
@click.argument("run")
@click.option("--at", "step", type=click.IntRange(min=0), help="As of this step.")
@click.option("--segment", help="As this segment shows it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(*, run: str, step: int | None, segment: str | None, as_json: bool) -> None:
    """Show RUN (entity/project/id): its state, config and summary as of a step, its segments, what it was forked from and into."""
    found = Api().run(run)
    if segment is not None:
        found = found.segment(segment)
    if step is not None:
        found = found.at(step)
    if as_json:
        click.echo(json.dumps(_told(found), default=str))
        return
    _print(found, step)


@main.command(epilog="Example: `playhead runs delete digits/3k9x0c2a`")
@click.argument("run")
@click.option("--forever", is_flag=True, help="Now and for ever, and not into the trash.")
def delete(*, run: str, forever: bool) -> None:
    """Throw RUN (entity/project/id) away. `playhead runs restore` brings it back."""
    found = Api().run(run)
    found.delete(forever=forever)
    path = "/".join(found.path)
    click.echo(
        f"{path} is deleted." if forever else f"{path} is in the trash. Back again: playhead runs restore {path}"
    )


@main.command(epilog="Example: `playhead runs move digits/3k9x0c2a first-tries`")
@click.argument("run")
@click.argument("project")
def move(*, run: str, project: str) -> None:
    """Move RUN (entity/project/id), which must not be at work, to another PROJECT (or entity/project)."""
    entity, _, name = project.rpartition("/")
    moved = Api().run(run).move_to(name, entity=entity or None)
    click.echo(f"{'/'.join(moved.path)}: {moved.url}")


@main.command(epilog="Example: `playhead runs restore digits/3k9x0c2a`")
@click.argument("run")
def restore(*, run: str) -> None:
    """Take RUN (entity/project/id) out of the trash."""
    found = Api().restore_deleted(run)
    click.echo(f"{'/'.join(found.path)} is back.")


def _told(run: Run) -> dict[str, Any]:
    return {
        "path": "/".join(run.path), "name": run.name, "state": run.state, "step": run.step, "segment": run.segment_id,
        "config": run.config, "summary": run.summary, "tags": run.tags, "notes": run.notes, "group": run.group,
        "runtime": run.runtime, "parent": None if run.parent is None else _ref(run.parent),
        "children": [_ref(child) for child in run.children],
        "segments": [
            {"id": one.id, "parent": one.parent, "parent_step": one.parent_step, "first_step": one.first_step,
             "last_step": one.last_step, "archived": one.archived, "created_at": one.created_at / 1e6}
            for one in run.segments
        ],
    }  # fmt: skip


def _ref(other: Any) -> dict[str, Any]:
    return {"path": f"{other.entity}/{other.project}/{other.id}", "step": other.step}


def _print(run: Run, step: int | None) -> None:
    told = _told(run)
    when = "" if step is None else f", as of step {step}"
    click.echo(f"{told['path']}  {run.name}  {run.state}{when}")
    click.echo(f"{run.url}" + ("" if step is None else f"?step={step}"))
    for title in ("config", "summary"):
        values = [(key, value) for key, value in told[title].items() if not key.startswith("_")]
        if values:
            click.echo(f"\n{title.capitalize()}")
        for key, value in values[:_SHOWN]:
            click.echo(f"  {key}: {json.dumps(value, default=str)[:100]}")
        if len(values) > _SHOWN:
            click.echo(f"  and {len(values) - _SHOWN} more (--json shows all)")
    click.echo("\nSegments")
    for one in told["segments"]:
        steps = "no rows" if one["last_step"] is None else f"steps {one['first_step']}-{one['last_step']}"
        origin = f", from {one['parent']} at step {one['parent_step']}" if one["parent"] else ""
        begun = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one["created_at"]))
        mark = "*" if one["id"] == run.segment_id else " "
        click.echo(f"{mark} {one['id']}  {begun}  {steps}{origin}{', archived' if one['archived'] else ''}")
    if told["parent"]:
        click.echo(f"\nForked from {told['parent']['path']} at step {told['parent']['step']}")
    for child in told["children"]:
        click.echo(f"Forked into {child['path']} at step {child['step']}")
