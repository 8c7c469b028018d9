"""A clean environment for every test: no settings of the person who runs them, and an empty home. Repositories of git."""

import os
import signal
import subprocess

import pytest
from hypothesis import HealthCheck, settings

# No test is timed: the machine may be loaded.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
):  # started by `&` in a script: the trainings of the tests would not hear Ctrl-C either
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _no_settings_from_outside():
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(("PLAYHEAD_", "WANDB_")):
                patch.delenv(name)
        yield


@pytest.fixture(autouse=True)
def _empty_home(tmp_path_factory, monkeypatch):
    home = tmp_path_factory.mktemp("home")
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("CONFIG", "CACHE", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    monkeypatch.setenv("NETRC", str(home / ".netrc"))


class Repository:
    """A working tree, and calls of git in it."""

    def __init__(self, folder, *, begin=True):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if begin:
            self("init", "-b", "main")

    def __call__(self, *arguments):
        settings = ["user.name=n", "user.email=n@example.org", "protocol.file.allow=always"]
        done = subprocess.run(
            ["git", *(part for one in settings for part in ("-c", one)), *arguments],
            cwd=self.folder, check=True, capture_output=True,
        )  # fmt: skip
        return os.fsdecode(done.stdout).rstrip("\n")

    def at(self, folder):
        """The same in another working tree."""
        return Repository(folder, begin=False)

    def write(self, **texts):
        """Files by name, `__` for a dot."""
        for name, text in texts.items():
            (self.folder / name.replace("__", ".")).write_text(text)

    def commit(self, **texts):
        self.write(**texts)
        self("add", *[name.replace("__", ".") for name in texts])
        self("commit", "--allow-empty", "-m", "m")
        return self("rev-parse", "HEAD")

    def push(self):
        """Let it be known that a remote has what there is."""
        self("update-ref", "refs/remotes/origin/main", "HEAD")


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "work")


@pytest.fixture(scope="session")
def repository_in():
    return Repository
