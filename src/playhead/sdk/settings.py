"""Settings of a run, and where they come from. With `client/settings.py` the only place of the SDK that reads the environment.

Lowest to highest: defaults, the user's settings file, the folder's settings file, the environment, `init(settings=…)`, `init()`'s arguments.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playhead.client.settings import env
from playhead.domain.errors import UsageError
from playhead.domain.ids import check_name, check_tags

MODES = {"online": "online", "run": "online", "offline": "offline", "dryrun": "offline", "disabled": "disabled", "shared": "shared"}
START_METHODS = {"process": "process", "fork": "process", "spawn": "process", "forkserver": "process", "thread": "thread"}
CONSOLES = {"auto": "wrap", "wrap": "wrap", "wrap_raw": "wrap", "wrap_emu": "wrap", "off": "off"}


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text in {"1", "true", "yes", "on"}:
        return True
    if text in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("say true or false")


def _words(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return tuple(value)


def _one_of(choices: Mapping[str, str]) -> Callable[[Any], str]:
    def choose(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"one of {', '.join(choices)}")
        return choices[value]

    return choose


def _seconds(value: Any) -> float:
    number = float(value)
    if number < 0:
        raise ValueError("a number of seconds, 0 or more")
    return number


def _interval(value: Any) -> float:
    number = float(value)
    if number < 0.1:
        raise ValueError("0.1 seconds or more")
    return number


def _url(value: Any) -> str:
    text = str(value).rstrip("/")
    if not text.startswith(("http://", "https://")) or any(c.isspace() for c in text):
        raise ValueError("an address such as https://playhead.example.org")
    return text


def _key(value: Any) -> str:
    text = str(value)
    if not text or any(c.isspace() for c in text):
        raise ValueError("an API key has no spaces")
    return text


class Settings:
    """Settings by keyword: `Settings(console="off", start_method="thread")`. UsageError for an unknown name or a wrong value."""

    # The run
    entity: str | None = None
    project: str | None = None
    run_id: str | None = None
    run_name: str | None = None
    run_notes: str | None = None
    run_tags: tuple[str, ...] = ()
    run_group: str | None = None
    run_job_type: str | None = None
    config_paths: tuple[str, ...] = ()
    """YAML or JSON files whose keys become the config."""
    resume: str | None = None
    resume_from: str | None = None
    fork_from: str | None = None
    sweep_id: str | None = None
    # Where it is recorded
    mode: str = "online"
    """`online`, `offline` (`dryrun`) or `disabled`."""
    root_dir: str | None = None
    """Folder in which `playhead/` is made; None: the working directory."""
    base_url: str | None = None
    """The server; None: this machine's own."""
    api_key: str | None = None
    # What is recorded
    console: str = "wrap"
    """`wrap` (what Python writes to stdout and stderr) or `off`."""
    disable_git: bool = False
    disable_code: bool = False
    save_code: bool = False
    ignore_globs: tuple[str, ...] = ()
    disable_stats: bool = False
    """Sample no system metrics."""
    stats_interval: float = 15.0
    """Seconds between two samples of the system."""
    host: str | None = None
    program: str | None = None
    git_commit: str | None = None
    git_remote_url: str | None = None
    git_root: str | None = None
    notebook_name: str | None = None
    docker: str | None = None
    # How
    start_method: str = "process"
    """The sidecar is a `process` of its own (`fork` and `spawn` mean the same) or a `thread`."""
    init_timeout: float = 30.0
    """Seconds that `init` waits for the answer of a server that was named."""
    finish_timeout: float = 60.0
    """Seconds that `finish` waits for the server. What is left is shipped in the background."""
    silent: bool = False
    """Print nothing."""
    quiet: bool = False
    """Print only warnings."""
    symlink: bool = True
    """Keep `playhead/latest-run` pointing to the newest run."""
    allow_val_change: bool = False

    _PARSERS: Mapping[str, Callable[[Any], Any]] = {
        "entity": lambda v: check_name(v, "an entity"),
        "project": lambda v: check_name(v, "a project"),
        "run_group": lambda v: check_name(v, "a group"),
        "run_tags": lambda v: check_tags(_words(v)),
        "config_paths": _words,
        "ignore_globs": _words,
        "mode": _one_of(MODES),
        "console": _one_of(CONSOLES),
        "start_method": _one_of(START_METHODS),
        "base_url": _url,
        "api_key": _key,
        "init_timeout": _seconds,
        "finish_timeout": _seconds,
        "stats_interval": _interval,
        **dict.fromkeys(
            ("disable_git", "disable_code", "save_code", "disable_stats", "silent", "quiet", "symlink", "allow_val_change"), _flag
        ),
    }

    def __init__(self, **values: Any) -> None:
        self.update(values)

    def update(self, values: Mapping[str, Any]) -> None:
        """Set several; None leaves a setting as it is."""
        for name, value in values.items():
            self.set(_ALIASES.get(name, name), value)

    def set(self, name: str, value: Any) -> None:
        """Set one. UsageError if there is no such setting, or `value` is none for it."""
        if name in IGNORED:
            return
        if name not in NAMES:
            raise UsageError(f"There is no setting {name!r}. The settings are: {', '.join(sorted(NAMES))}.")
        if value is None:
            return
        parse = self._PARSERS.get(name)
        try:
            setattr(self, name, parse(value) if parse else str(value))
        except UsageError:
            raise
        except (ValueError, TypeError) as error:
            raise UsageError(f"{name}={value!r} is no valid setting: {error}.") from error

    def given(self) -> dict[str, Any]:
        """What was set, without the defaults."""
        return dict(vars(self))


NAMES = frozenset(name for name in Settings.__annotations__ if not name.startswith("_"))

_ALIASES = {
    "x_disable_stats": "disable_stats",
    "_disable_stats": "disable_stats",
    "x_stats_sampling_interval": "stats_interval",
    "_stats_sample_rate_seconds": "stats_interval",
    "run_job_type": "run_job_type",
}

IGNORED = frozenset(
    """app_url anonymous artifact_dir cache_dir credentials_file core_debug debug error_reporting http_timeout identity_token_file
    insecure_disable_ssl notebook_root organization sentry_dsn service service_wait sweep_param_path table_raise_on_max_row_limit_exceeded
    user_email username x_executable x_extra_http_headers disable_job_creation show_errors show_info show_warnings""".split()
)
"""Settings of W&B's client that mean nothing here and do no harm."""

ENVIRONMENT = {
    "ENTITY": "entity",
    "PROJECT": "project",
    "RUN_ID": "run_id",
    "NAME": "run_name",
    "NOTES": "run_notes",
    "TAGS": "run_tags",
    "RUN_GROUP": "run_group",
    "JOB_TYPE": "run_job_type",
    "CONFIG_PATHS": "config_paths",
    "RESUME": "resume",
    "RESUME_FROM": "resume_from",
    "FORK_FROM": "fork_from",
    "SWEEP_ID": "sweep_id",
    "MODE": "mode",
    "DIR": "root_dir",
    "BASE_URL": "base_url",
    "API_KEY": "api_key",
    "CONSOLE": "console",
    "DISABLE_GIT": "disable_git",
    "DISABLE_CODE": "disable_code",
    "SAVE_CODE": "save_code",
    "IGNORE_GLOBS": "ignore_globs",
    "DISABLE_STATS": "disable_stats",
    "STATS_INTERVAL": "stats_interval",
    "HOST": "host",
    "PROGRAM": "program",
    "GIT_COMMIT": "git_commit",
    "GIT_REMOTE_URL": "git_remote_url",
    "GIT_ROOT": "git_root",
    "NOTEBOOK_NAME": "notebook_name",
    "DOCKER": "docker",
    "START_METHOD": "start_method",
    "INIT_TIMEOUT": "init_timeout",
    "FINISH_TIMEOUT": "finish_timeout",
    "SILENT": "silent",
    "QUIET": "quiet",
    "SYMLINK": "symlink",
}
"""`PLAYHEAD_<name>`, or `WANDB_<name>` where that is unset -> the setting."""


def _ours(url: str) -> bool:
    """W&B's own cloud does not speak our protocol: an address of it, left in the environment, is not meant for us."""
    host = url.split("//", 1)[-1].split("/", 1)[0]
    return host != "wandb.ai" and not host.endswith(".wandb.ai")


def read_file(path: Path) -> dict[str, str]:
    """`key = value` lines of an INI file (any section); empty if there is none."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError):
        return {}
    found = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals and not key.lstrip().startswith(("#", ";", "[")):
            found[key.strip()] = value.strip()
    return found


def config_dir() -> Path:
    """Folder of the user's settings file."""
    told = env("CONFIG_DIR")
    return Path(told).expanduser() if told else Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "playhead"


def resolve(explicit: Settings, arguments: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    """The settings of a run, and a sentence for each value in a file or variable that had to be left out. UsageError for an argument."""
    settings, warnings = Settings(), []

    def take(source: str, name: str, value: str) -> None:
        if name == "base_url" and not _ours(value):
            return
        try:
            settings.update({name: value})
        except UsageError as error:
            warnings.append(f"{source}: {error.message}")

    here = Path(str(arguments.get("root_dir") or explicit.root_dir or env("DIR") or "."))
    for path in (config_dir() / "settings", here / "wandb" / "settings", here / "playhead" / "settings"):
        for name, value in read_file(path).items():
            take(str(path), name, value)
    for variable, name in ENVIRONMENT.items():
        told = env(variable)
        if told is not None:
            take(variable, name, told)
    settings.update(explicit.given())
    settings.update(arguments)
    return settings, warnings


def script_arguments() -> str | None:
    """Command line of the training as told by the environment (a scheduler that hides it); None: sys.argv."""
    return env("ARGS")
