"""`playhead projects`: what is set in a project."""

from __future__ import annotations

import click
import msgspec

from playhead.client.api import Api

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(epilog="Example: `playhead projects webhooks list digits`")
def main() -> None:
    """Set what holds for all runs of a project."""


@main.group(epilog="Example: `playhead projects webhooks add digits https://example.org/alerts`")
def webhooks() -> None:
    """Addresses that hear of a project's alerts."""


@webhooks.command("list", epilog="Example: `playhead projects webhooks list digits`")
@click.argument("project")
@_JSON
def list_(*, project: str, as_json: bool) -> None:
    """List the webhooks of PROJECT (or entity/project), and why the last delivery failed, if it did."""
    found = Api().webhooks(project)
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    for one in found:
        click.echo(f"{one.id}  {one.format:<5}  {one.url}" + (f"  failed: {one.problem}" if one.problem else ""))
    if not found:
        click.echo("No webhooks.")


@webhooks.command(epilog="Example: `playhead projects webhooks add digits https://hooks.slack.com/services/T0/B0/XXX`")
@click.argument("project")
@click.argument("url")
@click.option("--format", "form", type=click.Choice(["json", "slack"]), help="What it takes; default: by the host.")
@_JSON
def add(*, project: str, url: str, form: str | None, as_json: bool) -> None:
    """Send alerts of PROJECT's runs to URL from now on."""
    made = Api().add_webhook(project, url, form)
    click.echo(msgspec.json.encode(made) if as_json else f"Added {made.id}, which is sent {made.format}.")


@webhooks.command(epilog="Example: `playhead projects webhooks remove digits 3k9x0c2a1b2c`")
@click.argument("project")
@click.argument("webhook")
def remove(*, project: str, webhook: str) -> None:
    """Send alerts of PROJECT no longer to WEBHOOK (its id); what waits for it is not sent."""
    Api().remove_webhook(project, webhook)
    click.echo(f"Removed {webhook}.")
