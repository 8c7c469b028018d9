"""Whatever a user can name is in docs/: commands, options, environment variables, routes."""

import ast
import functools
import re
from pathlib import Path

import click

from playhead.cli import main
from playhead.wire import routes

ROOT = Path(__file__).parents[2]


@functools.cache
def docs():
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md")))


def undocumented(names):
    return sorted({name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", docs())})


def commands(command, name="playhead"):
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if not found.hidden:
                yield from commands(found, f"{name} {child}")


def test_every_command_is_documented():
    assert not undocumented(name for name, _ in commands(main))


def test_every_command_has_help():
    assert not [name for name, command in commands(main) if not command.help]


def test_every_option_is_documented():
    options = [param for _, command in commands(main) for param in command.params if isinstance(param, click.Option)]
    assert not undocumented(max(option.opts, key=len) for option in options if not option.hidden)


def test_every_environment_variable_is_documented():
    names = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                names |= set(re.findall(r"^PLAYHEAD_[A-Z_]+$", node.value))
            elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "env" and node.args:
                names.add(f"PLAYHEAD_{ast.literal_eval(node.args[0])}")
    assert names
    assert not undocumented(names)


def test_every_route_is_documented():
    assert not undocumented(path for name, path in vars(routes).items() if name.isupper() and isinstance(path, str))
