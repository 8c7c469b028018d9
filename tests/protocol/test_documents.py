"""All that W&B's client can ask: each document is answered, or what it wants is told to be missing by its name."""

import ast
import importlib
import re
from pathlib import Path

import wandb
from graphql import GraphQLError, parse, validate

from playhead.wandb_protocol.absent import explained
from playhead.wandb_protocol.executor import SCHEMA

ROOT = Path(wandb.__file__).parent
MODULES = ("apis._generated", "sdk.artifacts._generated", "sdk.internal._generated", "automations._generated")
_ASKS = re.compile(r"\s*(#graphql)?\s*(query|mutation)\b[^\n]*[({]")
_OF_CORE = re.compile(rb"\n(?:query|mutation) (\w+) ?[({]")


def generated():
    for name in MODULES:
        module = importlib.import_module(f"wandb.{name}.operations")
        for document in module.__all__:
            yield f"{name}.{document}", getattr(module, document)


def written():
    """Those in the text of modules that need nothing put into them."""
    for path in sorted((ROOT / "apis" / "public").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _ASKS.match(node.value):
                yield f"{path.name}:{node.lineno}", node.value


def of_core():
    """Those of the client's own process, which is no Python."""
    program = (ROOT / "bin" / "wandb-core").read_bytes()
    for found in _OF_CORE.finditer(program):
        begin, depth = found.start() + 1, 0
        for at in range(begin, begin + 8_000):
            depth += (program[at] == ord("{")) - (program[at] == ord("}"))
            if not depth and program[at] == ord("}") and not program.startswith(b"\nfragment ", at + 1):
                yield f"core.{found[1].decode()}", program[begin : at + 1].decode()
                break


def wrong_with(text):
    try:
        document = parse(text)
    except GraphQLError:
        return None  # a part of a document
    wrong = [error.message for error in validate(SCHEMA, document)]
    return None if any("Unknown fragment" in text for text in wrong) else [explained(text) for text in wrong]


def test_every_document_is_answered_or_explained():
    found = {
        name: wrong for name, text in [*generated(), *written(), *of_core()] if (wrong := wrong_with(text)) is not None
    }
    assert len(found) > 140
    unexplained = {
        name: wrong
        for name, wrong in found.items()
        if wrong and not any("not part of Playhead" in text or "playhead user add" in text for text in wrong)
    }
    assert not unexplained
    answered = {name.partition(".")[2] for name, wrong in found.items() if not wrong}
    assert {
        "RunParquetHistory",
        "HistoryPage",
        "SampledHistoryPage",
        "RunConsoleLogPage",
        "StopRun",
        "RunState",
        "UpsertBucket",
    } <= answered
