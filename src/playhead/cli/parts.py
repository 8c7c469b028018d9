"""Modules of the CLI, loaded when they are asked for."""

from __future__ import annotations

import importlib
from typing import Any


def part(name: str) -> Any:
    """The module `playhead.cli.<name>`."""
    return importlib.import_module(f"playhead.cli.{name}")
