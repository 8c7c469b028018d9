"""`playhead artifact`: log a file or folder as an artifact, fetch one, list them."""

from __future__ import annotations

import time
from pathlib import Path

import click
import msgspec

from playhead.client import settings
from playhead.client.api import Api
from playhead.client.artifacts.artifact import Artifact
from playhead.client.artifacts.cache import Cache
from playhead.domain.artifact import parse_name
from playhead.domain.errors import UsageError
from playhead.domain.size import count_text, size_text
from playhead.sdk.init import init

_TYPE = click.option("-t", "--type", "type_name", help="Its type.")


@click.group(epilog="Example: `playhead artifact get digits/model:best --root model`")
def main() -> None:
    """Log, fetch and list artifacts: named, versioned sets of files."""


@main.command(epilog="Example: `playhead artifact put data/ --name digits/mnist --type dataset --alias clean`")
@click.argument("path")
@click.option("-n", "--name", help="NAME, PROJECT/NAME or ENTITY/PROJECT/NAME; default: what PATH is called.")
@click.option("-t", "--type", "type_name", default="dataset", show_default=True, help="Its type.")
@click.option("-d", "--description", help="Markdown.")
@click.option("-a", "--alias", "aliases", multiple=True, help="Beside latest; may be given several times.")
@click.option("--id", "run_id", help="The run that logs it goes on with the one of this id.")
@click.option("--policy", type=click.Choice(["mutable", "immutable"]), default="immutable", show_default=True,
              help="Whether files are copied before they are sent.")  # fmt: skip
def put(
    *, path: str, name: str | None, type_name: str, description: str | None, aliases: tuple[str, ...], run_id: str | None,
    policy: str,
) -> None:  # fmt: skip
    """Log PATH (a file, a folder, or an address such as s3://bucket/data) as the next version of an artifact."""
    told = name or Path(path.rstrip("/")).name
    collection, alias = parse_name(told, settings.entity() or "-", settings.project() or "-")
    if ":" in told:
        raise UsageError(f"Give the alias apart: --name {told.partition(':')[0]} --alias {alias}")
    if collection.project == "-":
        raise UsageError("Say which project: --name PROJECT/NAME, or set PLAYHEAD_PROJECT.")
    artifact = Artifact(collection.name, type_name, description)
    if "://" in path:
        artifact.add_reference(path)
    elif Path(path).is_dir():
        artifact.add_dir(path, policy=policy)
    else:
        artifact.add_file(path, policy=policy)
    entity = None if collection.entity == "-" else collection.entity
    with init(
        project=collection.project, entity=entity, id=run_id, resume="allow" if run_id else None, job_type="artifact put",
        settings={"console": "off", "silent": True},
    ) as run:  # fmt: skip
        logged = run.log_artifact(artifact, aliases=list(aliases))
        if run.offline:
            click.echo(f"{logged.name} is recorded on this disk: playhead sync {run.dir} sends it.")
            return
        logged.wait()
    click.echo(f"{logged.qualified_name}  {count_text(logged.file_count, 'file')}, {size_text(logged.size)}")


@main.command(epilog="Example: `playhead artifact get me/digits/model:best --root model`")
@click.argument("name")
@click.option(
    "--root",
    type=click.Path(file_okay=False, path_type=Path),
    help="Into this folder; default: artifacts/NAME:VERSION.",
)
@_TYPE
def get(*, name: str, root: Path | None, type_name: str | None) -> None:
    """Fetch the files of NAME (name:alias, project/name:v3, entity/project/name:v3); what is here already is not fetched again."""
    begun = time.monotonic()
    found = Api().artifact(name, type_name)
    folder = found.download(root)
    taken = time.monotonic() - begun
    click.echo(folder)
    told = (
        f"{found.qualified_name}: {count_text(found.file_count, 'file')}, {size_text(found.size)} after {taken:.1f} s"
    )
    click.echo(told, err=True)


@main.command("ls", epilog="Example: `playhead artifact ls digits --type model`")
@click.argument("where", metavar="PROJECT")
@_TYPE
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def ls(*, where: str, type_name: str | None, as_json: bool) -> None:
    """List the artifacts of PROJECT (or entity/project), or all versions of one (project/name, entity/project/name)."""
    api = Api()
    parts = where.strip("/").split("/")
    projects = {one.name for one in api.projects(api.default_entity)} if len(parts) == 2 else set()
    if len(parts) == 3 or (len(parts) == 2 and parts[0] in projects and parts[0] != api.default_entity):
        versions = [one.view for one in api.artifact_collection(type_name, where).artifacts()]
        if as_json:
            click.echo(msgspec.json.encode(versions))
            return
        for view in versions:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(view.created_at / 1e6))
            click.echo(f"v{view.version:<6} {size_text(view.size):>10}  {when}  {' '.join(view.aliases)}")
        return
    found = [one.view for one in api.artifact_collections(where, type_name)]
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    for one in found:
        told = " ".join(f"{alias}=v{version}" for alias, version in sorted(one.aliases.items()))
        click.echo(f"{one.type:<12} {one.name:<32} {count_text(one.versions, 'version'):<12} {told}")
    if not found:
        click.echo("No artifacts.")


@main.command(epilog="Example: `playhead artifact cache --keep 5`")
@click.option(
    "--keep",
    type=click.FloatRange(min=0),
    required=True,
    metavar="GB",
    help="So many gigabytes stay: what was used last.",
)
def cache(*, keep: float) -> None:
    """Remove what is kept of downloaded artifacts in the user's cache directory."""
    gone = Cache(settings.cache_dir(), settings.cache_bytes()).tidy(int(keep * 1e9))
    click.echo(f"{size_text(gone)} removed from {settings.cache_dir()}")
