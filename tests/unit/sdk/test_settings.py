"""Where settings come from, and which of W&B's are known."""

import re
from pathlib import Path

import pytest

from playhead.client import settings as client_settings
from playhead.domain.errors import UsageError
from playhead.sdk import settings as module
from playhead.sdk.settings import ALIASES, ENVIRONMENT, IGNORED, IGNORED_VARIABLES, NAMES, Settings, resolve

RUN = """PROJECT ENTITY RUN_ID NAME NOTES TAGS RUN_GROUP JOB_TYPE RESUME MODE DIR CONFIG_PATHS SWEEP_ID SWEEP_PARAM_PATH DISABLE_CODE
DISABLE_GIT SAVE_CODE IGNORE_GLOBS GIT_COMMIT GIT_REMOTE_URL GIT_ROOT NOTEBOOK_NAME PROGRAM ARGS HOST DOCKER RESUME_FROM FORK_FROM"""
CONNECTION = """API_KEY BASE_URL APP_URL IDENTITY_TOKEN_FILE CREDENTIALS_FILE INSECURE_DISABLE_SSL INIT_TIMEOUT HTTP_TIMEOUT SILENT
QUIET CONSOLE CONFIG_DIR DATA_DIR CACHE_DIR ARTIFACT_DIR _SERVICE_WAIT _EXTRA_HTTP_HEADERS X_EXECUTABLE SERVICE ERROR_REPORTING
SENTRY_DSN DEBUG CORE_DEBUG USERNAME USER_EMAIL ORGANIZATION"""
ELSEWHERE = {"ARGS", "CONFIG_DIR"}
"""Read, but no settings."""
VALUES = {
    "run_tags": ("a, b", ("a", "b")), "config_paths": ("a.yaml,b.yaml", ("a.yaml", "b.yaml")),
    "ignore_globs": ("*.patch,a/**", ("*.patch", "a/**")), "mode": ("dryrun", "offline"),
    "console": ("off", "off"), "base_url": ("http://h:1/", "http://h:1"), "start_method": ("thread", "thread"),
    **dict.fromkeys(("disable_git", "disable_code", "save_code", "disable_meta", "disable_stats", "silent", "quiet"), ("true", True)),
    "symlink": ("false", False),
    "resume_step": ("5", 5),
    **dict.fromkeys(("init_timeout", "finish_timeout", "stats_interval"), ("2.5", 2.5)),
}  # fmt: skip


@pytest.mark.parametrize("name", [*RUN.split(), *CONNECTION.split()])
def test_every_variable_of_wandb_is_known(name):
    assert (name in ENVIRONMENT) + (name in IGNORED_VARIABLES) + (name in ELSEWHERE) == 1


@pytest.mark.parametrize(("variable", "name"), [pair for pair in ENVIRONMENT.items() if pair[1] in NAMES])
def test_every_variable_is_effective(no_settings, monkeypatch, variable, name):
    told, found = VALUES.get(name, ("some-value", "some-value"))
    monkeypatch.setenv("WANDB_BASE_URL", "http://h:1")  # without it WANDB_API_KEY is for nobody
    monkeypatch.setenv(f"WANDB_{variable}", told)
    settings, warnings = resolve(Settings(), {})
    assert (getattr(settings, name), warnings) == (found, [])
    assert found != getattr(Settings(), name)


def test_ours_counts_more_than_theirs(no_settings, monkeypatch):
    monkeypatch.setenv("WANDB_PROJECT", "theirs")
    monkeypatch.setenv("PLAYHEAD_PROJECT", "ours")
    assert resolve(Settings(), {})[0].project == "ours"
    monkeypatch.setenv("PLAYHEAD_PROJECT", "")
    assert resolve(Settings(), {})[0].project == "theirs"


def test_precedence(no_settings, monkeypatch):
    def put(path, project):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"[default]\n# a comment\nproject = {project}\n")

    assert resolve(Settings(), {})[0].project is None
    put(Path("config/settings"), "user")
    monkeypatch.setenv("PLAYHEAD_CONFIG_DIR", "config")
    assert resolve(Settings(), {})[0].project == "user"
    put(Path("wandb/settings"), "folder of W&B")
    assert resolve(Settings(), {})[0].project == "folder of W&B"
    put(Path("playhead/settings"), "folder")
    assert resolve(Settings(), {})[0].project == "folder"
    monkeypatch.setenv("WANDB_PROJECT", "environment")
    assert resolve(Settings(), {})[0].project == "environment"
    assert resolve(Settings(project="settings"), {})[0].project == "settings"
    assert resolve(Settings(project="settings"), {"project": "argument"})[0].project == "argument"
    assert resolve(Settings(project="settings"), {"project": None})[0].project == "settings"


def test_the_folders_file_is_found_where_the_runs_are(no_settings):
    Path("there/playhead").mkdir(parents=True)
    Path("there/playhead/settings").write_text("project=there\n")
    assert resolve(Settings(), {})[0].project is None
    assert resolve(Settings(), {"root_dir": "there"})[0].project == "there"


def test_the_users_file(no_settings, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(no_settings / "xdg"))
    (no_settings / "xdg/playhead").mkdir(parents=True)
    (no_settings / "xdg/playhead/settings").write_text("entity=me\n")
    assert resolve(Settings(), {})[0].entity == "me"


def test_a_wrong_value_in_a_file_costs_itself_only(no_settings):
    Path("playhead").mkdir()
    Path("playhead/settings").write_text(
        "[default]\nmode = sideways\nproject = p\nnonsense = 1\nquiet =\nentity = a/b\n"
    )
    settings, warnings = resolve(Settings(), {})
    assert (settings.project, settings.mode, settings.entity) == ("p", "online", None)
    assert len(warnings) == 3
    assert all("playhead/settings is left out" in warning for warning in warnings)
    assert "sideways" in warnings[0]


def test_a_file_that_is_no_text(no_settings):
    Path("playhead").mkdir()
    Path("playhead/settings").write_bytes(b"\xff\xfe\nproject = p\n")
    assert resolve(Settings(), {})[0].project == "p"


def test_a_wrong_value_in_the_environment_costs_itself_only(no_settings, monkeypatch):
    monkeypatch.setenv("WANDB_TAGS", "x" * 65)
    monkeypatch.setenv("WANDB_PROJECT", "p")
    monkeypatch.setenv("WANDB_RUN_ID", "x" * 65)
    settings, warnings = resolve(Settings(), {})
    assert (settings.project, settings.run_tags, settings.run_id) == ("p", (), None)
    assert ["WANDB_RUN_ID" in w or "WANDB_TAGS" in w for w in warnings] == [True, True]


@pytest.mark.parametrize("url", ["https://api.wandb.ai", "https://wandb.ai/", "https://api.wandb.ai:443"])
def test_an_address_of_wandbs_cloud_is_not_meant_for_us(no_settings, monkeypatch, url):
    monkeypatch.setenv("WANDB_BASE_URL", url)
    Path("wandb").mkdir()
    Path("wandb/settings").write_text(f"base_url = {url}\n")
    settings, warnings = resolve(Settings(), {})
    assert (settings.base_url, warnings) == (None, [])
    with pytest.raises(UsageError, match="cloud"):
        Settings(base_url=url)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("mode", "sideways"), ("mode", []), ("console", "loud"), ("start_method", "magic"), ("base_url", "ftp://x"), ("base_url", "http://"),
        ("api_key", "two words"), ("api_key", ""), ("entity", "a/b"), ("project", ""), ("project", 5), ("project", "x" * 129),
        ("run_id", ""), ("run_id", "x" * 65), ("run_name", "  "), ("run_name", "x" * 129), ("run_tags", [""]), ("run_tags", ["x" * 65]),
        ("run_tags", [1]), ("run_tags", 7), ("init_timeout", -1), ("init_timeout", "soon"), ("init_timeout", float("nan")),
        ("stats_interval", 0.01), ("silent", "perhaps"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_an_error(name, value):
    with pytest.raises(UsageError):
        Settings(**{name: value})


def test_an_unknown_name_is_an_error():
    with pytest.raises(UsageError, match="no setting 'projekt'"):
        Settings(projekt="p")


@pytest.mark.parametrize("name", [*sorted(IGNORED), "x_anything", "_service_wait"])
def test_settings_of_wandb_that_mean_nothing(name):
    assert Settings(**{name: "1"}).given() == {}


@pytest.mark.parametrize("name", ["sync_tensorboard", "monitor_gym"])
def test_what_is_not_yet_there_is_refused(no_settings, monkeypatch, name):
    assert Settings(**{name: False}).given() == {}
    with pytest.raises(UsageError, match="not yet"):
        Settings(**{name: True})


def test_what_is_not_yet_there_is_a_warning_in_a_file(no_settings):
    Path("wandb").mkdir()
    Path("wandb/settings").write_text("sync_tensorboard = true\n")
    _, warnings = resolve(Settings(), {})
    assert len(warnings) == 1
    assert "not yet possible" in warnings[0]


def test_names_of_wandb():
    told = Settings(_disable_stats=True, x_stats_sampling_interval=2, x_disable_meta=True, name="n", dir="d", tags="a")
    assert told.given() == {
        "disable_stats": True, "stats_interval": 2.0, "disable_meta": True, "run_name": "n", "root_dir": "d", "run_tags": ("a",)
    }  # fmt: skip
    assert set(ALIASES.values()) <= NAMES


@pytest.mark.parametrize(
    ("value", "found"), [(True, "True"), ("allow", "allow"), (False, ""), ("false", ""), ("never", "never")]
)
def test_resume(value, found):
    assert Settings(resume=value).resume == found


KEYS = {
    "ours": ({"PLAYHEAD_API_KEY": "ours", "PLAYHEAD_BASE_URL": "http://h"}, "ours"),
    "ours and theirs": ({"PLAYHEAD_API_KEY": "ours", "WANDB_API_KEY": "theirs", "WANDB_BASE_URL": "http://h"}, "ours"),
    "meant for us": ({"WANDB_API_KEY": "theirs", "WANDB_BASE_URL": "http://h"}, "theirs"),
    "the same server, twice": (
        {"WANDB_API_KEY": "theirs", "WANDB_BASE_URL": "http://H:80/", "PLAYHEAD_BASE_URL": "http://h"}, "theirs"
    ),
    "another port": ({"WANDB_API_KEY": "theirs", "WANDB_BASE_URL": "http://h:81", "PLAYHEAD_BASE_URL": "http://h"}, None),
    "not as safe": ({"WANDB_API_KEY": "theirs", "WANDB_BASE_URL": "https://h", "PLAYHEAD_BASE_URL": "http://h"}, None),
    "W&B's cloud": (
        {"WANDB_API_KEY": "theirs", "WANDB_BASE_URL": "https://api.wandb.ai", "PLAYHEAD_BASE_URL": "http://h"}, None
    ),
    "nobody knows": ({"WANDB_API_KEY": "theirs", "PLAYHEAD_BASE_URL": "http://h"}, None),
    "no server": ({"WANDB_API_KEY": "theirs"}, None),
}  # fmt: skip


@pytest.mark.parametrize(("variables", "key"), KEYS.values(), ids=KEYS.keys())
def test_a_key_goes_to_the_server_that_it_is_for(no_settings, monkeypatch, variables, key):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings, warnings = resolve(Settings(), {})
    assert (settings.api_key, warnings) == (key, [])
    assert client_settings.api_key(settings.base_url) == key


def test_a_server_in_the_code_does_not_get_a_key_of_wandb(no_settings, monkeypatch):
    monkeypatch.setenv("WANDB_API_KEY", "theirs")
    monkeypatch.setenv("WANDB_BASE_URL", "http://h")
    assert resolve(Settings(base_url="http://other"), {})[0].api_key is None
    assert resolve(Settings(base_url="http://h"), {})[0].api_key == "theirs"
    assert "WANDB_API_KEY is not sent there" in client_settings.no_key("http://other")
    assert "WANDB_API_KEY" not in client_settings.no_key("http://h")


def test_a_key_in_a_file_of_wandb_is_not_ours(no_settings):
    for folder, key in (("playhead", "ours"), ("wandb", "theirs")):
        Path(folder).mkdir()
        Path(folder, "settings").write_text(f"api_key = {key}\n")
    assert resolve(Settings(), {})[0].api_key == "ours"
    Path("playhead/settings").unlink()
    assert resolve(Settings(), {})[0].api_key is None


def test_a_key_is_not_shown():
    assert "secret" not in repr(Settings(api_key="secret-key", project="p"))
    assert "project='p'" in repr(Settings(project="p"))


def test_an_attribute_counts_too(no_settings):
    settings = Settings()
    settings.mode = "dryrun"
    assert resolve(settings, {})[0].mode == "offline"


def test_every_setting_is_in_the_reference():
    text = (Path(module.__file__).parents[3] / "docs/reference/settings.md").read_text(encoding="utf-8")
    rows = {cells[0]: cells[1:] for cells in re.findall(r"^\| `([a-z_]+)` \|([^|]*)\|([^|]*)\|", text, re.MULTILINE)}
    assert rows.keys() == NAMES
    variables = {name: variable for variable, name in ENVIRONMENT.items()}
    for name, (variable, default) in rows.items():
        assert variable.strip("` ") == (f"PLAYHEAD_{variables[name]}" if name in variables else ""), name
        value = getattr(Settings(), name)
        shown = {None: "", (): "", True: "true", False: "false"}.get(
            value, f"{value:g}" if isinstance(value, float) else value
        )
        assert default.strip("` ") == shown, name
    assert not [name for name in IGNORED | {f"WANDB_{name}" for name in IGNORED_VARIABLES} if f"`{name}`" not in text]
