"""The server's settings: options of `playhead server`, else environment variables, else what suits one machine.

The only place of the server's side that reads the environment.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from playhead.domain.errors import UsageError
from playhead.server.logs import FORMATS

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8237
IDLE_MINUTES = 30.0
"""After so long without requests and live runs the local server ends."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Everything that a server is told."""

    data_dir: Path
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    database: str = ""
    metrics: str = ""
    files: str = ""
    files_direct: bool = True
    """Whether clients get links to an object store that can sign them."""
    webhooks_private: bool | None = None
    """Whether alerts are sent to addresses of private networks; None: if only this machine can reach the server."""
    url: str = ""
    """Where people reach it, if that is not where it listens."""
    idle: float | None = None
    """Minutes; None: it never ends by itself."""
    session_secret: str = ""
    log_format: str = "text"
    """`text` or `json`."""
    silent_after: float = 90.0
    """Seconds without a heartbeat after which a run counts as crashed."""

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it. Then links with a token log in, and other names of the host are refused."""
        return self.host in LOOPBACK


def read(data_dir: Path, options: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> ServerSettings:
    """Settings from what was given on the command line (None: not given), then from the environment. UsageError."""
    env = os.environ if environ is None else environ
    given = {name: value for name, value in options.items() if value is not None}
    idle = _number(env, "PLAYHEAD_IDLE")
    told: dict[str, Any] = {
        "host": env.get("PLAYHEAD_HOST"),
        "port": _number(env, "PLAYHEAD_PORT"),
        "database": env.get("PLAYHEAD_DATABASE"),
        "metrics": env.get("PLAYHEAD_METRICS"),
        "files": env.get("PLAYHEAD_FILES"),
        "files_direct": _flag(env, "PLAYHEAD_FILES_DIRECT"),
        "webhooks_private": _flag(env, "PLAYHEAD_WEBHOOKS_PRIVATE"),
        "url": env.get("PLAYHEAD_PUBLIC_URL"),
        "idle": idle,
        "session_secret": env.get("PLAYHEAD_SESSION_SECRET"),
        "log_format": env.get("PLAYHEAD_LOG_FORMAT"),
        "silent_after": _number(env, "PLAYHEAD_SILENT_AFTER"),
    }
    values = {name: value for name, value in told.items() if value is not None} | given
    values["port"] = int(values.get("port", DEFAULT_PORT))
    if not 0 <= values["port"] <= 65_535:
        raise UsageError(f"{values['port']} is no port: use 0 to 65535 (0: any that is free).")
    if values.get("log_format", FORMATS[0]) not in FORMATS:
        raise UsageError(f"{values['log_format']!r} is no format of a log: use {', '.join(FORMATS)}.")
    if values.get("idle") is not None and values["idle"] <= 0:
        values["idle"] = None
    return ServerSettings(data_dir=data_dir, **values)


def with_idle(settings: ServerSettings, minutes: float) -> ServerSettings:
    """The same, but it ends after that time without use."""
    return replace(settings, idle=minutes)


def _flag(env: Mapping[str, str], name: str) -> bool | None:
    text = env.get(name, "").lower()
    if text in {"", "true", "1", "yes", "on", "false", "0", "no", "off"}:
        return text in {"true", "1", "yes", "on"} if text else None
    raise UsageError(f"{name} is {text!r}: say true or false.")


def _number(env: Mapping[str, str], name: str) -> float | None:
    text = env.get(name)
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{name} is {text!r}, which is no number.") from None
