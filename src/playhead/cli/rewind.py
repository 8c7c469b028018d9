"""`playhead rewind`: choose what a run shows, and goes on from."""

from __future__ import annotations

import json

import click

from playhead.client.api import Api
from playhead.domain.errors import UsageError


@click.command(
    epilog="Examples: `playhead rewind digits/3k9x0c2a --step 500`, `playhead rewind digits/3k9x0c2a --to 9f8e7d6c`"
)
@click.argument("run")
@click.option("--to", "segment", metavar="SEGMENT", help="A segment, archived or not: `playhead runs show` lists them.")
@click.option("--step", type=click.IntRange(min=0), help="The last step to keep (of SEGMENT, or of what is shown now).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(*, run: str, segment: str | None, step: int | None, as_json: bool) -> None:
    """Let RUN (entity/project/id) show an earlier step, or a segment that was archived.

    Nothing is deleted: what was shown until now is archived, and `--to` brings it back. A training that is writing to the run loses it.
    """
    if segment is None and step is None:
        raise UsageError("Say where to: --step N, or --to SEGMENT.")
    found = Api().run(run)
    before = found.segment_id
    found.rewind(step=step, segment=segment)
    if as_json:
        click.echo(
            json.dumps({"run": "/".join(found.path), "head": found.segment_id, "archived": before, "step": found.step})
        )
        return
    click.echo(f"{'/'.join(found.path)} goes on with step {found.step} now, in segment {found.segment_id}.")
    if before != found.segment_id:
        click.echo(f"Back again: playhead rewind {'/'.join(found.path)} --to {before}")
