"""Where this user's data, servers and keys are. With `sdk/settings.py` the only place of the client side that reads the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def env(name: str, environ: Mapping[str, str] | None = None) -> str | None:
    """`PLAYHEAD_<name>`, or `WANDB_<name>` where that is unset; empty counts as unset."""
    source = os.environ if environ is None else environ
    return source.get(f"PLAYHEAD_{name}") or source.get(f"WANDB_{name}") or None


def data_dir() -> Path:
    """The local server's folder: PLAYHEAD_DATA_DIR, else the user's data directory."""
    told = os.environ.get("PLAYHEAD_DATA_DIR")
    if told:
        return Path(told).expanduser()
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/playhead").expanduser()
    return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "playhead"
