"""Settings of a run, and where they come from. With `client/settings.py` the only place of the SDK that reads the environment.

Lowest to highest: defaults, the user's settings file, the folder's settings file, the environment, `init(settings=…)`, `init()`'s arguments.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from typing import Any

from playhead.client.settings import api_key, config_dir, env, ours, read_settings
from playhead.domain.errors import UsageError
from playhead.domain.ids import check_name, check_tags, fit_run_id
from playhead.domain.limits import MAX_NAME

MODES = {
    **dict.fromkeys(("online", "run"), "online"),
    **dict.fromkeys(("offline", "dryrun"), "offline"),
    "disabled": None,
    "shared": None,
}
START_METHODS = {**dict.fromkeys(("process", "fork", "spawn", "forkserver"), "process"), "thread": None}
CONSOLES = {**dict.fromkeys(("wrap", "auto", "wrap_raw", "wrap_emu", "redirect"), "wrap"), "off": None}
"""What may be said -> what it means; None: itself."""


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
    if isinstance(value, PurePath):
        return (str(value),)
    return tuple(os.fspath(word) if isinstance(word, PurePath) else word for word in value)


def display_name(value: Any) -> str:
    """`value` as a name for people: anything but control characters. UsageError if it is empty or too long."""
    name = re.sub(r"[\x00-\x1f\x7f]+", " ", str(value)).strip()
    if not 1 <= len(name) <= MAX_NAME:
        raise UsageError(f"{value!r} cannot be the name of a run: use 1 to {MAX_NAME} characters.")
    return name


def _id(value: Any) -> str:
    """As it was given: it is made to fit later, where that can be said."""
    fit_run_id(str(value))
    return str(value)


def _resume(value: Any) -> str:
    """Empty for what means no."""
    return "" if value is False or str(value).strip().lower() in {"", "0", "false", "no"} else str(value)


def _one_of(choices: Mapping[str, str | None]) -> Callable[[Any], str]:
    def choose(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"say one of {', '.join(choices)}")
        return choices[value] or str(value)

    return choose


def _seconds(value: Any) -> float:
    number = float(value)
    if not 0 <= number < 1e9:
        raise ValueError("say a number of seconds, 0 or more")
    return number


def _interval(value: Any) -> float:
    number = float(value)
    if not 0.1 <= number < 1e9:
        raise ValueError("say 0.1 seconds or more")
    return number


def _url(value: Any) -> str:
    text = str(value).rstrip("/")
    if not text.startswith(("http://", "https://")) or any(c.isspace() for c in text) or not text.partition("//")[2]:
        raise ValueError("say an address such as https://playhead.example.org")
    if not ours(text):
        raise ValueError("W&B's cloud does not take runs of Playhead")
    return text


def _key(value: Any) -> str:
    text = str(value)
    if not text or any(c.isspace() for c in text):
        raise ValueError("an API key has no spaces")
    return text


class Settings:
    """Settings by keyword: `Settings(console="off", start_method="thread")`. UsageError for an unknown name or a wrong value.

    docs/reference/settings.md says what each one means.
    """

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
    resume_step: int | None = None
    """With `resume`: the last step to keep."""
    label: str | None = None
    """Of this writer, in mode `shared`."""
    sweep_id: str | None = None
    # Where it is recorded
    mode: str = "online"
    """`online`, `offline` (`dryrun`), `shared` (online, several writers to one run) or `disabled`."""
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
    """Keep nothing of the code's state: no patches, untracked files, commits."""
    save_code: bool = False
    """Save the script, or the notebook, with the run."""
    disable_meta: bool = False
    """Record nothing about the machine, the user and the command line."""
    disable_stats: bool = False
    """Sample no system metrics."""
    stats_interval: float = 15.0
    """Seconds between two samples of the system."""
    ignore_globs: tuple[str, ...] = ()
    """Files of these names (globs) are not saved."""
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
        "run_id": _id,
        "resume_step": lambda v: int(str(v)),
        "run_name": display_name,
        "run_group": lambda v: check_name(v, "a group"),
        "run_tags": lambda v: check_tags(_words(v)),
        "config_paths": _words,
        "ignore_globs": _words,
        "resume": _resume,
        "mode": _one_of(MODES),
        "console": _one_of(CONSOLES),
        "start_method": _one_of(START_METHODS),
        "base_url": _url,
        "api_key": _key,
        "init_timeout": _seconds,
        "finish_timeout": _seconds,
        "stats_interval": _interval,
        **dict.fromkeys(
            (
                "disable_git",
                "disable_code",
                "save_code",
                "disable_meta",
                "disable_stats",
                "silent",
                "quiet",
                "symlink",
                "allow_val_change",
            ),
            _flag,
        ),
    }

    def __init__(self, **values: Any) -> None:
        self.update(values)

    def __repr__(self) -> str:
        told = {name: "…" if name == "api_key" else value for name, value in vars(self).items()}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in told.items())})"

    def update(self, values: Mapping[str, Any]) -> None:
        """Set several; None leaves a setting as it is."""
        for name, value in values.items():
            self.set(name, value)

    def set(self, name: str, value: Any) -> None:
        """Set one. UsageError if there is no such setting, or `value` is none for it."""
        name = ALIASES.get(name, name)
        if name in NOT_YET and value is not None and not _means_no(value):
            raise UsageError(f"{name}={value!r} is not yet possible in this version of Playhead. Leave it out.")
        if name in IGNORED or name in NOT_YET:
            return
        if name not in NAMES:
            if name.startswith(("x_", "_")):  # private to W&B's client
                return
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


def _means_no(value: Any) -> bool:
    try:
        return not _flag(value)
    except ValueError:
        return False


NAMES = frozenset(name for name in Settings.__annotations__ if not name.startswith("_"))

ALIASES = {
    "dir": "root_dir",
    "id": "run_id",
    "name": "run_name",
    "notes": "run_notes",
    "tags": "run_tags",
    "group": "run_group",
    "job_type": "run_job_type",
    "x_label": "label",
    **dict.fromkeys(("x_disable_stats", "_disable_stats"), "disable_stats"),
    **dict.fromkeys(
        ("x_disable_meta", "_disable_meta", "x_disable_machine_info", "_disable_machine_info"), "disable_meta"
    ),
    **dict.fromkeys(("x_stats_sampling_interval", "_stats_sample_rate_seconds"), "stats_interval"),
}
"""Other names, W&B's among them -> ours."""

NOT_YET = frozenset(("sync_tensorboard", "monitor_gym"))
"""Switched on, they are refused: whoever asks for them must know that they are not there."""

IGNORED = frozenset(
    """allow_media_symlink allow_offline_artifacts anonymous app_url artifact_dir cache_dir capture_loggers
    console_chunk_max_bytes console_chunk_max_seconds console_multipart core_debug credentials_file data_dir debug
    disable_git_fork_point disable_job_creation error_reporting finish_timeout_raises force git_remote heartbeat_seconds
    http_timeout identity_token_file insecure_disable_ssl login_timeout max_end_of_run_history_metrics
    max_end_of_run_summary_metrics notebook_root organization reinit sentry_dsn service service_wait show_errors show_info
    show_warnings stop_fn stop_on_fatal_error summary_timeout summary_warnings sweep_param_path
    table_raise_on_max_row_limit_exceeded use_dot_wandb user_email username""".split()
)
"""Settings of W&B's client that mean nothing here and do no harm. So do all those that begin with `x_` or `_`."""

IGNORED_VARIABLES = frozenset(
    """APP_URL ARTIFACT_DIR CACHE_DIR CORE_DEBUG CREDENTIALS_FILE DATA_DIR DEBUG ERROR_REPORTING HTTP_TIMEOUT
    IDENTITY_TOKEN_FILE INSECURE_DISABLE_SSL ORGANIZATION SENTRY_DSN SERVICE SWEEP_PARAM_PATH USERNAME USER_EMAIL
    X_EXECUTABLE _EXTRA_HTTP_HEADERS _SERVICE_WAIT""".split()
)
"""`WANDB_<name>` that mean nothing here."""

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
    "RESUME_STEP": "resume_step",
    "LABEL": "label",
    "SWEEP_ID": "sweep_id",
    "MODE": "mode",
    "DIR": "root_dir",
    "BASE_URL": "base_url",
    "API_KEY": "api_key",
    "CONSOLE": "console",
    "DISABLE_GIT": "disable_git",
    "DISABLE_CODE": "disable_code",
    "SAVE_CODE": "save_code",
    "DISABLE_META": "disable_meta",
    "DISABLE_STATS": "disable_stats",
    "STATS_INTERVAL": "stats_interval",
    "IGNORE_GLOBS": "ignore_globs",
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


def resolve(explicit: Settings, arguments: Mapping[str, Any]) -> tuple[Settings, list[str]]:
    """The settings of a run, and a sentence for each value in a file or variable that had to be left out. UsageError for an argument."""
    settings, warnings = Settings(), []

    def take(source: str, name: str, value: str) -> None:
        if name == "base_url" and not ours(value):
            return
        try:
            settings.set(name, value)
        except UsageError as error:
            warnings.append(f"{source} is left out: {error.message}")

    here = Path(str(arguments.get("root_dir") or explicit.root_dir or env("DIR") or ".")).expanduser()
    for path in (config_dir() / "settings", here / "wandb" / "settings", here / "playhead" / "settings"):
        for name, value in read_settings(path).items():
            if value and not (name == "api_key" and path.parent.name == "wandb"):  # W&B's key is for W&B
                take(f"{name} in {path}", name, value)
    for variable, name in ENVIRONMENT.items():
        told = api_key(explicit.base_url or settings.base_url) if variable == "API_KEY" else env(name=variable)
        if told is not None:
            take(f"PLAYHEAD_{variable} (or WANDB_{variable})", name, told)
    settings.update(explicit.given())
    settings.update(arguments)
    return settings, warnings


def writer_label() -> str:
    """A label for one of several writers: its rank, as launchers tell it, else its process."""
    rank = os.environ.get("RANK") or os.environ.get("SLURM_PROCID") or os.environ.get("OMPI_COMM_WORLD_RANK")
    return f"rank-{rank}" if rank else f"{os.uname().nodename}-{os.getpid()}"


def script_arguments() -> str | None:
    """Command line of the training as told by the environment (a scheduler that hides it); None: sys.argv."""
    return env("ARGS")


def kernel_notebook() -> str | None:
    """The notebook that Jupyter says this kernel was started for."""
    return os.environ.get("JPY_SESSION_NAME")
