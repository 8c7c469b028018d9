"""Where this user's data, servers and keys are. With `sdk/settings.py` the only place of the client side that reads the environment."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from playhead.domain.errors import UsageError


def env(name: str, environ: Mapping[str, str] | None = None) -> str | None:
    """`PLAYHEAD_<name>`, or `WANDB_<name>` where that is unset; empty counts as unset."""
    source = os.environ if environ is None else environ
    return source.get(f"PLAYHEAD_{name}") or source.get(f"WANDB_{name}") or None


def environment_of_child(told: Mapping[str, str], *, first: Path) -> dict[str, str]:
    """The environment for a script that is to be started, with these settings in it; its `import` looks into `first` first."""
    path = os.pathsep.join(part for part in (str(first), os.environ.get("PYTHONPATH")) if part)
    return {**os.environ, **{f"PLAYHEAD_{name}": value for name, value in told.items()}, "PYTHONPATH": path}


def environment_with(told: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with these variables in it."""
    return {**os.environ, **told}


def data_dir() -> Path:
    """The local server's folder: PLAYHEAD_DATA_DIR, else the user's data directory."""
    told = os.environ.get("PLAYHEAD_DATA_DIR")
    if told:
        return Path(told).expanduser()
    if sys.platform == "darwin":
        return Path("~/Library/Application Support/playhead").expanduser()
    return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "playhead"


def config_dir() -> Path:
    """Folder of the user's settings file."""
    told = env("CONFIG_DIR")
    return (
        Path(told).expanduser()
        if told
        else Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "playhead"
    )


def cache_dir() -> Path:
    """Where content of artifacts is kept that was fetched before: PLAYHEAD_CACHE_DIR, else the user's cache directory."""
    told = env("CACHE_DIR")
    if told:
        return Path(told).expanduser()
    if sys.platform == "darwin":
        return Path("~/Library/Caches/playhead").expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "playhead"


def cache_bytes() -> int:
    """How much of it may be kept: PLAYHEAD_CACHE_GB, else 20; 0 keeps nothing. UsageError if that is no number."""
    told = env("CACHE_GB") or "20"
    try:
        return max(0, int(float(told) * 1e9))
    except (ValueError, OverflowError):
        raise UsageError(f"PLAYHEAD_CACHE_GB is a number of gigabytes, not {told!r}.") from None


def artifact_dir() -> Path:
    """Where artifacts are downloaded to if nobody says where: PLAYHEAD_ARTIFACT_DIR, else `artifacts` in the working directory."""
    return Path(env("ARTIFACT_DIR") or "artifacts").expanduser()


def staging_dir() -> Path:
    """Where files are held that were added to an artifact: beside the runs, so that they need not be copied again."""
    runs = Path(env("DIR") or ".").expanduser() / "playhead"
    return runs / ".staging" if runs.is_dir() and os.access(runs, os.W_OK) else cache_dir() / "staging"


def netrc_path() -> Path:
    """The file that API keys are kept in: NETRC, else ~/.netrc."""
    return Path(os.environ.get("NETRC") or "~/.netrc").expanduser()


def settings_files() -> tuple[Path, ...]:
    """Settings files, the strongest last: the user's, then the working directory's."""
    return (config_dir() / "settings", Path("wandb/settings"), Path("playhead/settings"))


def ours(url: str) -> bool:
    """W&B's own cloud does not speak our protocol: an address of it, left in the environment, is not meant for us."""
    host = urlsplit(url).hostname or ""
    return host != "wandb.ai" and not host.endswith(".wandb.ai")


def is_loopback(url: str) -> bool:
    """Whether the server at `url` is on this machine, and meant to be reached from this machine only."""
    host = urlsplit(url).hostname or ""
    return host in {"localhost", "::1"} or bool(re.fullmatch(r"127(\.\d{1,3}){3}", host))


def proxy(url: str) -> str | None:
    """The proxy for `url`: HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, in capitals or not, unless NO_PROXY has its host."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(url):
        return None
    for name in (f"{parts.scheme}_proxy", "all_proxy"):
        found = os.environ.get(name) or os.environ.get(name.upper())
        if found:
            break
    else:
        return None
    none_for = (os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or "").split(",")
    for entry in (part.strip().lstrip("*").lstrip(".") for part in none_for):
        if entry and (host == entry or host.endswith("." + entry)):
            return None
    if "*" in (part.strip() for part in none_for):
        return None
    return found if "://" in found else f"http://{found}"


def temporary_folder() -> Path:
    """Where files may go that nobody needs tomorrow."""
    return Path(os.environ.get("TMPDIR") or "/tmp")  # noqa: S108 what tempfile does, for a tenth of its import


def read_settings(path: Path) -> dict[str, str]:
    """`key = value` lines of an INI file (any section); empty if there is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition("=") for line in text.splitlines() if not line.lstrip().startswith(("#", ";", "[")))
    return {key.strip(): value.strip() for key, equals, value in pairs if equals}


def write_setting(path: Path, name: str, value: str | None) -> None:
    """Set one key of an INI file and leave the rest as it is; None removes it. OSError."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    kept = [line for line in lines if line.partition("=")[0].strip() != name or "=" not in line]
    if value is not None:
        if "[default]" not in kept:
            kept.append("[default]")
        kept.insert(kept.index("[default]") + 1, f"{name} = {value}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")


def project() -> str | None:
    """The project that is meant where none is said: PLAYHEAD_PROJECT, else the settings files; None if they say nothing."""
    return env("PROJECT") or _in_files("project")


def entity() -> str | None:
    """The same of the entity: PLAYHEAD_ENTITY."""
    return env("ENTITY") or _in_files("entity")


def _in_files(name: str) -> str | None:
    files = (read_settings(path).get(name) for path in reversed(settings_files()))
    return next((value for value in files if value), None)


def base_url() -> str | None:
    """The server that this user has chosen: PLAYHEAD_BASE_URL, else the settings files; None: this machine's own."""
    files = (read_settings(path).get("base_url") for path in reversed(settings_files()))
    return next((url.rstrip("/") for url in (env("BASE_URL"), *files) if url and ours(url)), None)


def api_key(url: str | None) -> str | None:
    """The key for the server at `url` in the environment: PLAYHEAD_API_KEY, or WANDB_API_KEY if that is meant for this server.

    A key of W&B's cloud stands in many environments, and is for nobody else: it counts only for the server that WANDB_BASE_URL names.
    """
    own = os.environ.get("PLAYHEAD_API_KEY")
    if own or url is None:
        return own or None
    meant = os.environ.get("WANDB_BASE_URL")
    return (os.environ.get("WANDB_API_KEY") or None) if meant and _origin(meant) == _origin(url) else None


def no_key(url: str) -> str:
    """The sentence for whoever has no key for the server at `url`."""
    unused = (
        " WANDB_API_KEY is not sent there, as WANDB_BASE_URL does not name this server."
        if os.environ.get("WANDB_API_KEY") and api_key(url) is None
        else ""
    )
    return f"There is no API key for {url} on this machine.{unused} Run: playhead login --host {url}"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url.strip())
    try:
        port = parts.port
    except ValueError:
        port = None
    return parts.scheme, parts.hostname, port or {"http": 80, "https": 443}.get(parts.scheme)
