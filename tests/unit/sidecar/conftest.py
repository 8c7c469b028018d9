"""Repositories of git, real ones."""

import os
import subprocess

import pytest


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


@pytest.fixture
def repository_in():
    return Repository
